"""Packets that wstap does not get, though the peers do."""

from datetime import datetime

from harness.capture import Capture, ThrottledReader, check
from harness.compare import sha256
from harness.floods import Flood
from harness.plans import close, plan, step
from harness.scenario import Scenarios
from harness.stage import finish

SCENARIOS = Scenarios()

MOST = 4  # seconds: two of patience, half a one for packets that come late, and two looks a second


def after_missing(stage, sender):
    """A message that the filter hides, a few more, then silence: gives how late those were shown."""
    after = [step(sender, "text", 50) for _ in range(4)]
    talk = plan(
        [step(sender, "text", 40), step(sender, "text", 1500), *after, {**close("client", 1000, ""), "pause": 5}]
    )
    capture = Capture(stage, "-f", "tcp and less 1400")
    stage.talk(talk)
    records = capture.stop()
    sent = [entry for entry in stage.entries() if entry["event"] == "sent"]
    shown = {sha256(m): m["_at"] for m in records.of("message") if m["complete"]}
    for number, entry in enumerate(sent):
        is_hidden = number == 1
        check((entry["sha256"] in shown) != is_hidden, f"message {number + 1}; diagnostics: {records.codes()}")
    check("tcp.gap" in records.codes(), f"diagnostics are {records.codes()}")
    gap = next(record for record in records.of("diagnostic") if record["code"] == "tcp.gap")
    late = max(shown[entry["sha256"]] - entry["at"] for entry in sent[2:])
    check(late < MOST, f"what follows came {late:.1f} s late")
    check(gap["_at"] - sent[2]["at"] < MOST, "the diagnostic came late")
    missing = records.of("end")[0][sender]["missing_bytes"]
    check(missing == (1508 if sender == "client" else 1504), f"{missing} bytes are missing")
    return late


for sender in ("client", "server"):

    @SCENARIOS.add(f"a segment of the {sender} is missing, and silence follows", sender=sender)
    def missing(stage, sender):
        late = after_missing(stage, sender)
        return f"what follows it came {late:.2f} s late, with tcp.gap"


def seconds(record):
    return datetime.fromisoformat(record["time"][:26] + "+00:00").timestamp()


@SCENARIOS.add("a segment is missing, and silence follows, while wstap lags behind others", alone=True)
def while_lagging(stage):
    """What comes of another connection is more than is read: there always are packets that wait to be decoded."""
    after = [step("client", "text", 50) for _ in range(4)]
    talk = plan([step("client", "text", 1500, pause=1), *after, {**close("client", 1000, ""), "pause": 7}])
    types = ("--only", "capture,connection,frame,diagnostic,end,summary", "--max-payload", "64")
    capture = Capture(stage, *types, "-f", "tcp and not (greater 1500 and less 1650)", reader=ThrottledReader)
    server, port = stage.server("python", talk)
    client = stage.peer("python", "client", talk, port)
    stage.wait_for(2, event="open")
    flood = Flood(stage, 6, raw=(100, 20, "--rate", 2), logs=("flood-client", "flood-server"))
    flood.finish()
    for process in (client, server):
        finish(process)
    records = capture.stop()
    check(records.summary["drops"] == 0, f"{records.summary['drops']} packets dropped")
    shown = [i for i, record in enumerate(records.all) if record["type"] == "frame" and record["connection"] == 1]
    check(len(shown) == 6, f"{len(shown)} frames, without the one that is missing, and with the two of the close")
    sent = seconds(records.all[shown[0]])
    others = [seconds(record) for record in records.all[: shown[3]] if record["type"] == "frame"]
    late = max(others) - sent
    check(late < MOST, f"what follows came behind packets of {late:.1f} s later")
    return f"what follows it came before packets of {late:.2f} s later"
