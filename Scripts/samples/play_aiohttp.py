"""A harbour office with aiohttp: an HTTP service whose connection is upgraded later.

first    GET and POST, with Content-Length and chunked bodies both ways, then the upgrade on that connection
refused  an upgrade without credentials is answered with 401, the next one, on the same connection, with 101
"""

import argparse
import asyncio
import json

import aiohttp
from aiohttp import web

from peerlog import PeerLog, connection

BASE = "http://127.0.0.1:8080"


class Office:
    """The server."""

    def __init__(self, scene, log):
        self.scene, self.log, self.over = scene, log, asyncio.Event()

    async def ferries(self, request):
        return web.json_response({"ferries": ["Heron", "Tern", "Gannet"]})

    async def tickets(self, request):
        order = await request.json()
        return web.json_response({"ticket": 17, "for": order["name"]}, status=201)

    async def logbook(self, request):
        pages = (await request.text()).count("\n")
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for page in range(pages):
            await response.write(f"page {page + 1}: seen and signed\n".encode())
        await response.write_eof()
        return response

    async def chat(self, request):
        conn = connection(
            request.transport.get_extra_info("peername"), request.transport.get_extra_info("sockname")
        )
        if request.path == "/private" and "Authorization" not in request.headers:
            self.log.write(conn, "event", "refused", status=401)
            return web.Response(
                status=401, text="Who are you?\n", headers={"WWW-Authenticate": 'Bearer realm="quay"'}
            )
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.log.write(conn, "event", "open")
        await play("server", ws, conn, self.scene, self.log)
        self.over.set()
        return ws

    async def run(self):
        app = web.Application()
        app.add_routes(
            [
                web.get("/ferries", self.ferries),
                web.post("/tickets", self.tickets),
                web.post("/logbook", self.logbook),
                web.get("/chat", self.chat),
                web.get("/private", self.chat),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 8080).start()
        print("ready", flush=True)
        await self.over.wait()
        await asyncio.sleep(0.1)
        await runner.cleanup()


async def play(role, ws, conn, scene, log):
    for step in scene:
        if step["op"] == "close":
            if step["from"] == role:
                await ws.close(code=step["code"], message=step["text"].encode())
            else:
                await ws.receive()
            log.write(conn, "event", "closed", code=ws.close_code)
        elif step["from"] == role:
            log.payload(conn, "send", "text", step["text"])
            await ws.send_str(step["text"])
        else:
            log.payload(conn, "recv", "text", await ws.receive_str())


async def visit(what, scene, log):
    """The client. Its session keeps one connection alive and uses it for everything."""

    async def pages():
        for line in ["calm sea\n", "one seal\n", "fog\n"]:
            yield line.encode()

    async with aiohttp.ClientSession(BASE, connector=aiohttp.TCPConnector(limit=1)) as session:
        headers = {}
        if what == "first":
            for method, path, body in [
                ("GET", "/ferries", {}),
                ("POST", "/tickets", {"json": {"name": "alice", "ferry": "Heron"}}),
                ("POST", "/logbook", {"data": pages()}),
            ]:
                async with session.request(method, path, **body) as response:
                    await response.read()
        else:
            # ws_connect() gives the connection up when refused; a plain GET with the same head does not
            handshake = {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "ZmVycnkgYXQgdGhlIHF1YQ==",
            }
            async with session.get("/private", headers=handshake) as response:
                await response.read()
            headers = {"Authorization": "Bearer alice-at-the-quay"}
        async with session.ws_connect("/chat" if what == "first" else "/private", headers=headers) as ws:
            conn = connection(ws.get_extra_info("sockname"), ws.get_extra_info("peername"))
            log.write(conn, "event", "open")
            await play("client", ws, conn, scene, log)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("role", choices=["server", "client"])
    parser.add_argument("--scene", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--what", choices=["first", "refused"])
    arguments = parser.parse_args()
    log = PeerLog(arguments.log, f"{arguments.role}:aiohttp")
    with open(arguments.scene, encoding="utf-8") as file:
        scene = json.load(file)
    asyncio.run(Office(scene, log).run() if arguments.role == "server" else visit(arguments.what, scene, log))


main()
