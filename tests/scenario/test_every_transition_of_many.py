"""Every move, join and requirement of the frame's own kommune, both ways, on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from samskabt.runtime.doctor import examine

from . import cohort_walks
from .ledger import Ledger, joins_of, moves_of, requirements_of

WALKS = (
    *(cohort_walks.places, cohort_walks.conditions, cohort_walks.waves),
    *(cohort_walks.a_kommune, cohort_walks.quorum),
)
OTHERS = "kommune hold.", "kommune sag."
"""Regions that other walks cover, where another part of the frame brings them."""


EMPTY = {"kommune fase_justering.afslut needs[0]"}
"""Requirements that nobody can lack: the document puts no activity in that fase."""


def ours(names: Iterator[str]) -> set[str]:
    """Keep what is of the kommune, and the gates of the document: the rest is walked with the shipped programme."""
    return {name for name in names if name.startswith(("kommune ", "gate ")) and not name.startswith(OTHERS)}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Walk all the walks once, each on a database of its own."""
    workflows = cohort_walks.cohort_workflows()
    found = Ledger(workflows.programme(cohort_walks.KEY))
    folder = tmp_path_factory.mktemp("kommuner")
    for walk in WALKS:
        world = cohort_walks.open_cohort(f"sqlite:///{folder / walk.__name__}.db", workflows)
        walk(world)
        found.note(world)
        world.live_until(world.clock.now().date())
        assert examine(world.engine).findings == ()
        world.engine.close()
    yield found


def test_every_move_of_the_kommune_is_walked_from_every_state(ledger: Ledger) -> None:
    """Choices, offers, waves, the waiting list, approvals and faser of its own included."""
    assert ours(moves_of(ledger.workflow)) - ledger.moves == set()


def test_every_join_of_the_kommune_is_taken(ledger: Ledger) -> None:
    """A condition that was taken up, and a rejection from each of three states."""
    assert ours(joins_of(ledger.workflow)) - ledger.joins == set()


def test_every_requirement_has_refused_somebody_and_let_somebody_pass(ledger: Ledger) -> None:
    """Each requirement, wanted field and gate has stood in somebody's way, and was met or overridden."""
    wanted = ours(requirements_of(ledger.workflow))
    assert wanted - ledger.refused == EMPTY
    assert wanted - ledger.passed == set()
