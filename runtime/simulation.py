"""Lives a programme in virtual time: timers and scheduled actions in order; decides nothing and knows no script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from heapq import heappop, heappush
from itertools import count

from ..engine.civil.calendar import WorkingCalendar
from ..engine.civil.instants import to_utc
from ..engine.errors import InvalidInput
from .clock import VirtualClock
from .engine import Engine

Action = Callable[[], None]

TEN = time(10)
"""When people act if nobody says otherwise: an hour after the morning's mails."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What a stretch of virtual time held; ``failed`` counts timers and mails whose handling broke."""

    stops: int = 0
    actions: int = 0
    fired: int = 0
    sent: int = 0
    withdrawn: int = 0
    held: int = 0
    failed: int = 0

    def __add__(self, other: Lived) -> Lived:
        """Add what happened afterwards."""
        return Lived(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


class Simulation:
    """Moves an engine's virtual clock from stop to stop: a due timer, an action, or both at one instant."""

    def __init__(self, engine: Engine, clock: VirtualClock) -> None:
        self.engine, self.clock = engine, clock
        self._waiting: list[tuple[datetime, int, Action]] = []
        self._number = count()

    def at(self, instant: datetime, action: Action) -> None:
        """Let something happen at an instant (aware); actions of one instant happen in the order they were given.

        Raises InvalidInput for an instant before the present one.
        """
        now = self.clock.now()
        if instant < now:
            raise InvalidInput("instant", f"{instant} lies before {now}; schedule what is still to come")
        heappush(self._waiting, (instant, next(self._number), action))

    def run_until(self, instant: datetime, progress: Callable[[datetime], None] | None = None) -> Lived:
        """Live up to and including an instant; ``progress`` hears of every stop. Answers what happened on the way."""
        total = Lived()
        while (stop := self._next_stop()) is not None and stop <= instant:
            self.clock.move_to(max(stop, self.clock.now()))
            total = self._live(total)
            if progress is not None:
                progress(self.clock.now())
        self.clock.move_to(max(instant, self.clock.now()))
        return total

    def _next_stop(self) -> datetime | None:
        timer = self.engine.sweeper.next_due()
        action = self._waiting[0][0] if self._waiting else None
        return min((stop for stop in (timer, action) if stop is not None), default=None)

    def _live(self, total: Lived) -> Lived:
        """Let timers queue their mails, then people act, then the mails go out: so an answer in time withdraws one."""
        swept = self.engine.tick()
        acted = 0
        while self._waiting and self._waiting[0][0] <= self.clock.now():
            heappop(self._waiting)[2]()
            acted += 1
        told = self.engine.deliver()
        return Lived(
            stops=total.stops + 1,
            actions=total.actions + acted,
            fired=total.fired + swept.fired,
            sent=total.sent + told.sent,
            withdrawn=total.withdrawn + told.withdrawn,
            held=total.held + told.held,
            failed=total.failed + swept.failed + told.failed,
        )


def office_hours(calendar: WorkingCalendar, day: date, at: time = TEN) -> datetime:
    """Give the first instant on or after a day when people are at work and not on holiday, in UTC."""
    return to_utc(calendar.next_open(day), at)
