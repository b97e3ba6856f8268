"""Trin 3, 4 and 5 of a kommune follow its challenges, whatever the order in which those go."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from samskabt.engine.deciding.replay import Standing

from .core_cases import Family, replayed, stands, with_challenge, with_kommune, with_solution

TRIN = ("trin_3", "trin_4", "trin_5")
PATH = ("prioriter", "begynd_trin_3", "til_trin_4", "til_trin_5", "loes")
AT_TRIN = {"prioriteret": 2, "trin_3": 3, "trin_4": 4, "trin_5": 5, "loest": 6}


def three() -> tuple[Family, int, list[int]]:
    """Give a kommune in trin 2 with three challenges."""
    family, kommune = with_kommune()
    return family, kommune, [with_challenge(family, kommune, title) for title in ("A", "B", "C")]


def go(family: Family, number: int, event: str, *, looks: bool = True) -> None:
    """Let a challenge move, with a solution where it needs one, and everything that waits for it look."""
    if event == "til_trin_4" and not family.children(number, "solution"):
        with_solution(family, number)
    family.send(number, event, override=True, reason="fordi")
    if looks:
        family.tick()


def expected(family: Family, challenges: list[int]) -> dict[str, str]:
    """Say where trin 3 to 5 must stand once the joins have seen every move: a rule of three lines.

    Begun when one has reached it, ended when every prioritised one has passed it or is parked.
    """
    places = [family.snapshots[number].position["status"] for number in challenges]
    out = {}
    for name, trin in zip(TRIN, (3, 4, 5), strict=True):
        reached = [AT_TRIN[place] for place in places if place in AT_TRIN]
        begun = any(place >= trin for place in reached)
        out[name] = "venter" if not begun else "i_gang" if any(place <= trin for place in reached) else "afsluttet"
    return out


def followed(before: dict[str, str], now: dict[str, str], family: Family, challenges: list[int]) -> dict[str, str]:
    """Say the same of challenges that begin late: a trin that has ended begins again only when one stands in it."""
    places = {family.snapshots[number].position["status"] for number in challenges}
    return {name: "afsluttet" if before[name] == "afsluttet" and name not in places else now[name] for name in TRIN}


def trin(family: Family, kommune: int) -> dict[str, str]:
    """Give where trin 3 to 5 stand."""
    return {name: family.snapshots[kommune].position[name] for name in TRIN}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_every_finishing_order_ends_the_same(order: tuple[int, ...]) -> None:
    """All six orders in which three challenges finish; at every step the trin stand where they must."""
    family, kommune, challenges = three()
    for number in challenges:
        go(family, number, "prioriter")
    for index in order:
        for event in PATH[1:]:
            go(family, challenges[index], event)
            assert trin(family, kommune) == expected(family, challenges)
    assert set(trin(family, kommune).values()) == {"afsluttet"}


def interleavings() -> list[tuple[int, ...]]:
    """List the orders in which two challenges may take their five moves each."""
    return [tuple(int(place in first) for place in range(10)) for first in combinations(range(10), 5)]


def test_every_interleaving_of_two_challenges() -> None:
    """All 252 ways; a trin is done only when both have passed it, and begins again when the second comes."""
    family, kommune, challenges = three()
    start = (dict(family.snapshots), {key: dict(value) for key, value in family.timers.items()})
    history = {key: list(value) for key, value in family.history.items()}
    for order in interleavings():
        family.snapshots, family.timers = dict(start[0]), {key: dict(value) for key, value in start[1].items()}
        family.history = {key: list(value) for key, value in history.items()}
        taken, wanted = [0, 0], dict.fromkeys(TRIN, "venter")
        for who in order:
            go(family, challenges[who], PATH[taken[who]])
            taken[who] += 1
            wanted = followed(wanted, expected(family, challenges[:2]), family, challenges[:2])
            assert trin(family, kommune) == wanted, order
        assert set(trin(family, kommune).values()) == {"afsluttet"}


@pytest.mark.parametrize("order", list(permutations(("parker", "loes", "tilbage"))))
def test_parking_and_coming_back(order: tuple[str, ...]) -> None:
    """One is parked, one solved, one sent back and through again, in every order: done only when none is on its way."""
    family, kommune, (parked, solved, back) = three()
    for number in (parked, solved, back):
        for event in PATH[:4]:
            go(family, number, event)
    for what in order:
        if what == "parker":
            go(family, parked, "parker")
        elif what == "loes":
            go(family, solved, "loes")
        else:
            go(family, back, "ny_loesning")
            assert trin(family, kommune)["trin_3"] == "i_gang"
            for event in PATH[2:]:
                go(family, back, event)
    assert set(trin(family, kommune).values()) == {"afsluttet"}
    go(family, parked, "genoptag")
    assert set(trin(family, kommune).values()) == {"afsluttet"}
    go(family, parked, "prioriter")
    go(family, parked, "begynd_trin_3")
    assert trin(family, kommune) == {"trin_3": "i_gang", "trin_4": "afsluttet", "trin_5": "afsluttet"}
    assert family.snapshots[back].data["runder"] == 1


def test_all_parked_ends_what_had_begun() -> None:
    """Nobody is on the way any more; trin that never began still wait."""
    family, kommune, challenges = three()
    for number in challenges:
        for event in ("prioriter", "begynd_trin_3"):
            go(family, number, event)
    for number in challenges:
        go(family, number, "parker")
    assert trin(family, kommune) == {"trin_3": "afsluttet", "trin_4": "venter", "trin_5": "venter"}


def test_pokes_that_come_late_or_all_at_once_make_no_difference() -> None:
    """The joins look at where the children stand, not at how often they were told."""
    family, kommune, challenges = three()
    for event in PATH:
        for number in challenges:
            go(family, number, event, looks=False)
    family.tick()
    assert set(trin(family, kommune).values()) == {"afsluttet"}
    assert replayed(family, kommune) == stands(family.snapshots[kommune])
    assert isinstance(stands(family.snapshots[kommune]), Standing)


def test_trin_6_opens_when_half_are_well_under_way() -> None:
    """Two of three in trin 5 or at an end; one alone is not enough."""
    family, kommune, challenges = three()
    for number in challenges:
        go(family, number, "prioriter")
    go(family, challenges[0], "parker")
    view = family.snapshot(kommune, "trin_6.begynd")
    assert [child.title for child in view.facts.children if child.kind == "challenge"] == ["A", "B", "C"]
    for event in PATH[1:4]:
        go(family, challenges[1], event)
    assert family.send(kommune, "trin_6.begynd").steps[0].overridden == ()
