"""What a recording needs: namespaces with nothing else in them, a capture, peers, a place for the result."""

import contextlib
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parent.parent / "Samples"
PATIENCE = 30  # seconds within which anything must have happened


class Process:
    """A program in a namespace; its standard output is read line by line."""

    def __init__(self, command, announces=None, errors=None):
        self.command = [str(word) for word in command]
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            stderr=subprocess.PIPE if announces else errors,
        )
        stream = self.child.stderr if announces else self.child.stdout
        self.lines = queue.Queue()
        threading.Thread(target=self._read, args=[stream], daemon=True).start()
        if announces:
            self.wait_for(announces)

    def _read(self, stream):
        for line in stream:
            self.lines.put(line)
        self.lines.put(None)

    def wait_for(self, text):
        seen = []
        while (line := self.lines.get(timeout=PATIENCE)) is not None:
            seen.append(line)
            if text in line:
                return
        raise RuntimeError(f"{' '.join(self.command)} ended without saying {text!r}: {''.join(seen)}")

    def go_on(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def finish(self, may_fail=False):
        if self.child.wait(PATIENCE) and not may_fail:
            raise RuntimeError(f"{' '.join(self.command)} failed with {self.child.returncode}")

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.child.kill()


class Stage:
    """One recording. `client` and `server` are namespaces; a link joins them if asked for."""

    def __init__(self, name):
        self.name = name
        self.client, self.server, self.switch = (
            f"wstap-{place}-{os.getpid()}" for place in ("client", "server", "switch")
        )
        self.processes = []

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="record-samples-"))
        self.log = self.folder / "truth.jsonl"
        for namespace in (self.client, self.server, self.switch):
            subprocess.run(["ip", "netns", "add", namespace], check=True)
            subprocess.run(["ip", "-n", namespace, "link", "set", "lo", "up"], check=True)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()
        for namespace in (self.client, self.server, self.switch):
            subprocess.run(["ip", "netns", "delete", namespace], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *command, namespace=None, **options):
        process = Process(["ip", "netns", "exec", namespace or self.client, *command], **options)
        self.processes.append(process)
        return process

    def link(self, *orders):
        ends = ["--client", self.client, "--server", self.server]
        switch = self.start("/usr/bin/python3", HERE / "link.py", *ends, *orders, namespace=self.switch)
        switch.wait_for("ready")

    def scene(self, steps):
        path = self.folder / f"scene-{time.monotonic_ns()}.json"
        path.write_text(json.dumps(steps))
        return path

    @contextlib.contextmanager
    def capture(self, *options, file=None, interface="lo", filter="tcp port 8080", program="tcpdump"):
        """Captures while the body runs, from before its first packet to after its last."""
        self.file = self.folder / (file or f"{self.name}.pcap")
        if program == "tcpdump":
            command = [*"tcpdump -n -U --immediate-mode -Z root -i".split(), interface, "-w", self.file]
            process = self.start(*command, *options, filter, announces="listening on")
        else:
            process = self.start("dumpcap", "-f", filter, "-w", self.file, *options, announces="File:")
        yield
        time.sleep(0.5)
        process.stop()

    def publish(self, *files):
        """Puts the capture (or `files`) and the peers' log into Samples/."""
        for file in files or [self.file]:
            shutil.copyfile(file, SAMPLES / file.name)
        if self.log.exists():
            truth = SAMPLES / "truth" / f"{self.name}.jsonl"
            truth.parent.mkdir(exist_ok=True)
            truth.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.truth()))

    def truth(self):
        """The peers' log in order of time.

        A browser does not know its own port, and a server behind a proxy not its client's: they are put in.
        """
        entries = [json.loads(line) for line in self.log.read_text().splitlines()]
        tunnels = {entry["to"]: entry["conn"] for entry in entries if entry["who"] == "proxy"}
        peers = sorted((entry for entry in entries if entry["who"] != "proxy"), key=lambda entry: entry["t"])
        for entry in peers:
            entry["conn"] = tunnels.get(entry["conn"], entry["conn"])
        known = {entry["conn"] for entry in peers} - {None}
        only = known.pop() if len(known) == 1 else None
        return [{**entry, "conn": entry["conn"] or only} for entry in peers]
