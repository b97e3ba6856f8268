"""How days meet the calendar: off closed days, and again and again; knows no rules of whole programmes."""

from datetime import date, timedelta
from typing import Protocol

from ..civil.windows import Window, add_months
from ..definition.dates import RecurringRule
from .reasons import Reason, reason


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


def closed_name(day: date, calendar: PlanCalendar) -> str:
    """Return the Danish words for why a day is closed, or ""."""
    why = calendar.closed_reason(day)
    return "" if why is None else why.name


def occurrences(rule: RecurringRule, window: Window, calendar: PlanCalendar, limit: int) -> tuple[date, ...]:
    """Return at most ``limit`` open days on which a recurring item falls in its window, ascending, each once.

    Steps are counted from the window's first day, so the 31st does not wander. With a number of times and
    no pace the days are spread evenly; with neither ("løbende"), or without a start, there are none. A
    closed day moves forward, or backward where the window ends; a step without an open day in the window is
    left out.
    """
    wanted = limit if rule.count is None else min(limit, rule.count)
    if window.start is None:
        return ()
    found: dict[date, None] = {}
    for number in range(wanted):
        day = _nominal(rule, window.start, window.end, number)
        if day is None or not window.contains(day):
            break
        landed, _ = land(day, calendar, window)
        if window.contains(landed):
            found[landed] = None
    return tuple(sorted(found))


def _nominal(rule: RecurringRule, start: date, end: date | None, number: int) -> date | None:
    """Return the day of step ``number`` before the calendar is asked; None when the rule gives none."""
    step = rule.every * number
    match rule.unit:
        case "dage":
            return start + timedelta(days=step)
        case "uger":
            return start + timedelta(weeks=step)
        case "maaneder":
            return add_months(start, step)
        case "kvartaler":
            return add_months(start, step * 3)
        case _:
            if rule.count is None or end is None:
                return None
            return start + ((end - start) * (2 * number + 1)) // (2 * rule.count)
