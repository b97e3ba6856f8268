"""Requirements on days, and the windows of a programme that they and the plan are read from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..civil.instants import iso, local_date
from ..definition.needs import DatedNeed, DeadlineNeed, NotBeforeNeed
from ..values import Data, Json, Refusal
from ..values.kept import WINDOWS
from .view import View, named, refuse

WHOLE = "hele"
"""The window that holds the programme's period and all of its faser: no day may be planned outside it."""


def deadline(need: DeadlineNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that it happens on the last day of a date at the latest; a date without one holds nobody back."""
    last = window_of(need.date, view)[1]
    late = last is not None and local_date(view.event.happened_at) > last
    return (refuse(need, "fristen_er_overskredet", view, date=need.date, last=iso(last)),) if late else ()


def not_before(need: NotBeforeNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that the last day of a date has gone by; a date without one holds nobody back."""
    last = window_of(need.date, view)[1]
    early = last is not None and local_date(view.event.happened_at) <= last
    return (refuse(need, "fristen_er_ikke_udloebet", view, date=need.date, last=iso(last)),) if early else ()


def dated(need: DatedNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that it has a day of its own, not a month or a season."""
    has_day = view.dates.planned_start is not None and view.dates.precision == "day"
    return () if has_day else (refuse(need, "mangler_dato", view),)


def window_of(name: str, view: View) -> tuple[date | None, date | None]:
    """Find the first and last day of a date of the programme: one of its windows, or an activity's own days.

    A kommune's own windows, those of its faser, come before the programme's.
    """
    programme = view.facts.programme
    for data in (view.data, programme.data if programme else {}):
        stored = stored_window(data, name)
        if stored is not None:
            return stored
    for relative in named(name, view):
        dates = relative.dates
        return dates.actual_start or dates.planned_start, dates.actual_end or dates.planned_end
    return None, None


def stored_window(data: Data, name: str) -> tuple[date | None, date | None] | None:
    """Find a window among those that a programme's data hold; None where it holds none of that name."""
    windows = data.get(WINDOWS)
    return read_window(windows[name]) if isinstance(windows, Mapping) and name in windows else None


def read_window(value: Json) -> tuple[date | None, date | None]:
    """Read a stored window, ``[first day, last day]``."""
    if not isinstance(value, list) or len(value) != 2:
        return None, None
    first, last = (date.fromisoformat(day) if isinstance(day, str) else None for day in value)
    return first, last
