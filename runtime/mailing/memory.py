"""What reminders led to: whether a step followed, and who is to be called instead of written to once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.calendar import WorkingCalendar
from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.definition import Workflow
from ...engine.errors import NotFound
from ...engine.values import Entry, Intent, Json, Nudge, OutboxRow, Recipient
from ...storage import Open, UnitOfWork
from ..usecases.context import Context
from .wording import asks_for_a_step

DAYS = 5
"""So many working days a step may take to follow a reminder."""

MOST_IN_SILENCE = 3
"""After so many reminders of one thing that led to nothing, a person is called instead."""

LEAST = 5
"""Of fewer reminders nothing is told: it would be about single people."""

CALL = "ring_i_stedet"
"""The text and the reason of the mail to whoever is to call."""

CALLERS = ("projektleder", "programkonsulent", "klk_konsulent", "partskonsulent")
"""Who calls: the first of these roles that somebody else has."""

MONTHLY = "monthly"
"""The anchor of what comes every month and asks for nothing."""

PER_ROUND = 5_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a reminder: when a step followed it within the time, None where none did."""

    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What reminders of one text led to; where there are fewer than five, nothing is told."""

    template: str
    sent: int | None
    moved: int | None
    share: float | None


def verdict(
    sent_at: datetime, entry: Entry | None, entry_seq: int | None, now: datetime, calendar: WorkingCalendar
) -> Verdict | None:
    """Judge a reminder by how its region was entered last; None where it is too early to say. Pure.

    It worked when the region has left the stay that it was about within five working days after the day it was sent.
    """
    last = calendar.add_working_days(local_date(sent_at), DAYS)
    if entry_seq is not None and entry is not None and entry.seq != entry_seq:
        moved_at = max(entry.at, sent_at)
        return Verdict(moved_at if local_date(moved_at) <= last else None)
    return Verdict(None) if entry_seq is None or local_date(now) > last else None


class Memory:
    """The memory of an engine's reminders."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._judged_on: date | None = None

    def judge(self, now: datetime) -> int:
        """Judge, once a day, the reminders for which it is time; answer how many they were."""
        today = local_date(now)
        if today == self._judged_on:
            return 0
        with self._context.store.look() as uow:
            found = [(one, self._verdict(one, now)) for one in uow.outcomes.open(PER_ROUND)]
        judged = [(one, said) for one, said in found if said is not None]
        if judged:
            with self._context.begin() as uow:
                for one, said in judged:
                    uow.outcomes.judge(one.letter_id, one.outbox_id, said.moved_at, now)
        self._judged_on = today
        return len(judged)

    def told(self, programme_id: int | None = None) -> tuple[Remembered, ...]:
        """Tell by text what reminders of a programme, or of all, led to. Raises NotFound for what is no programme.

        Of texts that ask for no step, and of what comes every month, there is nothing to tell.
        """
        with self._context.store.look() as uow:
            if programme_id is not None and uow.identity(programme_id).programme_id != programme_id:
                raise NotFound("programme", programme_id)
            found = uow.outcomes.summed(programme_id)
        sums: dict[str, tuple[int, int]] = {}
        for one in found:
            workflow = self._context.compiled(one.workflow_hash).workflow
            if asks_for_a_step(workflow, one.template) and not _is_monthly(workflow, one.why):
                sent, moved = sums.get(one.template, (0, 0))
                sums[one.template] = sent + one.sent, moved + one.moved
        return tuple(_row(template, *counts) for template, counts in sorted(sums.items()))

    def objection(
        self, uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime
    ) -> Mapping[int, str]:
        """Say who has had reminders enough of a thing, and ask, once, somebody to call each of them instead."""
        nudge = row.nudge
        if nudge.intent is not Intent.NUDGE or nudge.why == CALL or nudge.entry_seq is None:
            return {}
        compiled = self._context.compiled(row.workflow_hash, uow)
        if _is_monthly(compiled.workflow, nudge.why):
            return {}
        found = ((one.person_id, self._silence(uow, compiled, row, one, now)) for one in people)
        return {number: reason for number, reason in found if reason is not None}

    def _silence(
        self, uow: UnitOfWork, compiled: Compiled, row: OutboxRow, person: Recipient, now: datetime
    ) -> str | None:
        """Say that a person has had reminders enough, and queue the call."""
        nudge = row.nudge
        assert nudge.entry_seq is not None
        had = uow.outcomes.unanswered(person.person_id, row.instance_id, nudge.why, nudge.entry_seq)
        if had < MOST_IN_SILENCE:
            return None
        role = _caller(uow, compiled, row, person, local_date(now))
        if role is None:
            return None
        key = f"ring/{person.person_id}/{nudge.why}/{nudge.region}/{nudge.entry_seq}"
        values: dict[str, Json] = {"hvem": person.name}
        call = Nudge(key, Intent.NUDGE, CALL, role, CALL, nudge.region, nudge.entry_seq, values)
        uow.outbox.queue(uow.identity(row.instance_id), (call,), now)
        return f"modtageren har fået {had} mails om det uden svar; rollen {role.replace('_', ' ')} er bedt om at ringe"

    def _verdict(self, one: Open, now: datetime) -> Verdict | None:
        entry = one.entered.get(one.region) if one.region is not None else None
        return verdict(one.sent_at, entry, one.entry_seq, now, self._context.calendar)


def _caller(uow: UnitOfWork, compiled: Compiled, row: OutboxRow, person: Recipient, today: date) -> str | None:
    """Find the role that is to call: one of the programme that somebody else than the silent one has."""
    for role in CALLERS:
        if role in compiled.workflow.roles and role != row.nudge.role:
            holders = uow.registers.recipients(role, row.programme_id, row.kommune, today)
            if holders and all(one.person_id != person.person_id for one in holders):
                return role
    return None


def _is_monthly(workflow: Workflow, why: str) -> bool:
    rule = workflow.reminders.get(why)
    return rule is not None and rule.anchor == MONTHLY


def _row(template: str, sent: int, moved: int) -> Remembered:
    if sent < LEAST:
        return Remembered(template, None, None, None)
    return Remembered(template, sent, moved, round(moved / sent, 3))
