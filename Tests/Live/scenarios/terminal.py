"""What is seen on a terminal while a capture goes on."""

import os
import signal

from harness.capture import Reader, check
from harness.plans import chat, plan
from harness.scenario import Scenarios

SCENARIOS = Scenarios()


class Screen(Reader):
    """What a program writes to a terminal."""

    def _run(self):
        try:
            super()._run()
        except OSError:  # how a terminal tells that nobody writes to it any more
            pass


def on_terminal(stage, *options):
    """What is written to a terminal while two peers talk, and what stands there in the end."""
    ours, theirs = os.openpty()
    command = ["env", "TERM=xterm", stage.binary, "-i", "lo", "--json", "--only", "capture,summary", *options]
    process = stage.start(command, stderr=theirs)
    os.close(theirs)
    screen = Screen(ours)
    check(b'"capture"' in process.stdout.readline(), "wstap has not begun")
    stage.talk(plan(chat(3)[:-1] + [{"by": "client", "do": "close", "code": 1000, "reason": "", "pause": 1}]))
    process.send_signal(signal.SIGINT)
    check(process.wait(10) == 0, f"exit status {process.returncode}")
    screen.thread.join(10)
    os.close(ours)
    return screen.text().decode()


@SCENARIOS.add("a status line on a terminal")
def status(stage):
    text = on_terminal(stage)
    lines = [line.split("\x1b[K")[0] for line in text.split("\r")]
    shown = [line for line in lines if " open  " in line]
    check(any(line.startswith("1 open  ") and "  0 dropped  " in line for line in shown), f"on the terminal: {text!r}")
    last = text.rpartition("\x1b[K")[2]
    check(last.startswith("wstap: 1 WebSocket connection, "), f"at the end: {last!r}")
    return f"{next(line for line in shown if line.startswith('1 open'))!r}, and gone at the end"


@SCENARIOS.add("no status line with -q")
def quiet(stage):
    text = on_terminal(stage, "-q")
    check(text == "", f"on the terminal: {text!r}")
    return "nothing is written"
