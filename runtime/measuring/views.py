"""What faces show of measuring: registrations, measures and criteria in Danish words, as values; counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.danish import number, plural
from ...engine.definition.document.measuring import Measure
from ...engine.measuring import Registration, Subject
from ...engine.measuring.accepting import SOLUTION, groups_of
from ...engine.measuring.criteria import STATUS_TITLES, Answer
from ...engine.measuring.figures import amount_text, exact, figure, figure_text
from .agreed import Terms

UNITS: Mapping[str, str] = {
    "pct": "andel, der svarer ja (pct.)",
    "antal": "antal",
    "minutter": "minutter i gennemsnit",
    "skala": "gennemsnit på en skala",
    "boolean": "ja eller nej",
}
SUBJECTS: Mapping[Subject, str] = {Subject.MEASURE: "", Subject.VERDICT: "Vurdering", Subject.TARGET: "Mål"}


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A målepunkt that an evaluation measures: what is registered, by which groups, and with which instrument."""

    key: str
    title: str
    unit: str
    unit_title: str
    groups: tuple[str, ...]
    instrument: str
    anonymous: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration; of anonymous answers only how many there are. ``corrected_by`` is the row that replaced it."""

    id: int
    subject: str
    key: str
    title: str
    kommune: str | None
    period: str
    group: str
    text: str
    happened_on: date
    recorded_at: datetime
    actor: str
    actor_name: str
    note: str
    reason: str | None
    overridden: tuple[str, ...]
    corrects: int | None
    corrected_by: int | None


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """How a criterion stands in one kommune (and group)."""

    kommune: str | None
    group: str
    status: str
    status_title: str
    text: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """How a criterion stands, and where each kommune has it for itself, its parts."""

    key: str
    title: str
    status: str
    status_title: str
    text: str
    parts: tuple[CriterionPart, ...]


def measures_of(terms: Terms, evaluation: str) -> tuple[MeasureRow, ...]:
    """List the målepunkter of an evaluation, those that name none among them."""
    found = ((key, one) for key, one in terms.measures.items() if evaluation in (one.evaluations or (evaluation,)))
    return tuple(
        MeasureRow(key, one.title, one.unit, UNITS[one.unit], groups_of(one), one.instrument, one.anonymous)
        for key, one in found
    )


def registered(terms: Terms, rows: Iterable[Registration], names: Mapping[str, str]) -> tuple[Registered, ...]:
    """Say registrations as people read them; ``names`` gives the names of those who registered (id -> name)."""
    rows = tuple(rows)
    corrected = {row.corrects: row.id for row in rows if row.corrects is not None}
    return tuple(_registered(terms, row, names, corrected.get(row.id)) for row in rows)


def criterion_row(one: Answer) -> CriterionRow:
    """Say how a criterion stands."""
    parts = tuple(
        CriterionPart(part.kommune, part.group, part.status.value, STATUS_TITLES[part.status], part.text)
        for part in one.parts
    )
    return CriterionRow(one.key, one.title, one.status.value, STATUS_TITLES[one.status], one.text, parts)


def _registered(terms: Terms, row: Registration, names: Mapping[str, str], corrected_by: int | None) -> Registered:
    measure = (SOLUTION if row.period else terms.measures).get(row.key)
    found = measure if row.subject is Subject.MEASURE else terms.criteria.get(row.key) or measure
    return Registered(
        id=row.id,
        subject=row.subject.value,
        key=row.key,
        title=found.title if found else row.key,
        kommune=row.kommune,
        period=row.period,
        group=row.group,
        text=_text(row, terms, measure if row.subject is Subject.MEASURE else None),
        happened_on=row.happened_on,
        recorded_at=row.recorded_at,
        actor=row.actor.id,
        actor_name=names.get(row.actor.id, row.actor.id),
        note=row.note,
        reason=row.reason,
        overridden=row.overridden,
        corrects=row.corrects,
        corrected_by=corrected_by,
    )


def _text(row: Registration, terms: Terms, measure: Measure | None) -> str:
    if row.is_empty:
        return "taget tilbage"
    match row.subject:
        case Subject.VERDICT:
            return "mødt" if row.yes else "ikke mødt"
        case Subject.TARGET:
            aimed = terms.measures.get(terms.criteria[row.key].measure or "")
            return amount_text(exact(row.value or 0.0), aimed.unit) if aimed else number(row.value or 0.0)
        case Subject.AGREEMENT:
            return "aftalt"
        case Subject.MEASURE:
            # A single batch beside the sum of its group would tell what the sum is there to hide.
            if measure is None or (measure.anonymous and measure.unit != "boolean"):
                return plural(row.n or 0, "svar", "svar")
            found = figure(measure, [row])
            return figure_text(measure, found) if found else ""
