"""Ways in which a capture ends, and what is said then."""

import signal
import time

from harness.capture import Capture, Failed, check, comes_true
from harness.compare import compare
from harness.plans import chat, plan
from harness.scenario import Scenarios

SCENARIOS = Scenarios()


def check_told(capture, status, *texts):
    check(capture.status == status, f"exit status {capture.status} instead of {status}: {capture.stderr}")
    for text in texts:
        check(text in capture.stderr, f"stderr does not say {text!r}: {capture.stderr}")


for number in (signal.SIGINT, signal.SIGTERM):

    @SCENARIOS.add(f"ended by {number.name}", number=number)
    def by_signal(stage, number):
        capture = Capture(stage)
        stage.talk(plan(chat(3)))
        records = capture.stop(number)
        check_told(capture, 0, "1 WebSocket connection, 6 messages in 8 frames; read ")
        check(records.summary["messages"] == 6, "messages in the summary")
        return f"{compare(records, stage.entries())} messages, exit status 0"


@SCENARIOS.add("ended while a connection is open")
def while_open(stage):
    talk = plan(chat(2)[:-1])
    capture = Capture(stage)
    server, port = stage.server("python", talk)
    client = stage.peer("python", "client", talk, port)
    stage.wait_for(4, event="received")
    records = capture.stop()
    client.kill()
    server.kill()
    check_told(capture, 0, "1 WebSocket connection, 4 messages in 4 frames")
    ended = [end["ended_by"] for end in records.of("end")]
    check(ended == ["capture-end"], f"ended_by is {ended}")
    return f"{compare(records, stage.entries(), is_closed=False)} messages, ended by capture-end"


@SCENARIOS.add("ended with nothing found", peers=())
def nothing(stage):
    capture = Capture(stage)
    records = capture.stop()
    check_told(capture, 1, "0 WebSocket connections")
    return f"exit status 1, {records.summary['packets']} packets"


@SCENARIOS.add("ended by --duration")
def by_duration(stage):
    start = time.time()
    capture = Capture(stage, "--duration", "3s")
    stage.talk(plan(chat(3)))
    records = capture.finish()
    took = capture.ended_at - start
    check_told(capture, 0, "1 WebSocket connection, 6 messages")
    check(2.9 < took < 6, f"it took {took:.1f} s")
    return f"{compare(records, stage.entries())} messages, after {took:.2f} s"


@SCENARIOS.add("ended by -c")
def by_count(stage):
    capture = Capture(stage, "-c", "10")
    stage.talk(plan(chat(3)))
    records = capture.finish(5)
    check_told(capture, 0, "read 10 packets")
    check(records.summary["packets"] == 10, f"{records.summary['packets']} packets")
    return "10 packets, exit status 0"


@SCENARIOS.add("ended by a reader that has gone")
def by_closed_pipe(stage):
    """As with `| head -3`: nobody is left to write to, and no packet comes any more. The counts are printed all the same."""
    capture = stage.start([stage.binary, "-i", "lo", "--json"])
    line = capture.stdout.readline()
    check(b'"capture"' in line, f"the first line is {line}")
    stage.talk(plan(chat(3)))
    for _ in range(2):
        line = capture.stdout.readline()
    capture.stdout.close()
    at = time.time()
    try:
        status = capture.wait(3)
    except Exception:
        raise Failed("wstap goes on for nobody") from None
    check(status == 0, f"exit status {status}")
    told = capture.stderr.read().splitlines()
    expected = (b"wstap: capturing from ", b"wstap: 1 WebSocket connection, ")
    check(len(told) == 2 and all(map(bytes.startswith, told, expected)), f"stderr says {told}")
    return f"after {time.time() - at:.2f} s, exit status 0"


@SCENARIOS.add("SIGUSR1 prints statistics, and the capture goes on")
def statistics(stage):
    capture = Capture(stage)
    stage.talk(plan(chat(2)))

    def is_told():
        capture.send(signal.SIGUSR1)
        time.sleep(0.2)
        told = capture.stderr_so_far()
        return "0 WebSocket connections open, 1 so far, 6 frames, " in told and "; dropped: none\n" in told

    check(comes_true(is_told), f"stderr says {capture.stderr_so_far()!r}")
    stage.talk(plan(chat(3)))
    records = capture.stop()
    check_told(capture, 0, "2 WebSocket connections, 10 messages in 14 frames")
    check(records.summary["websocket_connections"] == 2, "connections in the summary")
    return f"{compare(records, stage.entries())} messages before and after"


@SCENARIOS.add("output into a file is as that into a pipe")
def into_file(stage):
    path = stage.folder / "out.jsonl"
    capture = Capture(stage, "--only", "capture,frame,end,summary")
    second = stage.start([stage.binary, "-i", "lo", "--json", "--only", "capture,frame,end,summary", "-o", path])
    check(comes_true(lambda: path.exists() and path.stat().st_size), "the file is not written")
    stage.talk(plan(chat(3)))
    is_shown = comes_true(lambda: path.read_bytes().count(b'"type":"frame"') == 8)
    check(is_shown, "frames are not in the file while the capture goes on")
    second.send_signal(signal.SIGTERM)
    second.wait(10)
    capture.stop()
    told = capture.output.text().count(b"\n"), path.read_bytes().count(b"\n")
    check(told[0] == told[1], f"{told[0]} lines in the pipe, {told[1]} in the file")
    return f"{told[1]} lines"
