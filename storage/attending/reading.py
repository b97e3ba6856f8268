"""Reads who comes, who was invited by which mail, replies, feed addresses and the meetings of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, exists, func, or_, select, true
from sqlalchemy.sql.expression import ClauseElement

from ...engine.attending import Answer, Said, Way
from ...engine.values import Actor, ActorKind, Data, Identity, Intent, Position
from ..posting.tables import LETTER
from ..prepared import Connection, Row, columns
from ..surroundings.relatives import IDENTITY, INSTANCE
from ..tables import METADATA
from .tables import ADDRESS, ATTENDANCE, REPLY

OUTBOX = METADATA.tables["outbox"]
DELIVERY = METADATA.tables["delivery"]
HISTORY = METADATA.tables["history"]
KOMMUNE = METADATA.tables["kommune"]
SAID = tuple(column.name for column in ATTENDANCE.c if column.name != "id")


@dataclass(frozen=True, slots=True)
class Invited:
    """A mail of an invitation's life, and one person whom it has reached (None: nobody yet)."""

    outbox_id: int
    intent: Intent
    sequence: int
    values: Data
    role: str
    status: str
    person_id: int | None


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A reply that a person must look at."""

    id: int
    instance_id: int | None
    person_id: int | None
    why: str
    answer: str | None
    sender: str
    received_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    """Whose feed an address is."""

    id: int
    person_id: int | None
    programme_id: int | None
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedMeeting:
    """A meeting whose day is known, with all that a calendar says of it; ``changed_at`` is its last row of history.

    ``parent_data`` is that of what it hangs under, for the meetings of a cluster.
    """

    identity: Identity
    title: str
    position: Position
    data: Data
    first_on: date
    last_on: date
    programme: str
    kommune_name: str | None
    parent_kind: str
    parent_data: Data
    changed_at: datetime


class AttendanceReader:
    """Look up, in a read or a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def said(self, instance_id: int) -> tuple[Said, ...]:
        """Answer all that was said about a meeting, in order."""
        rows = self._connection.rows(self._book("attendance", _said), {"b_id": instance_id})
        return tuple(_as_said(row) for row in rows)

    def said_by(self, person_id: int) -> tuple[Said, ...]:
        """Answer all that was said about a person, at all meetings, in the order in which it was said at each."""
        rows = self._connection.rows(self._book("attendance of", _said_by), {"b_id": person_id})
        return tuple(_as_said(row) for row in rows)

    def invitations(self, instance_id: int) -> tuple[Invited, ...]:
        """Answer a meeting's invitations and cancellations in the order in which they were queued.

        What went on trial reached nobody, but to a process that is on trial itself.
        """
        statement = self._book("invitations", _invitations, self._book.on_trial)
        rows = self._connection.rows(statement, {"b_id": instance_id})
        return tuple(Invited(row[0], Intent(row[1]), *row[2:]) for row in rows)

    def replies(self, *, settled: bool = False, limit: int = 1000) -> tuple[ReplyRow, ...]:
        """Answer the replies that wait for somebody to look at them, or those that were settled; the oldest first."""
        rows = self._connection.rows(self._book("replies", _replies, settled), {"b_limit": limit})
        return tuple(ReplyRow(*row) for row in rows)

    def replies_open(self) -> int:
        """Count the replies that wait for somebody."""
        found = self._connection.row(self._book("count replies", _count_replies), {})
        return 0 if found is None else int(found[0])

    def address(self, secret_hash: str) -> AddressRow | None:
        """Answer whose feed an address is, revoked ones too."""
        row = self._connection.row(self._book("address", _address), {"b_hash": secret_hash})
        return None if row is None else AddressRow(*row)

    def meetings(self, since: date, programme_id: int | None = None) -> tuple[FeedMeeting, ...]:
        """Answer the meetings from a day on, of one programme or all, in the order of their days."""
        statement = self._book("feed", _meetings, "all" if programme_id is None else "programme")
        rows = self._connection.rows(statement, {"b_since": since, "b_id": programme_id})
        return tuple(_as_meeting(row) for row in rows)

    def meeting(self, instance_id: int) -> FeedMeeting | None:
        """Answer one meeting whose day is known."""
        row = self._connection.row(self._book("feed", _meetings, "one"), {"b_id": instance_id})
        return None if row is None else _as_meeting(row)


def said_columns(row: Said) -> dict[str, Any]:
    """Give the columns of a row."""
    given: dict[str, Any] = {name: getattr(row, name) for name in SAID if not name.startswith("actor_")}
    given |= {"answer": None if row.answer is None else row.answer.value, "way": row.way.value}
    return given | {"actor_kind": row.actor.kind.value, "actor_id": row.actor.id}


def _as_said(row: Row) -> Said:
    found: Mapping[str, Any] = dict(zip(SAID, row, strict=True))
    own = {name: value for name, value in found.items() if not name.startswith("actor_")}
    own["answer"] = None if found["answer"] is None else Answer(found["answer"])
    own["came"] = None if found["came"] is None else bool(found["came"])
    own |= {"way": Way(found["way"]), "actor": Actor(ActorKind(found["actor_kind"]), found["actor_id"])}
    return Said(**own)


def _said() -> ClauseElement:
    return (
        select(*columns(ATTENDANCE, *SAID))
        .where(ATTENDANCE.c.instance_id == bindparam("b_id"))
        .order_by(ATTENDANCE.c.seq)
    )


def _said_by() -> ClauseElement:
    found = select(*columns(ATTENDANCE, *SAID)).where(ATTENDANCE.c.person_id == bindparam("b_id"))
    return found.order_by(ATTENDANCE.c.instance_id, ATTENDANCE.c.seq)


def _invitations(on_trial: bool) -> ClauseElement:
    names = ("id", "intent", "sequence", "nudge_values", "role", "status")
    found = select(*columns(OUTBOX, *names), DELIVERY.c.person_id)
    tried = exists().where(LETTER.c.message_id == DELIVERY.c.message_id, LETTER.c.is_trial.is_(True))
    reached = true() if on_trial else ~tried.correlate(DELIVERY)
    found = found.select_from(OUTBOX).outerjoin(DELIVERY, and_(DELIVERY.c.outbox_id == OUTBOX.c.id, reached))
    is_one = and_(OUTBOX.c.uid.is_not(None), OUTBOX.c.sequence.is_not(None))
    return found.where(OUTBOX.c.instance_id == bindparam("b_id"), is_one).order_by(OUTBOX.c.id, DELIVERY.c.person_id)


_REPLY = ("id", "instance_id", "person_id", "why", "answer", "sender", "received_at", "settled_at")


def _replies(settled: bool) -> ClauseElement:
    found = select(*columns(REPLY, *_REPLY))
    found = found.where(REPLY.c.settled_at.is_not(None) if settled else REPLY.c.settled_at.is_(None))
    return found.order_by(REPLY.c.id).limit(bindparam("b_limit"))


def _count_replies() -> ClauseElement:
    return select(func.count()).select_from(REPLY).where(REPLY.c.settled_at.is_(None))


_ADDRESS = ("id", "person_id", "programme_id", "created_at", "revoked_at")


def _address() -> ClauseElement:
    return select(*columns(ADDRESS, *_ADDRESS)).where(ADDRESS.c.secret_hash == bindparam("b_hash"))


def _as_meeting(row: Row) -> FeedMeeting:
    count = len(IDENTITY)
    return FeedMeeting(Identity(*row[:count]), *row[count:])


def _meetings(which: Literal["all", "programme", "one"]) -> ClauseElement:
    programme, parent = INSTANCE.alias(), INSTANCE.alias()
    first = func.coalesce(INSTANCE.c.actual_start, INSTANCE.c.planned_start)
    last = func.coalesce(INSTANCE.c.actual_end, INSTANCE.c.planned_end, first)
    found = (
        select(
            *columns(INSTANCE, *IDENTITY, "title", "position", "data"),
            first.label("first_on"),
            last.label("last_on"),
            programme.c.title.label("programme"),
            KOMMUNE.c.name,
            parent.c.kind.label("parent_kind"),
            parent.c.data.label("parent_data"),
            HISTORY.c.recorded_at,
        )
        .join(programme, programme.c.id == INSTANCE.c.programme_id)
        .join(parent, parent.c.id == INSTANCE.c.parent_id)
        .join(HISTORY, and_(HISTORY.c.instance_id == INSTANCE.c.id, HISTORY.c.seq == INSTANCE.c.revision))
        .outerjoin(KOMMUNE, KOMMUNE.c.code == INSTANCE.c.kommune)
        .where(
            INSTANCE.c.kind == "meeting",
            # A day that follows from others is a proposal, until somebody has invited to it.
            or_(
                INSTANCE.c.precision == "day",
                and_(INSTANCE.c.precision == "derived", INSTANCE.c.fixed_by.is_not(None)),
            ),
        )
    )
    if which == "one":
        return found.where(INSTANCE.c.id == bindparam("b_id"), first.is_not(None))
    found = found.where(last >= bindparam("b_since", type_=INSTANCE.c.planned_start.type))
    if which == "programme":
        found = found.where(INSTANCE.c.programme_id == bindparam("b_id"))
    return found.order_by(first, INSTANCE.c.id)
