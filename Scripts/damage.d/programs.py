"""tshark and wstap on a capture, and what they show of it, in the same form."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

PORT = 8080
TSHARK = ["tshark", "-n"]

# What tshark can be told that matters here; of each capture, the best of all combinations counts.


def combinations():
    """Each way of running tshark: its name and its options."""
    for protocol in "http", "websocket":
        for order in "TRUE", "FALSE":
            yield (protocol, order), [
                "-d", f"tcp.port=={PORT},{protocol}", "-o", f"tcp.reassemble_out_of_order:{order}"]


COMBINATIONS = dict(combinations())
SHOWN_PROTOCOLS = "frame tcp websocket data data-text-lines _ws.malformed _ws.short fake-field-wrapper"


@dataclass(frozen=True)
class Shown:
    """A message as a program shows it."""

    port: int  # the client's
    sender: str
    kind: str
    content: bytes  # the known bytes, one after the other
    whole: bool  # it is shown as if nothing were missing
    inferred: bool = False
    length: int | None = None  # where it is not whole: the length that is claimed
    unknown: tuple | None = None  # where it is not whole: places and numbers of the unknown bytes, if told


class Trouble(Exception):
    pass


def ends(source, target):
    """The client's port and who sent."""
    return (target, "server") if source == PORT else (source, "client")


def tshark(path, options, handshakes=frozenset()):
    """Messages, and frames as (port, shape), as tshark has them.

    `handshakes` are the numbers of packets whose content is no frames: what tshark, if told that all is WebSocket,
    makes of those does not count.
    """
    command = [*TSHARK, *options, "-r", path, "-Y", "websocket", "-T", "pdml", "-J", SHOWN_PROTOCOLS]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 2):  # 2: the file is cut off
        raise Trouble(f"{' '.join(map(str, command))}: {run.stderr.decode()}")
    messages, frames = [], []
    for packet in ElementTree.fromstring(run.stdout):
        tcp, frame = (
            next(proto for proto in packet if proto.get("name") == name) for name in ("tcp", "frame"))
        if number(frame, "frame.number") in handshakes:
            continue
        port, sender = ends(*(int(field(tcp, f"tcp.{end}port").get("show")) for end in ("src", "dst")))
        parts = []  # each frame's elements: its own, and those that follow up to the next one
        for element in packet:
            if element.get("name") == "websocket":
                parts.append([element])
            elif parts:
                parts[-1].append(element)
        for part in parts:
            frames.append((port, tshark_shape(part[0], sender)))
            messages += tshark_messages(part, port, sender)
    return messages, frames


def field(element, name):
    return next((found for found in element.iter("field") if found.get("name") == name), None)


def number(element, name):
    found = field(element, name)
    return None if found is None else int(found.get("show"), 0)


def tshark_shape(element, sender):
    lengths = [number(element, f"websocket.payload_length{form}") for form in ("_ext_64", "_ext_16", "")]
    key = field(element, "websocket.masking_key")
    return (
        sender, bool(number(element, "websocket.fin")), number(element, "websocket.opcode"),
        key.get("value") if key is not None else "", next((length for length in lengths if length is not None), 0))


def tshark_messages(part, port, sender):
    """The text or binary that tshark shows with a frame, as a message."""
    broken = any(
        element.get("name") in ("_ws.short", "_ws.malformed") or field(element, "_ws.malformed") is not None
        for element in part)
    shape = tshark_shape(part[0], sender)
    for element in part:
        for kind, name in (("text", "websocket.payload.text"), ("binary", "data.data")):
            found = element if element.get("name") == name else field(element, name)
            if found is not None:
                content = bytes.fromhex(found.get("value") or "")
                return [Shown(port, sender, kind, content, not broken, length=shape[4] if broken else None)]
    if shape[1] and shape[2] in (1, 2) and shape[4] == 0:  # an empty message
        return [Shown(port, sender, {1: "text", 2: "binary"}[shape[2]], b"", True)]
    return []


def wstap(program, path, options=()):
    """Messages, frames as (port, shape), and diagnostics, as wstap has them."""
    command = [program, "--json", "--max-payload", "64M", *options, path]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1):
        # A file that is cut off is read up to there, and is an error.
        if not run.stdout.endswith(b"}\n"):
            raise Trouble(f"{' '.join(map(str, command))}: {run.stderr.decode()}")
    messages, frames, diagnostics = [], [], []
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "diagnostic":
            diagnostics.append((record["severity"], record["code"]))
        if record["type"] not in ("frame", "message"):
            continue
        port, sender = ends(*(int(record[end].rpartition(":")[2]) for end in ("source", "destination")))
        if record["type"] == "frame":
            frames.append((port, (
                sender, record["fin"], record["opcode"], record["masking_key"] or "", record["length"])))
        else:
            content = record["text"].encode() if "text" in record else base64.b64decode(record["base64"])
            unknown = tuple(map(tuple, record["unknown"])) if "unknown" in record else None
            messages.append(Shown(
                port, sender, record["kind"], content, record["complete"], record.get("inferred", False),
                record["length"], unknown))
    return messages, frames, diagnostics


def tshark_version():
    out = subprocess.run(["tshark", "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return re.search(r"\d+(\.\d+)+", out.splitlines()[0])[0]


def tshark_expert(path):
    """What tshark's expert information says of HTTP and WebSocket, but for chat: its messages, each once."""
    command = [
        *TSHARK, "-d", f"tcp.port=={PORT},http", "-r", path, "-T", "pdml",
        "-o", "tcp.reassemble_out_of_order:TRUE",
    ]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = []
    for packet in ElementTree.fromstring(run.stdout):
        for proto in packet:
            if proto.get("name") in ("geninfo", "frame", "eth", "ip", "tcp"):
                continue
            if proto.get("name") == "_ws.malformed":
                said.append("Malformed Packet")
            for element in proto.iter("field"):
                if element.get("name") == "_ws.expert" and "(Chat/" not in element.get("showname"):
                    said.append(field(element, "_ws.expert.message").get("show"))
    return list(dict.fromkeys(said))
