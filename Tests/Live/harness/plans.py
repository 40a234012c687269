"""Plans of conversations: which peer does what, step by step."""


def plan(steps, connections=1, compression=False, path="/chat?room=1", host="127.0.0.1"):
    return {"steps": steps, "connections": connections, "compression": compression, "path": path, "host": host}


def in_private(talk, certificate, keys, cipher=None):
    """The same over TLS, with the client's secrets in the file `keys`."""
    return {**talk, "certificate": str(certificate), "keys": str(keys), "cipher": cipher}


def step(by, do, size=0, **more):
    return {"by": by, "do": do, "size": size, **more}


def close(by, code, reason):
    return {"by": by, "do": "close", "code": code, "reason": reason}


def everything(closer="client"):
    """A bit of all there is, both ways."""
    steps = []
    for by in ("client", "server"):
        steps += [
            step(by, "text", 5),
            step(by, "text", 300),
            step(by, "binary", 1000),
            step(by, "text", 0),
            step(by, "binary", 0),
            step(by, "ping", 8),
            step(by, "text", 900, parts=3),
            step(by, "binary", 5000, parts=4),
            step(by, "text", 70_000),
            step(by, "binary", 70_000),
            step(by, "ping", 125),
            step(by, "binary", 1 << 20),
            step(by, "text", 1 << 20, parts=2),
            step(by, "text", 65_535),
            step(by, "text", 125),
            step(by, "text", 126),
        ]
    return [*steps, close(closer, 4001, "genug für heute")]


def chat(rounds, size=60, **more):
    """A few messages both ways, and an ordinary close."""
    talk = [step(by, "text", size, **more) for _ in range(rounds) for by in ("client", "server")]
    return [*talk, close("client", 1000, "done")]
