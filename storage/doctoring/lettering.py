"""Looks for letters and mails that do not fit together, or that nobody will look at again; judges by the rows alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ..posting.tables import ITEM, LETTER
from ..prepared import Connection
from ..reading import DELIVERY, OUTBOX

MOST = 200
"""So many of each sort are told; who has more has one cause for them."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A letter or a mail of the outbox that is not as it must be: a code of the doctor's, its number, its instance."""

    code: str
    number: int
    instance_id: int | None


def misfits(connection: Connection, late: datetime) -> Iterator[Misfit]:
    """Find what does not fit; ``late`` is the instant before which what is due should have been tried."""
    kinds: tuple[tuple[str, Callable[[], ClauseElement]], ...] = (
        ("mail_unposted", _unposted),
        ("mail_forgotten", _forgotten),
        ("letter_unproven", _unproven),
        ("letter_left", _left),
        ("letter_waiting", _waiting),
    )
    for code, build in kinds:
        for row in connection.rows(connection.book(code, build), {"b_late": late}):
            yield Misfit(code, *row)


def _items(status: str) -> Any:
    return select(ITEM.c.letter_id).where(ITEM.c.outbox_id == OUTBOX.c.id, ITEM.c.status == status)


def _unposted() -> ClauseElement:
    """Sent, but in no letter that was sent."""
    sent = _items("sent").join(LETTER, LETTER.c.id == ITEM.c.letter_id).where(LETTER.c.status == "sent")
    found = select(OUTBOX.c.id, OUTBOX.c.instance_id).where(OUTBOX.c.status == "sent", ~exists(sent))
    return found.order_by(OUTBOX.c.id).limit(MOST)


def _forgotten() -> ClauseElement:
    """In letters by its status, but waiting in none."""
    found = select(OUTBOX.c.id, OUTBOX.c.instance_id).where(OUTBOX.c.status == "posted", ~exists(_items("pending")))
    return found.order_by(OUTBOX.c.id).limit(MOST)


def _letters() -> Any:
    return select(LETTER.c.id, func.min(OUTBOX.c.instance_id).label("instance")).select_from(
        LETTER.outerjoin(ITEM, ITEM.c.letter_id == LETTER.c.id).outerjoin(OUTBOX, OUTBOX.c.id == ITEM.c.outbox_id)
    )


def _unproven() -> ClauseElement:
    """Sent, but noted as delivered to nobody."""
    got = select(DELIVERY.c.outbox_id).where(DELIVERY.c.message_id == LETTER.c.message_id)
    proof = got.where(DELIVERY.c.person_id == LETTER.c.person_id, DELIVERY.c.outbox_id.in_(_in_letter()))
    return _first(_letters().where(LETTER.c.status == "sent", ~exists(proof)))


def _in_letter() -> Any:
    mine = ITEM.alias()
    return select(mine.c.outbox_id).where(mine.c.letter_id == LETTER.c.id).correlate(LETTER)


def _left() -> ClauseElement:
    """At its end, but something still waits in it."""
    return _first(_letters().where(LETTER.c.status != "pending", ITEM.c.status == "pending"))


def _waiting() -> ClauseElement:
    """Due long since, and held by nobody."""
    late = bindparam("b_late", type_=LETTER.c.not_before.type)
    is_free = or_(LETTER.c.lease_until.is_(None), LETTER.c.lease_until < late)
    return _first(_letters().where(LETTER.c.status == "pending", LETTER.c.not_before < late, is_free))


def _first(found: Any) -> ClauseElement:
    first: ClauseElement = found.group_by(LETTER.c.id).order_by(LETTER.c.id).limit(MOST)
    return first
