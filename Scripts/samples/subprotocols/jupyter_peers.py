#!/usr/bin/env python3
"""Records jupyter.pcap and jupyter-json.pcap: jupyter_server with ipykernel, and a small client that speaks
both protocols of its kernels.

Needs tcpdump, root, and from PyPI: jupyter_server, ipykernel, websockets. Use: jupyter_peers.py FILE FILE
"""

import asyncio
import json
import os
import struct
import sys
import tempfile
import urllib.request
import uuid

import websockets

from loopback import Recording, free_port, listening

V1 = "v1.kernel.websocket.jupyter.org"


class Client:
    """Sends messages, and prints all that is said."""

    def __init__(self, connection):
        self.connection = connection
        self.session = uuid.uuid4().hex[:8]

    async def send(self, channel, kind, content, parent=None):
        header = {
            "msg_id": uuid.uuid4().hex[:8], "msg_type": kind, "username": "alice", "session": self.session,
            "date": "2026-11-20T20:00:00Z", "version": "5.4"}
        parts = [header, parent or {}, {}, content]
        print(">", channel, parts)
        if self.connection.subprotocol == V1:
            texts = [channel.encode()] + [json.dumps(part).encode() for part in parts]
            offsets = [8 * (len(texts) + 2)]
            for text in texts:
                offsets.append(offsets[-1] + len(text))
            head = struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets)
            await self.connection.send(head + b"".join(texts))
        else:
            names = ["header", "parent_header", "metadata", "content"]
            await self.connection.send(json.dumps(dict(zip(names, parts), channel=channel)))
        return header["msg_id"]

    async def receive(self):
        message = await self.connection.recv()
        print("<", message)
        if isinstance(message, str):
            message = json.loads(message)
            return message["header"], message["parent_header"], message["content"]
        if self.connection.subprotocol != V1:
            count, start, end = struct.unpack_from("!III", message)
            message = json.loads(message[start:end])
            return message["header"], message["parent_header"], message["content"]
        count, *offsets = struct.unpack_from("<7Q", message)
        parts = [json.loads(message[offsets[i]:offsets[i + 1]]) for i in (1, 2, 4)]
        return parts

    async def run(self, kind, content, channel="shell"):
        """Sends a request, and waits for its reply and for the kernel to be idle again."""
        request = await self.send(channel, kind, content)
        missing = 2
        while missing:
            header, parent, body = await self.receive()
            if header["msg_type"] == "input_request":
                await self.send("stdin", "input_reply", {"value": "Heron"}, header)
            if parent.get("msg_id") == request:
                missing -= header["msg_type"].endswith("_reply") or body.get("execution_state") == "idle"


def execute(code, **more):
    return {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": True, **more}


BUFFERS = """
from comm import create_comm
create_comm(target_name="pier", data={}, buffers=[b"\\x00\\x01", b"tide"])
"""


async def talk(port, kernel, protocol):
    url = f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels?session_id=s1"
    async with websockets.connect(
        url, subprotocols=[V1] if protocol else None, compression=None, max_size=None) as connection:
        client = Client(connection)
        await asyncio.sleep(0.5)
        await client.run("execute_request", execute("print('hello'); 6 * 7"))
        if protocol:
            await client.run("execute_request", execute("print(input('ferry? '))"))
            await client.run("execute_request", execute("boat"))
        else:
            await client.run("is_complete_request", {"code": "if x:"})
            await client.run("execute_request", execute(BUFFERS))


async def main(path, path_of_json):
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = {name: folder for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}",
            "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={folder}",
            stderr=asyncio.subprocess.DEVNULL, env={**os.environ, **home})
        try:
            await listening(port)
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/kernels", b"{}", method="POST")
            kernel = json.load(await asyncio.to_thread(urllib.request.urlopen, request))["id"]
            await asyncio.sleep(5)
            async with Recording(path, port):
                await talk(port, kernel, V1)
            async with Recording(path_of_json, port):
                await talk(port, kernel, None)
        finally:
            server.terminate()
            await server.wait()


asyncio.run(main(*sys.argv[1:]))
