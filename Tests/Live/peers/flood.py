"""Sends WebSocket frames as fast as the system takes them, without a library; and counts what comes.

    flood.py client|server LOG SECONDS SIZE FRAMES [--rate MB] [--port PORT]

Frames have SIZE bytes each, and FRAMES of them go into a write. Both peers send. A server takes a free port, and prints
it. The log says how many frames and bytes were sent and received.
"""

import argparse
import base64
import hashlib
import json
import os
import socket
import struct
import threading
import time

MASK = b"\x37\xfa\x21\x3d"


def frame(payload, opcode, masked):
    size = len(payload)
    lengths = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    header = bytearray(bytes([0x80 | opcode]) + lengths)
    if not masked:
        return bytes(header) + payload
    header[1] |= 0x80
    return bytes(header) + MASK + bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))


def head(socket):
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += socket.recv(1)
    return data


def call(port):
    connection = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16))
    connection.sendall(
        b"GET /flood HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    head(connection)
    return connection


def answer():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    key = next(line for line in head(connection).split(b"\r\n") if line.startswith(b"Sec-WebSocket-Key: "))[19:]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return connection


def receive(connection, counts):
    room = bytearray(1 << 20)
    while size := connection.recv_into(room):
        counts["received_bytes"] += size


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role")
    parser.add_argument("log")
    parser.add_argument("seconds", type=float)
    parser.add_argument("size", type=int)
    parser.add_argument("frames", type=int)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    connection = call(options.port) if options.role == "client" else answer()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    counts = {"peer": options.role, "sent": 0, "sent_bytes": 0, "received_bytes": 0}
    receiver = threading.Thread(target=receive, args=(connection, counts))
    receiver.start()
    is_client = options.role == "client"
    chunk = b"".join(
        frame((f"{i} " * options.size)[: options.size].encode(), 1, is_client) for i in range(options.frames)
    )
    start = now = time.monotonic()
    while now < start + options.seconds:
        connection.sendall(chunk)
        counts["sent"] += options.frames
        counts["sent_bytes"] += len(chunk)
        now = time.monotonic()
        if options.rate and (early := counts["sent_bytes"] / options.rate / 1e6 - (now - start)) > 0:
            time.sleep(early)
    # Time for who watches to come so far: what follows tells how much was sent.
    time.sleep(2)
    last = frame(struct.pack(">H", 1000), 8, is_client)
    connection.sendall(last)
    counts["sent"] += 1
    counts["sent_bytes"] += len(last)
    connection.shutdown(socket.SHUT_WR)
    receiver.join()
    with open(options.log, "w", encoding="utf-8") as file:
        file.write(json.dumps(counts) + "\n")


main()
