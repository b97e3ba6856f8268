"""Derives an instance's timers from its position and days, and compares them with those it has; arms none by itself.

The timers of an instance are a pure function of where it stands: so a moved anchor, a late registration and a
restored state need no rules of their own, and a doctor can check every timer against its anchor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from types import MappingProxyType

from ..civil.instants import ZONE, local_date, to_utc
from ..compiled import Compiled
from ..definition import Reminder
from ..definition.workflow import RESPONSIBLE
from ..pausing.pauses import PAUSE_END, PAUSE_IS_OVER, days_paused, own_pause, paused_since, spans
from ..reminding.rungs import anchor_of, days_of, has_room, landed
from ..reminding.settling import is_settled
from ..requiring.view import View
from ..values import Entry, Intent, Lateness, Timer, TimerStatus
from ..values.names import POKE, PROGRAMME, base_key
from .gates import is_gated


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What to arm (anew, or again with a higher generation) and which keys to retire."""

    arm: tuple[Timer, ...]
    cancel: tuple[str, ...]


def derive(view: View, entered: Mapping[str, Entry]) -> tuple[Timer, ...]:
    """List every timer that an instance standing so should have had since it came to stand so, in rung order.

    While it is paused only those remain that were due before, and those that keep running.
    """
    out: list[Timer] = []
    for rule in view.compiled.rules.standing(view.identity.kind, view.position):
        if applies(view.compiled, rule.reminder, view.identity.key):
            out += _of_place(rule.name, rule.reminder, rule.place, view, entered)
    return (*out, *_of_pause(view, entered))


def reminder_of(compiled: Compiled, name: str) -> Reminder:
    """Give a reminder by its name: one of the workflow's, or the builtin one of a pause that should be over."""
    return compiled.workflow.reminders[name] if name != PAUSE_IS_OVER else _pause_is_over()


@cache
def _pause_is_over() -> Reminder:
    return Reminder(
        title="Pausen skulle være slut",
        on=PROGRAMME,
        during=("*",),
        anchor=PAUSE_END,
        to=(RESPONSIBLE,),
        text=PAUSE_IS_OVER,
        in_pause=True,
        stops="Kommer kun én gang",
    )


def _of_pause(view: View, entered: Mapping[str, Entry]) -> Iterator[Timer]:
    """Give the timer of the day on which the instance's own pause should be over."""
    pause = own_pause(view.data, view.identity.kind)
    if pause is not None and pause.until is not None:
        region = next(iter(view.compiled.machine(view.identity.kind).regions))
        place = f"{region}.{view.position[region]}"
        yield from _of_place(PAUSE_IS_OVER, _pause_is_over(), place, view, entered)


def applies(compiled: Compiled, rule: Reminder, key: str) -> bool:
    """Tell whether a reminder is meant for an instance, by its activity's key or kind."""
    if rule.only_if == "gate_opened" or (rule.only_if == "gate_unmet" and not is_gated(compiled, key)):
        return False
    if not rule.only:
        return True
    activity = compiled.paper.activity(key)
    return base_key(key) in rule.only or getattr(activity, "kind", None) in rule.only


def reconcile(
    live: Sequence[Timer],
    wanted: Sequence[Timer],
    now: datetime,
    *,
    silent: bool = False,
    loud: frozenset[str] = frozenset(),
    said: frozenset[str] = frozenset(),
    rules: Mapping[str, Reminder] = MappingProxyType({}),
    begun_on: date | None = None,
) -> Reconciled:
    """Compare the timers that an instance has with those it should have.

    A timer whose time is already past fires at once, or is kept as skipped, as its lateness says; of the rungs of
    one rule that say the same to the same (which ``rules`` tell) only the newest is sent, so that catching up is never
    a burst, and what has been sent of the same day, or is among ``said``, is not sent again. ``silent`` (restoring a
    former state) skips everything that is past, but for the rules that are ``loud``. ``begun_on`` is the local day on
    which an instance was entered, with its first days: nobody is reminded of what was over by then.
    """
    known = {timer.key: timer for timer in live if timer.rule != POKE}
    newest = {_saying(timer, rules): timer.key for timer in wanted if timer.due_at <= now}
    spoken = {(saying_of(timer), timer.due_at) for timer in live if timer.status is TimerStatus.FIRED}
    arm = []
    for timer in wanted:
        before = known.pop(timer.key, None)
        if before is not None and before.due_at == timer.due_at and not _has_new_anchor(before, timer):
            continue
        if before is not None:
            if before.status is not TimerStatus.ARMED and timer.due_at <= now:
                continue
            timer = replace(timer, generation=before.generation + 1)
        is_said = saying_of(timer) in said or (before is None and (saying_of(timer), timer.due_at) in spoken)
        is_silent = (silent and timer.rule not in loud) or _was_over(timer, begun_on, rules)
        is_only_late = timer.lateness is Lateness.SKIP or newest.get(_saying(timer, rules)) != timer.key
        if timer.due_at <= now and (is_said or is_silent or is_only_late):
            timer = replace(timer, status=TimerStatus.SKIPPED)
        arm.append(timer)
    return Reconciled(tuple(arm), tuple(known))


def rung_of(timer_key: str) -> int:
    """Give the rung of a reminder, counted from 1."""
    return int(timer_key.rpartition("#")[2])


def saying_of(timer: Timer) -> str:
    """Name what a timer says, whichever state entry it says it of: ``rule#rung``."""
    return f"{timer.rule}#{rung_of(timer.key)}"


def region_of(timer: Timer) -> str:
    """Give the region whose state a timer hangs on; empty for a poke."""
    return timer.anchor.partition("/")[0].rpartition(".")[0]


def newer_rungs(timer: Timer, others: Iterable[Timer], now: datetime) -> frozenset[int]:
    """Number the later rungs of the same occurrence that are due, or that another process has fired already."""
    same = (other for other in others if _occurrence(other) == _occurrence(timer) and _has_its_turn(other, now))
    return frozenset(rung for other in same if (rung := rung_of(other.key)) > rung_of(timer.key))


def _has_its_turn(timer: Timer, now: datetime) -> bool:
    return timer.status is TimerStatus.FIRED or (timer.status is TimerStatus.ARMED and timer.due_at <= now)


def _of_place(name: str, rule: Reminder, place: str, view: View, entered: Mapping[str, Entry]) -> Iterator[Timer]:
    region = place.partition(".")[0]
    entry = entered[region]
    anchor_day = anchor_of(rule, entry, view)
    if anchor_day is None or is_settled(rule, region, view):
        return
    compiled = view.compiled
    still = paused_since(view.data)
    occurrence = f"{region}.{entry.seq}"
    if rule.only_if is not None:
        # One mail about one day, in whichever of its states the activity stands when it comes near.
        place, occurrence = f"{region}.*", f"{region}.{anchor_day:%Y%m%d}"
    counted = list(days_of(rule, anchor_day, view))
    days = counted
    if rule.anchor == "entered" and not rule.in_pause:
        since = max(entry.at, to_utc(anchor_day, time()))
        days = [_after_pauses(day, rule, since, view) for day in counted]
    if rule.fires is None:
        days = landed(rule, counted, days, anchor_day, compiled.calendar)
    for rung, day in enumerate(days, 1):
        is_ahead = counted[rung - 1] < anchor_day
        if is_ahead and not has_room(rule, rung, day, local_date(entry.at), compiled.calendar):
            continue
        if still is not None and compiled.due_at(day, rule.at) > still and not rule.in_pause:
            continue
        yield Timer(
            key=f"{name}:{occurrence}#{rung}",
            rule=name,
            anchor=f"{place}/{rule.anchor}",
            anchor_value=entry.at.isoformat() if rule.anchor == "entered" else anchor_day.isoformat(),
            local_on=day,
            local_at=rule.at,
            zone=ZONE.key,
            calendar_version=compiled.calendar_version,
            due_at=compiled.due_at(day, rule.at),
            lateness=rule.lateness_of(rung),
        )


def _after_pauses(day: date, rule: Reminder, since: datetime, view: View) -> date:
    """Move a day that was still to come when a pause began by the calendar days of that pause."""
    for span in spans(view.data):
        if view.compiled.due_at(day, rule.at) > span[0]:
            day += days_paused(since, span)
    return day


def _has_new_anchor(before: Timer, timer: Timer) -> bool:
    """Tell whether an armed timer now hangs on another day, though that leads to the same instant."""
    return before.status is TimerStatus.ARMED and before.anchor_value != timer.anchor_value


def _was_over(timer: Timer, begun_on: date | None, rules: Mapping[str, Reminder]) -> bool:
    """Tell whether a timer reminds of a day before an instance was entered.

    What moves a process moves it late too, and an answer to what was entered is no reminder.
    """
    rule = rules.get(timer.rule)
    if begun_on is None or rule is None or rule.fires is not None or rule.intent is Intent.NOTICE:
        return False
    value = timer.anchor_value
    is_instant = timer.anchor.endswith("/entered")
    return (local_date(datetime.fromisoformat(value)) if is_instant else date.fromisoformat(value)) < begun_on


def _saying(timer: Timer, rules: Mapping[str, Reminder]) -> object:
    """Tell rungs apart by occurrence, and those of a ladder by whom they write to and what they say."""
    rule = rules.get(timer.rule)
    return (_occurrence(timer), rule.rung(rung_of(timer.key)) if rule is not None else None)


def _occurrence(timer: Timer) -> str:
    return timer.key.rpartition("#")[0]
