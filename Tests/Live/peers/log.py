"""The log of a peer: what it sent and received, one JSON object a line."""

import hashlib
import json
import time


class Log:
    def __init__(self, path, peer):
        self.file = open(path, "a", buffering=1, encoding="utf-8")
        self.peer = peer

    def note(self, client, event, **facts):
        """Notes an event of the connection that `client` (its address and port) has opened."""
        line = {"at": time.time(), "peer": self.peer, "client": client, "event": event, **facts}
        self.file.write(json.dumps(line) + "\n")

    def content(self, client, event, kind, data):
        """Notes that `data` was sent or received."""
        data = data.encode() if isinstance(data, str) else bytes(data)
        self.note(client, event, kind=kind, length=len(data), sha256=hashlib.sha256(data).hexdigest())
