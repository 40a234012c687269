"""What a person does with a report."""

import json


def opens(stage):
    """A report opens with its connection and messages."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    stage.expect(page.run("document.title"), "browser-chat.pcap · wstap", "the title")
    stage.expect(page.count("#messages [role=row]"), 14, "rows")
    stage.expect(page.text("#about h2"), "#1 ws://127.0.0.1:8080/chat", "the address")
    first = page.text("#messages-0").split("\n")
    stage.expect(first, ["↑", "text", '{"type":"join","room":"harbour","name":"alice"}', "47 B", "0.001403"], "the first row")
    stage.check("closed 1000" in page.text("#connections"), "how it ended is not told")
    stage.shoot("report")


def selects(stage):
    """A click shows a message as JSON, text, bytes and frames."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    page.click("#messages-1")
    stage.expect(page.text("#detail h3"), "Message 2", "the detail's title")
    stage.check('here: [\n0: "alice"\n1: "bob"' in page.text(".json"), page.text(".json"))
    page.click("[data-view=Text]")
    stage.expect(page.text("pre.text"), '{"type":"welcome","room":"harbour","here":["alice","bob"]}', "the text")
    page.click("[data-view=Hex]")
    stage.check(page.text(".digits").startswith("7b 22 74 79 70 65"), "the bytes are wrong")
    page.click("[data-view=Frames]")
    stage.check(page.run("document.querySelector('.picture').ariaLabel").startswith(
        "FIN 1, RSV1 1, RSV2 0, RSV3 0, opcode 0001, MASK 0, payload length 0110111"), "the header is wrong")
    stage.shoot("frame-header")
    page.key("Escape")
    stage.check(page.run("document.querySelector('#detail').hidden"), "Esc does not close the message")


def filters(stage):
    """Text, patterns, bytes, directions and kinds filter messages."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))

    def rows(text):
        page.run(f"setFilterText({json.dumps(text)}, false)")
        page.settle()
        return page.run("messageList.items.length")

    stage.expect(rows("CAKE"), 3, "rows with cake")
    stage.expect(page.text("#messages mark"), "cake", "what is marked")
    stage.expect(rows("hex:89 50 4e47"), 1, "rows with these bytes")
    stage.expect(rows("still there"), 2, "ping and pong")
    stage.expect(rows("nothing like that"), 0, "rows")
    stage.check("Nothing passes the filter" in page.text("#nothing"), "an empty list is not explained")
    page.run('setFilterText("^\\\\{\\"type\\":\\"(join|welcome)\\"", true)')
    page.settle()
    stage.expect(page.run("messageList.items.length"), 2, "rows of the pattern")
    page.run('setFilterText("(", true)')
    stage.check("nterminated group" in page.text("#filter-error"), "a wrong pattern is not told")
    page.run("clearFilter()")
    page.click("#control")
    stage.expect(page.run("messageList.items.length"), 10, "rows without control frames")
    page.click("[title='From the client']")
    stage.expect(page.run("messageList.items.every((row) => row.sender === 0)"), True, "rows of the client only")
    page.key("Escape")
    stage.expect(page.run("messageList.items.length"), 14, "rows after Esc")


def finds_neighbours(stage):
    """Esc clears the filter, and the message that was found stands among its neighbours; the line beside it moves."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    page.key("/")
    page.type("Carrot cake?")
    page.key("Enter")
    stage.expect(page.run("[messageList.items.length, state.row.number]"), [1, 8], "rows and the message")
    page.key("Escape")
    stage.expect(page.run("[messageList.items.length, state.row.number]"), [14, 8], "rows and the message after Esc")
    stage.expect(page.count("#messages [aria-selected=true]"), 1, "selected rows")
    before = page.run("byId('detail').clientWidth")
    x, y = page.run("(() => { const b = byId('splitter').getBoundingClientRect(); return [b.x + 3, b.y + 200]; })()")
    for kind, place in (("mousePressed", x), ("mouseMoved", x - 60), ("mouseMoved", x - 120), ("mouseReleased", x - 120)):
        page.call("Input.dispatchMouseEvent", type=kind, x=place, y=y, button="left", buttons=1, clickCount=1)
    page.settle()
    stage.check(abs(page.run("byId('detail').clientWidth") - before - 120) < 4, "the line does not follow the mouse")
    page.run("memory.set('split', '46')")
    page.key("Escape")
    stage.check(page.run("byId('splitter').hidden && byId('detail').hidden"), "Esc does not close the message")


def searches_all(stage):
    """What is looked for is found in all connections."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap"), stage.sample("node-ws-json.pcap")))
    stage.expect(page.text("#about h2"), "All connections", "what is shown first")
    stage.expect(page.count("#connections [role=option]"), 3, "connections and all of them")
    page.key("/")
    page.type("{\"")
    page.wait("messageList.items.length > 0 && messageList.items.length < report.rows.length")
    stage.expect(page.run("new Set(messageList.items.map((row) => row.connection.number)).size"), 2, "connections")
    found = page.run("messageList.items.length")
    page.run("selectConnection(report.connections.get(1))")
    page.settle()
    stage.check(0 < page.run("messageList.items.length") < found, "one connection has as many rows as all")
    page.run("[...document.querySelectorAll('#count button')].find((one) => one.innerText.includes('all connections')).click()")
    page.settle()
    stage.expect(page.run("messageList.items.length"), found, "rows of all connections again")
    page.run("document.querySelector('#find').focus()")
    page.type("8080/chat")
    stage.check(page.count("#connections [role=option]") >= 1, "no connection is found")
    page.click("#connections-0")
    stage.check(page.run("state.connection !== null"), "a click selects no connection")


def keys(stage):
    """The keyboard is enough."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    page.key("j")
    page.key("j")
    stage.expect(page.run("state.row.number"), 2, "the message after j j")
    page.key("k")
    stage.expect(page.run("state.row.number"), 1, "the message after k")
    page.key("End")
    stage.expect(page.run("state.row.kind"), "close", "the last row")
    page.key("Home")
    page.key("v")
    stage.expect(page.text("#detail [role=tab][aria-selected=true]"), "Text", "the next view")
    page.key("/")
    stage.expect(page.run("document.activeElement.id"), "filter", "the focus after /")
    page.type("cake")
    page.key("Enter")
    stage.expect(page.run("document.activeElement.id"), "messages", "the focus after Enter")
    page.key("ArrowDown")
    stage.check("cake" in page.run("decode(payloads.now(state.row))").lower(), "the arrows leave the filter")
    stage.expect(page.run("document.querySelector('#messages').getAttribute('aria-activedescendant')"),
                 page.run("document.querySelector('#messages [aria-selected=true]').id"), "the active row")
    page.key("2")
    stage.check(page.run("!document.querySelector('#panel-handshake').hidden"), "2 is not the handshake")
    page.key("1")
    page.key("?")
    stage.check(page.run("document.querySelector('#keys').open"), "there is no help")
    stage.shoot("help")
    page.key("Escape")
    page.settle()
    stage.check(not page.run("document.querySelector('#keys').open"), "Esc does not close the help")
    page.key("c")
    page.key("t")
    stage.expect(page.run("document.documentElement.dataset.theme"), "light", "the colours after t")
    page.run("memory.set('theme', 'system')")


def addresses(stage):
    """An address leads back to what was selected."""
    page = stage.page
    report = stage.report(stage.sample("browser-chat.pcap"), stage.sample("frame-faults.pcap"))
    page.open(report)
    page.run("selectConnection([...report.connections.values()].find((one) => one.messages.has(5) && one.diagnostics.length === 0))")
    page.run("selectRow(state.connection.messages.get(5))")
    address = page.run("location.hash")
    page.call("Page.navigate", url="about:blank")
    page.open(report, address)
    stage.expect(page.text("#detail h3").split(" of")[0], "Message 5", f"what {address} shows")
    for wrong in ("#c=99&m=1", "#c=x", "#%%%", "#c=1&m=1e9&tab=nothing", "#m=1", "#of=1&f=3", "#c=1&q=%00&re=1"):
        page.run(f"location.hash = {json.dumps(wrong)}")
        page.settle()
    page.run("location.hash = '#c=1&tab=diagnostics'")
    page.wait("!document.querySelector('#panel-diagnostics').hidden")
    return address


def timeline(stage):
    """The timeline zooms, moves, points and picks."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    place = page.run("(() => { const b = timeline.canvas.getBoundingClientRect(); return [b.x, b.y, b.width]; })()")
    at = page.run("xOf(state.connection.messages.get(4).time, timeline.canvas.clientWidth)")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] + at, y=place[1] + 20)
    page.settle()
    stage.check("It is, but it is late" in page.text("#tip"), page.text("#tip"))
    page.click_at(place[0] + at, place[1] + 20)
    stage.expect(page.run("state.row.number"), 4, "the message that was picked")
    before = page.run("timeline.to - timeline.from")
    page.call("Input.dispatchMouseEvent", type="mouseWheel", x=place[0] + at, y=place[1] + 20, deltaX=0, deltaY=-240)
    page.settle()
    stage.check(page.run("timeline.to - timeline.from") < before * 0.6, "the wheel does not zoom")
    stage.check(abs(page.run("xOf(state.row.time, timeline.canvas.clientWidth)") - at) < 2, "zooming moves the place")
    page.key("0")
    stage.check(abs(page.run("timeline.to - timeline.from") - before) < 1, "0 does not show all")
    ink = page.run("timeline.canvas.getContext('2d').getImageData(0, 0, timeline.canvas.width, timeline.canvas.height)"
                   ".data.filter((value, i) => i % 4 === 3 && value > 0).length")
    stage.check(ink > 1000, "nothing is painted")


def handshake(stage):
    """The handshake is there, header by header, and what was agreed on."""
    page = stage.page
    page.open(stage.report(stage.sample("subprotocol-graphql.pcap")), "#c=1&tab=handshake")
    text = page.text("#panel-handshake")
    for part in ("graphql-transport-ws", "Sec-WebSocket-Key", "Accept fits key\nyes", "HTTP/1.1 101"):
        stage.check(part in text, f"{part!r} is missing in {text}")
    stage.shoot("handshake")
    page.open(stage.report(stage.sample("refused-403.pcap")))
    stage.check("refused the upgrade: 403" in page.text("#about"), page.text("#about"))
    stage.check("the server refused" in page.text("#nothing"), page.text("#nothing"))
    stage.shoot("refused")
    page.open(stage.report(stage.sample("joined-midway.pcap")))
    stage.shoot("midstream")
