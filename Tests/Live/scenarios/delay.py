"""How long it takes until a frame is shown."""

import statistics

from harness.capture import Capture, check
from harness.compare import sha256
from harness.plans import close, plan, step
from harness.scenario import Scenarios

SCENARIOS = Scenarios()

MOST = 0.2  # seconds


@SCENARIOS.add("frames are shown within 200 ms", alone=True)
def delay(stage):
    """By the clock of the peer that sends: it looks at it before it sends."""
    talk = plan([*[step("client", "text", 80, pause=0.1) for _ in range(50)], close("client", 1000, "")])
    capture = Capture(stage)
    stage.talk(talk)
    records = capture.stop()
    sent = {e["sha256"]: e["at"] for e in stage.entries() if e["event"] == "sent"}
    shown = {sha256(frame): frame["_at"] for frame in records.of("frame", opcode_name="text")}
    check(sent.keys() == shown.keys(), f"{len(shown)} frames of {len(sent)}")
    delays = sorted(shown[key] - sent[key] for key in sent)
    median, most, worst = statistics.median(delays), delays[int(len(delays) * 0.95)], delays[-1]
    told = f"median {median * 1000:.0f} ms, 95 % {most * 1000:.0f} ms, worst {worst * 1000:.0f} ms of {len(delays)} frames"
    check(most <= MOST, told)
    return told
