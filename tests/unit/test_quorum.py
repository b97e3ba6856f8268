"""How many kommuner it takes: who counts, what a majority is, and that a withdrawal may open the gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations, product

import pytest
from pydantic import ValidationError
from samskabt.engine.definition.checks import check
from samskabt.engine.definition.needs import KommunerNeed
from samskabt.engine.errors import Refused
from samskabt.engine.refusals import refusal_text
from samskabt.engine.requirements import missing
from samskabt.engine.requiring.counting import taking_part
from samskabt.engine.requiring.view import View
from samskabt.engine.values import SYSTEM, Dates, Event, Facts, Identity, Json, Reach, Refusal, Relative

from .cohort_cases import COHORT, begun, chosen, cohort, cohort_compiled, copied, end, enrol
from .core_cases import Family, at, refused

MEETING = Identity(1, "meeting", "netvaerk", 1, 1, None, "")


def opens(family: Family) -> bool:
    """Try to hold the network meeting, in a copy of the family."""
    other = copied(family)
    try:
        other.send(other.id_of("netvaerk"), "afhold")
    except Refused as error:
        assert [one.code for one in error.refusals] == ["for_faa_kommuner"]
        return False
    return True


def kommune(number: int, life: str, fase: str, **data: Json) -> Relative:
    """Give a kommune as a requirement sees it."""
    position = {"forloeb": life, "forbehold": "afventer" if data else "intet", "fase_opstart": fase}
    return Relative(number, "kommune", f"{number:04}", f"Kommune {number}", 1, f"{number:04}", position, data, Dates())


def asked(need: KommunerNeed, kommuner: Sequence[Relative]) -> tuple[Refusal, ...]:
    """Ask a requirement in front of the network meeting."""
    event = Event("afhold", at("2017-01-17"), at("2017-01-17"), SYSTEM)
    facts = Facts(kommuner=tuple(kommuner))
    return missing(need, View(cohort_compiled(), MEETING, "status", {"status": "planlagt"}, {}, Dates(), facts, event))


def need(**measure: object) -> KommunerNeed:
    """Want so many kommuner to have ended their opstart."""
    return KommunerNeed.model_validate({"region": "fase_opstart", "in": "afsluttet", **measure})


MAJORITY = need(more_than=0.5)


def test_every_order_of_five_opens_at_the_third() -> None:
    """In whichever order they finish, the meeting may be held from the third of five on, and never before."""
    family, numbers = begun(5)
    for order in permutations(numbers):
        one = copied(family)
        for place, number in enumerate(order, 1):
            end(one, number)
            assert opens(one) == (place >= 3)


def test_a_withdrawal_shrinks_what_a_majority_is_of() -> None:
    """In every order of five, with one, two or three that leave after the first or the second has finished."""
    family, numbers = begun(5)
    for order in permutations(numbers):
        for done, gone in ((1, 2), (1, 3), (2, 1), (2, 2)):
            one = copied(family)
            for number in order[:done]:
                end(one, number)
            assert not opens(one)
            for place, number in enumerate(order[5 - gone :], 1):
                one.send(number, "forloeb.traek", reason="Ingen tid")
                assert opens(one) == (2 * done > 5 - place)


def test_a_finished_kommune_that_leaves_may_close_the_gate() -> None:
    """Three of five have finished; one of these leaves: two of four are no majority."""
    family, numbers = begun(5)
    for number in numbers[:3]:
        end(family, number)
    assert opens(family)
    family.send(numbers[0], "forloeb.traek", reason="Ingen tid")
    assert not opens(family)


@pytest.mark.parametrize("leaving", [lambda _: False, lambda place: place % 3 == 0, lambda place: place > 5])
def test_all_subsets_of_twelve(leaving: Callable[[int], bool]) -> None:
    """Of each of the 4,096 ways in which twelve may have finished, exactly the majorities of those that stay open it.

    Every second enrolment still waits for its political approval, and counts as the others do.
    """
    count = 0
    for finished in product((False, True), repeat=12):
        kommuner = [
            kommune(place + 2, "trukket" if leaving(place) else "deltager", "afsluttet" if done else "i_gang",
                    **({"forbehold": True} if place % 2 else {}))
            for place, done in enumerate(finished)
        ]  # fmt: skip
        there = [done for place, done in enumerate(finished) if not leaving(place)]
        assert (asked(MAJORITY, kommuner) == ()) == (Fraction(sum(there), len(there)) > Fraction(1, 2))
        count += 1
    assert count == 4096


def test_withdrawn_and_finished_in_every_mixture_of_seven() -> None:
    """Every one of seven waits, has finished, or has left: 2,187 mixtures, counted by hand."""
    for mixture in product("vfl", repeat=7):
        kommuner = [
            kommune(place, "trukket" if one == "l" else "deltager", "afsluttet" if one == "f" else "i_gang")
            for place, one in enumerate(mixture, 2)
        ]
        stay = 7 - mixture.count("l")
        assert (asked(MAJORITY, kommuner) == ()) == (stay > 0 and 2 * mixture.count("f") > stay)


def test_who_takes_part() -> None:
    """Those that were chosen, also when they are done; not the enrolled, those in line, the declined or the gone."""
    states = ["tilmeldt", "venteliste", "deltager", "gennemfoert", "ikke_valgt", "trukket"]
    kommuner = [kommune(number, state, "afsluttet") for number, state in enumerate(states, 2)]
    view = View(cohort_compiled(), MEETING, "status", {}, {}, Dates(), Facts(kommuner=tuple(kommuner)),
                Event("afhold", at("2017-01-17"), at("2017-01-17"), SYSTEM))  # fmt: skip
    assert [one.id for one in taking_part(MAJORITY, view)] == [4, 5]
    among = need(more_than=0.5, among=["tilmeldt", "deltager"])
    assert [one.id for one in taking_part(among, view)] == [2, 4]


def test_a_kommune_that_asks_counts_itself_and_is_named() -> None:
    """It is one of those that take part, by where it stands in this decision; lacking, it is called by its name."""
    who = Identity(9, "kommune", "0101", 1, 1, "0101", "")
    event = Event("begynd", at("2017-01-17"), at("2017-01-17"), SYSTEM)
    others = Facts(kommuner=(kommune(2, "deltager", "afsluttet"),))
    position = {"forloeb": "deltager", "fase_opstart": "i_gang"}
    view = View(cohort_compiled(), who, "forloeb", position, {}, Dates(), others, event, "København")
    (refusal,) = missing(MAJORITY, view)
    assert (refusal.values["have"], refusal.values["of"]) == (1, 2)
    assert refusal.values["lacking"] == ["København"]


def test_nobody_is_no_majority() -> None:
    """Where no kommune takes part, no measure holds, and the refusal says so."""
    for one in (MAJORITY, need(), need(all=True), need(share=1.0), need(at_least=1), need(more_than=0.0)):
        (refusal,) = asked(one, [])
        assert (refusal.values["have"], refusal.values["of"]) == (0, 0)
    assert refusal_text(refusal, cohort_compiled().workflow, "meeting").endswith("men ingen kommune er med endnu.")


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [({}, 8), ({"all": True}, 8), ({"at_least": 3}, 3), ({"share": 0.5}, 4), ({"share": 0.3}, 3),
     ({"more_than": 0.5}, 5), ({"more_than": 0.25}, 3), ({"more_than": 0.0}, 1)],
)  # fmt: skip
def test_every_measure_opens_at_its_number(measure: dict[str, object], wanted: int) -> None:
    """Of eight: one fewer is refused and says how many it takes, exactly so many are enough."""
    for done in range(9):
        kommuner = [kommune(one, "deltager", "afsluttet" if one < done + 2 else "i_gang") for one in range(2, 10)]
        refusals = asked(need(**measure), kommuner)
        assert (refusals == ()) == (done >= wanted)
        assert all(one.values["want"] == wanted for one in refusals)


def test_the_refusal_says_how_many_and_who_lacks() -> None:
    """Hard, in Danish, with the number and the names."""
    kommuner = [kommune(one, "deltager", "afsluttet" if one < 4 else "i_gang") for one in range(2, 7)]
    (refusal,) = asked(MAJORITY, kommuner)
    assert refusal_text(refusal, cohort_compiled().workflow, "meeting") == (
        "»Opstartsfasen« skal stå som »Afsluttet« i mere end halvdelen af kommunerne, mindst 3 af de 5; "
        "det gør den i 2. Mangler: Kommune 4, Kommune 5 og Kommune 6."
    )


def test_a_hard_gate_does_not_yield() -> None:
    """No reason opens the network meeting before the majority has finished; inviting is left to people."""
    family, numbers = begun(2)
    meeting = family.id_of("netvaerk")
    assert refused(family, meeting, "afhold", override=True, reason="x") == ["for_faa_kommuner"]
    assert family.send(meeting, "indkald").position == {"status": "indkaldt"}
    for number in numbers:
        end(family, number)
    assert family.send(meeting, "afhold").position == {"status": "afholdt"}


def test_a_kommune_asks_of_itself_too() -> None:
    """A move of a kommune behind a quorum counts that kommune among the others."""
    text = COHORT.replace("before: netvaerk", "before: [netvaerk, udvikling]")
    family, (first, second) = begun(2, text)
    end(family, first)
    end(family, second)
    other = copied(family)
    other.send(first, "fase_udvikling.begynd", override=True, reason="x")
    waiting, (alone, _) = begun(2, text)
    assert "for_faa_kommuner" in refused(waiting, alone, "fase_udvikling.begynd", override=True, reason="x")


def test_those_in_line_and_newcomers() -> None:
    """Who is enrolled does not count until chosen; then one of one is one of two, and no majority."""
    family = cohort()
    (first,) = chosen(family, "0101")
    late = enrol(family, "0147", "2016-10-14")
    family.send(first, "fase_opstart.begynd")
    end(family, first)
    assert opens(family)
    family.send(late, "forloeb.vaelg")
    assert not opens(family)


def test_only_what_stands_behind_such_a_gate_reads_all_kommuner() -> None:
    """Holding a meeting reads them, planning one does not; a new plan asks whether the gate has opened."""
    compiled = cohort_compiled()
    assert Reach.KOMMUNER in compiled.relations.reach("meeting", "afhold") & compiled.relations.reach(
        "meeting", "planlaeg_om"
    )
    assert Reach.KOMMUNER not in compiled.relations.reach("meeting", "planlaeg")
    assert compiled.gates.watched == {"fase_opstart", "forloeb"}


@pytest.mark.parametrize(
    ("old", "new", "last"),
    [("region: fase_opstart, in: afsluttet, more", "region: fase_start, in: afsluttet, more", "region"),
     ("in: afsluttet, more", "in: slut, more", "states"),
     ("more_than: 0.5", "more_than: 0.5, among: [ukendt]", "among"),
     ("chosen_in: temavalg", "chosen_in: ukendt", "chosen_in"),
     ("{own: {region: fase_opstart, in: [i_gang", "{own: {region: fase_ukendt, in: [i_gang", "region")],
)  # fmt: skip
def test_names_that_there_are_not_are_found(old: str, new: str, last: str) -> None:
    """A fase, a state, a state of the course, an activity: each is said where it stands."""
    assert COHORT.count(old) == 1
    found = [one for one in check(cohort_compiled(COHORT.replace(old, new)).workflow) if one.severity == "error"]
    assert found and all(last in one.path for one in found)


def test_one_measure_at_a_time() -> None:
    """Two measures of one quorum would not say which holds."""
    with pytest.raises(ValidationError, match="skriv ét af"):
        need(more_than=0.5, at_least=3)
