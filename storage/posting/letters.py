"""How letters are made: found by their key, opened, joined, counted against a week; sends nothing.

Whoever makes or merges letters takes one lock for the length of a short transaction, so that two processes neither
make two letters of one day nor both use the last mail of a week. SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, func, literal_column, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, Row, inserting
from ..tables import METADATA
from .tables import ITEM, LETTER

META = METADATA.tables["meta"]
OUTBOX = METADATA.tables["outbox"]
SECRET = "message_secret"
"""Where a database keeps what its Message-IDs are keyed with."""

ANOTHER_DAY = timedelta(hours=12)
"""A clock that was wrong by more had another day; what it made for 'tomorrow' means nothing now."""

AHEAD = timedelta(minutes=5)
"""Further than this the clocks of two machines do not differ: what was made later was made by a wrong clock."""

FARTHEST_LEASE, FARTHEST_LETTER, FARTHEST_MAIL = timedelta(hours=1), timedelta(days=60), timedelta(days=8)
"""So far ahead may a letter be held, may it wait (for closed weeks), and may a mail wait to be looked at."""

# Any number will do, as long as every samskabt takes the same one.
POSTING_LOCK = 7_365_107_512
LETTER_ROW = (
    *("id", "key", "message_id", "person_id", "shape", "send_on", "week", "has_nudge", "is_urgent", "is_once"),
    *("cut_at", "status", "note", "created_at", "not_before", "lease_until", "fence", "attempts", "is_doubtful"),
    *("last_error", "settled_at", "is_trial", "sent_to"),
)
COUNTED = ("pending", "sent", "doubtful")
"""The letters that use up a week's budget: sent, perhaps sent, and still to be sent."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter that is to be written: what it is (``key``), to whom, on which local day and from which instant."""

    key: str
    message_id: str
    person_id: int
    shape: str
    send_on: date
    week: str
    has_nudge: bool
    cut_at: datetime
    not_before: datetime
    is_urgent: bool = False
    is_once: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter with the columns of its table."""

    id: int
    key: str
    message_id: str
    person_id: int
    shape: str
    send_on: date
    week: str
    has_nudge: bool
    is_urgent: bool
    is_once: bool
    cut_at: datetime
    status: str
    note: str
    created_at: datetime
    not_before: datetime
    lease_until: datetime | None
    fence: int
    attempts: int
    is_doubtful: bool
    last_error: str | None
    settled_at: datetime | None
    is_trial: bool = False
    sent_to: str | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether a mail server may have taken it: that was said, or whoever had it in hand has died.

        What went on trial had another Message-ID and another reader, and leaves no doubt.
        """
        return self.is_doubtful or (self.lease_until is not None and not self.is_trial)

    @property
    def dated_at(self) -> datetime | None:
        """Answer when the attempt was that may have arrived: another one is dated as that was, None for anew."""
        return self.cut_at if self.is_in_doubt and self.attempts else None

    def attempts_made(self, *, trial: bool) -> int:
        """Count the attempts that were made so far: those of a trial count as long as it lasts."""
        return self.attempts if trial or not self.is_trial else 0

    @property
    def may_grow(self) -> bool:
        """Tell whether something may still be put into it: it was never tried, so its Message-ID stands nowhere."""
        return self.status == "pending" and not self.attempts and not self.is_in_doubt


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail of the outbox in one person's letter."""

    letter_id: int
    person_id: int
    status: str
    note: str


class Letters:
    """Letters as those make them who post mails, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def lock(self) -> None:
        """Let nobody else make or merge letters until this transaction ends."""
        if self._book.dialect == "postgresql":
            self._connection.row(self._book("lock letters", _lock), {})

    def find(self, key: str) -> LetterRow | None:
        """Answer the letter of a key."""
        row = self._connection.row(self._book("find letter", _find), {"b_key": key})
        return None if row is None else letter_row(row)

    def fresh(self, person_id: int, now: datetime) -> int | None:
        """Answer a person's digest whose time has come, and that was never tried: what came back may go with it."""
        row = self._connection.row(self._book("fresh digest", _fresh), {"b_person": person_id, "b_now": now})
        return None if row is None else int(row[0])

    def secret(self, make: Callable[[], str]) -> str:
        """Answer what this database's Message-IDs are keyed with; the first to ask makes it, and all get the same."""
        asked = self._book("message secret", _secret)
        if self._connection.row(asked, {"b_key": SECRET}) is None:
            kept = {"key": SECRET, "value": make()}
            self._connection.run(self._book("keep secret", _keep_secret, self._book.dialect), kept)
        row = self._connection.row(asked, {"b_key": SECRET})
        assert row is not None
        return str(row[0])

    def tell(self, now: datetime, note: str) -> None:
        """Note why what is due, and what nobody has in hand, waits."""
        self._connection.run(self._book("tell letters", _tell), {"b_now": now, "b_note": note})

    def bring_back(self, now: datetime) -> int:
        """Make due now what a wrong clock has made, held or let wait too far ahead; answer how many rows that were."""
        builds = (("stray lease", _end_lease), ("stray letter", _hurry_letter), ("stray mail", _hurry_mail))
        return sum(self._connection.change(self._book(name, build), stray_at(now)) for name, build in builds)

    def open(self, new: NewLetter, now: datetime) -> int:
        """Begin a letter, or one that was given up before it was tried; answer its number."""
        names = tuple(new.__slots__)
        given: dict[str, Any] = {name: getattr(new, name) for name in names}
        given |= {
            "status": "pending",
            "created_at": now,
            "fence": 0,
            "attempts": 0,
            "is_doubtful": False,
            "is_trial": False,
        }
        row = self._connection.row(self._book("open letter", _open, self._book.dialect), given)
        assert row is not None
        return int(row[0])

    def put(self, letter_id: int, outbox_id: int, *, is_nudge: bool) -> None:
        """Put a mail of the outbox into a letter, or put it in again."""
        given = {"letter_id": letter_id, "outbox_id": outbox_id, "status": "pending", "note": ""}
        self._connection.run(self._book("put into letter", _put, self._book.dialect), given)
        if is_nudge:
            self._connection.run(self._book("letter has nudge", _has_nudge), {"b_id": letter_id})

    def used(self, person_id: int, week: str, but: int = 0) -> int:
        """Count a person's letters with reminders in an ISO week, sent and planned; ``but`` is one not to count."""
        given = {"b_person": person_id, "b_week": week, "b_but": but}
        row = self._connection.row(self._book("letters of week", _used), given)
        return int(row[0]) if row else 0

    def fates(self, outbox_id: int) -> tuple[Fate, ...]:
        """Answer what became of a mail of the outbox in each letter that it stands in."""
        rows = self._connection.rows(self._book("fates", _fates), {"b_id": outbox_id})
        return tuple(Fate(*row) for row in rows)


def letter_row(row: Row) -> LetterRow:
    """Build a letter from the columns of ``LETTER_ROW``."""
    return LetterRow(*row)


def is_pending(table: Any) -> Any:
    """Match what waits. Written out, because a partial index serves only a condition that the planner can read."""
    return table.c.status == literal_column("'pending'")


def one_status(table: Any, *names: str) -> Any:
    """Match any of some statuses; a list as one value would be spelled out anew at every run."""
    return or_(*[table.c.status == name for name in names])


def letter_columns() -> list[Any]:
    """Give the columns of ``LETTER_ROW``."""
    return [LETTER.c[name] for name in LETTER_ROW]


def _lock() -> ClauseElement:
    return select(func.pg_advisory_xact_lock(literal_column(str(POSTING_LOCK))))


def _find() -> ClauseElement:
    return select(*letter_columns()).where(LETTER.c.key == bindparam("b_key"))


def _open(dialect: str) -> ClauseElement:
    names = [*NewLetter.__slots__, "status", "created_at", "fence", "attempts", "is_doubtful", "is_trial"]
    added = inserting(dialect, LETTER).values({name: bindparam(name, type_=LETTER.c[name].type) for name in names})
    kept = ("key", "message_id", "fence", "attempts", "is_doubtful", "is_trial")
    changed: Mapping[str, Any] = {name: added.excluded[name] for name in names if name not in kept}
    opened: ClauseElement = added.on_conflict_do_update(
        index_elements=["key"], set_={**changed, "settled_at": None, "last_error": None}
    ).returning(LETTER.c.id)
    return opened


def _put(dialect: str) -> ClauseElement:
    added = inserting(dialect, ITEM).values({column.name: bindparam(column.name) for column in ITEM.c})
    put: ClauseElement = added.on_conflict_do_update(
        index_elements=["letter_id", "outbox_id"], set_={"status": added.excluded.status, "note": added.excluded.note}
    )
    return put


def _has_nudge() -> ClauseElement:
    return update(LETTER).where(LETTER.c.id == bindparam("b_id")).values(has_nudge=True)


def _used() -> ClauseElement:
    found = (
        select(func.count())
        .select_from(LETTER)
        .where(LETTER.c.person_id == bindparam("b_person"), LETTER.c.week == bindparam("b_week"))
    )
    return found.where(
        and_(LETTER.c.has_nudge.is_(True), one_status(LETTER, *COUNTED), LETTER.c.id != bindparam("b_but"))
    )


def _fates() -> ClauseElement:
    found = select(ITEM.c.letter_id, LETTER.c.person_id, ITEM.c.status, ITEM.c.note)
    found = found.join(LETTER, LETTER.c.id == ITEM.c.letter_id).where(ITEM.c.outbox_id == bindparam("b_id"))
    return found.order_by(ITEM.c.letter_id)


def _fresh() -> ClauseElement:
    now = bindparam("b_now", type_=LETTER.c.not_before.type)
    found = select(LETTER.c.id).where(LETTER.c.person_id == bindparam("b_person"), LETTER.c.shape == "digest")
    found = found.where(is_pending(LETTER), LETTER.c.cut_at <= now, LETTER.c.not_before <= now)
    found = found.where(LETTER.c.attempts == 0, LETTER.c.lease_until.is_(None), LETTER.c.is_doubtful.is_(False))
    return found.order_by(LETTER.c.id.desc()).limit(1)


def _tell() -> ClauseElement:
    due = and_(is_pending(LETTER), LETTER.c.not_before <= bindparam("b_now"), LETTER.c.lease_until.is_(None))
    return update(LETTER).where(due).values(note=bindparam("b_note"))


def _secret() -> ClauseElement:
    return select(META.c.value).where(META.c.key == bindparam("b_key"))


def _keep_secret(dialect: str) -> Any:
    added = inserting(dialect, META).values(key=bindparam("key"), value=bindparam("value"))
    return added.on_conflict_do_nothing(index_elements=["key"])


def stray_at(now: datetime) -> dict[str, datetime]:
    """Give the instants beyond which nothing lies, unless a wrong clock wrote it."""
    given = {"b_now": now, "b_ahead": now + AHEAD, "b_lease": now + FARTHEST_LEASE}
    return given | {"b_letter": now + FARTHEST_LETTER, "b_mail": now + FARTHEST_MAIL, "b_another": now + ANOTHER_DAY}


def has_stray_lease() -> Any:
    """Match a letter that is held far ahead."""
    return and_(is_pending(LETTER), LETTER.c.lease_until > _instant("b_lease"))


def is_stray_letter() -> Any:
    """Match a letter that was made later than now, or waits far ahead."""
    is_far = or_(LETTER.c.created_at > _instant("b_ahead"), LETTER.c.not_before > _instant("b_letter"))
    return and_(is_pending(LETTER), is_far)


def is_stray_mail() -> Any:
    """Match a mail of the outbox that was queued later than now, or waits far ahead."""
    is_far = or_(OUTBOX.c.queued_at > _instant("b_ahead"), OUTBOX.c.not_before > _instant("b_mail"))
    return and_(is_pending(OUTBOX), is_far)


def _instant(name: str) -> Any:
    return bindparam(name, type_=LETTER.c.not_before.type)


def _end_lease() -> ClauseElement:
    """End a lease, which leaves the doubt that it stands for."""
    return update(LETTER).where(has_stray_lease()).values(lease_until=_instant("b_now"))


def _hurry_letter() -> ClauseElement:
    """Let go now what waits too far ahead; what a clock made that was hours wrong at most keeps its hour."""
    made = LETTER.c.created_at > _instant("b_ahead")
    waits = or_(LETTER.c.created_at > _instant("b_another"), LETTER.c.not_before > _instant("b_letter"))
    when = {"created_at": made, "cut_at": waits, "not_before": waits}
    back = {name: case((is_so, _instant("b_now")), else_=LETTER.c[name]) for name, is_so in when.items()}
    return update(LETTER).where(is_stray_letter()).values(back)


def _hurry_mail() -> ClauseElement:
    made = OUTBOX.c.queued_at > _instant("b_ahead")
    waits = or_(OUTBOX.c.queued_at > _instant("b_another"), OUTBOX.c.not_before > _instant("b_mail"))
    when = {"queued_at": made, "not_before": waits}
    back = {name: case((is_so, _instant("b_now")), else_=OUTBOX.c[name]) for name, is_so in when.items()}
    return update(OUTBOX).where(is_stray_mail()).values(back)
