"""Activities that people add: beyond the document's count, voluntary ones, and what stands in the way."""

from __future__ import annotations

from datetime import date

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Dates

from .core_cases import PROGRAMME, Family, at, founded, refused, replayed, stands, with_kommune

MORE = """
  interview: {title: Interview, kind: interview, in: drift / -, level: kommune, count: op til 2, place: X}
  tur: {title: Studietur, kind: visit, in: drift / -, level: kommune, voluntary: true}
  oplaeg: {title: Oplæg, kind: workshop, in: drift / -, level: cross, levels: [kommune, cross], days: 2,
           count: 1, count_is: udgangspunkt}
evaluations:
"""
WIDE = PROGRAMME.replace("\nevaluations:\n", MORE)
ADD = "forloeb.tilfoej_aktivitet"


def wide() -> tuple[Family, int]:
    """Give a programme with a kommune, and activities that nobody is born for."""
    return with_kommune(founded(WIDE))


def keys(family: Family, parent: int) -> list[str]:
    """List the activities under an instance."""
    below = [one.identity for one in family.snapshots.values() if one.identity.parent_id == parent]
    return [one.key for one in below if one.kind in ("meeting", "task")]


def test_what_is_voluntary_or_may_be_none_is_not_born() -> None:
    """A ceiling alone ("op til 2") and a voluntary activity wait until somebody asks for them."""
    family, kommune = wide()
    assert keys(family, kommune) == ["besoeg", "besoeg#2", "plan"]


def test_one_more_is_born_with_the_next_number() -> None:
    """Each addition has a key of its own, also where none was born before, and a title that tells which it is."""
    family, kommune = wide()
    for _ in range(2):
        family.send(kommune, ADD, aktivitet="interview")
    family.send(kommune, ADD, aktivitet="tur", titel="Turen til Vejle")
    assert keys(family, kommune)[3:] == ["interview", "interview#2", "tur"]
    titles = [family.snapshots[family.id_of(key)].title for key in ("interview", "interview#2", "tur")]
    assert titles == ["Interview", "Interview (2)", "Turen til Vejle"]


def test_an_addition_lives_as_its_kind_and_is_planned_like_the_others() -> None:
    """Without a day it asks for a new plan, which gives it its fase."""
    family, kommune = wide()
    decision = family.send(kommune, ADD, aktivitet="interview")
    assert decision.replan and decision.births[0].kind == "meeting"
    family.replan()
    added = family.snapshots[family.id_of("interview")]
    assert (added.position, added.dates.planned_end) == ({"status": "afventer"}, date(2019, 12, 31))


def test_a_day_that_comes_with_it_is_fixed_by_the_one_who_added_it() -> None:
    """It is planned at once; no later plan moves it, and history alone tells it."""
    family, _ = wide()
    family.send(1, ADD, aktivitet="oplaeg", dato="2019-05-06", override=True, reason="Aftalt")
    number = family.id_of("oplaeg#2")
    dates = Dates(date(2019, 5, 6), date(2019, 5, 7), "day", fixed_by="7", reason="Aftalt")
    assert (family.snapshots[number].dates, family.snapshots[number].position["status"]) == (dates, "planlagt")
    assert number not in family.replan()
    assert replayed(family, number) == stands(family.snapshots[number])


def test_a_last_day_may_be_given() -> None:
    """The length of the activity is only its usual one."""
    family, kommune = wide()
    family.send(kommune, ADD, aktivitet="interview", dato="2019-05-06", slut="2019-05-10")
    assert family.snapshots[family.id_of("interview")].dates.planned_end == date(2019, 5, 10)


def test_a_day_is_held_to_the_programme_and_the_calendar() -> None:
    """Outside the programme is refused; a closed day yields to a reason; no day is read from nonsense."""
    family, kommune = wide()
    assert refused(family, kommune, ADD, aktivitet="tur", dato="2020-05-06") == ["uden_for_programmet"]
    assert refused(family, kommune, ADD, aktivitet="tur", dato="2019-12-25") == ["lukket_dag"]
    with pytest.raises(InvalidInput, match="is a day"):
        family.send(kommune, ADD, aktivitet="tur", dato="i morgen")


def test_a_ceiling_of_the_document_holds() -> None:
    """No reason opens it; what was called off makes room again."""
    family, kommune = wide()
    for _ in range(2):
        family.send(kommune, ADD, aktivitet="interview")
    assert refused(family, kommune, ADD, aktivitet="interview", override=True, reason="x") == ["loftet_er_naaet"]
    family.send(family.id_of("interview"), "aflys", reason="Ingen tid")
    family.send(kommune, ADD, aktivitet="interview")
    assert keys(family, kommune)[-1] == "interview#3"


def test_a_starting_point_yields_to_a_reason() -> None:
    """ "Som udgangspunkt" is where the document begins, not where it ends."""
    family, _ = wide()
    assert refused(family, 1, ADD, aktivitet="oplaeg") == ["loftet_er_naaet"]
    family.send(1, ADD, aktivitet="oplaeg", override=True, reason="Stor interesse")
    assert keys(family, 1)[-1] == "oplaeg#2"


def test_only_what_belongs_to_the_level_is_added() -> None:
    """An activity of several levels may be added at each; one that an event is, and an unknown one, nowhere."""
    family, kommune = wide()
    family.send(kommune, ADD, aktivitet="oplaeg")
    assert refused(family, kommune, ADD, aktivitet="temadag") == ["andet_niveau"]
    assert refused(family, 1, ADD, aktivitet="tur") == ["andet_niveau"]
    for key in ("tilmelding", "findes_ikke"):
        assert refused(family, kommune, ADD, aktivitet=key) == ["ukendt_aktivitet"]
    assert refused(family, kommune, ADD) == ["mangler_oplysning"]


def test_only_a_kommune_that_takes_part_adds() -> None:
    """Before it is chosen, and after it has left, there is nothing to add to."""
    family, kommune = wide()
    family.send(kommune, "forloeb.traek", at("2019-02-04"), reason="x")
    assert refused(family, kommune, ADD, aktivitet="tur") == ["ikke_muligt_nu"]
