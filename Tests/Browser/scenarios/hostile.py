"""Captures that attack whoever looks at them."""

import json
import struct

from harness.captures import Capture

ATTACKS = [
    "<script>window.pwned = 1</script>", "</script><script>window.pwned = 2</script>", "<img src=x onerror='window.pwned = 3'>",
    "<svg onload=window.pwned=4>", "javascript:window.pwned=5", "\"><iframe srcdoc='<script>parent.pwned=6</script>'></iframe>",
    "'-window.pwned=7-'", "{{constructor.constructor('window.pwned=8')()}}", "<!--<script>", "]]><!-->", "</style><style>*{display:none}</style>",
    "<a href=javascript:window.pwned=9>click</a>", "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "${window.pwned=10}", "<form action=//evil.example><input autofocus onfocus=window.pwned=11>", "\u2028window.pwned=12\u2029",
    "__proto__", "constructor", "toString", "data:text/html,<script>window.pwned=13</script>", "&lt;script&gt;", "\\u003cscript\\u003e",
]

# Everything that can be opened is opened, of every connection and row.
VISIT = """(async () => {
  for (const one of [null, ...report.connections.values()]) {
    selectConnection(one);
    for (const [tab] of tabsOf()) {
      selectTab(tab);
      await pause();
      if (tab !== "messages") continue;
      for (const row of allRows()) {
        selectRow(row);
        await payloads.of(row);
        await pause();
        for (const view of document.querySelectorAll("#detail [role=tab]")) view.click();
        for (const folder of document.querySelectorAll("#detail details")) folder.open = true;
      }
    }
  }
  dispatchEvent(new Event("beforeprint"));
  await new Promise((go) => setTimeout(go, 300));
  const wrong = document.querySelectorAll("img, iframe, svg, form, base, object, embed, a[href], meta[http-equiv=refresh], script:not([data-block])");
  const found = [...wrong].map((element) => element.outerHTML.slice(0, 80));
  const handlers = [...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith("on") || name === "style" && !element.style));
  dispatchEvent(new Event("afterprint"));
  return { pwned: window.pwned ?? null, found, handlers, polluted: ({}).pwned ?? null };
})()"""


def visit(stage, report):
    stage.page.open(report)
    result = stage.page.run(VISIT)
    stage.expect(result["pwned"], None, "a script of the capture ran")
    stage.expect(len(result["found"]), 1, f"elements that only the page's script may be: {result['found']}")
    stage.expect(result["handlers"], [], "handlers in attributes")


def payloads(stage):
    """Payloads never run, nor become elements."""
    capture = Capture()
    one = capture.connection().handshake()
    for attack in ATTACKS:
        one.text(True, attack)
        one.text(False, '{"%s": ["%s", {"html": "%s"}]}' % ((attack.replace("\\", "\\\\").replace('"', '\\"'),) * 3))
        one.frame(False, 2, attack.encode())
        one.frame(False, 9, attack.encode())
    one.text(False, '{"__proto__": {"pwned": 1}, "constructor": {"prototype": {"pwned": 2}}}')
    one.text(False, "[" * 100_000)
    one.close(1000, b"</script><script>window.pwned=20</script>")
    visit(stage, stage.report(capture.write(stage.folder / "payloads.pcap")))
    page = stage.page
    page.run("selectConnection(report.connections.get(1)); selectTab('messages'); selectRow(report.rows[0])")
    page.settle()
    stage.check("<script>window.pwned = 1</script>" in page.text("#messages-1"), "the payload is not shown as it is")
    page.click("[data-view=Text]")
    stage.expect(page.text("#detail pre.text"), "<script>window.pwned = 1</script>", "the text")
    stage.shoot("hostile")
    for attack in ATTACKS[:6]:
        page.run(f"setFilterText({attack!r}, false)")
        page.settle()
        page.run("refilter()")
    page.run("location.hash = '#c=1&q=<img src=x onerror=window.pwned=30>'")
    page.settle()
    stage.expect(page.run("window.pwned ?? null"), None, "a script of the address ran")


def mqtt(kind, *fields, rest=b""):
    """An MQTT packet of strings with their lengths, and of what follows them."""
    body = b"".join(struct.pack("!H", len(field)) + field for field in fields) + rest
    return bytes([kind]) + bytes([len(body) % 128 | (0x80 if len(body) > 127 else 0)]) + (bytes([len(body) // 128]) if len(body) > 127 else b"") + body


def views(stage):
    """What messages mean never runs, nor becomes elements: lines, trees, labels of requests, links."""
    capture = Capture()
    agree = lambda name: {"request": b"Sec-WebSocket-Protocol: " + name + b"\r\n", "response": b"Sec-WebSocket-Protocol: " + name + b"\r\n"}
    stomp, calls, topics, wamp = (capture.connection().handshake(**agree(name)) for name in (b"v12.stomp", b"jsonrpc", b"mqtt", b"wamp.2.json"))
    soap, io = capture.connection().handshake(**agree(b"soap")), capture.connection().handshake(b"/socket.io/?EIO=4&transport=websocket")
    for number, attack in enumerate(ATTACKS, 1):
        quoted = json.dumps(attack)
        header = attack.replace(":", "\\c")
        stomp.text(True, f"SEND\ndestination:{header}\nreceipt:{header}\n{header}:{header}\n\n{attack}\0")
        stomp.text(False, f"RECEIPT\nreceipt-id:{header}\n\n\0")
        calls.text(True, f'{{"jsonrpc":"2.0","id":{quoted},"method":{quoted},"params":{{{quoted}:{quoted},"reply_to":{quoted},"__proto__":{{"pwned":1}}}}}}')
        calls.text(False, f'{{"jsonrpc":"2.0","id":{quoted},"error":{{"code":1,"message":{quoted},"data":{{{quoted}:[{quoted}]}}}}}}')
        topics.frame(True, 2, mqtt(0x30, attack.encode(), rest=attack.encode()))
        wamp.text(True, f'[48,{number},{{{quoted}:1}},{quoted},[{quoted}],{{{quoted}:{quoted}}}]')
        wamp.text(False, f'[8,48,{number},{{}},{quoted},[{quoted}]]')
        io.text(True, f'42/{attack.replace(",", "")},{number}[{quoted},{quoted}]')
        soap.text(True, f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><x>{attack}</x><![CDATA[{attack}]]></e:Body></e:Envelope>')
    calls.text(True, '{"jsonrpc":"2.0","id":1e999,"method":"constructor"}')
    calls.text(False, '{"jsonrpc":"2.0","id":1e999,"result":null,"reply_to":99,"first_message":1}')
    report = stage.report(capture.write(stage.folder / "views.pcap"))
    visit(stage, report)
    page = stage.page
    page.open(report, "#c=2&m=2")
    stage.check(page.run("report.rows.filter((row) => row.view?.line > 0).length") > 5 * len(ATTACKS), "there are few views")
    stage.check(page.run("report.rows.some((row) => row.view?.replies.length > 0)"), "nothing is linked")
    stage.check("<script>window.pwned = 1</script>" in page.text("#messages-0"), "the line is not shown as it is")
    stage.check("<script>window.pwned = 1</script>" in page.text("#detail .facts"), page.text("#detail .facts"))
    stage.expect(page.run("({}).pwned ?? Object.keys(Object.prototype).length"), 0, "keys of the prototype")
    for attack in ATTACKS:
        page.run(f"setFilterText({json.dumps(attack)}, false)")
        page.settle()
    stage.expect(page.run("window.pwned ?? null"), None, "a script of the filter ran")
    stage.shoot("hostile-views")


def huge(stage):
    """A message of 20 MB, and a million of whatever costs the page most, are shown in part, and at once."""
    capture = Capture()
    one = capture.connection().handshake()
    messages = [
        b"x" * 20_000_000, "⛴".encode() * 400_000, "\u2028".encode() * 400_000, b"a\xff" * 400_000,
        b'{"' + b"k" * 2_000_000 + b'": ' + b"9" * 2_000_000 + b"}", b"[" + b"1," * 1_100_000 + b"1]",
        b"[" + b",".join(b'{"__proto__": [%d, "\\ud800"]}' % number for number in range(100_000)) + b"]",
    ]
    for message in messages:
        one.frame(False, 1, message)
    one.close()
    page = stage.page
    page.open(stage.report(capture.write(stage.folder / "huge.pcap"), options=["--max-payload", "none"]))
    stage.expect(page.text("#notes"), "", "what was left out")
    tops = []
    for number, message in enumerate(messages):
        page.run(f"selectRow(report.rows[{number}])")
        page.wait(f"state.row === report.rows[{number}] && document.querySelectorAll('#detail [role=tab]').length >= 3")
        tops.append(page.text("#detail [role=tab]"))
        for view in page.run("[...document.querySelectorAll('#detail [role=tab]')].map((one) => one.dataset.view)"):
            page.click(f"[data-view={view}]")
            stage.check(page.count("#detail *") < 8000, f"{page.count('#detail *')} elements for {view} of message {number}")
            shown = len(page.text("#detail"))
            stage.check(shown < 700_000, f"{shown} characters for {view} of message {number}")
            if view == "Text":
                stage.check("Show all" in page.text("#detail"), f"message {number} does not say that there is more")
    stage.expect(tops, ["Text"] * 4 + ["JSON", "Text", "JSON"], "the first views")
    page.run("selectRow(report.rows[1])")
    page.click("[data-view=Text]")
    stage.check(set(page.text("#detail pre.text")) == {"⛴"}, "a character was cut in two")
    stage.expect(page.run("({}).pwned ?? Object.keys(Object.prototype).length"), 0, "keys of the prototype")


def heads(stage):
    """Addresses, headers, subprotocols and file names never run, nor become elements."""
    capture = Capture()
    for attack in ATTACKS:
        bare = attack.replace("\u2028", "").replace("\u2029", "").encode()
        line = bare.replace(b" ", b"%20")
        one = capture.connection().handshake(
            b"/" + line, request=b"Sec-WebSocket-Protocol: " + line + b"\r\nX-" + b"Attack: " + bare + b"\r\nCookie: " + bare + b"\r\n",
            response=b"Sec-WebSocket-Protocol: " + line + b"\r\nServer: " + bare + b"\r\nSec-WebSocket-Extensions: " + line + b"\r\n")
        one.text(True, "hello")
        one.close(3000, bare[:100])
        capture.connection().handshake(b"/" + line, status=b"403 " + bare)
    name = "<img src=x onerror=window.pwned=40> ‮cap.html"
    visit(stage, stage.report(capture.write(stage.folder / f"{name}.pcap")))
    stage.check("‮" not in stage.page.run("document.title"), "the title holds a control")


def hidden_characters(stage):
    """What hides or reorders text is spelled out."""
    capture = Capture()
    one = capture.connection().handshake(b"/\xe2\x80\xaefdp.exe")
    one.text(True, "invoice\u202efdp.exe \x1b[2J\x00\u200b\u2066\ufeff")
    one.frame(True, 1, b"caf\xe9\xff\xed\xa0\x80")
    one.close(1000, "\u202eolleh".encode())
    page = stage.page
    page.open(stage.report(capture.write(stage.folder / "hidden.pcap")), "#c=1&m=1")
    stage.check("invoice\\u{202e}fdp.exe \\x1b[2J\\0\\u{200b}\\u{2066}\\u{feff}" in page.text("#messages-0"), page.text("#messages-0"))
    stage.check("caf\\xe9\\xff\\xed\\xa0\\x80" in page.text("#messages-1"), page.text("#messages-1"))
    everything = page.run("document.body.innerText + [...document.querySelectorAll('[title]')].map((e) => e.title).join('') + document.title")
    for character in "\u202e\u2066\x1b\x00\u200b\ufeff":
        stage.check(character not in everything, f"U+{ord(character):04X} is in the page")


def policy(stage):
    """The policy forbids what the page does not do: scripts, styles and requests that are added."""
    page = stage.page
    page.open(stage.report(stage.sample("browser-chat.pcap")))
    page.run("""(() => {
      const script = document.createElement("script");
      try { script.textContent = "window.pwned = 1"; } catch {}
      document.body.append(script);
      try { document.body.innerHTML = "<b>"; window.pwned = 2; } catch {}
      try { eval("window.pwned = 3"); } catch {}
      fetch("https://evil.example/").then(() => { window.pwned = 4; }, () => {});
    })()""", allowUnsafeEvalBlockedByCSP=False)
    page.settle()
    stage.expect(page.run("window.pwned ?? null"), None, "what the policy forbids happened")
    page.events.clear()
