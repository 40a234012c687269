"""What was said in a connection whose capture is whole: a small WebSocket decoder that shares no code with wstap.

Where the peers logged what they sent, it is held to their logs.
"""

import hashlib
import json
import re
import struct
import zlib
from dataclasses import dataclass

from packets import SYN

SENDERS = "client", "server"
KINDS = {1: "text", 2: "binary"}


@dataclass(frozen=True)
class Frame:
    sender: str
    start: int  # offset of the header in what the sender sent
    body: int
    end: int
    fin: bool
    rsv: int
    opcode: int
    key: str  # 8 hex digits, or nothing
    payload: bytes  # unmasked

    @property
    def shape(self):
        """What a program must have said of the frame to be right."""
        return self.sender, self.fin, self.opcode, self.key, len(self.payload)


@dataclass(frozen=True)
class Message:
    sender: str
    kind: str
    content: bytes
    frames: tuple


class Conversation:
    """A connection: its packets, and what was said in it."""

    def __init__(self, name, packets, log=None):
        self.name, self.packets = name, packets
        self.first = {packet.sender: packet.sequence + 1 for packet in packets if packet.flags & SYN}
        self.client_port = next(port for port in packets[0].ports if port != 8080)
        streams = {sender: self._stream(sender) for sender in SENDERS}
        self.head = {sender: streams[sender].index(b"\r\n\r\n") + 4 for sender in SENDERS}
        found = re.search(rb"(?i)sec-websocket-extensions: (.*)\r\n", streams["server"][: self.head["server"]])
        self.extensions = found[1].decode() if found else ""
        self.frames = [frame for sender in SENDERS for frame in self._frames(sender, streams[sender])]
        self.messages = [message for sender in SENDERS for message in self._messages(sender)]
        if log:
            self._hold_to(log)

    def offset(self, packet):
        """Offset of a packet's payload in what its sender sent."""
        return (packet.sequence - self.first[packet.sender]) & 0xFFFFFFFF

    def _stream(self, sender):
        stream = bytearray()
        for packet in self.packets:
            if packet.sender == sender and packet.payload:
                start = self.offset(packet)
                assert start <= len(stream), f"{self.name}: the capture is not whole"
                stream[start : start + len(packet.payload)] = packet.payload
        return bytes(stream)

    def _frames(self, sender, stream):
        at = self.head[sender]
        while at < len(stream):
            start, (first, second) = at, stream[at : at + 2]
            at, length = at + 2, second & 127
            for short, form, size in ((126, ">H", 2), (127, ">Q", 8)):
                if second & 127 == short:
                    length, at = struct.unpack_from(form, stream, at)[0], at + size
            key = stream[at : at + 4] if second & 128 else b""
            at += len(key)
            payload = stream[at : at + length]
            assert len(payload) == length, f"{self.name}: the capture is not whole"
            plain = unmasked(payload, key) if key else payload
            yield Frame(
                sender, start, at, at + length, bool(first & 128), first >> 4 & 7, first & 15, key.hex(), plain)
            at += length

    def _messages(self, sender):
        bits = re.search(sender + r"_max_window_bits=(\d+)", self.extensions)
        forgets, bits = f"{sender}_no_context_takeover" in self.extensions, int(bits[1]) if bits else 15
        inflater, parts = zlib.decompressobj(-bits), []
        for frame in self.frames:
            if frame.sender != sender or frame.opcode > 2:
                continue
            parts.append(frame)
            if frame.fin:
                content = b"".join(part.payload for part in parts)
                if parts[0].rsv & 4:
                    inflater = zlib.decompressobj(-bits) if forgets else inflater
                    content = inflater.decompress(content + b"\0\0\xff\xff")
                yield Message(sender, KINDS[parts[0].opcode], content, tuple(parts))
                parts = []

    def _hold_to(self, log):
        said = {sender: [] for sender in SENDERS}
        for line in log.read_text().splitlines():
            event = json.loads(line)
            if event["dir"] == "send" and event["op"] in KINDS.values():
                said[event["who"].partition(":")[0]].append((event["op"], event["sha256"]))
        for sender in SENDERS:
            found = [
                (message.kind, hashlib.sha256(message.content).hexdigest())
                for message in self.messages if message.sender == sender
            ]
            assert found == said[sender], f"{self.name}: what the {sender} logged is not in the capture"

    def present(self, packets):
        """The messages of which `packets` hold every byte, and the frames of which they hold the header."""
        size = {
            sender: max([frame.end for frame in self.frames if frame.sender == sender], default=0)
            for sender in SENDERS
        }
        held = {sender: bytearray(size[sender]) for sender in SENDERS}
        for packet in packets:
            start = self.offset(packet)
            if packet.captured and start < size[packet.sender]:
                end = min(start + packet.captured, size[packet.sender])
                held[packet.sender][start:end] = b"\1" * (end - start)

        def has(frame, end):
            return all(held[frame.sender][frame.start : end])

        return (
            [message for message in self.messages if all(has(frame, frame.end) for frame in message.frames)],
            [frame for frame in self.frames if has(frame, frame.body)],
        )


def unmasked(payload, key):
    pad = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")
