"""What faces, the doctor and the delivery loop look at: letters as frozen values; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, Row
from ..tables import METADATA
from .letters import (
    LetterRow,
    has_stray_lease,
    is_pending,
    is_stray_letter,
    is_stray_mail,
    letter_columns,
    letter_row,
    stray_at,
)
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
        builds = (("next letter", _next_letter), ("next held letter", _next_held), ("next mail", _next_mail))
        found = [self._connection.row(self._book(name, build), {}) for name, build in builds]
        instants: list[datetime] = [row[0] for row in found if row is not None and row[0] is not None]
        return min(instants, default=None)

    def has_strays(self, now: datetime) -> bool:
        """Tell whether a wrong clock left anything far ahead; that looks at all that waits."""
        builds = (("stray leases", _stray_leases), ("stray letters", _stray_letters), ("stray mails", _stray_mails))
        given = stray_at(now)
        return any(self._connection.row(self._book(name, build), given) is not None for name, build in builds)

    def letters(
        self,
        *,
        status: str | None = None,
        outbox: tuple[int, int] | None = None,
        about: int | None = None,
        limit: int = 200,
        after: int = 0,
    ) -> tuple[LetterView, ...]:
        """Answer letters in the order of their numbers: of a status, or with any of a span of mails of the outbox.

        ``about`` asks for those in which something waits about an instance.
        """
        asked = status is not None, outbox is not None, about is not None
        first, last = outbox or (0, 0)
        given = {"b_status": status, "b_first": first, "b_last": last, "b_limit": limit, "b_after": after}
        given["b_about"] = about
        rows = self._connection.rows(self._book("read letters", _letters, *asked), given)
        return _views(rows, self._connection.rows(self._book("read items", _items_of, *asked), given))

    def letter(self, letter_id: int) -> LetterView | None:
        """Answer one letter."""
        given = {"b_id": letter_id}
        rows = self._connection.rows(self._book("read letter", _letter), given)
        return next(iter(_views(rows, self._connection.rows(self._book("items of letter", _items), given))), None)

    def tried(self, between: tuple[int, int], limit: int) -> tuple[LetterView, ...]:
        """Answer at most ``limit`` letters that went on trial only, of those numbers, the oldest first."""
        given = {"b_first": between[0], "b_last": between[1], "b_limit": limit}
        rows = self._connection.rows(self._book("letters on trial", _tried), given)
        return _views(rows, self._connection.rows(self._book("items on trial", _items_tried), given))

    def count_tried(self, between: tuple[int, int], limit: int) -> int:
        """Count letters that went on trial only, of those numbers, at most ``limit``."""
        given = {"b_first": between[0], "b_last": between[1], "b_limit": limit}
        row = self._connection.row(self._book("count letters on trial", _count_tried), given)
        return int(row[0]) if row else 0

    def last_mail(self) -> int:
        """Answer the number of the newest mail of the outbox, 0 where there is none."""
        row = self._connection.row(self._book("last mail", _last_mail), {})
        return int(row[0]) if row else 0

    def has_failed(self, by: datetime) -> bool:
        """Tell whether a letter that has failed before is tried again by then; that looks through what waits."""
        return self._connection.row(self._book("failed letter", _failed_letter), {"b_by": by}) is not None

    def counts(self) -> dict[str, int]:
        """Count letters by status."""
        return {row[0]: row[1] for row in self._connection.rows(self._book("count letters", _count), {})}

    def wishes(self, person_id: int) -> dict[str, Wish]:
        """Answer what a person wants, by kind."""
        rows = self._connection.rows(self._book("wishes", _wishes), {"b_id": person_id})
        return {row[0]: Wish(*row) for row in rows}


def _views(rows: Sequence[Row], items: Sequence[Row]) -> tuple[LetterView, ...]:
    found: dict[int, list[ItemView]] = {row[0]: [] for row in rows}
    for item in items:
        found[item[0]].append(ItemView(*item))
    return tuple(LetterView(letter_row(row), tuple(found[row[0]])) for row in rows)


def _due() -> ClauseElement:
    is_free = or_(LETTER.c.lease_until.is_(None), LETTER.c.lease_until <= bindparam("b_now"))
    found = select(LETTER.c.id).where(is_pending(LETTER), LETTER.c.not_before <= bindparam("b_now"), is_free)
    return found.order_by(LETTER.c.not_before, LETTER.c.id).limit(bindparam("b_limit"))


def _mails_due() -> ClauseElement:
    found = select(OUTBOX.c.id).where(is_pending(OUTBOX), OUTBOX.c.not_before <= bindparam("b_now"))
    return found.order_by(OUTBOX.c.not_before, OUTBOX.c.id).limit(bindparam("b_limit"))


def _next_letter() -> ClauseElement:
    found = select(LETTER.c.not_before).where(is_pending(LETTER), LETTER.c.lease_until.is_(None))
    return found.order_by(LETTER.c.not_before, LETTER.c.id).limit(1)


def _next_held() -> ClauseElement:
    """Say when the first letter that is held is due: when its lease runs out, if whoever holds it has died."""
    held, waits = LETTER.c.lease_until, LETTER.c.not_before
    first = func.min(case((held > waits, held), else_=waits), type_=waits.type)
    return select(first.label("at")).where(is_pending(LETTER), held.is_not(None))


def _next_mail() -> ClauseElement:
    found = select(OUTBOX.c.not_before).where(is_pending(OUTBOX))
    return found.order_by(OUTBOX.c.not_before, OUTBOX.c.id).limit(1)


def _stray_leases() -> ClauseElement:
    return select(LETTER.c.id).where(has_stray_lease()).limit(1)


def _stray_letters() -> ClauseElement:
    return select(LETTER.c.id).where(is_stray_letter()).limit(1)


def _stray_mails() -> ClauseElement:
    return select(OUTBOX.c.id).where(is_stray_mail()).limit(1)


def _letters(has_status: bool, has_span: bool, has_about: bool) -> ClauseElement:
    return _asked(letter_columns(), has_status, has_span, has_about)


def _items_of(has_status: bool, has_span: bool, has_about: bool) -> ClauseElement:
    return _items_in(ITEM.c.letter_id.in_(_asked([LETTER.c.id], has_status, has_span, has_about)))


def _asked(what: list[Any], has_status: bool, has_span: bool, has_about: bool) -> Select[Any]:
    found = select(*what).where(LETTER.c.id > bindparam("b_after"))
    if has_status:
        found = found.where(LETTER.c.status == bindparam("b_status"))
    if has_span:
        here = select(ITEM.c.letter_id).where(ITEM.c.outbox_id.between(bindparam("b_first"), bindparam("b_last")))
        found = found.where(LETTER.c.id.in_(here))
    if has_about:
        waits = select(ITEM.c.letter_id).join(OUTBOX, OUTBOX.c.id == ITEM.c.outbox_id)
        waits = waits.where(OUTBOX.c.instance_id == bindparam("b_about"), is_pending(ITEM))
        found = found.where(LETTER.c.id.in_(waits))
    return found.order_by(LETTER.c.id).limit(bindparam("b_limit"))


def _letter() -> ClauseElement:
    return select(*letter_columns()).where(LETTER.c.id == bindparam("b_id"))


def _tried() -> ClauseElement:
    return _on_trial(letter_columns())


def _items_tried() -> ClauseElement:
    return _items_in(ITEM.c.letter_id.in_(_on_trial([LETTER.c.id])))


def _count_tried() -> ClauseElement:
    return select(func.count()).select_from(_on_trial([LETTER.c.id]).subquery())


def _on_trial(what: list[Any]) -> Select[Any]:
    """Find what its receiver never got: what may be out by an attempt that was none of the trial is left to people."""
    may_be_sent = and_(LETTER.c.status == "doubtful", LETTER.c.is_doubtful.is_(False))
    found = select(*what).where(or_(LETTER.c.status == "sent", may_be_sent), LETTER.c.is_trial.is_(True))
    found = found.where(LETTER.c.id.between(bindparam("b_first"), bindparam("b_last")))
    return found.order_by(LETTER.c.id).limit(bindparam("b_limit"))


def _failed_letter() -> ClauseElement:
    return (
        select(LETTER.c.id)
        .where(is_pending(LETTER), LETTER.c.last_error.is_not(None), LETTER.c.not_before <= bindparam("b_by"))
        .limit(1)
    )


def _last_mail() -> ClauseElement:
    return select(OUTBOX.c.id).order_by(OUTBOX.c.id.desc()).limit(1)


def _items() -> ClauseElement:
    return _items_in(ITEM.c.letter_id == bindparam("b_id"))


def _items_in(which: Any) -> ClauseElement:
    names: list[Any] = [ITEM.c[name] for name in ("letter_id", "outbox_id", "status", "note")]
    found = select(*names, OUTBOX.c.instance_id, OUTBOX.c.programme_id)
    found = found.join(OUTBOX, OUTBOX.c.id == ITEM.c.outbox_id)
    return found.where(which).order_by(ITEM.c.letter_id, ITEM.c.outbox_id)


def _count() -> ClauseElement:
    return select(LETTER.c.status, func.count()).group_by(LETTER.c.status)


def _wishes() -> ClauseElement:
    names = ("kind", "opted_out", "paused_until", "digest", "out_until")
    found = select(*[PREFERENCE.c[name] for name in names]).where(PREFERENCE.c.person_id == bindparam("b_id"))
    return found.order_by(PREFERENCE.c.kind)
