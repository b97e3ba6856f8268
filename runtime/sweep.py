"""The sweep: claims what is due and decides it; one broken row stops nobody and never hides. Letters go elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from ..engine.values import SYSTEM
from ..engine.values.names import POKE
from ..notifications.logs import logger, place_of
from ..storage import DueTimer, UnitOfWork
from .running.telling import since
from .usecases.context import Context, Outcome
from .usecases.handling import Command, handle

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
"""How long a timer whose handling failed is put off, by the number of its failures; the last one repeats."""

BATCH = 50
"""How many timers a process claims at once: few enough that others find work as well, and hold the lock in between."""

BREATH = 0.002
"""Seconds between two batches on SQLite, which keeps no queue of writers: who waits looks only now and then."""

MOST_BATCHES = 4000
"""After so many batches a tick ends although something is due: a workflow that never rests must not keep it."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did: timers that it fired, and timers whose handling failed and will be tried again."""

    fired: int = 0
    failed: int = 0


log = logger("samskabt.runtime")


def always() -> bool:
    """Go on to the end."""
    return True


class Sweeper:
    """Fires due timers, by the same path for the ticker and for virtual time.

    Any number of sweepers may work on one database: each claims some timers with a lease, so that the work is shared,
    and decides them under their instances' locks, so that each fires once whatever became of the lease.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.owner = token_hex(8)
        # Elsewhere locks are taken in the order of the family, in which timers do not fall due.
        self._has_one_writer = context.store.dialect == "sqlite"

    def tick(self, go_on: Callable[[], bool] = always) -> SweepReport:
        """Fire everything that is due now, to the end or as long as told to; then note that the clock runs.

        A timer that fires may make others due at once (a child's decision pokes its parent), so it goes on until
        nothing is left; what fails is put off and told, and stops nobody.
        """
        fired = failed = 0
        for _ in range(MOST_BATCHES):
            now = self._context.clock.now()
            claimed = self._claim(now) if go_on() else ()
            done = self._handle_all(claimed, now, go_on)
            fired, failed = fired + done.count(True), failed + done.count(False)
            if not claimed:
                break
            if self._has_one_writer and len(claimed) == BATCH:
                time.sleep(BREATH)
        else:
            log.error("tick_did_not_rest", fired=fired, failed=failed)
        with self._context.begin() as uow:
            uow.registers.beat(self._context.clock.now())
        return SweepReport(fired, failed)

    def _claim(self, now: datetime) -> tuple[DueTimer, ...]:
        """Lease some of what is due; only when nothing else is left, one timer whose holder has died."""
        with self._context.store.read() as reader:
            if not reader.due(now, 1):
                return ()
        with self._context.begin() as uow:
            return uow.leases.take(now, BATCH, self.owner) or uow.leases.take_orphan(now, self.owner, RETRIES)

    def _handle_all(self, claimed: Sequence[DueTimer], now: datetime, go_on: Callable[[], bool]) -> list[bool | None]:
        """Handle what was claimed in the order in which it was due; what is not tried is given back."""
        done: list[bool | None] = []
        try:
            for group in _groups(claimed) if self._has_one_writer else ([timer] for timer in claimed):
                if not go_on():
                    break
                done.extend(self._handle(group, now))
        finally:
            if left := claimed[len(done) :]:
                self._give_back(left)
        return done

    def _handle(self, group: Sequence[DueTimer], now: datetime) -> Iterator[bool | None]:
        """Handle some timers in one transaction, or where one of them breaks each in its own."""
        done = self._at_once(group, now) if len(group) > 1 else None
        yield from done if done is not None else (self._guarded(timer, now) for timer in group)

    def _at_once(self, group: Sequence[DueTimer], now: datetime) -> Sequence[bool | None] | None:
        """Handle several timers in one transaction; None when one broke, and nothing has happened to any.

        Nobody is told of any of them before all are durable, so that a crash leaves all of them armed.
        """
        done: list[tuple[Outcome, float]] = []
        try:
            with self._context.begin() as uow:
                for timer in group:
                    begun = time.perf_counter()
                    done.append((self._decided(uow, timer, now), since(begun)))
        except Exception as error:
            log.warning("timers_one_by_one", count=len(group), error=type(error).__name__, place=place_of(error))
            return None
        return [_told(timer, outcome, ms) for timer, (outcome, ms) in zip(group, done, strict=True)]

    def _decided(self, uow: UnitOfWork, timer: DueTimer, now: datetime) -> Outcome:
        command = Command("timer", SYSTEM, {}, happened_at=min(timer.due_at, now), timer=timer.key)
        return handle(self._context, uow, timer.instance_id, command)

    def _give_back(self, timers: Sequence[DueTimer]) -> None:
        try:
            with self._context.begin() as uow:
                uow.leases.give_back(timers, self.owner)
        except Exception as error:  # The leases lapse by themselves.
            log.error("timers_not_given_back", count=len(timers), error=type(error).__name__, place=place_of(error))

    def poke(self, poked: Iterable[int]) -> None:
        """Let instances that a decision has poked look again at once, and those that they poke in turn.

        What caused it is committed already, so a failure here is not the caller's: the poke stays armed, for the
        sweep to try again.
        """
        waiting = list(poked)
        while waiting:
            instance_id = waiting.pop()
            try:
                waiting += self._poke(instance_id)
            except Exception as error:
                log.error("poke_failed", instance_id=instance_id, error=type(error).__name__, place=place_of(error))

    def _poke(self, instance_id: int) -> tuple[int, ...]:
        """Handle all pokes of an instance in one transaction; answer who was poked in turn."""
        poked: tuple[int, ...] = ()
        with self._context.begin() as uow:
            tried: set[str] = set()
            # Another thread may have handled the first one while we waited for the lock, but not those after it.
            while keys := uow.timers.pokes_of(instance_id) - tried:
                key = min(keys)
                tried.add(key)
                command = Command(POKE, SYSTEM, {}, happened_at=self._context.clock.now(), timer=key)
                poked += handle(self._context, uow, instance_id, command).poked
        return poked

    def next_due(self) -> datetime | None:
        """Say when the next timer, letter or mail of the outbox is due, to be woken for."""
        with self._context.store.read() as reader:
            due = (reader.next_due(), reader.posted.next_due())
        return min((at for at in due if at is not None), default=None)

    def _guarded(self, timer: DueTimer, now: datetime) -> bool | None:
        """Handle a timer: True when it fired here, False when that failed, None when somebody else was first."""
        begun = time.perf_counter()
        try:
            with self._context.begin() as uow:
                outcome = self._decided(uow, timer, now)
        except Exception as error:
            attempt = timer.attempts + (not timer.is_counted)
            put_off = RETRIES[min(attempt - 1, len(RETRIES) - 1)]
            log.error(
                "timer_failed",
                instance_id=timer.instance_id,
                timer=timer.key,
                attempt=attempt,
                error=type(error).__name__,
                place=place_of(error),
            )
            with self._context.begin() as uow:
                said = f"{type(error).__name__}: {error}"
                uow.timers.failed(timer.instance_id, timer.key, said, now + put_off, is_counted=timer.is_counted)
            return False
        return _told(timer, outcome, since(begun))


def _told(timer: DueTimer, outcome: Outcome, ms: float) -> bool | None:
    """Log that a timer fired, when that is durable; None when somebody else was first."""
    if timer.key not in outcome.fired:
        return None
    told = {"instance_id": timer.instance_id, "kind": outcome.kind, "revision": outcome.revision}
    log.info("timer_fired", timer=timer.key, ms=ms, **told)
    return True


def _groups(claimed: Sequence[DueTimer]) -> Iterator[list[DueTimer]]:
    """Cut what was claimed into groups, in order; what has failed before stands alone: it breaks no group again."""
    group: list[DueTimer] = []
    for timer in claimed:
        if timer.attempts:
            if group:
                yield group
            yield [timer]
            group = []
        else:
            group.append(timer)
    if group:
        yield group
