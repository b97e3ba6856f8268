"""A window of days with its precision, and what Danish wording means by it; knows no closed days."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from ..errors import InvalidInput

Season = Literal["foraar", "sommer", "efteraar", "vinter"]
Part = Literal["primo", "medio", "ultimo"]


class Precision(StrEnum):
    """How exactly the source says when; ``derived`` is computed by us, ``open`` has an end nobody gave."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    PRIMO = "primo"
    MEDIO = "medio"
    ULTIMO = "ultimo"
    YEAR = "year"
    OPEN = "open"
    DERIVED = "derived"


WHOLE_MONTHS = frozenset(Precision) - {Precision.DAY, Precision.OPEN, Precision.DERIVED}
"""Precisions that speak of months: they move by whole months, never by weeks, and are told without a day."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hold the first and last day, both included; ``None`` is an end that is not known.

    Raises InvalidInput when the start lies after the end.
    """

    start: date | None
    end: date | None
    precision: Precision
    text: str = ""

    def __post_init__(self) -> None:
        if self.start and self.end and self.start > self.end:
            raise InvalidInput("end", f"{self.end} is before the start {self.start}; swap or correct them")

    def contains(self, day: date) -> bool:
        """Tell whether the day lies in the window; a missing end reaches for ever."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def midpoint(self) -> date | None:
        """Return the calendar day in the middle, the earlier of two; None while an end is missing."""
        if self.start is None or self.end is None:
            return None
        return self.start + (self.end - self.start) // 2

    def shift(self, days: int) -> "Window":
        """Move both ends by so many days; precision and text stay."""
        move = timedelta(days=days)
        return replace(
            self,
            start=None if self.start is None else self.start + move,
            end=None if self.end is None else self.end + move,
        )

    def shift_months(self, months: int) -> "Window":
        """Move both ends by whole months; the last day of a month stays the last day of a month.

        A season that lands between two seasons, a year that no longer starts in January and the month that
        "medio 2018" meant become a window of precision ``month``: the words no longer fit, the months do.
        """
        return replace(
            self,
            start=None if self.start is None else add_months(self.start, months),
            end=None if self.end is None else _end_after(self.end, months),
            precision=self._precision_after(months),
        )

    def _precision_after(self, months: int) -> Precision:
        match self.precision:
            case Precision.SEASON:
                step = 3
            case Precision.YEAR:
                step = 12
            case Precision.PRIMO | Precision.MEDIO | Precision.ULTIMO:
                step = 12 if self._is_a_whole_month() else 1
            case _:
                step = 1
        return Precision.MONTH if months % step else self.precision

    def _is_a_whole_month(self) -> bool:
        return self.start is not None and self.end == last_of_month(self.start) and self.start.day == 1


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, or the last of that month where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    return first.replace(day=min(day.day, last_of_month(first).day))


def _end_after(day: date, months: int) -> date:
    moved = add_months(day, months)
    return last_of_month(moved) if day == last_of_month(day) else moved


def last_of_month(day: date) -> date:
    """Return the last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def day_window(day: date, text: str = "") -> Window:
    """Return the window of one day."""
    return Window(day, day, Precision.DAY, text)


def month_window(year: int, month: int, text: str = "") -> Window:
    """Return the window of one month."""
    first = date(year, month, 1)
    return Window(first, last_of_month(first), Precision.MONTH, text)


def season_window(year: int, season: Season, text: str = "") -> Window:
    """Return three months: foraar March to May, sommer June to August, efteraar September to November.

    Vinter is December of the year to February of the next ("vinteren 2016" is the winter of 2016/17).
    """
    first = date(year, {"foraar": 3, "sommer": 6, "efteraar": 9, "vinter": 12}[season], 1)
    return Window(first, last_of_month(add_months(first, 2)), Precision.SEASON, text)


def part_window(part: Part, year: int, month: int | None, text: str = "") -> Window:
    """Return the beginning, middle or end of a month or, without a month, of a year.

    Of a month: days 1-10, 11-20 and 21 to the last. Of a year: January, June and December, as the programme
    documents use it ("frem til medio 2018" is until 30 June 2018).
    """
    if month is None:
        whole = month_window(year, {"primo": 1, "medio": 6, "ultimo": 12}[part])
        return replace(whole, precision=Precision(part), text=text)
    first = date(year, month, {"primo": 1, "medio": 11, "ultimo": 21}[part])
    last = last_of_month(first) if part == "ultimo" else first + timedelta(days=9)
    return Window(first, last, Precision(part), text)


def year_window(year: int, text: str = "") -> Window:
    """Return the window of one calendar year."""
    return Window(date(year, 1, 1), date(year, 12, 31), Precision.YEAR, text)
