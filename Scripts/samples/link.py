"""An Ethernet switch in user space between the namespaces of client and server.

Its two ports are TAP devices, so the peers' own kernels do the TCP. Every frame takes ten milliseconds. On
order the switch loses or holds back packets, counted from 1 among those of one sender that carry TCP payload:
`--lose server:3` loses the server's third one, `--hold server:3` lets the server's next one overtake it. A
third port, the mirror, shows all traffic, where asked with a VLAN tag; it can lose packets of its own
(`--mirror-loses`), which the peers never notice.
"""

import argparse
import collections
import fcntl
import os
import select
import struct
import subprocess
import time

DELAY = 0.01  # seconds
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
OTHER = {"client": "server", "server": "client"}


def tap(namespace, name, address=None, mac=None):
    """Opens a new TAP device, moves it into `namespace`, and gives the descriptor on which its frames come."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))

    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True)

    ip("link", "set", name, "netns", namespace)
    ip("-n", namespace, "link", "set", name, "addrgenmode", "none")
    if mac:
        ip("-n", namespace, "link", "set", name, "address", mac)
    if address:
        ip("-n", namespace, "address", "add", address, "dev", name)
    ip("-n", namespace, "link", "set", name, "up")
    return descriptor


def carries_data(frame):
    """Whether an Ethernet frame is IPv4 and TCP with payload."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return False
    header, (total,) = 4 * (frame[14] & 15), struct.unpack("!H", frame[16:18])
    return total > header + 4 * (frame[14 + header + 12] >> 4)


class Switch:
    def __init__(self, ports, mirror, orders):
        self.ports, self.mirror, self.orders = ports, mirror, orders
        self.count, self.held = collections.Counter(), {}
        self.under_way = collections.deque()  # (when due, sender, frame, whether the mirror shows it)

    def run(self):
        while True:
            patience = max(0, self.under_way[0][0] - time.monotonic()) if self.under_way else None
            ready, _, _ = select.select(list(self.ports.values()), [], [], patience)
            for sender, port in self.ports.items():
                if port in ready:
                    self.take(sender, os.read(port, 65536))
            while self.under_way and self.under_way[0][0] <= time.monotonic():
                self.deliver(*self.under_way.popleft()[1:])

    def take(self, sender, frame):
        if not carries_data(frame):
            return self.send_off(sender, frame)
        self.count[sender] += 1
        place = f"{sender}:{self.count[sender]}"
        if place in self.orders.hold:
            self.held[sender] = frame
        elif place not in self.orders.lose:
            self.send_off(sender, frame, shown=place not in self.orders.mirror_loses)
            if sender in self.held:
                self.send_off(sender, self.held.pop(sender))

    def send_off(self, sender, frame, shown=True):
        self.under_way.append((time.monotonic() + DELAY, sender, frame, shown))

    def deliver(self, sender, frame, shown):
        os.write(self.ports[OTHER[sender]], frame)
        if self.mirror is not None and shown:
            tag = struct.pack("!HH", 0x8100, self.orders.vlan) if self.orders.vlan else b""
            os.write(self.mirror, frame[:12] + tag + frame[12:])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--client", required=True, help="namespace of the client, 192.0.2.1")
    parser.add_argument("--server", required=True, help="namespace of the server, 192.0.2.2")
    parser.add_argument("--lose", nargs="*", default=[])
    parser.add_argument("--hold", nargs="*", default=[])
    parser.add_argument("--mirror", action="store_true", help="a device mirror0 beside the client's")
    parser.add_argument("--mirror-loses", nargs="*", default=[])
    parser.add_argument("--vlan", type=int)
    orders = parser.parse_args()
    ports = {
        "client": tap(orders.client, "eth0", "192.0.2.1/24", "02:00:00:00:00:01"),
        "server": tap(orders.server, "eth0", "192.0.2.2/24", "02:00:00:00:00:02"),
    }
    mirror = tap(orders.client, "mirror0") if orders.mirror else None
    print("ready", flush=True)
    Switch(ports, mirror, orders).run()


main()
