"""Packets of one TCP connection over Ethernet and IPv4, read from pcap files and written to them."""

import gzip
import struct
from dataclasses import dataclass, replace

SERVER_PORT = 8080  # of every conversation here
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MAGICS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}  # nanoseconds a unit


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@dataclass(frozen=True)
class Packet:
    """A packet: when it was captured, the network and transport headers, and what of it is written to a file."""

    time: int  # nanoseconds
    data: bytes
    snap: int = 1 << 18  # bytes that the capture keeps of it

    @property
    def tcp(self):
        return 14 + (self.data[14] & 15) * 4

    @property
    def body(self):
        return self.tcp + (self.data[self.tcp + 12] >> 4) * 4

    @property
    def end(self):
        """Where the IP packet ends; Ethernet may pad it."""
        return 14 + struct.unpack_from(">H", self.data, 16)[0]

    @property
    def payload(self):
        return self.data[self.body : self.end]

    @property
    def captured(self):
        """How many bytes of the payload are in the capture."""
        return max(min(self.end, self.snap) - self.body, 0)

    @property
    def ports(self):
        return struct.unpack_from(">HH", self.data, self.tcp)

    @property
    def sequence(self):
        return struct.unpack_from(">I", self.data, self.tcp + 4)[0]

    @property
    def flags(self):
        return self.data[self.tcp + 13]

    @property
    def sender(self):
        return "server" if self.ports[0] == SERVER_PORT else "client"

    def carrying(self, sequence, payload):
        """The same packet with other payload, and checksums that are right."""
        tcp, body = self.tcp, self.body
        data = bytearray(self.data[:body] + payload)
        struct.pack_into(">H", data, 16, len(data) - 14)
        struct.pack_into(">I", data, tcp + 4, sequence & 0xFFFFFFFF)
        return replace(self, data=summed(data))

    def with_client_port(self, port):
        """The same packet of another connection; a checksum that was wrong stays wrong by as much (RFC 1624)."""
        data, at = bytearray(self.data), self.tcp + (2 if self.sender == "server" else 0)
        before = struct.unpack_from(">H", data, at)[0]
        struct.pack_into(">H", data, at, port)
        total = (struct.unpack_from(">H", data, self.tcp + 16)[0] ^ 0xFFFF) + (before ^ 0xFFFF) + port
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into(">H", data, self.tcp + 16, total ^ 0xFFFF)
        return replace(self, data=bytes(data))


def summed(data):
    """An Ethernet packet with right checksums of IPv4 and TCP."""
    data = bytearray(data)
    tcp = 14 + (data[14] & 15) * 4
    struct.pack_into(">H", data, 24, 0)
    struct.pack_into(">H", data, 24, checksum(bytes(data[14:tcp])))
    struct.pack_into(">H", data, tcp + 16, 0)
    pseudo = bytes(data[26:34]) + struct.pack(">HH", 6, len(data) - tcp)
    struct.pack_into(">H", data, tcp + 16, checksum(pseudo + bytes(data[tcp:])))
    return bytes(data)


def read(path):
    """The packets of a pcap file, which may be compressed with gzip."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    order = "<" if struct.unpack_from("<I", data)[0] in MAGICS else ">"
    unit = MAGICS[struct.unpack_from(order + "I", data)[0]]
    assert struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF == 1, f"{path}: not Ethernet"
    packets, at = [], 24
    while at < len(data):
        seconds, fraction, stored, length = struct.unpack_from(order + "4I", data, at)
        assert stored == length, f"{path}: packets are cut"
        packets.append(Packet(seconds * 10**9 + fraction * unit, data[at + 16 : at + 16 + stored]))
        at += 16 + stored
    return packets


def write(path, packets, cut=0):
    """Writes a pcap file of nanosecond times without its last `cut` bytes."""
    out = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1)]
    for packet in packets:
        stored = packet.data[: packet.snap]
        out.append(struct.pack("<4I", *divmod(packet.time, 10**9), len(stored), len(packet.data)) + stored)
    data = b"".join(out)
    path.write_bytes(data[: len(data) - cut])
