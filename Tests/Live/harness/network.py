"""Networks of the test's own, so that nothing else gets into a capture: network namespaces, and links between them."""

import itertools
import os
import subprocess

_numbers = itertools.count()


class Impossible(Exception):
    """Something that a scenario needs is not possible here; it says what and why."""


def ip(*words, may_fail=False):
    """Runs ip(8). Raises `Impossible` with its complaint."""
    command = ["ip", *(str(word) for word in words)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        raise Impossible("there is no ip(8): iproute2 is missing") from None
    if done.returncode and not may_fail:
        raise Impossible(f"`{' '.join(command)}` failed: {done.stderr.strip()}")


class Namespace:
    """A network namespace with nothing in it but loopback."""

    def __init__(self):
        self.name = f"wstap-live-{os.getpid()}-{next(_numbers)}"
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")

    def ip(self, *words):
        ip("-n", self.name, *words)

    def inside(self, command):
        """`command`, to be run in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def remove(self):
        ip("netns", "del", self.name, may_fail=True)


def can_have_namespaces():
    try:
        Namespace().remove()
    except Impossible:
        return False
    return True


class Host:
    """The host's own network, where there can be no other."""

    name = None

    def inside(self, command):
        return command

    def remove(self):
        pass


def link(left, right, names=("left", "right"), addresses=("10.9.0.1/24", "10.9.0.2/24")):
    """Joins two namespaces by a cable (veth), with an address at each end."""
    ip("link", "add", names[0], "netns", left.name, "type", "veth", "peer", "name", names[1], "netns", right.name)
    for namespace, name, address in zip((left, right), names, addresses):
        namespace.ip("address", "add", address, "dev", name)
        namespace.ip("link", "set", name, "up")
