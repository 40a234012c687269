"""The developer tools of Chromium, into which an HTTP archive is dropped as a person would drop it."""

import json
import time

from harness.browser import Failed, Skipped

PAGE = "devtools://devtools/bundled/devtools_app.html"

# What the developer tools know of the requests that they have imported.
REQUESTS = """(() => {
  const seen = (pair) => [pair.name, pair.value];
  return network.requests().map((one) => ({
    id: one.connectionId, url: one.url(), type: one.resourceType().name(), method: one.requestMethod, status: one.statusCode, reason: one.statusText,
    start: one.startTime, duration: one.duration, address: one.remoteAddress(), sent: one.transferSize, size: one.resourceSize,
    request: one.requestHeaders().map(seen), response: one.responseHeaders.map(seen),
    frames: one.frames().map((frame) => [frame.type, frame.time, frame.opCode, frame.text]),
  }));
})()"""

# Elements that fit, in shadow trees as well.
DEEP = """window.deep = (selector, root = document) => [
  ...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].filter((one) => one.shadowRoot).flatMap((one) => deep(selector, one.shadowRoot)),
]"""


class DevTools:
    """The developer tools in a page of their own, with the Network panel in sight."""

    def __init__(self, page):
        self.page = page
        page.size(1440, 900)
        page.call("Page.navigate", url=PAGE + "?panel=network")
        try:
            page.wait("document.title === 'DevTools' && document.readyState === 'complete'", 30)
            page.run(DEEP)
            self.click("[role=tab]", "Network")
            page.wait("deep('.network-log-grid').length > 0", 20)
            page.run("""(async () => {
              const [logs, har] = await Promise.all([import("./models/logs/logs.js"), import("./models/har/har.js")]);
              window.network = logs.NetworkLog.NetworkLog.instance();
              window.archive = (requests) => har.Log.Log.build(requests, { sanitize: false });
            })()""")
        except Failed as reason:
            raise Skipped(f"the developer tools of this browser cannot be driven: {reason}") from reason

    def load(self, file, entries, describes=True):
        """Drops an archive on the Network panel, waits until it has so many entries, and gives what is known of them."""
        self.page.run("network.reset(true)")
        self.page.settle()
        grid = self.page.run("(({ x, y, width, height }) => [x + width / 2, y + height / 2])(deep('.network-log-grid')[0].getBoundingClientRect())")
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.page.call("Input.dispatchDragEvent", type=kind, x=grid[0], y=grid[1], data=data)
        end = time.monotonic() + 60
        while self.page.run("network.requests().length") < entries:
            if time.monotonic() > end:
                raise Failed(f"the developer tools show {self.page.run('network.requests().length')} of {entries} entries of {file.name}")
            time.sleep(0.03)
        return self.page.run(REQUESTS) if describes else None

    def exported(self):
        """The archive that the developer tools make of what they have imported."""
        return self.page.run("archive(network.requests())")

    def click(self, selector, text):
        """Clicks on the first element with this text."""
        find = f"deep({json.dumps(selector)}).find((one) => one.innerText?.trim() === {json.dumps(text)})"
        self.page.wait(f"Boolean({find})", 20)
        self.page.click_at(*self.page.run(
            f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])({find}.getBoundingClientRect())"))

    def rows(self):
        """What the tab of messages shows: data, length and time of each row."""
        return self.page.run("""deep("table.data")
            .filter((table) => table.closest(".striped-data-grid"))
            .flatMap((table) => [...table.rows])
            .map((row) => [...row.querySelectorAll("td")].map((cell) => cell.innerText.trim().replace("\u00a0", " ")))
            .filter((cells) => cells.some((text) => text !== "")).map((cells) => cells.slice(0, 3))""")
