#!/usr/bin/env python3
"""Records WAMP sessions: autobahn's client against Crossbar.io, in one capture for each way to write messages.

    wamp.py FOLDER [json|msgpack|cbor|json.batched|msgpack.batched|cbor.batched]...

Needs autobahn, crossbar, msgpack and cbor2 (pip), tcpdump, and the right to capture on the loopback interface. Prints what the client
sees, to compare with the views.
"""
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time

import txaio
txaio.use_asyncio()
from autobahn.asyncio.wamp import ApplicationSession
from autobahn.asyncio.websocket import WampWebSocketClientFactory
from autobahn.wamp import auth, types
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer, MsgPackSerializer

SERIALIZERS = {"json": JsonSerializer, "msgpack": MsgPackSerializer, "cbor": CBORSerializer}


def router_config(port):
    permission = {"uri": "", "match": "prefix", "allow": dict.fromkeys(["call", "register", "publish", "subscribe"], True)}
    role = {"name": "user", "permissions": [permission]}
    users = {"joe": {"secret": "secret2", "role": "user"}}
    return {"version": 2, "controller": {}, "workers": [{
        "type": "router", "realms": [{"name": "realm1", "roles": [role]}],
        "transports": [{
            "type": "websocket", "endpoint": {"type": "tcp", "port": port, "interface": "127.0.0.1"},
            "serializers": ["json", "msgpack", "cbor"],
            "auth": {"anonymous": {"type": "static", "role": "user"}, "wampcra": {"type": "static", "users": users}}}]}]}


class Session(ApplicationSession):
    """Joins, runs `job`, and leaves."""

    def __init__(self, realm, job, user=None):
        super().__init__(types.ComponentConfig(realm))
        self.job, self.user = job, user
        self.done = asyncio.get_event_loop().create_future()

    def onConnect(self):
        if self.user:
            self.join(self.config.realm, ["wampcra"], self.user)
        else:
            self.join(self.config.realm)

    def onChallenge(self, challenge):
        return auth.compute_wcs(b"secret2", challenge.extra["challenge"].encode()).decode()

    async def onJoin(self, details):
        try:
            await self.job(self)
        finally:
            self.leave()

    def onLeave(self, details):
        print("left:", details.reason)
        self.disconnect()

    def onDisconnect(self):
        if not self.done.done():
            self.done.set_result(None)


async def connect(port, serializer, session):
    factory = WampWebSocketClientFactory(lambda: session, f"ws://127.0.0.1:{port}/ws", serializers=[serializer])
    await asyncio.get_event_loop().create_connection(factory, "127.0.0.1", port)


async def talk(port, make):
    ready, over = asyncio.Event(), asyncio.Event()

    async def serve(session):
        async def add(a, b, scale=1):
            return (a + b) * scale

        async def count(n, details=None):
            for i in range(n):
                details.progress(i)
            return n

        async def fail():
            raise ApplicationError("com.example.error.full", "no room", left=0)

        async def slow():
            await asyncio.sleep(5)

        await session.register(add, "com.example.add")
        await session.register(count, "com.example.count", types.RegisterOptions(details_arg="details"))
        failing = await session.register(fail, "com.example.fail")
        await session.register(slow, "com.example.slow")
        topic = await session.subscribe(lambda *a, **k: print("event", a, k), "com.example.news")
        await session.subscribe(
            lambda *a, details=None: print("event", details.topic, a), "com.example.log",
            types.SubscribeOptions(match="prefix", details_arg="details"))
        ready.set()
        await over.wait()
        await topic.unsubscribe()
        await failing.unregister()

    async def use(session):
        await ready.wait()
        print("add", await session.call("com.example.add", 2, 3, scale=10))
        progress = types.CallOptions(on_progress=lambda i: print("progress", i))
        print("count", await session.call("com.example.count", 2, options=progress))
        for name in ["com.example.fail", "com.example.none"]:
            try:
                await session.call(name)
            except ApplicationError as e:
                print("error", e.error, e.args, e.kwargs)
        slow = session.call("com.example.slow")
        await asyncio.sleep(0.05)
        slow.cancel()
        await asyncio.sleep(0.05)
        session.publish("com.example.news", "Grüße", {"n": 1.5}, level=3)
        await session.publish("com.example.log.disk", 2**60, None, True, options=types.PublishOptions(acknowledge=True))
        await asyncio.sleep(0.05)
        over.set()
        await asyncio.sleep(0.05)

    first, second = Session("realm1", serve), Session("realm1", use, "joe")
    await connect(port, make(), first)
    await connect(port, make(), second)
    await asyncio.wait([first.done, second.done], timeout=10)
    third = Session("no.such.realm", use)
    await connect(port, make(), third)
    await asyncio.wait([third.done], timeout=5)


def main():
    folder = sys.argv[1]
    port = 18080
    with tempfile.TemporaryDirectory() as home:
        with open(os.path.join(home, "config.json"), "w") as config:
            json.dump(router_config(port), config)
        router = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "crossbar"), "start", "--cbdir", home],
                                  stdout=open(os.path.join(folder, "crossbar.log"), "w"), stderr=subprocess.STDOUT)
        try:
            time.sleep(20)
            for name in sys.argv[2:] or ["json", "msgpack", "cbor", "json.batched"]:
                print("---", name)
                kind, _, batched = name.partition(".")
                path = os.path.join(folder, f"wamp-{name.replace('.', '-')}.pcap")
                dump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "-q", "-w", path, f"tcp port {port}"], stderr=subprocess.DEVNULL)
                time.sleep(1)
                asyncio.run(talk(port, lambda: SERIALIZERS[kind](batched=bool(batched))))
                time.sleep(1)
                dump.terminate()
                dump.wait()
        finally:
            router.terminate()
            router.wait()


main()
