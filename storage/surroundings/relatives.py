"""What a decision may know of an instance's relatives: reads the rows around one; locks and changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Dates, Facts, Identity, Reach, Relative
from ...engine.values.names import KOMMUNE
from ..prepared import Connection, Row, columns
from ..tables import METADATA

INSTANCE = METADATA.tables["instance"]
IDENTITY = ("id", "kind", "key", "programme_id", "parent_id", "kommune", "workflow_hash")
DATES = (
    "planned_start",
    "planned_end",
    "precision",
    "actual_start",
    "actual_end",
    "effective_on",
    "fixed_by",
    "date_reason",
)
RELATIVE = ("id", "kind", "key", "title", "parent_id", "kommune", "position", "data", *DATES)


class Relatives:
    """Read relatives in one transaction; ``activity_kinds`` are the kinds that have days of their own."""

    def __init__(self, connection: Connection, activity_kinds: Collection[str]) -> None:
        self._connection = connection
        self._book = connection.book
        self._activity_kinds = tuple(sorted(activity_kinds))

    def facts(self, identity: Identity, reach: frozenset[Reach]) -> Facts:
        """Read the relatives of an instance that are asked for; the rest is left empty."""
        own, parent, programme = identity.id, identity.parent_id, identity.programme_id
        children = siblings = activities = kommuner = ()  # type: tuple[Relative, ...]
        if Reach.CHILDREN in reach:
            children = self._read("children", _children, b_id=own)
        if Reach.SIBLINGS in reach and parent is not None:
            siblings = self._read("siblings", _siblings, b_id=own, b_parent=parent, b_kind=identity.kind)
        if Reach.ACTIVITIES in reach:
            given = {"b_programme": programme, "b_kommune": identity.kommune}
            activities = self._read("activities", _activities, self._activity_kinds, **given)
        if Reach.KOMMUNER in reach:
            kommuner = self._read("taking part", _kommuner, b_id=own, b_programme=programme)
        return Facts(
            parent=self._one(parent) if Reach.PARENT in reach else None,
            programme=self._one(programme) if Reach.PROGRAMME in reach else None,
            children=children,
            siblings=siblings,
            activities=activities,
            kommuner=kommuner,
        )

    def below(self, identity: Identity, kinds: Collection[str]) -> tuple[Relative, ...]:
        """Read what hangs under an instance: its children of these kinds, of a programme all of them."""
        return self._read("below", _below, tuple(sorted(kinds)), identity.id == identity.programme_id, b_id=identity.id)

    def _one(self, instance_id: int | None) -> Relative | None:
        """Read one relative, if there is one."""
        found = () if instance_id is None else self._read("relative", _relative, b_id=instance_id)
        return found[0] if found else None

    def _read(self, name: str, build: Any, *form: object, **given: object) -> tuple[Relative, ...]:
        """Read relatives in the order of their numbers."""
        rows = self._connection.rows(self._book(name, build, *form), given)
        return tuple(relative(row) for row in rows)


def relative(row: Row) -> Relative:
    """Build a relative from the columns of ``RELATIVE``."""
    values: Row = (*row[:8], dates(row[8:]))
    return Relative(*values)


def dates(row: Row) -> Dates:
    """Build dates from the columns of ``DATES``."""
    return Dates(*row)


def kind_in(kinds: tuple[str, ...]) -> Any:
    """Ask for instances of these kinds."""
    # Not IN: its list is expanded when it is executed, and these statements are compiled beforehand.
    return or_(False, *[INSTANCE.c.kind == kind for kind in kinds])


def _relative() -> ClauseElement:
    return select(*columns(INSTANCE, *RELATIVE)).where(INSTANCE.c.id == bindparam("b_id"))


def _children() -> ClauseElement:
    found = select(*columns(INSTANCE, *RELATIVE)).where(INSTANCE.c.parent_id == bindparam("b_id"))
    return found.order_by(INSTANCE.c.id)


def _siblings() -> ClauseElement:
    found = select(*columns(INSTANCE, *RELATIVE)).where(INSTANCE.c.parent_id == bindparam("b_parent"))
    found = found.where(INSTANCE.c.kind == bindparam("b_kind"), INSTANCE.c.id != bindparam("b_id"))
    return found.order_by(INSTANCE.c.id)


def _kommuner() -> ClauseElement:
    found = select(*columns(INSTANCE, *RELATIVE)).where(INSTANCE.c.programme_id == bindparam("b_programme"))
    found = found.where(INSTANCE.c.kind == KOMMUNE, INSTANCE.c.id != bindparam("b_id"))
    return found.order_by(INSTANCE.c.id)


def _activities(kinds: tuple[str, ...]) -> ClauseElement:
    found = select(*columns(INSTANCE, *RELATIVE)).where(INSTANCE.c.programme_id == bindparam("b_programme"))
    kommune = bindparam("b_kommune", type_=INSTANCE.c.kommune.type)
    own = or_(kommune.is_(None), INSTANCE.c.kommune.is_(None), INSTANCE.c.kommune == kommune)
    return found.where(kind_in(kinds), own).order_by(INSTANCE.c.id)


def _below(kinds: tuple[str, ...], whole: bool) -> ClauseElement:
    above = INSTANCE.c.programme_id if whole else INSTANCE.c.parent_id
    found = select(*columns(INSTANCE, *RELATIVE)).where(above == bindparam("b_id"), kind_in(kinds))
    return found.order_by(INSTANCE.c.id)
