"""Records Phoenix channels, versions 1 and 2: phoenix-channels-python-client against the small server below, which also has binary
messages, as a client made by hand does.

    python3 -m venv V && V/bin/pip install phoenix-channels-python-client aiohttp
    V/bin/python phoenix.py phoenix.pcap

Needs tcpdump and the right to capture on the loopback interface. What the peers see is printed. A server of Phoenix was not to be had:
the server's messages follow Phoenix.Socket.V1.JSONSerializer and V2.JSONSerializer.
"""

import asyncio
import json
import subprocess
import sys
import time

import aiohttp
from aiohttp import web
from phoenix_channels_python_client import PHXChannelsClient
from phoenix_channels_python_client.utils import make_message

PORT = 18765


def log(who, *what):
    print(f"{time.time():.4f} {who}", *what, flush=True)


def binary(kind, *parts, data):
    parts = [part.encode() for part in parts]
    return bytes([kind, *map(len, parts)]) + b"".join(parts) + data


async def channel(request):
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    is_new = request.query.get("vsn", "1.0.0").startswith("2")

    async def send(join_ref, ref, topic, event, payload):
        log("server sends", [join_ref, ref, topic, event, payload])
        names = ("topic", "event", "payload", "ref")
        message = [join_ref, ref, topic, event, payload] if is_new else dict(zip(names, (topic, event, payload, ref)))
        await socket.send_str(json.dumps(message, ensure_ascii=False))

    async for data in socket:
        if data.type == aiohttp.WSMsgType.BINARY:
            log("server got", data.data)
            await socket.send_bytes(binary(1, "1", "2", "room:lobby", "ok", data=b"\x00\xff got it"))
            await socket.send_bytes(binary(0, "1", "room:lobby", "picture", data=b"\x89PNG"))
            await socket.send_bytes(binary(2, "room:lobby", "thumbnail", data=b"text"))
            continue
        message = json.loads(data.data)
        log("server got", message)
        if is_new:
            join_ref, ref, topic, event, payload = message
        else:
            join_ref, ref, topic, event, payload = (
                message.get(name) for name in ("join_ref", "ref", "topic", "event", "payload")
            )
        if event == "phx_join" and topic == "room:secret":
            response = {"status": "error", "response": {"reason": "unauthorized"}}
        else:
            response = {"status": "ok", "response": {"echo": payload} if event == "shout" else {}}
        await send(join_ref, ref, topic, "phx_reply", response)
        if event == "shout":
            await send(None, None, topic, "shout", {"body": "ünï"})
        if event == "phx_leave":
            await send(join_ref, join_ref, topic, "phx_close", {})
    return socket


async def play(version):
    client = PHXChannelsClient(
        f"ws://127.0.0.1:{PORT}/socket/websocket", "key", protocol_version=version, heartbeat_interval_s=1
    )

    async def received(message):
        log("client received", message.topic, message.event, message.payload)

    async with client:
        await client.subscribe_to_topic("room:lobby", received)
        try:
            await client.subscribe_to_topic("room:secret", received)
        except Exception as error:
            log("client refused", repr(error))
        # It has no call to push an event, so one is made of its parts.
        message = make_message(topic="room:lobby", event="shout", payload={"body": "hello"}, ref="77", join_ref="1")
        await client._protocol_handler.send_message(client.connection, message)
        await asyncio.sleep(1.3)
        await client.unsubscribe_from_topic("room:lobby")


async def play_binary():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"ws://127.0.0.1:{PORT}/socket/websocket?vsn=2.0.0") as socket:
            await socket.send_str(json.dumps(["1", "1", "room:lobby", "phx_join", {}]))
            await socket.send_bytes(binary(0, "1", "2", "room:lobby", "upload", data=bytes(range(5))))
            for _ in range(4):
                log("client received", (await socket.receive()).data)


async def main():
    app = web.Application()
    app.router.add_get("/socket/websocket", channel)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        await asyncio.sleep(1)
        await play("2.0")
        await play("1.0")
        await play_binary()
        await asyncio.sleep(1)
    finally:
        capture.terminate()
        capture.wait()


asyncio.run(main())
