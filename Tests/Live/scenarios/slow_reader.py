"""Whoever reads wstap's output is slow."""

from harness.capture import Capture, SlowReader, check
from harness.floods import Flood
from harness.scenario import Scenarios

SCENARIOS = Scenarios()

MOST_MEMORY = 300  # MiB: 64 the system's buffer, 64 and more what waits for the decoder
RATE = 40  # MB/s of each peer: what waits fills the room for it in a second or two


@SCENARIOS.add("a slow reader: drops are counted, memory stays flat", alone=True)
def slow(stage):
    options = ("--only", "capture,connection,frame,diagnostic,end,summary", "--max-payload", "16")
    capture = Capture(stage, *options, reader=SlowReader)
    Flood(stage, 7, raw=(1000, 20, "--rate", RATE)).finish()
    memory = capture.peak_memory()
    records = capture.stop(settle=1)
    drops = records.summary["drops"]
    check(drops > 0, "nothing was dropped: the test was too slow")
    said = [d["message"] for d in records.of("diagnostic") if d["code"] == "capture.drops"]
    check(said and "by wstap, which could not keep up" in said[-1], f"diagnostics of drops: {said}")
    check("dropped" in capture.stderr, f"stderr does not speak of drops: {capture.stderr}")
    check(memory < MOST_MEMORY, f"{memory:.0f} MiB of memory")
    end = records.of("end")[0]
    missing = sum(end[role]["missing_bytes"] for role in ("client", "server"))
    check(missing > 0 and "tcp.gap" in records.codes(), "drops, and no gap is told")
    records = f"{len(records.all):,} valid records"
    return f"{records}, {drops:,} packets dropped, {missing:,} bytes told missing, {memory:.0f} MiB"
