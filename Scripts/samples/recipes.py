"""How each sample is recorded: one function a sample, which is given a stage."""

import gzip
import subprocess
import time

import pcapng
import scenes
from meetings import (
    PYTHON, browse, browse_in_private, meet, meet_in_office, meet_in_private, meet_over_link, node, openssl, websockets)
from stage import HERE

RECIPES = {}


def sample(name):
    def register(recipe):
        RECIPES[name] = recipe
        return recipe

    return register


def simple(name, scene, *arguments, **options):
    """A sample that needs no more than a scene and two peers on the loopback."""

    @sample(name)
    def record(stage):
        with stage.capture():
            meet(stage, scene, *arguments, **options)
        stage.publish()


# Browsers and libraries


@sample("browser-chat")
def browser_chat(stage):
    with stage.capture():
        browse(stage, scenes.harbour(), host=["--deflate", "takeover"])
    stage.publish()


@sample("browser-no-compression")
def browser_no_compression(stage):
    with stage.capture():
        browse(stage, scenes.harbour())
    stage.publish()


simple("node-ws-json", scenes.lobby(), node, node, both=["--path", "/lobby"])

# Compression

quotes = ["--path", "/quotes"]
simple("python-websockets-deflate", scenes.ticker(12), both=["--deflate", "takeover"], guest=quotes)
simple("no-context-takeover", scenes.ticker(12), node, both=["--deflate", "no-takeover", *quotes])

# Frames

simple("fragmented-with-ping", scenes.letter())
simple("ping-pong-keepalive", scenes.keepalive(), host=["--keepalive", "0.5"], guest=["--keepalive", "0.8"])


@sample("masked-lengths")
def masked_lengths(stage):
    with stage.capture():
        meet(stage, scenes.lengths())
    zipped = stage.folder / "masked-lengths.pcap.gz"
    zipped.write_bytes(gzip.compress(stage.file.read_bytes(), 9, mtime=0))
    stage.publish(zipped)


@sample("big-upload")
def big_upload(stage):
    with stage.capture():
        meet(stage, scenes.upload(), node, node, both=["--path", "/charts"])
    subprocess.run(["zstd", "--quiet", "-19", stage.file], check=True)
    stage.publish(stage.folder / "big-upload.pcap.zst")


@sample("binary-stream")
def binary_stream(stage):
    with stage.capture("--time-stamp-precision=nano"):
        meet(stage, scenes.waveform(), node, both=["--path", "/tone"])
    stage.publish()


# Subprotocols

stomp, graphql = ["--subprotocol", "v12.stomp"], ["--subprotocol", "graphql-transport-ws"]
simple("subprotocol-stomp", scenes.stomp(), both=stomp, guest=["--path", "/stomp"])
simple("subprotocol-graphql", scenes.graphql(), node, node, both=[*graphql, "--path", "/graphql"])


@sample("subprotocol-mqtt")
def subprotocol_mqtt(stage):
    settings = stage.folder / "mosquitto.conf"
    # mosquitto 2.0.11 does not start without a listener that is not a WebSocket
    settings.write_text("allow_anonymous true\nlistener 1883\nlistener 8080\nprotocol websockets\n")
    broker = stage.start("mosquitto", "-c", settings, announces="running")
    with stage.capture():
        stage.start(PYTHON, HERE / "mqtt_client.py").finish()
    broker.stop()
    stage.publish()


# Ends

simple("close-1002-unmasked", scenes.unmasked())
simple("close-1007-bad-utf8", scenes.bad_text())
simple("close-1011-server-error", scenes.crash())
simple("abnormal-closure", scenes.kill(), dies=True)
simple("connection-reset", scenes.reset())

# Handshakes

simple("wrong-accept", scenes.short_chat(), node, node, host=["--wrong-accept"])
simple("early-frames", scenes.greeting(), node, host=["--at-once"])


@sample("refused-403")
def refused_403(stage):
    path = stage.scene(scenes.short_chat())
    with stage.capture():
        host = websockets(stage, "server", path, "--origin", "http://quay.example")
        host.wait_for("ready")
        websockets(stage, "client", path, "--origin", "http://elsewhere.example").finish()
    host.stop()
    stage.publish()


@sample("refused-then-accepted")
def refused_then_accepted(stage):
    with stage.capture():
        meet_in_office(stage, scenes.short_chat(), "refused")
    stage.publish()


@sample("http-first")
def http_first(stage):
    with stage.capture():
        meet_in_office(stage, scenes.short_chat(), "first")
    stage.publish()


@sample("proxy-connect")
def proxy_connect(stage):
    proxy, through = tunnel(stage, 8080)
    with stage.capture(filter="tcp port 3128"):
        browse(stage, scenes.short_chat(), browser=through, url="ws://chat.example/chat")
        proxy.finish()
    stage.publish()


def tunnel(stage, port):
    """A proxy whose tunnels lead to `port`, and what makes a browser use it."""
    proxy = stage.start(PYTHON, HERE / "connect_proxy.py", "--log", stage.log, "--to", port)
    proxy.wait_for("ready")
    choice = "return host == 'chat.example' ? 'PROXY 127.0.0.1:3128' : 'DIRECT';"
    script = f"data:application/x-ns-proxy-autoconfig,function FindProxyForURL(url, host) {{ {choice} }}"
    return proxy, [f"--proxy-pac-url={script}"]


@sample("proxy-connect-tls")
def proxy_connect_tls(stage):
    proxy, through = tunnel(stage, 8443)
    with stage.capture(filter="tcp port 3128"):
        keys = browse_in_private(stage, scenes.short_chat(), through, "wss://chat.example/chat")
        proxy.finish()
    stage.publish(stage.file, keys)


# TCP and below


@sample("out-of-order")
def out_of_order(stage):
    stage.link("--hold", "server:4", "server:6")
    with stage.capture(interface="eth0"):
        meet_over_link(stage, scenes.tide_report(4))
    stage.publish()


@sample("lost-and-retransmitted")
def lost_and_retransmitted(stage):
    stage.link("--lose", "server:4", "client:3")
    with stage.capture(interface="eth0"):
        meet_over_link(stage, scenes.tide_report(4))
    stage.publish()


@sample("vlan")
def vlan(stage):
    stage.link("--mirror", "--vlan", "42")
    with stage.capture(interface="mirror0", filter="vlan and tcp port 8080"):
        meet_over_link(stage, scenes.short_chat())
    stage.publish()


@sample("ipv6-any-device")
def ipv6_any_device(stage):
    with stage.capture(interface="any"):
        meet(stage, scenes.short_chat(), both=["--host", "::1"])
    stage.publish()


# What captures do to a conversation


@sample("capture-gap")
def capture_gap(stage):
    stage.link("--mirror", "--mirror-loses", "server:5")
    with stage.capture(interface="mirror0"):
        meet_over_link(stage, scenes.tide_report(4))
    stage.publish()


@sample("joined-midway")
def joined_midway(stage):
    path = stage.scene(scenes.midway())
    host = websockets(stage, "server", path)
    host.wait_for("ready")
    guest = websockets(stage, "client", path)
    guest.wait_for("cue")
    time.sleep(0.2)
    with stage.capture():
        guest.go_on()
        guest.finish()
        host.finish()
    stage.publish()


@sample("cut-short")
def cut_short(stage):
    with stage.capture():
        meet(stage, scenes.harbour())
    whole = stage.file.read_bytes()
    stage.file.write_bytes(whole[: whole.rindex(b"Carrot cake. Ten past four")])  # as when the disk is full
    stage.publish()


@sample("short-snaplen")
def short_snaplen(stage):
    with stage.capture("-s", "400"):
        meet(stage, scenes.tide_report(4))
    stage.publish()


@sample("rolled")
def rolled(stage):
    with stage.capture("-G", "3", file="rolled-%H%M%S.pcap"):  # a new file after three seconds
        meet(stage, scenes.ticker(16, lunch=4), both=["--deflate", "takeover"], guest=quotes)
    first, second = sorted(stage.folder.glob("rolled-*.pcap"))
    one, two = stage.folder / "rolled-1.pcap", stage.folder / "rolled-2.pcap"
    stage.publish(first.rename(one), second.rename(two))


@sample("pcapng-two-interfaces")
def pcapng_two_interfaces(stage):
    stage.link()
    with stage.capture("-i", "lo", "-i", "eth0", file="pcapng-two-interfaces.pcapng", program="dumpcap"):
        meet(stage, scenes.short_chat())
        meet_over_link(stage, scenes.lobby())
    pcapng.forget_the_machine(stage.file)
    stage.publish()


@sample("tls13-key-log")
def tls13_key_log(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = meet_in_private(stage, scenes.short_chat())
    stage.publish(stage.file, keys)


@sample("tls12-cbc")
def tls12_cbc(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = meet_in_private(
            stage, scenes.short_chat(), "--cipher", "ECDHE-ECDSA-AES128-SHA256", "--name", "chat.example")
    stage.publish(stage.file, keys)


@sample("tls13-browser")
def tls13_browser(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = browse_in_private(stage, scenes.short_chat())
    stage.publish(stage.file, keys)


@sample("tls13-resumed")
def tls13_resumed(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = meet_in_private(stage, scenes.short_chat(), server=node, client=node)
    stage.publish(stage.file, keys)


@sample("tls13-key-update")
def tls13_key_update(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = meet_in_private(stage, scenes.tea_order(), client=openssl)
    stage.publish(stage.file, keys)


@sample("tls13-secrets-inside")
def tls13_secrets_inside(stage):
    with stage.capture(filter="tcp port 8443"):
        keys = meet_in_private(stage, scenes.short_chat())
    inside = stage.file.with_suffix(".pcapng")
    subprocess.run(["editcap", "--inject-secrets", f"tls,{keys}", stage.file, inside], check=True)
    pcapng.forget_the_machine(inside)
    stage.publish(inside)
