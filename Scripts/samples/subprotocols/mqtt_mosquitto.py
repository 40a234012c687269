#!/usr/bin/env python3
"""mqtt_mosquitto.py FILE: records MQTT over WebSocket between mosquitto and three clients into FILE.

Needs, as root: Debian's mosquitto and tcpdump; paho-mqtt and websockets from PyPI.
"""

import asyncio
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client as paho
import websockets
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PORT = 9883


def client(name, version, **more):
    peer = paho.Client(
        paho.CallbackAPIVersion.VERSION2, client_id=name, transport="websockets", protocol=version, **more
    )
    peer.ws_set_options(path="/mqtt")
    peer.on_log = lambda _, __, ___, text: print(name, text)
    peer.arrived = threading.Semaphore(0)
    peer.subscribed = threading.Semaphore(0)
    peer.on_message = lambda *_: peer.arrived.release()
    peer.on_subscribe = lambda *_: peer.subscribed.release()
    return peer


def three():
    """paho-mqtt with MQTT 3.1.1: a will, a retained message, QoS 0, 1 and 2."""
    peer = client("alice", paho.MQTTv311)
    peer.username_pw_set("alice", "secret")
    peer.will_set("harbour/gone", "alice", qos=1, retain=True)
    peer.connect("127.0.0.1", PORT, keepalive=60)
    peer.loop_start()
    peer.subscribe([("harbour/+", 2), ("$SYS/none", 0)])
    peer.subscribed.acquire(timeout=5)
    for qos, payload in enumerate(['{"cm":214,"trend":"rising"}', "two", bytes([0, 255, 1])]):
        peer.publish("harbour/tide", payload, qos=qos, retain=qos == 1).wait_for_publish(5)
        peer.arrived.acquire(timeout=5)
    time.sleep(0.2)
    peer.unsubscribe("$SYS/none")
    time.sleep(0.2)
    peer.disconnect()
    peer.loop_stop()


def five():
    """paho-mqtt with MQTT 5: properties, an alias for a topic, reason codes."""
    peer = client("bob", paho.MQTTv5)
    connect = Properties(PacketTypes.CONNECT)
    connect.SessionExpiryInterval = 30
    connect.TopicAliasMaximum = 5
    connect.UserProperty = [("quay", "9"), ("quay", "10")]
    will = Properties(PacketTypes.WILLMESSAGE)
    will.WillDelayInterval = 5
    peer.will_set("harbour/gone", "bob", properties=will)
    peer.connect("127.0.0.1", PORT, properties=connect)
    peer.loop_start()
    subscribe = Properties(PacketTypes.SUBSCRIBE)
    subscribe.SubscriptionIdentifier = 200
    options = SubscribeOptions(qos=2, retainAsPublished=True)
    peer.subscribe("harbour/#", options=options, properties=subscribe)
    peer.subscribed.acquire(timeout=5)
    peer.arrived.acquire(timeout=5)  # what was retained
    for qos, topic in enumerate(["harbour/ferries", "", ""]):
        publish = Properties(PacketTypes.PUBLISH)
        publish.TopicAlias = 1
        publish.PayloadFormatIndicator = 1
        publish.ContentType = "application/json"
        publish.ResponseTopic = "harbour/answers"
        publish.CorrelationData = bytes([7, 0xFF])
        publish.MessageExpiryInterval = 3600
        publish.UserProperty = ("line", "Heron")
        peer.publish(topic, "12" if topic else '{"minutes":-3}', qos=qos, properties=publish).wait_for_publish(5)
        peer.arrived.acquire(timeout=5)
    peer.publish("other/quay", "nobody", qos=1).wait_for_publish(5)
    time.sleep(0.2)
    peer.disconnect()
    peer.loop_stop()


def text(value):
    return struct.pack(">H", len(value)) + value


def packet(kind, body):
    length, digits = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        digits += bytes([digit | (128 if length else 0)])
        if not length:
            return bytes([kind]) + digits + body


async def raw():
    """A client that sends several packets in a message, and one in several, with MQTT 3.1."""
    async with websockets.connect(
        f"ws://127.0.0.1:{PORT}/mqtt", subprotocols=["mqttv3.1", "mqtt"], compression=None
    ) as peer:
        print("agreed on", peer.subprotocol)
        await peer.send(packet(0x10, text(b"MQIsdp") + bytes([3, 2]) + struct.pack(">H", 30) + text(b"carol")))
        print("<", await peer.recv())
        await peer.send(
            packet(0x82, b"\0\1" + text(b"dock") + b"\0") + packet(0x32, text(b"dock") + b"\0\2" + b"one") + packet(0xC0, b"")
        )
        large = packet(0x30, text(b"dock") + b"0123456789" * 60)
        for part in (large[:1], large[1:2], large[2:5], large[5:300], large[300:] + packet(0x30, text(b"dock") + b"last")):
            await peer.send(part)
        await peer.send(packet(0xA2, b"\0\3" + text(b"dock")))
        try:
            while True:
                print("<", await asyncio.wait_for(peer.recv(), 0.5))
        except asyncio.TimeoutError:
            pass
        await peer.send(packet(0xE0, b""))
        await asyncio.sleep(0.2)


folder = pathlib.Path(tempfile.mkdtemp())
(folder / "conf").write_text(  # mosquitto 2.0.11 does not start without a listener that is not a WebSocket
    f"listener {PORT + 1} 127.0.0.1\nlistener {PORT} 127.0.0.1\nprotocol websockets\nallow_anonymous true\nmax_topic_alias 5\nlog_type all\n"
)
broker = subprocess.Popen(["mosquitto", "-v", "-c", str(folder / "conf")])
for _ in range(50):
    try:
        socket.create_connection(("127.0.0.1", PORT), 1).close()
        break
    except OSError:
        time.sleep(0.1)
tcpdump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-w", sys.argv[1], f"port {PORT}"])
try:
    time.sleep(1)
    three()
    five()
    asyncio.run(raw())
    time.sleep(0.5)
finally:
    tcpdump.terminate()
    broker.terminate()
    broker.wait()
    tcpdump.wait()
