"""A programme of many kommuner on the frame alone, and verbs that bring its kommuner through it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Programme, assemble
from samskabt.engine.options import ending_event
from samskabt.engine.values import Json
from samskabt.engine.values.names import base_key

from .core_cases import Family, at, shipped_part, tree

COHORT = Path(__file__).parents[1].joinpath("data", "samlet-program.yaml").read_text(encoding="utf-8")


@cache
def cohort_compiled(text: str = COHORT) -> Compiled:
    """Make the programme ready for deciding."""
    return Compiled(assemble(Programme.model_validate(tree(text)), [shipped_part("programramme")]), WorkingCalendar())


def cohort(text: str = COHORT) -> Family:
    """Give the programme, open for enrolment in October 2016."""
    family = Family(cohort_compiled(text), now=at("2016-09-01"))
    family.found()
    family.send(1, "forloeb.aabn_tilmelding")
    return family


def enrol(family: Family, code: str, day: str = "2016-10-03", **data: Json) -> int:
    """Enrol a kommune on a day."""
    family.now = max(family.now, at(day))
    family.send(1, "forloeb.tilmeld_kommune", at(day), kommune=code, titel=f"Kommune {code}", **data)
    return family.id_of(code)


def chosen(family: Family, *codes: str, day: str = "2016-10-03", **data: Json) -> list[int]:
    """Enrol kommuner and choose them after the deadline, beyond the number of places where it must be."""
    numbers = [enrol(family, code, day, **data) for code in codes]
    family.now = max(family.now, at("2016-10-20"))
    for number in numbers:
        family.send(number, "forloeb.vaelg", override=True, reason="Der er lyst hos alle")
    family.replan()
    return numbers


def begun(many: int, text: str = COHORT) -> tuple[Family, list[int]]:
    """Give a programme with so many kommuner, all of which have begun their opstart."""
    family = cohort(text)
    numbers = chosen(family, *(f"01{place:02}" for place in range(1, many + 1)))
    family.now = at("2016-11-02")
    for number in numbers:
        family.send(number, "fase_opstart.begynd")
    return family, numbers


def end(family: Family, number: int, fase: str = "opstart") -> None:
    """End a fase of a kommune in order: what belongs to it is held or done first."""
    expected = family.compiled.paper.expected_in(fase)
    for one, snapshot in list(family.snapshots.items()):
        if snapshot.identity.parent_id == number and base_key(snapshot.identity.key) in expected:
            event = ending_event(family.compiled, snapshot.identity.kind, snapshot.position)
            if event is not None:
                family.send(one, event, override=True, reason="Det er sket")
    family.send(number, f"fase_{fase}.afslut")


def copied(family: Family) -> Family:
    """Give a family that goes on by itself from where this one stands."""
    return replace(
        family,
        snapshots=dict(family.snapshots),
        timers={number: dict(timers) for number, timers in family.timers.items()},
        history={number: list(rows) for number, rows in family.history.items()},
        bore=set(family.bore),
        outbox=dict(family.outbox),
        decisions=list(family.decisions),
    )
