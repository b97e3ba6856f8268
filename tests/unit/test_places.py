"""Places and who gets them: a soft number, first come first served, the waiting list, a later political approval."""

from __future__ import annotations

from datetime import date

import pytest
from samskabt.engine.choosing.queueing import first_come, in_line, in_order, places_left, waiting_states
from samskabt.engine.choosing.selection import selection_text
from samskabt.engine.errors import Refused
from samskabt.engine.refusals import refusal_text
from samskabt.engine.values import Strength, TimerStatus
from samskabt.workflows.kommuner import load_kommuner

from .cohort_cases import COHORT, chosen, cohort, cohort_compiled, enrol
from .core_cases import Family, at, refused, small

KOMMUNER = load_kommuner()


def full() -> tuple[Family, list[int]]:
    """Give a programme whose three places are taken, with two more kommuner in line: the second enrolled first."""
    family = cohort()
    numbers = [enrol(family, code, day) for code, day in (("0101", "2016-09-05"), ("0147", "2016-09-06"))]
    numbers.append(enrol(family, "0151", "2016-09-07"))
    numbers.append(enrol(family, "0153", "2016-10-04"))
    family.now = at("2016-10-05")
    numbers.append(enrol(family, "0155", "2016-10-03"))
    family.now = at("2016-10-20")
    for number in numbers[:3]:
        family.send(number, "forloeb.vaelg")
    for number in numbers[3:]:
        family.send(number, "forloeb.saet_paa_venteliste")
    return family, numbers


def offers_of_a_place(family: Family) -> list[str]:
    """List whom mails about a free place name as the first in line."""
    return [str(one.values["foerste"]) for one in family.outbox.values() if one.template == "ledig_plads"]


def test_a_number_that_is_a_starting_point_yields_to_a_reason() -> None:
    """Beyond three a kommune is refused softly; the same number without "udgangspunkt" holds."""
    family, numbers = full()
    decision = family.send(numbers[4], "forloeb.vaelg", override=True, reason="Der er plads til en mere")
    assert decision.position["forloeb"] == "deltager"
    hard = cohort(COHORT.replace("strength: soft, select_by", "select_by"))
    four = [enrol(hard, code) for code in ("0101", "0147", "0151", "0153")]
    hard.now = at("2016-10-20")
    for number in four[:3]:
        hard.send(number, "forloeb.vaelg")
    assert refused(hard, four[3], "forloeb.vaelg", override=True, reason="x") == ["ingen_plads"]


def test_a_place_that_was_given_away_does_not_come_back() -> None:
    """A withdrawal cannot be corrected once another kommune has the place; while nobody has, it can."""
    family = cohort(COHORT.replace("strength: soft, select_by", "select_by"))
    four = [enrol(family, code) for code in ("0101", "0147", "0151", "0153")]
    family.now = at("2016-10-20")
    for number in four[:3]:
        family.send(number, "forloeb.vaelg")
    for number in four[:2]:
        family.send(number, "forloeb.traek", reason="Vi kan ikke være med")
    family.send(four[3], "forloeb.vaelg")
    seq = [family.history[number][-1].decision_seq for number in four[:2]]
    assert family.correct(four[0], seq[0]).position["forloeb"] == "deltager"
    with pytest.raises(Refused) as caught:
        family.correct(four[1], seq[1])
    assert [one.code for one in caught.value.refusals] == ["ingen_plads"]


def test_the_line_goes_by_when_they_enrolled_then_by_when_it_was_written_down() -> None:
    """Registered later but enrolled earlier goes first; at the same instant the lower number does."""
    family, numbers = full()
    waiting = in_line(family.compiled, family.snapshots_as_relatives())
    assert [one.id for one in waiting] == [numbers[4], numbers[3]]
    same = cohort()
    twins = [enrol(same, code, "2016-10-03") for code in ("0155", "0101")]
    assert [one.id for one in in_order(same.snapshots_as_relatives("kommune"))] == twins


def test_who_waits_is_told_and_may_still_be_chosen_declined_or_leave() -> None:
    """From the line three ways lead on, and being chosen says welcome."""
    family, numbers = full()
    texts = {(number, one.template) for (number, _), one in family.outbox.items()}
    assert {(numbers[3], "paa_venteliste"), (numbers[4], "paa_venteliste")} < texts
    family.send(numbers[3], "forloeb.fravaelg")
    family.send(numbers[0], "forloeb.traek", reason="Ingen tid")
    family.send(numbers[4], "forloeb.vaelg")
    assert (numbers[4], "velkommen") in {(number, one.template) for (number, _), one in family.outbox.items()}
    late = cohort()
    number = enrol(late, "0101")
    late.send(number, "forloeb.saet_paa_venteliste")
    assert late.send(number, "forloeb.traek", reason="Ingen tid").leaves


def test_a_free_place_is_told_to_people_with_who_is_first() -> None:
    """The project leader hears once, of the first in line; nobody is moved by itself."""
    family, numbers = full()
    family.send(numbers[1], "forloeb.traek", reason="Ingen tid")
    assert offers_of_a_place(family) == ["Kommune 0155"]
    assert family.snapshots[numbers[4]].position["forloeb"] == "venteliste"


def test_no_place_no_mail() -> None:
    """Leaving the line frees no place; without a line nobody is written to; beyond the number none is free."""
    family, numbers = full()
    family.send(numbers[4], "forloeb.vaelg", override=True, reason="Der er plads til en mere")
    family.send(numbers[0], "forloeb.traek", reason="Ingen tid")
    assert offers_of_a_place(family) == []
    family.send(numbers[3], "forloeb.traek", reason="Ingen tid")
    family.send(numbers[1], "forloeb.traek", reason="Ingen tid")
    assert offers_of_a_place(family) == []


def test_first_come_first_served_says_why() -> None:
    """The first are chosen by their place in the order, the rest get their place in line."""
    found = first_come(KOMMUNER[:4], 2, date(2016, 10, 20), ruled=True)
    assert [choice.kommune for choice in found.chosen] == list(KOMMUNER[:2])
    texts = [selection_text(choice.reasons[0]) for choice in (*found.chosen, *found.not_chosen)]
    assert "nr. 2 af 4 til at tilmelde sig; dokumentet siger først til mølle." in texts[1]
    assert texts[3].endswith("som er nr. 2 på ventelisten.")


def test_without_a_rule_the_order_is_our_proposal() -> None:
    """A document that says only how many gets the same order, marked as ours; with room for all there is none."""
    found = first_come(KOMMUNER[:3], 2, date(2016, 10, 20), ruled=False)
    assert selection_text(found.chosen[0].reasons[0]).endswith("rækkefølgen er vores forslag.")
    everybody = first_come(KOMMUNER[:2], 2, date(2016, 10, 20), ruled=False)
    assert "plads til alle" in selection_text(everybody.chosen[0].reasons[0]) and not everybody.not_chosen
    nobody = first_come(KOMMUNER[:2], 0, date(2016, 10, 20), ruled=True)
    assert not nobody.chosen and len(nobody.not_chosen) == 2


def test_free_places_are_counted() -> None:
    """Those that take part take one each; a programme without a number has none to give away."""
    family, _ = full()
    relatives = family.snapshots_as_relatives("kommune")
    assert places_left(family.compiled, relatives) == 0 and places_left(family.compiled, relatives[:2]) == 1
    unlimited = cohort_compiled(COHORT.replace("{capacity: 2-3, strength: soft, select_by: foerst_til_moelle}", "{}"))
    assert places_left(unlimited, ()) == 0
    nothing = small("ting: {title: T, regions: {en: {title: E, moves: {gaa: venter -> afsluttet}}}}")
    assert waiting_states(nothing) == frozenset()


def test_an_enrolment_may_wait_for_a_political_approval() -> None:
    """It takes part meanwhile; approved it goes on, and who enrolled without it is not asked."""
    family = cohort()
    first, second = chosen(family, "0101", forbehold=True)[0], chosen(family, "0147")[0]
    assert family.snapshots[first].position["forbehold"] == "afventer"
    assert family.snapshots[second].position["forbehold"] == "intet"
    assert refused(family, second, "forbehold.godkend_politisk") == ["ikke_muligt_nu"]
    family.send(first, "forbehold.godkend_politisk")
    assert family.snapshots[first].position["forloeb"] == "deltager"


@pytest.mark.parametrize("stage", ["tilmeldt", "venteliste", "deltager"])
def test_a_rejection_is_a_withdrawal_with_its_reason(stage: str) -> None:
    """Wherever the kommune has come to, it leaves; the reason stands in history and its people's roles end."""
    family = cohort()
    number = enrol(family, "0101", forbehold=True)
    family.now = at("2016-10-20")
    if stage != "tilmeldt":
        family.send(number, "forloeb.vaelg" if stage == "deltager" else "forloeb.saet_paa_venteliste")
    assert refused(family, number, "forbehold.afvis_politisk") == ["mangler_begrundelse"]
    decision = family.send(number, "forbehold.afvis_politisk", reason="Udvalget sagde nej")
    assert decision.position["forloeb"] == "trukket" and decision.leaves
    assert decision.event.reason == "Udvalget sagde nej"


def test_a_rejection_frees_a_place_as_a_withdrawal_does() -> None:
    """The first in line is named then too."""
    family = cohort()
    numbers = chosen(family, "0101", "0147", "0151", forbehold=True)
    family.now = at("2016-10-21")
    late = enrol(family, "0153", "2016-10-14")
    family.send(late, "forloeb.saet_paa_venteliste")
    family.send(numbers[0], "forbehold.afvis_politisk", reason="Udvalget sagde nej")
    assert offers_of_a_place(family) == ["Kommune 0153"]


def test_the_kommune_is_asked_while_the_approval_is_pending() -> None:
    """Three times, twenty working days apart, then the project leader, until it is registered."""
    family = cohort()
    (number,) = chosen(family, "0101", forbehold=True)
    rule = "politisk_godkendelse_mangler"
    timers = [one for one in family.timers[number].values() if one.rule == rule]
    assert len(timers) == 4 and all(one.status is TimerStatus.ARMED for one in timers)
    family.send(number, "forbehold.godkend_politisk")
    assert {one.status for one in family.timers[number].values() if one.rule == rule} == {TimerStatus.CANCELLED}


def test_the_full_programme_says_who_has_the_places() -> None:
    """Soft and in Danish."""
    family, numbers = full()
    with pytest.raises(Refused) as caught:
        family.send(numbers[4], "forloeb.vaelg")
    (refusal,) = caught.value.refusals
    assert refusal.strength is Strength.SOFT
    assert refusal_text(refusal, family.compiled.workflow, "kommune").startswith("Der er plads til 3 kommuner")
