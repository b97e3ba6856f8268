"""The tables of attendance and calendars; knows no statement that reads or writes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from ..tables import METADATA, NUMBER, Base, one_of

MOST_OF_MEETING, MOST_OF_SENDER = 100, 20
"""As many replies on one meeting (or on none of ours), and of one sender, wait for a person at most: whoever writes
under false names must not crowd out other meetings' replies."""


class AttendanceRow(Base, table=True):
    """What was said about one person at one meeting: an answer to its invitation, or whether she came; added only.

    ``sequence`` is that of the invitation which was answered. ``kommune`` owns the meeting.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("instance_id", "seq"),
        UniqueConstraint("instance_id", "idempotency_key"),
        Index(None, "person_id", "instance_id"),
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("(answer IS NULL) <> (came IS NULL)", name="one"),
        CheckConstraint("sequence IS NULL OR sequence >= 0", name="sequence"),
        one_of("answer", "kommer", "kommer_ikke", "maaske"),
        one_of("way", "kalender", "link", "kommando", "konsulent"),
        one_of("actor_kind", "person", "system", "token", "import"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    programme_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    instance_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    person_id: int = Field(foreign_key="person.id", sa_type=NUMBER)
    seq: int
    answer: str | None = None
    came: bool | None = None
    sequence: int | None = None
    way: str
    actor_kind: str
    actor_id: str
    happened_at: datetime
    recorded_at: datetime
    idempotency_key: str | None = None


class CalendarReply(Base, table=True):
    """A calendar's reply that a person must look at: from a stranger, to nothing we know, or with another proposal.

    ``key`` is a hash of what it says: the same reply twice is listed once. ``sender`` is kept until it is settled.
    """

    __tablename__ = "calendar_reply"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "settled_at", "id"),
        one_of("why", "ukendt_moede", "ikke_indkaldt", "afsender", "modforslag", "videregivet", "afvist"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    key: str
    instance_id: int | None = Field(default=None, foreign_key="instance.id", sa_type=NUMBER)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=NUMBER)
    why: str
    answer: str | None = None
    sender: str
    received_at: datetime
    settled_at: datetime | None = None


class CalendarAddress(Base, table=True):
    """A secret address for subscribing to a person's meetings, or a programme's; only its hash is kept."""

    __tablename__ = "calendar_address"
    __table_args__ = (
        UniqueConstraint("secret_hash"),
        Index(None, "person_id"),
        Index(None, "programme_id"),
        CheckConstraint("length(secret_hash) = 64", name="secret_hash"),
        CheckConstraint("(person_id IS NULL) <> (programme_id IS NULL)", name="one"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    secret_hash: str
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=NUMBER)
    programme_id: int | None = Field(default=None, foreign_key="instance.id", sa_type=NUMBER)
    created_at: datetime
    revoked_at: datetime | None = None


ATTENDANCE = METADATA.tables["attendance"]
REPLY = METADATA.tables["calendar_reply"]
ADDRESS = METADATA.tables["calendar_address"]
