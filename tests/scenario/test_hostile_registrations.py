"""Input that nobody should send about numbers and people: our own error, or a row that the doctor finds whole."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from samskabt.engine.errors import Conflict, InvalidInput, NotFound, Refused, SamskabtError
from samskabt.engine.values import Actor, ActorKind, Identity, Refusal, Strength
from samskabt.runtime.doctor import examine

from .test_measuring import GIVEN, METHODS, agreed
from .world import KEY, ME, World

ODD: tuple[Any, ...] = ("\ud800", 5, None, ["x"], {"a": 1}, 2**70)
FIVE: Any = 5
Try = Callable[[World, Any], object]

ATTEMPTS: dict[str, Try] = {
    "register about": lambda world, odd: world.engine.measures.register(odd, "papirer", GIVEN, value=3, n=3),
    "register": lambda world, odd: world.engine.measures.register(baseline(world), odd, GIVEN, value=3, n=3),
    "given": lambda world, odd: world.engine.measures.register(baseline(world), "papirer", odd, value=3, n=3),
    "judge": lambda world, odd: world.engine.measures.judge(world.programme, odd, True, GIVEN),
    "met": lambda world, odd: world.engine.measures.judge(world.programme, "plan", odd, GIVEN),
    "aim": lambda world, odd: world.engine.measures.aim(world.kommune("Greve"), odd, 5, GIVEN),
    "agree": lambda world, odd: world.engine.measures.agree(world.programme, odd, METHODS, GIVEN),
    "agreed": lambda world, odd: world.engine.measures.agree(world.programme, "nyt", odd, GIVEN),
    "correct": lambda world, odd: world.engine.correct(world.programme, odd, reason="x", actor=ME),
    "results": lambda world, odd: world.engine.measures.results(world.programme, kommune=odd or FIVE),
    "busy": lambda world, odd: world.engine.people.busy(1, from_on=odd or FIVE),
    "busy until": lambda world, odd: world.engine.people.busy(1, to_on=odd or FIVE),
    "open work": lambda world, odd: world.engine.people.open_work(odd if odd != 5 else 0),
    "options": lambda world, odd: world.engine.options(odd if odd != 5 else 0),
    "show": lambda world, odd: world.engine.show(odd if odd != 5 else 0),
    "size": lambda world, odd: world.engine.programmes.clusters.propose(world.programme, size=odd if odd != 5 else 0),
    "form": lambda world, odd: world.engine.programmes.clusters.form(world.programme, odd, actor=ME),
}


def baseline(world: World) -> int:
    """Give the evaluation that is open."""
    return world.activity("baseline", "Greve")


@pytest.fixture
def open_world(world: World) -> World:
    """Give a world that has agreed on what it measures, on a day on which the baseline is open."""
    agreed(world)
    world.move_to(date(2019, 10, 3))
    world.engine.tick()
    return world


def test_odd_input_gets_our_own_error_and_changes_nothing(open_world: World) -> None:
    """Texts that no database holds, lists, nothing at all: each argument of each use case says what it wants."""
    before = open_world.dump()
    for name, attempt in ATTEMPTS.items():
        for odd in ODD if name != "size" else ODD[:5]:
            with pytest.raises(SamskabtError):
                attempt(open_world, odd)
                pytest.fail(f"{name} took {odd!r}")
    assert open_world.dump() == before


def test_a_zero_with_a_sign_does_not_break_the_chain(open_world: World) -> None:
    """-0.0 comes back as 0.0 from SQLite, so it is hashed as such."""
    greve = open_world.kommune("Greve")
    assert math.copysign(1, open_world.engine.measures.aim(greve, "eget", -0.0, GIVEN).value or 0.0) == 1
    assert {one.code for one in examine(open_world.engine).findings} <= {"clock_stopped", "mail_waiting"}


def test_nothing_is_registered_of_a_day_before_every_programme(open_world: World) -> None:
    """A year with a slip of the keyboard is told of, override or not."""
    given = replace(GIVEN, on=date(219, 10, 3), override=True, reason="Papir")
    with pytest.raises(InvalidInput, match="look at the year"):
        open_world.engine.measures.register(baseline(open_world), "papirer", given, value=3, n=3)


def test_a_correction_is_not_swallowed_by_a_key_that_was_used(open_world: World) -> None:
    """The key of the registration itself, or of another correction, is a conflict; the same correction again is not."""
    measures, given = open_world.engine.measures, replace(GIVEN, idempotency_key="a", reason="Tastefejl")
    first = measures.register(baseline(open_world), "papirer", given, value=30, n=10)
    with pytest.raises(Conflict, match="'a' was used"):
        measures.correct(first.id, given, value=20, n=10)
    right = replace(given, idempotency_key="b")
    assert measures.correct(first.id, right, value=20, n=10) == measures.correct(first.id, right, value=20, n=10)
    other = measures.register(baseline(open_world), "papirer", GIVEN, value=31, n=9)
    with pytest.raises(Conflict, match="'b' was used"):
        measures.correct(other.id, right, value=20, n=10)


class Watching:
    """A permission that remembers what it is asked, and lets nobody do anything."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Refuse."""
        self.asked.append((event, identity.kind))
        return Refusal("maa_ikke", event, Strength.HARD)


def test_starting_and_people_ask_for_permission(open_world: World) -> None:
    """Starting a programme, giving roles, taking them over, others' absence: each asks of every programme concerned."""
    people, permit = open_world.engine.people, Watching()
    new = people.add("Ny", "ny@eksempel.example")
    open_world.engine.context.permit = permit
    before = open_world.dump()
    for attempt in (
        lambda: open_world.engine.programmes.start(KEY, actor=ME),
        lambda: people.assign(new, "leder", actor=ME),
        lambda: people.assign(new, "leder", programme_id=open_world.programme, actor=ME),
        lambda: people.absent(1, date(2019, 12, 1), actor=Actor(ActorKind.PERSON, "2")),
        lambda: people.absent(1, date(2019, 12, 1), actor=ME),
        lambda: people.replace(1, new, actor=ME),
        lambda: people.hand_over(1, new, actor=ME),
    ):
        with pytest.raises(Refused, match="maa_ikke"):
            attempt()
    wanted = ["start", "tildel_rolle", "tildel_rolle", "meld_fravaer", "udskift_person", "udskift_person"]
    asked = [(event, "programme") for event in wanted]
    assert permit.asked == [*asked[:4], ("meld_fravaer", "person"), *asked[4:]]  # one's own is asked of oneself
    assert open_world.dump() == before
    with pytest.raises(NotFound):
        people.assign(new, "leder", programme_id=99, actor=ME)
