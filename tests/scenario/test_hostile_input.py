"""Input that nobody should send, on both databases: our own error, and nothing that breaks the record afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from samskabt.engine.errors import InvalidInput, NotFound, Refused, SamskabtError
from samskabt.engine.values import Actor, ActorKind
from samskabt.runtime.doctor import examine
from samskabt.runtime.usecases.programmes import Workflows

from .world import CHOSEN, KEY, ME, PUBLISHED, World, open_world, start

HUGE = 2**70


def of_programme(**more: Any) -> Callable[[World], object]:
    """Try to open the programme's next step with an argument of the wrong sort."""
    given = {"actor": ME, **more}
    return lambda world: world.engine.advance(world.programme, "forloeb.luk_tilmelding", override=True, **given)


ATTEMPTS: dict[str, Callable[[World], object]] = {
    "year 1 in a zone east": of_programme(happened_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))),
    "year 9999 in a zone west": of_programme(
        happened_at=datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2)))
    ),
    "a text as instant": of_programme(happened_at="2019-08-14T08:00:00Z"),
    "a number as actor": of_programme(actor=Actor(ActorKind.PERSON, 7)),  # type: ignore[arg-type]
    "nobody as actor": of_programme(actor=None),
    "half a character as actor": of_programme(actor=Actor(ActorKind.PERSON, "\ud800")),
    "a key with a NUL": of_programme(idempotency_key="a\x00b"),
    "a key with half a character": of_programme(idempotency_key="\ud800"),
    "a key like a book": of_programme(idempotency_key="k" * 100_000),
    "a list as data": of_programme(data=[1]),
    "a list as event": lambda world: world.engine.advance(world.programme, ["x"], actor=ME),  # type: ignore[arg-type]
    "a number of no database": lambda world: world.engine.show(HUGE),
    "a row of no database": lambda world: world.engine.correct(world.programme, HUGE, reason="x", actor=ME),
    "a title with a line break": lambda world: world.engine.programmes.start(KEY, actor=ME, title="a\r\nBcc: b"),
    "a title of blanks": lambda world: world.engine.programmes.start(KEY, actor=ME, title="  "),
    "a title with a NUL": lambda world: world.engine.programmes.start(KEY, actor=ME, title="a\x00"),
    "a start at the end of time": lambda world: world.engine.programmes.start(KEY, actor=ME, start=date.max),
    "a start in the future": lambda world: world.engine.programmes.start(KEY, actor=ME, happened_at=CHOSEN),
    "a start in year 1": lambda world: world.engine.programmes.start(
        KEY, actor=ME, happened_at=datetime(1, 1, 1, tzinfo=UTC)
    ),
    "a number as kommune": lambda world: world.engine.programmes.enrol(world.programme, 253, actor=ME),  # type: ignore[arg-type]
    "a name with a line break": lambda world: world.engine.people.add("a\r\nBcc: b", "a@eksempel.example"),
    "two addresses": lambda world: world.engine.people.add("a", "a@eksempel.example,b@eksempel.example"),
    "an address with a NUL": lambda world: world.engine.people.add("a", "a\x00@eksempel.example"),
    "an instant as a role's day": lambda world: world.engine.people.assign(
        1, "leder", programme_id=world.programme, from_on=CHOSEN
    ),
    "a text as a day of absence": lambda world: world.engine.people.absent(1, "2019-10-10"),  # type: ignore[arg-type]
}


def test_hostile_input_is_our_own_error_and_changes_nothing(store_url: str, workflows: Workflows) -> None:
    """Instants, actors, keys, texts and numbers of every wrong sort: a SamskabtError, and every table as before."""
    world = start(open_world(store_url, workflows, PUBLISHED))
    before = world.dump()
    for what, attempt in ATTEMPTS.items():
        with pytest.raises(SamskabtError):
            print(what, attempt(world))
        assert world.dump() == before, what
    world.engine.close()


def test_whoever_enrols_a_kommune_by_the_event_gets_its_name_or_an_explanation(open_at: Callable[..., World]) -> None:
    """The event itself is a door too: no kommune by the name of its code, and none that there is not."""
    world = start(open_at())
    event = "forloeb.tilmeld_kommune"
    with pytest.raises(NotFound, match=r"unknown kommune code 'Narnia'; available: 0101"):
        world.do(world.programme, event, kommune="Narnia")
    born = world.do(world.programme, event, kommune=" 0253 ").born
    assert world.engine.show(born["0253"]).title == "Greve"


def test_only_a_programme_chooses_kommuner(world: World) -> None:
    """A kommune's number in place of the programme's is a mistake, not an empty choice."""
    with pytest.raises(NotFound, match="unknown programme"):
        world.engine.programmes.choose(world.kommune("Greve"), actor=ME)


def test_a_correction_gives_nobody_a_place_that_another_has_got(world: World) -> None:
    """Greve leaves, Ballerup gets the place; then Greve's leaving cannot be taken back, for four is the limit."""
    greve, ballerup = world.kommune("Greve"), world.kommune("Ballerup")
    left = world.engine.programmes.withdraw(greve, reason="Ny ledelse", actor=ME).revision
    world.engine.correct(ballerup, world.engine.show(ballerup).revision, reason="Der er plads igen", actor=ME)
    world.engine.programmes.choose(world.programme, actor=ME)
    assert world.state(ballerup, "forloeb") == "deltager"
    with pytest.raises(Refused, match="ingen_plads"):
        world.engine.correct(greve, left, reason="Det var en fejl", actor=ME)
    assert world.state(greve, "forloeb") == "trukket"


def test_the_doctor_knows_a_rung_that_a_newer_one_overtook(world: World) -> None:
    """The ticker stood still while two rungs came due: one mail goes out, and the doctor misses none."""
    world.engine.tick()
    world.engine.deliver()
    assert examine(world.engine).findings == ()


def test_an_address_that_is_not_understood_names_what_is(world: World) -> None:
    """The error shows the address and an example."""
    with pytest.raises(InvalidInput, match=r"one plain address such as konsulent@.* not '<a@eksempel\.example>'"):
        world.engine.people.add("Åse", "<a@eksempel.example>")


def test_a_registration_is_taken_back_once(world: World) -> None:
    """The same tick set again on the same day is another registration; correcting the first must not take it away."""
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    first = world.do(greve, "trin_1.tjek", formaal=True).revision
    world.engine.correct(greve, first, reason="Fejl", actor=ME)
    world.do(greve, "trin_1.tjek", formaal=True)
    with pytest.raises(Refused, match="er_rettet"):
        world.engine.correct(greve, first, reason="Fejl", actor=ME)
    assert "formaal" in world.engine.show(greve).data
