"""Reports of the samples, and of captures that end early."""

import base64
import signal
import subprocess
import time

from harness.browser import Failed

CONTENT = """Promise.all(report.rows.filter((row) => row.isMessage).map(async (row) => {
  const bytes = await payloads.of(row);
  return [row.connection.id, row.number, senders[row.sender], btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")),
    Number(row.length), row.packets[0], clock(row.time), framesOf(row).length];
}))"""


def captures(stage):
    """The samples, each with the options that it needs."""
    folder = stage.root / "Samples"
    for capture in sorted(folder.iterdir()):
        if any(capture.name.endswith(end) for end in (".pcap", ".pcapng", ".pcap.gz", ".pcap.zst")):
            keys = folder / (capture.name.split(".")[0] + ".keys")
            yield capture, ["--keylog", keys] if keys.exists() else []


def every_sample(stage):
    """The page has what the JSON output has, of every sample."""
    page, messages = stage.page, 0
    for capture, options in captures(stage):
        records = stage.records(capture, options=options)
        page.open(stage.report(capture, options=options))
        kinds = {kind: [r for r in records if r["type"] == kind] for kind in ("connection", "frame", "message", "diagnostic")}
        for kind, expression in (("connection", "report.connections.size"), ("frame", "report.frames"),
                                 ("message", "report.messages"), ("diagnostic", "report.diagnostics.length")):
            stage.expect(page.run(expression), len(kinds[kind]), f"{kind}s of {capture.name}")
        wanted = sorted(
            [r["connection_id"], r["message"], r["sender"],
             r["base64"] if "base64" in r else base64.b64encode(r["text"].encode()).decode(),
             r["length"] or 0, r["first_packet"], r["time"].replace("T", " ").replace("Z", " UTC"), r["frame_count"]]
            for r in kinds["message"] if not r["truncated"])
        got = sorted(row for row in page.run(CONTENT) if [row[0], row[1]] in [w[:2] for w in wanted])
        for a, b in zip(got, wanted):
            if a[4] != b[4] and b[4] == 0:
                a[4] = 0
        stage.expect(got, wanted, f"messages of {capture.name}")
        for tab in ("handshake", "diagnostics", "facts"):
            page.run(f"tabsOf().some(([name]) => name === '{tab}') && selectTab('{tab}')")
        messages += len(wanted)
    return f"{messages} messages"


def only_frames(stage):
    """A report of frames alone shows frames, with their connection."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap"), options=["--only", "frame"]))
    stage.expect(page.run("[report.rows.length, report.messages]"), [14, 0], "rows and messages")
    stage.check("127.0.0.1:39626" in page.text("#connections"), "the connection's ends are not told")
    page.click("#messages-5")
    stage.check("still there?" in page.text("#detail"), page.text("#detail"))
    page.open(stage.report(stage.sample("browser-chat.pcap"), options=["--only", "message"]))
    stage.expect(page.run("[report.rows.length, report.messages]"), [10, 10], "rows and messages")


def selected(stage):
    """A report of what was selected tells of its connections."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap"), options=["-g", "cake"]))
    stage.expect(page.run("[report.rows.length, report.connections.size]"), [3, 1], "rows and connections")
    stage.expect(page.text("#about h2"), "#1 ws://127.0.0.1:8080/chat", "the address")
    stage.check("closed 1000" in page.text("#connections"), "how it ended is not told")
    stage.check(page.text("#messages-0").endswith("2.710030"), "times do not count from the handshake")
    page.click("#messages-0")
    stage.check("Then I bring the cake" in page.text("#detail"), page.text("#detail"))


def cut_short(stage):
    """A report that is cut shows what is there, and says so."""
    page = stage.page
    whole = stage.report(stage.sample("browser-chat.pcap")).read_bytes()
    for length in (len(whole) - 1, len(whole) - 600, whole.index(b'data-block="records"') + 30):
        cut = stage.folder / "cut.html"
        cut.write_bytes(whole[:length])
        page.open(cut)
        if length < len(whole) - 100:
            stage.check("cut short" in page.text("#notes"), f"a cut after {length} bytes is not told")
    page.open(stage.report(stage.sample("cut-short.pcap")))
    stage.check("file is cut off" in page.text("#notes"), "a cut capture is not told")


def interrupted(stage):
    """Ctrl-C leaves a whole report that says so."""
    page = stage.page
    capture = stage.sample("browser-chat.pcap").read_bytes()
    file = stage.folder / "interrupted.html"
    with subprocess.Popen([stage.binary, "--format", "html", "-q", "-o", file, "-"], stdin=subprocess.PIPE) as process:
        process.stdin.write(capture[:len(capture) // 2])
        process.stdin.flush()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.stdin.close()
        if process.wait(20) not in (0, 130):
            raise Failed(f"wstap ends with {process.returncode}")
    page.open(file)
    stage.check("interrupted" in page.text("#notes"), page.text("#notes"))
    stage.check(page.run("report.messages") > 0, "there are no messages")


def old_browser(stage):
    """A browser that cannot unpack the report says so."""
    page = stage.page
    script = page.call("Page.addScriptToEvaluateOnNewDocument", source="delete window.DecompressionStream")
    page.call("Page.navigate", url=stage.report(stage.sample("browser-chat.pcap")).as_uri())
    page.wait("document.querySelector('#notes')?.innerText.includes('DecompressionStream') ?? false")
    page.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
