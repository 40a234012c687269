#!/usr/bin/env python3
"""Records ocpp.pcap: mobilityhouse's ocpp as central system and as charging station, in OCPP 1.6 and 2.0.1.

Needs tcpdump, root, and from PyPI: ocpp, websockets. Use: ocpp_peers.py FILE
"""

import asyncio
import logging
import sys
from datetime import datetime, timezone

import websockets
from ocpp import v16, v201
from ocpp.exceptions import OCPPError, SecurityError
from ocpp.routing import on

from loopback import Recording, free_port


def now():
    return datetime(2026, 11, 20, 20, 0, tzinfo=timezone.utc).isoformat()


class OldSystem(v16.ChargePoint):
    @on("BootNotification")
    def boot(self, **_):
        return v16.call_result.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Authorize")
    def authorize(self, id_tag):
        return v16.call_result.Authorize(id_tag_info={"status": "Blocked" if id_tag == "stolen" else "Accepted"})


class OldStation(v16.ChargePoint):
    @on("RemoteStartTransaction")
    def remote_start(self, **_):
        return v16.call_result.RemoteStartTransaction(status="Accepted")


class NewSystem(v201.ChargePoint):
    @on("BootNotification")
    def boot(self, **_):
        return v201.call_result.BootNotification(current_time=now(), interval=60, status="Pending")

    @on("TransactionEvent")
    def event(self, **_):
        return v201.call_result.TransactionEvent(total_cost=2.5)


class NewStation(v201.ChargePoint):
    @on("Reset")
    def reset(self, **_):
        raise SecurityError("not from you")


async def attempt(call):
    try:
        print(await call)
    except OCPPError as error:
        print(repr(error))


async def talk_old(station):
    await attempt(station.call(v16.call.BootNotification("Model Ö", "VendorX"), suppress=False))
    await attempt(station.call(v16.call.Authorize("stolen"), suppress=False))
    await attempt(station.call(v16.call.Heartbeat(), suppress=False))  # not implemented


async def talk_new(station):
    boot = v201.call.BootNotification({"model": "M1", "vendor_name": "VendorX"}, "PowerUp")
    await attempt(station.call(boot, suppress=False))
    info = {"transaction_id": "t-1", "charging_state": "Charging"}
    event = v201.call.TransactionEvent("Started", now(), "CablePluggedIn", 0, info)
    await attempt(station.call(event, suppress=False))


async def serve(connection):
    name = connection.request.path.rsplit("/", 1)[1]
    is_old = connection.subprotocol == "ocpp1.6"
    system = (OldSystem if is_old else NewSystem)(name, connection)
    listening = asyncio.create_task(system.start())
    await asyncio.sleep(0.3)
    if is_old:
        await attempt(system.call(v16.call.RemoteStartTransaction("tag", 1), suppress=False))
    else:
        await attempt(system.call(v201.call.Reset("Immediate"), suppress=False))
    await listening


async def visit(port, protocol, station, talk):
    url = f"ws://127.0.0.1:{port}/steve/{station.__name__}"
    async with websockets.connect(url, subprotocols=[protocol], compression=None) as connection:
        peer = station(station.__name__, connection)
        listening = asyncio.create_task(peer.start())
        await talk(peer)
        await asyncio.sleep(0.5)
        listening.cancel()


async def main(path):
    port = free_port()
    async with websockets.serve(
        serve, "127.0.0.1", port, subprotocols=["ocpp2.0.1", "ocpp1.6"], compression=None):
        async with Recording(path, port):
            await visit(port, "ocpp1.6", OldStation, talk_old)
            await visit(port, "ocpp2.0.1", NewStation, talk_new)


logging.basicConfig(level=logging.WARNING)
logging.getLogger("ocpp").setLevel(logging.INFO)
asyncio.run(main(sys.argv[1]))
