"""How letters are sent: who holds which for how long, and what became of it; composes and sends nothing itself.

A report with a stale fence answers False and changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from ..tables import LONGEST_ERROR, METADATA
from .letters import LetterRow, is_pending, letter_columns, letter_row, one_status
from .tables import ITEM, LETTER

DELIVERY = METADATA.tables["delivery"]
GIVEN_UP = ("dead", "held", "doubtful")


class Claims:
    """Letters as those hold them who send, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def look(self, letter_id: int, now: datetime) -> LetterRow | None:
        """Lock a letter that is due and that nobody holds; None where it is not, or somebody just takes it."""
        given = {"b_id": letter_id, "b_now": now}
        row = self._connection.row(self._book("look at letter", _look), given)
        return None if row is None else letter_row(row)

    def take(
        self, letter: LetterRow, lease: timedelta, now: datetime, *, trial: bool = False, to: str | None = None
    ) -> int:
        """Hold a letter for the time of a lease; answer the fence of this attempt, which may be one of a trial.

        ``to`` is the hash of the address that it goes to. A lease that has run out leaves the letter in doubt for good.
        ``cut_at`` becomes when that was, for nothing more is put into what was tried; whatever may be out keeps it.
        """
        fence = letter.fence + 1
        given = {"b_id": letter.id, "b_fence": fence, "b_until": now + lease, "b_trial": trial, "b_to": to}
        given |= {"b_attempts": letter.attempts_made(trial=trial) + 1, "b_now": now}
        self._connection.run(self._book("take letter", _take), given)
        return fence

    def absorb(self, letter: LetterRow, now: datetime, note: str) -> int:
        """Put into a digest what waits in the person's other digests whose time has come; answer how many they were."""
        given = {"b_person": letter.person_id, "b_but": letter.id, "b_now": now}
        others = self._connection.rows(self._book("other digests", _others), given)
        for (number,) in others:
            # What is in both already stays in the older one as dropped; a row is never in a letter twice.
            merged = {"b_from": number, "b_to": letter.id, "b_note": note}
            self._connection.run(self._book("copy items", _copy_items, self._book.dialect), merged)
            self._connection.run(self._book("empty letter", _empty), {"b_id": number, "b_note": note})
            self.end(number, "withdrawn", now, note)
        return len(others)

    def drop(self, letter_id: int, outbox_id: int, status: str, note: str) -> None:
        """Take a mail of the outbox out of a letter (``dropped``), or give it up in it (``dead``)."""
        given = {"b_id": letter_id, "b_outbox": outbox_id, "b_status": status, "b_note": note}
        self._connection.run(self._book("drop item", _drop), given)

    def date(self, letter_id: int, send_on: date, week: str, *, has_nudge: bool) -> None:
        """Note the day on which a letter really goes, and whether it uses that week's budget."""
        given = {"b_id": letter_id, "b_on": send_on, "b_week": week, "b_nudge": has_nudge}
        self._connection.run(self._book("date letter", _date), given)

    def postpone(self, letter_id: int, until: datetime, note: str) -> None:
        """Let a letter that was looked at wait; that is no attempt."""
        given = {"b_id": letter_id, "b_at": until, "b_note": note}
        self._connection.run(self._book("postpone letter", _postpone), given)

    def holds(self, letter_id: int, fence: int) -> bool:
        """Tell whether this attempt still holds a letter, and lock it."""
        given = {"b_id": letter_id, "b_fence": fence}
        return self._connection.row(self._book("hold letter", _hold), given) is not None

    def end(self, letter_id: int, status: str, now: datetime, note: str) -> tuple[int, ...]:
        """Close a letter as ``sent``, ``withdrawn``, ``dead``, ``held`` or ``doubtful``; answer what waited in it."""
        item = {"b_id": letter_id, "b_status": "dropped" if status == "withdrawn" else status, "b_note": note}
        rows = self._connection.rows(self._book("end items", _end_items), item)
        given = {"b_id": letter_id, "b_status": status, "b_now": now, "b_note": note}
        self._connection.run(self._book("end letter", _end, status in ("withdrawn", "held")), given)
        return tuple(row[0] for row in rows)

    def failed(self, letter_id: int, at: datetime, error: str) -> None:
        """Count an attempt that did not even begin, and try again at an instant."""
        given = {"b_id": letter_id, "b_at": at, "b_error": error[-LONGEST_ERROR:]}
        self._connection.run(self._book("letter failed", _failed), given)

    def retry(self, letter_id: int, at: datetime, error: str, *, is_doubtful: bool) -> None:
        """Give a letter back, to be tried again at an instant; what was in doubt once stays so."""
        given = {"b_id": letter_id, "b_at": at, "b_error": error[-LONGEST_ERROR:], "b_doubtful": is_doubtful}
        self._connection.run(self._book("retry letter", _retry), given)

    def untried(self, letter_id: int, at: datetime, note: str, error: str | None) -> None:
        """Give a letter back as if it had not been taken; what is wrong with the mail server is kept as its error."""
        given = {"b_id": letter_id, "b_at": at, "b_note": note, "b_error": error and error[-LONGEST_ERROR:]}
        self._connection.run(self._book("letter untried", _untried), given)

    def again(self, letter_id: int, now: datetime, note: str) -> tuple[int, ...]:
        """Try a letter once more that was given up, held, doubtful or only sent on trial; answer the mails in it.

        There are none where it is nothing of that.
        """
        given = {"b_id": letter_id, "b_now": now, "b_note": note}
        if self._connection.change(self._book("letter again", _again), given) != 1:
            return ()
        rows = self._connection.rows(self._book("items again", _items_again), {"b_id": letter_id})
        self._connection.run(self._book("forget delivery", _undeliver), {"b_id": letter_id})
        return tuple(row[0] for row in rows)


def _this() -> Any:
    return LETTER.c.id == bindparam("b_id")


def _look() -> ClauseElement:
    is_free = or_(LETTER.c.lease_until.is_(None), LETTER.c.lease_until <= bindparam("b_now"))
    found = select(*letter_columns()).where(_this(), is_pending(LETTER), LETTER.c.not_before <= bindparam("b_now"))
    return found.where(is_free).with_for_update(skip_locked=True)


def _take() -> ClauseElement:
    taken: dict[str, Any] = {"fence": bindparam("b_fence"), "lease_until": bindparam("b_until")}
    taken |= {"is_trial": bindparam("b_trial"), "sent_to": bindparam("b_to", type_=LETTER.c.sent_to.type)}
    taken["note"] = ""  # what it waited for is there
    taken["attempts"] = bindparam("b_attempts")
    taken["is_doubtful"] = _in_doubt()
    is_dated = and_(_in_doubt(), LETTER.c.attempts > 0)  # Sent again by a person it is dated anew.
    taken["cut_at"] = case((is_dated, LETTER.c.cut_at), else_=bindparam("b_now", type_=LETTER.c.cut_at.type))
    return update(LETTER).where(_this()).values(taken)


def _in_doubt() -> Any:
    """Match a letter that may be out: whoever had it in hand said so, or died. A trial leaves no doubt."""
    has_died = and_(LETTER.c.lease_until.is_not(None), LETTER.c.is_trial.is_(False))
    return or_(LETTER.c.is_doubtful, has_died)


def _others() -> ClauseElement:
    found = select(LETTER.c.id).where(
        LETTER.c.person_id == bindparam("b_person"),
        LETTER.c.id != bindparam("b_but"),
        is_pending(LETTER),
        LETTER.c.shape == "digest",
        LETTER.c.cut_at <= bindparam("b_now"),
        LETTER.c.lease_until.is_(None),
        LETTER.c.is_doubtful.is_(False),
    )
    return found.order_by(LETTER.c.id).with_for_update(skip_locked=True)


def _copy_items(dialect: str) -> ClauseElement:
    to = bindparam("b_to", type_=ITEM.c.letter_id.type)
    source = select(to.label("letter_id"), ITEM.c.outbox_id, ITEM.c.status, ITEM.c.note).where(
        ITEM.c.letter_id == bindparam("b_from"), is_pending(ITEM)
    )
    added = inserting(dialect, ITEM).from_select(["letter_id", "outbox_id", "status", "note"], source)
    copied: ClauseElement = added.on_conflict_do_update(
        index_elements=["letter_id", "outbox_id"], set_={"status": added.excluded.status, "note": added.excluded.note}
    )
    return copied


def _empty() -> ClauseElement:
    emptied: dict[str, Any] = {"status": "dropped", "note": bindparam("b_note")}
    return update(ITEM).where(ITEM.c.letter_id == bindparam("b_id"), is_pending(ITEM)).values(emptied)


def _drop() -> ClauseElement:
    dropped: dict[str, Any] = {"status": bindparam("b_status"), "note": bindparam("b_note")}
    found = update(ITEM).where(ITEM.c.letter_id == bindparam("b_id"), ITEM.c.outbox_id == bindparam("b_outbox"))
    return found.where(is_pending(ITEM)).values(dropped)


def _date() -> ClauseElement:
    dated: dict[str, Any] = {"send_on": bindparam("b_on"), "week": bindparam("b_week")}
    dated["has_nudge"] = bindparam("b_nudge")
    return update(LETTER).where(_this()).values(dated)


def _postpone() -> ClauseElement:
    later: dict[str, Any] = {"not_before": bindparam("b_at"), "note": bindparam("b_note")}
    return update(LETTER).where(_this()).values(later)


def _hold() -> ClauseElement:
    found = select(LETTER.c.id).where(_this(), LETTER.c.fence == bindparam("b_fence"), is_pending(LETTER))
    return found.with_for_update()


def _end(has_not_gone: bool) -> ClauseElement:
    ended: dict[str, Any] = {"status": bindparam("b_status"), "settled_at": bindparam("b_now"), "lease_until": None}
    if has_not_gone:
        # An attempt of which nobody has told the end may have reached the mail server: it may be out all the same.
        ended["is_doubtful"] = _in_doubt()
    return update(LETTER).where(_this()).values(**ended, note=bindparam("b_note"))


def _end_items() -> ClauseElement:
    ended: dict[str, Any] = {"status": bindparam("b_status"), "note": bindparam("b_note")}
    found = update(ITEM).where(ITEM.c.letter_id == bindparam("b_id"), is_pending(ITEM))
    return found.values(ended).returning(ITEM.c.outbox_id)


def _failed() -> ClauseElement:
    later: dict[str, Any] = {"not_before": bindparam("b_at"), "last_error": bindparam("b_error")}
    return update(LETTER).where(_this(), is_pending(LETTER)).values(**later, attempts=LETTER.c.attempts + 1)


def _retry() -> ClauseElement:
    again: dict[str, Any] = {"not_before": bindparam("b_at"), "lease_until": None}
    may_be_out = and_(bindparam("b_doubtful", type_=LETTER.c.is_doubtful.type), LETTER.c.is_trial.is_(False))
    again |= {"last_error": bindparam("b_error"), "is_doubtful": or_(LETTER.c.is_doubtful, may_be_out)}
    return update(LETTER).where(_this()).values(again)


def _untried() -> ClauseElement:
    back: dict[str, Any] = {"not_before": bindparam("b_at"), "lease_until": None, "note": bindparam("b_note")}
    back |= {"last_error": bindparam("b_error", type_=LETTER.c.last_error.type), "attempts": LETTER.c.attempts - 1}
    return update(LETTER).where(_this()).values(back)


def _again() -> ClauseElement:
    opened: dict[str, Any] = {"status": "pending", "not_before": bindparam("b_now"), "lease_until": None}
    opened |= {"attempts": 0, "settled_at": None, "note": bindparam("b_note")}
    # What went on trial had another Message-ID: of this letter no mail server knows anything.
    opened |= {"is_doubtful": or_(LETTER.c.is_doubtful, and_(LETTER.c.is_trial.is_(False), LETTER.c.status != "held"))}
    given_up = or_(one_status(LETTER, *GIVEN_UP), and_(LETTER.c.is_trial.is_(True), LETTER.c.status == "sent"))
    return update(LETTER).where(_this(), given_up).values(opened)


def _items_again() -> ClauseElement:
    found = update(ITEM).where(ITEM.c.letter_id == bindparam("b_id"), one_status(ITEM, *GIVEN_UP, "sent"))
    return found.values(status="pending", note="").returning(ITEM.c.outbox_id)


def _undeliver() -> ClauseElement:
    """What is sent again leaves a new note of who got it; only a trial has one already."""
    whose = select(LETTER.c.person_id).where(_this(), LETTER.c.is_trial.is_(True)).scalar_subquery()
    mails = select(ITEM.c.outbox_id).where(ITEM.c.letter_id == bindparam("b_id"), ITEM.c.status == "pending")
    return delete(DELIVERY).where(DELIVERY.c.person_id == whose, DELIVERY.c.outbox_id.in_(mails))
