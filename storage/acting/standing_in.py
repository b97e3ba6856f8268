"""Writes who takes over in somebody's roles for one absence; that it counts is the registers' business."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, delete, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from ..tables import METADATA

ROLE = METADATA.tables["role_assignment"]
STAND_IN = METADATA.tables["stand_in"]


class StandIns:
    """Stand-ins, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def put(self, role_id: int, person_id: int, until: date) -> None:
        """Let somebody take over in a role up to and including a day, in place of whoever was to."""
        given = {"role_id": role_id, "person_id": person_id, "until": until}
        self._connection.run(self._book("put stand-in", _put, self._book.dialect), given)

    def end(self, role_id: int) -> None:
        """Let nobody take over in a role but its substitute."""
        self._connection.run(self._book("end stand-in", _end), {"b_role": role_id})

    def end_all(self, person_id: int) -> None:
        """Let nobody take over in a person's roles but their substitutes."""
        self._connection.run(self._book("end stand-ins", _end_all), {"b_person": person_id})


def _put(dialect: str) -> ClauseElement:
    added = inserting(dialect, STAND_IN).values({column.name: bindparam(column.name) for column in STAND_IN.c})
    changed = {"person_id": added.excluded.person_id, "until": added.excluded.until}
    put: ClauseElement = added.on_conflict_do_update(index_elements=["role_id"], set_=changed)
    return put


def _end() -> ClauseElement:
    return delete(STAND_IN).where(STAND_IN.c.role_id == bindparam("b_role"))


def _end_all() -> ClauseElement:
    own = select(ROLE.c.id).where(ROLE.c.person_id == bindparam("b_person"))
    return delete(STAND_IN).where(STAND_IN.c.role_id.in_(own))
