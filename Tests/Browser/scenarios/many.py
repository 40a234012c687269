"""Reports that are large."""

import json
import random
import time

from harness.captures import Capture, frame


def quotes(stage, messages):
    """A capture of so many messages, in both directions, twenty a segment, with pings between."""
    dice = random.Random(7)
    capture = Capture()
    one = capture.connection().handshake(b"/quotes?room=1")
    for start in range(0, messages, 20):
        is_client = dice.random() < 0.2
        one.send(is_client, b"".join(
            frame(is_client, 1, json.dumps({
                "id": number, "type": dice.choice(["quote", "trade", "book"]), "symbol": dice.choice(["ABC", "XYZ", "QRS"]),
                "price": round(dice.random() * 100, 2), "note": "x" * dice.randrange(60)}).encode())
            for number in range(start, min(start + 20, messages))))
        capture.microseconds += int(abs(dice.gauss(0, 1)) * 20_000 * (1 + (start // 20_000) % 3))
        if start % 2000 == 0:
            one.frame(False, 9, b"still there?")
            one.frame(True, 10, b"still there?")
    one.close()
    return capture.write(stage.folder / "quotes.pcap")


def hundred_thousand(stage):
    """100,000 messages load, scroll and are searched without a hitch; what is beyond is told."""
    page = stage.page
    report = stage.report(quotes(stage, 100_500))
    start = time.monotonic()
    page.open(report)
    loading = time.monotonic() - start
    stage.expect(page.run("report.messages"), 100_000, "messages")
    stage.check("Left out: 500 messages" in page.text("#notes"), page.text("#notes"))
    stage.check(page.count("#messages [role=row]") < 80, "rows that are not in sight exist")
    page.run("payloads.loadAll()")
    longest = page.run("""(async () => {
      const list = document.querySelector("#messages"), times = [];
      for (let i = 1; i <= 60; i++) {
        const start = performance.now();
        list.scrollTop = list.scrollHeight * i / 60;
        messageList.show();
        list.getBoundingClientRect();
        times.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
      }
      return times.sort((a, b) => a - b)[57];
    })()""")
    search = page.run("""(async () => {
      const start = performance.now();
      filter.text = "\\"id\\": 77777,";
      marks = pattern();
      let found = null;
      await runFilter(allRows(), (rows, part) => { if (part === 1) found = rows; });
      return [performance.now() - start, found.length];
    })()""")
    stage.expect(search[1], 1, "rows with the id")
    page.run("clearFilter()")
    page.key("End")
    stage.check(page.run("state.row === report.rows.at(-1)"), "End is not the last row")
    page.run("selectRow(report.rows[50000])")
    page.settle()
    stage.shoot("hundred-thousand")
    page.run("gc?.()")
    memory = page.run("performance.memory.usedJSHeapSize") / 1e6
    return (f"{report.stat().st_size / 1e6:.1f} MB, there after {loading:.1f} s, a screen of rows in {longest:.0f} ms, "
            f"all searched in {search[0] / 1000:.1f} s, {memory:.0f} MB of heap")


def many_connections(stage):
    """5,000 connections are listed, and found."""
    capture = Capture()
    for number in range(5000):
        one = capture.connection().handshake(b"/room/%d" % number)
        one.text(True, f"hello from {number}")
        one.close(1000 if number % 7 else 1011)
    page = stage.page
    page.open(stage.report(capture.write(stage.folder / "rooms.pcap")))
    stage.expect(page.run("report.connections.size"), 5000, "connections")
    stage.check(page.count("#connections [role=option]") < 60, "connections that are not in sight exist")
    page.key("f")
    page.type("room/4321")
    page.wait("connectionList.items.length === 1")
    page.click("#connections-0")
    stage.expect(page.text("#about h2"), "#4322 ws://example.org/room/4321", "the connection that was found")
    page.run("document.querySelector('#find').value = ''; document.querySelector('#order').value = '2'")
    page.run("document.querySelector('#order').dispatchEvent(new Event('change'))")
    page.settle()
    stage.check(page.run("connectionList.items[1].bytes >= connectionList.items[2].bytes"), "the order is not by bytes")
