"""Captures of connections that say what a test wants them to say."""

import struct

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(is_client, opcode, payload, first=None):
    """A frame; the client's are masked with zeros."""
    mask = 0x80 if is_client else 0
    size = len(payload)
    head = bytes([0x80 | opcode if first is None else first])
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += struct.pack("!BH", mask | 126, size)
    else:
        head += struct.pack("!BQ", mask | 127, size)
    return head + (bytes(4) if is_client else b"") + payload


class Capture:
    """A pcap file in the making."""

    def __init__(self):
        self.pieces = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
        self.microseconds = 1_795_142_460_000_000
        self.connections = 0

    def packet(self, source, target, data, flags, numbers):
        tcp = struct.pack("!HHIIBBHHH", source[1], target[1], *numbers, 0x50, flags, 65535, 0, 0) + data
        pseudo = source[0] + target[0] + struct.pack("!BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + source[0] + target[0]
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        whole = bytes(12) + b"\x08\x00" + ip + tcp
        self.pieces.append(struct.pack("<IIII", *divmod(self.microseconds, 1_000_000), len(whole), len(whole)) + whole)
        self.microseconds += 137

    def connection(self):
        self.connections += 1
        return Connection(self, self.connections)

    def write(self, file):
        file.write_bytes(b"".join(self.pieces))
        return file


class Connection:
    """A TCP connection; the client has the ports from 50001 on."""

    def __init__(self, capture, number):
        self.capture = capture
        self.ends = {True: (bytes([10, 0, 0, 1]), 50000 + number), False: (bytes([10, 0, 0, 2]), 80)}
        self.next = {True: 1000, False: 9000}
        self.packet(True, b"", 0x02)
        self.packet(False, b"", 0x12)
        self.packet(True, b"", 0x10)

    def packet(self, is_client, data, flags=0x18):
        numbers = (self.next[is_client], self.next[not is_client])
        self.capture.packet(self.ends[is_client], self.ends[not is_client], data, flags, numbers)
        self.next[is_client] += len(data) + (1 if flags & 0x03 else 0)

    def send(self, is_client, data):
        for i in range(0, len(data), 1400):
            self.packet(is_client, data[i:i + 1400])

    def handshake(self, target=b"/chat", request=b"", response=b"", status=b"101 Switching Protocols"):
        self.send(True, b"GET " + target + b" HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY.encode() + b"\r\n" + request + b"\r\n")
        self.send(False, b"HTTP/1.1 " + status + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n" + response + b"\r\n")
        return self

    def frame(self, is_client, opcode, payload, first=None):
        self.send(is_client, frame(is_client, opcode, payload, first))

    def text(self, is_client, text):
        self.frame(is_client, 1, text.encode())

    def close(self, code=1000, reason=b""):
        for is_client in (True, False):
            self.frame(is_client, 8, struct.pack("!H", code) + reason)
        for is_client in (True, False):
            self.packet(is_client, b"", 0x11)
