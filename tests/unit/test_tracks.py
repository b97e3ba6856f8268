"""Closing trin 2 turns what was prioritised into parallel tracks: those below look again when what is above moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samskabt.engine.decide import decide
from samskabt.engine.deciding.finish import WAKE
from samskabt.engine.errors import NotFound
from samskabt.engine.requirements import may_be_woken
from samskabt.engine.values import SYSTEM, Actor, ActorKind, Dates, Identity, Relative, StepKind

from .core_cases import DAY, PERSON, Family, alone, at, refused, replayed, small, stands, with_challenge, with_kommune

WHY = {"override": True, "reason": "fordi"}


def prioritised(*titles: str) -> tuple[Family, int, list[int]]:
    """Give a kommune in trin 2 with prioritised challenges, and one more that is only pointed out."""
    family, kommune = with_kommune()
    numbers = [with_challenge(family, kommune, title) for title in titles]
    for number in numbers:
        family.send(number, "prioriter", **WHY)
    with_challenge(family, kommune, "Ikke valgt")
    family.tick()
    return family, kommune, numbers


def where(family: Family, number: int) -> str:
    """Give where a challenge stands."""
    return family.snapshots[number].position["status"]


def test_closing_trin_2_begins_trin_3_for_all_that_were_prioritised() -> None:
    """Each gets a row of its own at the instant of the closing; what was only pointed out stays and writes nothing."""
    family, kommune, numbers = prioritised("A", "B", "C")
    left = max(family.children(kommune, "challenge"))
    before = family.snapshots[left].revision
    family.now += 5 * DAY
    decision = family.send(kommune, "trin_2.afslut", at("2019-02-06"), **WHY)
    assert decision.look_again == ("challenge",)
    assert {where(family, number) for number in numbers} == {"trin_3"}
    assert (where(family, left), family.snapshots[left].revision) == ("udpeget", before)
    for number in numbers:
        row = family.history[number][-1]
        assert (row.kind, row.happened_at, row.dest) == (StepKind.JOIN, at("2019-02-06"), "trin_3")
        assert replayed(family, number) == stands(family.snapshots[number])
    family.tick()
    assert family.snapshots[kommune].position["trin_3"] == "i_gang"


def test_one_that_is_prioritised_afterwards_begins_at_once() -> None:
    """Its own decision takes the join: the door is open already."""
    family, kommune, _ = prioritised("A")
    family.send(kommune, "trin_2.afslut", **WHY)
    late = with_challenge(family, kommune, "Sent opdaget")
    decision = family.send(late, "prioriter", **WHY)
    assert [step.kind for step in decision.steps] == [StepKind.EVENT, StepKind.JOIN]
    assert decision.position == {"status": "trin_3"}


def test_an_obvious_one_may_begin_before_with_a_reason() -> None:
    """That trin 2 is still open is told, softly."""
    family, _, (first, _) = prioritised("A", "B")
    assert refused(family, first, "begynd_trin_3") == ["forkert_tilstand"]
    decision = family.send(first, "begynd_trin_3", **WHY)
    assert (where(family, first), decision.steps[0].overridden) == ("trin_3", ("forkert_tilstand",))


def test_what_has_begun_goes_on_when_trin_2_is_opened_again() -> None:
    """And what is prioritised meanwhile waits for the next closing."""
    family, kommune, (first,) = prioritised("A")
    family.send(kommune, "trin_2.afslut", **WHY)
    family.send(kommune, "trin_2.genaabn", reason="Flere er kommet til")
    late = with_challenge(family, kommune, "Ny")
    family.send(late, "prioriter", **WHY)
    assert (where(family, first), where(family, late)) == ("trin_3", "prioriteret")
    family.send(kommune, "trin_2.afslut", **WHY)
    assert where(family, late) == "trin_3"


def test_a_correction_that_closes_trin_2_again_wakes_them_too() -> None:
    """Opened by mistake, and taken back: what was prioritised between begins."""
    family, kommune, _ = prioritised("A")
    family.send(kommune, "trin_2.afslut", **WHY)
    family.send(kommune, "trin_2.genaabn", reason="Ved en fejl")
    mistake = family.history[kommune][-1].decision_seq
    late = with_challenge(family, kommune, "Ny")
    family.send(late, "prioriter", **WHY)
    family.tick()
    assert family.correct(kommune, mistake).look_again == ("challenge",)
    assert where(family, late) == "trin_3"


def test_a_decision_that_moves_no_such_region_wakes_nobody() -> None:
    """Trin 1 and remarks are nothing that a challenge looks at."""
    family, kommune, _ = prioritised("A")
    assert family.send(kommune, "trin_1.afslut", **WHY).look_again == ()
    assert family.send(kommune, "trin_2.noter", trin_2_udbytte="En god dag").look_again == ()


def test_nobody_wakes_another_by_hand() -> None:
    """The event is the system's own; from a person it is no event at all."""
    family, _, (first,) = prioritised("A")
    event = replace(family.event(WAKE), actor=PERSON)
    with pytest.raises(NotFound):
        decide(family.compiled, family.snapshot(first), event, family.now)
    for actor in (SYSTEM, Actor(ActorKind.IMPORT, "arkiv")):
        assert not decide(family.compiled, family.snapshot(first), replace(event, actor=actor), family.now).steps


TREE = """
  programme:
    title: P
    regions:
      forloeb: {title: F, states: {a: A, b: B}, moves: {gaa: a -> b}}
  kommune:
    title: K
    parent: programme
    regions: {en: {title: E, states: {venter: V, i_gang: {title: I, final: true}}}}
    joins:
      - {region: en, move: venter -> i_gang, when: {programme: {region: forloeb, in: b}}}
  meeting:
    title: M
    regions: {status: {title: S, states: {venter: V, i_gang: {title: I, final: true}}}}
    joins: [{region: status, move: venter -> i_gang, when: {parent: {region: en, in: i_gang}}}]
"""


def test_who_waits_for_whom_is_read_off_the_joins() -> None:
    """The programme's children by ``programme``, a kommune's activities by ``parent``, whatever machine names."""
    compiled = small(TREE)
    assert compiled.relations.waiting_below("programme", ["forloeb"]) == ("kommune",)
    assert compiled.relations.waiting_below("kommune", ["en"]) == ("meeting",)
    assert compiled.relations.waiting_below("kommune", ["ukendt"]) == ()


def test_a_newborn_looks_at_its_parent() -> None:
    """Born into a state whose join waits for the parent: it goes on only when the parent stands there."""
    machine = """
    ting:
      title: T
      regions:
        en: {title: E, states: {a: A, b: B}, moves: {gaa: a -> b, foed: {in: [a, b], births: barn}}}
    barn:
      title: B
      parent: ting
      regions: {to: {title: T, states: {venter: V, klar: {title: K, final: true}}}}
      joins: [{region: to, move: venter -> klar, when: {parent: {region: en, in: b}}}]
    """
    family = alone(machine)
    family.send(1, "foed")
    assert family.snapshots[2].position == {"to": "venter"}
    family.send(1, "gaa")
    assert family.snapshots[2].position == {"to": "klar"}
    family.send(1, "foed")
    assert family.snapshots[3].position == {"to": "klar"}


def test_what_waits_for_the_programme_is_woken_by_the_programme_alone() -> None:
    """A kommune's join looks at the programme: only where that stands as asked, and from where the join begins."""
    compiled = small(TREE)
    above = Identity(1, "programme", "p", 1, None, None, compiled.workflow.hash)
    one = Relative(2, "kommune", "0101", "K", 1, "0101", {"en": "venter"}, {}, Dates())
    assert may_be_woken(compiled, one, above, {"forloeb": "b"})
    assert not may_be_woken(compiled, one, above, {"forloeb": "a"})
    assert not may_be_woken(compiled, replace(one, position={"en": "i_gang"}), above, {"forloeb": "b"})
    assert not may_be_woken(compiled, one, replace(above, kind="kommune"), {"forloeb": "b"})
