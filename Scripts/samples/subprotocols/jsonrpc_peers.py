#!/usr/bin/env python3
"""Records jsonrpc-lsp.pcap and jsonrpc-ethereum.pcap: the language server pylsp with a small client; and web3 with a server
made with jsonrpcserver, which answers as an Ethereum node does.

Needs tcpdump, root, and from PyPI: python-lsp-server, websockets, web3, jsonrpcserver. Use: jsonrpc_peers.py FILE FILE
"""

import asyncio
import json
import logging
import sys

import websockets
from jsonrpcserver import Error, Success, async_dispatch, method
from web3 import AsyncWeb3, WebSocketProvider
from web3.exceptions import Web3Exception

from loopback import Recording, free_port, listening

TEXT = "import os\ndef tide(x):\n    return y\n"
URI = "file:///tmp/tide.py"


# A language server.


async def talk_to_language_server(port):
    async with websockets.connect(f"ws://127.0.0.1:{port}", compression=None) as connection:

        async def send(**message):
            text = json.dumps({"jsonrpc": "2.0", **message})
            print(">", text)
            await connection.send(text)

        async def until(wanted):
            while True:
                text = await asyncio.wait_for(connection.recv(), 20)
                print("<", text)
                message = json.loads(text)
                if wanted in (message.get("id"), message.get("method")):
                    return message
                if "id" in message and "method" in message:
                    await send(id=message["id"], result=None)

        await send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
        await until(1)
        await send(method="initialized", params={})
        document = {"uri": URI, "languageId": "python", "version": 1, "text": TEXT}
        await send(method="textDocument/didOpen", params={"textDocument": document})
        await until("textDocument/publishDiagnostics")
        place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 5}}
        await send(id=2, method="textDocument/hover", params=place)
        await until(2)
        await send(id="three", method="textDocument/nothing", params=place)
        await until("three")
        await send(id=4, method="shutdown")
        await until(4)
        await send(method="exit")


async def record_language_server(path):
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pylsp", "--ws", "--host", "127.0.0.1", "--port", str(port),
        stderr=asyncio.subprocess.DEVNULL)
    try:
        await listening(port)
        async with Recording(path, port):
            await talk_to_language_server(port)
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


# An Ethereum node.


@method
async def eth_chainId():
    return Success("0x539")


@method
async def eth_blockNumber():
    return Success("0x1b4")


@method
async def eth_subscribe(kind, *_):
    return Success("0x9cef478923ff08bf67fde6c64013158d")


@method
async def eth_unsubscribe(_):
    return Success(True)


@method
async def eth_getBalance(address, block):
    return Error(-32000, "missing trie node", {"block": block})


async def node(connection):
    async for text in connection:
        text = text if isinstance(text, str) else text.decode()  # web3 sends binary messages
        reply = await async_dispatch(text)
        print("<", text, "\n>", reply)
        if reply:
            await connection.send(reply)
        if '"eth_subscribe"' in text:
            for number in ("0x1b5", "0x1b6"):
                head = {"number": number, "hash": "0x" + "5c" * 32, "gasUsed": "0x9f759", "timestamp": "0x56ffeff8"}
                result = {"subscription": "0x9cef478923ff08bf67fde6c64013158d", "result": head}
                notification = {"jsonrpc": "2.0", "method": "eth_subscription", "params": result}
                await connection.send(json.dumps(notification))


async def talk_to_node(port):
    async with AsyncWeb3(WebSocketProvider(f"ws://127.0.0.1:{port}", websocket_kwargs={"compression": None})) as web3:
        print(await web3.eth.chain_id)
        subscription = await web3.eth.subscribe("newHeads")
        heads = web3.socket.process_subscriptions()
        print(await anext(heads), await anext(heads))
        await web3.eth.unsubscribe(subscription)
        async with web3.batch_requests() as batch:
            batch.add(web3.eth.block_number)
            batch.add(web3.eth.chain_id)
            print(await batch.async_execute())
        for request in (web3.eth.get_balance("0x" + "00" * 20), web3.eth.gas_price):
            try:
                print(await request)
            except Web3Exception as error:
                print(repr(error))
    async with websockets.connect(f"ws://127.0.0.1:{port}", compression=None) as connection:
        await connection.send('[{"jsonrpc":"2.0","method":"eth_chainId","id":"a"},{"foo":"boo"},{"jsonrpc":"2.0","method":"eth_blockNumber"},'
                              '{"jsonrpc":"2.0","method":"eth_nothing","params":[],"id":"b"}]')
        print(await connection.recv())
        await connection.send('{"jsonrpc": "2.0", "method"')
        print(await connection.recv())


async def record_node(path):
    port = free_port()
    async with websockets.serve(node, "127.0.0.1", port, compression=None):
        async with Recording(path, port):
            await talk_to_node(port)


logging.disable(logging.CRITICAL)
asyncio.run(record_language_server(sys.argv[1]))
asyncio.run(record_node(sys.argv[2]))
