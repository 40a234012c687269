"""Two peers that send as much as they can."""

import json

from harness.capture import Failed
from harness.stage import PEERS, PYTHON


class Flood:
    """A pair that is at it; `raw` are sizes and numbers for flood.py, or else node-ws floods."""

    def __init__(self, stage, seconds, raw=None, logs=("client", "server")):
        self.seconds = seconds
        self.logs = {"client": stage.log(logs[0]), "server": stage.log(logs[1])}
        program = [PYTHON, PEERS / "flood.py"] if raw else ["node", PEERS / "flood.js"]

        def start(role, *port):
            command = [*program, role, self.logs[role], seconds, *(raw or ()), *port]
            return stage.start(command, stderr=None)

        self.server = start("server")
        line = self.server.stdout.readline()
        if not line.strip().isdigit():
            raise Failed("the server did not start")
        self.client = start("client", *(["--port"] if raw else []), int(line))

    def finish(self):
        """Waits until both are done; gives what each counted."""
        counts = {}
        for role, process in (("client", self.client), ("server", self.server)):
            if process.wait(self.seconds + 60):
                raise Failed(f"the {role} failed with {process.returncode}")
            counts[role] = json.loads(self.logs[role].read_text("utf-8"))
        return counts
