"""Peers that meet: who plays a scene with whom, and how they are started."""

import subprocess

from stage import HERE

PYTHON = "/usr/bin/python3"  # Debian's, which knows Debian's packages
QUIET_BROWSER = (
    "chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()
SELF_SIGNED = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=chat.example"
).split()


def websockets(stage, role, scene, *options, namespace=None):
    player = [PYTHON, HERE / "play_websockets.py", role, "--scene", scene, "--log", stage.log]
    return stage.start(*player, *options, namespace=namespace)


def node(stage, role, scene, *options):
    player = ["node", HERE / "play_ws.js", role, "--scene", scene, "--log", stage.log]
    return stage.start("env", "NODE_PATH=/usr/share/nodejs", *player, *options)


def openssl(stage, role, scene, *options):
    player = [PYTHON, HERE / "play_openssl.py", role, "--scene", scene, "--log", stage.log]
    return stage.start(*player, *options)


def meet(stage, scene, server=websockets, client=websockets, both=(), host=(), guest=(), dies=False):
    """Lets a server and a client play a scene to its end.

    Options are for `both`, for the server (`host`) or for the client (`guest`). `dies`: the server does not live
    to see the end.
    """
    path = stage.scene(scene)
    waiting = server(stage, "server", path, *both, *host)
    waiting.wait_for("ready")
    client(stage, "client", path, *both, *guest).finish()
    waiting.finish(may_fail=dies)


def meet_over_link(stage, scene):
    """The same with the server at the other end of a link."""
    path = stage.scene(scene)
    waiting = websockets(stage, "server", path, "--host", "192.0.2.2", namespace=stage.server)
    waiting.wait_for("ready")
    websockets(stage, "client", path, "--host", "192.0.2.2").finish()
    waiting.finish()


def meet_in_office(stage, scene, what):
    """A server and a client of aiohttp, whose connection is more than a WebSocket."""
    path = stage.scene(scene)
    player = [PYTHON, HERE / "play_aiohttp.py"]
    waiting = stage.start(*player, "server", "--scene", path, "--log", stage.log)
    waiting.wait_for("ready")
    stage.start(*player, "client", "--scene", path, "--log", stage.log, "--what", what).finish()
    waiting.finish()


def certify(stage):
    """A file with a certificate and its key, and the name of one for secrets."""
    certificate, key = stage.folder / "certificate.pem", stage.folder / "key.pem"
    subprocess.run([*SELF_SIGNED, "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    certificate.write_text(key.read_text() + certificate.read_text())
    return certificate, stage.folder / f"{stage.name}.keys"


def browse_in_private(stage, scene, browser=(), url="wss://localhost:8443/chat"):
    """The same over TLS; gives the file with the browser's secrets."""
    certificate, keys = certify(stage)
    host = ["--port", "8443", "--certificate", certificate]
    secretly = ["--ignore-certificate-errors", f"--ssl-key-log-file={keys}"]
    browse(stage, scene, host, [*secretly, *browser], url=url)
    return keys


def browse(stage, scene, host=(), browser=(), url="ws://127.0.0.1:8080/chat"):
    """Lets Chromium play a scene with python-websockets. The page comes from another port, not captured."""
    path = stage.scene(scene)
    waiting = websockets(stage, "server", path, *host)
    waiting.wait_for("ready")
    page = stage.start(PYTHON, HERE / "page_host.py", "--scene", path, "--log", stage.log)
    page.wait_for("ready")
    profile = f"--user-data-dir={stage.folder / 'browser'}"
    address = f"http://127.0.0.1:8000/?ws={url}"
    chromium = stage.start(*QUIET_BROWSER, profile, *browser, address, errors=subprocess.DEVNULL)
    page.finish()
    waiting.finish()
    chromium.stop()


def meet_in_private(stage, scene, *guest, server=websockets, client=websockets):
    """A server and a client that talk TLS, on port 8443; gives the file with the client's secrets."""
    certificate, keys = certify(stage)
    meet(
        stage, scene, server, client, both=["--port", "8443"], host=["--certificate", certificate],
        guest=["--keylog", keys, *guest])
    return keys
