"""What may be registered: values that make sense, groups that exist, a window that is open; stores nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..civil.instants import iso
from ..definition.document.measuring import Criterion, Measure
from ..errors import InvalidInput
from ..values import Json, Refusal, Strength
from .values import Registration, Subject
from .windows import MeasuredWindow, WindowState

MOST = 10**9
"""No count or value is larger."""

SOLUTION = {
    "minutter": Measure(title="Tid pr. registrering", unit="minutter", better="lower", anonymous=False),
    "antal": Measure(title="Antal", unit="antal", better="lower", anonymous=False),
}
"""What a solution's own before and after may be registered in, whatever the programme measures."""


def check_measure(row: Registration, measure: Measure) -> None:
    """Raise InvalidInput where the numbers are not such as this measure holds, or the group is none of its own.

    An anonymous measure takes counts for its groups and nothing else, so that no row is ever about one named person.
    """
    _check_counts(row)
    _check_group(row.group, measure)
    match measure.unit:
        case "boolean":
            if row.n != 1 or row.yes is None or row.value is not None:
                raise InvalidInput("yes", f"{row.key} is yes or no: give yes=1 or yes=0, of n=1")
        case "pct":
            if not row.n or row.yes is None or row.value is not None:
                raise InvalidInput("yes", f"{row.key} is a share: give how many said yes, and n, how many answered")
        case "antal":
            if row.value is None or row.yes is not None or row.value < 0 or row.value % 1:
                raise InvalidInput("value", f"{row.key} is a count: give a whole number from 0 as value")
        case _:
            _check_mean(row, measure)


def check_verdict(row: Registration) -> None:
    """Raise InvalidInput unless it says yes or no, once."""
    if row.yes not in (0, 1) or row.n != 1 or row.value is not None:
        raise InvalidInput("met", f"{row.key} is judged as met or not met")


def check_target(row: Registration, criterion: Criterion, measure: Measure | None) -> None:
    """Raise InvalidInput where kommuner set no targets of their own for this, or the target is no possible number."""
    if not criterion.own_targets:
        raise InvalidInput("criterion", f"{row.key} has no targets of the kommuner's own (own_targets)")
    if row.value is None or row.yes is not None or row.n is not None:
        raise InvalidInput("value", f"a target for {row.key} is one number")
    _finite("value", row.value)
    unit = criterion.target.unit if criterion.target else measure.unit if measure else "antal"
    most = 100 if unit in ("pct", "boolean") else MOST
    if not 0 <= row.value <= most:
        raise InvalidInput("value", f"a target for {row.key} lies from 0 to {most}, not {row.value}")
    if row.group and measure is not None:
        _check_group(row.group, measure)


def refusals(row: Registration, window: MeasuredWindow | None, today: date) -> tuple[Refusal, ...]:
    """Say what stands in a registration's way; ``window`` None: what it is about has no days of its own.

    Late answers and days outside the window yield to an override with a reason; what is reported, called off, or not
    open yet, does not. People may judge at any time from the opening on, and targets are never late.
    """
    out = []
    if row.happened_on > today:
        out.append(_against("dagen_er_i_fremtiden", Strength.HARD, day=row.happened_on.isoformat()))
    if window is None or row.subject is Subject.TARGET:
        return tuple(out)
    if window.state in (WindowState.AHEAD, WindowState.CALLED_OFF):
        told: dict[str, Json] = {"title": window.title, "start": iso(window.start)}
        is_ahead = window.state is WindowState.AHEAD
        out.append(
            _against("evalueringen_er_ikke_aaben", Strength.HARD, **told)
            if is_ahead
            else _against("evalueringen_er_aflyst", Strength.HARD, **told)
        )
    elif row.subject is Subject.MEASURE:
        if window.is_reported:
            out.append(_against("evalueringen_er_afrapporteret", Strength.HARD, title=window.title))
        elif window.state is WindowState.CLOSED:
            out.append(_against("evalueringen_er_lukket", Strength.SOFT, title=window.title, end=iso(window.end)))
        if (window.start and row.happened_on < window.start) or (window.end and row.happened_on > window.end):
            days: dict[str, Json] = {"first": iso(window.start), "last": iso(window.end)}
            out.append(_against("uden_for_vinduet", Strength.SOFT, day=row.happened_on.isoformat(), **days))
    return tuple(out)


def groups_of(measure: Measure) -> tuple[str, ...]:
    """List the groups that answers may be counted by: the measure's own, else those who are asked."""
    return measure.groups or tuple(measure.respondents)


def _check_group(group: str, measure: Measure) -> None:
    known = groups_of(measure)
    is_free = not known and not measure.anonymous
    if group and group not in known and not is_free:
        raise InvalidInput("group", f"is {_listed(known)}, not {group!r}: answers are counted by known groups only")


def _listed(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"one of {names}" if names else "left out here"


def _check_counts(row: Registration) -> None:
    for name, value in (("n", row.n), ("yes", row.yes)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST):
            raise InvalidInput(name, f"is a whole number from 0, not {value!r}")
    if row.yes is not None and (row.n is None or row.yes > row.n):
        raise InvalidInput("yes", f"{row.yes} of {row.n} cannot be: yes is at most n, how many answered")
    if row.value is not None:
        _finite("value", row.value)


def _check_mean(row: Registration, measure: Measure) -> None:
    if row.value is None or not row.n or row.yes is not None:
        raise InvalidInput("value", f"{row.key} is a mean: give it as value, and n, how many answers it is of")
    low = 0 if measure.unit == "minutter" and measure.low is None else measure.low
    high = measure.high
    if (low is not None and row.value < low) or (high is not None and row.value > high):
        ends = f"from {low}" + (f" to {high}" if high is not None else "")
        raise InvalidInput("value", f"{row.key} lies {ends}, not {row.value}")


def _finite(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
        raise InvalidInput(name, f"is a finite number, not {value!r}")


def _against(code: str, strength: Strength, **values: Json) -> Refusal:
    return Refusal(code, "window", strength, values)
