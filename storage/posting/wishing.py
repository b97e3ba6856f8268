"""Writes what a person wants to hear, and finds what waits for that; what it means is the runtime's business."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from ..registers import ONE_PERSON
from ..tables import METADATA
from .letters import is_pending
from .tables import PREFERENCE

OUTBOX = METADATA.tables["outbox"]
ROLE = METADATA.tables["role_assignment"]
STAND_IN = METADATA.tables["stand_in"]


class Wishes:
    """What people want to hear, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def opt(self, person_id: int, kind: str, now: datetime, *, out: bool, until: date | None = None) -> None:
        """Note that a person wants no more mails of a kind (``''``: all reminders), or wants them again.

        ``until`` is the last day without them; None: until the person says otherwise.
        """
        self._set(person_id, kind, "opted_out", out, now)
        self._set(person_id, kind, "out_until", until, now)

    def pause(self, person_id: int, kind: str, now: datetime, *, until: date | None) -> None:
        """Note that a person wants none up to and including a day, or wants them again at once (None)."""
        self._set(person_id, kind, "paused_until", until, now)

    def gather(self, person_id: int, now: datetime, *, digest: str | None) -> None:
        """Note that a person wants one mail a ``day`` or a ``week``, or what the installation says (None)."""
        self._set(person_id, "", "digest", digest, now)

    def waiting(self, why: str, person_id: int) -> tuple[int, ...]:
        """Name the mails that wait with these words in their reason and may be a person's, in order of number.

        Hers are those to a role of hers, at any time, or of one whom she stands in for. Calendar mails, which may be
        for others, wait for no such reason.
        """
        given = {"b_like": f"%{why}%", "b_person": person_id, "b_role": f"{ONE_PERSON}{person_id}"}
        rows = self._connection.rows(self._book("waiting", _waiting), given)
        return tuple(row[0] for row in rows)

    def _set(self, person_id: int, kind: str, name: str, value: Any, now: datetime) -> None:
        given = {"person_id": person_id, "kind": kind, "opted_out": False, "paused_until": None, "digest": None}
        given |= {"out_until": None}
        given |= {"set_at": now, name: value}
        self._connection.run(self._book("set wish", _put, self._book.dialect, name), given)


def _waiting() -> ClauseElement:
    found = select(OUTBOX.c.id).where(is_pending(OUTBOX), OUTBOX.c.waits.like(bindparam("b_like")))
    stood_for = select(STAND_IN.c.role_id).where(STAND_IN.c.person_id == bindparam("b_person"))
    her_role = exists().where(
        ROLE.c.role == OUTBOX.c.role,
        or_(ROLE.c.programme_id.is_(None), ROLE.c.programme_id == OUTBOX.c.programme_id),
        or_(
            ROLE.c.person_id == bindparam("b_person"),
            ROLE.c.substitute_id == bindparam("b_person"),
            ROLE.c.id.in_(stood_for),
        ),
    )
    hers = or_(OUTBOX.c.role == bindparam("b_role"), her_role.correlate(OUTBOX))
    return found.where(hers).order_by(OUTBOX.c.id)


def _put(dialect: str, name: str) -> ClauseElement:
    added = inserting(dialect, PREFERENCE).values({column.name: bindparam(column.name) for column in PREFERENCE.c})
    changed = {name: added.excluded[name], "set_at": added.excluded.set_at}
    put: ClauseElement = added.on_conflict_do_update(index_elements=["person_id", "kind"], set_=changed)
    return put
