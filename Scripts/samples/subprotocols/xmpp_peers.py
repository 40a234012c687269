#!/usr/bin/env python3
"""Records xmpp.pcap: Prosody's mod_websocket, and a small client that sends the elements of RFC 7395.

Needs tcpdump, root, prosody (Debian), and from PyPI: websockets. Use: xmpp_peers.py FILE
"""

import asyncio
import base64
import os
import re
import sys
import tempfile

import websockets

from loopback import Recording, free_port, listening

CONFIGURATION = """
run_as_root = true
data_path = "{folder}"
pidfile = "{folder}/prosody.pid"
log = {{ error = "{folder}/log" }}
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "websocket", "presence", "message", "iq" }}
modules_disabled = {{ "s2s", "tls" }}
c2s_ports = {{ }}
allow_unencrypted_plain_auth = true
http_ports = {{ {port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
consider_websocket_secure = true
authentication = "internal_plain"
VirtualHost "localhost"
"""

OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>'
CLOSE = '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>'
BIND = '<iq xmlns="jabber:client" type="set" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>pier</resource></bind></iq>'


class Client:
    """Sends elements, and prints all that is said."""

    def __init__(self, connection):
        self.connection = connection

    async def say(self, element, until=None):
        print(">", element)
        await self.connection.send(element)
        while until:
            text = await asyncio.wait_for(self.connection.recv(), 10)
            print("<", text)
            if re.search(until, text):
                return

    async def begin(self, name):
        await self.say(OPEN, "features>")
        for password in ("wrong", "secret"):
            secret = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
            await self.say(
                f'<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">{secret}</auth>', "<(success|failure)")
        await self.say(OPEN, "features>")
        await self.say(BIND, "jid")


async def talk(url):
    async with websockets.connect(url, subprotocols=["xmpp"], compression=None) as connection:
        client = Client(connection)
        await client.begin("alice")
        await client.say('<iq xmlns="jabber:client" type="get" id="r1"><query xmlns="jabber:iq:roster"/></iq>', 'id=.r1')
        await client.say('<presence xmlns="jabber:client"><show>away</show><status>at the pier &amp; back</status></presence>', "show")
        await client.say('<iq xmlns="jabber:client" type="get" id="p1" to="localhost"><ping xmlns="urn:xmpp:ping"/></iq>', "id=.p1")
        await client.say('<iq xmlns="jabber:client" type="get" id="x1" to="localhost"><tide xmlns="urn:example:tide"/></iq>', "id=.x1")
        await client.say(
            '<message xmlns="jabber:client" type="chat" id="m1" to="alice@localhost"><body>Tide at &lt;3&gt; ö</body>'
            '<thread>t1</thread></message>', "<body")
        await client.say('<message xmlns="jabber:client" id="m2" to="nobody@localhost"><body>hello?</body></message>', "error")
        await client.say(CLOSE, "<close")


async def main(path):
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        configuration = os.path.join(folder, "prosody.cfg.lua")
        with open(configuration, "w") as file:
            file.write(CONFIGURATION.format(folder=folder, port=port))
        quiet = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
        register = await asyncio.create_subprocess_exec(
            "prosodyctl", "--root", "--config", configuration, "register", "alice", "localhost", "secret", **quiet)
        await asyncio.wait_for(register.wait(), 20)
        prosody = await asyncio.create_subprocess_exec("prosody", "-F", "--root", "--config", configuration, **quiet)
        try:
            await asyncio.wait_for(listening(port), 20)
            async with Recording(path, port):
                await talk(f"ws://localhost:{port}/xmpp-websocket")
        finally:
            prosody.terminate()
            await prosody.wait()
            print(open(os.path.join(folder, "log")).read())


asyncio.run(main(sys.argv[1]))
