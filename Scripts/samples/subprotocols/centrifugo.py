"""Records Centrifugo's client protocol in JSON: the client centrifuge-python against the small server below.

    python3 -m venv V && V/bin/pip install centrifuge-python aiohttp
    V/bin/python centrifugo.py centrifugo.pcap

Needs tcpdump and the right to capture on the loopback interface. What the peers see is printed. A server of Centrifugo was not to be had:
its messages follow https://centrifugal.dev/docs/transports/client_protocol.
"""

import asyncio
import json
import subprocess
import sys
import time

from aiohttp import web
from centrifuge import CentrifugeError, Client, ClientEventHandler, SubscriptionEventHandler

PORT = 18767


def log(who, *what):
    print(f"{time.time():.4f} {who}", *what, flush=True)


def answer(command):
    number = command.get("id")
    if "connect" in command:
        return [{"id": number, "connect": {"client": "42717cc7", "version": "5.4.9", "ping": 1, "pong": True}}]
    if "subscribe" in command:
        channel = command["subscribe"]["channel"]
        if channel == "closed":
            return [{"id": number, "error": {"code": 103, "message": "permission denied"}}]
        info = {"user": "7", "client": "42717cc7"}
        return [
            {"id": number, "subscribe": {"recoverable": True, "epoch": "xyz", "offset": 3}},
            {"push": {"channel": channel, "join": {"info": info}}},
            {"push": {"channel": channel, "pub": {"data": {"text": "ünï"}, "offset": 4, "info": info}}},
        ]
    if "publish" in command:
        channel, data = command["publish"]["channel"], command["publish"]["data"]
        return [{"push": {"channel": channel, "pub": {"data": data, "offset": 5}}}, {"id": number, "publish": {}}]
    if "presence" in command:
        return [{"id": number, "presence": {"presence": {"42717cc7": {"user": "7", "client": "42717cc7"}}}}]
    if "rpc" in command:
        return [{"id": number, "rpc": {"data": {"sum": 3}}}]
    if "unsubscribe" in command:
        return [{"id": number, "unsubscribe": {}}]
    return []


async def connection(request):
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)

    async def ping():
        while not socket.closed:
            await asyncio.sleep(1)
            log("server sends", "{}")
            await socket.send_str("{}")

    task = asyncio.create_task(ping())
    async for data in socket:
        log("server got", repr(data.data))
        replies = [reply for line in data.data.split("\n") for reply in answer(json.loads(line))]
        if replies:
            text = "\n".join(json.dumps(reply, ensure_ascii=False) for reply in replies)
            log("server sends", repr(text))
            await socket.send_str(text)
    task.cancel()
    return socket


class Subscribed(SubscriptionEventHandler):
    async def on_publication(self, context):
        log("client publication", context.pub.data)

    async def on_join(self, context):
        log("client join", context)

    async def on_error(self, context):
        log("client error", context)


async def main():
    app = web.Application()
    app.router.add_get("/connection/websocket", connection)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        await asyncio.sleep(1)
        client = Client(f"ws://127.0.0.1:{PORT}/connection/websocket", events=ClientEventHandler())
        news = client.new_subscription("news", events=Subscribed())
        closed = client.new_subscription("closed", events=Subscribed())
        await client.connect()
        await news.subscribe()
        await closed.subscribe()
        await news.ready()
        log("client", await news.publish({"text": "hello"}))
        log("client", await client.rpc("add", {"numbers": [1, 2]}))
        try:
            log("client", await news.presence())
        except CentrifugeError as error:
            log("client", repr(error))
        await asyncio.sleep(1.2)
        await news.unsubscribe()
        await asyncio.sleep(0.3)
        await client.disconnect()
        await asyncio.sleep(0.5)
    finally:
        capture.terminate()
        capture.wait()


asyncio.run(main())
