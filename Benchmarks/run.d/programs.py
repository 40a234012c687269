"""Runs programs and takes their time."""
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASE = ROOT / ".build/release"
WSTAP, GENERATE = RELEASE / "wstap", RELEASE / "Generate"
LOOP, ZLIB = RELEASE / "pcaploop", RELEASE / "zlibloop"


class Trouble(Exception):
    """Something that has to run does not."""


def note(text):
    print(text, file=sys.stderr, flush=True)


def output(command):
    """What `command` prints on stdout; raises Trouble if it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise Trouble(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def build(is_wanted):
    """Builds wstap, the generator and the loops."""
    for product in ("wstap", "Generate") if is_wanted else ():
        note(f"building {product}")
        output(["swift", "build", "--package-path", ROOT, "-c", "release", "--product", product])
    for program, library, package in ((LOOP, "-lpcap", "libpcap-dev"), (ZLIB, "-lz", "zlib1g-dev")):
        try:
            output(["cc", "-O2", "-o", program, ROOT / f"Benchmarks/{program.name}.c", library])
        except Trouble as trouble:
            note(f"without {program.name} (is {package} installed?): {trouble}")


class Program:
    """A program, and the repetitions of it that were measured."""

    def __init__(self, *command):
        self.command = [str(word) for word in command]
        self.walls, self.cpus, self.sizes = [], [], []

    def run(self):
        """Runs it once more, its output thrown away."""
        start = time.perf_counter()
        process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        self._took(wall, process.returncode, usage)

    def _took(self, wall, status, usage):
        if status != 0:
            raise Trouble(f"{' '.join(self.command)}: exit status {status}")
        self.walls.append(wall)
        self.cpus.append(usage.ru_utime + usage.ru_stime)
        # Linux counts in KiB, macOS in bytes.
        self.sizes.append(usage.ru_maxrss / (1024 if sys.platform.startswith("linux") else 1024 * 1024))

    # The fastest repetition of each program: what else the machine does only ever adds time.

    @property
    def wall(self):
        return min(self.walls)

    @property
    def cpu(self):
        """User and system time."""
        return min(self.cpus)

    @property
    def rss(self):
        """The largest peak RSS, in MiB."""
        return max(self.sizes)


class Writer(Program):
    """A program that writes files into a folder, which is emptied each time."""

    def __init__(self, *command, folder):
        super().__init__(*command)
        self.folder = folder

    def run(self):
        self.folder.mkdir(exist_ok=True)
        try:
            super().run()
        finally:
            shutil.rmtree(self.folder)


class Timekeeper(Program):
    """A program that takes its own time: it prints what it has done, seconds, and seconds of the processor."""

    done = 0

    def run(self):
        done, wall, cpu = output(self.command).split()
        self.done = int(done)
        self.walls.append(float(wall))
        self.cpus.append(float(cpu))
        self.sizes.append(0)


class CipherSpeed(Program):
    """`openssl speed`: how fast libcrypto decrypts records of so many bytes in a row."""

    def __init__(self, size):
        super().__init__("openssl", "speed", "-evp", "aes-128-gcm", "-decrypt", "-bytes", size, "-seconds", 1)
        self.size = size
        self.rates = []

    def run(self):
        # The last word is in thousands of bytes a second: `5039611.90k`.
        self.rates.append(float(output(self.command).split()[-1].rstrip("k")) * 1000)
        self.walls.append(1)

    @property
    def rate(self):
        """Bytes a second."""
        return max(self.rates)


class Starter(Program):
    """A program of which the time until the first byte of its output counts."""

    def run(self):
        ours, its = os.pipe()
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, its, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        start = time.perf_counter()
        identifier = os.posix_spawn(self.command[0], self.command, os.environ, file_actions=actions)
        os.close(its)
        os.read(ours, 1)
        wall = time.perf_counter() - start
        while os.read(ours, 1 << 16):
            pass
        os.close(ours)
        _, status, usage = os.wait4(identifier, 0)
        self._took(wall, os.waitstatus_to_exitcode(status), usage)

    @property
    def wall(self):
        """The median: there are many repetitions, and users wait for the usual one."""
        ordered = sorted(self.walls)
        return ordered[len(ordered) // 2]


def crowding():
    """How long two busy processes take side by side, as a multiple of one: 1 if there is a free core for each."""
    command = [sys.executable, "-c", "for _ in range(10_000_000): pass"]

    def seconds(count):
        start = time.perf_counter()
        for process in [subprocess.Popen(command) for _ in range(count)]:
            process.wait()
        return time.perf_counter() - start

    pairs = sorted(seconds(2) / seconds(1) for _ in range(5))
    return pairs[len(pairs) // 2]


def machine():
    """The machine and the versions, as lines."""
    model = ""
    if sys.platform == "darwin":
        model = output(["sysctl", "-n", "machdep.cpu.brand_string"]).strip()
    elif os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    swift = subprocess.run(["swift", "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    versions = [swift.splitlines()[0], output([WSTAP, "--version"]).splitlines()[0]]
    for name in ("tshark", "tcpflow"):
        if shutil.which(name):
            # tcpflow says it and fails.
            told = subprocess.run([name, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            versions.append((told.stdout or told.stderr).splitlines()[0].rstrip("."))
    versions += [output([loop]).splitlines()[0] for loop in (LOOP, ZLIB) if loop.exists()]
    return [
        f"- Machine: {model or platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"- Versions: {' · '.join(versions)}",
    ]
