"""On which day something is put: open, free for those who meet, and spread over its window; sets none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from ....engine.civil.calendar import WorkingCalendar
from ....engine.compiled import Compiled
from ....engine.definition import Activity, Evaluation
from ....engine.requiring.days import stored_window
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


def room(
    compiled: Compiled, programme: InstanceView, view: InstanceView, earliest: date | None, today: date
) -> tuple[date, date]:
    """Give the days between which an instance is to be: its window, or the first weeks of its fase."""
    start, end = view.dates.planned_start, view.dates.planned_end
    if earliest is not None:
        return earliest, earliest + timedelta(days=20)
    if start is not None:
        return start, end or start
    found = compiled.paper.activity(view.key)
    phase = found.phase if isinstance(found, Activity | Evaluation) else None
    window = stored_window(programme.data, phase) if phase else None
    first = max((window or (None, None))[0] or today, today)
    return first, first + timedelta(days=45)


def many_of(compiled: Compiled, key: str) -> int:
    """Say how many of an activity there are, for them to spread over their window."""
    found = compiled.paper.activity(key)
    count = found.count if isinstance(found, Activity) else None
    return max(1, count.min) if count else 1
