"""The figures beside the advances: building a workflow, importing, starting, memory, and one long tick."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from ruamel.yaml import YAML
from samskabt import VirtualClock
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.workflows.catalogue import Catalogue, shipped_sources

from .advances import BORN_AT, Template, fsync_milliseconds, opened, timed
from .report import Figure, figure

PROGRAMME = "forenklet-beskaeftigelsesindsats"
NOTHING = "pass"
# The greatest resident size of the process in kilobytes. getrusage would tell that of the process which started it, if
# that was greater; elsewhere than on Linux there is nothing better, and macOS counts in bytes.
PEAK = """
import pathlib, resource, sys
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (10 * (sys.platform == "darwin")))
"""


def build(rounds: int) -> Figure:
    """Read, check and compile the shipped programme 000, beside parsing the same texts alone."""
    texts = [text for _, text in shipped_sources()]
    calendar = WorkingCalendar()
    mine, parsing = [], []
    for _ in range(rounds):
        mine.append(1000 * timed(lambda: Compiled(Catalogue.shipped().programme(PROGRAMME), calendar)))
        parsing.append(1000 * timed(lambda: [YAML(typ="safe", pure=True).load(text) for text in texts]))
    return figure(
        "build of a workflow (read, check, compile)", "ms", mine, parsing, "ruamel.yaml parsing the same texts"
    )


def starts(rounds: int, database: Path) -> list[Figure]:
    """Start fresh interpreters that import, connect, or print the help, beside one that does nothing."""
    connects = f"import samskabt; samskabt.connect('sqlite:///{database}').close()"
    commands = {
        "start: import samskabt.engine.decide": ["-c", "import samskabt.engine.decide"],
        "start: import samskabt and connect": ["-c", connects],
        "start: samskabt --help": ["-m", "samskabt", "--help"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    bare: list[float] = []
    for _ in range(rounds):
        bare.append(1000 * timed(_run, "-c", NOTHING))
        for name, command in commands.items():
            spent[name].append(1000 * timed(_run, *command))
    return [figure(name, "ms", values, bare, "a bare interpreter") for name, values in spent.items()]


def memory(rounds: int, database: Path) -> Figure:
    """Measure the greatest resident size with the shipped programme ready to run, beside a bare interpreter."""
    ready = (
        f"import samskabt; engine = samskabt.connect('sqlite:///{database}')\n"
        f"engine.context.keep(engine.workflows.programme({PROGRAMME!r}))\n{PEAK}"
    )
    mine = [int(_run("-c", ready)) / 1024 for _ in range(rounds)]
    bare = [int(_run("-c", PEAK)) / 1024 for _ in range(rounds)]
    return figure("memory with programme 000 ready", "MB", mine, bare, "a bare interpreter")


def tick(rounds: int, template: Template) -> Figure:
    """Fire one due reminder of every process in one tick, each in its own durable transaction."""
    copy = template.path.with_name("tick.db")
    fired, flushes = [], []
    for _ in range(rounds):
        shutil.copyfile(template.path, copy)
        with opened(copy, VirtualClock(BORN_AT + timedelta(weeks=4))) as engine:
            seconds = timed(engine.tick)
        fired.append(len(template.processes) / seconds)
        spent = fsync_milliseconds(copy.parent)
        flushes.append(1000 * len(spent) / sum(spent))
    copy.unlink()
    return figure("reminders fired in one tick", "per s", fired, flushes, "flushes of the disk (fsync)")


def _run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
