"""What wstap may do while it decodes, and what it says where it may not capture."""

import pwd
import shutil
import subprocess

from harness.capture import Capture, check, comes_true
from harness.compare import compare
from harness.network import Impossible
from harness.plans import chat, plan
from harness.scenario import Scenarios

SCENARIOS = Scenarios()

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def check_rights(capture, user):
    """Checks that no thread has any right, and all are of this user."""
    # One decodes, one captures.
    check(comes_true(lambda: len(capture.tasks()) >= 2), "there is no thread that captures")
    threads = capture.tasks()
    for thread in threads:
        status = capture.proc_status(thread)
        check(set(status["Uid"].split()) == {str(user)}, f"user ids are {status['Uid']}")
        if user:
            check("0" not in status["Groups"].split() + status["Gid"].split(), f"groups are {status['Groups']}")
        for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            check(int(status[kind], 16) == 0, f"{kind} is {status[kind]}")
        check(status["NoNewPrivs"] == "1", "new privileges can be had")
    return len(threads)


def watch(stage, *options, user, **more):
    capture = Capture(stage, *options, **more)
    threads = check_rights(capture, user)
    stage.talk(plan(chat(3)))
    messages = compare(capture.stop(), stage.entries())
    check(capture.status == 0, f"exit status {capture.status}: {capture.stderr}")
    return f"{threads} threads of user {user} without capabilities, {messages} messages"


@SCENARIOS.add("root becomes nobody", needs_root=True)
def nobody(stage):
    return watch(stage, user=pwd.getpwnam("nobody").pw_uid)


@SCENARIOS.add("root stays root, without capabilities, by --user root", needs_root=True)
def root(stage):
    return watch(stage, "--user", "root", user=0)


@SCENARIOS.add("root becomes another user by --user", needs_root=True)
def another(stage):
    return watch(stage, "--user", "daemon", user=pwd.getpwnam("daemon").pw_uid)


def copy(stage):
    """A copy of the program that anybody may run, and that has no file capabilities."""
    path = stage.folder / "wstap"
    shutil.copyfile(stage.binary, path)
    path.chmod(0o755)
    return path


@SCENARIOS.add("without the right to capture, it is said how to get it", peers=("setpriv",), needs_root=True)
def not_permitted(stage):
    path = copy(stage)
    command = stage.place.inside([*AS_NOBODY, str(path), "-i", "lo"])
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    check(done.returncode == 2, f"exit status {done.returncode}")
    check("no permission to capture from 'lo'" in done.stderr, done.stderr)
    check(f"sudo setcap cap_net_raw,cap_net_admin+eip {path}" in done.stderr, done.stderr)
    check(done.stdout == "", f"the output is {done.stdout}")
    return done.stderr.splitlines()[0]


@SCENARIOS.add("with file capabilities, which are given up", peers=("python", "setpriv"), needs_root=True)
def file_capabilities(stage):
    path = copy(stage)
    try:
        subprocess.run(["setcap", "cap_net_raw,cap_net_admin+eip", path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Impossible(f"setcap does not work: {error}") from None
    try:
        subprocess.run([*AS_NOBODY, path, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Impossible("there are no such capabilities to be had") from None
    mount = subprocess.run(["findmnt", "-n", "-o", "OPTIONS", "-T", path], capture_output=True, text=True).stdout
    if "nosuid" in mount:
        raise Impossible(f"{path} is on a file system without file capabilities")
    return watch(stage, user=NOBODY, wrapper=AS_NOBODY, binary=path)
