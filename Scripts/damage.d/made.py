"""Conversations that no program would have, packet by packet."""

import base64
import hashlib
import struct

from packets import ACK, FIN, PSH, SYN, Packet, summed
from truth import unmasked

ENDS = {"client": (b"\xc0\0\2\1", 50000), "server": (b"\xc0\0\2\2", 8080)}  # 192.0.2.1 and .2
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # that of RFC 6455 §1.3
REQUEST = {
    "Host": "example.com", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
RESPONSE = {
    "Upgrade": "websocket", "Connection": "Upgrade",
    "Sec-WebSocket-Accept": base64.b64encode(
        hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode(),
}


def frame(sender, opcode, payload=b"", fin=True, rsv=0, form=None, masked=None):
    """A frame; `form` is the length form to use (7, 16 or 64 bits) where it is not the shortest."""
    form = form or (7 if len(payload) < 126 else 16 if len(payload) < 65536 else 64)
    masked = sender == "client" if masked is None else masked
    short = {7: len(payload), 16: 126, 64: 127}[form]
    length = {7: b"", 16: struct.pack(">H", len(payload) & 0xFFFF), 64: struct.pack(">Q", len(payload))}[form]
    head = bytes([fin << 7 | rsv << 4 | opcode, masked << 7 | short]) + length
    key = b"\x37\xfa\x21\x3d"
    return head + (key + unmasked(payload, key) if masked else payload)


class Story:
    """A connection that is told step by step."""

    def __init__(self, request=(), response=(), request_line="GET /chat HTTP/1.1"):
        self.packets, self.sequence = [], {"client": 1000, "server": 5000}
        self._packet("client", SYN)
        self._packet("server", SYN | ACK)
        self._packet("client", ACK)
        self.say("client", head(request_line, {**REQUEST, **dict(request)}))
        self.say("server", head("HTTP/1.1 101 Switching Protocols", {**RESPONSE, **dict(response)}))

    def _packet(self, sender, flags, payload=b""):
        receiver = "server" if sender == "client" else "client"
        (source, source_port), (target, target_port) = ENDS[sender], ENDS[receiver]
        tcp = struct.pack(
            ">HHIIBBHHH", source_port, target_port, self.sequence[sender],
            self.sequence[receiver] if flags & ACK else 0, 80, flags, 65535, 0, 0)
        ip = struct.pack(
            ">BBHHHBBH4s4s", 69, 0, 40 + len(payload), len(self.packets), 0x4000, 64, 6, 0, source, target)
        ethernet = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"
        time = 1_800_000_000 * 10**9 + len(self.packets) * 10**6
        self.packets.append(Packet(time, summed(ethernet + ip + tcp + payload)))
        self.sequence[sender] += len(payload) + bool(flags & (SYN | FIN))

    def say(self, sender, payload):
        self._packet(sender, PSH | ACK, payload)
        return self

    def send(self, sender, opcode, payload=b"", **more):
        return self.say(sender, frame(sender, opcode, payload, **more))

    def end(self):
        for sender in "client", "server":
            self._packet(sender, FIN | ACK)
        return self.packets

    def close(self):
        """A closing handshake and the end."""
        for sender in "client", "server":
            self.send(sender, 8, struct.pack(">H", 1000))
        return self.end()


def head(start, fields):
    """The head of a request or response; a field is given more than once as a list, and left out as None."""
    lines = [start]
    for name, value in fields.items():
        lines += [f"{name}: {one}" for one in (value if isinstance(value, list) else [value]) if one is not None]
    return "\r\n".join([*lines, "", ""]).encode()


def crossing():
    """Both ends send a message in five fragments at the same time, turn by turn, ten times."""
    story = Story()
    for number in range(10):
        parts = {
            sender: [f"{sender} {number}.{part}: {words} ".encode() for part, words in enumerate(
                ("the tide comes", "the tide goes", "the ferry waits", "the harbour sleeps", "good night"))]
            for sender in ("client", "server")
        }
        for part in range(5):
            for sender in "client", "server":
                story.send(sender, 0 if part else 1, parts[sender][part], fin=part == 4)
    return story.close()
