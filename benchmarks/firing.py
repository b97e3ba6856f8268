"""A thousand reminders due among a million that are not: fired by the engine and by hand in turns; sums nothing up."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from samskabt import VirtualClock

from .advances import ACTOR, BORN_AT, Spent, Template, driver_of, make_template, opened
from .by_hand import ByHand
from .filling import copies, progress
from .others import PEAK
from .report import Figure, figure, rates

DUE_AT = datetime(2019, 9, 24, 8, tzinfo=UTC)
"""The day after the processes' reminders have become due, a year before those of the cases."""

TIMERS_OF_A_CASE = 10
START = """
import json, time
from datetime import datetime
from samskabt import VirtualClock, connect
from samskabt.workflows.catalogue import Catalogue

def start(path):
    begun = time.perf_counter()
    clock = VirtualClock(datetime.fromisoformat(AT))
    with connect(f"sqlite:///{path}", workflows=Catalogue(()), clock=clock) as engine:
        assert engine.tick().fired == 0
        engine.sweeper.next_due()
    return 1000 * (time.perf_counter() - begun)

start(WARM)
print(json.dumps(start(PATH)))
"""
"""The imports are left out, for they are the same: on a busy machine they would hide what is looked for."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A database with due reminders among pending ones, the same without the pending ones, and a copy for the hand."""

    few: Template
    many: Path
    by_hand: Path
    pending: int

    @property
    def cases(self) -> int:
        """Count the instances whose timers are pending."""
        return max(1, self.pending // TIMERS_OF_A_CASE)


def make_crowd(folder: Path, due: int, pending: int) -> Crowd:
    """Let processes and a case be born through the engine, and copy the case until so many timers are pending."""
    few = make_template(folder, due, "few.db")
    many, by_hand = folder / "many.db", folder / "many_by_hand.db"
    shutil.copyfile(few.path, many)
    with opened(many, VirtualClock(BORN_AT), "OFF") as engine:
        driver = driver_of(engine)
        [case] = engine.add(engine.show(few.processes[0]).programme_id, "sag", "Sag", actor=ACTOR).born.values()
        history = engine.history(case)
    say = progress(f"{pending:,} pending timers")
    crowd = Crowd(few, many, by_hand, pending)
    copies(driver, many, case, history, crowd.cases - 1, say)
    shutil.copyfile(many, by_hand)
    return crowd


def firing(crowd: Crowd, rounds: int, synchronous: str, say: Callable[[str], None]) -> list[Figure]:
    """Fire what is due, in turns; after each round both databases hold the same mails, and all is armed anew."""
    mine, by_hand = list[Spent](), list[Spent]()
    due = len(crowd.few.processes)
    with opened(crowd.many, VirtualClock(DUE_AT), synchronous) as engine:
        driver, backend = driver_of(engine), engine.context.store.backend
        mode, calendar = backend.journal_mode or "", engine.context.calendar.version
        hand = ByHand(driver, str(crowd.by_hand), mode, backend.synchronous, calendar)
        engine.workflow_of(crowd.few.processes[0])
        engine.sweeper.next_due()
        for number in range(1, rounds + 1):
            mine.append(Spent())
            mine[-1].on(engine.tick)
            by_hand.append(Spent())
            by_hand[-1].on(hand.fire_due, DUE_AT)
            _compared(driver, crowd, due)
            one, other = mine[-1], by_hand[-1]
            say(
                f"timers, synchronous={synchronous}, round {number} of {rounds}: {due / one.clock:,.0f} beside "
                f"{due / other.clock:,.0f} per s, ratio {other.clock / one.clock:.2f}"
            )
        hand.close()
    name, same = f"due timers among {crowd.pending:,} pending", "each fired durably by hand with sqlite3"
    if synchronous != "FULL":
        name += f", synchronous={synchronous}"
    return rates(name, due, mine, by_hand, same)


def starting(crowd: Crowd, rounds: int) -> list[Figure]:
    """Connect and tick in fresh interpreters, with the pending timers and without; nothing is due."""
    took, beside, sizes, others = list[float](), list[float](), list[float](), list[float]()
    for _ in range(rounds):
        for path, milliseconds, size in ((crowd.many, took, sizes), (crowd.few.path, beside, others)):
            first, peak = _started(crowd.few.path, path)
            milliseconds.append(first)
            size.append(peak)
    more = [one - other for one, other in zip(took, beside, strict=True)]
    name, same = f"start with {crowd.pending:,} pending timers", "the same without them"
    return [
        figure(f"{name}: connect, tick, next due", "ms", took, beside, same),
        figure(f"{name}: more than without", "ms", more),
        figure(f"{name}: memory", "MB", sizes, others, same),
    ]


def _started(warm: Path, path: Path) -> tuple[float, float]:
    """Connect, tick and ask for the next timer, in a fresh interpreter: milliseconds, and MB at the peak."""
    given = f"AT, WARM, PATH = {BORN_AT.isoformat()!r}, {str(warm)!r}, {str(path)!r}\n"
    done = subprocess.run([sys.executable, "-c", given + START + PEAK], capture_output=True, text=True, check=True)
    milliseconds, peak = done.stdout.splitlines()
    return float(json.loads(milliseconds)), int(peak) / 1024


def _compared(driver: ModuleType, crowd: Crowd, due: int) -> None:
    """Look whether both sides did the same, and bring both back to where they were; ValueError when they did not."""
    found = [_undone(driver, path) for path in (crowd.many, crowd.by_hand)]
    if found[0] != found[1] or len(found[0]) != due:
        raise ValueError(f"the databases differ: {found[0][:1]} and {found[1][:1]} of {due}")


def _undone(driver: ModuleType, path: Path) -> list[Any]:
    connection = driver.connect(str(path), isolation_level=None)
    try:
        sql = "SELECT timer.*, outbox.* FROM outbox JOIN timer USING (instance_id) WHERE timer.status = 'fired'"
        rows = sorted(connection.execute(sql).fetchall())
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM outbox")
        connection.execute(
            "UPDATE timer SET status = 'armed' WHERE id IN (SELECT id FROM timer WHERE status = 'fired')"
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return rows
    finally:
        connection.close()
