"""On which day something is put: open, free for all who meet, and spread over its window; sets none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from .....engine.civil.calendar import WorkingCalendar
from .....engine.compiled import Compiled
from .....engine.definition import Activity, Evaluation
from .....engine.requiring.days import stored_window
from .....engine.values.names import MEETING, base_key
from .....storage import InstanceView
from ....continuity.bookings import people_of
from ..desk import Desk


def free_day(calendar: WorkingCalendar, wanted: date, busy: set[date], window: tuple[date, date], last: date) -> date:
    """Find an open day that is not busy: from the wanted one on to the end of the window, before it, then after it.

    Nothing lies after ``last``. Where every day is busy, it is the first open one from the wanted on: that it collides
    is then refused, and told, by the engine.
    """
    low, high = window[0], min(window[1], last)
    first = calendar.next_open(min(wanted, last))
    if first > last:
        first = calendar.previous_open(last)
    spans = ((first, high, 1), (first, low, -1), (max(first, high), last, 1))
    for begin, end, step in spans:
        for number in range(abs((end - begin).days) + 1 if (end - begin).days * step >= 0 else 0):
            day = begin + timedelta(days=number * step)
            if day not in busy and calendar.is_open(day):
                return day
    return first


@dataclass(slots=True)
class Diary:
    """Who is at which meeting, and so the days on which they are busy, in common and in all kommuner."""

    desk: Desk
    _people: dict[int, frozenset[int]] = field(default_factory=dict)

    def busy(self, view: InstanceView) -> set[date]:
        """Give the days on which somebody who is to be at a meeting is at another."""
        own = self._people_of(view)
        found: set[date] = set()
        for one, first, last in self._dated():
            if one.id != view.id and own & self._people_of(one):
                found |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
        return found

    def together(self, view: InstanceView) -> date | None:
        """Give the day of the meeting with which the document lets this one be held, once it has a day."""
        activity = self.desk.compiled.paper.activity(view.key)
        names = activity.held_with if isinstance(activity, Activity) else ()
        return next(
            (day for one, day, _ in self._dated() if one.kommune == view.kommune and base_key(one.key) in names), None
        )

    def _dated(self) -> Iterator[tuple[InstanceView, date, date]]:
        """List the meetings that have a day and are not called off, with their first and last day."""
        for one in self.desk.family.now():
            first = one.dates.actual_start or one.dates.planned_start
            if one.kind != MEETING or one.dates.precision != "day" or first is None:
                continue
            if not self.desk.compiled.is_called_off(one.kind, one.position):
                yield one, first, max(first, one.dates.actual_end or one.dates.planned_end or first)

    def _people_of(self, view: InstanceView) -> frozenset[int]:
        """Name the people whom a meeting is for; a rehearsal's people stay who they are."""
        if view.id not in self._people:
            context, today = self.desk.engine.context, self.desk.today()
            with context.store.read() as reader:
                found = people_of(reader.registers, lambda _: self.desk.compiled, view.identity, today)
                self._people[view.id] = frozenset(person.person_id for person in found)
        return self._people[view.id]


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
