"""Records version 1 of Centrifugo's client protocol: the library that Centrifugo is made of, and a client made by hand.

    apt install golang-go golang-github-centrifugal-centrifuge-dev golang-github-centrifugal-protocol-dev \\
      golang-github-fzambia-eagle-dev golang-github-igm-sockjs-go-dev golang-github-mna-redisc-dev tcpdump
    GO111MODULE=off GOPATH=/usr/share/gocode go build -o server centrifuge.go
    python3 -m venv V && V/bin/pip install aiohttp
    V/bin/python centrifuge_go.py ./server centrifugo-v1.pcap

What the client sees is printed.
"""

import asyncio
import json
import subprocess
import sys

import aiohttp

PORT = 18768


async def play():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"ws://127.0.0.1:{PORT}/connection/websocket") as socket:

            async def listen():
                async for message in socket:
                    print("client got", repr(message.data), flush=True)

            task = asyncio.create_task(listen())

            async def send(*commands):
                await socket.send_str("\n".join(json.dumps(command) for command in commands))
                await asyncio.sleep(0.2)

            await send({"id": 1, "params": {"name": "hand", "version": "1"}})
            await send(
                {"id": 2, "method": 1, "params": {"channel": "news"}},
                {"id": 3, "method": 1, "params": {"channel": "closed"}},
            )
            await send({"id": 4, "method": 3, "params": {"channel": "news", "data": {"text": "ünï"}}})
            await send({"id": 5, "method": 4, "params": {"channel": "news"}})
            await send({"id": 6, "method": 9, "params": {"method": "add", "data": [1, 2]}})
            await send({"id": 7, "method": 7})
            await send({"id": 8, "method": 2, "params": {"channel": "news"}})
            task.cancel()


if __name__ == "__main__":
    server = subprocess.Popen([sys.argv[1]])
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[2], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        asyncio.run(asyncio.sleep(1.5))
        asyncio.run(play())
        asyncio.run(asyncio.sleep(0.5))
    finally:
        capture.terminate()
        capture.wait()
        server.terminate()
        server.wait()
