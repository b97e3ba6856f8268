"""What waits, fails or is stuck, in figures that cost the same however much is pending; judges nothing.

Every statement reads a span of an index, and counts stop at ``MOST``: whoever watches asks every minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, text
from sqlalchemy.sql.expression import ClauseElement

from ..migrations import VERSION_TABLE
from ..posting.tables import LETTER
from ..prepared import Connection
from ..tables import METADATA, STUCK

TIMER = METADATA.tables["timer"]
OUTBOX = METADATA.tables["outbox"]
MOST = 1000
SHOWN = 10


@dataclass(frozen=True, slots=True)
class FailingTimer:
    """A timer that was tried in vain, how often, and when it is tried again; of the error the class alone."""

    instance_id: int
    key: str
    attempts: int
    retry_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much has been due since before an instant (``MOST`` stands for more), and since when the oldest has."""

    count: int
    since: datetime | None


class Backlog:
    """What waits, in a read transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def timers(self, before: datetime) -> Waiting:
        """Tell of timers due before an instant that have not been tried in vain: those are told of apart."""
        return self._waiting("timers", before)

    def letters(self, before: datetime) -> Waiting:
        """Tell of letters that could have been tried before an instant."""
        return self._waiting("letters", before)

    def mails(self, before: datetime) -> Waiting:
        """Tell of mails of the outbox that should have been put into letters before an instant."""
        return self._waiting("mails", before)

    def failing(self) -> tuple[int, tuple[FailingTimer, ...]]:
        """Count the timers that were tried in vain, and answer those that are tried again first."""
        count = self._connection.row(self._book("count failing", _count_failing), {})
        rows = self._connection.rows(self._book("failing", _failing), {})
        found = (FailingTimer(row[0], row[1], row[2], row[3], (row[4] or "").partition(":")[0]) for row in rows)
        return (int(count[0]) if count else 0), tuple(found)

    def stuck(self) -> dict[str, int]:
        """Count what waits for people: letters and mails that are dead, doubtful or held (``dead`` -> how many)."""
        counts: dict[str, int] = dict.fromkeys(("dead", "doubtful", "held"), 0)
        for status in counts:
            row = self._connection.row(self._book("stuck letters", _stuck_letters), {"b_status": status})
            counts[status] += int(row[0]) if row else 0
        # A mail whose letter is stuck ends as the letter did; what is held here has no letter at all.
        for status, count in self._connection.rows(self._book("stuck mails", _stuck_mails), {}):
            counts[status] = max(counts[status], int(count))
        return counts

    def schema(self) -> str:
        """Answer the version of the schema."""
        return str(self._connection.ask(f"SELECT version_num FROM {VERSION_TABLE}"))

    def _waiting(self, what: str, before: datetime) -> Waiting:
        given = {"b_before": before}
        row = self._connection.row(self._book(f"waiting {what}", _WAITING[what]), given)
        return Waiting(int(row[0]), row[1]) if row else Waiting(0, None)


def _counted(table: Any, at: Any, status: str, *also: Any) -> ClauseElement:
    is_waiting = table.c.status == literal_column(f"'{status}'")
    due = select(at.label("at")).where(is_waiting, at <= bindparam("b_before"), *also).order_by(at)
    some = due.limit(literal_column(str(MOST))).subquery()
    return select(func.count(), func.min(some.c.at)).select_from(some)


def _timers() -> ClauseElement:
    return _counted(TIMER, TIMER.c.due_at, "armed", TIMER.c.retry_at.is_(None))


def _letters() -> ClauseElement:
    return _counted(LETTER, LETTER.c.not_before, "pending")


def _mails() -> ClauseElement:
    return _counted(OUTBOX, OUTBOX.c.not_before, "pending")


_WAITING = {"timers": _timers, "letters": _letters, "mails": _mails}


def _in_vain() -> tuple[Any, Any]:
    return TIMER.c.status == literal_column("'armed'"), TIMER.c.retry_at.is_not(None)


def _count_failing() -> ClauseElement:
    some = select(TIMER.c.id).where(*_in_vain()).limit(literal_column(str(MOST))).subquery()
    return select(func.count()).select_from(some)


def _failing() -> ClauseElement:
    names = ("instance_id", "key", "attempts", "retry_at", "last_error")
    found = select(*[TIMER.c[name] for name in names]).where(*_in_vain())
    return found.order_by(TIMER.c.retry_at).limit(literal_column(str(SHOWN)))


def _stuck_letters() -> ClauseElement:
    found = select(LETTER.c.id).where(LETTER.c.status == bindparam("b_status"))
    return select(func.count()).select_from(found.limit(literal_column(str(MOST))).subquery())


def _stuck_mails() -> ClauseElement:
    some = select(OUTBOX.c.status).where(text(STUCK)).limit(literal_column(str(MOST))).subquery()
    return select(some.c.status, func.count()).group_by(some.c.status)
