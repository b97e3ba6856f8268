"""Writes what is said about meetings, replies for a person, and feed addresses; rows of attendance are only added."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.attending import Said
from ...engine.errors import NotFound
from ..prepared import inserting
from .reading import SAID, AttendanceReader, said_columns
from .tables import ADDRESS, ATTENDANCE, MOST_REPLIES, REPLY


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
        """List a reply for somebody to look at; False where it is listed, or where far too many wait already."""
        if self.replies_open() >= MOST_REPLIES:
            return False
        given: dict[str, Any] = {"key": key, "why": why, "sender": sender, "answer": answer, "received_at": now}
        given |= {"instance_id": instance_id, "person_id": person_id}
        return self._connection.change(self._book("list reply", _list_reply, self._book.dialect), given) == 1

    def settle_reply(self, number: int, now: datetime) -> None:
        """Note that somebody has looked at a reply, and forget its sender; NotFound where none of this number waits."""
        given = {"b_id": number, "b_now": now}
        if self._connection.change(self._book("settle reply", _settle_reply), given) != 1:
            raise NotFound("reply", number)

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


def _list_reply(dialect: str) -> Any:
    names = ("key", "why", "sender", "answer", "instance_id", "person_id", "received_at")
    added = inserting(dialect, REPLY).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["key"])


def _settle_reply() -> ClauseElement:
    found = update(REPLY).where(REPLY.c.id == bindparam("b_id"), REPLY.c.settled_at.is_(None))
    return found.values(settled_at=bindparam("b_now"), sender="")


def _add_address() -> ClauseElement:
    names = ("secret_hash", "person_id", "programme_id", "created_at")
    return insert(ADDRESS).values({name: bindparam(name) for name in names})


def _revoke(whose: str) -> ClauseElement:
    found = update(ADDRESS).where(ADDRESS.c[whose] == bindparam("b_whose"), ADDRESS.c.revoked_at.is_(None))
    return found.values(revoked_at=bindparam("b_now"))
