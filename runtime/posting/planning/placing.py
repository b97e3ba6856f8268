"""Into which letter a mail to a person goes, and when, or why it waits; asks what there is, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol, TypeAlias

from ....engine.civil.calendar import WorkingCalendar
from ....engine.civil.danish import long_date, plural
from ....engine.civil.instants import local_date, to_utc
from ....engine.values import Intent, OutboxRow
from ....storage import LetterRow
from ..restraint import Digest, Restraint
from .windows import Windows, week_of

ALONE = frozenset({Intent.INVITATION, Intent.CANCELLATION})
ONCE = "hoejst_en_gang"
"""The value of a mail that must not be sent again where a mail server may have taken it."""

LEAST_TO_KEEP_ONE = 3
"""From this budget on the last letter of a week is kept for what is urgent, until the week's last working day."""


class Shelf(Protocol):
    """What placing asks of the letters that there are."""

    def find(self, key: str) -> LetterRow | None:
        """Answer the letter of a key."""

    def used(self, person_id: int, week: str, but: int = 0) -> int:
        """Count a person's letters with reminders in an ISO week."""


@dataclass(frozen=True, slots=True)
class Place:
    """A letter for a mail: one that is open (``joins``), or one to be opened under ``key``."""

    key: str
    shape: str
    day: date
    cut_at: datetime
    not_before: datetime
    is_urgent: bool = False
    is_once: bool = False
    joins: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a mail stands in no letter yet, in Danish, and when it is looked at again."""

    until: datetime
    why: str


Placed: TypeAlias = "Place | Wait"


class Placing:
    """Places mails under one restraint; ``calendars`` are those of kommuner with closed days of their own."""

    def __init__(
        self, restraint: Restraint, calendar: WorkingCalendar, calendars: Mapping[str, WorkingCalendar]
    ) -> None:
        self.restraint = restraint
        self._windows = Windows(restraint, calendar)
        self._of = {kommune: Windows(restraint, own) for kommune, own in calendars.items()}

    def windows(self, kommune: str | None) -> Windows:
        """Give the hours of a kommune, or those of everybody."""
        return self._of.get(kommune or "", self._windows)

    def place(
        self, shelf: Shelf, row: OutboxRow, person_id: int, now: datetime, *, urgent: bool, weekly: bool | None
    ) -> Placed:
        """Find the letter for a mail to one person; ``weekly`` is the person's own wish, if there is one."""
        is_once = row.nudge.values.get(ONCE) is True
        if row.nudge.intent in ALONE or is_once or self.restraint.digest is Digest.OFF:
            return self._alone(shelf, row, person_id, now, urgent=urgent, is_once=is_once)
        is_weekly = self.restraint.digest is Digest.WEEK if weekly is None else weekly
        return self._in_digest(shelf, row, person_id, now, urgent=urgent, weekly=is_weekly and not urgent)

    def short(
        self, shelf: Shelf, windows: Windows, person_id: int, day: date, *, urgent: bool, but: int = 0
    ) -> Wait | None:
        """Say why one more letter with reminders does not fit into a day's week; None where it does."""
        budget, week = self.restraint.budget, day.isocalendar().week
        if budget is None:
            return None
        used = shelf.used(person_id, week_of(day), but)
        if used >= budget:
            until = windows.first_after_week(day)
            return _wait(until, f"budgettet på {plural(budget, 'mail', 'mails')} i uge {week} er brugt")
        last = windows.last_of_week(day)
        if urgent or budget < LEAST_TO_KEEP_ONE or used < budget - 1 or day >= last:
            return None
        return _wait(last, f"den sidste af de {budget} mails i uge {week} er gemt til det, der haster")

    def _alone(
        self, shelf: Shelf, row: OutboxRow, person_id: int, now: datetime, *, urgent: bool, is_once: bool
    ) -> Placed:
        windows = self.windows(row.kommune)
        opens = windows.next_open(now)
        hurries = opens > now and _meets_by(row, local_date(now), local_date(opens))
        at = windows.awake(now) if hurries else opens
        day = local_date(at)
        if row.nudge.intent is Intent.NUDGE:
            wait = self.short(shelf, windows, person_id, day, urgent=urgent)
            if wait is not None:
                return wait
        note = "" if at == now else ("mødet er før næste arbejdstid" if hurries else "venter på arbejdstid")
        return Place(f"mail:{row.id}:{person_id}", "mail", day, now, at, hurries, is_once, None, note)

    def _in_digest(
        self, shelf: Shelf, row: OutboxRow, person_id: int, now: datetime, *, urgent: bool, weekly: bool
    ) -> Placed:
        windows = self.windows(row.kommune)
        day = windows.digest_on(row.queued_at, now, weekly=weekly)
        expires = row.nudge.expires_at
        if urgent and expires is not None and windows.next_open(now) < expires <= windows.cut(day):
            return self._alone(shelf, row, person_id, now, urgent=urgent, is_once=False)
        while (there := shelf.find(_digest_key(person_id, day))) is not None and not _is_free(there):
            day = windows.digest_after(day, now, weekly=weekly)
        is_open = there is not None and there.status == "pending"
        uses_budget = row.nudge.intent is Intent.NUDGE and not (there is not None and is_open and there.has_nudge)
        if uses_budget and (wait := self.short(shelf, windows, person_id, day, urgent=urgent)) is not None:
            return wait
        cut = windows.cut(day)
        note = "går i ugens samlede mail" if weekly else "går i dagens samlede mail"
        joins = there.id if there is not None and is_open else None
        return Place(_digest_key(person_id, day), "digest", day, cut, max(now, cut), joins=joins, note=note)


def _digest_key(person_id: int, day: date) -> str:
    return f"digest:{person_id}:{day.isoformat()}"


def _is_free(there: LetterRow) -> bool:
    """Tell whether a digest may hold more: it has not gone, or it was empty before it was ever tried."""
    return there.may_grow or (there.status == "withdrawn" and not there.attempts)


def _meets_by(row: OutboxRow, today: date, last: date) -> bool:
    """Tell whether what people are invited to, or what is called off, lies between today and a day: it was or is."""
    if row.nudge.intent not in ALONE:
        return False
    told = (row.nudge.values.get(name) for name in ("dato", "tidligere"))
    planned = row.dates.planned_start
    found = {_day(value) for value in told if isinstance(value, str)} | ({planned} if planned else set())
    return any(day is not None and today <= day <= last for day in found)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _wait(until: date, why: str) -> Wait:
    return Wait(to_utc(until, time()), f"venter til {long_date(until)}: {why}")
