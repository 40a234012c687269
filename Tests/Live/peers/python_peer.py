"""A client or server with python-websockets that walks a plan, and logs what it sends and receives.

    python_peer.py client|server PLAN LOG [PORT]

A plan says step by step which peer does what; the other one waits for what it is sent. A server takes a free port,
prints it, and ends when the last connection is over. Where the plan names a certificate, they talk TLS, and the client writes its
secrets where the plan says.
"""

import asyncio
import json
import os
import random
import socket
import ssl
import sys
from functools import cached_property

from log import Log
from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import WebSocketClientProtocol, connect
from websockets.legacy.server import WebSocketServerProtocol, serve

ROLE, PLAN, LOG = sys.argv[1:4]
plan = json.loads(open(PLAN, encoding="utf-8").read())
log = Log(LOG, ROLE)


def address(name):
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Logging:
    """Notes the control frames that the library handles by itself."""

    @cached_property
    def client(self):  # TLS that is closed does not know it any more
        return address(self.local_address if ROLE == "client" else self.remote_address)

    async def ping(self, data=None):
        log.content(self.client, "sent", "ping", data or b"")
        return await super().ping(data)

    async def pong(self, data=b""):
        log.content(self.client, "received", "ping", data)
        log.content(self.client, "sent", "pong", data)
        await super().pong(data)


class Client(Logging, WebSocketClientProtocol):
    pass


class Server(Logging, WebSocketServerProtocol):
    pass


def content(step, number, client):
    """What to send in this step: of the size that the plan says, different each time."""
    size = step.get("size", 0)
    if step["do"] == "binary":
        return random.randbytes(size)
    text = f"{client} step {number}: Grüße, 世界 👋 "
    text = (text * (size // len(text.encode()) + 1)).encode()[:size].decode(errors="ignore")
    return text + "." * (size - len(text.encode()))


async def act(socket, number, step):
    await asyncio.sleep(step.get("pause", 0))
    client = socket.client
    if step["do"] == "close":
        log.note(client, "closing", code=step["code"], reason=step["reason"])
        await socket.close(step["code"], step["reason"])
        return
    if step["do"] == "ping":
        data = random.randbytes(step.get("size", 4))
        await asyncio.wait_for(await socket.ping(data), 30)
        log.content(client, "received", "pong", data)
        return
    data = content(step, number, client)
    log.content(client, "sent", step["do"], data)
    parts = step.get("parts", 1)
    if parts > 1:
        cuts = [len(data) * i // parts for i in range(parts + 1)]
        await socket.send([data[a:b] for a, b in zip(cuts, cuts[1:])])
    else:
        await socket.send(data)


async def walk(socket):
    """Does this peer's steps of the plan, and waits for those of the other one."""
    log.note(socket.client, "open", path=socket.path)
    try:
        for number, step in enumerate(plan["steps"]):
            if step["by"] == ROLE:
                await act(socket, number, step)
            elif step["do"] in ("text", "binary"):
                data = await socket.recv()
                log.content(socket.client, "received", "text" if isinstance(data, str) else "binary", data)
        await socket.wait_closed()
    except ConnectionClosed:
        pass
    log.note(socket.client, "closed", code=socket.close_code, reason=socket.close_reason)


def security():
    """The TLS that the plan asks for; None if it asks for none."""
    if "certificate" not in plan:
        return None
    if ROLE == "server":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(plan["certificate"])
        return context
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = plan["keys"]
    if plan.get("cipher"):  # of TLS 1.2; else it is 1.3
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(plan["cipher"])
    return context


def options():
    return {
        "ssl": security(),
        "compression": "deflate" if plan["compression"] else None,
        "max_size": None,
        "ping_interval": None,
    }


async def client(port):
    scheme = "wss" if "certificate" in plan else "ws"
    url = f"{scheme}://{plan['host']}:{port}{plan['path']}"
    opened = [connect(url, create_protocol=Client, open_timeout=60, **options()) for _ in range(plan["connections"])]
    sockets = await asyncio.gather(*opened)
    await asyncio.gather(*(walk(socket) for socket in sockets))


async def server():
    rest = plan["connections"]
    over = asyncio.Event()

    async def handle(socket, path=None):
        nonlocal rest
        await walk(socket)
        rest -= 1
        if rest == 0:
            over.set()

    host = plan["host"].strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=1024)
    async with serve(handle, sock=listener, create_protocol=Server, **options()):
        print(listener.getsockname()[1], flush=True)
        await over.wait()


if ROLE == "client":
    asyncio.run(client(sys.argv[4]))
else:
    asyncio.run(server())
os._exit(0)
