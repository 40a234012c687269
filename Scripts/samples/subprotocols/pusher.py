"""Records the protocol of Pusher Channels: the client Pysher against the small server below.

    python3 -m venv V && V/bin/pip install pysher aiohttp
    V/bin/python pusher.py pusher.pcap

Needs tcpdump and the right to capture on the loopback interface. What the peers see is printed. A server was not to be had: its messages
follow https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time

import pysher
from aiohttp import web

PORT = 18766


def log(who, *what):
    print(f"{time.time():.4f} {who}", *what, flush=True)


async def app(request):
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)

    async def send(event, data, **more):
        message = json.dumps({"event": event, **more, "data": data}, ensure_ascii=False)
        log("server sends", message)
        await socket.send_str(message)

    await send("pusher:connection_established", json.dumps({"socket_id": "123.456", "activity_timeout": 120}))
    async for data in socket:
        log("server got", data.data)
        message = json.loads(data.data)
        name = message["event"]
        if name == "pusher:subscribe":
            channel = message["data"]["channel"]
            if channel == "private-closed":
                await send(
                    "pusher:subscription_error", {"type": "AuthError", "error": "no", "status": 401}, channel=channel
                )
                continue
            presence = {"presence": {"ids": ["7"], "hash": {"7": {"name": "ünï"}}, "count": 1}}
            held = json.dumps(presence) if channel.startswith("presence-") else "{}"
            await send("pusher_internal:subscription_succeeded", held, channel=channel)
            await send("news", json.dumps({"title": 'a "b"', "n": [1]}), channel=channel)
            await send("plain", "no JSON", channel=channel)
        elif name == "pusher:ping":
            await send("pusher:pong", {})
        elif name.startswith("client-"):
            await send("pusher:error", {"message": "Client events are not on.", "code": 4301})
            await send("pusher:ping", {})
    return socket


def serve():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    application = web.Application()
    application.router.add_get("/app/{key}", app)

    async def start():
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", PORT).start()

    loop.run_until_complete(start())
    loop.run_forever()


def play():
    client = pysher.Pusher(
        "thekey", secure=False, secret="s", custom_host="127.0.0.1", port=PORT, user_data={"user_id": "7"}
    )

    def connected(data):
        log("client connected", data)
        for name in ("news", "private-closed", "presence-room"):
            channel = client.subscribe(name)
            channel.bind("news", lambda data: log("client got news", data))
            channel.bind("plain", lambda data: log("client got plain", data))

    client.connection.bind("pusher:connection_established", connected)
    client.connect()
    time.sleep(1)
    client.channel("presence-room").trigger("client-typing", {"on": True})
    time.sleep(0.5)
    client.connection.send_event("pusher:ping", {})
    client.unsubscribe("news")
    time.sleep(0.5)
    client.disconnect()


if __name__ == "__main__":
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(1)
        threading.Thread(target=serve, daemon=True).start()
        time.sleep(0.5)
        play()
        time.sleep(1)
    finally:
        capture.terminate()
        capture.wait()
