"""The Danish working calendar: which days are worked, which are open for meetings, and why not; reads no clock.

The package ``holidays`` is used here only. Its dates follow each year's own law: store bededag is a holiday until
2023 and not since (lov nr. 214 af 06/03/2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from holidays import country_holidays
from holidays.version import __version__ as holidays_version

from ..errors import InvalidInput
from .instants import ZONE as ZONE
from .instants import require_date

FIRST_YEAR, LAST_YEAR = 1990, 2100
RULES = "2"  # raise it when the rules below change meaning: it is part of every calendar's version
DEFAULT_CLOSED_WEEKS = frozenset({1, 7, 28, 29, 30, 42, 52, 53})
_ONE_DAY = timedelta(days=1)
# With only one week of the year open, two of its days are up to 53 weeks apart; beyond two years nothing will come.
_SEARCH_DAYS = 2 * 366


class ClosedCode(StrEnum):
    """Why a day is closed; on the first three kinds nobody is at work either."""

    HELLIGDAG = "helligdag"
    WEEKEND = "weekend"
    FRIDAG = "fridag"
    UGE = "uge"
    DATO = "dato"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a day is closed: a code, and the Danish words for it, such as ``helligdag: langfredag``."""

    code: ClosedCode
    name: str


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """What a programme or kommune holds closed besides weekends and public holidays.

    The four days that are no legal holidays but usually off are not working days by default; the Friday after Kristi
    himmelfartsdag is one by default, as kommuner differ: close it where the town hall is closed.
    ``closed_weeks`` are ISO week numbers in which no meeting is planned though people may work: by default winter
    holiday (7; some kommuner have 8), the main summer holiday (28-30), autumn holiday (42) and the weeks around
    Christmas and New Year (52, 53, 1; week 1 only where 1 January lies in it). ``closed_dates`` are single days
    without meetings.
    Raises InvalidInput for numbers that are no week, and when all weeks of an ordinary year are closed.
    """

    first_of_may: bool = True
    grundlovsdag: bool = True
    christmas_eve: bool = True
    new_years_eve: bool = True
    friday_after_himmelfart: bool = False
    closed_weeks: frozenset[int] = DEFAULT_CLOSED_WEEKS
    closed_dates: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        wrong = sorted(week for week in self.closed_weeks if not 1 <= week <= 53)
        if wrong:
            raise InvalidInput("closed_weeks", f"{wrong} are no ISO weeks; give numbers from 1 to 53")
        if self.closed_weeks >= frozenset(range(1, 53)):
            raise InvalidInput("closed_weeks", "all weeks are closed; leave at least one of 1 to 52 open")
        for day in self.closed_dates:
            require_date(day)

    def fingerprint(self) -> str:
        """Name the settings by twelve hexadecimal digits, the same in every process."""
        parts = (
            self.first_of_may,
            self.grundlovsdag,
            self.christmas_eve,
            self.new_years_eve,
            self.friday_after_himmelfart,
            sorted(self.closed_weeks),
            [day.isoformat() for day in sorted(self.closed_dates)],
        )
        return sha256(repr(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days and open days for one set of settings, for the years 1990 to 2100.

    A working day is a local calendar day, never 24 hours. Every method raises InvalidInput for days outside the years.
    """

    settings: CalendarSettings = CalendarSettings()
    # A cache of a pure function of the year: equal calendars stay equal whatever each has looked up.
    _years: dict[int, Mapping[date, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    # The same of the days that timers ask for: at most one a day of the calendar's years.
    _next_open: dict[date, date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _worked: dict[date, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    # And of the distances between the rungs of ladders, which few pairs of days have.
    _between: dict[tuple[date, date], int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _opened: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def version(self) -> str:
        """Name what decides the answers, to be pinned in history: package, our rules, settings."""
        return f"holidays-{holidays_version}+rules-{RULES}+{self.settings.fingerprint()}"

    def closed_reason(self, day: date) -> Closed | None:
        """Say why no meeting is planned on a day; None when it is open.

        The most telling reason wins: holiday, weekend, a day that is usually off, a closed date, a closed week.
        """
        return self._off(day) or self._no_meetings(day)

    def is_working_day(self, day: date) -> bool:
        """Tell whether people are at work: closed weeks and dates are worked in."""
        known = self._worked.get(day)
        if known is None:
            known = self._worked[day] = self._off(day) is None
        return known

    def is_open(self, day: date) -> bool:
        """Tell whether meetings are planned on a day."""
        return self.closed_reason(day) is None

    def next_open(self, day: date) -> date:
        """Find the first open day on or after a day: the day itself when it is open."""
        known = self._next_open.get(day)
        if known is None:
            known = self._next_open[day] = self._search_open(day, _ONE_DAY)
        return known

    def previous_open(self, day: date) -> date:
        """Find the last open day on or before a day: the day itself when it is open."""
        return self._search_open(day, -_ONE_DAY)

    def add_working_days(self, day: date, n: int) -> date:
        """Count n working days on from a day, back when n is negative; the day itself is never counted.

        Working days inside closed weeks count. Zero gives the day itself, worked or not.
        """
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        found, left = _in_range(day), abs(n)
        while left:
            found += step
            left -= self.is_working_day(found)
        return found

    def working_days_between(self, day: date, later: date) -> int:
        """Count the working days after a day up to and with a later one; none where it is no later."""
        known = self._between.get((day, later))
        if known is None:
            days = range(1, (later - day).days + 1)
            known = self._between[day, later] = sum(self.is_working_day(day + timedelta(days=n)) for n in days)
        return known

    def add_open_days(self, day: date, n: int) -> date:
        """Count n open days on from a day, back when n is negative; the day itself is never counted."""
        known = self._opened.get((day, n))
        if known is None:
            known = day
            for _ in range(abs(n)):
                known = self.next_open(known + _ONE_DAY) if n > 0 else self.previous_open(known - _ONE_DAY)
            self._opened[day, n] = known
        return known

    def _search_open(self, day: date, step: timedelta) -> date:
        for distance in range(_SEARCH_DAYS):
            found = day + distance * step
            if self.is_open(found):
                return found
        raise InvalidInput(
            "day", f"no open day within two years of {day}; take something out of closed_weeks or closed_dates"
        )

    def _off(self, day: date) -> Closed | None:
        """Say why a day is not worked."""
        public = self._holidays(_in_range(day).year)
        if day in public:
            return Closed(ClosedCode.HELLIGDAG, f"helligdag: {public[day]}")
        if day.isoweekday() >= 6:
            return Closed(ClosedCode.WEEKEND, "weekend")
        usual = self._usually_off(day)
        return Closed(ClosedCode.FRIDAG, usual) if usual else None

    def _usually_off(self, day: date) -> str | None:
        """Name a day that the settings hold off though no law does."""
        settings = self.settings
        match (day.month, day.day):
            case (5, 1) if settings.first_of_may:
                return "1. maj"
            case (6, 5) if settings.grundlovsdag:
                return "grundlovsdag"
            case (12, 24) if settings.christmas_eve:
                return "juleaftensdag"
            case (12, 31) if settings.new_years_eve:
                return "nytårsaftensdag"
        before = self._holidays(day.year).get(day - _ONE_DAY)
        if settings.friday_after_himmelfart and before == "Kristi himmelfartsdag":
            return "fredag efter Kristi himmelfartsdag"
        return None

    def _no_meetings(self, day: date) -> Closed | None:
        """Say why a working day holds no meetings."""
        if day in self.settings.closed_dates:
            return Closed(ClosedCode.DATO, "dagen er lukket i kalenderen")
        year, week, _ = day.isocalendar()
        # Week 1 may begin on 4 January; then New Year lay in the week before it, and people are back at work.
        is_closed = week in self.settings.closed_weeks and not (week == 1 and date(year, 1, 1).isoweekday() > 4)
        return Closed(ClosedCode.UGE, f"uge {week} er lukket") if is_closed else None

    def _holidays(self, year: int) -> Mapping[date, str]:
        """Give the public holidays of a year with Danish names in the case of running text."""
        if year not in self._years:
            found = country_holidays("DK", years=year, expand=False, language="da")
            self._years[year] = MappingProxyType({day: _in_text(name) for day, name in found.items()})
        return self._years[year]


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= require_date(day).year <= LAST_YEAR:
        raise InvalidInput("day", f"{day} is outside the calendar; give a day from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _in_text(name: str) -> str:
    """Write a holiday's name as inside a sentence: lower case except for Kristi."""
    return name if name.startswith("Kristi") else name[0].lower() + name[1:]
