"""The meetings between two days, in all programmes, and what tells who is at them; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Data, Identity, Position
from ..prepared import Connection, columns
from .relatives import IDENTITY, INSTANCE


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting whose day is known, with the title of its programme."""

    identity: Identity
    title: str
    programme: str
    position: Position
    data: Data
    first_on: date
    last_on: date


def meetings_on(connection: Connection, first: date, last: date) -> tuple[MeetingRow, ...]:
    """Answer the meetings that take place between two days, both included, in the order of their numbers."""
    given = {"b_first": first, "b_last": last}
    rows = connection.rows(connection.book("meetings", _meetings), given)
    count = len(IDENTITY)
    return tuple(MeetingRow(Identity(*row[:count]), *row[count:]) for row in rows)


def _meetings() -> ClauseElement:
    programme = INSTANCE.alias()
    first = func.coalesce(INSTANCE.c.actual_start, INSTANCE.c.planned_start)
    last = func.coalesce(INSTANCE.c.actual_end, INSTANCE.c.planned_end, first)
    day = INSTANCE.c.planned_start.type
    found = select(
        *columns(INSTANCE, *IDENTITY),
        INSTANCE.c.title,
        programme.c.title.label("programme"),
        INSTANCE.c.position,
        INSTANCE.c.data,
        first.label("first_on"),
        last.label("last_on"),
    ).join(programme, programme.c.id == INSTANCE.c.programme_id)
    return found.where(
        INSTANCE.c.kind == "meeting",
        INSTANCE.c.precision == "day",
        first <= bindparam("b_last", type_=day),
        last >= bindparam("b_first", type_=day),
    ).order_by(INSTANCE.c.id)
