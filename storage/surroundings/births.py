"""Who was born right below an instance between two instants, and by which event; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection
from ..tables import METADATA
from .relatives import INSTANCE

HISTORY = METADATA.tables["history"]


@dataclass(frozen=True, slots=True)
class BirthRow:
    """The event that something was born by, when that was recorded, and what was born."""

    event: str
    at: datetime
    title: str


def births_between(connection: Connection, parent_id: int, first: datetime, last: datetime) -> tuple[BirthRow, ...]:
    """Answer what was born right below an instance between two instants, both included, in its order."""
    given = {"b_id": parent_id, "b_first": first, "b_last": last}
    return tuple(BirthRow(*row) for row in connection.rows(connection.book("births", _births), given))


def _births() -> ClauseElement:
    found = select(HISTORY.c.event, HISTORY.c.recorded_at, INSTANCE.c.title)
    found = found.join(INSTANCE, INSTANCE.c.id == HISTORY.c.instance_id).where(HISTORY.c.kind == "birth")
    found = found.where(INSTANCE.c.parent_id == bindparam("b_id"), HISTORY.c.recorded_at >= bindparam("b_first"))
    return found.where(HISTORY.c.recorded_at <= bindparam("b_last")).order_by(INSTANCE.c.id)
