"""All scenarios, in the order in which they are played."""

from scenarios import conversations, killed, endings, interfaces, gaps, links, written, wss, terminal, privileges
from scenarios import delay, slow_reader, load

FILES = (conversations, killed, endings, interfaces, gaps, links, written, wss, terminal, privileges)
ALONE = (delay, slow_reader, load)
SCENARIOS = [scenario for file in (*FILES, *ALONE) for scenario in file.SCENARIOS]
