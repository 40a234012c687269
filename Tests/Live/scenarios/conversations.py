"""Real peers talk; wstap's records are what they logged."""

from harness.capture import Capture, check
from harness.compare import compare
from harness.plans import chat, everything, plan
from harness.scenario import Scenarios

SCENARIOS = Scenarios()


def converse(stage, talk, client, server):
    capture = Capture(stage, "--max-payload", "none")
    stage.talk(talk, client=client, server=server)
    records = capture.stop()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    check(records.summary["drops"] == 0, f"{records.summary['drops']} packets dropped")
    return records, compare(records, stage.entries())


for client, server in (("python", "python"), ("node", "python"), ("python", "node"), ("node", "node")):
    for compression in (False, True):

        @SCENARIOS.add(
            f"everything, {client} to {server}{', compressed' if compression else ''}",
            peers=tuple({client, server}),
            client=client,
            server=server,
            compression=compression,
        )
        def exchange(stage, client, server, compression):
            closer = "client" if compression else "server"
            records, messages = converse(stage, plan(everything(closer), compression=compression), client, server)
            used = records.of("connection")[0]["extensions"]
            check(bool(used) == compression, f"the extensions are {used}")
            check(any(record["frame_count"] > 1 for record in records.of("message")), "no message is fragmented")
            frames = len(records.of("frame"))
            return f"{messages} messages, {frames} frames, each as both peers logged it"


for client, server in (("node", "python"), ("python", "node")):

    @SCENARIOS.add(
        f"500 connections at once, {client} to {server}",
        peers=("python", "node"),
        alone=True,
        client=client,
        server=server,
    )
    def crowd(stage, client, server):
        records, messages = converse(stage, plan(chat(20), connections=500, compression=True), client, server)
        opened = len(records.of("connection"))
        check(opened == 500, f"{opened} connections instead of 500")
        check(messages == 20_000, f"{messages} messages instead of 20,000")
        return f"{messages} messages, each as both peers logged it"
