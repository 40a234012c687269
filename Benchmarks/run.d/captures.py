"""The captures: made by Benchmarks/Generate, kept, checked, cut."""
import json
import os
import struct
import subprocess
import zlib

from programs import GENERATE, ROOT, WSTAP, Trouble, note, output

COUNTS = ("packets", "tcp_connections", "websocket_connections", "frames", "messages")

# Name: workload, its options, and those of --quick.
RECIPES = {
    "small": ("small", {"size": "512M", "connections": "2000"}, {"size": "64M", "connections": "250"}),
    "small/4": ("small", {"size": "128M", "connections": "2000"}, {"size": "16M", "connections": "250"}),
    "large": ("large", {"size": "1G"}, {"size": "64M"}),
    "large/2": ("large", {"size": "512M"}, {"size": "64M"}),
    "secure": ("secure", {"size": "512M"}, {"size": "64M"}),
    "deflate": ("deflate", {"size": "512M"}, {"size": "64M"}),
    "one": ("one", {"size": "1G"}, {"size": "64M"}),
    "mixed": ("mixed", {"size": "1G"}, {"size": "64M"}),
    "many": ("many", {"connections": "1000000"}, {"connections": "20000"}),
    "many/10": ("many", {"connections": "100000"}, {"connections": "2000"}),
    "idle": ("idle", {"connections": "100000"}, {"connections": "20000"}),
    "idle/10": ("idle", {"connections": "10000"}, {"connections": "2000"}),
    "sample": ("small", {"size": "20K", "connections": "2"}, {"size": "20K", "connections": "2"}),
}

# About what a connection of `many` or `idle` takes, in bytes.
CONNECTION_SIZE = 3200


class Capture:
    """A generated file, and the slice of it that tshark and tcpflow get."""

    def __init__(self, name, options):
        self.name = name
        workload, recipe, quick_recipe = RECIPES[name]
        self._recipe = quick_recipe if options.quick else recipe
        self._workload = workload
        self.path = options.folder / f"{workload}-{'-'.join(self._recipe.values())}.pcap"
        # Only deflate has compressed messages.
        self.messages = self.path.with_suffix(".messages") if workload == "deflate" else None
        self.keys = self.path.with_suffix(".keys") if workload == "secure" else None
        self.slice = self.path.with_suffix(".slice.pcap")
        self.slice_frames, self.slice_size = None, None
        self.counts = self._made()

    def __getitem__(self, key):
        return self.counts[key]

    @property
    def _record(self):
        return self.path.with_suffix(".json")

    @staticmethod
    def _generator():
        """Tells apart versions of the generator, so that no old file is taken for a new one."""
        sources = sorted((ROOT / "Benchmarks/Generate").glob("*.swift"))
        return zlib.crc32(b"".join(path.read_bytes() for path in sources))

    def _made(self):
        """The counts of a file that is there from an earlier run."""
        try:
            record = json.loads(self._record.read_text())
            is_whole = self.path.stat().st_size == record["counts"]["bytes"]
            is_whole = is_whole and all(path is None or path.exists() for path in (self.messages, self.keys))
            return record["counts"] if is_whole and record["generator"] == self._generator() else None
        except (OSError, ValueError, KeyError):
            return None

    @property
    def expected_size(self):
        """About the bytes that making it takes."""
        if "size" not in self._recipe:
            return int(self._recipe["connections"]) * CONNECTION_SIZE
        shift = {"K": 10, "M": 20, "G": 30}[self._recipe["size"][-1]]
        size = int(self._recipe["size"][:-1]) << shift
        return size * 3 // 2 if self.messages else size

    def make(self):
        note(f"making {self.path.name}")
        command = [GENERATE, self._workload]
        command += [word for key, value in self._recipe.items() for word in (f"--{key}", value)]
        command += ["--messages", self.messages] if self.messages else []
        command += ["--keys", self.keys] if self.keys else []
        self.counts = json.loads(output([*command, "-o", self.path]))
        self._record.write_text(json.dumps({"generator": self._generator(), "counts": self.counts}))

    @property
    def arguments(self):
        """What wstap needs to read it."""
        return ["--keylog", self.keys, self.path] if self.keys else [self.path]

    def faults(self):
        """Where wstap's counts differ from the generator's, as sentences."""
        summary = json.loads(output([WSTAP, "--json", "--only", "summary", *self.arguments]).splitlines()[-1])
        faults = [
            f"{self.name}: {summary.get(key)} {key} instead of {self[key]}"
            for key in COUNTS if summary.get(key) != self[key]
        ]
        diagnostics = {key: count for key, count in summary.get("diagnostics", {}).items() if count}
        return faults + ([f"{self.name}: diagnostics where nothing is wrong: {diagnostics}"] if diagnostics else [])

    def cut(self, size, packets, with_tshark):
        """Makes the slice: the first packets, up to `size` bytes and `packets` packets; tshark counts its frames."""
        end, count, total = 24, 0, self["bytes"]
        with open(self.path, "rb") as file:
            while end < total and count < packets:
                file.seek(end + 8)
                following = end + 16 + struct.unpack("<I", file.read(4))[0]
                if following > size:
                    break
                end, count = following, count + 1
            file.seek(0)
            # A piece at a time: what this script holds counts as peak RSS of the programs that it starts.
            with open(self.slice, "wb") as part:
                for start in range(0, end, 1 << 20):
                    part.write(file.read(min(end - start, 1 << 20)))
        self.slice_size = end
        if not with_tshark:
            return
        command = ["tshark", "-n", "-r", self.slice, "-Y", "websocket", "-T", "fields", "-e", "websocket.opcode"]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as tshark:
            self.slice_frames = sum(line.count(",") + 1 for line in tshark.stdout)
        if tshark.returncode != 0:
            raise Trouble(f"{' '.join(map(str, command))}: exit status {tshark.returncode}")


def make_room(folder, needed, limit, keep):
    """Removes captures, the one whose last use is longest ago first, until `needed` bytes more stay within `limit`."""
    kept = {capture.path for capture in keep}
    captures = sorted(
        (path for path in folder.glob("*.pcap") if not path.name.endswith(".slice.pcap") and path not in kept),
        key=lambda path: path.stat().st_mtime)
    while captures and needed + sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) > limit:
        oldest = captures.pop(0)
        note(f"removing {oldest.name} to make room")
        for path in folder.glob(f"{oldest.stem}.*"):
            path.unlink()


class Captures:
    """The captures that a run needs, made when they are."""

    def __init__(self, options):
        self._options = options
        self.made, self.faults = {}, []

    def get(self, names):
        """The captures with these names, which stay there until the next call."""
        captures = [self.made.get(name) or Capture(name, self._options) for name in names]
        for capture in captures:
            if capture.counts is None or not capture.path.exists():
                make_room(self._options.folder, capture.expected_size, self._options.disk, captures)
                capture.make()
            os.utime(capture.path)
            if capture.name not in self.made:
                self.made[capture.name] = capture
                self.faults += capture.faults()
        return captures
