"""Records Action Cable: the server of Ruby on Rails, and a client made by hand.

    apt install ruby-actioncable puma tcpdump
    python3 -m venv V && V/bin/pip install aiohttp
    V/bin/python actioncable.py actioncable.pcap

What the client sees is printed, and the server's log.
"""

import asyncio
import json
import os
import subprocess
import sys

import aiohttp

PORT = 18764
HEADERS = {"Origin": f"http://127.0.0.1:{PORT}"}


async def play():
    url = f"ws://127.0.0.1:{PORT}/cable"
    open_room = json.dumps({"channel": "ChatChannel", "room": "open"})
    closed_room = json.dumps({"channel": "ChatChannel", "room": "closed"})
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(
            url, protocols=["actioncable-v1-json", "actioncable-unsupported"], headers=HEADERS
        ) as socket:

            async def listen():
                async for message in socket:
                    print("client got", message.data, flush=True)

            task = asyncio.create_task(listen())
            for identifier in (open_room, closed_room):
                await socket.send_str(json.dumps({"command": "subscribe", "identifier": identifier}))
                await asyncio.sleep(0.5)
            data = json.dumps({"action": "speak", "text": 'hello "you"'})
            await socket.send_str(json.dumps({"command": "message", "identifier": open_room, "data": data}))
            await asyncio.sleep(3.2)  # for a ping
            await socket.send_str(json.dumps({"command": "unsubscribe", "identifier": open_room}))
            await asyncio.sleep(0.3)
            task.cancel()
        async with session.ws_connect(
            url + "?token=wrong", protocols=["actioncable-v1-json"], headers=HEADERS
        ) as socket:
            async for message in socket:
                print("client got", message.data, flush=True)


if __name__ == "__main__":
    config = os.path.join(os.path.dirname(os.path.abspath(__file__)), "actioncable.ru")
    server = subprocess.Popen(["puma", "-b", f"tcp://127.0.0.1:{PORT}", "-t", "2:4", config])
    capture = subprocess.Popen(
        ["tcpdump", "-i", "lo", "--immediate-mode", "-U", "-w", sys.argv[1], f"port {PORT}"], stderr=subprocess.DEVNULL
    )
    try:
        asyncio.run(asyncio.sleep(5))
        asyncio.run(play())
        asyncio.run(asyncio.sleep(1))
    finally:
        capture.terminate()
        capture.wait()
        server.terminate()
        server.wait()
