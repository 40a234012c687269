"""wstap while it captures, and what it wrote."""

import json
import os
import re
import signal
import threading
import time

PATIENCE = 30  # seconds within which anything must have happened


class Failed(Exception):
    """A scenario did not show what it should."""


def check(is_so, what):
    if not is_so:
        raise Failed(what)


def comes_true(condition, patience=10):
    """Whether `condition` comes true in so many seconds."""
    end = time.monotonic() + patience
    while not (is_true := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return is_true


class Reader:
    """Reads a pipe as fast as it can, and keeps all of it with the times at which it came."""

    def __init__(self, descriptor):
        self.chunks = []
        self.first = threading.Event()
        self.descriptor = descriptor
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while chunk := os.read(self.descriptor, 1 << 20):
            self.take(time.time(), chunk)
            self.first.set()
        self.first.set()

    def take(self, at, chunk):
        self.chunks.append((at, chunk))

    def text(self):
        return b"".join(chunk for _, chunk in self.chunks)

    def lines(self):
        """Each line with the time at which its end came."""
        rest = b""
        for at, chunk in self.chunks:
            *lines, rest = (rest + chunk).split(b"\n")
            yield from ((at, line) for line in lines)
        check(not rest, f"the output ends within a line: {rest[:80]}")


class Counter(Reader):
    """Counts frame records, and keeps the others: for more output than Python could parse while it comes."""

    others = re.compile(rb'^\{"type":"(?!frame")[^\n]*\n', re.MULTILINE)

    def __init__(self, descriptor):
        self.frames = 0
        self.rest = b""
        super().__init__(descriptor)

    def take(self, at, chunk):
        lines, end, rest = (self.rest + chunk).rpartition(b"\n")
        self.rest = rest
        self.frames += (lines + end).count(b'{"type":"frame"')
        self.chunks.extend((at, line) for line in self.others.findall(lines + end))


class SlowReader(Reader):
    """Reads a little, then nothing for a while, then the rest."""

    def __init__(self, descriptor, little=1 << 16, pause=5):
        self.little, self.pause = little, pause
        super().__init__(descriptor)

    def take(self, at, chunk):
        super().take(at, chunk)
        self.little -= len(chunk)
        if self.little <= 0 and self.pause:
            time.sleep(self.pause)
            self.pause = 0


class ThrottledReader(Reader):
    """Reads no more than so many bytes a second."""

    rate = 10_000_000

    def take(self, at, chunk):
        super().take(at, chunk)
        time.sleep(len(chunk) / self.rate)


class Capture:
    """wstap, capturing. It has begun when this is made."""

    def __init__(self, stage, *options, interface="lo", place=None, reader=Reader, wrapper=(), binary=None):
        command = [*wrapper, str(binary or stage.binary), "-i", interface, "--json", *options]
        self.process = stage.start(command, place=place)
        self.pid = self.process.pid
        self.output = reader(self.process.stdout.fileno())
        self.errors = Reader(self.process.stderr.fileno())
        self.output.first.wait(PATIENCE)
        check(self.output.chunks or reader is Counter, f"wstap wrote nothing: {self.stderr_so_far()}")

    def stderr_so_far(self):
        return self.errors.text().decode(errors="replace")

    def send(self, number):
        os.kill(self.pid, number)

    def stop(self, number=signal.SIGINT, settle=0.3):
        """Ends the capture by a signal, and gives what it wrote."""
        time.sleep(settle)  # what peers did just now may still be on its way
        self.send(number)
        return self.finish()

    def finish(self, patience=PATIENCE):
        """Waits until the capture has ended by itself, and gives what it wrote."""
        try:
            self.status = self.process.wait(patience)
        except Exception:
            raise Failed(f"wstap has not ended within {patience} s: {self.stderr_so_far()}") from None
        self.ended_at = time.time()
        self.output.thread.join(PATIENCE)
        self.errors.thread.join(PATIENCE)
        self.stderr = self.stderr_so_far()
        return Records(self.output.lines() if not isinstance(self.output, Counter) else self.output.chunks)

    def proc_status(self, task=None):
        """What /proc says of the process, or of one of its threads."""
        path = f"/proc/{self.pid}/status" if task is None else f"/proc/{self.pid}/task/{task}/status"
        with open(path, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)

    def tasks(self):
        return os.listdir(f"/proc/{self.pid}/task")

    def peak_memory(self):
        """The most that was in memory of it at a time, in MiB."""
        return int(self.proc_status()["VmHWM"].split()[0]) / 1024


class Records:
    """The records of a capture, with the times at which they came."""

    def __init__(self, lines):
        self.all = []
        for at, line in lines:
            try:
                self.all.append({**json.loads(line), "_at": at})
            except ValueError as error:
                raise Failed(f"no JSON: {line[:80]}: {error}") from None
        check(self.all, "there is no output")
        check(self.all[0]["type"] == "capture", f"the first record is {self.all[0]['type']}")

    def of(self, kind, **wanted):
        return [
            record
            for record in self.all
            if record["type"] == kind and all(record.get(key) == value for key, value in wanted.items())
        ]

    def codes(self, connection=None):
        """The codes of the diagnostics."""
        return [each["code"] for each in self.of("diagnostic") if connection in (None, each.get("connection"))]

    @property
    def summary(self):
        check(self.all[-1]["type"] == "summary", f"the last record is {self.all[-1]['type']}, not the summary")
        return self.all[-1]
