"""How days meet the calendar: off closed days, and why; knows no rules of whole programmes."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol, TypeAlias

from ..civil.windows import Window
from .reasons import Reason, reason

Landed: TypeAlias = tuple[date, tuple[Reason, ...]]
"""A day, and why it is another than the rule says."""

ONE_DAY = timedelta(days=1)


class ClosedReason(Protocol):
    """Why a day is closed: a stable code and the Danish name of it."""

    @property
    def code(self) -> str:
        """Return the stable code."""

    @property
    def name(self) -> str:
        """Return the Danish words."""


class PlanCalendar(Protocol):
    """The calendar that a plan asks; open days are days on which meetings are planned."""

    def is_open(self, day: date, /) -> bool:
        """Tell whether meetings are planned on a day."""

    def closed_reason(self, day: date, /) -> ClosedReason | None:
        """Say why a day is closed; None when it is open."""

    def next_open(self, day: date, /) -> date:
        """Find the first open day on or after a day."""

    def previous_open(self, day: date, /) -> date:
        """Find the last open day on or before a day."""

    def add_working_days(self, day: date, count: int, /) -> date:
        """Count working days on from a day, back when negative; the day itself is not counted."""


def land(day: date, calendar: PlanCalendar, bounds: Window) -> tuple[date, tuple[Reason, ...]]:
    """Return the nearest open day, forward first, and why it is another day.

    Backward when forward would leave the bounds and backward stays inside; forward when neither stays inside.
    """
    if calendar.is_open(day):
        return day, ()
    forward, backward = calendar.next_open(day), calendar.previous_open(day)
    to = backward if not bounds.contains(forward) and bounds.contains(backward) else forward
    return to, (reason("flyttet_fra_helligdag", from_=day, to=to, name=closed_name(day, calendar)),)


def land_each(days: Sequence[date], calendar: PlanCalendar, bounds: Window) -> tuple[Landed, ...]:
    """Give the days of a series, each on the nearest open day between its neighbours; forward where both are as near.

    One that finds none there (a meeting every week in the summer holidays) falls out.
    """
    out: list[Landed] = []
    for place, day in enumerate(days):
        if calendar.is_open(day):
            out.append((day, ()))
            continue
        first = out[-1][0] + ONE_DAY if out else bounds.start or date.min
        last = days[place + 1] - ONE_DAY if place + 1 < len(days) else bounds.end or date.max
        near = [one for one in (calendar.next_open(day), calendar.previous_open(day)) if first <= one <= last]
        if near:
            to = min(near, key=lambda one: (abs(one - day), one < day))
            out.append((to, (reason("flyttet_fra_helligdag", from_=day, to=to, name=closed_name(day, calendar)),)))
    return tuple(out)


def closed_name(day: date, calendar: PlanCalendar) -> str:
    """Return the Danish words for why a day is closed, or ""."""
    why = calendar.closed_reason(day)
    return "" if why is None else why.name
