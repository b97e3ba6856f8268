"""Durable advances in a database that holds much, beside the same in one that holds little; sums nothing up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from samskabt import Engine, VirtualClock

from .advances import ACTOR, BORN_AT, STEPS, Spent, Template, driver_of, opened
from .filling import lengthened
from .report import Figure, rates

CHUNK = 10
"""After so many advances it is the other side's turn, so that what else the machine does meets both."""

WRITERS = 10
"""So many processes have a long history."""

Say = Callable[[str], None]


def among_many(few: Template, many: Path, stored: int, rounds: int, say: Say) -> list[Figure]:
    """Take the same processes through six steps in both databases; each round has processes of its own."""
    name, share = f"durable advances with {stored:,} instances", max(1, len(few.processes) // rounds)
    mine, others = [Spent() for _ in range(rounds)], [Spent() for _ in range(rounds)]
    copy = few.path.with_name("few_copy.db")
    shutil.copyfile(few.path, copy)
    clock = VirtualClock(BORN_AT)
    with opened(many, clock) as large, opened(copy, clock) as small:
        for number, (event, now) in enumerate(STEPS, start=1):
            clock.move_to(now)
            for place in range(rounds):
                processes = few.processes[place * share :][:share]
                sides = ((large, mine[place]), (small, others[place]))
                _in_turns(sides, processes, event, f"Trin {number} er gjort")
    copy.unlink()
    return _told(name, len(STEPS) * share, mine, others, "the same with its own processes alone", say)


def after_much(few: Template, rows: int, times: int, rounds: int, say: Say) -> list[Figure]:
    """Write notes on processes with a long history, and on the same with a short one, so often a round."""
    name, writers = f"durable advances after {rows:,} steps", few.processes[:WRITERS]
    mine, others = [Spent() for _ in range(rounds)], [Spent() for _ in range(rounds)]
    long, short = few.path.with_name("long.db"), few.path.with_name("short.db")
    clock = VirtualClock(BORN_AT)
    shutil.copyfile(few.path, short)
    with opened(short, clock, "OFF") as engine:
        driver = driver_of(engine)
        for process in (*writers, *writers):
            engine.advance(process, "skriv", data={"notat": "Intet nyt"}, actor=ACTOR)
        last = [engine.history(process)[-1] for process in writers]
    shutil.copyfile(short, long)
    for row in last:
        lengthened(driver, long, row, rows)
    say(f"{name}: {len(writers)} histories are written")
    with opened(long, clock) as large, opened(short, clock) as small:
        for place in range(rounds):
            for time in range(max(1, times // len(writers))):
                _in_turns(((large, mine[place]), (small, others[place])), writers, "skriv", f"Notat {place}.{time}")
    for path in (long, short):
        path.unlink()
    written = len(writers) * max(1, times // len(writers))
    return _told(name, written, mine, others, "the same after a few", say)


def _in_turns(sides: Sequence[tuple[Engine, Spent]], processes: Sequence[int], event: str, note: str) -> None:
    """Let both sides do the same, chunk by chunk, and who comes first in turns as well."""
    for place in range(0, len(processes), CHUNK):
        chunk = processes[place : place + CHUNK]
        for engine, spent in sides if place // CHUNK % 2 else reversed(sides):
            spent.on(_advance, engine, chunk, event, note)


def _advance(engine: Engine, processes: Sequence[int], event: str, note: str) -> None:
    for process in processes:
        engine.advance(process, event, data={"notat": note}, actor=ACTOR)


def _told(name: str, times: int, mine: list[Spent], others: list[Spent], same: str, say: Say) -> list[Figure]:
    for number, (one, other) in enumerate(zip(mine, others, strict=True), start=1):
        say(
            f"{name}, round {number} of {len(mine)}: {times / one.clock:,.0f} beside {times / other.clock:,.0f} per s, "
            f"ratio {other.clock / one.clock:.2f}, computing alone {other.computing / one.computing:.2f}"
        )
    return rates(name, times, mine, others, same)
