"""Letters that came back, and addresses that do not work or are mended; reads no mail and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ..prepared import Connection, inserting
from ..tables import METADATA
from .letters import LetterRow, letter_columns, letter_row
from .tables import ITEM, LETTER, PREFERENCE

PERSON = METADATA.tables["person"]
ADDRESS: Final = "address:"
"""What the kind of a preference begins with that says of a person's address (by its hash) that it does not work."""


@dataclass(frozen=True, slots=True)
class Mark:
    """That an address of a person, known by its hash, does not work, and since when we know."""

    person_id: int
    address_hash: str
    since: datetime


class Returned:
    """What is written and read about mails that came back, in a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def letter(self, message_ids: Sequence[str]) -> LetterRow | None:
        """Lock and answer the first letter with one of these Message-IDs; None where none is ours."""
        for message_id in message_ids:
            row = self._connection.row(self._book("letter by message id", _letter), {"b_message_id": message_id})
            if row is not None:
                return letter_row(row)
        return None

    def take_back(self, letter_id: int) -> tuple[int, ...]:
        """Let what went out with a letter wait in it again; answer those mails of the outbox."""
        rows = self._connection.rows(self._book("items back", _items_back), {"b_id": letter_id})
        return tuple(row[0] for row in rows)

    def note(self, letter_id: int, note: str) -> None:
        """Keep what was reported of a letter that stays as it is."""
        self._connection.run(self._book("note letter", _note), {"b_id": letter_id, "b_note": note})

    def mark(self, person_id: int, address_hash: str, now: datetime) -> None:
        """Keep that an address does not work; once is enough."""
        given = {"person_id": person_id, "kind": ADDRESS + address_hash, "opted_out": False, "set_at": now}
        self._connection.run(self._book("mark address", _mark, self._book.dialect), given)

    def forget(self, person_id: int) -> int:
        """Forget what was said about a person's addresses; answer how many they were."""
        return self._connection.change(self._book("forget marks", _forget), {"b_id": person_id})

    def given_up(self, person_id: int, status: str) -> tuple[int, ...]:
        """Number a person's letters that are ``held`` or ``dead``, the oldest first."""
        given = {"b_id": person_id, "b_status": status}
        return tuple(row[0] for row in self._connection.rows(self._book("given up of person", _given_up), given))

    def readdress(self, person_id: int, email: str) -> None:
        """Give a person another address."""
        self._connection.run(self._book("readdress", _readdress), {"b_id": person_id, "b_email": email})

    def marks(self) -> tuple[Mark, ...]:
        """Answer every address that does not work."""
        rows = self._connection.rows(self._book("marks", _marks), {})
        return tuple(Mark(row[0], row[1].removeprefix(ADDRESS), row[2]) for row in rows)


def _letter() -> ClauseElement:
    found = select(*letter_columns()).where(LETTER.c.message_id == bindparam("b_message_id"))
    return found.with_for_update()


def _items_back() -> ClauseElement:
    gone = or_(ITEM.c.status == "sent", ITEM.c.status == "doubtful")
    found = update(ITEM).where(ITEM.c.letter_id == bindparam("b_id"), gone)
    return found.values(status="pending").returning(ITEM.c.outbox_id)


def _note() -> ClauseElement:
    return update(LETTER).where(LETTER.c.id == bindparam("b_id")).values(note=bindparam("b_note"))


def _mark(dialect: str) -> Any:
    names = ("person_id", "kind", "opted_out", "set_at")
    added = inserting(dialect, PREFERENCE).values({name: bindparam(name) for name in names})
    return added.on_conflict_do_nothing(index_elements=["person_id", "kind"])


def _is_mark() -> Any:
    return PREFERENCE.c.kind.like(f"{ADDRESS}%")


def _forget() -> ClauseElement:
    return delete(PREFERENCE).where(PREFERENCE.c.person_id == bindparam("b_id"), _is_mark())


def _given_up() -> ClauseElement:
    found = select(LETTER.c.id).where(LETTER.c.person_id == bindparam("b_id"), LETTER.c.status == bindparam("b_status"))
    return found.order_by(LETTER.c.id)


def _readdress() -> ClauseElement:
    return update(PERSON).where(PERSON.c.id == bindparam("b_id")).values(email=bindparam("b_email"))


def _marks() -> ClauseElement:
    found = select(PREFERENCE.c.person_id, PREFERENCE.c.kind, PREFERENCE.c.set_at).where(_is_mark())
    return found.order_by(PREFERENCE.c.person_id, PREFERENCE.c.kind)
