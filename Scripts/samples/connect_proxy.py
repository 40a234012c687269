"""A small HTTP proxy that knows CONNECT only, and one tunnel."""

import argparse
import asyncio

from peerlog import PeerLog, connection


async def pump(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", required=True)
    parser.add_argument("--port", type=int, default=3128)
    parser.add_argument(
        "--to", type=int, default=8080, help="port on this machine that every tunnel leads to"
    )
    arguments = parser.parse_args()
    log, over = PeerLog(arguments.log, "proxy"), asyncio.Event()

    async def tunnel(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", arguments.to)
        # the server knows the proxy's connection only: the recorder puts the browser's in its place
        log.write(
            connection(writer.get_extra_info("peername"), writer.get_extra_info("sockname")),
            "event",
            "tunnel",
            to=connection(far_writer.get_extra_info("sockname"), far_writer.get_extra_info("peername")),
        )
        writer.write(b"HTTP/1.1 200 Connection established\r\nProxy-Agent: quay/1.0\r\n\r\n")
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        over.set()

    async with await asyncio.start_server(tunnel, "127.0.0.1", arguments.port):
        print("ready", flush=True)
        await over.wait()


asyncio.run(main())
