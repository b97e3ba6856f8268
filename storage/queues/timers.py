"""The queue of timers: what is due, and what became of it; decides nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, literal_column, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import (
    Decision,
    Event,
    Identity,
    Lateness,
    Timer,
    TimerStatus,
)
from ...engine.values.names import POKE
from ..prepared import Connection, Row, inserting
from ..tables import LONGEST_ERROR, METADATA

TIMER = METADATA.tables["timer"]
INSTANCE = METADATA.tables["instance"]
TIMER_VALUE = (
    *("key", "rule", "anchor", "anchor_value", "local_on", "local_at", "zone", "calendar_version"),
    *("due_at", "lateness", "generation", "status"),
)
FARTHEST = timedelta(days=2)  # longer than the longest wait for another attempt
_FREE: Mapping[str, None] = MappingProxyType({"lease_until": None, "leased_by": None})
LIVE = ("armed", "fired", "skipped")  # what a decision looks at: timers of states not left since, and pokes


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come; ``generation`` tells a moved promise from the same, ``attempts`` its failures.

    ``is_counted`` tells that the attempt at it stands among them already.
    """

    instance_id: int
    key: str
    generation: int
    due_at: datetime
    attempts: int
    programme_id: int
    id: int = 0
    is_counted: bool = False


class DueTimers:
    """What is due and when the next will be, in a read or a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def due(self, now: datetime, limit: int) -> tuple[DueTimer, ...]:
        """Answer the armed timers that are due, held by nobody and not waiting for another try, the oldest first."""
        given = {"b_now": now, "b_stray": stray(now), "b_limit": limit}
        rows = self._connection.rows(self._book("due", _due), given)
        return tuple(DueTimer(*row) for row in rows)

    def next_due(self) -> datetime | None:
        """Answer when the next armed timer is due, or to be tried again; None if there is none."""
        first = self._connection.row(self._book("next due", _next_due), {})
        again = self._connection.row(self._book("next retry", _next_retry), {})
        return min((row[0] for row in (first, again) if row and row[0]), default=None)


class Timers(DueTimers):
    """The timers in a write transaction."""

    def of(self, instance_id: int) -> tuple[Timer, ...]:
        """Answer an instance's timers, pokes among them, without those that belong to a state it has left."""
        return tuple(map(timer, self._connection.rows(self._book("timers", _timers), {"b_id": instance_id})))

    def pokes_of(self, instance_id: int) -> frozenset[str]:
        """Answer the keys of an instance's pokes that nobody has handled yet."""
        return frozenset(row[0] for row in self._connection.rows(self._book("pokes", _pokes), {"b_id": instance_id}))

    def of_programme(self, programme_id: int) -> dict[int, tuple[Timer, ...]]:
        """Answer the timers of all instances of a programme: number of the instance -> its timers."""
        found: dict[int, list[Timer]] = {}
        for row in self._connection.rows(self._book("family timers", _family_timers), {"b_id": programme_id}):
            found.setdefault(row[0], []).append(timer(row[1:]))
        return {number: tuple(timers) for number, timers in found.items()}

    def apply(self, identity: Identity, decision: Decision) -> None:
        """Cancel, mark fired and arm what a decision asks for; fired pokes are deleted."""
        run, book = self._connection.run, self._book
        for key in decision.cancel:
            run(book("cancel timer", _cancel), {"b_id": identity.id, "b_key": key})
        for key in decision.fired:
            name, build = ("consume poke", _consume) if key.startswith(POKE + ":") else ("fire timer", _fire)
            run(book(name, build), {"b_id": identity.id, "b_key": key})
        for wanted in decision.arm:
            run(book("arm timer", _arm, book.dialect), _timer_row(identity, wanted))

    def poke(self, parent: Identity, child_id: int, revision: int, event: Event) -> None:
        """Ask a parent to look again, at once: its joins may have waited for this child's decision."""
        now = event.recorded_at.astimezone(UTC)
        poke = Timer(
            key=f"{POKE}:{child_id}:{revision}",
            rule=POKE,
            anchor=POKE,
            anchor_value=event.happened_at.astimezone(UTC).isoformat(),
            local_on=now.date(),
            local_at=now.time(),
            zone="UTC",
            calendar_version="",
            due_at=now,
            lateness=Lateness.LATE,
        )
        self._connection.run(self._book("poke", _poke, self._book.dialect), _timer_row(parent, poke))

    def failed(self, instance_id: int, key: str, error: str, retry_at: datetime, *, is_counted: bool = False) -> None:
        """Note that handling a timer failed, and when to try again; it stays armed. Some attempts count already."""
        given = {"b_id": instance_id, "b_key": key, "b_error": error[-LONGEST_ERROR:], "b_retry": retry_at}
        given |= {"b_more": 0 if is_counted else 1}
        self._connection.run(self._book("timer failed", _failed), given)


def timer(row: Row) -> Timer:
    """Build a timer from the columns of ``TIMER_VALUE``."""
    values: Row = (*row[:9], _LATENESS[row[9]], row[10], _STATUS[row[11]])
    return Timer(*values)


def _timer_row(identity: Identity, wanted: Timer) -> dict[str, Any]:
    """Give the columns of a timer that is written."""
    values = (*_timer_values(wanted), identity.id, 0, identity.kommune, wanted.lateness.value, wanted.status.value)
    return dict(zip(_TIMER_ROW, values, strict=True))


_PLAIN = tuple(name for name in TIMER_VALUE if name not in ("lateness", "status"))
_TIMER_ROW = (*_PLAIN, "instance_id", "attempts", "kommune", "lateness", "status")
_timer_values = attrgetter(*_PLAIN)
_LATENESS = MappingProxyType({one.value: one for one in Lateness})
_STATUS = MappingProxyType({one.value: one for one in TimerStatus})


def _own(table: Any) -> Any:
    """Match one row by instance and key."""
    return and_(table.c.instance_id == bindparam("b_id"), table.c.key == bindparam("b_key"))


def _arm(dialect: str) -> Any:
    added = inserting(dialect, TIMER).values({name: bindparam(name) for name in _TIMER_ROW})
    new = added.excluded
    changed = {name: new[name] for name in _TIMER_ROW if name not in ("instance_id", "key", "generation")}
    changed |= {"lease_until": None, "leased_by": None, "retry_at": None, "last_error": None}
    # A cancelled timer is not in the snapshot, so a decision may count from one again; a generation never comes back.
    newer = case((new.generation > TIMER.c.generation, new.generation), else_=TIMER.c.generation + 1)
    return added.on_conflict_do_update(index_elements=["instance_id", "key"], set_=changed | {"generation": newer})


def _poke(dialect: str) -> Any:
    added = inserting(dialect, TIMER).values({name: bindparam(name) for name in _TIMER_ROW})
    return added.on_conflict_do_nothing(index_elements=["instance_id", "key"])


def _is_live() -> Any:
    return or_(*(TIMER.c.status == status for status in LIVE))


def _cancel() -> ClauseElement:
    retired = case((TIMER.c.status == "armed", "cancelled"), else_="done")
    return update(TIMER).where(_own(TIMER), _is_live()).values(status=retired)


def _fire() -> ClauseElement:
    return update(TIMER).where(_own(TIMER), TIMER.c.status == "armed").values(status="fired", retry_at=None, **_FREE)


def _consume() -> ClauseElement:
    return delete(TIMER).where(_own(TIMER), TIMER.c.rule == POKE)


def _failed() -> ClauseElement:
    noted: dict[str, Any] = {"retry_at": bindparam("b_retry"), "last_error": bindparam("b_error")}
    noted |= {"attempts": TIMER.c.attempts + bindparam("b_more"), **_FREE}
    return update(TIMER).where(_own(TIMER), TIMER.c.status == "armed").values(noted)


def _timers() -> ClauseElement:
    found = select(*[TIMER.c[name] for name in TIMER_VALUE]).where(TIMER.c.instance_id == bindparam("b_id"))
    return found.where(_is_live()).order_by(TIMER.c.id)


def _pokes() -> ClauseElement:
    return select(TIMER.c.key).where(TIMER.c.instance_id == bindparam("b_id"), TIMER.c.rule == POKE, _is_live())


def _family_timers() -> ClauseElement:
    found = select(TIMER.c.instance_id, *[TIMER.c[name] for name in TIMER_VALUE])
    found = found.join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
    return found.where(INSTANCE.c.programme_id == bindparam("b_id"), _is_live()).order_by(TIMER.c.id)


def _due() -> ClauseElement:
    own = [TIMER.c[name] for name in ("instance_id", "key", "generation", "due_at", "attempts")]
    found = select(*own, INSTANCE.c.programme_id, TIMER.c.id).join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
    found = found.where(is_armed(), TIMER.c.due_at <= bindparam("b_now"), may_try())
    found = found.where(or_(TIMER.c.lease_until.is_(None), is_free()))
    return found.order_by(TIMER.c.due_at, TIMER.c.id).limit(bindparam("b_limit"))


def stray(now: datetime) -> datetime:
    """Give the instant beyond which no lease and no next attempt lies, unless a wrong clock wrote it."""
    return now + FARTHEST


def may_try() -> Any:
    """Match what waits for no other attempt; one far ahead was written while the clock was wrong."""
    again = TIMER.c.retry_at
    return or_(again.is_(None), again <= bindparam("b_now"), again > bindparam("b_stray"))


def is_free() -> Any:
    """Match what was leased and is no longer; a lease far ahead was written while the clock was wrong."""
    return or_(TIMER.c.lease_until <= bindparam("b_now"), TIMER.c.lease_until > bindparam("b_stray"))


def is_armed() -> Any:
    """Match what waits to be fired, in the words of the partial index."""
    return _is("armed", TIMER)


def _next_due() -> ClauseElement:
    return select(func.min(TIMER.c.due_at)).where(_is("armed", TIMER), TIMER.c.retry_at.is_(None))


def _next_retry() -> ClauseElement:
    return select(func.min(TIMER.c.retry_at)).where(_is("armed", TIMER), TIMER.c.retry_at.is_not(None))


def _is(status: str, table: Any) -> Any:
    # Written out, because a partial index serves only a condition that the planner can read.
    return table.c.status == literal_column(f"'{status}'")
