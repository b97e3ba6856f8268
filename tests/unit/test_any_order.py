"""The same facts, registered in any order that their requirements allow, lead to the same place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.errors import NotFound, Refused
from samskabt.engine.values import Json

from .core_cases import Family, at, replayed, stands, with_kommune


@dataclass(frozen=True)
class Fact:
    """Something that happened to somebody (by title) on a day; ``births`` gives a newborn its title."""

    who: str
    event: str
    day: int
    births: str = ""

    @property
    def data(self) -> dict[str, Json]:
        """Give what the event wants."""
        wanted: dict[str, dict[str, Json]] = {
            "vaelg": {"effekt": "Mere ro", "tegn": "Færre opkald", "maalemetode": "Optælling"},
            "behold": {"vurdering": "Det virker"},
        }
        return {"titel": self.births} if self.births else wanted.get(self.event, {})

    @property
    def place(self) -> tuple[str, str]:
        """Name the region that it moves: within one, what happened first is registered first."""
        return self.who, self.event.rpartition(".")[0]

    def comes_before(self, other: Fact) -> bool:
        """Tell whether the other one may not be registered before this."""
        return self.place == other.place and self.day < other.day


FACTS = (
    Fact("kommunen", "trin_1.begynd", 1),
    Fact("kommunen", "trin_2.begynd", 2),
    Fact("kommunen", "trin_2.tilfoej_udfordring", 3, "Skemaer"),
    Fact("kommunen", "trin_2.tilfoej_udfordring", 3, "Ventetid"),
    Fact("kommunen", "trin_2.tilfoej_udfordring", 4, "Breve"),
    Fact("Skemaer", "prioriter", 5),
    Fact("Ventetid", "prioriter", 6),
    Fact("kommunen", "trin_1.afslut", 7),
    Fact("kommunen", "trin_2.afslut", 8),
    Fact("Skemaer", "tilfoej_loesning", 9, "Ét skema"),
    Fact("Ét skema", "vaelg", 10),
    Fact("Skemaer", "til_trin_4", 11),
    Fact("Ét skema", "tag_i_brug", 12),
    Fact("Ventetid", "parker", 13),
    Fact("Breve", "parker", 13),
    Fact("Skemaer", "til_trin_5", 14),
    Fact("Ét skema", "behold", 15),
    Fact("Skemaer", "loes", 16),
    Fact("kommunen", "trin_6.begynd", 17),
)


def register(family: Family, numbers: dict[str, int], fact: Fact, happened: datetime) -> bool:
    """Register a fact, if its instance is there and its requirements allow it; then parents look again."""
    number = numbers.get(fact.who)
    if number is None:
        return False
    try:
        decision = family.send(number, fact.event, happened, override=True, reason="Aftalt", **fact.data)
    except (Refused, NotFound):
        return False
    if decision.births:
        numbers[fact.births] = max(family.snapshots)
    family.tick()
    return True


def lived(order: Callable[[list[Fact]], None], late: timedelta) -> dict[str, dict[str, str]]:
    """Register all facts, time and again the first of a shuffled list that may be; say where everybody stands."""
    family, kommune = with_kommune()
    began, numbers = family.now, {"kommunen": kommune}
    family.now = at("2019-02-04") + late
    waiting = list(FACTS)
    order(waiting)
    while waiting:
        may = [one for one in waiting if not any(other.comes_before(one) for other in waiting)]
        days = {one: min(began + timedelta(days=one.day), family.now) for one in may}
        done = next((one for one in may if register(family, numbers, one, days[one])), None)
        assert done is not None, f"nothing of {waiting} may be registered"
        waiting.remove(done)
    for number in numbers.values():
        assert replayed(family, number) == stands(family.snapshots[number])
    return {title: dict(family.snapshots[number].position) for title, number in sorted(numbers.items())}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_any_order_of_registration_ends_in_the_same_place(seed: int) -> None:
    """Nineteen facts of a kommune, three challenges and a solution, all told a month later, in whichever order.

    Only within a region of one instance the order is that of the days: there people build on each other.
    """
    in_time = lived(lambda facts: facts.sort(key=lambda fact: fact.day), timedelta(days=30))
    assert lived(Random(seed).shuffle, timedelta(days=30)) == in_time
    assert in_time["kommunen"]["trin_3"] == in_time["kommunen"]["trin_5"] == "afsluttet"
