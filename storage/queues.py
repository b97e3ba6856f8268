"""The two queues, timers and outbox: what is due, who holds it, what became of it; decides and sends nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, literal_column, or_, select, true, update
from sqlalchemy.sql.expression import ClauseElement

from ..engine.values import (
    Data,
    Dates,
    Decision,
    Event,
    Identity,
    Intent,
    Lateness,
    Nudge,
    OutboxRow,
    Timer,
    TimerStatus,
)
from .prepared import Connection, Row, inserting
from .registers import RegisterReader
from .tables import METADATA

TIMER = METADATA.tables["timer"]
OUTBOX = METADATA.tables["outbox"]
DELIVERY = METADATA.tables["delivery"]
INSTANCE = METADATA.tables["instance"]
KOMMUNE = METADATA.tables["kommune"]
POKE = "poke"
TIMER_VALUE = (
    *("key", "rule", "anchor", "anchor_value", "local_on", "local_at", "zone", "calendar_version"),
    *("due_at", "lateness", "generation", "status"),
)
NUDGE_VALUE = (
    *("key", "intent", "template", "role", "why", "region", "entry_seq", "nudge_values", "expires_at"),
    *("uid", "sequence"),
)
# The last sentence of an exception is enough to know it by; a whole page of it would only fill the table.
LONGEST_ERROR = 2000
LIVE = ("armed", "fired", "skipped")  # what a decision looks at: timers of states not left since, and pokes


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come; ``generation`` tells whether it is still the same promise when it is handled.

    ``attempts`` counts how often handling it has failed.
    """

    instance_id: int
    key: str
    generation: int
    due_at: datetime
    programme_id: int
    attempts: int = 0


class DueTimers:
    """What is due and when the next will be, in a read or a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def due(self, now: datetime, limit: int) -> tuple[DueTimer, ...]:
        """Answer the armed timers that are due and not waiting for another try, the oldest first."""
        rows = self._connection.rows(self._book("due", _due), {"b_now": now, "b_limit": limit})
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
        return tuple(timer(row) for row in self._connection.rows(self._book("timers", _timers), {"b_id": instance_id}))

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

    def failed(self, instance_id: int, key: str, error: str, retry_at: datetime) -> None:
        """Note that handling a timer failed, and when to try again; it stays armed."""
        given = {"b_id": instance_id, "b_key": key, "b_error": error[-LONGEST_ERROR:], "b_retry": retry_at}
        self._connection.run(self._book("timer failed", _failed), given)


class Outbox:
    """The mails in a write transaction. A report with a stale fence answers False and changes nothing."""

    def __init__(self, connection: Connection, registers: RegisterReader) -> None:
        self._connection = connection
        self._book = connection.book
        self._registers = registers

    def queue(self, identity: Identity, nudges: Iterable[Nudge], now: datetime) -> None:
        """Insert the mails of a decision; a key that the instance has used already is left alone."""
        statement = self._book("queue mail", _queue, self._book.dialect)
        for nudge in nudges:
            self._connection.run(statement, _outbox_row(identity, nudge, now))

    def claim(self, now: datetime, lease: timedelta, limit: int, *, on: date) -> tuple[OutboxRow, ...]:
        """Take pending mails for the time of a lease; ``on`` is the local day for which roles are resolved.

        Recipients who have got the mail already are left out; a mail that all of them have got (the process died
        before it could say so) is marked sent here and not handed out.
        """
        rows = self._connection.rows(self._book("claim", _claim), {"b_now": now, "b_limit": limit})
        taken, mark = [], self._book("take mail", _take)
        for row in rows:
            fence = row[1] + 1
            self._connection.run(mark, {"b_id": row[0], "b_fence": fence, "b_until": now + lease})
            claimed, is_done = self._claimed(row, fence, now, on)
            if is_done:
                self.settle(claimed.id, fence, "sent", now)
            else:
                taken.append(claimed)
        return tuple(taken)

    def delivered(self, outbox_id: int, fence: int, person_id: int, message_id: str, now: datetime) -> bool:
        """Note that a mail server took the mail for one person."""
        if self._connection.row(self._book("hold mail", _hold), {"b_id": outbox_id, "b_fence": fence}) is None:
            return False
        given = {"outbox_id": outbox_id, "person_id": person_id, "message_id": message_id, "at": now}
        self._connection.run(self._book("deliver", _deliver, self._book.dialect), given | {"status": "accepted"})
        return True

    def settle(
        self,
        outbox_id: int,
        fence: int,
        status: str,
        now: datetime,
        *,
        result: Data | None = None,
        error: str | None = None,
    ) -> bool:
        """Close a claimed mail as ``sent``, ``withdrawn``, ``dead`` or ``held``."""
        given = {"b_id": outbox_id, "b_fence": fence, "b_status": status, "b_now": now, "b_result": result}
        given["b_error"] = None if error is None else error[-LONGEST_ERROR:]
        return self._connection.change(self._book("settle", _settle), given) == 1

    def retry(self, outbox_id: int, fence: int, at: datetime, error: str | None = None) -> bool:
        """Give a claimed mail back, to be tried again at an instant: after a failure, or because it is not time yet."""
        given = {"b_id": outbox_id, "b_fence": fence, "b_at": at}
        given["b_error"] = None if error is None else error[-LONGEST_ERROR:]
        return self._connection.change(self._book("retry", _retry), given) == 1

    def release(self, role: str, programme_id: int | None, now: datetime) -> int:
        """Let mails that were held for want of a person with this role be tried again; answer how many."""
        statement = self._book("release", _release, programme_id is not None)
        return self._connection.change(statement, {"b_role": role, "b_programme": programme_id, "b_now": now})

    def _claimed(self, row: Row, fence: int, now: datetime, on: date) -> tuple[OutboxRow, bool]:
        """Build what is handed out; tell whether everybody has got it already."""
        number, _, instance_id, programme_id, kommune, queued_at = row[:6]
        kind, title, entered, workflow_hash, programme_title, kommune_name = row[6:12]
        wanted = nudge(row[20:])
        entry = entered.get(wanted.region) if wanted.region is not None else None
        has_left = wanted.region is not None and (entry is None or entry[1] != wanted.entry_seq)
        people = self._registers.recipients(wanted.role, programme_id, kommune, on)
        got = {found[0] for found in self._connection.rows(self._book("got", _got), {"b_id": number})}
        left = tuple(person for person in people if person.person_id not in got)
        claimed = OutboxRow(
            id=number,
            fence=fence,
            instance_id=instance_id,
            programme_id=programme_id,
            kind=kind,
            title=title,
            programme_title=programme_title,
            kommune=kommune,
            kommune_name=kommune_name,
            nudge=wanted,
            is_moot=has_left or (wanted.expires_at is not None and wanted.expires_at <= now),
            recipients=left,
            workflow_hash=workflow_hash,
            dates=Dates(*row[12:20]),
            queued_at=queued_at,
        )
        return claimed, bool(people and not left)


def timer(row: Row) -> Timer:
    """Build a timer from the columns of ``TIMER_VALUE``."""
    values: Row = (*row[:9], Lateness(row[9]), row[10], TimerStatus(row[11]))
    return Timer(*values)


def nudge(row: Row) -> Nudge:
    """Build a nudge from the columns of ``NUDGE_VALUE``."""
    return Nudge(row[0], Intent(row[1]), *row[2:])


def _timer_row(identity: Identity, wanted: Timer) -> dict[str, Any]:
    """Give the columns of a timer that is written."""
    row = {name: getattr(wanted, name) for name in TIMER_VALUE}
    row.update(lateness=wanted.lateness.value, status=wanted.status.value)
    row.update(instance_id=identity.id, kommune=identity.kommune, attempts=0)
    return row


def _outbox_row(identity: Identity, wanted: Nudge, now: datetime) -> dict[str, Any]:
    """Give the columns of a mail that is queued."""
    row = {name: getattr(wanted, name) for name in NUDGE_VALUE if name != "nudge_values"}
    row.update(intent=wanted.intent.value, nudge_values=wanted.values, status="pending", fence=0, attempts=0)
    row.update(instance_id=identity.id, programme_id=identity.programme_id, kommune=identity.kommune)
    row.update(queued_at=now, not_before=now)
    return row


_TIMER_ROW = ("instance_id", *TIMER_VALUE, "attempts", "kommune")
_OUTBOX_ROW = ("instance_id", "programme_id", "kommune", *NUDGE_VALUE, "status", "queued_at", "not_before")


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
    return update(TIMER).where(_own(TIMER), TIMER.c.status == "armed").values(status="fired", retry_at=None)


def _consume() -> ClauseElement:
    return delete(TIMER).where(_own(TIMER), TIMER.c.rule == POKE)


def _failed() -> ClauseElement:
    noted = {"retry_at": bindparam("b_retry"), "last_error": bindparam("b_error"), "attempts": TIMER.c.attempts + 1}
    return update(TIMER).where(_own(TIMER), TIMER.c.status == "armed").values(noted)


def _timers() -> ClauseElement:
    found = select(*[TIMER.c[name] for name in TIMER_VALUE]).where(TIMER.c.instance_id == bindparam("b_id"))
    return found.where(_is_live()).order_by(TIMER.c.id)


def _family_timers() -> ClauseElement:
    found = select(TIMER.c.instance_id, *[TIMER.c[name] for name in TIMER_VALUE])
    found = found.join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
    return found.where(INSTANCE.c.programme_id == bindparam("b_id"), _is_live()).order_by(TIMER.c.id)


def _due() -> ClauseElement:
    columns = (TIMER.c.instance_id, TIMER.c.key, TIMER.c.generation, TIMER.c.due_at)
    found = select(*columns, INSTANCE.c.programme_id, TIMER.c.attempts)
    found = found.join(INSTANCE, INSTANCE.c.id == TIMER.c.instance_id)
    may_try = or_(TIMER.c.retry_at.is_(None), TIMER.c.retry_at <= bindparam("b_now"))
    found = found.where(_is("armed", TIMER), TIMER.c.due_at <= bindparam("b_now"), may_try)
    return found.order_by(TIMER.c.due_at, TIMER.c.id).limit(bindparam("b_limit"))


def _next_due() -> ClauseElement:
    return select(func.min(TIMER.c.due_at)).where(_is("armed", TIMER), TIMER.c.retry_at.is_(None))


def _next_retry() -> ClauseElement:
    return select(func.min(TIMER.c.retry_at)).where(_is("armed", TIMER), TIMER.c.retry_at.is_not(None))


def _is(status: str, table: Any) -> Any:
    # Written out, because a partial index serves only a condition that the planner can read.
    return table.c.status == literal_column(f"'{status}'")


def _queue(dialect: str) -> Any:
    names = (*_OUTBOX_ROW, "fence", "attempts")
    added = inserting(dialect, OUTBOX).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["instance_id", "key"])


def _claim() -> ClauseElement:
    programme = INSTANCE.alias()
    days = ("planned_start", "planned_end", "precision", "actual_start", "actual_end", "effective_on", "fixed_by")
    found = (
        select(
            *[OUTBOX.c[name] for name in ("id", "fence", "instance_id", "programme_id", "kommune", "queued_at")],
            *[INSTANCE.c[name] for name in ("kind", "title", "entered", "workflow_hash")],
            programme.c.title.label("programme_title"),
            KOMMUNE.c.name,
            *[INSTANCE.c[name] for name in (*days, "date_reason")],
            *[OUTBOX.c[name].label(f"nudge_{name}") for name in NUDGE_VALUE],
        )
        .join(INSTANCE, INSTANCE.c.id == OUTBOX.c.instance_id)
        .join(programme, programme.c.id == OUTBOX.c.programme_id)
        .outerjoin(KOMMUNE, KOMMUNE.c.code == OUTBOX.c.kommune)
    )
    is_free = or_(OUTBOX.c.lease_until.is_(None), OUTBOX.c.lease_until <= bindparam("b_now"))
    found = found.where(_is("pending", OUTBOX), OUTBOX.c.not_before <= bindparam("b_now"), is_free)
    found = found.order_by(OUTBOX.c.not_before, OUTBOX.c.id).limit(bindparam("b_limit"))
    return found.with_for_update(of=OUTBOX, skip_locked=True)


def _take() -> ClauseElement:
    taken = {"fence": bindparam("b_fence"), "lease_until": bindparam("b_until"), "attempts": OUTBOX.c.attempts + 1}
    return update(OUTBOX).where(OUTBOX.c.id == bindparam("b_id")).values(taken)


def _text(name: str) -> Any:
    """Bind a text that may be NULL."""
    return bindparam(name, type_=OUTBOX.c.last_error.type)


def _holding() -> Any:
    """Match the mail that this attempt holds, and nobody has taken since."""
    return and_(OUTBOX.c.id == bindparam("b_id"), OUTBOX.c.fence == bindparam("b_fence"), OUTBOX.c.status == "pending")


def _hold() -> ClauseElement:
    return select(OUTBOX.c.id).where(_holding()).with_for_update(key_share=True)


def _deliver(dialect: str) -> Any:
    added = inserting(dialect, DELIVERY).values({column.name: bindparam(column.name) for column in DELIVERY.c})
    return added.on_conflict_do_nothing(index_elements=["outbox_id", "person_id"])


def _got() -> ClauseElement:
    return select(DELIVERY.c.person_id).where(DELIVERY.c.outbox_id == bindparam("b_id"))


def _settle() -> ClauseElement:
    closed: dict[str, Any] = {"status": bindparam("b_status"), "settled_at": bindparam("b_now"), "lease_until": None}
    closed |= {"result": bindparam("b_result"), "last_error": func.coalesce(_text("b_error"), OUTBOX.c.last_error)}
    return update(OUTBOX).where(_holding()).values(closed)


def _release(in_programme: bool) -> ClauseElement:
    here = OUTBOX.c.programme_id == bindparam("b_programme") if in_programme else true()
    found = update(OUTBOX).where(OUTBOX.c.status == "held", OUTBOX.c.role == bindparam("b_role"), here)
    return found.values(status="pending", not_before=bindparam("b_now"), lease_until=None)


def _retry() -> ClauseElement:
    again: dict[str, Any] = {"not_before": bindparam("b_at"), "lease_until": None}
    again |= {"last_error": func.coalesce(_text("b_error"), OUTBOX.c.last_error)}
    return update(OUTBOX).where(_holding()).values(again)
