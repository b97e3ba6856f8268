"""On which day something is put: open, free for those who meet, and spread over its window; sets none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from ....engine.civil.calendar import WorkingCalendar
from ....storage import InstanceView

TRIES = 10
"""Open days that are looked at for one on which nobody of those who meet has another meeting."""


def free_day(calendar: WorkingCalendar, day: date, busy: set[date], last: date) -> date:
    """Find an open day from this one on without another meeting, not after the programme's last."""
    first = found = calendar.next_open(day)
    for _ in range(TRIES):
        if found not in busy:
            break
        found = calendar.next_open(found + timedelta(days=1))
    chosen = first if found > last else found
    return calendar.previous_open(last) if chosen > last else chosen


def days_taken(views: Iterable[InstanceView]) -> dict[str | None, set[date]]:
    """Give the days on which somebody meets: kommune (None: in common) -> days."""
    taken: dict[str | None, set[date]] = {}
    for one in views:
        if one.kind == "meeting" and one.dates.precision == "day" and one.dates.planned_start:
            taken.setdefault(one.kommune, set()).add(one.dates.planned_start)
    return taken


def place(key: str, stream: Random, many: int) -> float:
    """Say where in its window something lies, from 0 to 1: the second of four in the second quarter."""
    number = int(key.partition("#")[2] or 1)
    return (min(number, many) - 1 + stream.random()) / many
