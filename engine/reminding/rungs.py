"""The days of a reminder's rungs, and the day that they are counted from; arms no timer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import assert_never

from ..civil.calendar import WorkingCalendar
from ..civil.instants import local_date
from ..civil.windows import add_months
from ..definition import Offset, Reminder
from ..definition.reminding.reminders import END_OF_PROGRAMME, FIELD_ANCHOR, LAST_DAY, MONTHLY
from ..pausing.pauses import PAUSE_END, own_pause
from ..requiring.days import WHOLE, window_of
from ..requiring.view import View
from ..values import Entry, kept

MOST_MONTHS = 48
"""A programme lasts one to three years; what comes every month comes no longer than four."""

MONTHS_OF_AN_OPEN_END = 12
WORKING_WEEK = 5


def anchor_of(rule: Reminder, entry: Entry, view: View) -> date | None:
    """Find the day that a reminder counts from; None while there is no such day."""
    found = _anchor(rule.anchor, entry, view)
    opens = _anchor(rule.not_before, entry, view) if rule.not_before else None
    return max(found, opens) if found and opens else found


def _anchor(anchor: str, entry: Entry, view: View) -> date | None:
    if anchor in ("entered", MONTHLY):
        return local_date(entry.at)
    if anchor == "planned_start":
        return view.dates.planned_start
    if anchor == "planned_end":
        return view.dates.planned_end
    if anchor == LAST_DAY:
        return _last_day(view)
    if anchor == PAUSE_END:
        pause = own_pause(view.data, view.identity.kind)
        return pause.until if pause else None
    if anchor.startswith(FIELD_ANCHOR):
        written = view.data.get(anchor.removeprefix(FIELD_ANCHOR))
        return date.fromisoformat(written) if isinstance(written, str) else None
    if anchor == END_OF_PROGRAMME:
        return window_of(WHOLE, view)[1]
    if anchor == "enrolment":
        return window_of(anchor, view)[1]  # A deadline is its last day, also when the document names a month.
    if anchor.startswith("end_of_"):
        return window_of(anchor.removeprefix("end_of_"), view)[1]
    return window_of(anchor, view)[0]


def days_of(rule: Reminder, anchor: date, view: View) -> Iterator[date]:
    """Give the days of a reminder's rungs, the first one first."""
    calendar = view.compiled.calendar
    if rule.anchor == MONTHLY:
        for first in _months(anchor, window_of(WHOLE, view)[1]):
            yield add_offset(calendar.next_open(first), rule.offset, calendar)
        return
    for rung in rule.ladder:
        yield add_offset(anchor, rung.offset, calendar)
    if not rule.ladder:
        day = add_offset(anchor, rule.offset, calendar)
        for times in range(rule.times):
            yield add_offset(day, rule.every, calendar, times) if rule.every is not None else day


def landed(
    rule: Reminder, counted: Sequence[date], days: Sequence[date], anchor: date, calendar: WorkingCalendar
) -> list[date]:
    """Give the open days of a reminder's rungs: as counted from the anchor, and as pauses have moved them.

    Between two rungs of a ladder lie at least as many open days as the working days that it says: who was told on the
    last day before a closed week is not told more on the first day after it. What warns of a day to come rather comes
    too early, and keeps its distances likewise. What only repeats itself goes on a week apart after closed weeks.
    """
    found = list(days)
    last_ahead = sum(bool(rule.ladder) and day < anchor for day in counted) - 1
    for number in range(last_ahead, -1, -1):
        if number < last_ahead:
            apart = _apart(counted[number], counted[number + 1], calendar)
            found[number] = min(found[number], calendar.add_open_days(found[number + 1], -apart))
        found[number] = calendar.previous_open(found[number])
    for number in range(last_ahead + 1, len(found)):
        if number > last_ahead + 1:
            soonest = _soonest(rule, counted[number - 1], counted[number], found[number - 1], calendar)
            found[number] = max(found[number], soonest)
        found[number] = calendar.next_open(found[number])
    return found


def _soonest(rule: Reminder, former: date, day: date, fell: date, calendar: WorkingCalendar) -> date:
    """Give the soonest day of what follows a rung, as the two are counted, and as the former one fell."""
    apart = _apart(former, day, calendar)
    if rule.ladder:
        return calendar.add_open_days(fell, apart)
    return calendar.add_working_days(fell, min(apart, WORKING_WEEK)) if fell > former else day


def has_room(rule: Reminder, number: int, day: date, since: date, calendar: WorkingCalendar) -> bool:
    """Tell whether the so manieth rung, on a day, comes long enough after the first day of what it warns of."""
    room = rule.room_of(number)
    return room is None or day >= add_offset(since, room, calendar)


def fallen_out(rule: Reminder, since: date, anchor: date, calendar: WorkingCalendar) -> tuple[int, ...]:
    """Number the rungs of a ladder for which there is no room between the first day of something and the anchor."""
    counted = [add_offset(anchor, rung.offset, calendar) for rung in rule.ladder]
    days = enumerate(landed(rule, counted, counted, anchor, calendar), 1)
    return tuple(rung for rung, day in days if day < anchor and not has_room(rule, rung, day, since, calendar))


def _apart(former: date, day: date, calendar: WorkingCalendar) -> int:
    """Count the working days from one rung to the next: a day nobody works on counts as the next one that is."""
    return max(calendar.working_days_between(former, day) - (not calendar.is_working_day(former)), 1)


def add_offset(day: date, offset: Offset, calendar: WorkingCalendar, times: int = 1) -> date:
    """Count an offset from a day, ``times`` over; a month later is the same day of the month, or its last."""
    amount = offset.amount * times
    match offset.unit:
        case "arbejdsdage":
            return calendar.add_working_days(day, amount) if amount else day
        case "uger":
            return day + timedelta(weeks=amount)
        case "maaneder":
            return add_months(day, amount)
        case "dage":
            return day + timedelta(days=amount)
        case _ as never:
            assert_never(never)


def _months(entered: date, end: date | None) -> Iterator[date]:
    """Give the first day of each month after the one of a day, until a last day."""
    first = entered.replace(day=1)
    for number in range(1, 1 + (MONTHS_OF_AN_OPEN_END if end is None else MOST_MONTHS)):
        month = add_months(first, number)
        if end is not None and month > end:
            return
        yield month


def _last_day(view: View) -> date | None:
    """Give the last day on which a measurement may be taken: as planned, or before the change that it guards."""
    end, guard = view.dates.planned_end, view.data.get(kept.LAST_DAY)
    return min(end, date.fromisoformat(guard)) if end is not None and isinstance(guard, str) else end
