"""On which day a rehearsal's people put a meeting: open, free, in its window if there is room."""

from __future__ import annotations

from datetime import date, timedelta

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.runtime.rehearsal.piloting.acting.days import free_day

CALENDAR = WorkingCalendar()
LAST = date(2018, 1, 31)
WINDOW = (date(2018, 1, 8), date(2018, 1, 12))


def days(first: int, last: int) -> set[date]:
    """Give days of January 2018."""
    return {date(2018, 1, 1) + timedelta(days=number - 1) for number in range(first, last + 1)}


def put(wanted: int, busy: set[date]) -> date:
    """Find a day for a meeting wanted on a day of January 2018."""
    return free_day(CALENDAR, date(2018, 1, wanted), busy, WINDOW, LAST)


def test_a_free_day_is_kept() -> None:
    """Where nobody is elsewhere the wanted day stands, off weekends."""
    assert put(9, set()) == date(2018, 1, 9)
    assert put(13, set()) == date(2018, 1, 15)


def test_the_window_is_searched_before_what_lies_outside() -> None:
    """First later in the window, then earlier in it, then after it."""
    assert put(10, days(10, 11)) == date(2018, 1, 12)
    assert put(10, days(10, 12)) == date(2018, 1, 9)
    assert put(10, days(8, 16)) == date(2018, 1, 17)


def test_nothing_is_put_after_the_last_day() -> None:
    """Where every day is busy the wanted one is given, for the engine to refuse; never one after the end."""
    assert put(10, days(1, 31)) == date(2018, 1, 10)
    assert free_day(CALENDAR, date(2018, 3, 1), set(), WINDOW, LAST) == LAST
