"""Records Socket.IO between the client and server of python-socketio.

    python3 -m venv V && V/bin/pip install python-socketio aiohttp requests websocket-client
    V/bin/python socket_io.py socketio-eio4.pcap
    python3 -m venv W && W/bin/pip install 'python-socketio<5' 'python-engineio<4' aiohttp requests websocket-client
    W/bin/python socket_io.py socketio-eio3.pcap

Needs tcpdump and the right to capture on the loopback interface. What the peers see is printed.
"""

import asyncio
import subprocess
import sys
import threading
import time

import socketio
from aiohttp import web

PORT = 18760


def log(who, *what):
    print(f"{time.time():.4f} {who}", *what, flush=True)


def wait_for_coroutines():
    """asyncio.wait takes tasks only since Python 3.11, which python-socketio 4 does not know."""
    wait = asyncio.wait
    asyncio.wait = lambda tasks, **more: wait([asyncio.ensure_future(task) for task in tasks], **more)


def serve():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=5)

    for namespace in ("/", "/chat"):

        @server.on("connect", namespace=namespace)
        async def connect(sid, environ, auth=None, namespace=namespace):
            log("server", namespace, "connect", sid, auth)

        @server.on("add", namespace=namespace)
        async def add(sid, a, b, namespace=namespace):
            log("server", namespace, "add", a, b)
            return a + b

        @server.on("blob", namespace=namespace)
        async def blob(sid, data, namespace=namespace):
            log("server", namespace, "blob", data)
            return {"first": data["first"], "size": len(data["second"])}

        @server.on("ask me", namespace=namespace)
        async def ask(sid, namespace=namespace):
            def answered(*answer):
                log("server", namespace, "acknowledged", answer)

            await server.emit("question", ("ünï", 1.5, None), to=sid, namespace=namespace, callback=answered)
            await server.emit("picture", {"png": b"\x89PNG\r\n", "n": 1}, to=sid, namespace=namespace)

    @server.on("connect", namespace="/admin")
    async def refuse(sid, environ, auth=None):
        raise socketio.exceptions.ConnectionRefusedError("not you", {"code": 7})

    app = web.Application()
    server.attach(app)

    async def start():
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", PORT).start()

    loop.run_until_complete(start())
    loop.run_forever()


def play(transports):
    client = socketio.Client(reconnection=False)
    for namespace in ("/", "/chat"):

        @client.on("question", namespace=namespace)
        def question(*args, namespace=namespace):
            log("client", namespace, "question", args)
            return "yes", 42

        @client.on("picture", namespace=namespace)
        def picture(data, namespace=namespace):
            log("client", namespace, "picture", data)

    @client.on("connect_error", namespace="/admin")
    def refused(*data):
        log("client", "/admin", "refused", data)

    names = ["/", "/chat"] + (["/admin"] if transports == ["websocket"] else [])
    try:
        client.connect(f"http://127.0.0.1:{PORT}", namespaces=names, transports=transports, wait=False)
    except TypeError:  # python-socketio 4
        client.connect(f"http://127.0.0.1:{PORT}", namespaces=names, transports=transports)
    time.sleep(0.4)
    for namespace in ("/", "/chat"):
        log("client", namespace, "add", client.call("add", (1, 2), namespace=namespace))
        log(
            "client", namespace, "blob", client.call("blob", {"first": b"\0\1\2", "second": b"ab"}, namespace=namespace)
        )
        client.emit("ask me", namespace=namespace)
        client.emit("nobody listens", [[1], {"a": "b"}], namespace=namespace)
        time.sleep(0.2)
    time.sleep(1.2)  # for a ping
    client.disconnect()


if __name__ == "__main__":
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(1)
        wait_for_coroutines()
        threading.Thread(target=serve, daemon=True).start()
        time.sleep(1)
        play(["websocket"])
        play(["polling", "websocket"])
        time.sleep(1)
    finally:
        capture.terminate()
        capture.wait()
