"""A headless Chromium, spoken to over the DevTools protocol."""

import asyncio
import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

import websockets

NAMES = ("chromium", "chromium-browser", "google-chrome")


class Failed(Exception):
    """Something is not as it should be."""


class Skipped(Exception):
    """What is needed is not there."""


def program():
    """The path of a Chromium; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A browser with a profile of its own, which goes when it ends."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="wstap-browser-")
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={self.profile.name}", "--window-size=1440,900",
            "--disable-background-networking", "--disable-component-update", "--js-flags=--expose-gc", "about:blank",
        ]
        self.process = subprocess.Popen(
            [program(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.loop = asyncio.new_event_loop()
        self.port = self.wait_for_port()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.loop.close()
        shutil.rmtree(self.profile.name, ignore_errors=True)
        self.profile._finalizer.detach()

    def wait_for_port(self):
        file = pathlib.Path(self.profile.name, "DevToolsActivePort")
        for _ in range(600):
            if file.exists() and len(file.read_text().split()) == 2:
                return file.read_text().split()
            if self.process.poll() is not None:
                raise Failed(f"the browser ended with {self.process.returncode}")
            time.sleep(0.1)
        raise Failed("the browser does not start")

    def page(self):
        """A new page."""
        return Page(self)


class Page:
    """A page, and all that was said of it."""

    def __init__(self, browser):
        self.loop = browser.loop
        port, path = browser.port
        self.events = []
        self.number = 0
        self.session = None
        self.socket = self.loop.run_until_complete(self.connect(f"ws://127.0.0.1:{port}{path}"))
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits", "Performance"):
            self.call(f"{domain}.enable")

    async def connect(self, address):
        return await websockets.connect(address, max_size=1 << 28)

    def call(self, method, **parameters):
        """Calls a method of the protocol, and gives what it returns."""
        return self.loop.run_until_complete(self.talk(method, parameters))

    async def talk(self, method, parameters):
        self.number += 1
        number = self.number
        request = {"id": number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        await self.socket.send(json.dumps(request))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 120))
            if message.get("id") == number:
                if "error" in message:
                    raise Failed(f"{method}: {message['error']['message']}")
                return message["result"]
            await self.note(message)

    async def note(self, message):
        self.events.append(message)
        if message.get("method") == "Page.javascriptDialogOpening":
            self.number += 1
            await self.socket.send(json.dumps(
                {"id": self.number, "method": "Page.handleJavaScriptDialog", "params": {"accept": True},
                 "sessionId": self.session}))

    def run(self, script, **options):
        """What an expression of the page comes to; promises are waited for."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True, **options)
        if "exceptionDetails" in result:
            raise Failed(f"{script}: {result['exceptionDetails'].get('exception', {}).get('description')}")
        return result["result"].get("value")

    def wait(self, script, seconds=60):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > end:
                raise Failed(f"never came true: {script}")
            time.sleep(0.03)

    def open(self, file, fragment="", width=1440, height=900, dark=False):
        """Opens a report, and waits until it is there."""
        self.size(width, height)
        self.dark(dark)
        self.call("Page.navigate", url=pathlib.Path(file).resolve().as_uri() + fragment)
        self.wait("document.body?.classList.contains('ready') ?? false")
        self.settle()

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def dark(self, is_dark):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def settle(self):
        """Waits until what was begun is drawn."""
        self.run("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go, 30))))")

    def key(self, key, modifiers=0):
        """Presses a key."""
        text = key if len(key) == 1 else None
        parameters = {"key": key, "modifiers": modifiers, **({"text": text} if text else {})}
        codes = {"ArrowDown": 40, "ArrowUp": 38, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "Tab": 9}
        if key in codes:
            parameters["windowsVirtualKeyCode"] = codes[key]
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=modifiers)
        self.settle()

    def type(self, text):
        """Types into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def click(self, selector):
        """Clicks in the middle of the first element that fits."""
        box = self.run(f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                       " return [b.x + b.width / 2, b.y + b.height / 2]; })()")
        self.click_at(*box)

    def click_at(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left" if kind != "mouseMoved" else "none",
                      clickCount=1)
        self.settle()

    def text(self, selector):
        """The text of the first element that fits."""
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def count(self, selector):
        return self.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def shoot(self, file):
        """Takes a picture."""
        self.settle()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """What the browser found wrong: exceptions, errors, violations of the policy, dialogues, requests to the network."""
        self.run("0")
        found = []
        for event in self.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                found.append("exception: " + details.get("exception", {}).get("description", details["text"]))
            elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                found.append("error: " + parameters["entry"]["text"])
            elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
                found.append(f"console: {parameters['args']}")
            elif method == "Page.javascriptDialogOpening":
                found.append("dialogue: " + parameters["message"])
            elif method == "Audits.issueAdded" and "contentSecurityPolicyIssueDetails" in parameters["issue"]["details"]:
                found.append(f"policy: {parameters['issue']['details']['contentSecurityPolicyIssueDetails']}")
            elif method == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(("file:", "data:", "about:", "blob:", "devtools:")):
                    found.append("request: " + url)
        return found

    def leave(self):
        """Closes the page."""
        try:
            self.call("Page.close")
        except (Failed, websockets.WebSocketException, OSError):
            pass
        self.loop.run_until_complete(self.socket.close())
