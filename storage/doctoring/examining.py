"""Reads a database for the doctor: in pages, instance by instance, raw enough to show what is wrong; judges nothing.

What hangs on the instances of a page is read in streams that are ordered by instance, so that no more is held than
the page and a batch of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, select, tuple_
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Data, Position
from ..prepared import Connection, Row
from ..queues import NUDGE_VALUE, TIMER_VALUE
from ..reading import (
    DELIVERY,
    HISTORY,
    HISTORY_VIEW,
    INSTANCE_VIEW,
    OUTBOX,
    OUTBOX_VIEW,
    TIMER,
    DeliveryView,
    HistoryRow,
    InstanceView,
    OutboxView,
    TimerView,
    history_row,
    instance_view,
    outbox_view,
    timer_view,
)
from ..registers import WORKFLOW
from ..registrations import REGISTRATION, RegistrationView, registration_view
from ..surroundings.relatives import INSTANCE

BATCH = 500
MOST_COMPLAINTS = 20


@dataclass(frozen=True, slots=True)
class ParentView:
    """What an instance must agree with above it."""

    programme_id: int
    kommune: str | None
    workflow_hash: str
    kind: str
    position: Position
    data: Data


@dataclass(frozen=True, slots=True)
class KinView:
    """An instance with its parent, and whether its parent's history has a row of the moment when it was born."""

    instance: InstanceView
    parent: ParentView | None
    is_birth_recorded: bool


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A published workflow as it is kept."""

    hash: str
    key: str
    version: int
    document: str


class Examination:
    """What the doctor reads, in one read transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def complaints(self) -> tuple[str, ...]:
        """Let the database examine itself: what it says is broken, at most ``MOST_COMPLAINTS`` lines."""
        ask = self._connection.ask_all
        if self._book.dialect == "postgresql":
            found = ask(
                "SELECT 'index ' || indexrelid::regclass || ' is not valid' FROM pg_index WHERE NOT indisvalid"
                " UNION ALL"
                " SELECT 'constraint ' || conname || ' is not validated' FROM pg_constraint WHERE NOT convalidated"
                f" LIMIT {MOST_COMPLAINTS}"
            )
            return tuple(str(row[0]) for row in found)
        said = [str(row[0]) for row in ask(f"PRAGMA integrity_check({MOST_COMPLAINTS})")]
        keys = ask("PRAGMA foreign_key_check")
        lines = [f"row {row[1]} of {row[0]} names a {row[2]} that is not there" for row in keys]
        return (*(line for line in said if line != "ok"), *lines)[:MOST_COMPLAINTS]

    def workflows(self) -> Iterator[WorkflowRow]:
        """Answer the published workflows, one document at a time."""
        after = ""
        while row := self._connection.row(self._book("next workflow", _next_workflow), {"b_after": after}):
            yield WorkflowRow(*row)
            after = row[0]

    def numbers(self, after: int, limit: int) -> tuple[int, ...]:
        """Answer the numbers of the next instances."""
        given = {"b_after": after, "b_limit": limit}
        return tuple(row[0] for row in self._connection.rows(self._book("numbers", _numbers), given))

    def kin(self, first: int, last: int) -> tuple[KinView, ...]:
        """Answer the instances from one number to another, with what their parents say of them."""
        rows = self._connection.rows(self._book("kin", _kin), {"b_first": first, "b_last": last})
        return tuple(_kin_view(row) for row in rows)

    def children(self, instance_id: int) -> Iterator[tuple[str, Position]]:
        """Answer kind and position of what stands directly under an instance."""
        yield from self._connection.rows(self._book("positions", _positions), {"b_id": instance_id})

    def histories(self, first: int, last: int) -> Iterator[HistoryRow]:
        """Answer the history rows of the instances from one number to another, by instance and seq."""
        for batch in self._batches("histories", _histories, (first, 0), last, (0, 1)):
            yield from map(history_row, batch)

    def timers(self, first: int, last: int) -> Iterator[TimerView]:
        """Answer the timers of the instances from one number to another, past ones too, by instance."""
        for batch in self._batches("all timers", _all_timers, (first, ""), last, (0, 3)):
            yield from map(timer_view, batch)

    def registrations(self, first: int, last: int) -> Iterator[RegistrationView]:
        """Answer what was registered about the instances from one number to another, by instance and seq."""
        for batch in self._batches("all registrations", _all_registrations, (first, 0), last, (2, 3)):
            yield from map(registration_view, batch)

    def mails(self, first: int, last: int) -> Iterator[OutboxView]:
        """Answer the mails about the instances from one number to another with their deliveries, by instance."""
        statement = self._book("all deliveries", _all_deliveries)
        for batch in self._batches("all mails", _all_mails, (first, 0), last, (1, 0)):
            bounds = {"b_instance": batch[0][1], "b_place": batch[0][0]}
            bounds |= {"b_last": batch[-1][1], "b_end": batch[-1][0]}
            got: dict[int, list[DeliveryView]] = {}
            for row in self._connection.rows(statement, bounds):
                got.setdefault(row[0], []).append(DeliveryView(*row[1:]))
            yield from (outbox_view(row, tuple(got.get(row[0], ()))) for row in batch)

    def _batches(
        self, name: str, build: Any, start: tuple[int, int | str], last: int, places: tuple[int, int]
    ) -> Iterator[list[Row]]:
        """Read batch after batch of rows that are ordered by two columns, those at ``places``, from ``start`` on."""
        statement = self._book(name, build)
        instance, place = start
        while True:
            given = {"b_instance": instance, "b_place": place, "b_last": last, "b_limit": BATCH}
            rows = self._connection.rows(statement, given)
            if rows:
                yield rows
            if len(rows) < BATCH:
                return
            instance, place = (rows[-1][number] for number in places)


def _kin_view(row: Row) -> KinView:
    """Build a view from the columns of ``INSTANCE_VIEW``, six of the parent, and a row of the parent's history."""
    parent = None if row[-7] is None else ParentView(*row[-7:-1])
    return KinView(instance_view(row[:-7]), parent, row[-1] is not None)


def _next_workflow() -> ClauseElement:
    found = select(*(WORKFLOW.c[name] for name in ("hash", "key", "version", "document")))
    return found.where(WORKFLOW.c.hash > bindparam("b_after")).order_by(WORKFLOW.c.hash).limit(1)


def _numbers() -> ClauseElement:
    found = select(INSTANCE.c.id).where(INSTANCE.c.id > bindparam("b_after"))
    return found.order_by(INSTANCE.c.id).limit(bindparam("b_limit"))


def _kin() -> ClauseElement:
    parent = INSTANCE.alias()
    bearing = select(func.min(HISTORY.c.seq)).where(
        HISTORY.c.programme_id == INSTANCE.c.programme_id,
        HISTORY.c.recorded_at == INSTANCE.c.created_at,
        HISTORY.c.instance_id == INSTANCE.c.parent_id,
    )
    found = select(
        *(INSTANCE.c[name] for name in INSTANCE_VIEW),
        parent.c.programme_id.label("parent_programme"),
        parent.c.kommune.label("parent_kommune"),
        parent.c.workflow_hash.label("parent_workflow"),
        parent.c.kind.label("parent_kind"),
        parent.c.position.label("parent_position"),
        parent.c.data.label("parent_data"),
        bearing.scalar_subquery().label("bearing"),
    ).outerjoin(parent, parent.c.id == INSTANCE.c.parent_id)
    return found.where(_inside(INSTANCE.c.id)).order_by(INSTANCE.c.id)


def _inside(column: Any) -> Any:
    return and_(column >= bindparam("b_first"), column <= bindparam("b_last"))


def _positions() -> ClauseElement:
    found = select(INSTANCE.c.kind, INSTANCE.c.position).where(INSTANCE.c.parent_id == bindparam("b_id"))
    return found.order_by(INSTANCE.c.id)


def _after(table: Any, name: str) -> Any:
    """Match what comes after an instance and a place in it, up to a last instance."""
    instance, place = table.c.instance_id, table.c[name]
    bounds = tuple_(bindparam("b_instance", type_=instance.type), bindparam("b_place", type_=place.type))
    return and_(tuple_(instance, place) > bounds, instance <= bindparam("b_last"))


def _histories() -> ClauseElement:
    found = select(*(HISTORY.c[name] for name in HISTORY_VIEW)).where(_after(HISTORY, "seq"))
    return found.order_by(HISTORY.c.instance_id, HISTORY.c.seq).limit(bindparam("b_limit"))


def _all_registrations() -> ClauseElement:
    found = select(*REGISTRATION.c).where(_after(REGISTRATION, "seq"))
    return found.order_by(REGISTRATION.c.instance_id, REGISTRATION.c.seq).limit(bindparam("b_limit"))


def _all_timers() -> ClauseElement:
    found = select(TIMER.c.instance_id, INSTANCE.c.programme_id, TIMER.c.kommune, *(TIMER.c[n] for n in TIMER_VALUE))
    found = found.add_columns(TIMER.c.attempts, TIMER.c.retry_at, TIMER.c.last_error)
    found = found.join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id).where(_after(TIMER, "key"))
    return found.order_by(TIMER.c.instance_id, TIMER.c.key).limit(bindparam("b_limit"))


def _all_mails() -> ClauseElement:
    found = select(*(OUTBOX.c[name] for name in (*OUTBOX_VIEW, *NUDGE_VALUE))).where(_after(OUTBOX, "id"))
    return found.order_by(OUTBOX.c.instance_id, OUTBOX.c.id).limit(bindparam("b_limit"))


def _all_deliveries() -> ClauseElement:
    names = ("outbox_id", "person_id", "message_id", "status", "at")
    mine = tuple_(OUTBOX.c.instance_id, OUTBOX.c.id)
    kind = OUTBOX.c.id.type
    first, end = (
        tuple_(bindparam(instance, type_=kind), bindparam(place, type_=kind))
        for instance, place in (("b_instance", "b_place"), ("b_last", "b_end"))
    )
    found = select(*(DELIVERY.c[name] for name in names)).join(OUTBOX, OUTBOX.c.id == DELIVERY.c.outbox_id)
    return found.where(mine >= first, mine <= end).order_by(DELIVERY.c.outbox_id, DELIVERY.c.person_id)
