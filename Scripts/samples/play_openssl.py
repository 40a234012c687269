"""Plays a scene as client through `openssl s_client`, which changes its keys when it is told to.

Before its second line it asks for new keys of both (KeyUpdate, RFC 8446 §4.6.3), before its third one only for its own.
"""

import argparse
import json
import os
import subprocess
import time

from peerlog import PeerLog

REQUEST = (
    "GET /chat HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
COMMANDS = {2: b"K\n", 3: b"k\n"}
PAUSE = 0.2  # seconds, so that what is written arrives apart


class Client:
    def __init__(self, port, keylog):
        command = f"openssl s_client -connect 127.0.0.1:{port} -servername chat.example -keylogfile {keylog}"
        self.process = subprocess.Popen(
            command.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.rest = b""

    def send(self, data):
        self.process.stdin.write(data)
        time.sleep(PAUSE)

    def frame(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.send(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def read(self, count):
        while len(self.rest) < count:
            self.rest += os.read(self.process.stdout.fileno(), 65536) or exit("the server has gone")
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def receive(self):
        while (first := self.read(1)[0]) < 0x80:
            pass  # what s_client says itself is plain text
        return first & 15, self.read(self.read(1)[0])  # short ones only


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=["client"])
    for name in ("scene", "log", "keylog"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    with open(arguments.scene, encoding="utf-8") as file:
        scene = json.load(file)
    log = PeerLog(arguments.log, "client:openssl")
    client = Client(arguments.port, arguments.keylog)
    time.sleep(3 * PAUSE)
    client.send(REQUEST.encode())
    head = b""
    while b"HTTP/1.1 101" not in head:
        head += client.read(1)
    while not head.endswith(b"\r\n\r\n"):
        head += client.read(1)
    log.write(None, "event", "open", subprotocol=None, extensions=[])
    lines = 0
    for step in scene:
        if step["op"] == "close":
            client.frame(8, step["code"].to_bytes(2, "big") + step["text"].encode())
            client.receive()
        elif step["from"] == "client":
            lines += 1
            if lines in COMMANDS:
                client.send(COMMANDS[lines])
            log.payload(None, "send", "text", step["text"])
            client.frame(1, step["text"].encode())
        else:
            _, text = client.receive()
            log.payload(None, "recv", "text", text.decode())
    client.process.stdin.close()
    client.process.wait(10)
    log.write(None, "event", "closed", close_rcvd=None)


main()
