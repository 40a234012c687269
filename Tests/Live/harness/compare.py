"""Holds wstap's records to what the peers logged."""

import base64
import hashlib
from collections import defaultdict

from harness.capture import check


def sha256(record):
    data = record["text"].encode() if "text" in record else base64.b64decode(record["base64"])
    return hashlib.sha256(data).hexdigest()


def by_connection(entries):
    """The peers' logs, by the connection's client."""
    found = defaultdict(list)
    for entry in entries:
        found[entry["client"]].append(entry)
    return found


def differences(name, wanted, found):
    """Checks that both lists are the same, and says where they are not."""
    for i, (a, b) in enumerate(zip(wanted, found)):
        check(a == b, f"{name}: number {i + 1} is {b}, not {a}")
    check(len(wanted) == len(found), f"{name}: {len(found)} instead of {len(wanted)}")


def compare(records, entries, is_closed=True):
    """Checks that each connection's records are what its peers logged; gives how many messages that were."""
    connections = {record["client"]: record for record in records.of("connection")}
    ends = {record["connection"]: record for record in records.of("end")}
    grouped = defaultdict(list)
    for record in records.all:
        if record["type"] in ("frame", "message", "diagnostic"):
            grouped[record["connection"]].append(record)
    messages = 0
    for client, logged in by_connection(entries).items():
        check(client in connections, f"wstap has not seen the connection of {client}")
        connection = connections[client]
        number = connection["connection"]
        check_opening(connection, logged)
        messages += check_content(client, grouped[number], logged)
        check(number in ends, f"{client}: there is no end record")
        if is_closed:
            check_end(client, ends[number], logged)
        codes = [record["code"] for record in grouped[number] if record["type"] == "diagnostic"]
        check(not codes, f"{client}: diagnostics {codes}")
    return messages


def check_opening(connection, logged):
    for entry in logged:
        if entry["event"] == "open":
            path = "/" + connection["url"].split("/", 3)[3]
            check(path == entry["path"], f"the path is {path}, not {entry['path']}")
    check(connection["accept_valid"], "accept_valid is not true")


def check_content(client, records, logged):
    """Messages, pings and pongs, in the order of each sender; gives the number of messages."""
    count = 0
    for sender, receiver in (("client", "server"), ("server", "client")):
        for kinds in (("text", "binary"), ("ping",), ("pong",)):
            name = f"{client}, {'/'.join(kinds)} of the {sender}"

            def of(peer, event):
                return [
                    (entry["kind"], entry["length"], entry["sha256"])
                    for entry in logged
                    if entry["peer"] == peer and entry["event"] == event and entry["kind"] in kinds
                ]

            # Messages are as the peers know them, control frames as they are on the wire.
            kind, kind_of = ("message", "kind") if kinds[0] == "text" else ("frame", "opcode_name")
            found = [
                (record[kind_of], record["length"], sha256(record))
                for record in records
                if record["type"] == kind and record["sender"] == sender and record[kind_of] in kinds
            ]
            differences(name + ", sent", of(sender, "sent"), found)
            differences(name + ", received", of(receiver, "received"), found)
            count += len(found) if kind == "message" else 0
    return count


def check_end(client, end, logged):
    """The close frames, against what each peer sent and was told."""
    closing = next((entry for entry in logged if entry["event"] == "closing"), None)
    check(closing, f"{client}: no peer says that it closes")
    first = closing["peer"]
    other = "server" if first == "client" else "client"

    def said(peer):
        close = end[f"{peer}_close"]
        return (close["code"], close["reason"]) if close else None

    check(said(first) == (closing["code"], closing["reason"]), f"{client}: {first} closed with {said(first)}")
    for entry in logged:
        if entry["event"] == "closed":
            # Each peer logs the close frame that it received.
            sender = other if entry["peer"] == first else first
            check((entry["code"], entry["reason"]) == said(sender), f"{client}: {sender} closed with {said(sender)}")
    check(end["closed_first"] == first, f"{client}: closed_first is {end['closed_first']}")
    check(end["clean"] is True, f"{client}: clean is {end['clean']}")
