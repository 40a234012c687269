#!/usr/bin/env python3
"""Records messages in formats that no name tells: MessagePack, CBOR, Protocol Buffers, gzip, zlib, pictures; and one zlib stream.

    formats.py FOLDER

Needs websockets, msgpack, cbor2, protobuf and pillow (pip), tcpdump, and the right to capture on the loopback interface.
"""
import asyncio
import datetime
import gzip
import io
import json
import os
import subprocess
import sys
import time
import uuid
import zlib

import cbor2
import msgpack
from google.protobuf import descriptor_pb2, struct_pb2, timestamp_pb2
from PIL import Image
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

PORT = 18081
MOMENT = datetime.datetime(2026, 11, 20, 12, 30, 15, 250000, datetime.timezone.utc)


def picture(kind, size=(64, 48)):
    file = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(file, kind)
    return file.getvalue()


def protobuf():
    field = descriptor_pb2.FieldDescriptorProto(name="user", number=1, type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING)
    yield descriptor_pb2.DescriptorProto(name="Login", field=[field], reserved_name=["old", "older"]).SerializeToString()
    document = struct_pb2.Struct()
    document.update({"name": "probe", "reading": 21.5, "ok": True})
    yield document.SerializeToString()
    yield timestamp_pb2.Timestamp(seconds=1_790_000_000, nanos=5).SerializeToString()  # too little to be sure of


def messages():
    record = {"id": 7, "name": "Grüße", "ratio": 0.25, "tags": ["a", None, True], "big": 2**60, "raw": b"\x00\xff"}
    yield msgpack.packb(record)
    yield msgpack.packb({"at": MOMENT, "ext": msgpack.ExtType(5, b"xyz"), 3: -1}, datetime=True)
    yield cbor2.dumps(record)
    yield cbor2.dumps({"at": MOMENT, "id": uuid.UUID(int=5), "huge": 2**70, "half": 1.5, 3: -1}, canonical=True)
    yield from protobuf()
    yield gzip.compress(b'{"jsonrpc":"2.0","method":"ping","id":1}', mtime=0)
    yield gzip.compress("Grüße, zum zweiten Mal: Grüße".encode(), mtime=0)
    yield zlib.compress(json.dumps({"op": 1, "d": [0] * 50}).encode())
    for kind in ["PNG", "JPEG", "GIF", "WEBP"]:
        yield picture(kind)
    yield picture("BMP", (8, 6))
    yield b"\x05"


async def answer(socket):
    if "zlib-stream" in socket.request.path:
        stream = zlib.compressobj()
        for message in [{"op": 10, "d": {"heartbeat_interval": 41250}, "t": None}, {"op": 11, "d": None, "t": None},
                        {"op": 0, "t": "MESSAGE_CREATE", "d": {"content": "Grüße " * 20}}]:
            data = stream.compress(json.dumps(message).encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
            for piece in [data] if message["op"] else [data[:20], data[20:]]:
                await socket.send(piece)
            print("zlib stream:", message)
            await socket.recv()
        return
    async for message in socket:
        await socket.send(message)


async def talk():
    async with serve(answer, "127.0.0.1", PORT, compression=None):
        async with connect(f"ws://127.0.0.1:{PORT}/", compression=None) as socket:
            for message in messages():
                print(len(message), message[:40])
                await socket.send(message)
                assert await socket.recv() == message
        async with connect(f"ws://127.0.0.1:{PORT}/?v=10&encoding=json&compress=zlib-stream", compression=None) as socket:
            for number in range(3):
                await socket.recv()
                await socket.send(json.dumps({"op": 1, "d": number}))


def main():
    path = os.path.join(sys.argv[1], "formats.pcap")
    dump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "-w", path, f"tcp port {PORT}"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    asyncio.run(talk())
    time.sleep(1)
    dump.terminate()
    dump.wait()


main()
