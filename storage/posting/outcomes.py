"""What was delivered to whom, and what became of what it reminded of: noted, judged and summed up; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, select, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Entry, Intent, OutboxRow
from ..prepared import Connection, inserting
from ..tables import METADATA
from .tables import LETTER, OUTCOME

INSTANCE = METADATA.tables["instance"]
OUTBOX = METADATA.tables["outbox"]
DELIVERY = METADATA.tables["delivery"]


@dataclass(frozen=True, slots=True)
class Open:
    """A reminder that is not judged yet: the place that it was about, and how that place was entered last."""

    letter_id: int
    outbox_id: int
    region: str | None
    entry_seq: int | None
    sent_at: datetime
    entered: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class TextMemory:
    """What reminders of one text by one rule (``why``) of a workflow led to: how many are judged, how many moved."""

    workflow_hash: str
    template: str
    why: str
    sent: int
    moved: int


class Outcomes:
    """The memory of reminders, in any transaction; judging wants one that writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def deliver(
        self,
        letter_id: int,
        person_id: int,
        message_id: str,
        rows: Sequence[OutboxRow],
        now: datetime,
        *,
        trial: bool = False,
    ) -> None:
        """Note that a mail server took a letter with these mails, and where what it reminds of stood.

        In a ``trial`` nobody was reminded of anything.
        """
        statement = self._book("deliver", _deliver, self._book.dialect)
        for row in rows:
            given = {"outbox_id": row.id, "person_id": person_id, "message_id": message_id, "at": now}
            self._connection.run(statement, given | {"status": "accepted"})
            if row.nudge.intent is Intent.NUDGE and not trial:
                stood = _stood(letter_id, person_id, row, now)
                self._connection.run(self._book("outcome", _outcome, self._book.dialect), stood)

    def open(self, limit: int) -> tuple[Open, ...]:
        """Answer the oldest reminders that are not judged yet."""
        rows = self._connection.rows(self._book("open outcomes", _open), {"b_limit": limit})
        return tuple(
            Open(letter_id, outbox_id, region, entry_seq, sent_at, _entries(entered))
            for letter_id, outbox_id, region, entry_seq, sent_at, entered in rows
        )

    def judge(self, letter_id: int, outbox_id: int, moved_at: datetime | None, now: datetime) -> None:
        """Keep whether a step followed a reminder."""
        given = {"b_letter": letter_id, "b_outbox": outbox_id, "b_moved": moved_at, "b_now": now}
        self._connection.run(self._book("judge outcome", _judge), given)

    def unanswered(self, person_id: int, instance_id: int, why: str, entry_seq: int) -> int:
        """Count the reminders that a person got by one rule about one stay of an instance in a state.

        One whose letter came back reached nobody.
        """
        given = {"b_person": person_id, "b_instance": instance_id, "b_why": why, "b_seq": entry_seq}
        row = self._connection.row(self._book("unanswered", _unanswered), given)
        return int(row[0]) if row else 0

    def summed(self, programme_id: int | None) -> tuple[TextMemory, ...]:
        """Sum up the judged reminders of a programme, or of all, by workflow, text and rule."""
        statement = self._book("sum outcomes", _summed, programme_id is not None)
        return tuple(TextMemory(*row) for row in self._connection.rows(statement, {"b_programme": programme_id}))


def _stood(letter_id: int, person_id: int, row: OutboxRow, now: datetime) -> dict[str, Any]:
    region = row.nudge.region
    return {
        "letter_id": letter_id,
        "outbox_id": row.id,
        "person_id": person_id,
        "instance_id": row.instance_id,
        "why": row.nudge.why,
        "region": region,
        "state": row.position.get(region) if region is not None else None,
        "entry_seq": row.nudge.entry_seq,
        "sent_at": now,
        "moved_at": None,
        "judged_at": None,
    }


def _entries(kept: Mapping[str, list[Any]]) -> dict[str, Entry]:
    return {region: Entry(datetime.fromisoformat(at), seq) for region, (at, seq) in kept.items()}


def _deliver(dialect: str) -> Any:
    added = inserting(dialect, DELIVERY).values({column.name: bindparam(column.name) for column in DELIVERY.c})
    return added.on_conflict_do_nothing(index_elements=["outbox_id", "person_id"])


def _outcome(dialect: str) -> Any:
    added = inserting(dialect, OUTCOME).values({column.name: bindparam(column.name) for column in OUTCOME.c})
    return added.on_conflict_do_nothing(index_elements=["letter_id", "outbox_id"])


def _open() -> ClauseElement:
    names: list[Any] = [OUTCOME.c[name] for name in ("letter_id", "outbox_id", "region", "entry_seq", "sent_at")]
    found = select(*names, INSTANCE.c.entered).join(INSTANCE, INSTANCE.c.id == OUTCOME.c.instance_id)
    return found.where(OUTCOME.c.judged_at.is_(None)).order_by(OUTCOME.c.sent_at).limit(bindparam("b_limit"))


def _judge() -> ClauseElement:
    this = and_(OUTCOME.c.letter_id == bindparam("b_letter"), OUTCOME.c.outbox_id == bindparam("b_outbox"))
    moved = bindparam("b_moved", type_=OUTCOME.c.moved_at.type)
    judged: dict[str, Any] = {"moved_at": moved, "judged_at": bindparam("b_now")}
    return update(OUTCOME).where(this).values(judged)


def _unanswered() -> ClauseElement:
    about = and_(OUTCOME.c.instance_id == bindparam("b_instance"), OUTCOME.c.person_id == bindparam("b_person"))
    same = and_(OUTCOME.c.why == bindparam("b_why"), OUTCOME.c.entry_seq == bindparam("b_seq"))
    return select(func.count()).select_from(_arrived()).where(about, same)


def _arrived() -> Any:
    return OUTCOME.join(LETTER, and_(LETTER.c.id == OUTCOME.c.letter_id, LETTER.c.status == "sent"))


def _summed(in_programme: bool) -> ClauseElement:
    moved = func.sum(case((OUTCOME.c.moved_at.is_(None), 0), else_=1))
    text = (INSTANCE.c.workflow_hash, OUTBOX.c.template, OUTBOX.c.why)
    found = select(*text, func.count(), moved).select_from(_arrived())
    found = found.join(OUTBOX, OUTBOX.c.id == OUTCOME.c.outbox_id).join(INSTANCE, INSTANCE.c.id == OUTBOX.c.instance_id)
    found = found.where(OUTCOME.c.judged_at.is_not(None), OUTCOME.c.entry_seq.is_not(None))
    if in_programme:
        found = found.where(OUTBOX.c.programme_id == bindparam("b_programme"))
    return found.group_by(*text).order_by(OUTBOX.c.template)
