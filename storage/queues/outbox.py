"""The queue of mails: who holds what to send, and what became of it; sends nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, literal_column, or_, select, true, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.pausing.pauses import ABOUT_PAUSE, IN_PAUSE, is_paused
from ...engine.reminding.settling import is_moot
from ...engine.values import (
    Data,
    Identity,
    Intent,
    Nudge,
    OutboxRow,
    Recipient,
)
from ...engine.values.kept import PAUSED
from ..prepared import Connection, Row, columns, inserting
from ..registers import RegisterReader
from ..surroundings.relatives import DATES, INSTANCE, dates
from ..tables import METADATA
from .answering import answered, without_answered

OUTBOX = METADATA.tables["outbox"]
DELIVERY = METADATA.tables["delivery"]
TIMER = METADATA.tables["timer"]
KOMMUNE = METADATA.tables["kommune"]
NUDGE_VALUE = (
    *("key", "intent", "template", "role", "why", "region", "entry_seq", "nudge_values", "expires_at"),
    *("uid", "sequence"),
)
LONGEST_ERROR = 2000  # the last sentence of an exception is enough to know it by


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
        kind, title, entered, workflow_hash, position, data, programme_title, kommune_name = row[6:14]
        wanted = nudge(row[22:])
        entry = entered.get(wanted.region) if wanted.region is not None else None
        has_left = wanted.region is not None and (
            entry is None or entry[1] != wanted.entry_seq or self._moved(row, wanted)
        )
        has_expired = wanted.expires_at is not None and wanted.expires_at <= now
        people = self._people(wanted, programme_id, kommune, on)
        done = answered(self._connection, wanted)
        asked = without_answered(people, self._registers, wanted, programme_id, on, done)
        is_answered = kommune in done or bool(people and not asked)
        people = people if is_answered else asked
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
            is_moot=is_answered
            or has_left
            or has_expired
            or _stands_still(wanted, data)
            or is_moot(wanted.values, position, data),
            recipients=left,
            workflow_hash=workflow_hash,
            dates=dates(row[14:22]),
            queued_at=queued_at,
            position=position,
        )
        return claimed, bool(people and not left)

    def _moved(self, row: Row, wanted: Nudge) -> bool:
        """Tell whether a reminder's day has been moved since it was queued: its timer has a newer generation."""
        key, _, generation = wanted.key.rpartition("/")[0].rpartition("/g")
        given = {"b_id": row[2], "b_key": key}
        found = self._connection.row(self._book("generation", _generation), given) if generation.isdecimal() else None
        return found is not None and found[0] > int(generation)

    def _people(self, wanted: Nudge, programme_id: int, kommune: str | None, on: date) -> tuple[Recipient, ...]:
        """Resolve a mail's role: in its kommune, in those that it names (the members of a cluster), or in all."""
        named = wanted.values.get("kommuner")
        kommuner = [code for code in named if isinstance(code, str)] if isinstance(named, list) else [kommune]
        found = [one for code in kommuner for one in self._registers.recipients(wanted.role, programme_id, code, on)]
        return tuple({one.person_id: one for one in found}.values())


def nudge(row: Row) -> Nudge:
    """Build a nudge from the columns of ``NUDGE_VALUE``."""
    return Nudge(row[0], Intent(row[1]), *row[2:])


def _stands_still(wanted: Nudge, data: Data) -> bool:
    """Tell whether a reminder is moot because of a pause: nobody is reminded then, but of what keeps running."""
    mark = wanted.values.get(PAUSED)
    if mark == ABOUT_PAUSE:
        return not is_paused(data)
    return wanted.intent is Intent.NUDGE and mark != IN_PAUSE and is_paused(data)


def _outbox_row(identity: Identity, wanted: Nudge, now: datetime) -> dict[str, Any]:
    """Give the columns of a mail that is queued."""
    return {
        "instance_id": identity.id,
        "programme_id": identity.programme_id,
        "kommune": identity.kommune,
        "key": wanted.key,
        "intent": wanted.intent.value,
        "template": wanted.template,
        "role": wanted.role,
        "why": wanted.why,
        "region": wanted.region,
        "entry_seq": wanted.entry_seq,
        "nudge_values": wanted.values,
        "expires_at": wanted.expires_at,
        "uid": wanted.uid,
        "sequence": wanted.sequence,
        "status": "pending",
        "queued_at": now,
        "not_before": now,
        "fence": 0,
        "attempts": 0,
    }


_OUTBOX_ROW = ("instance_id", "programme_id", "kommune", *NUDGE_VALUE, "status", "queued_at", "not_before")


def _is(status: str, table: Any) -> Any:
    # Written out, because a partial index serves only a condition that the planner can read.
    return table.c.status == literal_column(f"'{status}'")


def _queue(dialect: str) -> Any:
    names = (*_OUTBOX_ROW, "fence", "attempts")
    added = inserting(dialect, OUTBOX).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["instance_id", "key"])


def _claim() -> ClauseElement:
    programme = INSTANCE.alias()
    found = (
        select(
            *columns(OUTBOX, "id", "fence", "instance_id", "programme_id", "kommune", "queued_at"),
            *columns(INSTANCE, "kind", "title", "entered", "workflow_hash", "position", "data"),
            programme.c.title.label("programme_title"),
            KOMMUNE.c.name,
            *columns(INSTANCE, *DATES),
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


def _generation() -> ClauseElement:
    found = select(TIMER.c.generation).where(
        TIMER.c.instance_id == bindparam("b_id"), TIMER.c.key == bindparam("b_key")
    )
    return found.where(TIMER.c.status == "armed")


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
