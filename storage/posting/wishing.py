"""Writes what a person wants to hear; reading it is the letters' business, and what it means the runtime's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from .tables import PREFERENCE


class Wishes:
    """What people want to hear, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def opt(self, person_id: int, kind: str, now: datetime, *, out: bool) -> None:
        """Note that a person wants no more mails of a kind (``''``: all reminders), or wants them again."""
        self._set(person_id, kind, "opted_out", out, now)

    def pause(self, person_id: int, kind: str, now: datetime, *, until: date | None) -> None:
        """Note that a person wants none up to and including a day, or wants them again at once (None)."""
        self._set(person_id, kind, "paused_until", until, now)

    def gather(self, person_id: int, now: datetime, *, digest: str | None) -> None:
        """Note that a person wants one mail a ``day`` or a ``week``, or what the installation says (None)."""
        self._set(person_id, "", "digest", digest, now)

    def _set(self, person_id: int, kind: str, name: str, value: Any, now: datetime) -> None:
        given = {"person_id": person_id, "kind": kind, "opted_out": False, "paused_until": None, "digest": None}
        given |= {"set_at": now, name: value}
        self._connection.run(self._book("set wish", _put, self._book.dialect, name), given)


def _put(dialect: str, name: str) -> ClauseElement:
    added = inserting(dialect, PREFERENCE).values({column.name: bindparam(column.name) for column in PREFERENCE.c})
    changed = {name: added.excluded[name], "set_at": added.excluded.set_at}
    put: ClauseElement = added.on_conflict_do_update(index_elements=["person_id", "kind"], set_=changed)
    return put
