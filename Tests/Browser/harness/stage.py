"""What a scenario has: a page, wstap, and a place for files."""

import json
import subprocess

from harness.browser import Failed


class Stage:
    """One scenario's page and files."""

    def __init__(self, browser, binary, folder, root):
        self.page = browser.page()
        self.binary = binary
        self.folder = folder
        self.root = root

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.leave()

    def sample(self, name):
        return self.root / "Samples" / name

    def report(self, *captures, options=(), name="report.html"):
        """The report of captures."""
        return self.written("html", captures, options, name)

    def archive(self, *captures, options=(), name="archive.har"):
        """The HTTP archive of captures."""
        return self.written("har", captures, options, name)

    def written(self, form, captures, options, name):
        file = self.folder / name
        run = subprocess.run(
            [self.binary, "--format", form, "-q", "-o", file, *options, *captures], capture_output=True, text=True)
        if run.returncode not in (0, 1) or run.stderr:
            raise Failed(f"wstap ends with {run.returncode}: {run.stderr}")
        return file

    def records(self, *captures, options=()):
        """The records of captures, as JSON."""
        run = subprocess.run([self.binary, "--json", "-q", *options, *captures], capture_output=True, text=True)
        return [json.loads(line) for line in run.stdout.split("\n") if line]

    def shoot(self, name):
        self.page.shoot(self.root / ".build/screenshots" / f"{name}.png")

    def expect(self, got, wanted, what):
        if got != wanted:
            raise Failed(f"{what}: {got!r}, not {wanted!r}")

    def check(self, is_so, what):
        if not is_so:
            raise Failed(what)
