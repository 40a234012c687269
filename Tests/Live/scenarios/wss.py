"""WebSockets inside TLS, with key logs that grow while wstap captures."""

import os
import subprocess
import time

from harness.capture import Capture, check, comes_true
from harness.compare import compare
from harness.network import Impossible
from harness.plans import chat, everything, in_private, plan
from harness.scenario import Scenarios
from scenarios.written import check_same, check_tshark, read_back

SCENARIOS = Scenarios()

SELF_SIGNED = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=chat.example"
).split()


def certificate(stage):
    """A file with a certificate and its key."""
    path, key = stage.folder / "certificate.pem", stage.folder / "key.pem"
    try:
        subprocess.run([*SELF_SIGNED, "-keyout", key, "-out", path], check=True, capture_output=True)
    except FileNotFoundError:
        raise Impossible("openssl is not installed") from None
    path.write_text(key.read_text() + path.read_text())
    return path


def check_private(capture, records, stage):
    """Checks that all was decrypted; gives the number of messages."""
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    for record in records.of("connection"):
        check(record["scheme"] == "wss" and record["tls"]["decrypted"], f"the connection is {record}")
    return compare(records, stage.entries())


for client, server, cipher in (
    ("python", "python", None),
    ("python", "node", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("node", "python", None),
):

    @SCENARIOS.add(
        f"wss, {client} to {server}{', TLS 1.2' if cipher else ''}, with a key log that grows",
        peers=tuple({client, server}),
        client=client,
        server=server,
        cipher=cipher,
    )
    def growing(stage, client, server, cipher):
        keys = stage.folder / "keys.txt"
        if client == "node":
            keys.touch()  # it makes one that nobody else may read
        talk = in_private(plan(everything(), compression=True), certificate(stage), keys, cipher)
        capture = Capture(stage, "--max-payload", "none", "--keylog", keys)
        stage.talk(talk, client=client, server=server)
        records = capture.stop()
        version = records.of("connection")[0]["tls"]["version"]
        check(version == ("1.2" if cipher else "1.3"), f"the version is {version}")
        return f"{check_private(capture, records, stage)} messages, each as both peers logged it"


@SCENARIOS.add("wss, with secrets that come after the packets, one line at a time")
def late(stage):
    keys, hidden = stage.folder / "keys.txt", stage.folder / "hidden.txt"
    talk = in_private(plan(chat(5), connections=3), certificate(stage), hidden)
    capture = Capture(stage, "--keylog", keys)
    stage.talk(talk)
    time.sleep(0.5)
    with open(keys, "w", encoding="utf-8") as file:
        for line in hidden.read_text().splitlines():
            file.write(line[:90])
            file.flush()
            time.sleep(0.05)
            file.write(line[90:] + "\n")
            file.flush()
    # Those that were over are told as well, before the capture ends.
    is_told = comes_true(lambda: capture.output.text().count(b'"type":"end"') == 3)
    check(is_told, "connections are not told when their secrets come")
    return f"{check_private(capture, capture.stop(), stage)} messages"


@SCENARIOS.add("wss, with a key log that is deleted and begun anew")
def anew(stage):
    keys, pem = stage.folder / "keys.txt", certificate(stage)
    capture = Capture(stage, "--keylog", keys)
    for _ in range(3):
        if keys.exists():
            keys.unlink()
        stage.talk(in_private(plan(chat(2)), pem, keys))
        time.sleep(0.3)
    return f"{check_private(capture, capture.stop(), stage)} messages"


@SCENARIOS.add("wss, with a key log that wstap may not read, which is said once", needs_root=True)
def forbidden(stage):
    keys, pem = stage.folder / "keys.txt", certificate(stage)
    capture = Capture(stage, "--keylog", keys)
    keys.touch(0o600)
    stage.talk(in_private(plan(chat(2)), pem, keys))
    time.sleep(0.5)
    records = capture.stop()
    told = [record["message"] for record in records.of("diagnostic", code="tls.key-log-unreadable")]
    check(len(told) == 1 and "Permission denied" in told[0] and "touch" in told[0], f"what is said is {told}")
    check(not records.of("connection"), "there is a connection")
    os.chmod(keys, 0o644)  # too late for this one
    return told[0]


for which in ("all", "websocket"):

    @SCENARIOS.add(f"wss, written with the secrets that it needs ({which})", which=which)
    def embedded(stage, which):
        keys, hidden, pem = stage.folder / "keys.txt", stage.folder / "hidden.txt", certificate(stage)
        folder = stage.folder / "written"
        folder.mkdir()
        folder.chmod(0o777)
        path = folder / "out.pcapng"
        options = ["--max-payload", "none", "-w", path, "--write", which]
        capture = Capture(stage, "--keylog", keys, *options)
        stage.talk(in_private(plan(everything(), compression=True), pem, keys))
        stage.talk(in_private(plan(chat(2)), pem, hidden))  # nobody has its secrets
        records = capture.stop()
        stage.log("client").unlink()
        stage.log("server").unlink()
        check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
        check("with the secrets of 1 TLS connection" in capture.stderr, capture.stderr)
        # Other packets may be left out.
        count = check_same(records, read_back(stage, path), has_numbers=which == "all")
        return f"{count} records, {check_tshark(path, records)} frames by tshark"
