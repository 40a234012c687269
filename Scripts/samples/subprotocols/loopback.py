"""What the scripts in this folder share: tcpdump on the loopback interface while peers talk, and a port for them."""

import asyncio
import socket


def free_port():
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def listening(port):
    """Waits until somebody listens on the port."""
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(f"nobody listens on port {port}")


class Recording:
    """`async with Recording(file, port)`: what the peers say on that port goes to the file. Needs tcpdump, and to be root."""

    def __init__(self, path, port):
        self.command = ["tcpdump", "-i", "lo", "-U", "-s", "0", "-w", path, "tcp", "port", str(port)]

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(*self.command, stderr=asyncio.subprocess.PIPE)
        while b"listening on" not in await self.process.stderr.readline():
            pass
        await asyncio.sleep(0.2)

    async def __aexit__(self, *_):
        await asyncio.sleep(1.5)  # a block of packets that is not full yet comes within a second
        self.process.terminate()
        await self.process.wait()
