"""Decides: from a workflow, a snapshot and an event to a decision, or to every refusal at once; does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from .civil.instants import local_date
from .compiled import Compiled
from .compiling import Firing
from .deciding.births import Newborn
from .deciding.draft import Draft
from .deciding.effects import reminder_nudges
from .deciding.fields import refuse_unknown
from .deciding.finish import PLAN, WAKE, birth, finish, nothing
from .deciding.records import dates_applied, mapping
from .definition import Reminder
from .definition.reminding.reminders import MONTHLY
from .errors import Refused
from .pausing.events import is_builtin, pause_or_resume, standing_still
from .pausing.pauses import spans
from .planning.gates import unmet
from .planning.timers import newer_rungs, reminder_of, rung_of
from .values import (
    SYSTEM,
    ActorKind,
    Birth,
    Data,
    Decision,
    Event,
    Facts,
    Json,
    Lateness,
    Refusal,
    Snapshot,
    StepKind,
    Strength,
    Timer,
    TimerStatus,
)
from .values.names import POKE, PROGRAMME


def decide(compiled: Compiled, snapshot: Snapshot, event: Event, now: datetime) -> Decision:
    """Answer one event.

    A person's event moves the regions that it names, then joins settle, then timers are derived anew. When what is
    above has moved, the system's ``vaek`` lets the joins settle and moves nothing itself. A timer's event
    (``event.timer`` is its key) sends its mails or fires its move by the same rules; one that is no longer armed, or
    not due at ``now``, decides nothing; one that is skipped when late fires into nothing once its day is over. Raises
    Refused with every missing requirement, NotFound for an event or field that the kind does not have, InvalidInput
    for a value of the wrong type.
    """
    refuse_impossible_times(event, now)
    if event.timer is not None:
        return _decide_timer(compiled, snapshot, event, now)
    draft = Draft(compiled, snapshot, event)
    if event.name == PLAN and event.actor == SYSTEM:
        draft.plan(dates_applied(snapshot.dates, mapping(event.data.get("dates"))), mapping(event.data.get("data")))
    elif is_builtin(compiled, snapshot, event):
        pause_or_resume(draft)
    elif event.name != WAKE or event.actor.kind not in (ActorKind.SYSTEM, ActorKind.IMPORT):
        firings = compiled.firings(draft.kind, event.name)
        if (paused := standing_still(compiled, snapshot, event)) is not None:
            raise Refused(event.name, [paused])
        refuse_unknown(event, compiled.takes(draft.kind, event.name))
        _fire(draft, firings)
    return finish(draft, now)


def found(compiled: Compiled, event: Event, title: str, data: Data) -> Birth:
    """Bring a programme into the world: its own first decision, with the births of its level's activities."""
    newborn = Newborn(PROGRAMME, compiled.workflow.key, title, None, data)
    return birth(compiled, newborn, event, Facts())


def refuse_impossible_times(event: Event, now: datetime) -> None:
    """Raise Refused for what has not happened yet."""
    if event.happened_at > now or event.recorded_at > now:
        values: dict[str, Json] = {"happened_at": event.happened_at.isoformat(), "now": now.isoformat()}
        raise Refused(event.name, [Refusal("i_fremtiden", "happened_at", Strength.HARD, values)])


def _fire(draft: Draft, firings: Sequence[Firing]) -> None:
    """Fire an event's moves in order; every refusal of all of them is told at once."""
    for firing in firings:
        draft.fire(firing)
    if draft.refusals:
        raise Refused(draft.event.name, draft.refusals)


def _decide_timer(compiled: Compiled, snapshot: Snapshot, event: Event, now: datetime) -> Decision:
    """Let a due timer do what its rule says, and mark it as fired in the same decision."""
    draft = Draft(compiled, snapshot, event)
    due = {timer.key: timer for timer in snapshot.timers if timer.status is TimerStatus.ARMED and timer.due_at <= now}
    timer = due.get(event.timer or "")
    if timer is None:
        return nothing(draft)
    if timer.rule == POKE:
        pokes = {key: one for key, one in due.items() if one.rule == POKE}
        happened = max(datetime.fromisoformat(one.anchor_value) for one in pokes.values())
        poked = replace(event, name=POKE, happened_at=happened)
        return replace(finish(Draft(compiled, snapshot, poked), now), fired=tuple(pokes))
    rule = reminder_of(compiled, timer.rule)
    if timer.lateness is Lateness.SKIP and local_date(now) > timer.local_on:
        return _skipped(draft, timer)
    if rule.fires is None:
        newer = newer_rungs(timer, snapshot.timers, now)
        if any(rule.rung(rung) == rule.rung(rung_of(timer.key)) for rung in newer):
            return _skipped(draft, timer)
        lacking = unmet(draft.view(timer.anchor.partition(".")[0])) if rule.only_if is not None else ()
        if rule.only_if is not None and not lacking:
            return _skipped(draft, timer)
        nudges = reminder_nudges(draft, rule, timer, lacking, newer)
        if not nudges and (rule.ladder or rule.about or rule.anchor == MONTHLY):
            return _skipped(draft, timer)
        return replace(nothing(draft), nudges=nudges, fired=(timer.key,))
    decision = _fire_for_timer(draft, rule, timer, now)
    return replace(decision, fired=(timer.key,))


def _skipped(draft: Draft, timer: Timer) -> Decision:
    """Use a due timer up without a mail, and keep it as skipped: as fired it would be a mail that was lost."""
    kept = replace(timer, status=TimerStatus.SKIPPED)
    return replace(nothing(draft), arm=(kept,), fired=(timer.key,))


def _fire_for_timer(draft: Draft, rule: Reminder, timer: Timer, now: datetime) -> Decision:
    """Fire a timer's event in the system's name; when it is refused, history says so and nothing moves."""
    compiled, kind = draft.compiled, draft.kind
    name = rule.fires or ""
    firings = compiled.firings(kind, name)
    # What fell due during a pause happens when that is over.
    resumed = [end for start, end in spans(draft.data) if start <= timer.due_at < end]
    left = [draft.entered[firing.region] for firing in firings]
    happened = max([timer.due_at, *resumed, *(entry.at for entry in left)])
    # Due before the instance was there at all: it was begun on a day in the past.
    is_new = any(entry.seq == 1 and timer.due_at < entry.at for entry in left)
    event = replace(draft.event, name=name, happened_at=happened, reason=rule.title)
    trial = Draft(compiled, draft.snapshot, event)
    try:
        _fire(trial, firings)
    except Refused as refused:
        trial = Draft(compiled, draft.snapshot, event)
        trial.note(StepKind.TIMER, tuple(refusal.code for refusal in refused.refusals))
    return finish(trial, now, retired=timer.key, is_new=is_new)
