"""The tables of letters and of what people want to hear; knows no statement that reads or writes them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from ..tables import METADATA, NUMBER, Base, one_of

SETTLED = ("sent", "withdrawn", "dead", "held", "doubtful")
"""How a letter, an item of it, or a mail in the outbox may end."""


HELD = "status = 'pending' AND lease_until IS NOT NULL"
"""A letter that somebody has in hand, or had when he died, as the partial index on it says."""


class Letter(Base, table=True):
    """One mail to one person, with one or more rows of the outbox; ``fence`` numbers the attempts at it.

    ``key`` says what it is: ``mail:<outbox>:<person>`` or ``digest:<person>:<day>``. A digest holds what was queued
    before ``cut_at``; once it was tried, that is when, and the date in it. ``week`` is the ISO week of ``send_on``
    (``2019-W38``), whose budget it uses when it ``has_nudge``. What ``is_urgent`` waits for no office hours, what
    ``is_once`` is never sent twice. ``is_doubtful`` tells that a mail server may have taken an earlier attempt,
    ``is_trial`` that the last one went to the one address of a trial instead of to the person. ``sent_to`` is the hash
    of the address that it last went to.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("message_id"),
        one_of("shape", "mail", "digest"),
        one_of("status", "pending", *SETTLED),
        CheckConstraint("fence >= 0 AND attempts >= 0", name="numbers"),
        CheckConstraint("length(week) = 8", name="week"),
        Index(
            "ix_letter_pending",
            # The status too, which is the same in all of it: SQLite would rather take the index that begins with it.
            "status",
            "not_before",
            "id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_letter_held",
            "lease_until",
            sqlite_where=text(HELD),
            postgresql_where=text(HELD),
        ),
        Index(None, "person_id", "week"),
        Index(None, "status", "id"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    key: str
    message_id: str
    person_id: int = Field(foreign_key="person.id", sa_type=NUMBER)
    shape: str
    send_on: date
    week: str
    has_nudge: bool
    is_urgent: bool
    is_once: bool
    cut_at: datetime
    status: str
    note: str
    created_at: datetime
    not_before: datetime
    lease_until: datetime | None = None
    fence: int = 0
    attempts: int = 0
    is_doubtful: bool = False
    last_error: str | None = None
    settled_at: datetime | None = None
    is_trial: bool = False
    sent_to: str | None = None


class LetterItem(Base, table=True):
    """That a row of the outbox stands in a letter, and what became of it there; ``note`` is Danish."""

    __tablename__ = "letter_item"
    __table_args__ = (
        one_of("status", "pending", "sent", "dropped", "dead", "held", "doubtful"),
        Index(None, "outbox_id"),
    )
    letter_id: int = Field(primary_key=True, foreign_key="letter.id", sa_type=NUMBER)
    outbox_id: int = Field(primary_key=True, foreign_key="outbox.id", sa_type=NUMBER)
    status: str
    note: str


class PersonPreference(Base, table=True):
    """What a person wants to hear: of all mails (kind ``''``), or of one kind of reminder.

    ``kind`` is ``''`` (all reminders), ``alle``, a sort of mail, a template (``text:<name>``) or a programme
    (``programme:<number>``). ``out_until`` is the last day of an opt-out that ends by itself. ``digest`` (``day``,
    ``week`` or ``off``) counts on the row of kind ``''`` alone; none is the installation's own.
    """

    __tablename__ = "person_preference"
    __table_args__ = (CheckConstraint("digest IN ('day', 'week', 'off')", name="digest"),)
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=NUMBER)
    kind: str = Field(primary_key=True)
    opted_out: bool = False
    paused_until: date | None = None
    digest: str | None = None
    set_at: datetime
    out_until: date | None = None


class NudgeOutcome(Base, table=True):
    """Where an instance stood when a reminder of it was sent, and whether it moved within five working days.

    ``moved_at`` is set when it did; ``judged_at`` says that the five days are over, or that it moved before.
    """

    __tablename__ = "nudge_outcome"
    __table_args__ = (
        Index(None, "instance_id", "person_id"),
        Index(
            "ix_nudge_outcome_open",
            "sent_at",
            sqlite_where=text("judged_at IS NULL"),
            postgresql_where=text("judged_at IS NULL"),
        ),
    )
    letter_id: int = Field(primary_key=True, foreign_key="letter.id", sa_type=NUMBER)
    outbox_id: int = Field(primary_key=True, foreign_key="outbox.id", sa_type=NUMBER)
    person_id: int = Field(foreign_key="person.id", sa_type=NUMBER)
    instance_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    why: str
    region: str | None = None
    state: str | None = None
    entry_seq: int | None = None
    sent_at: datetime
    moved_at: datetime | None = None
    judged_at: datetime | None = None


LETTER = METADATA.tables["letter"]
ITEM = METADATA.tables["letter_item"]
PREFERENCE = METADATA.tables["person_preference"]
OUTCOME = METADATA.tables["nudge_outcome"]
