"""The interface goes away while it is captured from."""

import time

from harness.capture import Capture, check
from harness.compare import compare
from harness.network import link
from harness.plans import chat, plan
from harness.scenario import Scenarios
from harness.stage import finish

SCENARIOS = Scenarios()

ADDRESS = "10.9.0.2"


def talk_over_link(stage, commands):
    """Two peers talk over a link that one then takes away; gives what wstap wrote."""
    here, there = stage.namespace(), stage.namespace()
    link(here, there)
    capture = Capture(stage, interface="left", place=here)
    talk = plan([*chat(500, pause=0.02)[:-1]], host=ADDRESS)
    server, port = stage.server("python", talk, place=there)
    client = stage.peer("python", "client", talk, port, place=here)
    stage.wait_for(20, event="received")
    time.sleep(0.3)
    for words in commands:
        here.ip(*words.split())
    at = time.time()
    records = capture.finish(10)
    client.kill()
    server.kill()
    return capture, records, capture.ended_at - at


for name, commands, reason in (
    ("taken down", ["link set left down"], "went down"),
    ("removed", ["link del left"], ""),
    ("taken down, then removed", ["link set left down", "link del left"], ""),
):

    @SCENARIOS.add(f"the interface is {name}", needs_root=True, commands=commands, reason=reason)
    def gone(stage, commands, reason):
        capture, records, took = talk_over_link(stage, commands)
        check(took < 2, f"wstap went on for {took:.1f} s")
        check(capture.status == 2, f"exit status {capture.status}: {capture.stderr}")
        check("capturing from 'left' ended: " in capture.stderr and reason in capture.stderr, capture.stderr)
        messages = records.summary["messages"]
        check(messages > 10, f"{messages} messages")
        ended = [end["ended_by"] for end in records.of("end")]
        check(ended == ["capture-end"], f"the ends are {ended}")
        said = next(line for line in capture.stderr.splitlines() if "ended" in line)
        return f"after {took:.2f} s, status 2, {messages} messages; {said}"


@SCENARIOS.add("the interface is renamed: nothing ends", needs_root=True)
def renamed(stage):
    here, there = stage.namespace(), stage.namespace()
    link(here, there)
    capture = Capture(stage, interface="left", place=here)
    talk = plan(chat(60, pause=0.02), host=ADDRESS)
    server, port = stage.server("python", talk, place=there)
    client = stage.peer("python", "client", talk, port, place=here)
    stage.wait_for(10, event="received")
    here.ip("link", "set", "left", "name", "west")
    for peer in (client, server):
        finish(peer)
    time.sleep(1)  # longer than it takes to look at the interface
    records = capture.stop()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    return compare(records, stage.entries())
