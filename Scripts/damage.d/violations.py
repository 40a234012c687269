"""Conversations in which one rule is broken, each with what wstap is to say of it."""

import struct

from made import RESPONSE, Story, frame


def told(sender, *frames, **story):
    """A conversation with a good message, then these frames of `sender`, then an end."""
    return Story(**story).send("client", 1, b"hello").say(sender, b"".join(frames)).end()


def greeted(**story):
    """A conversation whose handshake is of interest."""
    return Story(**story).send("client", 1, b"hello").send("server", 1, b"hello").close()


DEFLATE = {
    "request": {"Sec-WebSocket-Extensions": "permessage-deflate"},
    "response": {"Sec-WebSocket-Extensions": "permessage-deflate"},
}


def violations():
    """Each rule that is broken: its words, the packets, and the code that names it."""
    def client(opcode, payload=b"", **more):
        return frame("client", opcode, payload, **more)

    def server(opcode, payload=b"", **more):
        return frame("server", opcode, payload, **more)

    def code(number, reason=b""):
        return struct.pack(">H", number) + reason

    return [
        ("client's frame without mask", told("client", client(1, b"plain", masked=False)), "frame.not-masked"),
        ("server's frame with mask", told("server", server(1, b"masked", masked=True)), "frame.masked"),
        ("RSV2 without extension", told("client", client(1, b"reserved", rsv=2)), "frame.rsv-set"),
        ("RSV1 without extension", told("server", server(1, b"reserved", rsv=4)), "frame.rsv-set"),
        ("reserved data opcode 3", told("client", client(3, b"what")), "frame.reserved-opcode"),
        ("reserved control opcode 11", told("client", client(11, b"what")), "frame.reserved-opcode"),
        ("fragmented ping", told("client", client(9, b"pi", fin=False)), "frame.control-fragmented"),
        ("ping of 126 bytes", told("server", server(9, b"p" * 126)), "frame.control-too-long"),
        ("continuation of nothing", told("client", client(0, b"and so on")), "frame.orphan-continuation"),
        ("message inside a message", told("client", client(1, b"one ", fin=False), client(1, b"two")),
         "frame.interleaved"),
        ("16-bit length for 5 bytes", told("client", client(1, b"short", form=16)), "frame.length-not-minimal"),
        ("64-bit length for 200 bytes", told("server", server(2, b"s" * 200, form=64)), "frame.length-not-minimal"),
        ("64-bit length with the top bit", told("server", b"\x82\x7f\x80" + bytes(6) + b"\5hello"),
         "frame.length-top-bit"),
        ("text that is not UTF-8", told("client", client(1, b"Caf\xe9 (Latin-1)")), "message.invalid-utf8"),
        ("the same across fragments", told("server", server(1, b"\xe2\x82", fin=False), server(0, b"\x28")),
         "message.invalid-utf8"),
        ("close body of one byte", told("client", client(8, b"\3")), "frame.close-one-byte"),
        ("close code 1005", told("client", client(8, code(1005))), "frame.close-code"),
        ("close code 999", told("server", server(8, code(999))), "frame.close-code"),
        ("close reason not UTF-8", told("server", server(8, code(1000, b"\xff\xfe"))), "frame.close-reason-utf8"),
        ("data after close", told("client", client(8, code(1000)), client(1, b"and another thing")),
         "frame.after-close"),
        ("RSV1 on a continuation",
         told("server", server(1, b"", fin=False, rsv=4), server(0, b"\0", rsv=4), **DEFLATE),
         "frame.rsv1-on-continuation"),
        ("invalid deflate data", told("server", server(1, b"\xff\xff\xff\xff", rsv=4), **DEFLATE), "message.inflate"),
        ("accept that does not fit the key", greeted(response={"Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
         "handshake.accept-mismatch"),
        ("no accept", greeted(response={"Sec-WebSocket-Accept": None}), "handshake.accept-missing"),
        ("no key", greeted(request={"Sec-WebSocket-Key": None}), "handshake.key-missing"),
        ("key of 5 bytes", greeted(
            request={"Sec-WebSocket-Key": "aGVsbG8="},
            response={"Sec-WebSocket-Accept": "9MA2xe4VSbCMdRCYTqOtSsGpRTc="}),
         "handshake.key-invalid"),
        ("subprotocol that was not offered", greeted(
            request={"Sec-WebSocket-Protocol": "chat"}, response={"Sec-WebSocket-Protocol": "mqtt"}),
         "handshake.subprotocol-not-offered"),
        ("extension that was not offered", greeted(response=DEFLATE["response"]), "handshake.extension-not-offered"),
        ("version 12", greeted(request={"Sec-WebSocket-Version": "12"}), "handshake.version"),
        ("request without Connection: Upgrade", greeted(request={"Connection": "keep-alive"}),
         "handshake.connection-header"),
        ("response without Upgrade", greeted(response={"Upgrade": None}), "handshake.upgrade-header"),
        ("two accept headers", greeted(response={"Sec-WebSocket-Accept": [RESPONSE["Sec-WebSocket-Accept"]] * 2}),
         "handshake.duplicate-header"),
        ("request in HTTP/1.0", greeted(request_line="GET /chat HTTP/1.0"), "handshake.http-version"),
    ]
