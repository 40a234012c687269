#!/usr/bin/env python3
"""mqtt_rabbitmq.py FILE: records MQTT over WebSocket between RabbitMQ and paho-mqtt into FILE.

Needs, as root: Debian's rabbitmq-server and tcpdump; paho-mqtt from PyPI.
"""

import sys
import threading
import time

import paho.mqtt.client as paho

from rabbitmq import recorded

PORT = 15685


def client(name, password):
    peer = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name, transport="websockets", protocol=paho.MQTTv311)
    peer.ws_set_options(path="/ws")
    peer.username_pw_set("guest", password)
    peer.on_log = lambda _, __, ___, text: print(name, text)
    peer.event = threading.Semaphore(0)
    peer.on_message = lambda *_: peer.event.release()
    peer.on_subscribe = lambda *_: peer.event.release()
    peer.on_connect = lambda *_: peer.event.release()
    peer.connect("127.0.0.1", PORT, keepalive=2)
    peer.loop_start()
    peer.event.acquire(timeout=5)
    return peer


def play():
    peer = client("dave", "guest")
    peer.subscribe([("quay/#", 2)])
    peer.event.acquire(timeout=5)
    peer.publish("quay/9", '{"free":true}', qos=1).wait_for_publish(5)
    peer.event.acquire(timeout=5)
    peer.publish("quay/9", "taken", qos=2).wait_for_publish(5)
    peer.event.acquire(timeout=5)
    time.sleep(2.5)  # a ping
    peer.disconnect()
    peer.loop_stop()
    peer = client("erin", "wrong")
    peer.loop_stop()


SETTINGS = f"mqtt.listeners.tcp.1 = 127.0.0.1:15683\nweb_mqtt.tcp.ip = 127.0.0.1\nweb_mqtt.tcp.port = {PORT}\n"
with recorded(sys.argv[1], "rabbitmq_web_mqtt", PORT, 15680, SETTINGS):
    play()
