"""Who works on which due timer: short leases, so that several processes share the work; decides nothing.

A lease keeps two processes from deciding the same timer in vain; that it fires once rests on its instance's lock. One
whose lease has lapsed was in the hands of a process that died: it comes after all others, alone, and the attempt is
counted before it is made, for it may be what the process died of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection
from .timers import INSTANCE, TIMER, DueTimer, is_armed, is_free, may_try, stray

LEASE = timedelta(seconds=60)
"""How long a process has for what it has claimed; whoever takes longer may find that another one was first."""


class TimerClaims:
    """Claims on due timers, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def take(self, now: datetime, limit: int, owner: str) -> tuple[DueTimer, ...]:
        """Lease at most ``limit`` due timers that nobody holds or held, the oldest first."""
        given = {"b_now": now, "b_stray": stray(now), "b_limit": limit, "b_until": now + LEASE, "b_owner": owner}
        rows = self._connection.rows(self._book("claim timers", _take), given)
        return tuple(sorted((DueTimer(*row) for row in rows), key=lambda timer: (timer.due_at, timer.id)))

    def take_orphan(self, now: datetime, owner: str, waits: Sequence[timedelta]) -> tuple[DueTimer, ...]:
        """Lease one due timer whose holder has died; the attempt counts, and the next waits as ``waits`` says."""
        given = {"b_now": now, "b_stray": stray(now)}
        row = self._connection.row(self._book("orphan", _orphan), given)
        if row is None:
            return ()
        wait = waits[min(row[1], len(waits) - 1)]
        claim = self._book("claim orphan", _take_orphan)
        held = {"b_id": row[0], "b_until": now + LEASE, "b_owner": owner, "b_retry": now + wait}
        return tuple(replace(DueTimer(*one), is_counted=True) for one in self._connection.rows(claim, held))

    def give_back(self, timers: Iterable[DueTimer], owner: str) -> None:
        """Let others have what this process claimed and did not try."""
        for timer in timers:
            given = {"b_id": timer.id, "b_owner": owner}
            self._connection.run(self._book("give timer back", _give_back), given)


def _answer() -> list[Any]:
    programme = select(INSTANCE.c.programme_id).where(INSTANCE.c.id == TIMER.c.instance_id).scalar_subquery()
    own = [TIMER.c[name] for name in ("instance_id", "key", "generation", "due_at", "attempts")]
    return [*own, programme.label("programme_id"), TIMER.c.id]


def _take() -> ClauseElement:
    due = select(TIMER.c.id).where(is_armed(), TIMER.c.due_at <= bindparam("b_now"), may_try())
    due = due.where(TIMER.c.lease_until.is_(None)).order_by(TIMER.c.due_at, TIMER.c.id).limit(bindparam("b_limit"))
    taken: dict[str, Any] = {"lease_until": bindparam("b_until"), "leased_by": bindparam("b_owner")}
    found = update(TIMER).where(TIMER.c.id.in_(due.with_for_update(skip_locked=True)))
    return found.values(taken).returning(*_answer())


def _orphan() -> ClauseElement:
    found = select(TIMER.c.id, TIMER.c.attempts).where(is_armed(), TIMER.c.due_at <= bindparam("b_now"), may_try())
    found = found.where(TIMER.c.lease_until.is_not(None), is_free()).order_by(TIMER.c.due_at, TIMER.c.id)
    return found.limit(literal_column("1")).with_for_update(skip_locked=True)


def _take_orphan() -> ClauseElement:
    taken: dict[str, Any] = {"lease_until": bindparam("b_until"), "leased_by": bindparam("b_owner")}
    taken |= {"retry_at": bindparam("b_retry"), "last_error": "ProcessDied: the process that handled it has died"}
    found = update(TIMER).where(TIMER.c.id == bindparam("b_id"))
    return found.values(**taken, attempts=TIMER.c.attempts + 1).returning(*_answer())


def _give_back() -> ClauseElement:
    is_ours = TIMER.c.leased_by == bindparam("b_owner")
    free: dict[str, Any] = {"lease_until": None, "leased_by": None}
    return update(TIMER).where(TIMER.c.id == bindparam("b_id"), is_ours).values(free)
