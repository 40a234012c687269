"""As much as two processes can send here: nothing is lost, or each loss is accounted for."""

import time

from harness.capture import Capture, Counter, check
from harness.floods import Flood
from harness.scenario import Scenarios

SCENARIOS = Scenarios()

MOST_MEMORY = 300  # MiB


def watch(stage, seconds, raw=None, types="connection,frame,diagnostic,end,summary"):
    capture = Capture(stage, "--only", "capture," + types, reader=Counter)
    counts = Flood(stage, seconds, raw).finish()
    memory = capture.peak_memory()
    records = capture.stop(settle=1)
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    check(memory < MOST_MEMORY, f"{memory:.0f} MiB of memory")
    ends = records.of("end")
    check(len(ends) == 1, f"{len(ends)} connections ended")
    if "frame" in types:
        recorded = capture.output.frames
        check(recorded == records.summary["frames"], f"{recorded} frames written, {records.summary['frames']} counted")
    return records, ends[0], counts, memory


def account(records, end, counts, least_frame):
    """Checks that what is missing is said; gives the number of frames that were sent and that were lost."""
    sent = lost = 0
    for role in ("client", "server"):
        totals = end[role]
        missing = totals["missing_bytes"] + totals["undecoded_bytes"]
        if "sent_bytes" in counts[role]:
            bytes_ = totals["wire_bytes"] + totals["missing_bytes"]
            check(
                bytes_ == counts[role]["sent_bytes"],
                f"the {role} sent {counts[role]['sent_bytes']:,} bytes, captured and missing are {bytes_:,}",
            )
        frames = counts[role]["sent"] - totals["frames"]
        sent += counts[role]["sent"]
        lost += frames
        # A frame that is cut in two by a gap counts for itself: its bytes are captured in part.
        check(frames >= 0, f"{-frames} frames more than the {role} sent")
        check(frames <= missing // least_frame + 1, f"{frames} frames of the {role} lost, {missing} bytes are missing")
    drops = records.summary["drops"]
    check(lost == 0 or drops > 0, f"{lost} frames lost, and no packet dropped")
    if drops:
        check("capture.drops" in records.codes(), f"{drops} packets dropped, and no diagnostic")
    return sent, lost


def told(seconds, records, sent, lost, memory):
    drops = [d["message"] for d in records.of("diagnostic") if d["code"] == "capture.drops"]
    dropped = drops[-1] if drops else "no packet dropped"
    packets = records.summary["packets"]
    return (
        f"{sent:,} frames sent ({sent / seconds:,.0f} a second), {lost:,} lost, {packets:,} packets, "
        f"{memory:.0f} MiB; {dropped}"
    )


@SCENARIOS.add("load: node-ws, small messages", peers=("node",), alone=True)
def node(stage):
    records, end, counts, memory = watch(stage, stage.seconds / 2)
    for role in ("client", "server"):
        other = counts["server" if role == "client" else "client"]
        check(counts[role]["sent"] == other["received"], "the peers do not agree")
        counts[role]["sent"] += 1  # the close frame
    sent, lost = account(records, end, counts, least_frame=6)
    return told(stage.seconds / 2, records, sent, lost, memory)


@SCENARIOS.add("load: a frame a packet, without a library", alone=True)
def packets(stage):
    records, end, counts, memory = watch(stage, stage.seconds, raw=(16, 1))
    sent, lost = account(records, end, counts, least_frame=4)
    return told(stage.seconds, records, sent, lost, memory)


@SCENARIOS.add("load: thousands of frames a write, without a library", alone=True)
def bulk(stage):
    """More than can be decoded: what is not, is said."""
    records, end, counts, memory = watch(stage, stage.seconds / 2, raw=(16, 2500), types="diagnostic,end,summary")
    sent, lost = account(records, end, counts, least_frame=4)
    return told(stage.seconds / 2, records, sent, lost, memory)


@SCENARIOS.add("load: ended while more comes than can be decoded", alone=True)
def ended(stage):
    capture = Capture(stage, "--only", "capture,diagnostic,end,summary")
    flood = Flood(stage, 4, raw=(16, 2500))
    time.sleep(1.5)
    check(flood.client.poll() is None, "the flood is over")
    at = time.time()
    records = capture.stop(settle=0)
    took = capture.ended_at - at
    flood.finish()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    check(took < 10, f"it took {took:.1f} s")
    check([end["ended_by"] for end in records.of("end")] == ["capture-end"], "the connection's end is not capture-end")
    return f"after {took:.1f} s, {records.summary['frames']:,} frames, {records.summary['drops']:,} packets dropped"
