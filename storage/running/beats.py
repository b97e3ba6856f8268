"""Heartbeats of running processes: written at every round, read by whoever watches; judges nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from ..tables import METADATA
from .tables import PROCESS

META = METADATA.tables["meta"]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process that ticks, and when it last did what; ``failing`` since when, by the class of the error."""

    id: str
    version: str
    started_at: datetime
    beat_at: datetime
    ticked_at: datetime | None = None
    delivered_at: datetime | None = None
    inbox_at: datetime | None = None
    failing: str | None = None
    failing_since: datetime | None = None
    mail_failing: str | None = None
    mail_failing_since: datetime | None = None
    stopped_at: datetime | None = None


class Beats:
    """Processes and what they agree on about the clock, in any transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def put(self, row: ProcessRow) -> None:
        """Write a process as it stands."""
        self._connection.run(self._book("put process", _put, self._book.dialect), asdict(row))

    def forget(self, before: datetime) -> None:
        """Forget processes that have stopped, and those not heard of since an instant."""
        self._connection.run(self._book("forget processes", _forget), {"b_before": before})

    def all(self) -> tuple[ProcessRow, ...]:
        """Answer the processes, those that were heard of last first."""
        return tuple(ProcessRow(*row) for row in self._connection.rows(self._book("processes", _all), {}))

    def note(self, key: str) -> str | None:
        """Answer what was noted under a key for all processes."""
        row = self._connection.row(self._book("note", _note), {"b_key": key})
        return None if row is None else str(row[0])

    def put_note(self, key: str, value: str) -> None:
        """Note something for all processes, instead of what was noted."""
        self._connection.run(self._book("put note", _put_note, self._book.dialect), {"key": key, "value": value})

    def drop_note(self, key: str) -> None:
        """Forget what was noted."""
        self._connection.run(self._book("drop note", _drop_note), {"b_key": key})


def _put(dialect: str) -> ClauseElement:
    added = inserting(dialect, PROCESS).values({column.name: bindparam(column.name) for column in PROCESS.c})
    changed = {column.name: added.excluded[column.name] for column in PROCESS.c if column.name != "id"}
    put: ClauseElement = added.on_conflict_do_update(index_elements=["id"], set_=changed)
    return put


def _forget() -> ClauseElement:
    is_over = or_(PROCESS.c.stopped_at.is_not(None), PROCESS.c.beat_at < bindparam("b_before"))
    return delete(PROCESS).where(is_over)


def _all() -> ClauseElement:
    return select(*PROCESS.c).order_by(PROCESS.c.beat_at.desc(), PROCESS.c.id)


def _note() -> ClauseElement:
    return select(META.c.value).where(META.c.key == bindparam("b_key"))


def _put_note(dialect: str) -> ClauseElement:
    added = inserting(dialect, META).values(key=bindparam("key"), value=bindparam("value"))
    put: ClauseElement = added.on_conflict_do_update(index_elements=["key"], set_={"value": added.excluded.value})
    return put


def _drop_note() -> ClauseElement:
    return delete(META).where(META.c.key == bindparam("b_key"))
