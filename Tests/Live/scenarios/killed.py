"""A peer is killed in the middle of a message."""

import signal
import time

from harness.capture import Capture, check
from harness.compare import sha256
from harness.plans import plan, step
from harness.scenario import Scenarios

SCENARIOS = Scenarios()


for doing, sender, ended_by in (("sends", "client", ("fin", "rst")), ("receives", "server", ("rst",))):

    @SCENARIOS.add(f"a peer killed in the middle of a message that it {doing}", sender=sender, ended_by=ended_by)
    def killed(stage, sender, ended_by):
        """Whoever receives is stopped, so that the message does not get through; then the client is killed."""
        greeting = [step("client", "text", 20), step("server", "text", 20)]
        talk = plan([*greeting, step(sender, "binary", 64 << 20, pause=0.5)])
        capture = Capture(stage)
        server, port = stage.server("python", talk)
        client = stage.peer("python", "client", talk, port)
        stage.wait_for(1, peer="client", event="received")
        receiver = server if sender == "client" else client
        receiver.send_signal(signal.SIGSTOP)
        stage.wait_for(1, event="sent", length=64 << 20)
        wait_until_full(receiver)
        client.kill()
        client.wait()
        receiver.send_signal(signal.SIGCONT)
        server.wait(30)
        records = capture.stop()
        return check_killed(records, stage.entries(), sender, ended_by)


def check_killed(records, entries, sender, ended_by):
    """Checks what is said of a message of 64 MiB that was broken off; gives it in short."""
    told = next(entry for entry in entries if entry["event"] == "closed" and entry["peer"] == "server")
    check(told["code"] == 1006, f"the server was told {told['code']}")
    frame = records.of("frame")[-1]
    check(frame["sender"] == sender and frame["length"] == 64 << 20, f"the last frame is {frame}")
    captured = frame["captured_length"]
    check(not frame["complete"] and 0 < captured < frame["length"], f"{captured} bytes were captured")
    end = records.of("end")[0]
    check(end["ended_by"] in ended_by, f"ended_by is {end['ended_by']}")
    check(end["clean"] is False and end["browser_code"] == 1006, f"the end is {end}")
    check(end[sender]["missing_bytes"] == 0, f"bytes are missing: {end[sender]}")
    check(end[sender]["cut_off"] == "message", f"cut_off is {end[sender]['cut_off']}")
    before = [sha256(message) for message in records.of("message") if message["complete"]]
    sent = [entry["sha256"] for entry in entries if entry["event"] == "sent" and entry["length"] == 20]
    check(before == sent, "what came before is not what was sent")
    return f"{captured:,} of {frame['length']:,} bytes, ended by {end['ended_by']}, browser code 1006"


def wait_until_full(process):
    """Waits until bytes lie in the buffer of a stopped process, and no more come."""
    before, size = -1, 0
    end = time.monotonic() + 30
    while size == 0 or size != before:
        check(time.monotonic() < end, "nothing comes to the peer that is stopped")
        time.sleep(0.7)
        before, size = size, unread(process)


def unread(process):
    """Bytes that its system keeps for a process in the connections of its namespace."""
    with open(f"/proc/{process.pid}/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    established = "01"
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[3] == established)
