"""What a peer says it sent and received, one JSON object a line: the truth that a decoder is compared with."""

import hashlib
import json
import time


class PeerLog:
    def __init__(self, path, who):
        self.path, self.who = path, who

    def write(self, conn, direction, op, **more):
        entry = {
            "t": round(time.time(), 6),
            "who": self.who,
            "conn": conn,
            "dir": direction,
            "op": op,
            **more,
        }
        with open(
            self.path, "a", encoding="utf-8"
        ) as file:  # opened anew each time: a peer may be killed at any line
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def payload(self, conn, direction, op, payload):
        data = payload.encode() if isinstance(payload, str) else bytes(payload)
        more = {"text": payload} if isinstance(payload, str) and len(data) <= 400 else {}
        self.write(conn, direction, op, len=len(data), sha256=hashlib.sha256(data).hexdigest(), **more)


def connection(client, server):
    """The name of a connection in the logs, from the two socket addresses."""
    return f"{client[1]}-{server[1]}"
