"""When people do what comes next: by the instance's own days, else at a pace of weeks; takes no step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ....engine.civil.calendar import WorkingCalendar
from ....engine.civil.instants import local_date
from ....engine.compiled import Compiled
from ....engine.requiring.days import stored_window
from ....engine.values.names import LIFE, PHASE_REGION
from ....storage import InstanceView
from .course import Step

SETS_DATES = timedelta(weeks=7)
"""How long before a meeting its day is set, and how long before that day people are invited."""
INVITES = timedelta(weeks=5)
LONG = 480
"""Days of a programme in which people take their time; in shorter ones everything goes faster."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The pace of one rehearsal, between the first and the last day of its programme."""

    compiled: Compiled
    calendar: WorkingCalendar
    seed: int
    first: date
    last: date

    def due(self, view: InstanceView, step: Step) -> date:
        """Say on which day people take this step if nothing hinders them."""
        entered = local_date(view.entered[step.region].at)
        if step.move is not None and self.is_dated(view.kind):
            return self._by_days(view, step, entered)
        if view.kind == "programme" and step.region == LIFE:
            return entered if view.position[LIFE] == self.compiled.region("programme", LIFE).initial else self.last
        if (day := self._by_fase(view, step)) is not None:
            return max(entered, day)
        return entered + self._pace(view, step, 5, 20)

    def _by_fase(self, view: InstanceView, step: Step) -> date | None:
        """Say when people begin or end a fase that they live themselves: on the days of its own window."""
        if not step.region.startswith(PHASE_REGION):
            return None
        start, end = stored_window(view.data, step.region.removeprefix(PHASE_REGION)) or (None, None)
        final = self.compiled.region(view.kind, step.region).states[step.dest].final
        return end if final else start

    def is_dated(self, kind: str) -> bool:
        """Tell whether instances of a kind have days of their own."""
        regions = self.compiled.machine(kind).regions.values()
        return any(move.dates for region in regions for move in region.moves.values())

    def _by_days(self, view: InstanceView, step: Step, entered: date) -> date:
        dates, move = view.dates, step.move
        start, end = dates.planned_start, dates.planned_end
        match move.dates if move else None:
            case "planned":
                return start - SETS_DATES if start else entered + self._pace(view, step, 3, 10)
            case "actual_start":
                return start or entered + self._pace(view, step, 8, 20)
            case "actual" | "actual_end":
                if end is None:
                    return (dates.actual_start or entered) + self._pace(view, step, 10, 25)
                return self.calendar.previous_open(min(end, self.last)) if move and move.dates == "actual_end" else end
            case _:
                if dates.actual_end is None and start is not None:
                    return start - INVITES
                return entered + self._pace(view, step, 2, 8)

    def _pace(self, view: InstanceView, step: Step, low: int, high: int) -> timedelta:
        """Draw how many days somebody takes, the same for the same seed."""
        stream = Random(f"{self.seed}/{view.kommune}/{view.key}/{view.id}/{step.region}/{step.dest}")
        share = min(1.0, max(0.2, (self.last - self.first).days / LONG))
        return timedelta(days=max(1, round(stream.randint(low, high) * share)))
