"""Every move, every join and every requirement of the shipped workflow, both ways, on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from samskabt.runtime.usecases.programmes import Workflows

from . import bodies, walks
from .ledger import Ledger, joins_of, moves_of, requirements_of, together_of
from .world import CHOSEN, KEY, PUBLISHED, World, copied, open_world

SINGLE = ("meeting", "task", "evaluation", "challenge", "solution")
BY_HAND: dict[str, Callable[[World], None]] = {
    **{walk.__name__: walk for walk in (walks.trin, walks.leaving, walks.backwards, walks.solutions)},
    **{walk.__name__: walk for walk in (walks.challenges, walks.activities, walks.gates)},
    **{f"every_{kind}": partial(walks.every_way, kind=kind) for kind in SINGLE},
}


@pytest.fixture(scope="module")
def ledger(
    workflows: Workflows, chosen_file: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """Walk all the walks once, each on a database of its own."""
    found = Ledger(workflows.programme(KEY))
    folder = tmp_path_factory.mktemp("vandringer")
    fresh = open_world(f"sqlite:///{folder / 'programmer.db'}", workflows, PUBLISHED)
    walks.programmes(fresh)
    found.note(fresh)
    fresh.engine.close()
    governed = bodies.governed(f"sqlite:///{folder / 'organer.db'}")
    bodies.everything(governed)
    found.note(governed)
    governed.engine.close()
    for name, walk in BY_HAND.items():
        world = open_world(copied(chosen_file[0], folder / f"{name}.db"), workflows, CHOSEN, chosen_file[1])
        walk(world)
        found.note(world)
        world.engine.close()
    yield found


def test_every_move_is_walked_from_every_state(ledger: Ledger) -> None:
    """Each move of each machine has happened from each state that it may start in, and stands in some history."""
    assert set(moves_of(ledger.workflow)) - ledger.moves == set()


def test_every_joint_event_is_walked(ledger: Ledger) -> None:
    """Each event that fires several moves at once has happened."""
    assert set(together_of(ledger.workflow)) - ledger.together == set()


def test_every_join_is_taken(ledger: Ledger) -> None:
    """Each eventless move was taken because its conditions came to hold."""
    assert set(joins_of(ledger.workflow)) - ledger.joins == set()


def test_every_requirement_has_refused_somebody(ledger: Ledger) -> None:
    """Each requirement, wanted field and gate has stood in somebody's way, with its own code."""
    assert set(requirements_of(ledger.workflow)) - ledger.refused == set()


def test_every_requirement_lets_somebody_pass(ledger: Ledger) -> None:
    """Each requirement, wanted field and gate was also met or overridden."""
    assert set(requirements_of(ledger.workflow)) - ledger.passed == set()


def test_the_walks_cover_no_less_than_the_definition_had(ledger: Ledger) -> None:
    """The enumeration itself finds what it should: a workflow whose moves vanish from it would pass everything."""
    counts = [len(set(names(ledger.workflow))) for names in (moves_of, together_of, joins_of, requirements_of)]
    assert counts == [192, 4, 11, 133]
