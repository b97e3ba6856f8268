"""When mails may go: office hours of working days, and the days of digests; pure, reads no clock.

Everything is half-open and in local days: hours end just before they close, a digest of a day holds what was queued
before its cut, a week ends where Monday begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from ....engine.civil.calendar import WorkingCalendar
from ....engine.civil.instants import end_of_day, local, local_date, to_utc
from ....engine.errors import InvalidInput
from ..restraint import Restraint

FRIDAY = 5
NIGHT = time(2), time(3)
"""The hour that happens twice in October and not at all in March: nothing is sent in it on any night."""

_ONE_DAY = timedelta(days=1)
_SEARCH_DAYS = 2 * 366


class Windows:
    """The hours of one calendar under one restraint."""

    def __init__(self, restraint: Restraint, calendar: WorkingCalendar) -> None:
        self._window, self._cut, self._calendar = restraint.window, restraint.cut, calendar

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Give the instants between which mails go on a day, the first included; None on a day on which none go."""
        if self._window is None:
            return to_utc(day, time()), end_of_day(day)
        if not self._calendar.is_open(day):
            return None
        closes = self._window.friday_closes if day.isoweekday() == FRIDAY else self._window.closes
        return to_utc(day, self._window.opens), to_utc(day, closes)

    def next_open(self, now: datetime) -> datetime:
        """Give the first instant from now on at which mails may go: now, if they may."""
        if self._window is None:
            return now
        for day in self._days(local_date(now)):
            hours = self.hours(day)
            if hours is not None and now < hours[1]:
                return max(now, hours[0])
        raise InvalidInput("window", "no open day within two years; take something out of the closed weeks")

    def awake(self, now: datetime) -> datetime:
        """Give now, or the end of the hour in which nothing at all is sent."""
        wall = local(now)
        is_night = self._window is not None and NIGHT[0] <= wall.time() < NIGHT[1]
        return to_utc(wall.date(), NIGHT[1]) if is_night else now

    def cut(self, day: date) -> datetime:
        """Give the instant at which a day's digest is closed and goes."""
        return to_utc(day, self._cut)

    def digest_on(self, since: datetime, now: datetime, *, weekly: bool) -> date:
        """Give the day of the first digest that can hold what was queued at ``since``, and can still go."""
        day = local_date(since)
        if since >= self.cut(day):
            day += _ONE_DAY
        return self._first(max(day, local_date(now)), lambda one: self._has_digest(one, now, weekly=weekly))

    def digest_after(self, day: date, now: datetime, *, weekly: bool) -> date:
        """Give the day of the next digest after one."""
        return self._first(day + _ONE_DAY, lambda one: self._has_digest(one, now, weekly=weekly))

    def last_of_week(self, day: date) -> date:
        """Give the last day in a day's ISO week on which mails go: that day itself where there is none."""
        rest = (day + _ONE_DAY * number for number in range(7 - day.weekday()))
        return max((one for one in rest if self.hours(one)), default=day)

    def first_after_week(self, day: date) -> date:
        """Give the first day on which mails go after a day's ISO week."""
        monday = day + timedelta(days=7 - day.weekday())
        return self._first(monday, lambda one: self.hours(one) is not None)

    def _has_digest(self, day: date, now: datetime, *, weekly: bool) -> bool:
        hours = self.hours(day)
        if hours is None or now >= hours[1]:
            return False
        monday = day - timedelta(days=day.weekday())
        return not weekly or not any(self.hours(monday + _ONE_DAY * number) for number in range(day.weekday()))

    def _first(self, day: date, fits: Callable[[date], bool]) -> date:
        for one in self._days(day):
            if fits(one):
                return one
        raise InvalidInput("window", f"no open day within two years of {day}; take something out of the closed weeks")

    @staticmethod
    def _days(day: date) -> Iterator[date]:
        return (day + _ONE_DAY * number for number in range(_SEARCH_DAYS))


def week_of(day: date) -> str:
    """Name a day's ISO week: ``2019-W38``; the first days of January may belong to the year before."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
