"""Records SignalR: the clients signalrcore (JSON) and pysignalr (MessagePack) against the small server below.

    python3 -m venv V && V/bin/pip install signalrcore pysignalr aiohttp msgpack
    V/bin/python signalr.py signalr.pcap

Needs tcpdump and the right to capture on the loopback interface. What the peers see is printed. A server of ASP.NET Core was not to be
had: the server's messages follow the specification (HubProtocol.md), among them several in one WebSocket message, and one over two.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time

import msgpack
from aiohttp import web

PORT = 18763


def log(who, *what):
    print(f"{time.time():.4f} {who}", *what, flush=True)


class Peer:
    """The server's end of a connection."""

    def __init__(self, socket):
        self.socket, self.is_binary = socket, False

    def encode(self, message):
        if not self.is_binary:
            return json.dumps(message).encode() + b"\x1e"
        kind, number = message["type"], message.get("invocationId")
        fields = {
            1: lambda: [{}, number, message["target"], message["arguments"], []],
            2: lambda: [{}, number, message["item"]],
            3: lambda: [{}, number]
            + ([1, message["error"]] if "error" in message else [3, message["result"]] if "result" in message else [2]),
            6: lambda: [],
            7: lambda: [message.get("error"), message.get("allowReconnect", False)],
        }[kind]()
        body = msgpack.packb([kind, *fields])
        length, head = len(body), b""
        while length >= 128:
            head, length = head + bytes([length & 127 | 128]), length >> 7
        return head + bytes([length]) + body

    async def send(self, *messages, parts=1):
        data = b"".join(self.encode(message) for message in messages)
        log("server sends", messages)
        size = -(-len(data) // parts)
        for i in range(0, len(data), size):
            piece = data[i : i + size]
            await (self.socket.send_bytes(piece) if self.is_binary else self.socket.send_str(piece.decode()))

    def decode(self, data):
        if not self.is_binary:
            return [json.loads(record) for record in data.split("\x1e") if record]
        messages, i = [], 0
        while i < len(data):
            length, shift = 0, 0
            while True:
                byte, i = data[i], i + 1
                length, shift = length | (byte & 127) << shift, shift + 7
                if byte < 128:
                    break
            values, i = msgpack.unpackb(data[i : i + length]), i + length
            names = {
                1: ["headers", "invocationId", "target", "arguments"],
                4: ["headers", "invocationId", "target", "arguments"],
            }
            messages.append({"type": values[0], **dict(zip(names.get(values[0], []), values[1:]))})
        return messages

    async def answer(self, message):
        log("server got", message)
        number, target = message.get("invocationId"), message.get("target")
        if target == "Add":
            await self.send({"type": 3, "invocationId": number, "result": sum(message["arguments"])})
        elif target == "Fail":
            await self.send({"type": 3, "invocationId": number, "error": "It failed."})
        elif target == "Notify":
            await self.send(
                {"type": 1, "target": "Receive", "arguments": ["ünï", {"n": 1.5}]},
                {"type": 6},
                {"type": 3, "invocationId": number},
            )
        elif target == "Long":
            await self.send({"type": 1, "target": "Receive", "arguments": ["x" * 150, 2]}, parts=2)
            await self.send({"type": 3, "invocationId": number, "result": None})
        elif target == "Count":
            for item in range(3):
                await self.send({"type": 2, "invocationId": number, "item": item})
            await self.send({"type": 3, "invocationId": number})
        elif target == "Quit":
            await self.send({"type": 7, "error": "as you said", "allowReconnect": False})


async def negotiate(request):
    transports = [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}]
    return web.json_response(
        {
            "negotiateVersion": 0,
            "connectionId": "807809a5-31bf-470d-9e23-afaee35d8a0d",
            "availableTransports": transports,
        }
    )


async def hub(request):
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    peer = Peer(socket)
    hello = (await socket.receive()).data
    hello = hello if isinstance(hello, str) else hello.decode()
    handshake = json.loads(hello.split("\x1e")[0])
    log("server got", handshake)
    if handshake["protocol"] not in ("json", "messagepack"):
        await socket.send_str('{"error":"The protocol is not known."}\x1e')
        return socket
    is_binary = handshake["protocol"] == "messagepack"
    await (socket.send_bytes(b"{}\x1e") if is_binary else socket.send_str("{}\x1e"))
    peer.is_binary = is_binary
    async for data in socket:
        for message in peer.decode(data.data):
            await peer.answer(message)
    return socket


def serve():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = web.Application()
    app.router.add_post("/hub/negotiate", negotiate)
    app.router.add_get("/hub", hub)

    async def start():
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", PORT).start()

    loop.run_until_complete(start())
    loop.run_forever()


def play_signalrcore():
    from signalrcore.hub_connection_builder import HubConnectionBuilder

    client = HubConnectionBuilder().with_url(f"http://127.0.0.1:{PORT}/hub").build()
    client.on("Receive", lambda arguments: log("signalrcore received", str(arguments)[:40]))
    client.start()
    time.sleep(1)
    for target, arguments in (("Add", [1, 2]), ("Fail", []), ("Notify", ["x"])):
        client.send(target, arguments, lambda message: log("signalrcore", "completed", message.result, message.error))
        time.sleep(0.2)
    client.stream("Count", [3]).subscribe(
        {
            "next": lambda item: log("signalrcore item", item),
            "complete": lambda _: log("signalrcore end of stream"),
            "error": lambda error: log("signalrcore error", error),
        }
    )
    time.sleep(0.3)
    client.send("Long", [])  # signalrcore cannot read the answer, which comes in two messages
    time.sleep(0.3)
    client.stop()
    time.sleep(0.3)


async def play_pysignalr(protocol):
    from pysignalr.client import SignalRClient

    client = SignalRClient(f"http://127.0.0.1:{PORT}/hub", protocol=protocol)

    async def received(arguments):
        log("pysignalr received", str(arguments)[:40])

    async def completed(message):
        log("pysignalr completed", message.result, message.error)

    client.on("Receive", received)
    client.on_error(completed)
    task = asyncio.create_task(client.run())
    await asyncio.sleep(0.5)
    for target, arguments in (("Add", [1, 2]), ("Fail", []), ("Notify", ["x"])):
        await client.send(target, arguments, completed)
        await asyncio.sleep(0.2)
    await client.stream("Count", [3], received, completed, completed)
    await asyncio.sleep(0.3)
    await client.send("Quit", [])
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.wait([task])


if __name__ == "__main__":
    from pysignalr.protocol.messagepack import MessagepackProtocol

    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(1)
        threading.Thread(target=serve, daemon=True).start()
        time.sleep(0.5)
        play_signalrcore()
        asyncio.run(play_pysignalr(MessagepackProtocol()))
        time.sleep(0.5)
    finally:
        capture.terminate()
        capture.wait()
