"""Takes out of a pcapng file what dumpcap tells about the machine that it ran on: processor and kernel."""

import struct

SECTION, INTERFACE = 0x0A0D0D0A, 1
TELLING = {SECTION: {2, 3}, INTERFACE: {12}}  # shb_hardware, shb_os; if_os
OPTIONS_AT = {SECTION: 16, INTERFACE: 8}  # behind the fixed fields of the body


def without(options, codes):
    """The option list with those `codes` left out."""
    kept, at = b"", 0
    while at < len(options):
        code, length = struct.unpack_from("<HH", options, at)
        end = at + 4 + (length + 3) // 4 * 4
        if code not in codes:
            kept += options[at:end]
        at = end
    return kept


def forget_the_machine(path):
    """Rewrites a little-endian file of one section."""
    data, out, at = path.read_bytes(), b"", 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8 : at + length - 4]
        if kind in TELLING:
            fixed = OPTIONS_AT[kind]
            body = body[:fixed] + without(body[fixed:], TELLING[kind])
        out += struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        at += length
    path.write_bytes(out)
