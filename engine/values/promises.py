"""What is promised for later: timers and mails; neither how they are derived nor how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from .basis import Data, Dates, Position


class Lateness(StrEnum):
    """What a timer does when its time is already past: fire at once, or be skipped.

    MERGE asks to join the next digest; there are none yet, so it fires at once. Of late rungs only the newest is sent.
    """

    LATE = "late"
    SKIP = "skip"
    MERGE = "merge"


class TimerStatus(StrEnum):
    """The life of a timer row; SKIPPED was born too late and is kept as a logged decision.

    CANCELLED was armed, and DONE had fired or been skipped, when the state that it belonged to was left.
    """

    ARMED = "armed"
    FIRED = "fired"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Timer:
    """A promise to look again: derived from an anchor, due at an instant, unique by ``key`` in its instance.

    ``key`` is ``rule:occurrence#rung``; a moved anchor keeps the key and raises ``generation``.
    ``anchor_value`` is the ISO day or instant that the due time was derived from.
    """

    key: str
    rule: str
    anchor: str
    anchor_value: str
    local_on: date
    local_at: time
    zone: str
    calendar_version: str
    due_at: datetime
    lateness: Lateness
    generation: int = 1
    status: TimerStatus = TimerStatus.ARMED


class Intent(StrEnum):
    """What a mail is for."""

    NUDGE = "nudge"
    NOTICE = "notice"
    INVITATION = "invitation"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Nudge:
    """A mail that a decision wants sent to a role; people are resolved when it is sent.

    ``key`` is unique in its instance: rule, state entry, rung and role. ``region`` and ``entry_seq`` name
    the state entry that it is about: when the region has left it, the mail is moot (``region`` None: never moot).
    ``why`` is the rule that caused it. ``uid`` and ``sequence`` belong to invitations.
    """

    key: str
    intent: Intent
    template: str
    role: str
    why: str
    region: str | None = None
    entry_seq: int | None = None
    values: Data = field(default_factory=dict)
    expires_at: datetime | None = None
    uid: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person whom a role was resolved to at the moment of sending; a shared mailbox is a person too.

    ``stands_in_for`` names whom this one takes over for, and ``until`` the last day of that one's absence.
    """

    person_id: int
    name: str
    email: str
    is_shared: bool = False
    stands_in_for: str = ""
    until: date | None = None


FIRST_WORD = "foerste_gang"
"""The value of an invitation to somebody who has heard nothing of the meeting: to her nothing is changed."""

ON_ITS_DAY = "til_dagen"
"""The value of a reminder of a meeting to those who take part: it is for those who are there on its day."""

SEAT = "plads"
"""The value of an invitation which says that a seat is free: it goes to somebody who was invited before."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person who was invited to a meeting that is not for her any more, and what her invitation said."""

    person_id: int
    values: Data


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed mail: the nudge, the instance it is about, and whom its role means now.

    ``fence`` is the attempt's number: only the holder of the newest may report on the row. ``is_moot`` tells that the
    region has left the state entry that the mail is about, that it has expired, or that a newer one says what holds.
    Of an invitation, ``first`` are the recipients who have heard of the meeting by nothing else; it ``is_doubled``
    where it is moot because all whom it is for get it by another mail, as in another role.
    """

    id: int
    fence: int
    instance_id: int
    programme_id: int
    kind: str
    title: str
    programme_title: str
    kommune: str | None
    kommune_name: str | None
    nudge: Nudge
    is_moot: bool
    recipients: tuple[Recipient, ...]
    workflow_hash: str
    dates: Dates
    queued_at: datetime
    position: Position = field(default_factory=dict)
    first: frozenset[int] = frozenset()
    left_out: tuple[LeftOut, ...] = ()
    is_doubled: bool = False
