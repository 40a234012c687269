"""How it looks: colours, widths, paper."""

import base64

from harness.captures import Capture

# The least contrast of texts with what is behind them (WCAG 2.2, 1.4.3), and the text that has it.
CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;
  const paint = (color, under) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const one of [under, color]) if (one) { canvas.fillStyle = one; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(getComputedStyle(one).backgroundColor);
    canvas.clearRect(0, 0, 1, 1);
    for (const color of layers.reverse()) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let least = [99, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (text === "" || !element.checkVisibility() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const back = behind(element), ink = paint(getComputedStyle(element).color, `rgb(${back.slice(0, 3)})`);
    const [a, b] = [light(back), light(ink)].sort((x, y) => y - x), contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least[0]) least = [contrast, `${text.slice(0, 30)} (${element.className || element.tagName}): ${ink} on ${back}`];
  }
  return least;
})()"""


def colours(stage):
    """Dark where the system is dark; the switch overrides."""
    page = stage.page
    report = stage.report(stage.sample("frame-faults.pcap"))
    back = "getComputedStyle(document.body).backgroundColor"
    page.open(report, "#c=1&m=2", dark=True)
    stage.expect(page.run(back), "rgb(20, 23, 28)", "the background in the dark")
    stage.shoot("dark")
    page.click("#theme")
    stage.expect(page.run(back), "rgb(255, 255, 255)", "the background after the switch")
    page.click("#theme")
    page.dark(False)
    stage.expect(page.run(back), "rgb(20, 23, 28)", "the background after the next switch")
    page.open(report)
    stage.expect(page.run(back), "rgb(20, 23, 28)", "the background that is remembered")
    page.click("#theme")
    stage.expect(page.run(back), "rgb(255, 255, 255)", "the background as the system has it")


def contrast(stage):
    """Every text has a contrast of 4.5 to 1 at least, in light and dark."""
    page, least = stage.page, 99
    report = stage.report(stage.sample("frame-faults.pcap"), stage.sample("handshake-faults.pcap"), stage.sample("capture-drops.pcapng"),
                          stage.sample("subprotocols/ocpp.pcap"))
    for dark in (False, True):
        page.open(report, dark=dark)
        for step in ("selectRow(report.rows[0])", "selectRow(report.rows.find((row) => row.kind === 'text'))", "nextView()", "nextView()",
                     "selectRow(report.rows.find((row) => row.answers)); nextView()", "goToPartner()",
                     "selectTab('diagnostics')", "selectTab('facts')", "selectConnection(report.connections.get(1)); selectTab('handshake')",
                     "selectTab('messages'); setFilterText('o', false)", "showHelp()"):
            page.run(step)
            page.settle()
            found, text = page.run(CONTRAST)
            stage.check(found >= 4.5, f"{'dark' if dark else 'light'}: {found:.2f} after {step}: {text}")
            least = min(least, found)
    return f"{least:.2f} to 1"


def small(stage):
    """400 pixels are enough."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap"), stage.sample("frame-faults.pcap")), width=400, height=800)
    wide = "document.documentElement.scrollWidth"
    stage.check(page.run(wide) <= 400, "the page is wider than the screen")
    stage.shoot("small")
    page.click(".only-small")
    stage.check(page.run("document.querySelector('.sidebar').checkVisibility()"), "the connections do not come")
    stage.shoot("small-connections")
    page.click("#connections-1")
    stage.check(not page.run("document.querySelector('.sidebar').checkVisibility()"), "the connections do not go")
    page.click("#messages-1")
    page.click("[data-view=Frames]")
    stage.check(page.run(wide) <= 400, "the page is wider than the screen with a message")
    stage.shoot("small-message")
    page.click("[aria-label=Close]")
    for tab in ("handshake", "diagnostics", "facts"):
        page.run(f"selectTab('{tab}')")
        page.settle()
        stage.check(page.run(wide) <= 400, f"the page is wider than the screen: {tab}")


def print_style(stage):
    """Paper has the connection and its messages, whatever is in sight."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")), dark=True)
    file = stage.root / ".build/screenshots/print.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(page.call("Page.printToPDF", printBackground=False)["data"]))
    stage.check(file.stat().st_size > 10_000, "there is nothing on paper")
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.call("Emulation.setEmulatedMedia", media="print")
    stage.expect(page.count(".print-rows tbody tr"), 14, "rows on paper")
    stage.check(not page.run("document.querySelector('.work').checkVisibility()"), "the screen is on paper")
    page.size(794, 1123)
    stage.shoot("print")
    page.call("Emulation.setEmulatedMedia", media="")
    page.run("dispatchEvent(new Event('afterprint'))")
    stage.check(page.run("document.querySelector('.work').checkVisibility()"), "the screen does not come back")


def odd(stage):
    """Long addresses, right-to-left text, emoji, fragments, connections without messages."""
    capture = Capture()
    one = capture.connection().handshake(("/" + "very-long-path/" * 40 + "?token=" + "a" * 300).encode())
    one.text(True, "مرحبا بالعالم — שלום עולם 👩‍👧 🇨🇭 ❤️")
    one.text(False, '{"number": 12345678901234567890123, "twice": 1, "twice": 2, "list": [' + ", ".join(map(str, range(500))) + '], "long": "' + "y" * 5000 + '"}')
    for part in range(30):
        one.frame(True, 0 if part else 1, b"part %d " % part, first=(0x80 if part == 29 else 0) | (0 if part else 1))
    one.frame(True, 2, bytes(range(256)) * 250)
    one.text(True, "")
    one.close(4001, "auf Wiedersehen 👋".encode())
    capture.connection().handshake(b"/empty").close()
    page = stage.page
    page.open(stage.report(capture.write(stage.folder / "odd.pcap")), "#c=1&m=2")
    tree = page.text(".json")
    stage.check("number: 12345678901234567890123" in tree and tree.count("twice:") == 2, tree[:200])
    stage.shoot("odd")
    page.click("#messages-2")
    page.click("[data-view=Frames]")
    stage.expect(page.count(".chips button"), 30, "frames")
    page.click("#messages-3")
    page.click("[data-view=Hex]")
    stage.check("Show more" in page.text("#detail"), "a long dump is not cut")
    page.run("selectConnection(report.connections.get(2))")
    page.settle()
    stage.check(page.run("messageList.items.length") == 2, "the Close frames of a connection without messages")


def names(stage):
    """What can be used has a name, for those who do not see it."""
    page = stage.page
    page.open(stage.report(stage.sample("frame-faults.pcap"), stage.sample("browser-chat.pcap")), "#c=1&m=2")
    used = {"button", "textbox", "searchbox", "tab", "combobox", "grid", "listbox", "option", "dialog", "tabpanel", "navigation"}
    for step in ("0", "nextView(); nextView()", "selectTab('diagnostics')", "selectTab('handshake')", "showHelp()"):
        page.run(step)
        page.settle()
        found = 0
        for node in page.call("Accessibility.getFullAXTree")["nodes"]:
            role = node.get("role", {}).get("value")
            if node.get("ignored") or role not in used:
                continue
            found += 1
            stage.check(node.get("name", {}).get("value", "").strip(), f"a {role} has no name after {step}: {node.get('properties')}")
        stage.check(found >= 2, f"{found} that can be used after {step}")
