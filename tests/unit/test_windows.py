"""Hours, digests and weeks as pure functions, and how an installation sets them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from samskabt.engine.civil.calendar import CalendarSettings, WorkingCalendar
from samskabt.engine.civil.instants import local, to_utc
from samskabt.engine.errors import InvalidInput
from samskabt.runtime.posting.planning.windows import Windows, week_of
from samskabt.runtime.posting.restraint import Digest, Restraint, Window
from samskabt.runtime.settings import settings_from

MONDAY = date(2019, 9, 16)
WINDOWS = Windows(Restraint(), WorkingCalendar())


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Give an instant by local wall time."""
    return to_utc(day, time(hour, minute))


def test_every_minute_of_a_year_maps_into_hours() -> None:
    """From any instant the next open one is at or after it, in office hours of an open day, and its own next one."""
    calendar, now = WorkingCalendar(), at(date(2027, 1, 1), 0)
    while now < at(date(2028, 1, 1), 0):
        found = WINDOWS.next_open(now)
        wall = local(found)
        closes = time(13) if wall.isoweekday() == 5 else time(15)
        assert found >= now and calendar.is_open(wall.date()) and time(8) <= wall.time() < closes
        assert WINDOWS.next_open(found) == found
        now += timedelta(minutes=97)


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31), MONDAY])
def test_nobody_is_written_to_between_two_and_three(day: date) -> None:
    """Whether that hour is missing, comes twice, or is an ordinary one."""
    now, end = at(day, 0), at(day, 5)
    while now < end:
        wall = local(WINDOWS.awake(now))
        assert WINDOWS.awake(now) >= now and wall.hour != 2
        assert wall.hour == 3 or WINDOWS.awake(now) == now
        now += timedelta(minutes=7)


def test_a_digest_is_the_first_that_is_cut_after_it_was_queued() -> None:
    """Half-open: at the cut it is the next one's; a day whose hours are over is no more."""
    cut, tick = at(MONDAY, 9, 30), timedelta(microseconds=1)
    tuesday = MONDAY + timedelta(days=1)
    assert WINDOWS.digest_on(cut - tick, cut - tick, weekly=False) == MONDAY
    assert WINDOWS.digest_on(cut, cut, weekly=False) == tuesday
    assert WINDOWS.digest_on(cut - tick, at(MONDAY, 15), weekly=False) == tuesday
    assert WINDOWS.digest_on(cut - tick, at(MONDAY, 14, 59), weekly=False) == MONDAY
    assert WINDOWS.digest_after(MONDAY, cut, weekly=True) == date(2019, 9, 23)


def test_weeks_begin_and_end_where_they_are_worked() -> None:
    """After Easter a week begins on Tuesday; the week before ends on Wednesday; the ISO year is its own."""
    assert WINDOWS.digest_on(at(date(2020, 4, 8), 12), at(date(2020, 4, 8), 12), weekly=True) == date(2020, 4, 14)
    assert WINDOWS.last_of_week(date(2020, 4, 6)) == date(2020, 4, 8)
    assert WINDOWS.last_of_week(date(2019, 10, 16)) == date(2019, 10, 16)  # week 42 is closed
    assert WINDOWS.first_after_week(date(2019, 10, 11)) == date(2019, 10, 21)
    assert (week_of(date(2027, 1, 1)), week_of(date(2019, 12, 30))) == ("2026-W53", "2020-W01")


def test_a_calendar_that_is_never_open_is_told() -> None:
    """Instead of searching for ever."""
    shut = {date(2020, 1, 1) + timedelta(days=number) for number in range(3 * 366)}
    windows = Windows(Restraint(), WorkingCalendar(CalendarSettings(closed_dates=frozenset(shut))))
    with pytest.raises(InvalidInput, match="no open day"):
        windows.next_open(at(date(2020, 1, 1), 9))
    with pytest.raises(InvalidInput, match="no open day"):
        windows.first_after_week(date(2020, 1, 1))


def test_without_a_window_every_instant_is_open() -> None:
    """Also at night, also at Christmas."""
    windows = Windows(Restraint.off(), WorkingCalendar())
    night = at(date(2019, 12, 24), 2, 30)
    assert windows.next_open(night) == windows.awake(night) == night
    assert windows.hours(date(2019, 12, 24)) == (at(date(2019, 12, 24), 0), at(date(2019, 12, 25), 0))


def test_the_environment_sets_restraint() -> None:
    """Hours with the Friday shorter, a number of mails, what merges; ``off`` lifts each."""
    default = settings_from({}).restraint
    assert default == Restraint()
    given = {"WINDOW": "8.30-15:30", "BUDGET": "5", "DIGEST": "week"}
    some = settings_from({f"SAMSKABT_MAIL_{name}": value for name, value in given.items()}).restraint
    assert some == Restraint(Window(time(8, 30), time(15, 30), time(13)), 5, Digest.WEEK)
    short = settings_from({"SAMSKABT_MAIL_WINDOW": "10-12"}).restraint
    assert short.window == Window(time(10), time(12), time(12)) and short.cut == time(10)
    none = settings_from({f"SAMSKABT_MAIL_{name}": "off" for name in given}).restraint
    assert none == Restraint.off()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("WINDOW", value) for value in ("8", "15-8", "8-25", "otte-femten", "14-15", "")),
        *(("BUDGET", value) for value in ("0", "-1", "3,5", "51", "")),
        *(("DIGEST", value) for value in ("month", "")),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    """The error names the variable."""
    with pytest.raises(InvalidInput, match=f"SAMSKABT_MAIL_{name}"):
        settings_from({f"SAMSKABT_MAIL_{name}": value})
