"""The queue of mails that decisions wanted: what is to be looked at, and what became of it; holds no letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal_column, null, or_, select, true, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.pausing.pauses import ABOUT_PAUSE, IN_PAUSE, is_paused
from ...engine.reminding.settling import is_moot
from ...engine.values import (
    ON_ITS_DAY,
    Data,
    Identity,
    Intent,
    Nudge,
    OutboxRow,
    Recipient,
)
from ...engine.values.kept import PAUSED, SEQUENCE
from ..posting.tables import ITEM, LETTER
from ..prepared import Connection, Row, columns, inserting
from ..registers import ONE_PERSON, RegisterReader
from ..surroundings.relatives import DATES, INSTANCE, dates
from ..tables import LONGEST_ERROR, METADATA
from .answering import answered, without_answered
from .inviting import Invitations, Occasion, Receivers, named_kommuner

OUTBOX = METADATA.tables["outbox"]
TIMER = METADATA.tables["timer"]
ROLE = METADATA.tables["role_assignment"]
STAND_IN = METADATA.tables["stand_in"]
KOMMUNE = METADATA.tables["kommune"]
NUDGE_VALUE = (
    *("key", "intent", "template", "role", "why", "region", "entry_seq", "nudge_values", "expires_at"),
    *("uid", "sequence"),
)


class Outbox:
    """The mails in a write transaction; what people are to get of them stands in letters."""

    def __init__(self, connection: Connection, registers: RegisterReader) -> None:
        self._connection = connection
        self._book = connection.book
        self._registers = registers
        self._invitations = Invitations(connection, registers)

    def queue(self, identity: Identity, nudges: Iterable[Nudge], now: datetime) -> None:
        """Insert the mails of a decision; a key that the instance has used already is left alone."""
        statement = self._book("queue mail", _queue, self._book.dialect)
        for nudge in nudges:
            self._connection.run(statement, _outbox_row(identity, nudge, now))

    def find(self, instance_id: int, key: str) -> int | None:
        """Answer the number of the mail that an instance queued under a key."""
        row = self._connection.row(self._book("find mail", _find), {"b_id": instance_id, "b_key": key})
        return None if row is None else int(row[0])

    def one(self, outbox_id: int, now: datetime, *, on: date, anyhow: bool = False) -> OutboxRow | None:
        """Lock one mail, if it still waits to be looked at and nobody else is just doing so.

        ``on`` is the local day for which its role is resolved to people. ``anyhow`` answers it as it stands now,
        whatever became of it, and locks nothing.
        """
        asked = self._book("one mail", _any) if anyhow else self._book("look at mail", _look)
        row = self._connection.row(asked, {"b_id": outbox_id})
        return None if row is None else self._whole(row, now, on)

    def rows(self, letter_id: int, now: datetime, *, on: date, only: int | None = None) -> tuple[OutboxRow, ...]:
        """Answer the mails that wait in a letter (or one of them), in the order of their numbers, as they stand now.

        Whom a calendar mail is for is asked for the letter's person first, and for all others only where not for hers.
        """
        statement = self._book("mails of letter", _of_letter, only is not None)
        rows = self._connection.rows(statement, {"b_id": letter_id, "b_only": only})
        return tuple(self._whole(row[:-1], now, on, row[-1]) for row in rows)

    def post(self, outbox_id: int) -> None:
        """Note that a mail stands in the letters of all who are to have it."""
        self._connection.run(self._book("post mail", _post), {"b_id": outbox_id})

    def wait(self, outbox_id: int, until: datetime, why: str | None) -> None:
        """Look at a mail again at an instant; ``why`` is Danish."""
        given = {"b_id": outbox_id, "b_at": until, "b_why": why}
        self._connection.run(self._book("let mail wait", _wait), given)

    def again(self, outbox_id: int, now: datetime) -> None:
        """Look anew at whom a mail goes to, which stood in letters already."""
        self._connection.run(self._book("look again", _again), {"b_id": outbox_id, "b_now": now})

    def failed(self, outbox_id: int, error: str) -> int:
        """Count that a mail could not be looked at; answer how often that was."""
        given = {"b_id": outbox_id, "b_error": error[-LONGEST_ERROR:]}
        row = self._connection.row(self._book("mail failed", _failed), given)
        return int(row[0]) if row else 1

    def settle(
        self, outbox_id: int, status: str, now: datetime, *, result: Data | None = None, posted: bool = False
    ) -> bool:
        """Close a mail that waits, or is ``posted``, as ``sent``, ``withdrawn``, ``dead``, ``held``, ``doubtful``."""
        given = {"b_id": outbox_id, "b_status": status, "b_now": now, "b_result": result}
        before = "posted" if posted else "pending"
        return self._connection.change(self._book("settle", _settle, before), given) == 1

    def lock(self, outbox_id: int) -> None:
        """Let nobody else look at a mail or close it until this transaction ends."""
        self._connection.row(self._book("lock mail", _lock), {"b_id": outbox_id})

    def reopen(self, outbox_id: int) -> None:
        """Let a settled mail be in its letters again, one of which is to be tried once more."""
        self._connection.run(self._book("reopen mail", _reopen), {"b_id": outbox_id})

    def release(self, role: str, programme_id: int | None, now: datetime) -> int:
        """Look again at mails to this role that were held, or stand in letters of others; answer how many.

        Invitations follow by themselves.
        """
        statement = self._book("release", _release, programme_id is not None)
        return self._connection.change(statement, {"b_role": role, "b_programme": programme_id, "b_now": now})

    def _whole(self, row: Row, now: datetime, on: date, only: int | None = None) -> OutboxRow:
        """Build a mail with whom its role means on a day, and whether it is still worth sending.

        Of a calendar mail in a letter ``only`` its person is asked for.
        """
        number, attempts, instance_id, programme_id, kommune, queued_at = row[:6]
        kind, title, entered, workflow_hash, position, data, programme_title, kommune_name = row[6:14]
        wanted = nudge(row[22:])
        entry = entered.get(wanted.region) if wanted.region is not None else None
        has_left = wanted.region is not None and (
            entry is None or entry[1] != wanted.entry_seq or self._moved(row, wanted)
        )
        has_expired = wanted.expires_at is not None and wanted.expires_at <= now
        planned = dates(row[14:22])
        told: Receivers | None = None
        if wanted.uid is not None and wanted.sequence is not None:
            at = Occasion(instance_id, programme_id, kommune, max(planned.planned_start or on, on), on)
            told = self._invitations.receivers(wanted, number, at, only)
        day = max(planned.planned_start or on, on) if ON_ITS_DAY in wanted.values else on
        people = told.people if told is not None else self._people(wanted, programme_id, kommune, day)
        if day != on and not people:
            people = self._people(wanted, programme_id, kommune, on)
        done = answered(self._connection, wanted)
        asked = without_answered(people, self._registers, wanted, programme_id, on, done)
        is_answered = kommune in done or bool(people and not asked)
        is_over = (
            is_answered
            or has_left
            or has_expired
            or _is_superseded(wanted, data)
            or _stands_still(wanted, data)
            or is_moot(wanted.values, position, data)
        )
        return OutboxRow(
            id=number,
            fence=attempts,
            instance_id=instance_id,
            programme_id=programme_id,
            kind=kind,
            title=title,
            programme_title=programme_title,
            kommune=kommune,
            kommune_name=kommune_name,
            nudge=wanted,
            is_moot=is_over or (told is not None and told.is_moot),
            is_doubled=told is not None and told.is_doubled and not is_over,
            recipients=people if is_answered else asked,
            workflow_hash=workflow_hash,
            dates=planned,
            queued_at=queued_at,
            position=position,
            first=told.first if told is not None else frozenset(),
            left_out=told.left_out if told is not None else (),
        )

    def _moved(self, row: Row, wanted: Nudge) -> bool:
        """Tell whether a reminder's day has been moved since it was queued: its timer has a newer generation."""
        key, _, generation = wanted.key.rpartition("/")[0].rpartition("/g")
        given = {"b_id": row[2], "b_key": key}
        found = self._connection.row(self._book("generation", _generation), given) if generation.isdecimal() else None
        return found is not None and found[0] > int(generation)

    def _people(self, wanted: Nudge, programme_id: int, kommune: str | None, on: date) -> tuple[Recipient, ...]:
        """Resolve a mail's role: in its kommune, in those that it names (the members of a cluster), or in all."""
        kommuner = named_kommuner(wanted.values, kommune)
        found = [one for code in kommuner for one in self._registers.recipients(wanted.role, programme_id, code, on)]
        return tuple({one.person_id: one for one in found}.values())


def nudge(row: Row) -> Nudge:
    """Build a nudge from the columns of ``NUDGE_VALUE``."""
    return Nudge(row[0], Intent(row[1]), *row[2:])


def _is_superseded(wanted: Nudge, data: Data) -> bool:
    """Tell whether a newer calendar mail tells all what holds now; what takes one person off the list still may go."""
    newest = data.get(SEQUENCE)
    if wanted.sequence is None or not isinstance(newest, int) or newest <= wanted.sequence:
        return False
    return wanted.intent is Intent.INVITATION or not wanted.role.startswith(ONE_PERSON)


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
        "attempts": 0,
    }


_OUTBOX_ROW = ("instance_id", "programme_id", "kommune", *NUDGE_VALUE, "status", "queued_at", "not_before")


def _is(status: str, table: Any) -> Any:
    # Written out, because a partial index serves only a condition that the planner can read.
    return table.c.status == literal_column(f"'{status}'")


def _queue(dialect: str) -> Any:
    names = (*_OUTBOX_ROW, "attempts")
    added = inserting(dialect, OUTBOX).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["instance_id", "key"])


def _mails() -> Select[Any]:
    """Read mails with what they are about, without saying which."""
    programme = INSTANCE.alias()
    return (
        select(
            *columns(OUTBOX, "id", "attempts", "instance_id", "programme_id", "kommune", "queued_at"),
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


def _look() -> ClauseElement:
    found = _mails().where(_this(), _is("pending", OUTBOX))
    return found.with_for_update(of=OUTBOX, skip_locked=True, key_share=True)


def _any() -> ClauseElement:
    return _mails().where(_this())


def _of_letter(one: bool) -> ClauseElement:
    found = _mails().add_columns(LETTER.c.person_id).join(ITEM, ITEM.c.outbox_id == OUTBOX.c.id)
    found = found.join(LETTER, LETTER.c.id == ITEM.c.letter_id)
    found = found.where(ITEM.c.letter_id == bindparam("b_id"), _is("pending", ITEM))
    if one:
        found = found.where(OUTBOX.c.id == bindparam("b_only"))
    return found.order_by(OUTBOX.c.id).with_for_update(of=OUTBOX, key_share=True)


def _generation() -> ClauseElement:
    found = select(TIMER.c.generation).where(
        TIMER.c.instance_id == bindparam("b_id"), TIMER.c.key == bindparam("b_key")
    )
    return found.where(TIMER.c.status == "armed")


def _text(name: str) -> Any:
    """Bind a text that may be NULL."""
    return bindparam(name, type_=OUTBOX.c.last_error.type)


def _this() -> Any:
    return OUTBOX.c.id == bindparam("b_id")


def _post() -> ClauseElement:
    return update(OUTBOX).where(_this(), OUTBOX.c.status == "pending").values(status="posted", waits=None)


def _wait() -> ClauseElement:
    later: dict[str, Any] = {"not_before": bindparam("b_at"), "waits": _text("b_why")}
    return update(OUTBOX).where(_this(), OUTBOX.c.status == "pending").values(later)


def _again() -> ClauseElement:
    again: dict[str, Any] = {"status": "pending", "not_before": bindparam("b_now")}
    return update(OUTBOX).where(_this(), OUTBOX.c.status == "posted").values(again)


def _find() -> ClauseElement:
    return select(OUTBOX.c.id).where(OUTBOX.c.instance_id == bindparam("b_id"), OUTBOX.c.key == bindparam("b_key"))


def _failed() -> ClauseElement:
    failed: dict[str, Any] = {"last_error": _text("b_error"), "attempts": OUTBOX.c.attempts + 1}
    return update(OUTBOX).where(_this()).values(failed).returning(OUTBOX.c.attempts)


def _lock() -> ClauseElement:
    # Not the key: two processes that each note a delivery of the same mail would wait for each other.
    return select(OUTBOX.c.id).where(_this()).with_for_update(key_share=True)


def _settle(before: str) -> ClauseElement:
    closed: dict[str, Any] = {"status": bindparam("b_status"), "settled_at": bindparam("b_now"), "waits": None}
    closed["result"] = bindparam("b_result")
    return update(OUTBOX).where(_this(), OUTBOX.c.status == before).values(closed)


def _reopen() -> ClauseElement:
    opened: dict[str, Any] = {"status": "posted", "settled_at": None, "result": null()}
    return update(OUTBOX).where(_this(), OUTBOX.c.status != "pending").values(opened)


def _release(in_programme: bool) -> ClauseElement:
    here = OUTBOX.c.programme_id == bindparam("b_programme") if in_programme else true()
    waits = or_(OUTBOX.c.status == "held", and_(OUTBOX.c.status == "posted", OUTBOX.c.uid.is_(None)))
    found = update(OUTBOX).where(waits, OUTBOX.c.role == bindparam("b_role"), here)
    return found.values(status="pending", not_before=bindparam("b_now"), settled_at=None)
