#!/usr/bin/env python3
"""Records cdp.pcap: a small client drives headless Chromium over the DevTools protocol: the browser's and a page's connection.

Needs tcpdump, root, chromium, and from PyPI: websockets. Use: cdp_peers.py FILE
"""

import asyncio
import itertools
import json
import sys
import tempfile
import urllib.request

import websockets

from loopback import Recording, free_port, listening

PAGE = "data:text/html,<title>pier</title><script>console.log('hello')</script>"


class Client:
    """Sends commands, and prints all that is said."""

    def __init__(self, connection):
        self.connection = connection
        self.ids = itertools.count(1)

    async def command(self, method, session=None, **params):
        number = next(self.ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        print(">", json.dumps(message))
        await self.connection.send(json.dumps(message))
        while True:
            text = await self.connection.recv()
            print("<", text)
            reply = json.loads(text)
            if reply.get("id") == number:
                return reply

    async def events(self, seconds):
        try:
            async with asyncio.timeout(seconds):
                while True:
                    print("<", await self.connection.recv())
        except TimeoutError:
            pass


async def drive_page(port):
    targets = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list"))
    url = next(target for target in targets if target["type"] == "page")["webSocketDebuggerUrl"]
    async with websockets.connect(url, compression=None, max_size=None) as connection:
        client = Client(connection)
        await client.command("Runtime.enable")
        await client.command("Page.navigate", url=PAGE)
        await client.events(1)
        await client.command("Runtime.evaluate", expression="document.title")
        await client.command("Runtime.evaluate", expression="nothing()")
        await client.command("Page.nothing")


async def drive_browser(port):
    version = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/version"))
    async with websockets.connect(version["webSocketDebuggerUrl"], compression=None, max_size=None) as connection:
        client = Client(connection)
        target = (await client.command("Target.createTarget", url="about:blank"))["result"]["targetId"]
        attached = await client.command("Target.attachToTarget", targetId=target, flatten=True)
        session = attached["result"]["sessionId"]
        await client.command("Runtime.evaluate", session, expression="6 * 7")
        await client.command("Runtime.evaluate", "no such session", expression="1")
        await client.command("Target.closeTarget", targetId=target)


async def main(path):
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chromium = await asyncio.create_subprocess_exec(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}",
            f"--user-data-dir={folder}", "about:blank", stderr=asyncio.subprocess.DEVNULL)
        try:
            await listening(port)
            async with Recording(path, port):
                await drive_page(port)
                await drive_browser(port)
        finally:
            chromium.terminate()
            await chromium.wait()


asyncio.run(main(sys.argv[1]))
