"""The tables as SQLModel classes: columns, keys and checks; knows no statement that reads or writes them.

Table models do not validate: what may stand in a row is checked by the database itself. Instants are kept in UTC
(``datetime`` becomes SQLModel's UTCDateTime), days are local days, and JSON columns hold whole values that are
replaced, never changed in place. ``kommune`` on a row is the code of the kommune that owns it.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

# An own registry: the tables of a program that embeds samskabt may have the same names.
METADATA = MetaData(naming_convention=CONVENTION)


class Base(SQLModel, registry=registry(metadata=METADATA)):
    """What all tables share: one metadata with a naming convention."""

    metadata = METADATA


# JSON null is never stored: an empty JSON column is NULL.
TREE = JSON(none_as_null=True)
# SQLite gives rowids only to INTEGER keys; PostgreSQL gets room for good.
NUMBER = BigInteger().with_variant(Integer, "sqlite")


LONGEST_ERROR = 2000  # the last sentence of an exception is enough to know it by
STUCK = "status IN ('dead', 'doubtful', 'held')"
"""How a mail stands that waits for people, as the partial index on it says."""


def one_of(column: str, *values: str) -> CheckConstraint:
    """Allow only these values in a column."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Meta(Base, table=True):
    """Facts about the database itself: who owns it, and when the ticker was last alive."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class Kommune(Base, table=True):
    """One of the 98, by its four-digit code; ``name_key`` is the folded name that people search by."""

    __tablename__ = "kommune"
    __table_args__ = (CheckConstraint("length(code) = 4", name="code"),)
    code: str = Field(primary_key=True)
    name: str
    official_name: str
    name_key: str = Field(index=True)
    population: int | None = None


class KommuneRegion(Base, table=True):
    """Which region a kommune belongs to, dated: both days are included, an open end is NULL."""

    __tablename__ = "kommune_region"
    __table_args__ = (CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days"),)
    code: str = Field(primary_key=True, foreign_key="kommune.code")
    from_on: date = Field(primary_key=True)
    to_on: date | None = None
    region: str


class Person(Base, table=True):
    """Somebody who may hold a role, or a shared mailbox; absent up to and including ``paused_until``."""

    __tablename__ = "person"
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    name: str
    email: str = Field(index=True)
    is_shared_mailbox: bool = False
    paused_until: date | None = None


class RoleAssignment(Base, table=True):
    """Who holds a role where and when; no programme or kommune means all of them; both days are included."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days"),
        CheckConstraint("substitute_id IS NULL OR substitute_id <> person_id", name="substitute"),
        Index(None, "role", "programme_id", "kommune"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    person_id: int = Field(foreign_key="person.id", index=True, sa_type=NUMBER)
    role: str
    programme_id: int | None = Field(default=None, foreign_key="instance.id", sa_type=NUMBER)
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    from_on: date
    to_on: date | None = None
    substitute_id: int | None = Field(default=None, foreign_key="person.id", sa_type=NUMBER)


class StandIn(Base, table=True):
    """Who takes over in a role for one absence of its holder, up to and including its last day.

    It goes before the substitute of the assignment, who stands by for all absences, and leaves that one alone.
    """

    __tablename__ = "stand_in"
    role_id: int = Field(primary_key=True, foreign_key="role_assignment.id", sa_type=NUMBER)
    person_id: int = Field(foreign_key="person.id", index=True, sa_type=NUMBER)
    until: date


class WorkflowVersion(Base, table=True):
    """A published workflow document, or one with a local overlay, by the hash of what it amounts to."""

    __tablename__ = "workflow_version"
    __table_args__ = (
        CheckConstraint("version > 0 AND format > 0", name="numbers"),
        Index(
            "uq_workflow_version_published",
            "key",
            "version",
            unique=True,
            sqlite_where=text("overlay IS NULL"),
            postgresql_where=text("overlay IS NULL"),
        ),
    )
    hash: str = Field(primary_key=True)
    key: str
    version: int
    format: int
    document: str = Field(sa_type=Text)
    overlay: dict[str, Any] | None = Field(default=None, sa_type=TREE)
    published_at: datetime


class Instance(Base, table=True):
    """Anything with a life of its own; ``revision`` and ``head`` are the number and hash of its last history row."""

    __tablename__ = "instance"
    __table_args__ = (
        UniqueConstraint("parent_id", "kind", "key"),
        CheckConstraint("revision >= 0", name="revision"),
        # A programme names itself, but its number is not known before it is written: 0 until then.
        ForeignKeyConstraint(["programme_id"], ["instance.id"], deferrable=True, initially="DEFERRED"),
        CheckConstraint("parent_id IS NOT NULL OR programme_id IN (0, id)", name="root"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent"),
        Index(None, "programme_id", "kind", "kommune"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    kind: str
    key: str
    title: str
    parent_id: int | None = Field(default=None, foreign_key="instance.id", sa_type=NUMBER)
    programme_id: int = Field(sa_type=NUMBER)
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    workflow_hash: str = Field(foreign_key="workflow_version.hash")
    position: dict[str, Any] = Field(sa_type=TREE)
    entered: dict[str, Any] = Field(sa_type=TREE)
    data: dict[str, Any] = Field(sa_type=TREE)
    planned_start: date | None = None
    planned_end: date | None = None
    precision: str
    actual_start: date | None = None
    actual_end: date | None = None
    effective_on: date | None = None
    fixed_by: str | None = None
    date_reason: str
    revision: int = 0
    head: str
    created_at: datetime


class History(Base, table=True):
    """What happened to an instance, without gaps, each row hashed together with the one before."""

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("instance_id", "idempotency_key"),
        Index(None, "programme_id", "recorded_at", "instance_id", "seq"),
        CheckConstraint("seq > 0 AND decision_seq > 0 AND decision_seq <= seq", name="seq"),
        CheckConstraint("corrects IS NULL OR (corrects > 0 AND corrects < seq)", name="corrects"),
        CheckConstraint("idempotency_key IS NULL OR decision_seq = seq", name="idempotency_key"),
        one_of("kind", "birth", "event", "join", "timer", "plan", "correction"),
        one_of("actor_kind", "person", "system", "token", "import"),
    )
    instance_id: int = Field(primary_key=True, foreign_key="instance.id", sa_type=NUMBER)
    seq: int = Field(primary_key=True)
    kind: str
    event: str
    actor_kind: str
    actor_id: str
    region: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    overridden: list[Any] = Field(sa_type=TREE)
    happened_at: datetime
    recorded_at: datetime
    corrects: int | None = None
    changes: dict[str, Any] = Field(sa_type=TREE)
    undo: dict[str, Any] = Field(sa_type=TREE)
    idempotency_key: str | None = None
    decision_seq: int
    programme_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    prev_hash: str
    hash: str


class RegistrationRow(Base, table=True):
    """What somebody measured, judged or aimed at, without gaps per instance, each row hashed with the one before.

    Numbers stand per group, never per person. A row that ``corrects`` another replaces it; one without any number only
    takes the other back. ``period`` tells a solution's ``foer`` from its ``efter``; ``definition`` is what was agreed.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("instance_id", "seq"),
        UniqueConstraint("instance_id", "idempotency_key"),
        # A row is corrected once; what is wrong with the correction is corrected there.
        UniqueConstraint("corrects"),
        Index(None, "programme_id", "id"),
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("n IS NULL OR n >= 0", name="n"),
        CheckConstraint("yes IS NULL OR (yes >= 0 AND n IS NOT NULL AND yes <= n)", name="yes"),
        CheckConstraint("corrects IS NULL OR corrects < id", name="corrects"),
        one_of("subject", "measure", "verdict", "target", "agreement"),
        one_of("period", "", "foer", "efter"),
        one_of("actor_kind", "person", "system", "token", "import"),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    programme_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    instance_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    seq: int
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    subject: str
    key: str
    period: str
    group_name: str
    value: float | None = None
    yes: int | None = None
    n: int | None = None
    definition: dict[str, Any] | None = Field(default=None, sa_type=TREE)
    instrument: str
    happened_on: date
    recorded_at: datetime
    actor_kind: str
    actor_id: str
    note: str
    reason: str | None = None
    overridden: list[Any] = Field(sa_type=TREE)
    corrects: int | None = Field(default=None, foreign_key="registration.id", sa_type=NUMBER)
    idempotency_key: str | None = None
    prev_hash: str
    hash: str


class TimerRow(Base, table=True):
    """A promise to look again; a row with rule ``poke`` asks a parent to look at once and is deleted when it has."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        CheckConstraint("generation > 0 AND attempts >= 0", name="numbers"),
        one_of("lateness", "late", "skip", "merge"),
        one_of("status", "armed", "fired", "cancelled", "skipped", "done"),
        # Only armed timers are swept; the others stay for the record and must not slow the sweep.
        Index(
            "ix_timer_armed",
            "due_at",
            "id",
            sqlite_where=text("status = 'armed'"),
            postgresql_where=text("status = 'armed'"),
        ),
        # Few are tried again, and whoever watches must find them without reading all that is armed.
        Index(
            "ix_timer_retry",
            "retry_at",
            sqlite_where=text("status = 'armed' AND retry_at IS NOT NULL"),
            postgresql_where=text("status = 'armed' AND retry_at IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    instance_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    key: str
    rule: str
    anchor: str
    anchor_value: str
    local_on: date
    local_at: time
    zone: str
    calendar_version: str
    due_at: datetime
    generation: int
    lateness: str
    status: str
    lease_until: datetime | None = None
    leased_by: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None
    last_error: str | None = None
    kommune: str | None = Field(default=None, foreign_key="kommune.code")


class Outbox(Base, table=True):
    """A mail that a decision wants sent to a role; once ``posted`` it stands in the letters of those who have it.

    ``waits`` is Danish and says why it is not looked at before ``not_before``; ``attempts`` counts failed looks.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("instance_id", "key"),
        one_of("intent", "nudge", "notice", "invitation", "cancellation"),
        one_of("status", "pending", "posted", "sent", "withdrawn", "dead", "held", "doubtful"),
        CheckConstraint("attempts >= 0", name="numbers"),
        Index(
            "ix_outbox_pending",
            "not_before",
            "id",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(None, "programme_id", "status", "id"),
        Index("ix_outbox_stuck", "status", sqlite_where=text(STUCK), postgresql_where=text(STUCK)),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    instance_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    programme_id: int = Field(foreign_key="instance.id", sa_type=NUMBER)
    kommune: str | None = Field(default=None, foreign_key="kommune.code")
    key: str
    intent: str
    template: str
    role: str
    why: str
    region: str | None = None
    entry_seq: int | None = None
    nudge_values: dict[str, Any] = Field(sa_type=TREE)
    expires_at: datetime | None = None
    uid: str | None = None
    sequence: int | None = None
    status: str
    queued_at: datetime
    not_before: datetime
    attempts: int = 0
    last_error: str | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=TREE)
    settled_at: datetime | None = None
    waits: str | None = None


class Delivery(Base, table=True):
    """That a mail server took a mail for one person, under the Message-ID of which letter, and when."""

    __tablename__ = "delivery"
    __table_args__ = (one_of("status", "accepted"),)
    outbox_id: int = Field(primary_key=True, foreign_key="outbox.id", sa_type=NUMBER)
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=NUMBER)
    message_id: str
    status: str
    at: datetime
