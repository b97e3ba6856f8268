"""Checks what a registration names against its programme and instance, and sorts what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.definition import Programme
from ...engine.definition.document.measuring import Criterion, Measure
from ...engine.errors import Conflict, InvalidInput, NotFound, Refused
from ...engine.measuring import PERIODS, Registration, Subject
from ...engine.measuring.accepting import MOST, SOLUTION
from ...engine.measuring.windows import MeasuredWindow
from ...engine.values import Identity, Refusal, Strength
from ...engine.values.names import KOMMUNE, base_key
from ...storage import InstanceView, Reader, UnitOfWork
from ...workflows.kommuner import find_kommune
from ..usecases.asked import EARLIEST, require_day, require_line
from .agreed import Terms, check_names, read
from .gathering import window_of


def measure_of(measures: Mapping[str, Measure], identity: Identity, row: Registration) -> Measure:
    """Find the measure of a row in an evaluation or a solution."""
    is_solution = identity.kind == "solution"
    known: Mapping[str, Measure] = SOLUTION if is_solution else measures
    if row.key not in known:
        raise NotFound("measure", row.key, known)
    if (row.period in PERIODS) is not is_solution or (row.period and not is_solution):
        raise InvalidInput("period", "is foer or efter for a solution, and left out for an evaluation")
    found = known[row.key]
    evaluation = base_key(identity.key)
    if found.evaluations and not is_solution and evaluation not in found.evaluations:
        raise InvalidInput("measure", f"{row.key} is measured in {', '.join(found.evaluations)}, not in {evaluation}")
    return found


def check_agreement(row: Registration, rows: Sequence[Registration], terms: Terms, programme: Programme) -> None:
    """Let an agreement name what exists, and stand for one thing for good once it has been answered."""
    if row.key in programme.measures or row.key in programme.criteria:
        raise InvalidInput("key", f"{row.key} is the document's own; give what you agree on another")
    if any(one.key == row.key and one.subject is not Subject.AGREEMENT for one in rows):
        raise InvalidInput("key", f"{row.key} has been answered; give what you agree on now another key")
    names = row.definition or {}
    agreed = read(Measure, names["measure"]) if "measure" in names else read(Criterion, names["criterion"])
    check_names(agreed, terms, programme)
    others = terms.criteria if "measure" in names else terms.measures
    if row.key in others:
        raise InvalidInput("key", f"{row.key} is already a målepunkt or criterion; give this one another")


def kommune_of(uow: UnitOfWork, identity: Identity, given: str | None) -> str | None:
    """Give the kommune that a row belongs to: the instance's own, or the one that is named."""
    if identity.kommune is not None:
        if given not in (None, identity.kommune):
            raise InvalidInput("kommune", f"instance {identity.id} belongs to {identity.kommune}, not to {given}")
        return identity.kommune
    if given is not None:
        known = [one.key for one in Reader(uow.connection).instances(identity.programme_id, KOMMUNE)]
        if given not in known:
            raise NotFound(
                "kommune of the programme", find_kommune(given).name, [find_kommune(one).name for one in known]
            )
    return given


def limiting_window(compiled: Compiled, one: InstanceView) -> MeasuredWindow | None:
    """Give the window that limits registrations about an instance; a solution, kommune or programme has none."""
    return window_of(compiled, one) if one.kind == "evaluation" else None


def instrument_of(given: str | None, measure: Measure) -> str:
    """Name what was measured with: what is said now, else what the målepunkt names."""
    return require_line("instrument", given) if given else measure.instrument


def day_of(on: date | None, now: datetime) -> date:
    """Give the day that something is registered of, today where none is said; InvalidInput before every programme."""
    if on is None:
        return local_date(now)
    require_day("on", on)
    if on.year < EARLIEST.year:
        raise InvalidInput("on", f"{on} lies before {EARLIEST.year}; look at the year")
    return on


def seen_before(rows: tuple[Registration, ...], key: str | None) -> Registration | None:
    """Find what was registered under an idempotency key before."""
    return next((row for row in rows if key is not None and row.idempotency_key == key), None)


def require_same(known: Registration, row: Registration, on: date | None) -> None:
    """Raise Conflict where an idempotency key comes back with something else: one of the two would be lost."""
    told = replace(
        row,
        happened_on=known.happened_on if on is None else row.happened_on,
        instrument=row.instrument or known.instrument,
    )
    if any(getattr(known, name) != getattr(told, name) for name in _ASKED):
        raise Conflict(f"the idempotency key {row.idempotency_key!r} was used for {known.key}; give a new one")


_ASKED = (
    *("subject", "key", "value", "yes", "n", "group", "period"),
    *("kommune", "happened_on", "instrument", "note", "definition"),
)


def yielding(event: str, found: tuple[Refusal, ...], reason: str | None, override: bool) -> tuple[str, ...]:
    """Give the codes of what yields to an override with a reason; Refused with everything where something does not."""
    blocking = [one for one in found if one.strength is Strength.HARD or not (override and reason)]
    if found and override and not reason:
        blocking.append(hard("mangler_begrundelse", "override"))
    if blocking:
        raise Refused(event, blocking)
    return tuple(one.code for one in found)


def as_float(value: float | None) -> float | None:
    """Keep a number as a float, as every database gives it back; what is none is judged later."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST
    # Adding nothing takes the sign off a zero, which no database gives back and which the chain would miss.
    return float(value) + 0.0 if is_number and value is not None else value


def hard(code: str, requirement: str) -> Refusal:
    """Put a refusal together that no reason passes."""
    return Refusal(code, requirement, Strength.HARD)
