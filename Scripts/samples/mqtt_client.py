"""Subscribes and publishes with paho-mqtt over WebSocket, until its own message has come back."""

import threading
import time

import paho.mqtt.client as mqtt

READING = '{"cm":214,"trend":"rising"}'
arrived = threading.Event()

client = mqtt.Client(client_id="alice", transport="websockets")
client.ws_set_options(path="/mqtt")
client.on_connect = lambda *_: client.subscribe("harbour/tide", qos=1)
client.on_subscribe = lambda *_: client.publish("harbour/tide", READING, qos=1)
client.on_message = lambda *_: arrived.set()
client.connect("127.0.0.1", 8080, keepalive=60)
client.loop_start()
if not arrived.wait(10):
    raise SystemExit("the message did not come back")
time.sleep(0.2)  # the acknowledgements
client.disconnect()
client.loop_stop()
