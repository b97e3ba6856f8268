"""Mails of an inbox that are for a person, and those that are still tried; keeps no word of theirs, judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, columns, inserting
from .tables import LEFT

MOST = 1000


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A mail that is for a person: of which inbox, why, where it lies, since when, and what it answers."""

    id: int
    box: str
    mail: str
    why: str
    place: str
    tries: int
    seen_at: datetime
    left_at: datetime | None
    person_id: int | None
    instance_id: int | None


class LeftMails:
    """What is kept of mails that nothing could be done with; looking is for any transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def all(self, limit: int = MOST) -> tuple[LeftRow, ...]:
        """Answer the mails that are for a person, the oldest first."""
        rows = self._connection.rows(self._book("left mails", _all), {"b_limit": limit})
        return tuple(LeftRow(*row) for row in rows)

    def waiting(self) -> tuple[int, datetime | None]:
        """Count the mails that are for a person (``MOST`` stands for more), and answer since when the oldest is."""
        row = self._connection.row(self._book("count left mails", _waiting), {})
        return (int(row[0]), row[1]) if row else (0, None)

    def tried(self, box: str, mail: str, now: datetime) -> int:
        """Note that a mail broke its reader; answer how often by now."""
        given = {"box": box, "mail": mail, "seen_at": now}
        row = self._connection.row(self._book("mail tried", _tried, self._book.dialect), given)
        assert row is not None
        return int(row[0])

    def tried_before(self, box: str) -> frozenset[str]:
        """Answer the mails of an inbox that broke their reader and are still tried."""
        rows = self._connection.rows(self._book("tried before", _tried_before), {"b_box": box})
        return frozenset(row[0] for row in rows)

    def writers(self, instance_id: int) -> frozenset[int]:
        """Number those who have written about a meeting what nobody has seen to yet."""
        rows = self._connection.rows(self._book("writers", _writers), {"b_id": instance_id})
        return frozenset(row[0] for row in rows)

    def leave(
        self,
        box: str,
        mail: str,
        why: str,
        place: str,
        now: datetime,
        *,
        person_id: int | None = None,
        instance_id: int | None = None,
    ) -> None:
        """Keep that a mail is for a person, since now; and whose letter it answers, and about which meeting."""
        given = {"box": box, "mail": mail, "why": why, "place": place, "seen_at": now, "left_at": now}
        given |= {"person_id": person_id, "instance_id": instance_id}
        self._connection.run(self._book("leave mail", _leave, self._book.dialect), given)

    def forget_tries(self, box: str, mail: str) -> None:
        """Forget that a mail broke its reader: it has been understood since."""
        self._connection.run(self._book("forget tries", _forget_tries), {"b_box": box, "b_mail": mail})

    def settle(self, number: int | None) -> int:
        """Forget a mail that somebody has seen to (None: all of them); answer how many there were."""
        given = {} if number is None else {"b_id": number}
        return self._connection.change(self._book("settle mail", _settle, number is not None), given)


def _all() -> ClauseElement:
    names = ("id", "box", "mail", "why", "place", "tries", "seen_at", "left_at", "person_id", "instance_id")
    found = select(*columns(LEFT, *names)).where(LEFT.c.left_at.is_not(None))
    return found.order_by(LEFT.c.left_at, LEFT.c.id).limit(bindparam("b_limit"))


def _waiting() -> ClauseElement:
    since = select(LEFT.c.left_at).where(LEFT.c.left_at.is_not(None)).order_by(LEFT.c.left_at)
    some = since.limit(literal_column(str(MOST))).subquery()
    return select(func.count(), func.min(some.c.left_at)).select_from(some)


def _tried(dialect: str) -> Any:
    names = ("box", "mail", "seen_at")
    first: dict[str, Any] = {name: bindparam(name) for name in names}
    added = inserting(dialect, LEFT).values(**first, why="broke", place="", tries=1)
    again = added.on_conflict_do_update(index_elements=["box", "mail"], set_={"tries": LEFT.c.tries + 1})
    return again.returning(LEFT.c.tries)


def _leave(dialect: str) -> Any:
    names = ("box", "mail", "why", "place", "seen_at", "left_at", "person_id", "instance_id")
    first: dict[str, Any] = {name: bindparam(name) for name in names}
    added = inserting(dialect, LEFT).values(**first, tries=0)
    changed = {name: added.excluded[name] for name in ("why", "place", "left_at", "person_id", "instance_id")}
    return added.on_conflict_do_update(index_elements=["box", "mail"], set_=changed)


def _writers() -> ClauseElement:
    return select(LEFT.c.person_id).where(LEFT.c.instance_id == bindparam("b_id"), LEFT.c.person_id.is_not(None))


def _tried_before() -> ClauseElement:
    return select(LEFT.c.mail).where(LEFT.c.box == bindparam("b_box"), LEFT.c.left_at.is_(None))


def _forget_tries() -> ClauseElement:
    is_it = LEFT.c.box == bindparam("b_box"), LEFT.c.mail == bindparam("b_mail")
    return delete(LEFT).where(*is_it, LEFT.c.left_at.is_(None))


def _settle(is_one: bool) -> ClauseElement:
    found = delete(LEFT).where(LEFT.c.left_at.is_not(None))
    return found.where(LEFT.c.id == bindparam("b_id")) if is_one else found
