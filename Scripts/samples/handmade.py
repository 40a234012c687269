#!/usr/bin/python3
"""Writes the samples that no real program makes: peers that break rules, and a capture that lost packets.

    Scripts/samples/handmade.py

Every byte is made here, checksums included, so that the files are the same each time. Samples/README.md says which.
"""

import base64
import hashlib
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "Scripts/damage.d"))

from packets import ACK, FIN, PSH, RST, SYN, summed  # noqa: E402

SAMPLES = ROOT / "Samples"
START = 1_795_143_600  # 2026-11-20T03:00:00Z
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
CLIENT, SERVER = 0, 1
MASK = bytes.fromhex("37fa213d")


class Conversation:
    """One TCP connection, packet by packet; a packet takes a millisecond."""

    def __init__(self, packets, port):
        self.packets, self.port = packets, port
        self.next = [1_000_000, 5_000_000]
        self.packet(CLIENT, SYN)
        self.packet(SERVER, SYN | ACK)
        self.packet(CLIENT, ACK)

    def packet(self, end, flags, payload=b""):
        addresses = [bytes([192, 0, 2, 7]), bytes([192, 0, 2, 80])]
        ports = [self.port, 80]
        source, target = (0, 1) if end == CLIENT else (1, 0)
        ack = self.next[1 - end] if flags & ACK else 0
        tcp = struct.pack("!HHIIBBHHH", ports[source], ports[target], self.next[end], ack, 0x50, flags, 64240, 0, 0)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(payload), 1, 0x4000, 64, 6, 0)
        ip += addresses[source] + addresses[target]
        ether = bytes([2, 0, 0, 0, 0, target + 1, 2, 0, 0, 0, 0, source + 1, 8, 0])
        self.packets.append(summed(ether + ip + tcp + payload))
        self.next[end] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    def say(self, end, data):
        self.packet(end, PSH | ACK, data.replace("\n", "\r\n").encode() if isinstance(data, str) else data)
        self.packet(1 - end, ACK)

    def wait(self, seconds):
        self.packets.append(seconds)

    def frame(self, end, first, payload=b"", masked=None):
        """A frame with this first byte; `masked` says otherwise than the rule."""
        masked = end == CLIENT if masked is None else masked
        payload = payload.encode() if isinstance(payload, str) else payload
        head = bytes([first, (0x80 if masked else 0) | len(payload)])
        if masked:
            head, payload = head + MASK, bytes(b ^ MASK[i % 4] for i, b in enumerate(payload))
        self.say(end, head + payload)

    def finish(self, *ends):
        for end in ends:
            self.packet(end, FIN | ACK)
            self.packet(1 - end, ACK)

    def upgrade(self, request="", response=""):
        self.say(CLIENT, head_of_request(request))
        self.say(SERVER, head_of_response(response))


def accept(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def head_of_request(fields="", path="/quay"):
    return (
        f"GET {path} HTTP/1.1\nHost: harbour.example\nUpgrade: websocket\nConnection: Upgrade\n"
        f"Sec-WebSocket-Key: {KEY}\nSec-WebSocket-Version: 13\n{fields}\n"
    )


def head_of_response(fields=""):
    return (
        "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n"
        f"Sec-WebSocket-Accept: {accept(KEY)}\n{fields}\n"
    )


def close(code, reason=""):
    return struct.pack("!H", code) + reason.encode()


# Conversations


def handshake_faults(packets):
    """What goes wrong before the first frame."""
    # A proxy between them does not pass Upgrade and Connection on.
    talk = Conversation(packets, 50001)
    talk.say(CLIENT, head_of_request().replace("Upgrade: websocket\nConnection: Upgrade\n", "Connection: close\n"))
    talk.say(SERVER, "HTTP/1.1 400 Bad Request\nContent-Length: 22\n\nmissing Upgrade header")
    talk.finish(SERVER, CLIENT)
    # A client from before the RFC, and a server that does not say what it takes.
    talk = Conversation(packets, 50002)
    talk.say(CLIENT, head_of_request().replace("Version: 13", "Version: 8"))
    talk.say(SERVER, "HTTP/1.1 426 Upgrade Required\nContent-Length: 0\n\n")
    talk.finish(SERVER, CLIENT)
    # Both are careless; they talk all the same.
    talk = Conversation(packets, 50003)
    request = "Sec-WebSocket-Protocol: tide.v2, tide.v2\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\n"
    talk.say(CLIENT, head_of_request(request).replace(KEY, "bm90IHNpeHRlZW4="))
    response = (
        "HTTP/1.0 101 Yes\nUpgrade: websocket\n" f"Sec-WebSocket-Accept: {accept('bm90IHNpeHRlZW4=')}\n"
        "Sec-WebSocket-Protocol: tide.v1\nContent-Length: 0\n"
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\n\n"
    )
    talk.say(SERVER, response)
    talk.frame(SERVER, 0x81, "High tide at 14:07.")
    talk.frame(CLIENT, 0x88, close(1000))
    talk.frame(SERVER, 0x88, close(1000))
    talk.finish(SERVER, CLIENT)


def frame_faults(packets):
    """A frame for each rule of RFC 6455 §5 that one can break."""
    talk = Conversation(packets, 50011)
    offer = "Sec-WebSocket-Extensions: permessage-deflate\n"
    talk.upgrade(offer, offer)
    talk.frame(CLIENT, 0x81, "no mask", masked=False)
    talk.frame(SERVER, 0x81, "a mask", masked=True)
    talk.frame(SERVER, 0xA1, "RSV2")
    talk.frame(SERVER, 0x83, "opcode 3")
    talk.frame(SERVER, 0x09, "half a ping")
    talk.say(SERVER, b"\x8a\x7e\x00\x80" + b"p" * 128)  # a pong of 128 bytes
    talk.say(SERVER, b"\x81\x7e\x00\x05five!")  # 16 bits for a length of 5
    talk.frame(SERVER, 0x80, "continues nothing")
    talk.frame(SERVER, 0x01, "begun, ")
    talk.frame(SERVER, 0x81, "and another one begins")
    talk.frame(SERVER, 0x01, "caf\u00e9 ".encode()[:4])
    talk.frame(SERVER, 0x80, b"\x28!")  # the second byte of é is missing
    talk.frame(SERVER, 0x41, bytes.fromhex("f248cd"))
    talk.frame(SERVER, 0xC0, bytes.fromhex("c9c90700"))  # RSV1 again, on the second fragment of "Hello"
    talk.frame(SERVER, 0xC2, bytes.fromhex("f248"))  # "Hello" breaks off
    talk.frame(CLIENT, 0x8A, "nobody asked")
    talk.frame(CLIENT, 0x88, b"\x03")
    talk.frame(SERVER, 0x88, close(1005))
    talk.frame(SERVER, 0x81, "one more thing")
    talk.frame(SERVER, 0x88, close(1000))
    talk.finish(SERVER, CLIENT)


def quiet_ends(packets):
    """A server that fails after a minute of silence, and a client that does not answer."""
    talk = Conversation(packets, 50021)
    talk.upgrade()
    talk.frame(CLIENT, 0x81, "Anybody on the night watch?")
    talk.wait(59.999)
    talk.frame(SERVER, 0x88, close(1011, "db down"))
    talk.frame(CLIENT, 0x88, close(1011))
    talk.finish(SERVER, CLIENT)
    talk = Conversation(packets, 50022)
    talk.upgrade()
    talk.frame(CLIENT, 0x81, "Leaving the harbour, there is no signal out h")
    for number in b"1", b"2":
        talk.wait(20)
        talk.frame(SERVER, 0x89, number)
    talk.wait(20)
    talk.packet(SERVER, RST | ACK)


def tea_time(packets):
    talk = Conversation(packets, 50031)
    talk.upgrade()
    talk.frame(CLIENT, 0x81, "Is there tea?")
    talk.frame(SERVER, 0x81, "There was.")
    talk.frame(CLIENT, 0x88, close(1000, "pity"))
    talk.frame(SERVER, 0x88, close(1000, "pity"))
    talk.finish(SERVER, CLIENT)


# Files


def timed(packets):
    """Packets with their times in nanoseconds; what is a number is a pause."""
    now = START * 10**9
    for packet in packets:
        if isinstance(packet, bytes):
            yield now, packet
            now += 10**6
        else:
            now += round(packet * 10**9)


def write_pcap(name, tell):
    packets = []
    tell(packets)
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for time, packet in timed(packets):
        data += struct.pack("<IIII", time // 10**9, time % 10**9 // 1000, len(packet), len(packet)) + packet
    (SAMPLES / f"{name}.pcap").write_bytes(data)


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def write_pcapng_with_drops(name, tell):
    """With statistics of the interface, twice, as a writer does that is asked now and then: the last ones count."""
    packets = []
    tell(packets)
    end = option(0, b"")
    data = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    data += block(1, struct.pack("<HHI", 1, 0, 262144) + option(2, b"mirror0") + option(9, b"\x09") + end)
    last = 0
    for index, (time, packet) in enumerate(timed(packets)):
        last = time
        data += block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet)) + packet)
        if index == 9:
            data += statistics(time, 2, 0, end)
    data += statistics(last, 12, 340, end)
    (SAMPLES / f"{name}.pcapng").write_bytes(data)


def statistics(time, by_interface, by_system, end):
    counts = option(5, struct.pack("<Q", by_interface)) + option(7, struct.pack("<Q", by_system))
    return block(5, struct.pack("<III", 0, time >> 32, time & 0xFFFFFFFF) + counts + end)


if __name__ == "__main__":
    write_pcap("handshake-faults", handshake_faults)
    write_pcap("frame-faults", frame_faults)
    write_pcap("quiet-ends", quiet_ends)
    write_pcapng_with_drops("capture-drops", tea_time)
