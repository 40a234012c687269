"""HTTP archives (`--format har`) in the developer tools of Chromium."""

import base64
import datetime
import json
import struct

from harness.captures import Capture
from harness.devtools import DevTools
from scenarios.hostile import ATTACKS
from scenarios.many import quotes
from scenarios.samples import captures

OPCODES = {"text": 1, "binary": 2}


def seconds(text):
    """Seconds since 1970 of a time with nanoseconds."""
    whole, rest = text.rstrip("Z").split(".")
    return datetime.datetime.fromisoformat(whole + "+00:00").timestamp() + float(f"0.{rest}")


def of_type(records, kind):
    return [record for record in records if record["type"] == kind]


def message(record):
    """What the developer tools should know of a message, or frame, of the JSON output."""
    opcode = record["opcode"] if record["type"] == "frame" else OPCODES[record["kind"]]
    data = record.get("base64") or record.get("text") or ""
    if opcode != 1 and "base64" not in record:
        code = (record.get("close") or {}).get("code")
        data = base64.b64encode((b"" if code is None else struct.pack("!H", code)) + data.encode()).decode()
    return ["send" if record["sender"] == "client" else "receive", opcode, data]


def compare(stage, requests, records, name, kind="message"):
    """Holds what the developer tools have imported to the JSON output; gives how many messages that were."""
    # Requests on the same TCP connection have the same identifier, and follow each other.
    connections = sorted(of_type(records, "connection"), key=lambda record: record["connection_id"])
    requests = sorted(requests, key=lambda request: request["id"])
    stage.expect([one["id"] for one in requests], [one["connection_id"] for one in connections], f"entries of {name}")
    count = 0
    for request, connection in zip(requests, connections):
        what = f"#{connection['connection']} of {name}"
        stage.expect(request["type"], "websocket", f"the type of {what}")
        stage.expect(request["address"], connection["server"].translate({91: "", 93: ""}), f"the server of {what}")
        if connection.get("url") is not None:
            stage.expect(request["url"], connection["url"], f"the address of {what}")
        for side in ("request", "response"):
            if connection.get(side):
                stage.expect(request[side], connection[side]["headers"], f"headers of the {side} of {what}")
        if connection.get("response"):
            stage.expect(request["status"], connection["response"]["status"], f"the status of {what}")
            stage.expect(request["reason"], connection["response"]["reason"], f"the reason of {what}")
        wanted = [record for record in of_type(records, kind) if record["connection"] == connection["connection"]]
        stage.expect(len(request["frames"]), len(wanted), f"{kind}s of {what}")
        for number, (got, record) in enumerate(zip(request["frames"], wanted), 1):
            sender, time, opcode, data = got
            stage.expect([sender, opcode, data], message(record), f"{kind} {number} of {what}")
            stage.check(abs(time - seconds(record["time"])) < 2e-6, f"the time of {kind} {number} of {what}: {time}, not {record['time']}")
        count += len(wanted)
    return count


def every_sample_imported(stage):
    """Chromium's developer tools import what the JSON output has, of every sample, and export it as it was."""
    tools, messages = DevTools(stage.page), 0
    for capture, options in captures(stage):
        records = stage.records(capture, options=options)
        file = stage.archive(capture, options=options)
        requests = tools.load(file, len(of_type(records, "connection")))
        messages += compare(stage, requests, records, capture.name)
        ours, theirs = (
            sorted(archive["entries"], key=lambda entry: (entry["startedDateTime"][:23], entry["_connectionId"]))
            for archive in (json.loads(file.read_bytes())["log"], tools.exported()))
        for entry, other in zip(ours, theirs):
            for key in ("_resourceType", "connection", "serverIPAddress"):
                stage.expect(entry[key], other[key], f"{key} of {capture.name}")
            for one, same in zip(entry["_webSocketMessages"], other.get("_webSocketMessages", [])):
                known = {key: value for key, value in one.items() if not key.startswith("_")}
                stage.expect(known, same, f"a message of {capture.name} as the developer tools write it")
    tools.load(stage.archive(stage.sample("browser-chat.pcap")), 1)
    tools.click("td.name-column", "chat")
    tools.click("[role=tab]", "Messages")
    stage.page.wait("deep('table.data').some((table) => table.innerText.includes('on the quay.'))", 20)
    # Times stand there in the zone of the system, to milliseconds.
    shown = [[data, length, time[-6:]] for data, length, time in tools.rows()]
    wanted = [
        [record["text"], str(len(record["text"].encode("utf-16-le")) // 2), record["time"][17:23]] if record["kind"] == "text"
        else ["Binary message", f"{record['length']} B", record["time"][17:23]]
        for record in of_type(stage.records(stage.sample("browser-chat.pcap")), "message")]
    stage.expect(shown, wanted, "rows in the tab of messages")
    stage.shoot("devtools-messages")
    return f"{messages} messages"


def frames_imported(stage):
    """With `--only frame`, the developer tools show frames, pings and fragments included."""
    tools = DevTools(stage.page)
    for name in ("fragmented-with-ping.pcap", "ping-pong-keepalive.pcap"):
        records = stage.records(stage.sample(name))
        requests = tools.load(stage.archive(stage.sample(name), options=["--only", "frame"]), 1)
        compare(stage, requests, records, name, "frame")
    tools.click("td.name-column", "chat")
    tools.click("[role=tab]", "Messages")
    stage.page.wait("deep('table.data').some((table) => table.innerText.includes('Pong message'))", 20)
    stage.shoot("devtools-frames")


def hostile_archive(stage):
    """What attacks is imported as it was sent: nothing runs, nothing is taken for a key or a tag."""
    capture = Capture()
    for attack in ATTACKS:
        line = attack.replace("\u2028", "").replace("\u2029", "").encode()
        one = capture.connection().handshake(
            b"/" + line.replace(b" ", b"%20"), request=b"X-Attack: " + line + b"\r\nCookie: " + line + b"\r\n",
            response=b"Server: " + line + b"\r\nSet-Cookie: " + line + b"\r\n")
        one.text(True, attack)
        one.text(False, json.dumps({"__proto__": {"pwned": attack}}))
        one.frame(False, 1, b"not UTF-8: \xed\xa0\x80\xff" + attack.encode())
        one.frame(False, 2, attack.encode())
        one.close(3000, line[:100])
    file = capture.write(stage.folder / "hostile.pcap")
    records = stage.records(file)
    tools = DevTools(stage.page)
    requests = tools.load(stage.archive(file), len(ATTACKS))
    for record in of_type(records, "connection"):
        record["url"] = None  # In an archive what no URI may hold is in percent encoding.
    compare(stage, requests, records, file.name)
    for number in range(3):
        stage.page.click_at(60, 205 + 22 * number)
        tools.click("[role=tab]", "Messages")
    stage.expect(stage.page.run("[window.pwned ?? null, ({}).pwned ?? null]"), [None, None], "what the archive did to the tools")


def large_archive(stage):
    """20 MB in one message, and 100,000 messages."""
    capture = Capture()
    one = capture.connection().handshake()
    text = "ferry ⛴️ " * 1_600_000
    one.text(False, text)
    one.frame(True, 2, bytes(range(256)) * 20_000)
    one.close()
    tools = DevTools(stage.page)
    large = stage.archive(capture.write(stage.folder / "large.pcap"), options=["--max-payload", "none"], name="large.har")
    tools.load(large, 1, describes=False)
    lengths = stage.page.run("network.requests()[0].frames().map((frame) => frame.text.length)")
    stage.expect(lengths, [len(text), (5_120_000 + 2) // 3 * 4], "the lengths of messages")
    stage.check(stage.page.run(f"network.requests()[0].frames()[0].text === {json.dumps(text[:9])}.repeat(1600000)"), "the text is another one")
    many = stage.archive(quotes(stage, 100_000))
    tools.load(many, 1, describes=False)
    found = stage.page.run("network.requests()[0].frames().map((frame) => JSON.parse(frame.text).id)")
    stage.check(found == list(range(100_000)), f"{len(found)} messages, not 100,000 in their order")
    return f"{large.stat().st_size / 1e6:.0f} and {many.stat().st_size / 1e6:.0f} MB"
