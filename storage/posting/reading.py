"""What faces, the doctor and the delivery loop look at: letters as frozen values; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection
from ..tables import METADATA
from .letters import LetterRow, is_pending, letter_columns, letter_row
from .tables import ITEM, LETTER, PREFERENCE

OUTBOX = METADATA.tables["outbox"]


@dataclass(frozen=True, slots=True)
class ItemView:
    """A mail of the outbox in a letter, what became of it there, and which instance it is about."""

    letter_id: int
    outbox_id: int
    status: str
    note: str
    instance_id: int
    programme_id: int


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter with what stands in it."""

    row: LetterRow
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of one kind of mail (``''``: of all)."""

    kind: str
    opted_out: bool
    paused_until: date | None
    digest: str | None
    out_until: date | None = None


class LetterReader:
    """Letters and wishes, in any transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def due(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Answer the letters that are due and that nobody holds, the longest due first."""
        rows = self._connection.rows(self._book("due letters", _due), {"b_now": now, "b_limit": limit})
        return tuple(row[0] for row in rows)

    def mails_due(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Answer the mails of the outbox that it is time to look at, the longest due first."""
        rows = self._connection.rows(self._book("due mails", _mails_due), {"b_now": now, "b_limit": limit})
        return tuple(row[0] for row in rows)

    def next_due(self) -> datetime | None:
        """Answer when the next letter may be tried, or the next mail of the outbox is to be looked at."""
        found = [
            self._connection.row(self._book(name, build), {})
            for name, build in (("next letter", _next_letter), ("next mail", _next_mail))
        ]
        instants: list[datetime] = [row[0] for row in found if row is not None and row[0] is not None]
        return min(instants, default=None)

    def letters(
        self, *, status: str | None = None, outbox: tuple[int, int] | None = None, limit: int = 200, after: int = 0
    ) -> tuple[LetterView, ...]:
        """Answer letters in the order of their numbers: of a status, or with any of a span of mails of the outbox."""
        statement = self._book("read letters", _letters, status is not None, outbox is not None)
        first, last = outbox or (0, 0)
        given = {"b_status": status, "b_first": first, "b_last": last, "b_limit": limit, "b_after": after}
        return self._views([letter_row(row) for row in self._connection.rows(statement, given)])

    def letter(self, letter_id: int) -> LetterView | None:
        """Answer one letter."""
        row = self._connection.row(self._book("read letter", _letter), {"b_id": letter_id})
        return None if row is None else self._views([letter_row(row)])[0]

    def tried(self, limit: int) -> tuple[LetterView, ...]:
        """Answer at most ``limit`` letters that went on trial only, the oldest first; this reads all that were sent."""
        rows = self._connection.rows(self._book("letters on trial", _tried), {"b_limit": limit})
        return self._views([letter_row(row) for row in rows])

    def count_tried(self, limit: int) -> int:
        """Count letters that went on trial only, at most ``limit``; this reads all that were sent."""
        return len(self._connection.rows(self._book("letters on trial", _tried), {"b_limit": limit}))

    def counts(self) -> dict[str, int]:
        """Count letters by status."""
        return {row[0]: row[1] for row in self._connection.rows(self._book("count letters", _count), {})}

    def wishes(self, person_id: int) -> dict[str, Wish]:
        """Answer what a person wants, by kind."""
        rows = self._connection.rows(self._book("wishes", _wishes), {"b_id": person_id})
        return {row[0]: Wish(*row) for row in rows}

    def _views(self, rows: Sequence[LetterRow]) -> tuple[LetterView, ...]:
        statement = self._book("read items", _items)
        return tuple(
            LetterView(row, tuple(ItemView(*item) for item in self._connection.rows(statement, {"b_id": row.id})))
            for row in rows
        )


def _due() -> ClauseElement:
    is_free = or_(LETTER.c.lease_until.is_(None), LETTER.c.lease_until <= bindparam("b_now"))
    found = select(LETTER.c.id).where(is_pending(LETTER), LETTER.c.not_before <= bindparam("b_now"), is_free)
    return found.order_by(LETTER.c.not_before, LETTER.c.id).limit(bindparam("b_limit"))


def _mails_due() -> ClauseElement:
    found = select(OUTBOX.c.id).where(is_pending(OUTBOX), OUTBOX.c.not_before <= bindparam("b_now"))
    return found.order_by(OUTBOX.c.not_before, OUTBOX.c.id).limit(bindparam("b_limit"))


def _next_letter() -> ClauseElement:
    # A letter that is held is due when its lease runs out, if the process that holds it has died.
    at = func.coalesce(LETTER.c.lease_until, LETTER.c.not_before, type_=LETTER.c.not_before.type)
    return select(at.label("at")).where(is_pending(LETTER)).order_by(at).limit(1)


def _next_mail() -> ClauseElement:
    found = select(OUTBOX.c.not_before).where(is_pending(OUTBOX))
    return found.order_by(OUTBOX.c.not_before, OUTBOX.c.id).limit(1)


def _letters(has_status: bool, has_span: bool) -> ClauseElement:
    found = select(*letter_columns()).where(LETTER.c.id > bindparam("b_after"))
    if has_status:
        found = found.where(LETTER.c.status == bindparam("b_status"))
    if has_span:
        here = select(ITEM.c.letter_id).where(ITEM.c.outbox_id.between(bindparam("b_first"), bindparam("b_last")))
        found = found.where(LETTER.c.id.in_(here))
    return found.order_by(LETTER.c.id).limit(bindparam("b_limit"))


def _letter() -> ClauseElement:
    return select(*letter_columns()).where(LETTER.c.id == bindparam("b_id"))


def _tried() -> ClauseElement:
    found = select(*letter_columns()).where(LETTER.c.status == "sent", LETTER.c.is_trial.is_(True))
    return found.order_by(LETTER.c.id).limit(bindparam("b_limit"))


def _items() -> ClauseElement:
    names: list[Any] = [ITEM.c[name] for name in ("letter_id", "outbox_id", "status", "note")]
    found = select(*names, OUTBOX.c.instance_id, OUTBOX.c.programme_id)
    found = found.join(OUTBOX, OUTBOX.c.id == ITEM.c.outbox_id)
    return found.where(ITEM.c.letter_id == bindparam("b_id")).order_by(ITEM.c.outbox_id)


def _count() -> ClauseElement:
    return select(LETTER.c.status, func.count()).group_by(LETTER.c.status)


def _wishes() -> ClauseElement:
    names = ("kind", "opted_out", "paused_until", "digest", "out_until")
    found = select(*[PREFERENCE.c[name] for name in names]).where(PREFERENCE.c.person_id == bindparam("b_id"))
    return found.order_by(PREFERENCE.c.kind)
