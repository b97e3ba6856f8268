"""Examines timers against their anchors and mails against what caused them; knows no history beyond the instance's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from ...engine.compiled import Compiled
from ...engine.deciding.draft import Draft
from ...engine.deciding.effects import roles_of
from ...engine.deciding.records import entry_read
from ...engine.planning.timers import derive, rung_of
from ...engine.requiring.view import View
from ...engine.values import SYSTEM, Event, Timer, TimerStatus
from ...engine.values.names import POKE
from ...storage import OutboxView, TimerView
from ..posting.sending import LEASE
from .case import GRACE, Case, Finding, snapshot_of

LIVE = frozenset({TimerStatus.ARMED, TimerStatus.FIRED, TimerStatus.SKIPPED})
_REMINDER = re.compile(r"(?P<timer>.+:[^/]+\.\d+#\d+)/g(?P<generation>\d+)/(?P<role>[^/]+)")
_NOTICE = re.compile(r"(?P<event>[^/#]+):(?P<seq>\d+)/(?P<text>[^/]+)/(?P<role>[^/]+)")


def timer_findings(case: Case, compiled: Compiled) -> Iterator[Finding]:
    """Check that the timers are those that follow from where the instance stands, and that what is due is handled."""
    wanted = {timer.key: timer for timer in derive(_view(case, compiled), case.instance.entered)}
    rows = {row.timer.key: row for row in case.timers}
    for key, timer in wanted.items():
        row = rows.get(key)
        if row is None or row.timer.status not in LIVE:
            has = "is not there" if row is None else f"is {row.timer.status}"
            yield case.found("timer_missing", f"timer {key} {has}; it should be due at {timer.due_at.isoformat()}")
        else:
            yield from _compared(case, row.timer, timer)
    for row in rows.values():
        if row.timer.status is TimerStatus.ARMED:
            if row.timer.key not in wanted and row.timer.rule != POKE:
                where = row.timer.anchor.partition("/")[0]
                yield case.found("timer_left", f"timer {row.timer.key} is armed for {where}, where it does not stand")
            yield from _waiting(case, row)
        elif row.timer.status is TimerStatus.FIRED:
            yield from _fired(case, compiled, row.timer)


def mail_findings(case: Case) -> Iterator[Finding]:
    """Check that each mail has a cause and one row, that what was sent is proved, and that nothing waits for ever."""
    keys: set[str] = set()
    timers = {row.timer.key: row.timer for row in case.timers}
    for mail in case.mails:
        if mail.nudge.key in keys:
            yield case.found("mail_doubled", f"mail {mail.id} has the key {mail.nudge.key} of another")
        keys.add(mail.nudge.key)
        if not _has_cause(case, mail, timers):
            yield case.found("mail_uncaused", f"mail {mail.id} ({mail.nudge.key}) follows from nothing that happened")
        if mail.status == "sent" and not mail.deliveries and not (mail.result or {}).get("note"):
            yield case.found("mail_unproven", f"mail {mail.id} is marked sent, but nobody got it")
        if mail.status == "pending" and mail.not_before + GRACE < case.now:
            since = mail.not_before.isoformat()
            yield case.found("mail_waiting", f"mail {mail.id} waits since {since} ({mail.last_error})")
        yield from _moot(case, mail)


def _view(case: Case, compiled: Compiled) -> View:
    view = case.instance
    event = Event("", case.now, case.now, SYSTEM)
    identity, region = view.identity, next(iter(view.position))
    return View(compiled, identity, region, view.position, view.data, view.dates, case.facts, event)


def _compared(case: Case, stored: Timer, wanted: Timer) -> Iterator[Finding]:
    """Compare a live timer with the one that follows from its anchor; what has fired keeps the day it fired for."""
    if stored.status is not TimerStatus.ARMED:
        is_spent = stored.due_at == wanted.due_at and stored.status is TimerStatus.FIRED
        if wanted.due_at > case.now and not is_spent:
            due = wanted.due_at.isoformat()
            yield case.found("timer_missing", f"timer {stored.key} is {stored.status}, but should be due at {due}")
    elif stored.due_at != wanted.due_at:
        due = f"{stored.due_at.isoformat()}; its anchor {wanted.anchor} says {wanted.due_at.isoformat()}"
        yield case.found("timer_moved", f"timer {stored.key} is due at {due}")
    elif (stored.anchor, stored.anchor_value) != (wanted.anchor, wanted.anchor_value):
        said = f"{stored.anchor} = {stored.anchor_value}; that is {wanted.anchor} = {wanted.anchor_value} now"
        yield case.found("timer_anchor", f"timer {stored.key} hangs on {said}")


def _waiting(case: Case, row: TimerView) -> Iterator[Finding]:
    """Look at an armed timer: tried in vain, or passed by although the clock ran."""
    timer = row.timer
    if row.attempts:
        again = f"again at {row.retry_at.isoformat()}" if row.retry_at else "again at the next tick"
        yield case.found("timer_failing", f"timer {timer.key} failed {row.attempts} times ({row.last_error}), {again}")
    armed = max((one.recorded_at for one in case.rows), default=timer.due_at)
    waits = max(timer.due_at, row.retry_at or timer.due_at, timer.due_at if timer.rule == POKE else armed)
    if case.heartbeat is not None and waits + GRACE < case.heartbeat:
        beat = case.heartbeat.isoformat()
        yield case.found("timer_overdue", f"timer {timer.key} waits since {waits.isoformat()}, last tick {beat}")


def _fired(case: Case, compiled: Compiled, timer: Timer) -> Iterator[Finding]:
    """Look at a timer that has fired: not before its time, and not without a mail where it had to send one."""
    if timer.due_at > case.now:
        yield case.found("timer_early", f"timer {timer.key} has fired, but is due at {timer.due_at.isoformat()}")
    rule = compiled.workflow.reminders.get(timer.rule)
    if rule is None or rule.fires is not None:
        return
    draft = Draft(compiled, snapshot_of(case.instance), Event("", case.now, case.now, SYSTEM))
    begins = f"{timer.key}/g{timer.generation}/"
    # Which roles were meant is not asked: a later version may resolve them to others than the one that sent.
    if roles_of(draft, rule.rung(rung_of(timer.key))[0]) and not any(
        mail.nudge.key.startswith(begins) for mail in case.mails
    ):
        yield case.found("mail_lost", f"timer {timer.key} has fired, but no mail {begins} was queued")


def _has_cause(case: Case, mail: OutboxView, timers: Mapping[str, Timer]) -> bool:
    """Tell whether a fired timer or a row of history asked for a mail; keys of other forms are not judged."""
    key, role = mail.nudge.key, mail.nudge.role
    if reminder := _REMINDER.fullmatch(key):
        timer = timers.get(reminder["timer"])
        has_fired = timer is not None and (
            int(reminder["generation"]) < timer.generation
            or (int(reminder["generation"]) == timer.generation and timer.status in ("fired", "done"))
        )
        return has_fired and reminder["role"] == role
    if notice := _NOTICE.fullmatch(key):
        seq = int(notice["seq"])
        row = case.rows[seq - 1] if 1 <= seq <= len(case.rows) else None
        return row is not None and row.event == notice["event"] and notice["role"] == role
    return True


def _moot(case: Case, mail: OutboxView) -> Iterator[Finding]:
    """Look whether a mail went out after what it is about was over; what was claimed before it may still arrive."""
    nudge = mail.nudge
    for delivery in mail.deliveries:
        before = delivery.at - LEASE
        if nudge.expires_at is not None and nudge.expires_at <= before:
            yield case.found(
                "mail_moot", f"mail {mail.id} expired at {nudge.expires_at.isoformat()}, sent {delivery.at}"
            )
            return
        if nudge.region is None or nudge.entry_seq is None:
            continue
        if nudge.entry_seq not in _entries(case, nudge.region, before, delivery.at):
            place = f"{nudge.region} (row {nudge.entry_seq})"
            yield case.found("mail_moot", f"mail {mail.id} is about {place}, which was left when it went {delivery.at}")
            return


def _entries(case: Case, region: str, first: datetime, last: datetime) -> set[int]:
    """List the entries in which a region stood, as was known between two instants."""
    standing, known = 1, set[int]()
    before = True
    for row in case.rows:
        if before and row.recorded_at > first:
            known.add(standing)
            before = False
        if row.recorded_at > last:
            return known
        if row.region == region and row.to_state and row.to_state != row.from_state:
            standing = entry_read(row.changes["entered"]).seq if "entered" in row.changes else row.seq
            known |= set() if before else {standing}
    return known | {standing}
