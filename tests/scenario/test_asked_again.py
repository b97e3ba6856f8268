"""What is asked twice, oddly, or by somebody who may not: told apart, refused clearly, and never half done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from samskabt import connect
from samskabt.engine.definition.document.measuring import Measure
from samskabt.engine.errors import Conflict, InvalidInput, NotFound, Refused
from samskabt.engine.values import Actor, Identity, Json, Refusal, Strength
from samskabt.runtime.measuring.measures import Given
from samskabt.runtime.usecases.people import ADD, HOUSE

from .cohort_walks import closing, cohort_workflows, enrol, open_cohort
from .world import ME, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give the programme of many kommuner, open for enrolment."""
    found = open_cohort(f"sqlite:///{tmp_path / 'igen.db'}", cohort_workflows())
    yield found
    found.engine.close()


def test_a_key_that_comes_back_with_other_data_is_refused(world: World) -> None:
    """The same again gives the first outcome; another name, reason or instant under the key is a conflict."""
    proposed: dict[str, Json] = {"titel": "Flere møder", "vaesentlig": True, "begrundelse": "Der er brug for det"}

    def propose(**data: Json) -> int:
        given, event = {**proposed, **data}, "forloeb.foreslaa_aendring"
        return world.engine.advance(world.programme, event, data=given, actor=ME, idempotency_key="a").revision

    first = propose()
    assert propose() == first
    with pytest.raises(Conflict, match="with other data"):
        propose(titel="Færre møder")
    assert world.engine.show(world.programme).revision == first


def test_a_key_of_an_agreement_does_not_come_back_with_another(world: World) -> None:
    """A målepunkt that was agreed on under a key stands; other words under the same key are a conflict."""
    given = Given(ME, idempotency_key="b")
    measure = Measure.model_validate({"title": "Nye metoder", "unit": "antal"})
    first = world.engine.measures.agree(world.programme, "nye_metoder", measure, given)
    assert world.engine.measures.agree(world.programme, "nye_metoder", measure, given).id == first.id
    with pytest.raises(Conflict):
        other = measure.model_copy(update={"title": "Gamle metoder"})
        world.engine.measures.agree(world.programme, "nye_metoder", other, given)


@pytest.mark.parametrize("on", [date.min, date(1015, 3, 1), date(2016, 8, 31), date(2206, 3, 1), date.max])
def test_a_day_that_cannot_be_meant_hands_nothing_over(world: World, on: date) -> None:
    """Before the role began, before every programme, or in another century: refused, and the role stays."""
    new = world.engine.people.add("Ny", "ny@eksempel.example")
    before = world.engine.people.all()
    for change in (world.engine.people.replace, world.engine.people.hand_over):
        with pytest.raises(InvalidInput, match="on: "):
            change(1, new, on=on)
    assert world.engine.people.all() == before


def test_days_that_go_backwards_are_no_time_to_be_busy(world: World) -> None:
    """An empty list would say that somebody is free."""
    with pytest.raises(InvalidInput, match="to_on"):
        world.engine.people.busy(1, from_on=date(2016, 10, 1), to_on=date(2016, 9, 1))


@pytest.mark.parametrize("odd", ["x", [], {}, 3.5, -1, 2**70, True, None])
def test_odd_arguments_are_told_in_our_own_words(world: World, odd: object) -> None:
    """No error of the language comes out of asking what is missing, or of reading a history."""
    with pytest.raises((InvalidInput, NotFound)):
        world.engine.history(world.programme, limit=odd)  # type: ignore[arg-type]
    if odd is not None:
        with pytest.raises((InvalidInput, NotFound)):
            world.engine.asking.missing(world.programme, odd)  # type: ignore[arg-type]


class NoPeople:
    """Lets everybody do everything but enter people."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Refuse what is asked of the house."""
        is_it = event == ADD and identity == HOUSE
        return Refusal("mangler_begrundelse", "permit", Strength.HARD) if is_it else None


def test_to_enter_people_wants_a_permit(tmp_path: Path) -> None:
    """The port is asked before anything is written, also where there is no programme yet."""
    with connect(f"sqlite:///{tmp_path / 'laast.db'}", permit=NoPeople()) as engine:
        with pytest.raises(Refused):
            engine.people.add("Ny", "ny@eksempel.example", actor=ME)
        assert engine.people.all() == ((), ())


def test_what_was_delivered_stays_delivered_when_the_programme_ends(tmp_path: Path) -> None:
    """One deliverable is handed over and not approved, one was never begun: only that one is dropped."""
    with connect(f"sqlite:///{tmp_path / 'leverancer.db'}") as engine:
        programme = engine.programmes.start("flere-i-arbejde", actor=ME).instance_id
        with engine.context.store.read() as reader:
            first, second, *_ = (one.id for one in reader.instances(programme, "deliverable"))
        engine.advance(first, "lever", actor=ME)
        engine.advance(programme, "forloeb.aflys", actor=ME, reason="Ingen penge")
        assert engine.show(first).position == {"status": "afleveret"}
        assert engine.show(second).position == {"status": "udgaaet"}


def test_a_choice_that_is_taken_back_gives_its_activity_back(world: World) -> None:
    """Choosing themes ends the activity in which they are chosen; taken back, that is open again as it was."""
    (greve,) = enrol(world, "Greve")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    activity = world.activity("temavalg", "Greve")
    before = world.state(activity)
    outcome = world.do(greve, "forloeb.vaelg_temaer", temaer=["kvalitet"])
    assert world.state(activity) == "afsluttet"
    world.engine.correct(greve, outcome.revision, reason="Det var en anden kommune", actor=ME)
    assert world.state(activity) == before
    assert not world.engine.show(greve).data.get("temaer")
