"""The sweep: claims what is due and decides it; one broken row stops nobody and never hides. Letters go elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..engine.definition import Workflow
from ..engine.values import SYSTEM, OutboxRow
from ..engine.values.names import POKE
from ..notifications import Text, find_text
from ..notifications.logs import logger, place_of
from ..storage import DueTimer
from .usecases.context import Context
from .usecases.handling import Command, handle

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
"""How long a timer whose handling failed is put off, by the number of its failures; the last one repeats."""

BATCH = 200
MOST_BATCHES = 1000
"""After so many batches a tick ends although something is due: a workflow that never rests must not keep it."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep did: timers that it fired, and timers whose handling failed and will be tried again."""

    fired: int = 0
    failed: int = 0


log = logger("samskabt.runtime")


class Sweeper:
    """Fires due timers, by the same path for the ticker and for virtual time.

    Any number of sweepers may work on one database: a timer is claimed by deciding it, under its instance's lock.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def tick(self) -> SweepReport:
        """Fire everything that is due now, to the end; then note that the clock runs.

        A timer that fires may make others due at once (a child's decision pokes its parent), so it goes on until
        nothing is left; what fails is put off and told, and stops nobody.
        """
        fired = failed = 0
        for _ in range(MOST_BATCHES):
            now = self._context.clock.now()
            due = self._due(now)
            for timer in due:
                done = self._guarded(timer, now)
                fired, failed = fired + (done is True), failed + (done is False)
            if not due:
                break
        else:
            log.error("tick_did_not_rest", fired=fired, failed=failed)
        with self._context.begin() as uow:
            uow.registers.beat(self._context.clock.now())
        return SweepReport(fired, failed)

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
                log.error("poke_failed", instance_id=instance_id, error=type(error).__name__, at=place_of(error))

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

    def _due(self, now: datetime) -> Sequence[DueTimer]:
        with self._context.store.read() as reader:
            return reader.due(now, BATCH)

    def _guarded(self, timer: DueTimer, now: datetime) -> bool | None:
        """Handle a timer: True when it fired here, False when that failed, None when somebody else was first."""
        try:
            with self._context.begin() as uow:
                command = Command("timer", SYSTEM, {}, happened_at=min(timer.due_at, now), timer=timer.key)
                fired = timer.key in handle(self._context, uow, timer.instance_id, command).fired
        except Exception as error:
            put_off = RETRIES[min(timer.attempts, len(RETRIES) - 1)]
            log.error(
                "timer_failed",
                instance_id=timer.instance_id,
                timer=timer.key,
                attempt=timer.attempts + 1,
                error=type(error).__name__,
                at=place_of(error),
            )
            with self._context.begin() as uow:
                uow.timers.failed(timer.instance_id, timer.key, f"{type(error).__name__}: {error}", now + put_off)
            return False
        return True if fired else None


def texts_of(context: Context) -> Callable[[OutboxRow], Text]:
    """Find a mail's words: the workflow's own, else the standard ones."""

    def text(row: OutboxRow) -> Text:
        return find_text(row.nudge.template, own_texts(context.compiled(row.workflow_hash).workflow))

    return text


def own_texts(workflow: Workflow) -> dict[str, Text]:
    """Give a workflow's own words as the notifications know them."""
    return {name: Text(text.subject, text.body, text.stops, text.action) for name, text in workflow.texts.items()}
