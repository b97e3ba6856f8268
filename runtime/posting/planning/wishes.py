"""Whether a person wants a mail: opted out, paused, once a week; reads what is kept, and changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from ....engine.civil.danish import long_date
from ....engine.civil.instants import local_date, to_utc
from ....engine.values import Intent, OutboxRow
from ....engine.values.names import EVALUATION
from ....notifications import MESSAGE
from ....storage import Wish
from ....storage.posting.returned import ADDRESS
from ..restraint import Digest
from .placing import ALONE, Wait

ALL = ""
"""What the row of wishes is called that speaks of all reminders, and of pauses from everything."""

EVERYTHING, EVALUATIONS, NEWS, MESSAGES = "alle", "evaluering", "nyt", "beskeder"
"""Sorts of mail: all but invitations and cancellations; of evaluations; of what happened; what colleagues write."""

PAUSED = "modtageren holder pause fra mails"
REFUSED = "modtageren har sagt nej tak til de mails"


def kinds_of(row: OutboxRow) -> tuple[str, ...]:
    """Name the kinds of mail that a row is, as wishes name them: all, its sorts, its text, its programme."""
    sorts = [EVERYTHING]
    if row.kind == EVALUATION:
        sorts.append(EVALUATIONS)
    if row.nudge.why == MESSAGE:
        sorts.append(MESSAGES)
    elif row.nudge.intent is Intent.NOTICE:
        sorts.append(NEWS)
    return (ALL, *sorts, f"text:{row.nudge.template}", f"programme:{row.programme_id}")


def refused(wishes: Mapping[str, Wish], row: OutboxRow, today: date) -> str | None:
    """Say that a person does not want a mail; invitations and cancellations are no matter of choice."""
    if row.nudge.intent in ALONE:
        return None
    found = [wishes[kind] for kind in kinds_of(row) if kind in wishes]
    if any(is_out(one, today) for one in found if one.kind != ALL or row.nudge.intent is Intent.NUDGE):
        return REFUSED
    return None


def is_out(wish: Wish, today: date) -> bool:
    """Tell whether a person wants no mails of a kind on a day."""
    return wish.opted_out and (wish.out_until is None or today <= wish.out_until)


def address_hash(email: str) -> str:
    """Know an address again without keeping it; one that is mended is another."""
    return hashlib.sha256(email.strip().casefold().encode()).hexdigest()[:24]


def has_returned(wishes: Mapping[str, Wish], email: str) -> bool:
    """Tell whether mail to this address of a person came back for good."""
    return ADDRESS + address_hash(email) in wishes


def paused(wishes: Mapping[str, Wish], row: OutboxRow, now: datetime) -> Wait | None:
    """Say until when a person wants no such mails; None where they are wanted now."""
    if row.nudge.intent in ALONE:
        return None
    pauses = (wishes[kind].paused_until for kind in kinds_of(row) if kind in wishes)
    last: date | None = max((day for day in pauses if day is not None), default=None)
    if last is None or last < local_date(now):
        return None
    back = last + timedelta(days=1)
    return Wait(to_utc(back, time()), f"venter til {long_date(back)}: {PAUSED}")


def digest_of(wishes: Mapping[str, Wish]) -> Digest | None:
    """Tell what a person wants merged into one mail; None where nothing is said."""
    digest = wishes[ALL].digest if ALL in wishes else None
    return None if digest is None else Digest(digest)
