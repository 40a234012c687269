"""A scenario: a name, a function that plays it, and what that needs."""

from dataclasses import dataclass
from typing import Callable


@dataclass
class Scenario:
    name: str
    play: Callable
    peers: tuple = ("python",)
    needs_root: bool = False
    alone: bool = False  # takes all of the machine, or watches the clock: nothing else is played meanwhile


class Scenarios(list):
    """The scenarios of a file; `add` makes one of a function."""

    def add(self, name, peers=("python",), needs_root=False, alone=False, **arguments):
        def take(function):
            self.append(Scenario(name, lambda stage: function(stage, **arguments), peers, needs_root, alone))
            return function

        return take
