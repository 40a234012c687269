#!/usr/bin/env python3
"""mqtt_rabbitmq.py FILE: records MQTT over WebSocket between RabbitMQ and paho-mqtt into FILE.

Needs, as root: Debian's rabbitmq-server and tcpdump; paho-mqtt from PyPI.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client as paho

PORT = 15685


def broker(folder):
    """Starts a RabbitMQ that keeps everything in `folder`."""
    (folder / "plugins").write_text("[rabbitmq_web_mqtt].\n")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:15682\nmqtt.listeners.tcp.1 = 127.0.0.1:15683\n"
        f"web_mqtt.tcp.ip = 127.0.0.1\nweb_mqtt.tcp.port = {PORT}\n"
    )
    environment = os.environ | {
        "RABBITMQ_NODENAME": "sample@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": "15681",
        "ERL_EPMD_PORT": "15680",
        "HOME": str(folder),
    }
    with open(folder / "out", "w") as out:
        epmd = subprocess.Popen(["epmd", "-port", "15680"], stdout=out, stderr=out)
        node = subprocess.Popen(
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment, stdout=out, stderr=out, start_new_session=True
        )
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            return node, epmd
        except OSError:
            time.sleep(0.2)
    raise SystemExit((folder / "out").read_text())


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


folder = pathlib.Path(tempfile.mkdtemp())
node, epmd = broker(folder)
tcpdump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-w", sys.argv[1], f"port {PORT}"])
try:
    time.sleep(1)
    play()
    time.sleep(0.5)
finally:
    tcpdump.terminate()
    os.killpg(node.pid, signal.SIGTERM)
    node.wait()
    epmd.terminate()
    tcpdump.wait()
    shutil.rmtree(folder)
