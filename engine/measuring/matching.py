"""Finds the window that is most like a baseline's near a day; reads no rule of a plan and writes no words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..civil.windows import Window
from .windows import Closings, closed_days

REACH_WEEKS = 8
"""How far from its place a window may be moved to be like another: farther away it would measure something else."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where the window begins and ends; the closed days that it avoids, and those that it could not."""

    start: date
    end: date
    avoided: tuple[date, ...] = ()
    kept: tuple[date, ...] = ()


def match(wanted: date, first: date, last: date, bounds: Window, calendar: Closings) -> Match:
    """Find the window nearest to ``wanted`` that is like the one from ``first`` to ``last``.

    As long, from the same weekday, and with no more closed days than that one has; where none within reach and bounds
    is so, the one with the fewest. Earlier goes before later at the same distance.
    """
    length = last - first
    most = len(closed_days(_days(first, length), calendar))
    starts = list(_starts(wanted, first, length, bounds))
    closed = {start: closed_days(_days(start, length), calendar) for start in starts}
    nearest = starts[0]
    chosen = next((start for start in starts if len(closed[start]) <= most), None)
    if chosen is None:
        chosen = min(starts, key=lambda start: len(closed[start]))
    avoided = tuple(day for day in closed[nearest] if day not in closed[chosen])
    kept = closed[chosen] if len(closed[chosen]) > most else ()
    return Match(chosen, chosen + length, avoided, kept)


def _days(start: date, length: timedelta) -> tuple[date, ...]:
    return tuple(start + timedelta(days=place) for place in range(length.days + 1))


def _starts(wanted: date, first: date, length: timedelta, bounds: Window) -> Iterator[date]:
    """List the first days with the right weekday, the nearest first; those outside the bounds only if all are."""
    offset = (first.isoweekday() - wanted.isoweekday()) % 7
    steps = [offset + 7 * week for week in range(-REACH_WEEKS, REACH_WEEKS)]
    found = [wanted + timedelta(days=step) for step in sorted(steps, key=lambda step: (abs(step), step))]
    inside = [start for start in found if bounds.contains(start) and bounds.contains(start + length)]
    yield from inside or found
