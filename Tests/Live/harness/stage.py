"""What a scenario is played on: a network, a folder, programs that are ended whatever happens."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness.capture import PATIENCE, Failed, check, comes_true
from harness.network import Host, Impossible, Namespace

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's python-websockets


def node_modules():
    return {**os.environ, "NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"}


def missing(program):
    """Why peers of this kind cannot be had; None if they can."""
    command = {
        "python": [PYTHON, "-c", "import websockets.legacy"],
        "node": ["node", "-e", "require('ws')"],
    }[program]
    try:
        done = subprocess.run(command, capture_output=True, env=node_modules(), timeout=30)
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    package = {"python": "python3-websockets", "node": "node-ws"}[program]
    return f"{package} is not installed" if done.returncode else None


class Stage:
    def __init__(self, binary, seconds):
        self.binary = binary
        self.seconds = seconds  # how long loads last
        self.processes = []
        self.namespaces = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wstap-live-"))
        self.folder.chmod(0o755)
        try:
            self.place = self.namespace()
        except Impossible:
            self.place = Host()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
                process.wait()
        for namespace in self.namespaces:
            namespace.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self):
        """Another namespace. Raises `Impossible`."""
        self.namespaces.append(Namespace())
        return self.namespaces[-1]

    def start(self, command, place=None, **options):
        """Starts a program, in `place` or where all is played."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0}
        command = [str(word) for word in (place or self.place).inside(command)]
        process = subprocess.Popen(command, env=node_modules(), **{**pipes, **options})
        self.processes.append(process)
        return process

    def log(self, peer):
        return self.folder / f"{peer}.jsonl"

    def entries(self):
        """All that the peers have logged."""
        paths = [self.log("client"), self.log("server")]
        texts = [path.read_text("utf-8") for path in paths if path.exists()]
        # The last line may still be being written.
        return [json.loads(line) for text in texts for line in text.splitlines(True) if line.endswith("\n")]

    def wait_for(self, count, **wanted):
        """Waits until the peers have logged so many such things."""

        def is_wanted(entry):
            return all(entry.get(key) == value for key, value in wanted.items())

        is_there = comes_true(lambda: sum(map(is_wanted, self.entries())) >= count, PATIENCE)
        check(is_there, f"the peers have not come so far: {wanted}")

    def peer(self, program, role, plan, port=None, place=None):
        """Starts a client or server that walks `plan`."""
        path = self.folder / "plan.json"
        path.write_text(json.dumps(plan))
        command = [PYTHON, PEERS / "python_peer.py"] if program == "python" else ["node", PEERS / "node_peer.js"]
        if program == "node" and role == "client" and "keys" in plan:
            command.insert(1, f"--tls-keylog={plan['keys']}")
        return self.start(
            [*command, role, path, self.log(role), *([port] if port else [])], place=place, stderr=subprocess.STDOUT
        )

    def server(self, program, plan, place=None):
        """Starts a server, and gives it and its port."""
        process = self.peer(program, "server", plan, place=place)
        line = process.stdout.readline()
        if not line.strip().isdigit():
            raise Failed(f"the server did not start: {(line + process.stdout.read()).decode()}")
        return process, int(line)

    def talk(self, plan, client="python", server="python", client_place=None, server_place=None):
        """Lets two peers walk `plan` to its end."""
        serving, port = self.server(server, plan, place=server_place)
        calling = self.peer(client, "client", plan, port, place=client_place)
        for process in (calling, serving):
            finish(process)


def finish(process):
    """Waits until a peer is done."""
    try:
        text, _ = process.communicate(timeout=PATIENCE * 2)
    except subprocess.TimeoutExpired:
        raise Failed(f"a peer did not come to its end: {process.args[-5:]}") from None
    if process.returncode:
        raise Failed(f"a peer failed: {(text or b'').decode()[-500:]}")
