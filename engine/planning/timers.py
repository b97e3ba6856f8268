"""Derives an instance's timers from its position and days, and compares them with those it has; arms none by itself.

The timers of an instance are a pure function of where it stands: so a moved anchor, a late registration and a
restored state need no rules of their own, and a doctor can check every timer against its anchor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import assert_never

from ..civil.calendar import WorkingCalendar
from ..civil.instants import ZONE, local_date
from ..civil.windows import add_months
from ..compiled import Compiled
from ..definition import Offset, Reminder
from ..definition.machine import FIELD_ANCHOR
from ..definition.workflow import RESPONSIBLE
from ..pausing.pauses import PAUSE_END, PAUSE_IS_OVER, days_paused, own_pause, paused_since, spans
from ..requiring.days import window_of
from ..requiring.view import View
from ..values import Entry, Lateness, Timer, TimerStatus
from ..values.kept import LAST_DAY
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
) -> Reconciled:
    """Compare the timers that an instance has with those it should have.

    A timer whose time is already past fires at once, or is kept as skipped, as its lateness says; of the rungs of
    one rule only the newest is sent, so that catching up is never a burst, and what has been sent of the same day, or
    is among ``said``, is not sent again. ``silent`` (restoring a former state) skips everything that is past, but for
    the rules that are ``loud``.
    """
    known = {timer.key: timer for timer in live if timer.rule != POKE}
    newest = {_occurrence(timer): timer.key for timer in wanted if timer.due_at <= now}
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
        if timer.due_at <= now:
            is_said = saying_of(timer) in said or (before is None and (saying_of(timer), timer.due_at) in spoken)
            is_silent = silent and timer.rule not in loud
            if is_silent or is_said or timer.lateness is Lateness.SKIP or _is_overtaken(timer, newest):
                timer = replace(timer, status=TimerStatus.SKIPPED)
        arm.append(timer)
    return Reconciled(tuple(arm), tuple(known))


def add_offset(day: date, offset: Offset, calendar: WorkingCalendar, times: int = 1) -> date:
    """Count an offset from a day, ``times`` over; a month later is the same day of the month, or its last."""
    amount = offset.amount * times
    match offset.unit:
        case "arbejdsdage":
            return calendar.add_working_days(day, amount) if amount else day
        case "uger":
            return day + timedelta(weeks=amount)
        case "maaneder":
            return add_months(day, amount)
        case "dage":
            return day + timedelta(days=amount)
        case _ as never:
            assert_never(never)


def rung_of(timer_key: str) -> int:
    """Give the rung of a reminder, counted from 1."""
    return int(timer_key.rpartition("#")[2])


def saying_of(timer: Timer) -> str:
    """Name what a timer says, whichever state entry it says it of: ``rule#rung``."""
    return f"{timer.rule}#{rung_of(timer.key)}"


def region_of(timer: Timer) -> str:
    """Give the region whose state a timer hangs on; empty for a poke."""
    return timer.anchor.partition("/")[0].rpartition(".")[0]


def is_newer(other: Timer, timer: Timer) -> bool:
    """Tell whether it is a later rung of the same occurrence: then only that one is worth a mail."""
    return _occurrence(other) == _occurrence(timer) and rung_of(other.key) > rung_of(timer.key)


def _of_place(name: str, rule: Reminder, place: str, view: View, entered: Mapping[str, Entry]) -> Iterator[Timer]:
    region = place.partition(".")[0]
    entry = entered[region]
    found = _anchor(rule, entry, view)
    if found is None:
        return
    anchor_day, anchor_value = found
    compiled = view.compiled
    calendar = compiled.calendar
    still = paused_since(view.data)
    occurrence = f"{region}.{entry.seq}"
    if rule.only_if is not None:
        # One mail about one day, in whichever of its states the activity stands when it comes near.
        place, occurrence = f"{region}.*", f"{region}.{anchor_day:%Y%m%d}"
    for rung in range(1, rule.times + 1):
        day = add_offset(anchor_day, rule.offset, calendar)
        if rule.every is not None and rung > 1:
            day = add_offset(day, rule.every, calendar, rung - 1)
        if rule.anchor == "entered" and not rule.in_pause:
            day = _after_pauses(day, rule, entry.at, view)
        if rule.fires is None:
            day = calendar.next_open(day)
        if still is not None and compiled.due_at(day, rule.at) > still and not rule.in_pause:
            continue
        yield Timer(
            key=f"{name}:{occurrence}#{rung}",
            rule=name,
            anchor=f"{place}/{rule.anchor}",
            anchor_value=anchor_value,
            local_on=day,
            local_at=rule.at,
            zone=ZONE.key,
            calendar_version=compiled.calendar_version,
            due_at=compiled.due_at(day, rule.at),
            lateness=rule.lateness,
        )


def _after_pauses(day: date, rule: Reminder, since: datetime, view: View) -> date:
    """Move a day that was still to come when a pause began by the calendar days of that pause."""
    for span in spans(view.data):
        if view.compiled.due_at(day, rule.at) > span[0]:
            day += days_paused(since, span)
    return day


def _anchor(rule: Reminder, entry: Entry, view: View) -> tuple[date, str] | None:
    """Find the day that a reminder counts from, and the value it stands on; None while there is no such day."""
    if rule.anchor == "entered":
        return local_date(entry.at), entry.at.isoformat()
    if rule.anchor == "planned_start":
        day = view.dates.planned_start
    elif rule.anchor == "planned_end":
        day = view.dates.planned_end
    elif rule.anchor == "last_day":
        day = _last_day(view)
    elif rule.anchor == PAUSE_END:
        pause = own_pause(view.data, view.identity.kind)
        day = pause.until if pause else None
    elif rule.anchor.startswith(FIELD_ANCHOR):
        written = view.data.get(rule.anchor.removeprefix(FIELD_ANCHOR))
        day = date.fromisoformat(written) if isinstance(written, str) else None
    elif rule.anchor == "enrolment":
        day = window_of(rule.anchor, view)[1]  # A deadline is its last day, also when the document names a month.
    elif rule.anchor.startswith("end_of_"):
        day = window_of(rule.anchor.removeprefix("end_of_"), view)[1]
    else:
        day = window_of(rule.anchor, view)[0]
    return None if day is None else (day, day.isoformat())


def _last_day(view: View) -> date | None:
    """Give the last day on which a measurement may be taken: as planned, or before the change that it guards."""
    end, guard = view.dates.planned_end, view.data.get(LAST_DAY)
    return min(end, date.fromisoformat(guard)) if end is not None and isinstance(guard, str) else end


def _has_new_anchor(before: Timer, timer: Timer) -> bool:
    """Tell whether an armed timer now hangs on another day, though that leads to the same instant."""
    return before.status is TimerStatus.ARMED and before.anchor_value != timer.anchor_value


def _is_overtaken(timer: Timer, newest: Mapping[str, str]) -> bool:
    """Tell whether a later rung of the same occurrence is due as well."""
    return newest[_occurrence(timer)] != timer.key


def _occurrence(timer: Timer) -> str:
    return timer.key.rpartition("#")[0]
