"""The reader: what faces and the doctor look at, as frozen values from one moment; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.sql.expression import ClauseElement

from ..engine.errors import NotFound
from ..engine.values import Data, Dates, Entry, Identity, Nudge, Position, Relative, Timer
from .attending import AttendanceReader
from .posting import LetterReader
from .prepared import Connection, Row, columns
from .queues import NUDGE_VALUE, TIMER_VALUE, DueTimers, nudge, timer
from .registers import RegisterReader
from .registrations import RegistrationReader
from .running import Backlog, Beats, LeftMails
from .surroundings.relatives import DATES, INSTANCE, dates
from .tables import METADATA

HISTORY = METADATA.tables["history"]
TIMER = METADATA.tables["timer"]
OUTBOX = METADATA.tables["outbox"]
DELIVERY = METADATA.tables["delivery"]
INSTANCE_VIEW = (
    *("id", "kind", "key", "title", "parent_id", "programme_id", "kommune", "workflow_hash", "position"),
    *("entered", "data", *DATES, "revision", "head", "created_at"),
)
OUTBOX_VIEW = (
    *("id", "instance_id", "programme_id", "kommune", "status", "queued_at", "not_before", "attempts", "last_error"),
    *("result", "settled_at", "waits"),
)
HISTORY_VIEW = tuple(column.name for column in HISTORY.c)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance as it stands; ``head`` is the hash of its last history row."""

    id: int
    kind: str
    key: str
    title: str
    parent_id: int | None
    programme_id: int
    kommune: str | None
    workflow_hash: str
    position: Position
    entered: Mapping[str, Entry]
    data: Data
    dates: Dates
    revision: int
    head: str
    created_at: datetime

    @property
    def identity(self) -> Identity:
        """Give what never changes about it."""
        return Identity(
            self.id, self.kind, self.key, self.programme_id, self.parent_id, self.kommune, self.workflow_hash
        )

    @property
    def relative(self) -> Relative:
        """Show it as its relatives see it."""
        return Relative.of(self.identity, self.title, self.position, self.data, self.dates)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of history, with the columns of its table."""

    instance_id: int
    seq: int
    kind: str
    event: str
    actor_kind: str
    actor_id: str
    region: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    overridden: tuple[str, ...]
    happened_at: datetime
    recorded_at: datetime
    corrects: int | None
    changes: Data
    undo: Data
    idempotency_key: str | None
    decision_seq: int
    programme_id: int
    kommune: str | None
    prev_hash: str
    hash: str

    def columns(self) -> dict[str, Any]:
        """Give the row as `verify_chain` reads it: column -> value."""
        return {name: getattr(self, name) for name in HISTORY_VIEW}


@dataclass(frozen=True, slots=True)
class KnownRow:
    """What replay reads of a row of history, with the hash that was the instance's head after it."""

    instance_id: int
    seq: int
    kind: str
    region: str | None
    source: str | None
    dest: str | None
    changes: Data
    happened_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class TimerView:
    """A timer with its instance and what became of the attempts to handle it."""

    instance_id: int
    programme_id: int
    kommune: str | None
    timer: Timer
    attempts: int
    retry_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """That a mail server took a mail for one person."""

    person_id: int
    message_id: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OutboxView:
    """A mail in the outbox, and to whom it went."""

    id: int
    instance_id: int
    programme_id: int
    kommune: str | None
    nudge: Nudge
    status: str
    queued_at: datetime
    not_before: datetime
    attempts: int
    last_error: str | None
    result: Data | None
    settled_at: datetime | None
    waits: str | None
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is: kind of instance -> number, status of timer -> number, status of mail -> number."""

    instances: Mapping[str, int]
    timers: Mapping[str, int]
    outbox: Mapping[str, int]
    history: int


class Reader(DueTimers):
    """One read transaction; ``registers`` looks up kommuner, people, roles and workflows in the same one,
    ``registrations`` what was measured, ``posted`` the letters, ``attendances`` who comes."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.connection = connection
        self.registers = RegisterReader(connection)
        self.registrations = RegistrationReader(connection)
        self.posted = LetterReader(connection)
        self.attendances = AttendanceReader(connection)
        self.beats = Beats(connection)
        self.left = LeftMails(connection)
        self.backlog = Backlog(connection)

    def programmes(self) -> tuple[InstanceView, ...]:
        """Answer all programmes in the order of their numbers."""
        return tuple(instance_view(row) for row in self.connection.rows(self._book("programmes", _programmes), {}))

    def instances(
        self, programme_id: int, kind: str | None = None, kommune: str | None = None
    ) -> tuple[InstanceView, ...]:
        """Answer a programme's instances, itself among them, in the order of their numbers."""
        statement = self._book("instances", _instances, kind is not None, kommune is not None)
        given = {"b_programme": programme_id, "b_kind": kind, "b_kommune": kommune}
        return tuple(instance_view(row) for row in self.connection.rows(statement, given))

    def instance(self, instance_id: int) -> InstanceView:
        """Answer one instance; NotFound if there is none of this number."""
        if not isinstance(instance_id, int):
            raise NotFound("instance", instance_id)
        row = self.connection.row(self._book("instance", _one_instance), {"b_id": instance_id})
        if row is None:
            raise NotFound("instance", instance_id)
        return instance_view(row)

    def history(self, instance_id: int, after: int = 0, limit: int = 200) -> tuple[HistoryRow, ...]:
        """Answer an instance's history in order; the next page starts after the last ``seq``."""
        given = {"b_id": instance_id, "b_after": after, "b_limit": limit}
        return tuple(history_row(row) for row in self.connection.rows(self._book("read history", _history_of), given))

    def programme_history(
        self, programme_id: int, after: tuple[datetime, int, int] | None = None, limit: int = 200
    ) -> tuple[HistoryRow, ...]:
        """Answer what was recorded in a whole programme, the oldest first.

        The next page starts after ``(recorded_at, instance_id, seq)`` of the last row.
        """
        given: dict[str, object] = {"b_programme": programme_id, "b_limit": limit}
        if after is not None:
            given |= {"b_at": after[0], "b_instance": after[1], "b_seq": after[2]}
        statement = self._book("programme history", _programme_history, after is not None)
        return tuple(history_row(row) for row in self.connection.rows(statement, given))

    def known(self, programme_id: int, at: datetime) -> Iterator[KnownRow]:
        """Answer all that was recorded in a programme until an instant, instance by instance, in one query."""
        given = {"b_programme": programme_id, "b_at": at}
        for row in self.connection.rows(self._book("known", _known), given):
            yield KnownRow(*row)

    def timers(
        self, *, programme_id: int | None = None, instance_id: int | None = None, status: str | None = None
    ) -> tuple[TimerView, ...]:
        """Answer timers of a programme, of an instance, or all, in the order in which they are due."""
        asked = (programme_id is not None, instance_id is not None, status is not None)
        given = {"b_programme": programme_id, "b_id": instance_id, "b_status": status}
        return tuple(timer_view(row) for row in self.connection.rows(self._book("read timers", _timers, asked), given))

    def outbox(
        self,
        programme_id: int | None = None,
        status: str | None = None,
        limit: int = 200,
        after: int = 0,
        *,
        instance_id: int | None = None,
    ) -> tuple[OutboxView, ...]:
        """Answer mails with their deliveries in the order of their numbers; the next page starts after the last one."""
        asked = (programme_id is not None, status is not None, instance_id is not None)
        given = {"b_programme": programme_id, "b_status": status, "b_limit": limit, "b_after": after}
        given["b_instance"] = instance_id
        rows = self.connection.rows(self._book("read outbox", _outbox, asked), given)
        got: dict[int, list[DeliveryView]] = {}
        if rows:
            bounds = {"b_first": rows[0][0], "b_last": rows[-1][0]}
            for row in self.connection.rows(self._book("read deliveries", _deliveries), bounds):
                got.setdefault(row[0], []).append(DeliveryView(*row[1:]))
        return tuple(outbox_view(row, tuple(got.get(row[0], ()))) for row in rows)

    def counts(self) -> Counts:
        """Count what there is, by kind and status."""
        rows = self.connection.rows
        history = self.connection.row(self._book("count history", _count_history), {})
        return Counts(
            instances=dict(rows(self._book("count instances", _count, "instance", "kind"), {})),
            timers=dict(rows(self._book("count timers", _count, "timer", "status"), {})),
            outbox=dict(rows(self._book("count outbox", _count, "outbox", "status"), {})),
            history=history[0] if history else 0,
        )

    @property
    def heartbeat(self) -> datetime | None:
        """Say when the ticker was last alive."""
        return self.registers.heartbeat()


def instance_view(row: Row) -> InstanceView:
    """Build a view from the columns of ``INSTANCE_VIEW``."""
    entered = {region: Entry(datetime.fromisoformat(at), seq) for region, (at, seq) in row[9].items()}
    values: Row = (*row[:9], entered, row[10], dates(row[11:19]), *row[19:])
    return InstanceView(*values)


def history_row(row: Row) -> HistoryRow:
    """Build a view from all columns of history."""
    place = HISTORY_VIEW.index("overridden")
    values: Row = (*row[:place], tuple(row[place]), *row[place + 1 :])
    return HistoryRow(*values)


def timer_view(row: Row) -> TimerView:
    """Build a view from number, programme, kommune, ``TIMER_VALUE``, and the attempts."""
    values: Row = (*row[:3], timer(row[3:-3]), *row[-3:])
    return TimerView(*values)


def outbox_view(row: Row, deliveries: tuple[DeliveryView, ...]) -> OutboxView:
    """Build a view from the outbox's columns, with ``NUDGE_VALUE`` at the end."""
    values: Row = (*row[:4], nudge(row[12:]), *row[4:12], deliveries)
    return OutboxView(*values)


def _programmes() -> ClauseElement:
    return select(*columns(INSTANCE, *INSTANCE_VIEW)).where(INSTANCE.c.parent_id.is_(None)).order_by(INSTANCE.c.id)


def _instances(has_kind: bool, has_kommune: bool) -> ClauseElement:
    found = select(*columns(INSTANCE, *INSTANCE_VIEW)).where(INSTANCE.c.programme_id == bindparam("b_programme"))
    if has_kind:
        found = found.where(INSTANCE.c.kind == bindparam("b_kind"))
    if has_kommune:
        found = found.where(INSTANCE.c.kommune == bindparam("b_kommune"))
    return found.order_by(INSTANCE.c.id)


def _one_instance() -> ClauseElement:
    return select(*columns(INSTANCE, *INSTANCE_VIEW)).where(INSTANCE.c.id == bindparam("b_id"))


def _history_of() -> ClauseElement:
    found = select(*columns(HISTORY, *HISTORY_VIEW)).where(HISTORY.c.instance_id == bindparam("b_id"))
    return found.where(HISTORY.c.seq > bindparam("b_after")).order_by(HISTORY.c.seq).limit(bindparam("b_limit"))


def _programme_history(has_after: bool) -> ClauseElement:
    place = (HISTORY.c.recorded_at, HISTORY.c.instance_id, HISTORY.c.seq)
    found = select(*columns(HISTORY, *HISTORY_VIEW)).where(HISTORY.c.programme_id == bindparam("b_programme"))
    if has_after:
        names = zip(("b_at", "b_instance", "b_seq"), place, strict=True)
        found = found.where(tuple_(*place) > tuple_(*[bindparam(name, type_=column.type) for name, column in names]))
    return found.order_by(*place).limit(bindparam("b_limit"))


def _known() -> ClauseElement:
    names = ("instance_id", "seq", "kind", "region", "from_state", "to_state", "changes", "happened_at", "hash")
    found = select(*columns(HISTORY, *names)).where(HISTORY.c.programme_id == bindparam("b_programme"))
    return found.where(HISTORY.c.recorded_at <= bindparam("b_at")).order_by(HISTORY.c.instance_id, HISTORY.c.seq)


def _timers(asked: tuple[bool, bool, bool]) -> ClauseElement:
    found = select(TIMER.c.instance_id, INSTANCE.c.programme_id, TIMER.c.kommune, *columns(TIMER, *TIMER_VALUE))
    found = found.add_columns(TIMER.c.attempts, TIMER.c.retry_at, TIMER.c.last_error)
    found = found.join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
    if asked[0]:
        found = found.where(INSTANCE.c.programme_id == bindparam("b_programme"))
    if asked[1]:
        found = found.where(TIMER.c.instance_id == bindparam("b_id"))
    if asked[2]:
        found = found.where(TIMER.c.status == bindparam("b_status"))
    return found.order_by(TIMER.c.due_at, TIMER.c.id)


def _outbox(asked: tuple[bool, bool, bool]) -> ClauseElement:
    found = select(*columns(OUTBOX, *OUTBOX_VIEW, *NUDGE_VALUE))
    found = found.where(OUTBOX.c.id > bindparam("b_after"))
    if asked[0]:
        found = found.where(OUTBOX.c.programme_id == bindparam("b_programme"))
    if asked[1]:
        found = found.where(OUTBOX.c.status == bindparam("b_status"))
    if asked[2]:
        found = found.where(OUTBOX.c.instance_id == bindparam("b_instance"))
    return found.order_by(OUTBOX.c.id).limit(bindparam("b_limit"))


def _deliveries() -> ClauseElement:
    names = ("outbox_id", "person_id", "message_id", "status", "at")
    found = select(*columns(DELIVERY, *names))
    found = found.where(DELIVERY.c.outbox_id >= bindparam("b_first"), DELIVERY.c.outbox_id <= bindparam("b_last"))
    return found.order_by(DELIVERY.c.outbox_id, DELIVERY.c.person_id)


def _count(table: str, column: str) -> ClauseElement:
    counted = METADATA.tables[table]
    return select(counted.c[column], func.count()).group_by(counted.c[column])


def _count_history() -> ClauseElement:
    return select(func.count()).select_from(HISTORY)
