"""Sends the packets of a capture (pcap, Ethernet) again, wrapped into something else.

    replay.py INTERFACE FILE WRAPPING
"""

import socket
import struct
import sys
import time


def packets(path):
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    place = 24
    while place < len(data):
        _, _, size, _ = struct.unpack_from(order + "IIII", data, place)
        yield data[place + 16 : place + 16 + size]
        place += 16 + size


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def ipv4(protocol, payload, identification=7, fragment=0):
    header = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0,
        socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.2"),
    )
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + payload


def udp(port, payload):
    return ipv4(17, struct.pack(">HHHH", 40_000, port, 8 + len(payload), 0) + payload)


def ethernet(kind, payload):
    return bytes.fromhex("020000000002020000000001") + struct.pack(">H", kind) + payload


def tagged(frame, *tags):
    return frame[:12] + b"".join(struct.pack(">HH", kind, number) for kind, number in tags) + frame[12:]


def fragments(frame):
    """An IPv4 packet in two pieces, the later one first."""
    ip = frame[14:]
    if len(ip) < 100:
        return [frame]
    pieces = []
    for data, offset in ((ip[68:], 48), (ip[20:68], 0)):
        header = bytearray(ip[:20])
        header[2:4] = struct.pack(">H", 20 + len(data))
        header[6:8] = struct.pack(">H", offset // 8 | (0 if offset else 0x2000))
        header[10:12] = b"\0\0"
        header[10:12] = struct.pack(">H", checksum(bytes(header)))
        pieces.append(ethernet(0x0800, bytes(header) + data))
    return pieces


WRAPPINGS = {
    "nothing": lambda frame: [frame],
    "VLAN": lambda frame: [tagged(frame, (0x8100, 7))],
    "VLAN in VLAN": lambda frame: [tagged(frame, (0x88A8, 100), (0x8100, 7))],
    "MPLS": lambda frame: [ethernet(0x8847, struct.pack(">I", 18 << 12 | 0x100 | 64) + frame[14:])],
    "PPPoE": lambda frame: [ethernet(0x8864, struct.pack(">BBHHH", 0x11, 0, 9, len(frame) - 12, 0x21) + frame[14:])],
    "GRE": lambda frame: [ethernet(0x0800, ipv4(47, struct.pack(">HH", 0, 0x0800) + frame[14:]))],
    "IP in IP": lambda frame: [ethernet(0x0800, ipv4(4, frame[14:]))],
    "VXLAN": lambda frame: [ethernet(0x0800, udp(4789, struct.pack(">II", 0x08000000, 42 << 8) + frame))],
    "GENEVE": lambda frame: [ethernet(0x0800, udp(6081, struct.pack(">HHI", 0, 0x6558, 42 << 8) + frame))],
    "IP fragments": fragments,
}

if __name__ == "__main__":
    interface, path, wrapping = sys.argv[1:]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((interface, 0))
    for packet in packets(path):
        for frame in WRAPPINGS[wrapping](packet):
            out.send(frame)
        time.sleep(0.001)
