"""What frames may come over: all interfaces, IPv6, VLANs, tunnels; all with the default filter."""

import json
import pathlib
import subprocess

from harness.capture import Capture, check
from harness.compare import compare
from harness.network import link
from harness.plans import chat, plan
from harness.scenario import Scenarios
from harness.stage import PEERS, PYTHON

SCENARIOS = Scenarios()

SAMPLE = pathlib.Path(__file__).resolve().parents[3] / "Samples" / "browser-chat.pcap"


def show(capture, stage):
    records = capture.stop()
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    return f"{compare(records, stage.entries())} messages, each as both peers logged it"


for interface in ("lo", "any"):
    for host in ("127.0.0.1", "[::1]"):

        @SCENARIOS.add(f"-i {interface}, {host}", interface=interface, host=host)
        def loopback(stage, interface, host):
            capture = Capture(stage, interface=interface)
            stage.talk(plan(chat(10), host=host))
            return show(capture, stage)


def between(stage, interface, host, devices=()):
    """Peers in two namespaces that are joined by a link, and on it by what `devices` make at each end."""
    here, there = stage.namespace(), stage.namespace()
    link(here, there)
    for namespace, own, other in ((here, 1, 2), (there, 2, 1)):
        for words in devices:
            namespace.ip(*(word.format(own=own, other=other, end=("left", "right")[own - 1]) for word in words))
    capture = Capture(stage, interface=interface, place=here)
    stage.talk(plan(chat(10, size=600), host=host), client_place=here, server_place=there)
    return show(capture, stage)


@SCENARIOS.add("a link", needs_root=True)
def ethernet(stage):
    return between(stage, "left", "10.9.0.2")


VXLAN = [
    words.split()
    for words in (
        "link add vx type vxlan id 42 dstport 4789 remote 10.9.0.{other} dev {end}",
        "address add 10.6.0.{own}/24 dev vx",
        "link set vx up",
    )
]

for where, interface in (("below", "left"), ("on", "vx")):

    @SCENARIOS.add(f"a VXLAN device, {where} it", needs_root=True, interface=interface)
    def vxlan(stage, interface):
        return between(stage, interface, "10.6.0.2", VXLAN)


WRAPPINGS = "nothing, VLAN, VLAN in VLAN, MPLS, PPPoE, GRE, IP in IP, VXLAN, GENEVE, IP fragments".split(", ")


def told(lines):
    """Frames and messages, without what is different when the same is sent again."""
    records = [json.loads(line) if isinstance(line, bytes) else line for line in lines]
    other = ("time", "end_time", "connection_id", "first_packet", "last_packet", "_at")
    return [
        {key: value for key, value in record.items() if key not in other}
        for record in records
        if record["type"] in ("frame", "message")
    ]


@SCENARIOS.add("a saved capture sent again, in what wstap decodes", needs_root=True)
def wrapped(stage):
    """Wrapped into all that the default filter is to let pass: the records are those of the file."""
    done = subprocess.run([stage.binary, "--json", SAMPLE], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    wanted = told(done.stdout.splitlines())
    here, there = stage.namespace(), stage.namespace()
    link(here, there)
    for namespace, name in ((here, "left"), (there, "right")):
        namespace.ip("link", "set", name, "mtu", "60000")
    for wrapping in WRAPPINGS:
        capture = Capture(stage, interface="left", place=here)
        sender = stage.start([PYTHON, PEERS / "replay.py", "right", SAMPLE, wrapping], place=there, stderr=None)
        check(sender.wait(20) == 0, f"sending in {wrapping} failed")
        found = told(capture.stop().all)
        check(found == wanted, f"{wrapping}: {len(found)} frames and messages, {len(wanted)} in the file, or others")
    return f"{len(wanted)} frames and messages in {len(WRAPPINGS)} wrappings, as in the file"
