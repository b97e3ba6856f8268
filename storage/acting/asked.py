"""What a person has been asked for by mail, with where it stands now: one query, whatever there is; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Data, Dates, Identity, Intent, Nudge, Position
from ..posting.tables import ITEM, LETTER
from ..prepared import Connection, Row, columns
from ..queues.outbox import NUDGE_VALUE, nudge
from ..surroundings.relatives import DATES, IDENTITY, INSTANCE, dates
from ..tables import METADATA

OUTBOX = METADATA.tables["outbox"]
KOMMUNE = METADATA.tables["kommune"]
MOST = 500
"""So many mails are looked at, the newest; whoever has had more is not helped by a longer list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A reminder or an invitation that stands, or stood, in a letter to a person, and what it is about.

    ``entered`` maps a region to the number of the history row with which it came to where it stands.
    """

    outbox_id: int
    identity: Identity
    title: str
    position: Position
    entered: Mapping[str, int]
    data: Data
    dates: Dates
    programme: str
    kommune_name: str | None
    nudge: Nudge


def asked_of(connection: Connection, person_id: int) -> tuple[Asked, ...]:
    """Answer what a person has been asked for, or is to be, the newest first; what was dropped is not among it."""
    rows = connection.rows(connection.book("asked of", _asked), {"b_person": person_id})
    return tuple(_as_asked(row) for row in rows)


def _as_asked(row: Row) -> Asked:
    first = 1 + len(IDENTITY)
    title, position, entered, data = row[first : first + 4]
    second = first + 4 + len(DATES)
    return Asked(
        outbox_id=row[0],
        identity=Identity(*row[1:first]),
        title=title,
        position=position,
        entered={region: seq for region, (_, seq) in entered.items()},
        data=data,
        dates=dates(row[first + 4 : second]),
        programme=row[second],
        kommune_name=row[second + 1],
        nudge=nudge(row[second + 2 :]),
    )


def _asked() -> ClauseElement:
    programme = INSTANCE.alias()
    found = select(
        *columns(OUTBOX, "id"),
        *columns(INSTANCE, *IDENTITY, "title", "position", "entered", "data", *DATES),
        programme.c.title.label("programme_title"),
        KOMMUNE.c.name,
        *[OUTBOX.c[name].label(f"nudge_{name}") for name in NUDGE_VALUE],
    )
    found = found.join(ITEM, ITEM.c.outbox_id == OUTBOX.c.id).join(LETTER, LETTER.c.id == ITEM.c.letter_id)
    found = found.join(INSTANCE, INSTANCE.c.id == OUTBOX.c.instance_id)
    found = found.join(programme, programme.c.id == OUTBOX.c.programme_id)
    found = found.outerjoin(KOMMUNE, KOMMUNE.c.code == OUTBOX.c.kommune)
    # Not IN: its list is expanded when it is executed, and these statements are compiled beforehand.
    asks = or_(*[OUTBOX.c.intent == one.value for one in (Intent.NUDGE, Intent.INVITATION)])
    is_there = or_(*[ITEM.c.status == one for one in ("pending", "sent", "doubtful")])
    found = found.where(LETTER.c.person_id == bindparam("b_person"), is_there, asks)
    return found.order_by(OUTBOX.c.id.desc()).limit(MOST)
