"""What messages mean: their lines, trees and links."""

import json
import time

from harness.captures import Capture, frame


def lines(stage):
    """The list shows the line of a view, filters find its words, and a view that is inferred says so."""
    page = stage.page
    page.open(stage.report(stage.sample("subprotocols/mqtt-mosquitto.pcap")), "#c=1")
    wanted = [record["view"] for record in stage.records(stage.sample("subprotocols/mqtt-mosquitto.pcap"), options=["--only", "message"])]
    stage.expect(page.run("report.rows.filter((row) => row.view?.names[0] === 'mqtt').length"), len(wanted), "views")
    stage.check("MQTT CONNECT alice MQTT 3.1.1" in page.text("#messages-0"), page.text("#messages-0"))
    stage.expect(page.text("#messages-0 .protocol"), "MQTT", "the protocol's name")
    page.run("setFilterText('Connection Accepted', false)")
    page.settle()
    stage.expect(page.run("messageList.items.map((row) => row.number)"), [2], "messages whose line has these words")
    stage.expect(page.text("#messages mark"), "Connection Accepted", "what is marked")
    page.run("setFilterText('nothing like that', false)")
    page.settle()
    stage.expect(page.run("messageList.items.length"), 0, "rows")
    page.key("Escape")
    stage.shoot("views")
    capture = Capture()
    one = capture.connection().handshake(b"/devtools/page/1")
    one.text(True, '{"id":1,"method":"Page.enable","params":{}}')
    one.text(False, '{"id":1,"result":{}}')
    one.text(True, '{"plain":"<b>json</b>"}')
    page.open(stage.report(capture.write(stage.folder / "cdp.pcap")))
    said = page.text("#messages-0")
    stage.check("CDP? Page.enable" in said, said)
    stage.check('{"plain":"<b>json</b>"}' in page.text("#messages-2"), page.text("#messages-2"))
    page.run("setFilterText('CDP? Page', false)")
    page.settle()
    stage.expect(page.run("messageList.items.length"), 1, "rows with a line as it is shown")
    stage.expect(page.run("[...document.querySelectorAll('#about .tag.view')].map((tag) => tag.innerText)"), ["cdp", "json"], "views of the connection")
    page.run("document.querySelector('#find').focus()")
    page.type("cdp")
    stage.expect(page.count("#connections [role=option]"), 1, "connections with this view")


def trees(stage):
    """The selected message shows its view as a tree, which has what the JSON output has."""
    page, seen = stage.page, 0
    plain = """(function plain(node) {
      if (node.type === "object") return Object.fromEntries(node.entries.map(([key, child]) => [key, plain(child)]));
      if (node.type === "array") return node.entries.map(([, child]) => plain(child));
      return node.type === "string" ? node.text : JSON.parse(node.text);
    })"""
    for name in ("stomp-rabbitmq", "wamp-msgpack", "sockjs", "signalr"):
        capture = stage.sample(f"subprotocols/{name}.pcap")
        page.open(stage.report(capture))
        got = page.run(f"""Promise.all([...report.connections.values()].flatMap((one) => [...one.messages.values()]).map(async (row) => {{
          const tree = row.view && viewTree(row, await payloads.of(row.view));
          return [row.connection.id, row.number, tree ? {plain}(tree) : row.view ? {{ name: row.view.names[0] }} : null];
        }}))""")
        wanted = [[r["connection_id"], r["message"], r.get("view")] for r in stage.records(capture, options=["--only", "message"])]
        stage.expect(sorted(got, key=str), sorted(wanted, key=str), f"views of {name}")
        seen += len(wanted)
    page.open(stage.report(stage.sample("subprotocols/stomp-rabbitmq.pcap"), name="stomp.html"), "#c=1&m=3")
    stage.expect(page.text("#detail [role=tab]"), "Meaning", "the first tab")
    tree = page.text(".json")
    for part in ('command: "SUBSCRIBE"', 'destination: "/queue/tide"', "more: ["):
        stage.check(part in tree, f"{part} is missing in {tree}")
    stage.check("stomp" in page.text("#detail .tag.view"), "the view's name is not told")
    for view in ("Text", "Hex", "Frames", "Meaning"):
        page.click(f"[data-view={view}]")
    stage.shoot("view-tree")
    page.open(stage.report(stage.sample("subprotocols/stomp-rabbitmq.pcap"), options=["--no-view"], name="plain.html"), "#c=1&m=3")
    stage.expect(page.text("#detail [role=tab]"), "Text", "the first tab without views")
    return f"{seen} messages"


def replies(stage):
    """A reply leads to its request, and a request to its reply, with the time between."""
    page = stage.page
    page.open(stage.report(stage.sample("subprotocols/ocpp.pcap")), "#c=1&m=2")
    facts = page.text("#detail .facts")
    stage.check("Replies to\nMessage 1 BootNotification, 1.16 ms before" in facts, facts)
    stage.expect(page.run("[...document.querySelectorAll('#messages .partner')].map((row) => row.dataset.i)"), ["0"], "rows that are marked")
    page.click("#detail .facts .link")
    stage.expect(page.run("state.row.number"), 1, "the request")
    stage.expect(page.run("location.hash"), "#c=1&m=1", "the address")
    facts = page.text("#detail .facts")
    stage.check("Reply\nMessage 2, after 1.16 ms" in facts, facts)
    page.click("#detail .facts .link")
    stage.expect(page.run("state.row.number"), 2, "the reply")
    page.click(".json .link")
    stage.expect(page.run("state.row.number"), 1, "where the number in the tree leads")
    page.key("r")
    stage.expect(page.run("state.row.number"), 2, "the reply after r")
    page.run("setFilterText('currentTime', false)")
    page.settle()
    page.click("#detail .facts .link")
    stage.expect(page.run("[state.row.number, isFiltering()]"), [1, False], "the request that the filter hid")
    stage.shoot("replies")
    page.open(stage.report(stage.sample("subprotocols/ocpp.pcap"), options=["-Y", "message == 2"], name="one.html"))
    page.click("#messages-0")
    stage.check("Message 1, which is not in this report" in page.text("#detail .facts"), page.text("#detail .facts"))


def hundred_thousand_calls(stage):
    """49,980 calls and their replies load, are searched by what they mean, and lead to each other, without a hitch."""
    capture = Capture()
    one = capture.connection().handshake()
    for start in range(0, 49_980, 20):
        numbers = range(start, start + 20)
        one.send(True, b"".join(frame(True, 1, b'{"jsonrpc":"2.0","id":%d,"method":"quote.get","params":{"symbol":"S%d"}}' % (n, n % 97)) for n in numbers))
        one.send(False, b"".join(frame(False, 1, b'{"jsonrpc":"2.0","id":%d,"result":{"price":%d.25,"symbol":"S%d"}}' % (n, n % 1013, n % 97)) for n in numbers))
    one.close()
    page, start = stage.page, time.monotonic()
    report = stage.report(capture.write(stage.folder / "calls.pcap"))
    written = time.monotonic() - start
    start = time.monotonic()
    page.open(report)
    loading = time.monotonic() - start
    stage.expect(page.text("#notes"), "", "what was left out")
    search = page.run("""(async () => {
      await payloads.loadAll();
      const start = performance.now();
      filter.text = "#49979 of quote.get";
      marks = pattern();
      let found = null;
      await runFilter(allRows(), (rows, part) => { if (part === 1) found = rows; });
      return [performance.now() - start, found.map((row) => row.number)];
    })()""")
    stage.expect(search[1], [99_960], "replies with these words")
    page.run("clearFilter()")
    page.run("selectRow(report.connections.get(1).messages.get(99960))")
    page.key("r")
    stage.expect(page.run("state.row.number"), 99_940, "the request of the last reply")
    page.run("gc?.()")
    memory = page.run("performance.memory.usedJSHeapSize") / 1e6
    return f"{report.stat().st_size / 1e6:.1f} MB written in {written:.1f} s, there after {loading:.1f} s, all searched in {search[0] / 1000:.1f} s, {memory:.0f} MB of heap"


def many_replies(stage):
    """A thousand calls in one message, and a thousand replies to one, are shown in part, and at once."""
    capture = Capture()
    one = capture.connection().handshake()
    one.text(True, json.dumps([{"jsonrpc": "2.0", "id": n, "method": f"m{n}"} for n in range(1000)]))
    for n in range(999):
        one.text(False, json.dumps({"jsonrpc": "2.0", "id": n, "result": n}))
    one.text(True, json.dumps([{"jsonrpc": "2.0", "id": n, "method": f"m{n}"} for n in range(2000, 3000)]))
    one.text(False, json.dumps([{"jsonrpc": "2.0", "id": n, "result": n} for n in range(2000, 3000)]))
    page = stage.page
    page.open(stage.report(capture.write(stage.folder / "batches.pcap")), "#c=1&m=1")
    stage.expect(page.count("#detail .facts .link"), 10, "links")
    stage.check("more" in page.text("#detail .facts"), page.text("#detail .facts"))
    stage.check(page.count("#detail *") < 8000, f"{page.count('#detail *')} elements")
    page.run("selectRow(report.rows.findLast((row) => row.isMessage))")
    page.settle()
    stage.expect(page.count("#detail .facts .link"), 10, "links")
    total = page.run("state.row.view.replyCount")
    stage.check(total > 200, f"{total} replies")
    stage.check(f"and {total - 10} more" in page.text("#detail .facts"), page.text("#detail .facts"))
