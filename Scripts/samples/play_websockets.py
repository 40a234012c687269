"""Plays a scene with python-websockets, as server or as client."""

import argparse
import asyncio
import base64
import json
import logging
import os
import signal
import socket
import ssl
import struct
import sys

import websockets
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Opcode

from peerlog import PeerLog, connection


def payload(step):
    return step["text"] if "text" in step else base64.b64decode(step["base64"])


class Player:
    def __init__(self, role, scene, log):
        self.role, self.scene, self.log = role, scene, log

    async def play(self, ws):
        ends = ws.local_address, ws.remote_address
        conn = connection(*(ends if self.role == "client" else reversed(ends)))
        self.log.write(
            conn, "event", "open", subprotocol=ws.subprotocol, extensions=[e.name for e in ws.extensions]
        )
        try:
            for step in self.scene:
                if step["op"] == "pause":
                    await asyncio.sleep(step["seconds"])
                elif step["from"] == self.role:
                    await self.act(ws, conn, step)
                else:
                    await self.expect(ws, conn, step)
        except websockets.ConnectionClosed:
            pass
        finally:
            asyncio.create_task(self.see_off(ws, conn))

    async def act(self, ws, conn, step):
        op = step["op"]
        if op in ("text", "binary"):
            self.log.payload(conn, "send", op, payload(step))
            await ws.send(self.parts(ws, conn, step) if "fragments" in step else payload(step))
        elif op == "ping":
            await self.ping(ws, conn, step["text"])
        elif op == "pong":
            self.log.payload(conn, "send", op, step["text"])
            await ws.pong(step["text"])
        elif op == "close":
            await ws.close(step["code"], step["text"])
        elif op == "bad-text":
            self.log.payload(conn, "send", "text", payload(step))
            await ws.write_frame(True, Opcode.TEXT, payload(step))
            await ws.wait_closed()
        elif op == "unmasked":  # the library never does that: past it, to the socket
            self.log.payload(conn, "send", "text", payload(step))
            text = payload(step).encode()
            ws.transport.write(bytes([0x81, len(text)]) + text)
            await ws.wait_closed()
        elif op == "cue":
            print("cue", flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        elif op == "crash":
            raise ValueError("fewer than no cups")
        elif op == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif op == "reset":  # a socket that does not linger says RST, not FIN
            ws.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            ws.transport.abort()

    async def expect(self, ws, conn, step):
        if step["op"] in ("text", "binary"):
            got = await ws.recv()
            self.log.payload(conn, "recv", "text" if isinstance(got, str) else "binary", got)
            if got != payload(step):
                sys.exit(f"{self.role}: expected {payload(step)!r}, got {got!r}")
        elif step["op"] not in ("ping", "pong", "cue"):
            await ws.wait_closed()

    async def parts(self, ws, conn, step):
        for number, part in enumerate(step["fragments"]):
            if number == 1 and step["ping"]:
                await self.ping(ws, conn, step["ping"])
            yield part

    async def ping(self, ws, conn, text):
        self.log.payload(conn, "send", "ping", text)
        await (await ws.ping(text))
        self.log.payload(conn, "recv", "pong", text)

    async def see_off(self, ws, conn):
        await ws.wait_closed()
        self.log.write(
            conn,
            "event",
            "closed",
            **{
                name: close and [close.code, close.reason]
                for name, close in [("close_sent", ws.close_sent), ("close_rcvd", ws.close_rcvd)]
            },
        )


def options(arguments, player):
    common = {"ping_interval": arguments.keepalive, "max_size": None}
    if arguments.subprotocol:
        common["subprotocols"] = [arguments.subprotocol]
    common["compression"] = "deflate" if arguments.deflate == "takeover" else None
    if arguments.deflate == "no-takeover":
        factory = (
            ServerPerMessageDeflateFactory if player.role == "server" else ClientPerMessageDeflateFactory
        )
        common["extensions"] = [factory(server_no_context_takeover=True, client_no_context_takeover=True)]
    return common


async def serve(arguments, player):
    over, accepted = asyncio.Event(), []

    async def handler(ws):
        accepted.append(ws)
        try:
            await player.play(ws)
        finally:
            asyncio.create_task(wait(ws))

    async def wait(ws):
        await ws.wait_closed()
        if len(accepted) == arguments.connections:
            over.set()

    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate)
        context.set_alpn_protocols(["http/1.1"])
    async with websockets.serve(
        handler,
        arguments.host,
        arguments.port,
        ssl=context,
        origins=arguments.origin and [arguments.origin],
        **options(arguments, player),
    ):
        print("ready", flush=True)
        await over.wait()
        await asyncio.sleep(0.1)


async def connect(arguments, player):
    context = None
    if arguments.keylog:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.keylog_filename = arguments.keylog
        if arguments.cipher:  # of TLS 1.2; else it is 1.3
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(arguments.cipher)
        if arguments.name:
            context.set_alpn_protocols(["http/1.1"])
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    url = f"{'wss' if context else 'ws'}://{host}:{arguments.port}{arguments.path}"
    try:
        named = {"server_hostname": arguments.name} if arguments.name else {}
        async with websockets.connect(
            url, ssl=context, **named, origin=arguments.origin, **options(arguments, player)
        ) as ws:
            await player.play(ws)
            await ws.wait_closed()
    except websockets.InvalidStatusCode as refusal:
        player.log.write(None, "event", "refused", status=refusal.status_code)
    await asyncio.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("--scene", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--path", default="/chat")
    parser.add_argument("--deflate", choices=["none", "takeover", "no-takeover"], default="none")
    parser.add_argument("--keepalive", type=float, help="seconds between the library's own pings")
    parser.add_argument("--subprotocol")
    parser.add_argument(
        "--origin", help="the only one that the server lets in; the one that the client names"
    )
    parser.add_argument("--connections", type=int, default=1, help="how many the server serves")
    parser.add_argument("--certificate", help="PEM file with certificate and key: the server speaks TLS")
    parser.add_argument("--cipher", help="the client speaks TLS 1.2 with this cipher")
    parser.add_argument("--name", help="the server's name that the client asks for")
    parser.add_argument("--keylog", help="the client speaks TLS and writes its secrets here")
    arguments = parser.parse_args()
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # a handler that crashes is part of the play
    with open(arguments.scene, encoding="utf-8") as file:
        player = Player(
            arguments.role, json.load(file), PeerLog(arguments.log, f"{arguments.role}:websockets")
        )
    asyncio.run((serve if arguments.role == "server" else connect)(arguments, player))


main()
