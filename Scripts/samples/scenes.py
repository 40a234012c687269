"""The conversations. A scene is a list of steps; every player (Python, Node, browser) plays the same ones.

A step says who acts and what happens:
    text, binary   a message; `fragments` sends it in parts, with a `ping` after the first of them
    ping, pong     a control frame with a payload
    close          begins the closing handshake, with code and reason
    pause          both sides do nothing for some seconds
    cue            the client waits until the recorder lets it go on
    crash          the server's handler raises an exception
    kill, reset    the server's process is killed; its socket is reset
    bad-text       a text message that is not UTF-8
    unmasked       a short text frame of the client's without a mask
"""

import base64
import json
import math
import struct
import zlib


def _message(who, payload):
    if isinstance(payload, dict):
        payload = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    if isinstance(payload, str):
        return {"from": who, "op": "text", "text": payload}
    return {"from": who, "op": "binary", "base64": base64.b64encode(payload).decode()}


def client(payload):
    return _message("client", payload)


def server(payload):
    return _message("server", payload)


def fragmented(who, parts, ping=None):
    return {"from": who, "op": "text", "fragments": parts, "text": "".join(parts), "ping": ping}


def ping(who, text):
    return {"from": who, "op": "ping", "text": text}


def pong(who, text):
    return {"from": who, "op": "pong", "text": text}


def close(who, code, reason=""):
    return {"from": who, "op": "close", "code": code, "text": reason}


def act(who, op, **more):
    return {"from": who, "op": op, **more}


def pause(seconds):
    return {"from": "both", "op": "pause", "seconds": seconds}


def sticker():
    """A boat as a PNG of 12 by 8 pixels, palette of three colours."""
    rows = [
        "............",
        ".....#......",
        ".....##.....",
        ".....###....",
        ".....#......",
        "..########..",
        "...######...",
        "~~~~~~~~~~~~",
    ]
    pixels = b"".join(b"\0" + bytes(".#~".index(pixel) for pixel in row) for row in rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 12, 8, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", bytes.fromhex("f4f1de3d405b81b29a"))
        + chunk(b"IDAT", zlib.compress(pixels, 9))
        + chunk(b"IEND", b"")
    )


def harbour():
    """A chat at a human pace: text, a picture, a ping and a clean close."""
    return [
        client({"type": "join", "room": "harbour", "name": "alice"}),
        server({"type": "welcome", "room": "harbour", "here": ["alice", "bob"]}),
        pause(0.6),
        server({"type": "say", "from": "bob", "text": "Morning, alice! Is the ferry running today? ⛴️"}),
        pause(0.9),
        client(
            {"type": "say", "text": "It is, but it is late. The tide waits for nobody, the ferry does. 🌊"}
        ),
        pause(0.5),
        ping("server", "still there?"),
        client(sticker()),
        server({"type": "sticker", "from": "alice", "bytes": len(sticker())}),
        pause(0.7),
        server({"type": "say", "from": "bob", "text": "A boat! Then I bring the cake."}),
        client({"type": "say", "text": "Carrot cake?"}),
        server({"type": "say", "from": "bob", "text": "Carrot cake. Ten past four, on the quay?"}),
        client({"type": "say", "text": "Ten past four, on the quay."}),
        pause(0.3),
        close("client", 1000, "see you on the quay"),
    ]


def short_chat():
    """A few lines, where something other than the conversation is of interest."""
    return [
        client("Hello, is anybody in?"),
        server("Bob here. Who is that?"),
        client("Alice. I have brought the tea. ☕"),
        server("Then do come in!"),
        close("client", 1000, "tea time"),
    ]


def tea_order():
    """Three cups, each ordered behind another lock."""
    return [
        client("One cup of tea, please."),
        server("Coming."),
        client("We have changed the locks. One more?"),
        server("So have we. Here it is."),
        client("Only mine this time. The last one!"),
        server("The pot is empty now."),
        close("client", 1000, "thank you"),
    ]


def lobby():
    """A game lobby: players join, get ready, and play three moves."""
    board = [
        client({"move": 1, "play": "e4"}),
        server({"move": 1, "by": "bob", "play": "e5"}),
        client({"move": 2, "play": "Nf3"}),
        server({"move": 2, "by": "bob", "play": "Nc6"}),
        client({"move": 3, "play": "Bb5"}),
        server({"move": 3, "by": "bob", "play": "a6", "clock": [172.4, 168.9]}),
    ]
    return [
        client({"do": "create", "game": "chess", "minutes": 3}),
        server({"lobby": "blue-otter", "players": ["alice"], "open": True}),
        server({"lobby": "blue-otter", "players": ["alice", "bob"], "open": False}),
        client({"do": "ready"}),
        server({"lobby": "blue-otter", "start": True, "white": "alice", "black": "bob"}),
        *board,
        client({"do": "resign", "reason": None}),
        server({"result": "0-1", "rating": {"alice": 1412, "bob": 1431}}),
        close("server", 1000, "game over"),
    ]


def ticker(updates, lunch=0):
    """Quotes that resemble one another: what a compressor with a memory is good at.

    `lunch`: seconds of silence before the second half.
    """
    names = ["TEA", "SILK", "TIN", "COPPER"]

    def quote(i):
        price, volume = round(100 + 25 * (i % 4) + 3 * math.sin(i), 2), 100 * (1 + i * i % 7)
        trade = {"symbol": names[i % 4], "price": price, "volume": volume}
        return server({"quote": {**trade, "currency": "EUR", "venue": "harbour exchange"}})

    quotes = [quote(i) for i in range(updates)]
    if lunch:
        quotes.insert(updates // 2, pause(lunch))
    return [
        client({"subscribe": names}),
        server({"subscribed": names}),
        *quotes,
        client({"unsubscribe": names}),
        server({"unsubscribed": names, "quotes": updates}),
        close("client", 1000, "market closed"),
    ]


def tide_report(chapters):
    """Longish messages, so that one needs several TCP segments."""
    places = ["the quay", "the lighthouse", "the old pier", "the north gate"]
    reports = [
        server(
            {
                "report": i,
                "levels": [
                    {"at": places[j % 4], "minute": 6 * j, "cm": round(200 + 150 * math.sin((i * 9 + j) / 6))}
                    for j in range(44)
                ],
            }
        )
        for i in range(chapters)
    ]
    return [
        client({"watch": "tide"}),
        *reports,
        client({"thanks": chapters}),
        close("client", 1000, "low tide"),
    ]


def letter():
    """One letter that is read out in parts, with a ping between the first two."""
    return [
        fragmented(
            "client",
            ["Dear Bob, ", "the ferry is late again, ", "so I write to you from the quay. ", "Alice"],
            ping="are you listening?",
        ),
        server("I am. Do go on!"),
        fragmented("server", ["Dear Alice, ", "take the bus. ", "Bob 🚌"], ping="and you?"),
        client("The bus, of course!"),
        close("client", 1000, "on the bus"),
    ]


def lengths():
    """Payloads on both sides of the limits of the 7, 16 and 64 bit length forms."""

    def tape(length):
        return ("0123456789" * (length // 10 + 1))[:length].encode()

    sizes = [0, 125, 126, 65535, 65536]
    return (
        [client(tape(n)) for n in sizes]
        + [server(tape(n)) for n in sizes]
        + [close("client", 1000, "measured")]
    )


def waveform():
    """A tone: sixteen blocks of 32 samples, 16 bit little-endian, behind a counter."""

    def block(i):
        return struct.pack(
            "<I32h", i, *(round(12000 * math.sin(2 * math.pi * (32 * i + j) / 64)) for j in range(32))
        )

    return [
        client("play A4"),
        *(server(block(i)) for i in range(16)),
        client("stop"),
        close("server", 1000, "silence"),
    ]


def upload():
    """A chart of 80 000 bytes goes up in one message."""
    chart = "".join(
        f"{x:04d},{round(500 + 400 * math.sin(math.pi * x / 80)):04d};" for x in range(8000)
    ).encode()
    return [
        client({"upload": "chart.csv", "bytes": len(chart)}),
        client(chart),
        server({"stored": len(chart)}),
        close("client", 1000, "uploaded"),
    ]


def keepalive():
    """Little is said for two seconds; pings keep the connection up."""
    return [
        client("Anything new?"),
        server("Not yet."),
        pong("client", "still here"),
        pause(2.2),
        server("The ferry is in sight!"),
        close("client", 1000, "off to the quay"),
    ]


def stomp():
    """STOMP 1.2: each WebSocket message is one STOMP frame, closed by a NUL."""

    def frame(command, *headers, body=""):
        if body:
            headers = [*headers, "content-type:application/json", f"content-length:{len(body)}"]
        return "\n".join([command, *headers, "", body]) + "\0"

    ferries, late = "destination:/topic/ferries", '{"ferry":"Heron","minutes":-12}'
    return [
        client(frame("CONNECT", "accept-version:1.2", "host:harbour", "heart-beat:0,1000")),
        server(frame("CONNECTED", "version:1.2", "server:quay/1.0", "heart-beat:1000,0")),
        client(frame("SUBSCRIBE", "id:0", ferries, "ack:auto")),
        client(frame("SEND", ferries, "receipt:1", body=late)),
        server(frame("RECEIPT", "receipt-id:1")),
        server(frame("MESSAGE", "subscription:0", "message-id:7", ferries, body=late)),
        server("\n"),  # a heart-beat: an end of line, no frame
        client(frame("UNSUBSCRIBE", "id:0")),
        client(frame("DISCONNECT", "receipt:2")),
        server(frame("RECEIPT", "receipt-id:2")),
        close("client", 1000, "disconnected"),
    ]


def graphql():
    """The graphql-transport-ws protocol: one subscription with three results."""
    query = "subscription ($pier: Int!) { arrivals(pier: $pier) { ferry minutes } }"
    arrivals = [("Heron", 12), ("Tern", 25), ("Gannet", 41)]
    return [
        client({"type": "connection_init", "payload": {"client": "alice"}}),
        server({"type": "connection_ack"}),
        client(
            {
                "id": "1",
                "type": "subscribe",
                "payload": {"operationName": None, "query": query, "variables": {"pier": 3}},
            }
        ),
        *(
            server(
                {
                    "id": "1",
                    "type": "next",
                    "payload": {"data": {"arrivals": {"ferry": ferry, "minutes": minutes}}},
                }
            )
            for ferry, minutes in arrivals
        ),
        server({"type": "ping"}),
        client({"type": "pong"}),
        server({"id": "1", "type": "complete"}),
        close("client", 1000, "done"),
    ]


def greeting():
    """A server that speaks first, and at once."""
    return [
        server({"motd": "Welcome to the harbour."}),
        server({"tide": "rising", "cm": 214}),
        ping("server", "awake?"),
        client("Thank you, I am."),
        close("client", 1000, "read"),
    ]


def crash():
    return [
        client({"order": "tea", "cups": 2}),
        server({"ok": True, "price": 5.60}),
        client({"order": "tea", "cups": -1}),
        act("server", "crash"),
    ]


def kill():
    return [
        client("Is that smoke?"),
        server("Do not worry, I will look after the ser"),
        pause(0.2),
        act("server", "kill"),
    ]


def reset():
    return [
        client("Hold the line, please."),
        server("I will hold it for a mom"),
        pause(0.2),
        act("server", "reset"),
    ]


def bad_text():
    return [
        client("Caffè? (UTF-8)"),
        server("Sì, grazie."),
        act("client", "bad-text", base64=base64.b64encode("Caffè? (Latin-1)".encode("latin-1")).decode()),
    ]


def unmasked():
    """The client's second message is not masked."""
    return [
        client("Nobody knows me behind my mask."),
        server("Who are you?"),
        act("client", "unmasked", text="Where did I put my mask?"),
    ]


def midway():
    """The recorder looks in when two have been talking for a while."""
    early = [
        client({"line": i, "text": text}) if i % 2 else server({"line": i, "text": text})
        for i, text in enumerate(["Once upon a time,", "there was a harbour", "with a single boat,"])
    ]
    late = [
        client({"line": 3, "text": "and the boat had a captain"}),
        server({"line": 4, "text": "who was afraid of water."}),
        ping("server", "go on"),
        client({"line": 5, "text": "So the boat stayed in the harbour,"}),
        server({"line": 6, "text": "and everybody was dry ever after."}),
        client(bytes(range(32))),
        server({"the": "end"}),
    ]
    return [*early, act("client", "cue"), *late, close("client", 1000, "the end")]
