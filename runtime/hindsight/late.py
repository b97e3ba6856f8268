"""Lets a late registration be decided as if it had come in time: what the system did meanwhile is taken back first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.deciding.correct import correct
from ...engine.errors import Refused
from ...engine.hindsight.overtaken import is_late, overtaken, require_room, said_before, taking_back
from ...engine.hindsight.past import Past
from ...engine.values import SYSTEM, Decision, Event, Snapshot, TimerStatus
from ...storage import UnitOfWork
from .past import past_of

MOST_REPLAYED = 100
"""No late registration sets more of the system's own steps going; a workflow that never rests must not keep it."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What was taken back: the instance as it stands now, the decisions, and whether days must be planned anew."""

    snapshot: Snapshot
    taken: Sequence[Sequence[Past]] = ()
    rows: Sequence[Past] = ()
    replan: bool = False


def take_back_overtaken(uow: UnitOfWork, compiled: Compiled, snapshot: Snapshot, event: Event) -> Hindsight:
    """Take back, in the system's name, each of its steps that a late event overtakes; none in nearly all cases."""
    if not is_late(compiled, snapshot, event):
        return Hindsight(snapshot)
    identity, cause = snapshot.identity, taking_back(compiled, snapshot, event)
    rows = past_of(uow, identity.id)
    taken = overtaken(compiled, snapshot, event, rows)
    replan = False
    for decision in taken:
        said = said_before(snapshot, [decision])
        bore = any(compiled.bears(identity.kind, row.step.event, row.step.dest) for row in decision)
        recorded = [row.recorded for row in decision]
        undone = correct(compiled, snapshot, recorded, cause, event.recorded_at, bore=bore, replays=True)
        uow.record(snapshot, undone)
        replan = replan or undone.replan
        snapshot = replace(uow.load(identity, compiled.reach(identity.kind, None)), said=said)
    return Hindsight(snapshot, taken, rows, replan)


def replay_system(uow: UnitOfWork, compiled: Compiled, hindsight: Hindsight, decision: Decision) -> bool:
    """Let the system do again what still follows after a late event; tell whether days must be planned anew.

    Raises Refused where a person has registered something since that could not have been registered then.
    """
    if not hindsight.taken:
        return decision.replan
    event, said = decision.event, hindsight.snapshot.said
    require_room(event, decision, hindsight.taken, hindsight.rows)
    replan = decision.replan or hindsight.replan
    for again in (*_closings(compiled, hindsight), *[None] * MOST_REPLAYED):
        snapshot = _load(uow, compiled, hindsight.snapshot, said)
        found = again and replace(again, happened_at=_not_before(snapshot, again.happened_at))
        wanted = found or _next_move(compiled, snapshot, event.recorded_at)
        if wanted is None:
            return replan
        try:
            follows = decide(compiled, snapshot, replace(wanted, recorded_at=event.recorded_at), event.recorded_at)
        except Refused:
            continue
        uow.record(snapshot, follows)
        replan = replan or follows.replan
    return replan


def _load(uow: UnitOfWork, compiled: Compiled, before: Snapshot, said: frozenset[str]) -> Snapshot:
    identity = before.identity
    return replace(uow.load(identity, compiled.reach(identity.kind, None)), said=said)


def _closings(compiled: Compiled, hindsight: Hindsight) -> list[Event]:
    """What was closed with something above it is closed again, unless it has come to its end by itself now."""
    closes = compiled.machine(hindsight.snapshot.identity.kind).closes
    return [
        Event(closes, row.happened_at, row.recorded_at, SYSTEM, reason=row.reason)
        for taken in reversed(hindsight.taken)
        for row in taken
        if closes is not None and row.step.event == closes
    ]


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


def _not_before(snapshot: Snapshot, at: datetime) -> datetime:
    return max([at, *(entry.at for entry in snapshot.entered.values())])
