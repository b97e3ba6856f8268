"""Writes what is said about meetings, replies for a person, and feed addresses; rows of attendance are only added."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.attending import Said
from ...engine.errors import NotFound
from ..prepared import inserting
from .reading import SAID, AttendanceReader, said_columns
from .tables import ADDRESS, ATTENDANCE, MOST_OF_MEETING, MOST_OF_SENDER, REPLY


class Attendances(AttendanceReader):
    """Look up and write, in a write transaction that has locked the meeting."""

    def add(self, row: Said) -> Said:
        """Append a row after the last one of its meeting, and answer it with its number; Conflict for a key in use."""
        last = self._connection.row(self._book("last said", _last), {"b_id": row.instance_id})
        numbered = replace(row, seq=(int(last[0] or 0) if last else 0) + 1)
        self._connection.run(self._book("say", _say), said_columns(numbered))
        return numbered

    def put_reply(
        self,
        key: str,
        why: str,
        *,
        sender: str,
        answer: str | None,
        instance_id: int | None,
        person_id: int | None,
        now: datetime,
    ) -> bool:
        """List a reply for somebody to look at, once; False where too many of its meeting or its sender wait already.

        Each reason is counted apart, and whoever is invited apart from others: strangers do not crowd them out.
        """
        asked: dict[str, Any] = {
            "b_id": instance_id,
            "b_person": person_id,
            "b_why": why,
            "b_sender": sender,
            "b_key": key,
        }
        statement = self._book("replies like it", _alike, instance_id is not None, person_id is not None)
        row = self._connection.row(statement, asked)
        assert row is not None
        is_known, of_meeting, of_sender = (int(count or 0) for count in row)
        if is_known:
            return True
        if of_meeting >= MOST_OF_MEETING or of_sender >= MOST_OF_SENDER:
            return False
        given: dict[str, Any] = {"key": key, "why": why, "sender": sender, "answer": answer, "received_at": now}
        given |= {"instance_id": instance_id, "person_id": person_id}
        self._connection.run(self._book("list reply", _list_reply, self._book.dialect), given)
        return True

    def settle_reply(self, number: int, now: datetime) -> int | None:
        """Note that somebody has looked at a reply, and forget its sender; answer the meeting that it was on, if any.

        Raises NotFound where none of this number waits.
        """
        row = self._connection.row(self._book("settle reply", _settle_reply), {"b_id": number, "b_now": now})
        if row is None:
            raise NotFound("reply", number)
        return None if row[0] is None else int(row[0])

    def add_address(self, secret_hash: str, *, person_id: int | None, programme_id: int | None, now: datetime) -> None:
        """Keep the hash of a new address."""
        given: dict[str, Any] = {"secret_hash": secret_hash, "person_id": person_id, "programme_id": programme_id}
        self._connection.run(self._book("add address", _add_address), given | {"created_at": now})

    def revoke(self, *, person_id: int | None, programme_id: int | None, now: datetime) -> int:
        """Revoke all addresses of a person or of a programme, and answer how many there were."""
        statement = self._book("revoke addresses", _revoke, "person_id" if person_id is not None else "programme_id")
        whose = person_id if person_id is not None else programme_id
        return self._connection.change(statement, {"b_whose": whose, "b_now": now})


def _last() -> ClauseElement:
    return select(func.max(ATTENDANCE.c.seq)).where(ATTENDANCE.c.instance_id == bindparam("b_id"))


def _say() -> ClauseElement:
    return insert(ATTENDANCE).values({name: bindparam(name) for name in SAID})


def _alike(has_meeting: bool, has_person: bool) -> ClauseElement:
    """Count this very reply, those that wait on its meeting, and of them those of its sender."""
    on_meeting = REPLY.c.instance_id == bindparam("b_id") if has_meeting else REPLY.c.instance_id.is_(None)
    of_person = REPLY.c.person_id == bindparam("b_person") if has_person else REPLY.c.person_id.is_(None)
    waits = and_(REPLY.c.settled_at.is_(None), on_meeting, of_person, REPLY.c.why == bindparam("b_why"))
    is_known = REPLY.c.key == bindparam("b_key")
    counts = (
        func.sum(case((is_known, 1), else_=0)),
        func.sum(case((waits, 1), else_=0)),
        func.sum(case((and_(waits, REPLY.c.sender == bindparam("b_sender")), 1), else_=0)),
    )
    return select(*counts).where(or_(is_known, REPLY.c.settled_at.is_(None)))


def _list_reply(dialect: str) -> Any:
    names = ("key", "why", "sender", "answer", "instance_id", "person_id", "received_at")
    added = inserting(dialect, REPLY).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["key"])


def _settle_reply() -> ClauseElement:
    found = update(REPLY).where(REPLY.c.id == bindparam("b_id"), REPLY.c.settled_at.is_(None))
    return found.values(settled_at=bindparam("b_now"), sender="").returning(REPLY.c.instance_id)


def _add_address() -> ClauseElement:
    names = ("secret_hash", "person_id", "programme_id", "created_at")
    return insert(ADDRESS).values({name: bindparam(name) for name in names})


def _revoke(whose: str) -> ClauseElement:
    found = update(ADDRESS).where(ADDRESS.c[whose] == bindparam("b_whose"), ADDRESS.c.revoked_at.is_(None))
    return found.values(revoked_at=bindparam("b_now"))
