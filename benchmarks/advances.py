"""Rounds of durable advances: the engine and the hand-written code in turns, on equal databases; sums nothing up."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec

from samskabt import Actor, ActorKind, Engine, VirtualClock, connect
from samskabt.workflows.catalogue import Catalogue

from .by_hand import MOVES, ByHand

P = ParamSpec("P")

FOLDER = Path(__file__).parent / "workflow"
ACTOR = Actor(ActorKind.PERSON, "1")
# Three weeks after each of these days is an open day, so that the hand-written code needs no calendar.
BORN_AT = datetime(2019, 9, 2, 8, tzinfo=UTC)
STEPS = tuple(
    (event, datetime(2019, 9, day, 8, tzinfo=UTC)) for event, day in zip(MOVES, (3, 4, 5, 6, 9, 10), strict=True)
)
FRAME = b"\x00" * 4120
"""What SQLite adds to its journal for one page."""


@dataclass(frozen=True, slots=True)
class Template:
    """A database in which all processes have been born, to be copied for each round."""

    path: Path
    processes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """Advances per second of both sides, and the rows that both databases hold: table -> number."""

    engine: float
    by_hand: float
    rows: dict[str, int]


def make_template(folder: Path, processes: int, name: str = "template.db") -> Template:
    """Let a programme with its processes be born through the engine."""
    path = folder / name
    born: list[int] = []
    with opened(path, VirtualClock(BORN_AT), "OFF") as engine:
        programme = engine.programmes.start("maaling", actor=ACTOR).instance_id
        for number in range(1, processes + 1):
            data = {"ansvarlig": f"Ansvarlig {number}"}
            born += engine.add(programme, "proces", f"Proces {number}", data=dict(data), actor=ACTOR).born.values()
    return Template(path, tuple(born))


@contextmanager
def opened(path: Path, clock: VirtualClock, synchronous: str = "FULL") -> Iterator[Engine]:
    """Open an engine on a database with the measured workflow."""
    with connect(f"sqlite:///{path}", workflows=Catalogue(()).with_files([FOLDER]), clock=clock) as engine:
        if synchronous != "FULL":
            raw_of(engine).execute(f"PRAGMA synchronous = {synchronous}")
        yield engine


def raw_of(engine: Engine) -> Any:
    """Give the driver's connection, which the store uses again as long as one thread asks for one at a time."""
    with engine.context.store.read() as reader:
        connection = reader.connection
    return connection.raw


def one_round(template: Template, synchronous: str) -> Round:
    """Take every process through six steps on two fresh copies; the sides take turns, step by step.

    Raises ValueError when the databases do not hold the same rows at the end.
    """
    copies = [template.path.with_name(name) for name in ("engine.db", "by_hand.db")]
    for copy in copies:
        shutil.copyfile(template.path, copy)
    clock = VirtualClock(BORN_AT)
    spent = [0.0, 0.0]
    with opened(copies[0], clock, synchronous) as engine:
        driver = driver_of(engine)
        calendar = engine.context.calendar.version
        mode = engine.context.store.backend.journal_mode or ""
        level = engine.context.store.backend.synchronous
        hand = ByHand(driver, str(copies[1]), mode, level, calendar)
        engine.workflow_of(template.processes[0])
        for number, (event, now) in enumerate(STEPS, start=1):
            clock.move_to(now)
            note = f"Trin {number} er gjort"
            spent[0] += timed(_by_engine, engine, template, event, note)
            spent[1] += timed(_by_hand, hand, template, event, note, now)
        hand.close()
    rows = compared(driver, *copies)
    for copy in copies:
        copy.unlink()
    steps = len(STEPS) * len(template.processes)
    return Round(steps / spent[0], steps / spent[1], rows)


def _by_engine(engine: Engine, template: Template, event: str, note: str) -> None:
    for process in template.processes:
        engine.advance(process, event, data={"notat": note}, actor=ACTOR)


def _by_hand(hand: ByHand, template: Template, event: str, note: str, now: datetime) -> None:
    for process in template.processes:
        hand.advance(process, event, note, ACTOR.id, now)


def driver_of(engine: Engine) -> ModuleType:
    """Give the SQLite module that the store chose."""
    return sys.modules[type(raw_of(engine)).__module__]


def compared(driver: ModuleType, first: Path, second: Path) -> dict[str, int]:
    """Count the rows of every table; ValueError where the databases differ in any row or column, hashes included."""
    one, other = (driver.connect(str(path)) for path in (first, second))
    found: dict[str, int] = {}
    try:
        names = [row[0] for row in one.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in names:
            rows, others = (sorted(side.execute(f'SELECT * FROM "{name}"'), key=repr) for side in (one, other))
            if rows != others:
                different = next((pair for pair in zip(rows, others, strict=False) if pair[0] != pair[1]), "in number")
                raise ValueError(f"the databases differ in {name} ({len(rows)} and {len(others)} rows): {different}")
            found[name] = len(rows)
    finally:
        one.close()
        other.close()
    return found


def timed(work: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> float:
    """Answer how many seconds something took."""
    start = time.perf_counter()
    work(*arguments, **named)
    return time.perf_counter() - start


@dataclass(slots=True)
class Spent:
    """What one side took: seconds of the clock, and seconds of computing, which other work hardly lengthens."""

    clock: float = 0.0
    computing: float = 0.0

    def on(self, work: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> None:
        """Add what something takes."""
        begun, used = time.perf_counter(), time.process_time()
        work(*arguments, **named)
        self.clock += time.perf_counter() - begun
        self.computing += time.process_time() - used


def fsync_milliseconds(folder: Path, times: int = 200) -> list[float]:
    """Append a page and flush it to the disk, time and again; only the flush is measured."""
    spent = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(FRAME)
            spent.append(1000 * timed(os.fsync, file.fileno()))
    return spent
