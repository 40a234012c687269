"""What is measured: the items, their bars, and the rows of the table that they become."""
import shutil
from dataclasses import dataclass
from typing import Callable, Optional

from programs import LOOP, WSTAP, ZLIB, CipherSpeed, Program, Starter, Timekeeper, Writer, note

SUMMARY, FRAMES, MESSAGES = ["--only", "summary"], ["--json", "--only", "frame"], ["--json", "--only", "message"]
DATABASE = "benchmark.db"

TSHARK = {
    "fields": ["-T", "fields", "-e", "frame.number", "-e", "websocket.opcode", "-e", "websocket.payload_length"],
    "json": ["-T", "json"],
}


@dataclass
class Bar:
    """What a row is held to; `value` is None where it could not be measured."""

    text: str  # with {} for the value
    sign: str
    limit: float
    value: Callable[["Row"], Optional[float]]

    def judge(self, row):
        """The value and the bar as text; notes on the row what it misses."""
        value = self.value(row)
        if value is None:
            row.unmeasured.append(f"{row.item.name}: {self.text.format('?')}")
            return None
        holds = value <= self.limit if self.sign == "≤" else value >= self.limit
        limit = f"{self.sign} {self.limit:g}"
        shown = self.text.format(f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}")
        if not holds:
            row.missed.append(f"{row.item.name}: {shown} instead of {limit}")
        return f"{shown} ({limit} {'✓' if holds else '✗'})"


def ratio(numerator, denominator):
    return numerator / denominator if denominator else None


def loops(limit, kind="wall"):
    text = {"wall": "wall {}x loop", "cpu": "CPU {}x loop"}[kind]
    return Bar(text, "≤", limit, lambda row: row.against("loop", lambda other: ratio(
        getattr(row.own, kind), getattr(other, kind))))


def faster_than_tshark(name, limit):
    return Bar(f"{{}}x tshark -T {name}", "≥", limit, lambda row: row.against(name, lambda other: ratio(
        row.frames_a_second, row.capture.slice_frames / other.wall)))


def jobs(limit):
    return Bar("2 jobs {}x as fast as one", "≥", limit, lambda row: row.against(
        "two jobs", lambda two: ratio(row.programs.get("one job", row.own).wall, two.wall)))


def times_json(limit):
    """Of formats that one job writes."""
    return Bar("CPU {}x --json", "≤", limit, lambda row: row.against("as JSON", lambda other: ratio(
        row.own.cpu, other.cpu)))


def rss(limit=64):
    return Bar("{} MiB", "≤", limit, lambda row: row.own.rss)


def payload(limit):
    return Bar("{} MB of payload/s", "≥", limit, lambda row: row.capture["message_bytes"] / row.own.wall / 1e6)


def of_zlib(limit):
    return Bar("{} % of zlib's speed", "≥", limit, lambda row: row.against("zlib", lambda zlib: ratio(
        100 * zlib.wall, row.own.wall)))


def of_openssl(limit):
    """What decrypting takes is the time a byte, less that of such a conversation in clear."""
    def value(row):
        clear, speed = row.programs.get("smaller"), row.programs.get("openssl")
        size = row.capture["payload_bytes"]
        taken = row.own.cpu - clear.cpu * size / row.smaller["payload_bytes"]
        return 100 * size / taken / speed.rate if speed and taken > 0 else None
    return Bar("decrypts at {} % of the speed of openssl", "≥", limit, value)


def growth(limit=4.3):
    """The time that four times as much takes, going by how much larger the capture is than the smaller one."""
    def value(row):
        sizes = row.capture["bytes"] / row.smaller["bytes"]
        return row.against("smaller", lambda smaller: 4 * row.own.cpu / smaller.cpu / sizes)
    return Bar("4x the file takes {}x the time", "≤", limit, value)


def memory(text, limit, share):
    """By how many KB peak RSS grows a connection, or, with a `share` of 1, altogether."""
    def value(row):
        more = (row.own.rss - row.programs["smaller"].rss) * (1 << 20) / 1000
        return more / (share or row.capture["tcp_connections"] - row.smaller["tcp_connections"])
    return Bar(text, "≤", limit, value)


def start(limit):
    return Bar("first byte after {} ms", "≤", limit, lambda row: row.own.wall * 1000)


@dataclass
class Item:
    name: str
    capture: str
    options: list
    bars: list
    others: tuple = ()  # what is run beside wstap and the loop: fields, json, tcpflow, zlib
    smaller: Optional[str] = None
    starts: bool = False
    json: Optional[list] = None  # options that have JSON of the same records


NEVER_SLOWER = jobs(0.95)
# Of the rows that have this bar, the best one counts.
TIME_A_BYTE = Bar("{}x the best time a byte", "≤", 2, lambda row: row.best and ratio(row.time_a_byte, row.best))
ALL = [
    Item("start-up", "sample", ["--json"], [start(5)], starts=True),
    Item(
        "small-summary", "small", SUMMARY,
        [loops(2), loops(2, "cpu"), faster_than_tshark("fields", 100), growth(), TIME_A_BYTE, NEVER_SLOWER, rss()],
        ("fields", "tcpflow"), smaller="small/4"),
    Item(
        "small-frames", "small", FRAMES,
        [faster_than_tshark("json", 120), faster_than_tshark("fields", 25), loops(8), growth(), jobs(1.5), rss()],
        ("fields", "json", "tcpflow"), smaller="small/4"),
    Item("small-arrow", "small/4", ["--format", "arrow", "--only", "frame"], [times_json(3), rss()], json=FRAMES),
    Item("small-sqlite", "small/4", ["--format", "sqlite", "-o", DATABASE], [times_json(14), rss(96)], json=["--json"]),
    Item("large-summary", "large", SUMMARY, [loops(1.5), loops(1.5, "cpu"), NEVER_SLOWER, rss()]),
    Item("large-json", "large", ["--json"], [payload(600), jobs(1.5), rss()], ("fields", "json", "tcpflow")),
    Item("large-json-whole", "large", ["--json", "--max-payload", "none"], [payload(600), jobs(1.5), rss()]),
    Item("secure-summary", "secure", SUMMARY, [of_openssl(60), NEVER_SLOWER, rss()], smaller="large/2"),
    Item(
        "deflate-messages", "deflate", MESSAGES, [of_zlib(70), jobs(1.5), rss()],
        ("zlib", "fields", "json", "tcpflow")),
    Item("one-summary", "one", SUMMARY, [TIME_A_BYTE, NEVER_SLOWER, rss()]),
    Item("mixed-summary", "mixed", SUMMARY, [TIME_A_BYTE, NEVER_SLOWER, rss()], ("fields", "json", "tcpflow")),
    Item(
        "many-summary", "many", SUMMARY,
        [TIME_A_BYTE, growth(), NEVER_SLOWER, memory("{} KB more for closed connections", 4096, 1), rss()],
        smaller="many/10"),
    Item(
        "idle-summary", "idle", SUMMARY, [memory("{} KB an idle connection", 1.5, None), NEVER_SLOWER],
        smaller="idle/10"),
]
ITEMS = {item.name: item for item in ALL}


class Row:
    """A row of the table: wstap with some options on some capture, and what it is compared with."""

    def __init__(self, item, capture, smaller, options):
        self.item, self.capture, self.smaller = item, capture, smaller
        self._options = options
        self.best = None
        self.missed, self.unmeasured = [], []
        kind = Starter if item.starts else Program
        own = [options.folder / DATABASE if word == DATABASE else word for word in item.options]
        self.programs = {"wstap": kind(WSTAP, *own, *capture.arguments)}
        self.own = self.programs["wstap"]
        if LOOP.exists():
            self.programs["loop"] = kind(LOOP, capture.path)
        if item.starts:
            self.programs["true"] = kind(shutil.which("true"))
        elif item.json:
            self.programs["as JSON"] = Program(WSTAP, *item.json, "--jobs", 1, *capture.arguments)
        else:
            # A summary takes one job unless told otherwise.
            for count, name in ((1, "one job"), (2, "two jobs")):
                if count == 2 or item.options != SUMMARY:
                    self.programs[name] = Program(WSTAP, *item.options, "--jobs", count, *capture.arguments)
        if capture.keys and shutil.which("openssl"):
            self.programs["openssl"] = CipherSpeed(capture["payload_bytes"] // capture["records"])
        if smaller:
            self.programs["smaller"] = Program(WSTAP, *item.options, smaller.path)
        if "zlib" in item.others and ZLIB.exists():
            self.programs["zlib"] = Timekeeper(ZLIB, capture.messages)
        self._add_others()

    def _add_others(self):
        others = [name for name in self.item.others if name != "zlib" and self._options.others]
        with_tshark = shutil.which("tshark") is not None
        for name in others:
            if name == "tcpflow" and shutil.which(name):
                folder = self._options.folder / "tcpflow"
                self.programs[name] = Writer("tcpflow", "-r", self.capture.slice, "-o", folder, folder=folder)
            elif name in TSHARK and with_tshark:
                self.programs[name] = Program(
                    "tshark", "-n", "-r", self.capture.slice, "-Y", "websocket", *TSHARK[name])
        if others and not (self.capture.slice_size and self.capture.slice.exists()):
            quick = self._options.quick
            self.capture.cut((16 if quick else 64) << 20, 50_000 if quick else 150_000, with_tshark)

    def measure(self):
        """Runs all programs in turn, so that whatever else the machine does hits all of them alike."""
        repetitions = 50 if self.item.starts else self._options.repetitions
        for repetition in range(repetitions):
            if not self.item.starts:
                note(f"{self.item.name}: {repetition + 1} of {repetitions}")
            for program in self.programs.values():
                # What takes long is not repeated as often.
                if not program.walls or sum(program.walls) + program.wall <= self._options.seconds:
                    program.run()
        (self._options.folder / DATABASE).unlink(missing_ok=True)

    def against(self, name, value):
        """What `value` gives for the program of that name; None if it was not run."""
        program = self.programs.get(name)
        return value(program) if program else None

    def faults(self):
        zlib = self.programs.get("zlib")
        if zlib and zlib.done != self.capture["message_bytes"]:
            return [f"{self.capture.name}: zlib inflates {zlib.done} bytes instead of {self.capture['message_bytes']}"]
        return []

    @property
    def frames_a_second(self):
        return self.capture["frames"] / self.own.wall

    @property
    def time_a_byte(self):
        """Nanoseconds of the processor a byte of the file; None if the row is not held to the best one."""
        return self.own.cpu * 1e9 / self.capture["bytes"] if TIME_A_BYTE in self.item.bars else None

    HEADINGS = (
        "item", "capture, options", "wall", "CPU", "peak RSS", "frames/s", "MB/s", "loop wall", "loop CPU",
        "`tshark -T fields` frames/s", "`tshark -T json` frames/s", "tcpflow MB/s", "held to")

    def cells(self):
        size, own = self.capture["bytes"] / 1e6, self.own
        unit, scale = ("ms", 1000) if self.item.starts else ("s", 1)
        cells = [
            self.item.name, f"{self.capture.name}, `{' '.join(self.item.options)}`", f"{own.wall * scale:.2f} {unit}",
            f"{own.cpu * scale:.2f} {unit}", f"{own.rss:.1f} MiB"]
        rates = ["–"] * 2 if self.item.starts else [f"{self.frames_a_second:,.0f}", f"{size / own.wall:,.0f}"]
        cells += rates + [
            self.against("loop", lambda loop: f"{loop.wall * scale:.2f} {unit}"),
            self.against("loop", lambda loop: f"{loop.cpu * scale:.2f} {unit}")]
        cells += [
            self.against(name, lambda other: f"{self.capture.slice_frames / other.wall:,.0f}") for name in TSHARK]
        cells.append(self.against("tcpflow", lambda other: f"{self.capture.slice_size / 1e6 / other.wall:,.0f}"))
        cells.append(" · ".join(filter(None, [*self._remarks(), *(bar.judge(self) for bar in self.item.bars)])))
        return [cell or "–" for cell in cells]

    def _remarks(self):
        """What no bar says."""
        if "true" in self.programs:
            yield f"`true` ends after {self.programs['true'].wall * 1000:.2f} ms"
        if self.time_a_byte:
            yield f"{self.time_a_byte:.2f} ns a byte"
        if DATABASE in self.item.options:
            yield f"{(self.capture['frames'] + self.capture['messages']) / self.own.wall:,.0f} frames and messages/s"
        if "as JSON" in self.programs:
            yield f"`{' '.join(self.item.json)}` CPU {self.programs['as JSON'].cpu:.2f} s"
        if "zlib" in self.programs:
            zlib = self.programs["zlib"]
            yield f"zlib {zlib.wall:.2f} s, CPU {zlib.cpu:.2f} s"
        if "openssl" in self.programs:
            speed, rate = self.programs["openssl"].rate, self.capture["payload_bytes"] / self.own.cpu
            yield f"openssl {speed / 1e6:,.0f} MB/s with records of {self.programs['openssl'].size:,} bytes"
            yield f"in clear {self.programs['smaller'].cpu:.2f} s"
            yield f"all in all {100 * rate / speed:.0f} % of its speed"
        if "one job" in self.programs:
            one = self.programs["one job"]
            yield f"one job {one.wall:.2f} s, CPU {one.cpu:.2f} s"
            if "zlib" in self.programs:
                yield f"one job has {100 * self.programs['zlib'].cpu / one.cpu:.0f} % of zlib's speed by CPU"
