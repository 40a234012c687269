#!/usr/bin/env python3
"""stomp_rabbitmq.py FILE: records STOMP over WebSocket between RabbitMQ and two clients into FILE.

Needs, as root: Debian's rabbitmq-server and tcpdump; stomp.py, websocket-client and websockets from PyPI.
"""

import asyncio
import sys
import time

import stomp
import websockets

from rabbitmq import recorded

PORT = 15674
URL = f"ws://127.0.0.1:{PORT}/ws"


def frame(command, body=b"", **headers):
    lines = [command] + [f"{name.replace('_', '-')}:{value}" for name, value in headers.items()]
    return "\n".join(lines).encode() + b"\n\n" + body + b"\0"


async def raw():
    """A client that uses what libraries do not: frames that share messages and are spread over them, and their faults."""
    async with websockets.connect(URL, subprotocols=["v12.stomp"], compression=None) as peer:

        async def send(data):
            print(">", data)
            await peer.send(data.decode() if data.isascii() else data)

        async def receive():
            data = await asyncio.wait_for(peer.recv(), 5)
            print("<", data)
            return data

        await send(frame("CONNECT", accept_version="1.0,1.1,1.2", host="/", login="guest", passcode="guest", heart_beat="400,400"))
        await receive()
        both = frame("SUBSCRIBE", id=0, destination="/queue/tide", ack="client-individual") + b"\n"
        body = b'{"cm":214,"trend":"rising"}'
        both += frame(
            "SEND", body, destination="/queue/tide", content_type="application/json", receipt="s1", note=r"a\cb\\c\nd"
        )
        await send(both)
        message = [await receive() for _ in range(2)]
        ack = next(line for text in message for line in text.split("\n") if line.startswith("ack:"))[4:]
        await send(frame("ACK", id=ack.replace(":", r"\c"), receipt="s2"))
        await receive()
        large = frame("SEND", b"0123456789" * 120, destination="/queue/tide", content_length=1200)
        for i in range(0, len(large), 500):
            await send(large[i : i + 500])
        text = await receive()
        ack = next(line for line in text.split("\n") if line.startswith("ack:"))[4:]
        await send(frame("BEGIN", transaction="t1"))
        await send(frame("NACK", id=ack, transaction="t1"))
        await send(frame("ABORT", transaction="t1"))
        await send(frame("SEND", b"a\0b\0", destination="/queue/tide", content_length=4))
        await receive()
        await asyncio.sleep(0.9)
        await send(b"\n")
        await send(frame("UNSUBSCRIBE", id=0))
        await send(frame("DISCONNECT", receipt="bye"))
        try:
            while "bye" not in await receive():
                pass
        except websockets.ConnectionClosed as closed:  # without a receipt
            print("<", closed)
    async with websockets.connect(URL, subprotocols=["v11.stomp", "v10.stomp"], compression=None) as peer:
        await send(frame("CONNECT", accept_version="1.1", host="/", login="guest", passcode="guest"))
        await receive()
        await send(frame("SEND", b"nowhere", destination="/nowhere/tide", receipt="s1"))
        await receive()
    async with websockets.connect(URL, compression=None) as peer:
        await send(frame("CONNECT", login="guest", passcode="wrong"))
        await receive()


class Listener(stomp.ConnectionListener):
    def __init__(self, connection):
        self.connection = connection
        self.done = False

    def on_message(self, received):
        print("stomp.py <", received.headers, received.body)
        self.connection.ack(received.headers["ack"])
        self.done = True


def library():
    """stomp.py, with STOMP 1.2."""
    connection = stomp.WSStompConnection([("127.0.0.1", PORT)], vhost="/", ws_path="/ws")
    listener = Listener(connection)
    connection.set_listener("", listener)
    connection.connect("guest", "guest", wait=True)
    connection.subscribe("/topic/ferries", id="f", ack="client")
    connection.send("/topic/ferries", "Heron: 12 minutes late", content_type="text/plain")
    for _ in range(50):
        time.sleep(0.05)
        if listener.done:
            break
    connection.disconnect()
    time.sleep(0.3)


SETTINGS = f"web_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = {PORT}\nstomp.listeners.tcp.1 = 127.0.0.1:15613\n"
with recorded(sys.argv[1], "rabbitmq_web_stomp", PORT, 15670, SETTINGS):
    asyncio.run(raw())
    library()
