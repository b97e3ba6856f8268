"""Armed timers with the wall time that they were promised for, to derive their instants anew; judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import bindparam, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection
from ..queues.timers import TIMER, is_armed


@dataclass(frozen=True, slots=True)
class ZonedTimer:
    """An armed timer: its wall time in its zone, and the instant that was derived from them."""

    id: int
    local_on: date
    local_at: time
    zone: str
    due_at: datetime


class Zoned:
    """Armed timers page by page, in any transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def after(self, now: datetime, after: int, limit: int) -> tuple[ZonedTimer, ...]:
        """Answer timers that are not due yet, in the order of their numbers; the next page begins after the last."""
        given = {"b_now": now, "b_after": after, "b_limit": limit}
        return tuple(ZonedTimer(*row) for row in self._connection.rows(self._book("zoned timers", _after), given))

    def move(self, timer_id: int, due_at: datetime) -> None:
        """Give an armed timer another instant for the same wall time."""
        self._connection.run(self._book("move timer", _move), {"b_id": timer_id, "b_due": due_at})


def _after() -> ClauseElement:
    found = select(*[TIMER.c[name] for name in ("id", "local_on", "local_at", "zone", "due_at")])
    found = found.where(is_armed(), TIMER.c.id > bindparam("b_after"), TIMER.c.due_at > bindparam("b_now"))
    return found.order_by(TIMER.c.id).limit(bindparam("b_limit"))


def _move() -> ClauseElement:
    return update(TIMER).where(TIMER.c.id == bindparam("b_id"), is_armed()).values(due_at=bindparam("b_due"))
