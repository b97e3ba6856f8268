"""Whether a person wants a mail: opted out, paused, once a week; reads what is kept, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from ....engine.civil.danish import long_date
from ....engine.civil.instants import local_date, to_utc
from ....engine.values import Intent, OutboxRow
from ....storage import Wish
from .placing import ALONE, Wait

ALL = ""


def kinds_of(row: OutboxRow) -> tuple[str, ...]:
    """Name the kinds of mail that a row is, as wishes name them: all, its text, its programme."""
    return (ALL, f"text:{row.nudge.template}", f"programme:{row.programme_id}")


def refused(wishes: Mapping[str, Wish], row: OutboxRow) -> str | None:
    """Say that a person does not want a mail; invitations and cancellations are no matter of choice."""
    if row.nudge.intent in ALONE:
        return None
    found = [wishes[kind] for kind in kinds_of(row) if kind in wishes]
    if any(one.opted_out for one in found if one.kind != ALL or row.nudge.intent is Intent.NUDGE):
        return "modtageren har sagt nej tak til de mails"
    return None


def paused(wishes: Mapping[str, Wish], row: OutboxRow, now: datetime) -> Wait | None:
    """Say until when a person wants no such mails; None where they are wanted now."""
    if row.nudge.intent in ALONE:
        return None
    pauses = (wishes[kind].paused_until for kind in kinds_of(row) if kind in wishes)
    last: date | None = max((day for day in pauses if day is not None), default=None)
    if last is None or last < local_date(now):
        return None
    back = last + timedelta(days=1)
    return Wait(to_utc(back, time()), f"venter til {long_date(back)}: modtageren holder pause fra mails")


def weekly(wishes: Mapping[str, Wish]) -> bool | None:
    """Tell whether a person wants one mail a week; None where nothing is said."""
    digest = wishes[ALL].digest if ALL in wishes else None
    return None if digest is None else digest == "week"
