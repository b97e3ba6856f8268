"""Lets a late registration be decided as if it had come in time: what the system did meanwhile is taken back first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...engine.compiled import Compiled
from ...engine.deciding.correct import correct
from ...engine.hindsight.overtaken import is_late, overtaken, require_room, said_before, taking_back
from ...engine.hindsight.past import Past, was_closed
from ...engine.values import SYSTEM, Decision, Event, Snapshot, TimerStatus
from ...storage import UnitOfWork
from ..continuity.below import unless_refused
from .past import past_of

MOST_REPLAYED = 100
"""No late registration sets more of the system's own steps going; a workflow that never rests must not keep it."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The instance as it stands now, and what was taken back of it: the rows, and the decisions that did so."""

    snapshot: Snapshot
    taken: Sequence[Sequence[Past]] = ()
    undone: tuple[Decision, ...] = ()


def take_back_overtaken(uow: UnitOfWork, compiled: Compiled, snapshot: Snapshot, event: Event) -> Hindsight:
    """Take back, in the system's name, each of its steps that a late event overtakes; none in nearly all cases."""
    if not is_late(compiled, snapshot, event):
        return Hindsight(snapshot)
    identity, cause = snapshot.identity, taking_back(compiled, snapshot, event)
    taken = overtaken(compiled, snapshot, event, past_of(uow, identity.id))
    undone = []
    for decision in taken:
        said = said_before(compiled, snapshot, [decision])
        bore = any(compiled.bears(identity.kind, row.step.event, row.region, row.enters) for row in decision)
        recorded = [row.recorded for row in decision]
        undone.append(correct(compiled, snapshot, recorded, cause, event.recorded_at, bore=bore, replays=True))
        uow.record(snapshot, undone[-1])
        snapshot = replace(uow.load(identity, compiled.relations.reach(identity.kind, None)), said=said)
    return Hindsight(snapshot, taken, tuple(undone))


def replay_system(
    uow: UnitOfWork, compiled: Compiled, hindsight: Hindsight, decision: Decision
) -> tuple[Decision, ...]:
    """Let the system do again, in the order of time, what still follows after a late event.

    Answers all that was decided besides the event. What was told before is not told again. Raises Refused where a
    person has registered something since that could not have been registered then.
    """
    if not hindsight.taken:
        return ()
    identity, now, out = hindsight.snapshot.identity, decision.event.recorded_at, list(hindsight.undone)
    told = {row.step.event for taken in hindsight.taken for row in taken}
    closings = _closings(compiled, hindsight)
    for _ in range(MOST_REPLAYED):
        snapshot = uow.load(identity, compiled.relations.reach(identity.kind, None))
        snapshot = replace(snapshot, said=hindsight.snapshot.said)
        found = [one for one in (_next_move(compiled, snapshot, now), *closings[:1]) if one is not None]
        if not found:
            break
        event = min(found, key=lambda one: one.happened_at)
        if event in closings:
            closings.remove(event)
            latest = max(entry.at for entry in snapshot.entered.values())
            event = replace(event, happened_at=max(event.happened_at, latest))
        follows = unless_refused(compiled, snapshot, replace(event, recorded_at=now))
        if follows is None:  # It has come to its end by itself now, so there is nothing left to close.
            continue
        out.append(replace(follows, nudges=() if follows.event.name in told else follows.nudges))
        uow.record(snapshot, out[-1])
    require_room(decision.event, hindsight.taken, past_of(uow, identity.id))
    return tuple(out)


def _closings(compiled: Compiled, hindsight: Hindsight) -> list[Event]:
    """List what was closed with something above it: it is closed again, at the time when that was."""
    kind = hindsight.snapshot.identity.kind
    rows = [row for taken in reversed(hindsight.taken) for row in taken if was_closed(compiled, kind, row)]
    return [Event(row.step.event, row.happened_at, row.recorded_at, SYSTEM, reason=row.reason) for row in rows]


def _next_move(compiled: Compiled, snapshot: Snapshot, now: datetime) -> Event | None:
    """Find the first due timer that moves the instance itself; those that send mails wait for the sweep."""
    due = [
        timer
        for timer in snapshot.timers
        if timer.status is TimerStatus.ARMED
        and timer.due_at <= now
        and timer.rule in compiled.workflow.reminders
        and compiled.workflow.reminders[timer.rule].fires
    ]
    first = min(due, key=lambda timer: (timer.due_at, timer.key), default=None)
    return None if first is None else Event(first.rule, first.due_at, now, SYSTEM, timer=first.key)
