"""The same input gives the same database, and history alone gives the stored position of every instance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from samskabt.engine.deciding.replay import replay
from samskabt.engine.values import Data, StepKind
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import HistoryRow

from . import walks
from .world import PUBLISHED, World, enrol_and_choose, open_world, start


class Read:
    """A history row as replay reads it."""

    def __init__(self, row: HistoryRow) -> None:
        self.seq, self.kind, self.region = row.seq, row.kind, row.region
        self.source, self.dest = row.from_state, row.to_state
        self.changes: Data = row.changes
        self.happened_at = row.happened_at


def life(world: World) -> World:
    """Live half a year of a programme: two kommuner at work, one that leaves, corrections, moved days, all timers."""
    walks.trin(world)
    walks.backwards_in(world, "Aarhus")
    walks.leaving_of(world, "Læsø")
    opening = world.activity("opstartsmoede")
    world.do(world.activity("udvaelgelse"), "afslut")
    wrong = world.do(opening, "afhold").revision
    world.engine.correct(opening, wrong, reason="Det var et andet møde")
    world.engine.reschedule(world.activity("uddannelsesdag_1"), date(2019, 10, 8), reason="Underviseren")
    world.live_until(date(2020, 3, 2))
    return world


@pytest.mark.no_cover
def test_the_same_life_twice_gives_the_same_database(open_chosen: Callable[[str], World]) -> None:
    """Every row of every table is the same: numbers, hashes, instants, mails and their Message-IDs."""
    first, second = life(open_chosen("en")).dump(), life(open_chosen("to")).dump()
    for table, rows in first.items():
        assert rows == second[table], table
    assert len(first["history"]) > 250 and len(first["delivery"]) > 50


def test_history_alone_gives_what_is_stored(open_chosen: Callable[[str], World]) -> None:
    """Replayed from its rows, each instance stands, since the same instants, with the same data and days."""
    world = life(open_chosen("liv"))
    seen = set()
    with world.engine.context.store.read() as reader:
        for one in reader.instances(world.programme):
            rows = reader.history(one.id, 0, 10_000)
            seen |= {row.kind for row in rows}
            stood = replay(Read(row) for row in rows)
            assert (stood.position, stood.entered) == (one.position, one.entered), one.key
            assert (stood.data, stood.dates) == (one.data, one.dates), one.key
    assert seen >= {StepKind.BIRTH, StepKind.EVENT, StepKind.JOIN, StepKind.PLAN, StepKind.CORRECTION}


def test_both_kinds_of_database_come_to_the_same(
    workflows: Workflows, open_at: Callable[..., World], postgres_url: str
) -> None:
    """The same life on SQLite and on PostgreSQL: the same positions, data, days and history hashes."""
    found = []
    for world in (open_at("sqlite"), open_world(postgres_url, workflows, PUBLISHED)):
        enrol_and_choose(start(world))
        walks.backwards_in(world, "Aarhus")
        world.live_until(date(2019, 9, 23))
        with world.engine.context.store.read() as reader:
            found.append([(one.key, one.position, one.data, one.dates, one.head) for one in reader.instances(1)])
        world.engine.close()
    assert found[0] == found[1]
