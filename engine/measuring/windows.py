"""When something was measured, and whether two windows may be compared; moves no date and counts no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from ..civil.danish import join_and, plural, weekday_name
from ..values import Dates

MOST_NAMED = 4
"""How many closed days a note names before it only counts them."""


class WindowState(StrEnum):
    """Whether answers are still to come, are coming, or have come; a window that was called off never had any."""

    AHEAD = "ahead"
    OPEN = "open"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


STATES = {
    "planlagt": WindowState.AHEAD,
    "aaben": WindowState.OPEN,
    "lukket": WindowState.CLOSED,
    "afrapporteret": WindowState.CLOSED,
    "aflyst": WindowState.CALLED_OFF,
}
"""What the states of an evaluation (part ``programramme``) mean for its window; of other states, it is ahead."""


@dataclass(frozen=True, slots=True)
class MeasuredWindow:
    """One evaluation in one place: its days as they went, or as they are planned; ``kommune`` None: for all of them.

    ``is_reported``: its result has been told, so nothing more is added to it.
    """

    instance_id: int
    evaluation: str
    title: str
    state: WindowState
    start: date | None
    end: date | None
    kommune: str | None = None
    is_reported: bool = False

    @property
    def days(self) -> tuple[date, ...]:
        """List the days, none where an end is missing."""
        if self.start is None or self.end is None or self.end < self.start:
            return ()
        return tuple(self.start + timedelta(days=place) for place in range((self.end - self.start).days + 1))


def last_day_open(dates: Dates) -> date | None:
    """Give the last day on which a measurement that has closed was open: it closes by itself on the morning after."""
    end, planned = dates.actual_end, dates.planned_end
    return planned if planned is not None and end == planned + timedelta(days=1) else end


class ClosedDay(Protocol):
    """Why a day is closed, in Danish words."""

    @property
    def name(self) -> str:
        """Return the words."""


class Closings(Protocol):
    """What is asked of a calendar: whether a day is open, and why not."""

    def is_open(self, day: date, /) -> bool:
        """Tell whether meetings are planned on a day."""

    def closed_reason(self, day: date, /) -> ClosedDay | None:
        """Say why a day is closed; None when it is open."""


def unlike(one: MeasuredWindow, other: MeasuredWindow, calendar: Closings) -> tuple[str, ...]:
    """Say in Danish in what two windows differ so that their numbers cannot simply be compared; nothing when alike."""
    first, second = one.days, other.days
    if not first or not second:
        return ("Det ene vindues dage kendes ikke, så det vides ikke, om tallene kan sammenlignes.",)
    out = []
    if len(first) != len(second):
        out.append(f"Vinduerne er ikke lige lange: {plural(len(first), 'dag', 'dage')} og {len(second)}.")
    if first[0].isoweekday() != second[0].isoweekday():
        days = f"{weekday_name(first[0])} og {weekday_name(second[0])}"
        out.append(f"Vinduerne begynder på hver sin ugedag: {days}.")
    closed = [closed_days(days, calendar) for days in (first, second)]
    if len(closed[0]) != len(closed[1]):
        for window, found in zip((one, other), closed, strict=True):
            if found:
                out.append(f"»{window.title}« rummer {closed_text(found, calendar)}.")
    return tuple(out)


def unlike_instruments(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Say that two windows were measured with different instruments; nothing when they were the same."""
    first, second = sorted(set(one)), sorted(set(other))
    if first == second:
        return ()
    before, after = (join_and([f"»{name or 'uden navn'}«" for name in names]) for names in (first, second))
    return (f"Der er målt med noget andet: {before} og {after}.",)


def closed_days(days: Sequence[date], calendar: Closings) -> tuple[date, ...]:
    """List the days other than weekends on which nobody works or no meetings are held."""
    return tuple(day for day in days if day.isoweekday() < 6 and not calendar.is_open(day))


def closed_text(days: Sequence[date], calendar: Closings) -> str:
    """Name closed days in Danish: ``helligdag: skærtorsdag``; many are counted."""
    reasons = (calendar.closed_reason(day) for day in days)
    names = list(dict.fromkeys(why.name.removeprefix("helligdag: ") for why in reasons if why is not None))
    told = join_and(names[:MOST_NAMED]) if len(names) <= MOST_NAMED else f"{join_and(names[:MOST_NAMED])} m.fl."
    return f"{plural(len(days), 'lukket dag', 'lukkede dage')} ({told})"
