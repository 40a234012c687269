#!/usr/bin/env python3
"""sip_kamailio.py FILE: records SIP over WebSocket into FILE: two clients call each other through Kamailio.

Needs, as root: Debian's kamailio, kamailio-websocket-modules and tcpdump; websockets from PyPI.
"""

import asyncio
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import websockets

PORT = 5066
SETTINGS = f"""#!KAMAILIO
log_stderror=yes
children=1
tcp_children=2
auto_aliases=no
alias="harbour.example"
listen=tcp:127.0.0.1:{PORT}
tcp_accept_no_cl=yes
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "nathelper.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  force_rport();
  if (is_method("REGISTER")) {{ fix_nated_register(); save("location"); exit; }}
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  if (has_totag()) {{ loose_route(); t_relay(); exit; }}
  if (is_method("INVITE")) {{ record_route(); }}
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
event_route[xhttp:request] {{
  set_reply_close();
  set_reply_no_connect();
  if ($hdr(Upgrade) =~ "websocket") {{ ws_handle_handshake(); exit; }}
  xhttp_reply("404", "Not Found", "", "");
}}
"""
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9 RTP/SAVPF 0\r\n"


class Client:
    def __init__(self, name, peer):
        self.name, self.peer, self.count = name, peer, 0

    async def send(self, text):
        print(self.name, ">", text.split("\r\n")[0])
        await self.peer.send(text)

    async def receive(self):
        text = await asyncio.wait_for(self.peer.recv(), 5)
        text = text if isinstance(text, str) else text.decode()
        print(self.name, "<", text.split("\r\n")[0])
        return text

    async def request(self, method, to, body="", kind="", call="", sequence=1, more=(), tag=""):
        self.count += 1
        lines = [
            f"{method} {to if to.startswith('sip:') else f'sip:{to}'} SIP/2.0",
            f"Via: SIP/2.0/WS {self.name}.invalid;branch=z9hG4bK{self.name}{self.count}",
            "Max-Forwards: 70",
            f"From: <sip:{self.name}@harbour.example>;tag={self.name}1",
            f"To: <sip:{self.name if method == 'REGISTER' else 'bob'}@harbour.example>{tag}",
            f"Call-ID: {call or method.lower() + self.name}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self.name}@{self.name}.invalid;transport=ws>",
            *more,
        ]
        if kind:
            lines.append(f"Content-Type: {kind}")
        await self.send("\r\n".join(lines + [f"Content-Length: {len(body)}", "", body]))

    async def reply(self, request, status, body=""):
        keep = [line for line in request.split("\r\n") if re.match("(Via|From|Call-ID|CSeq|Record-Route):", line)]
        to = next(line for line in request.split("\r\n") if line.startswith("To:"))
        lines = [f"SIP/2.0 {status}", *keep, to if ";tag" in to else f"{to};tag={self.name}9"]
        lines.append(f"Contact: <sip:{self.name}@{self.name}.invalid;transport=ws>")
        if body:
            lines.append("c: application/sdp")
        await self.send("\r\n".join(lines + [f"l: {len(body)}", "", body]))


async def call():
    url = f"ws://127.0.0.1:{PORT}"
    async with (
        websockets.connect(url, subprotocols=["sip"], compression=None) as one,
        websockets.connect(url, subprotocols=["sip"], compression=None) as two,
    ):
        alice, bob = Client("alice", one), Client("bob", two)
        for client in (alice, bob):
            await client.request("REGISTER", "harbour.example", more=["Expires: 600"])
            await client.receive()
        await alice.send("\r\n\r\n")
        print("alice <", repr(await alice.peer.recv()))
        await alice.request("OPTIONS", "harbour.example")
        await alice.receive()
        await alice.request("MESSAGE", "carol@harbour.example", "Are you there?", "text/plain")
        await alice.receive()
        await alice.request("MESSAGE", "bob@harbour.example", "The ferry is late.", "text/plain", call="m2")
        await bob.reply(await bob.receive(), "202 Accepted")
        await alice.receive()
        await alice.request("INVITE", "bob@harbour.example", SDP, "application/sdp", call="c1", sequence=7)
        invite = await bob.receive()
        await bob.reply(invite, "180 Ringing")
        await bob.reply(invite, "200 OK", SDP)
        answer = ""
        while "200 OK" not in answer:
            answer = await alice.receive()
        routes = [line.replace("Record-Route", "Route") for line in answer.split("\r\n") if line.startswith("Record-Route")]
        await alice.request("ACK", "bob@harbour.example", call="c1", sequence=7, more=routes, tag=";tag=bob9")
        await asyncio.sleep(0.3)


folder = pathlib.Path(tempfile.mkdtemp())
(folder / "cfg").write_text(SETTINGS)
server = subprocess.Popen(["kamailio", "-DD", "-f", str(folder / "cfg"), "-Y", str(folder), "-w", str(folder), "-E"])
for _ in range(50):
    try:
        socket.create_connection(("127.0.0.1", PORT), 1).close()
        break
    except OSError:
        time.sleep(0.1)
tcpdump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-w", sys.argv[1], f"port {PORT}"])
try:
    time.sleep(1)
    asyncio.run(call())
    time.sleep(0.3)
finally:
    tcpdump.terminate()
    server.terminate()
    server.wait()
    tcpdump.wait()
