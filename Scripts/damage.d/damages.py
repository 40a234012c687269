"""Ways to damage a capture. Each takes a conversation and gives its variants: lists of packets.

Losses are of what was on the wire: the peers had it, the capture has not.
"""

import random
from dataclasses import replace


def data_packets(conversation):
    """The packets that carry frames, as indices."""
    return [
        index for index, packet in enumerate(conversation.packets)
        if packet.payload and conversation.offset(packet) >= conversation.head[packet.sender]
    ]


def spread(items, most):
    """At most so many of them, evenly spread."""
    return items if len(items) <= most else [items[index * len(items) // most] for index in range(most)]


def without(conversation, indices):
    return [packet for index, packet in enumerate(conversation.packets) if index not in indices]


def in_full_segments(packets, size=1400):
    """The same packets, but for data in segments of `size` bytes, as a busy sender's TCP cuts its stream."""
    merged, sent = [], {}
    for index, packet in enumerate(packets):
        start = packet.sequence
        if not packet.payload or packet.payload.find(b"HTTP/1.1") >= 0:
            merged.append(packet)
            continue
        if start + len(packet.payload) <= sent.get(packet.sender, 0):
            continue
        begin = max(start, sent.get(packet.sender, 0))
        payload = b"".join(
            later.payload[max(begin - later.sequence, 0) :] for later in packets[index:]
            if later.sender == packet.sender)[:size]
        merged.append(packet.carrying(begin, payload))
        sent[packet.sender] = begin + len(payload)
    return merged


def nothing(conversation):
    return [conversation.packets]


def late(conversation):
    """The capture starts with the first packet of frames."""
    return [conversation.packets[data_packets(conversation)[0] :]]


def inside_large_frame(conversation):
    """The capture starts in the middle of a large frame: of each of the ten longest in the first half."""
    half = conversation.packets[len(conversation.packets) // 2].time
    starts = []
    for frame in sorted(conversation.frames, key=lambda frame: frame.start - frame.end):
        inside = [
            index for index, packet in enumerate(conversation.packets)
            if packet.sender == frame.sender and packet.payload and packet.time < half
            and frame.body < conversation.offset(packet) < frame.end
        ]
        if len(inside) > 3:
            starts.append(inside[len(inside) // 2])
    return [conversation.packets[start:] for start in starts[:10]]


def holds_header(conversation, packet):
    start = conversation.offset(packet)
    return any(
        frame.sender == packet.sender and start < frame.body and frame.start < start + len(packet.payload)
        for frame in conversation.frames)


def payload_lost(conversation, most=10):
    """A segment is lost that lies inside a frame."""
    inside = [
        index for index in data_packets(conversation)
        if not holds_header(conversation, conversation.packets[index])
    ]
    return [without(conversation, {index}) for index in spread(inside, most)]


def header_lost(conversation, most=10):
    """A segment is lost that holds a frame header."""
    found = [
        index for index in data_packets(conversation) if holds_header(conversation, conversation.packets[index])
    ]
    return [without(conversation, {index}) for index in spread(found, most)]


def early_loss(conversation):
    """The second segment of frames that the server sends is lost."""
    sent = [index for index in data_packets(conversation) if conversation.packets[index].sender == "server"]
    return [without(conversation, {sent[1]})]


def several_lost(conversation):
    """One in twenty of the packets of frames is lost, at random; five times."""
    variants = []
    for seed in range(5):
        found, chance = data_packets(conversation), random.Random(seed)
        variants.append(without(conversation, set(chance.sample(found, max(len(found) // 20, 1)))))
    return variants


def only(sender):
    return lambda conversation: [[packet for packet in conversation.packets if packet.sender == sender]]


def head_lost(sender):
    """The packets of the request or the response are lost."""
    def lose(conversation):
        return [[
            packet for packet in conversation.packets
            if not (packet.sender == sender and packet.payload
                    and conversation.offset(packet) < conversation.head[sender])
        ]]
    return lose


def snapped(length):
    """Packets are cut at `length` bytes, as with `tcpdump -s`."""
    return lambda conversation: [[replace(packet, snap=length) for packet in conversation.packets]]


def shuffled(conversation):
    """Packets of frames come up to three places too late."""
    variants = []
    for seed in range(3):
        chance, found = random.Random(seed), data_packets(conversation)
        begin, end = found[0], found[-1] + 1
        middle = conversation.packets[begin:end]
        places = sorted(range(len(middle)), key=lambda index: index + chance.choice((0, 0, 0, 3.5)))
        order = [replace(middle[place], time=middle[index].time) for index, place in enumerate(places)]
        variants.append([*conversation.packets[:begin], *order, *conversation.packets[end:]])
    return variants


def overlapping(conversation):
    """Every third segment is followed by one that has its second half again, and half of the sender's next one."""
    packets, found = list(conversation.packets), data_packets(conversation)
    inserted = {}
    for index, following in zip(found, found[1:]):
        packet, then = packets[index], packets[following]
        adjoins = packet.sender == then.sender and then.sequence == packet.sequence + len(packet.payload)
        if adjoins and index % 3 == 0:
            half = len(packet.payload) // 2
            payload = packet.payload[half:] + then.payload[: (len(then.payload) + 1) // 2]
            inserted[index] = replace(packet.carrying(packet.sequence + half, payload), time=packet.time + 1)
    damaged = []
    for index, packet in enumerate(packets):
        damaged += [packet] + ([inserted[index]] if index in inserted else [])
    return [damaged]


def doubled(conversation):
    """Each packet is there twice, as mirror ports do that copy both directions of a link."""
    return [[copy for packet in conversation.packets for copy in (packet, replace(packet, time=packet.time + 1))]]
