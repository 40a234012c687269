"""What the scripts with RabbitMQ share: one of its own, of which nothing stays, and tcpdump while peers talk to it."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def broker(folder, plugin, port, base, settings):
    """Starts a RabbitMQ that keeps everything in `folder`; `base` and the two ports behind it are its own. Waits for `port`."""
    (folder / "plugins").write_text(f"[{plugin}].\n")
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.default = 127.0.0.1:{base + 2}\n{settings}")
    environment = os.environ | {
        "RABBITMQ_NODENAME": "sample@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(base + 1),
        "ERL_EPMD_PORT": str(base),
        "HOME": str(folder),
    }
    with open(folder / "out", "w") as out:
        epmd = subprocess.Popen(["epmd", "-port", str(base)], stdout=out, stderr=out)
        node = subprocess.Popen(
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment, stdout=out, stderr=out, start_new_session=True
        )
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return node, epmd
        except OSError:
            time.sleep(0.2)
    raise SystemExit((folder / "out").read_text())


@contextlib.contextmanager
def recorded(path, plugin, port, base, settings):
    """While it lasts, a RabbitMQ with `plugin` listens on `port`, and what is said there goes to the file."""
    folder = pathlib.Path(tempfile.mkdtemp())
    node, epmd = broker(folder, plugin, port, base, settings)
    tcpdump = subprocess.Popen(["tcpdump", "-i", "lo", "-U", "--immediate-mode", "-w", path, f"port {port}"])
    try:
        time.sleep(1)
        yield
        time.sleep(0.5)
    finally:
        tcpdump.terminate()
        os.killpg(node.pid, signal.SIGTERM)
        node.wait()
        epmd.terminate()
        tcpdump.wait()
        shutil.rmtree(folder)
