"""Packets that are written while they are decoded, read back by wstap and by tshark."""

import shutil
import signal
import subprocess
from collections import Counter

from harness.capture import Capture, Records, check
from harness.compare import compare
from harness.network import Impossible
from harness.plans import chat, everything, plan
from harness.scenario import Scenarios
from harness.stage import PYTHON

SCENARIOS = Scenarios()

KINDS = ("connection", "frame", "message", "diagnostic", "end")
NUMBERS = ("packet", "first_packet", "last_packet")


def told(records, has_numbers=True):
    """The records of connections; without the numbers of packets if those are others."""

    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k != "_at" and (has_numbers or k not in NUMBERS)}
        return [strip(each) for each in value] if isinstance(value, list) else value

    return [strip(record) for record in records.all if record["type"] in KINDS]


def read_back(stage, path):
    command = [stage.binary, "--json", "--max-payload", "none", path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    check(done.returncode == 0, f"reading back: exit status {done.returncode}: {done.stderr.decode()}")
    return Records((0, line) for line in done.stdout.splitlines())


def check_same(live, back, has_numbers=True):
    live, back = told(live, has_numbers), told(back, has_numbers)
    for i, (a, b) in enumerate(zip(live, back)):
        check(a == b, f"record {i + 1} of the file is {str(b)[:300]}, live it was {str(a)[:300]}")
    check(len(live) == len(back), f"{len(back)} records of the file, {len(live)} live")
    return len(live)


def check_tshark(path, records):
    """Checks that tshark finds the same frames in a file; gives their number."""
    if not shutil.which("tshark"):
        raise Impossible("tshark is not installed")
    ports = {(record["server"].rpartition(":")[2], record["scheme"]) for record in records.of("connection")}
    plain = [f"tcp.port=={port},http" for port, scheme in ports if scheme == "ws"]
    private = [rule for port, scheme in ports if scheme == "wss" for rule in (f"tcp.port=={port},tls", f"tls.port=={port},http")]
    options = [word for rule in plain + private for word in ("-d", rule)]
    command = ["tshark", "-r", path, *options, "-T", "fields", "-e", "websocket.opcode", "-Y", "websocket"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    found = Counter(int(word, 0) for line in done.stdout.splitlines() for word in line.split(","))
    wanted = Counter(record["opcode"] for record in records.of("frame"))
    check(found == wanted, f"tshark finds opcodes {dict(found)}, wstap {dict(wanted)}")
    return sum(found.values())


@SCENARIOS.add("-w: read back by wstap and tshark, all is the same")
def all_packets(stage):
    path = stage.folder / "all.pcapng"
    capture = Capture(stage, "--max-payload", "none", "-w", path)
    stage.talk(plan(everything(), compression=True))
    records = capture.stop()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    compare(records, stage.entries())
    count = check_same(records, read_back(stage, path))
    return f"{count} records as live, {check_tshark(path, records)} frames as in tshark"


@SCENARIOS.add("-w --write websocket: only WebSocket connections")
def websocket_only(stage):
    path = stage.folder / "websocket.pcapng"
    capture = Capture(stage, "--max-payload", "none", "-w", path, "--write", "websocket")
    noise = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname());"
        " a = s.accept()[0]; c.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); a.recv(99);"
        " a.sendall(b'HTTP/1.1 204 No Content\\r\\n\\r\\n'); c.recv(99); c.close(); a.close()"
    )
    for _ in range(2):
        check(stage.start([PYTHON, "-c", noise]).wait(30) == 0, "the other connection failed")
        stage.talk(plan(chat(5)))
    records = capture.stop()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    compare(records, stage.entries())
    back = read_back(stage, path)
    live, saved = (each.summary["tcp_connections"] for each in (records, back))
    check((live, saved) == (4, 2), f"{live} TCP connections live, {saved} in the file")
    count = check_same(records, back, has_numbers=False)
    return f"{count} records as live, {check_tshark(path, records)} frames as in tshark; 2 connections of {live}"


@SCENARIOS.add("-w - into a pipe: another wstap decodes")
def into_pipe(stage):
    first = stage.start([stage.binary, "-i", "lo", "-w", "-"])
    with open(stage.folder / "second.jsonl", "wb") as out:
        second = stage.start([stage.binary, "--json", "-l", "-"], stdin=first.stdout, stdout=out)
        first.stdout.close()
        line = first.stderr.readline()
        check(b"capturing from" in line, f"stderr says {line}")
        stage.talk(plan(chat(5)))
        first.send_signal(signal.SIGINT)
        statuses = first.wait(10), second.wait(10)
    check(statuses == (0, 0), f"exit statuses are {statuses}")
    records = Records((0, line) for line in (stage.folder / "second.jsonl").read_bytes().splitlines())
    return f"{compare(records, stage.entries())} messages, each as both peers logged it"
