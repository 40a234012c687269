"""How much of what a program shows is true."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """How many messages and frames are right, and how."""

    right: int = 0  # whole, and every byte is right
    inferred: int = 0  # the same, and marked as inferred
    partly: int = 0  # marked as incomplete; what is shown is right
    wrong: int = 0  # shown as whole but never said; or some shown byte, or the length, is wrong
    exact: int = 0  # of the messages shown partly, those whose length is told
    known: int = 0  # bytes that are known of messages shown partly
    said: int = 0  # bytes that those messages have
    raw: int = 0  # compressed and shown as text or data without being inflated: not counted as shown
    frames: int = 0
    wrong_frames: int = 0
    faults: list = field(default_factory=list)

    @property
    def rank(self):
        """By this, one way of running a program is better than another."""
        return self.right + self.inferred, self.partly, self.frames, -self.wrong, -self.wrong_frames

    def __iadd__(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


def judge(conversation, ports, messages, frames):
    """Holds what was shown of several copies of a conversation, told apart by the client's port, to the truth."""
    verdict = Verdict()
    shapes = Counter((port, frame.shape) for port in ports for frame in conversation.frames)
    for frame in frames:
        if shapes[frame] > 0:
            shapes[frame] -= 1
            verdict.frames += 1
        else:
            verdict.wrong_frames += 1
            verdict.faults.append(frame)
    said = defaultdict(list)
    for port in ports:
        for message in conversation.messages:
            said[port, message.sender].append(message)
    # Those of which most is known first: what is left over may be what is shown in part.
    for shown in sorted(messages, key=lambda shown: (not shown.whole, shown.length is None, -len(shown.content))):
        left = said[shown.port, shown.sender]
        match = next((message for message in left if fits(shown, message)), None)
        if match is None and any(is_raw(shown, message) for message in conversation.messages):
            verdict.raw += 1
            continue
        if match is None:
            verdict.wrong += 1
            verdict.faults.append(shown)
            continue
        left.remove(match)
        if shown.content == match.content and (shown.whole or shown.inferred and shown.length == len(shown.content)):
            verdict.inferred += shown.inferred
            verdict.right += not shown.inferred
        else:
            verdict.partly += 1
            verdict.exact += shown.length is not None
            verdict.known += len(shown.content)
            verdict.said += len(match.content)
    return verdict


def fits(shown, message):
    """Whether `message` can be what is shown."""
    if shown.kind != message.kind:
        return False
    if shown.whole:
        return shown.content == message.content
    if shown.length is not None and shown.length not in (len(message.content), wire_length(message)):
        return False
    if shown.unknown is None:
        return is_within(shown.content, message.content)
    at = taken = 0
    for offset, count in shown.unknown:
        known = shown.content[taken : taken + offset - at]
        if message.content[at : at + len(known)] != known:
            return False
        at, taken = offset + count, taken + len(known)
    rest = shown.content[taken:]
    return at <= len(message.content) and message.content[at : at + len(rest)] == rest


def is_raw(shown, message):
    """Whether what is shown is the message as it is on the wire, compressed."""
    return (
        shown.sender == message.sender and message.frames[0].rsv & 4
        and shown.content == b"".join(frame.payload for frame in message.frames))


def wire_length(message):
    return sum(len(frame.payload) for frame in message.frames)


def is_within(part, whole):
    """Whether `part` is what remains of `whole` when bytes are taken out."""
    rest = iter(whole)
    return whole.startswith(part) or all(byte in rest for byte in part)
