"""Registrations: appended under their instance's lock, chained by hashes, never changed; judges no number.

That rows were cut off at the end shows nowhere: unlike history, no head is kept on the instance (decision 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.sql.expression import ClauseElement

from ..engine.errors import NotFound
from ..engine.measuring import Registration, Subject
from ..engine.values import Actor, ActorKind
from .chain import GENESIS, canonical
from .prepared import Connection, Row
from .tables import METADATA

REGISTRATION = METADATA.tables["registration"]
COLUMNS = tuple(column.name for column in REGISTRATION.c)


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration with its place in the chain of its instance."""

    registration: Registration
    prev_hash: str
    hash: str

    @property
    def instance_id(self) -> int:
        """Give the instance that it is about."""
        return self.registration.instance_id


class RegistrationReader:
    """Look registrations up, in a read or a write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def of_programme(self, programme_id: int) -> tuple[Registration, ...]:
        """Answer all rows of a programme, corrected ones too, in the order in which they came."""
        rows = self._connection.rows(self._book("programme registrations", _of_programme), {"b_id": programme_id})
        return tuple(registration_view(row).registration for row in rows)

    def of_instance(self, instance_id: int) -> tuple[Registration, ...]:
        """Answer all rows about one instance, corrected ones too, in the order in which they came."""
        rows = self._connection.rows(self._book("registrations", _of_instance), {"b_id": instance_id})
        return tuple(registration_view(row).registration for row in rows)

    def one(self, number: int) -> Registration:
        """Answer one row by its number; NotFound if there is none."""
        row = self._connection.row(self._book("registration", _one), {"b_id": number})
        if row is None:
            raise NotFound("registration", number)
        return registration_view(row).registration

    def count(self, programme_id: int | None = None) -> int:
        """Count the rows of a programme, or of all."""
        if programme_id is not None:
            return len(self.of_programme(programme_id))
        return int(self._connection.ask("SELECT count(*) FROM registration"))


class Registrations(RegistrationReader):
    """Look registrations up and add to them, in a write transaction that has locked their instance."""

    def add(self, row: Registration) -> Registration:
        """Append a row after the last one of its instance and answer it with its numbers.

        Conflict where the row that it corrects was corrected already, or its idempotency key was used.
        """
        last = self._connection.row(self._book("last registration", _last), {"b_id": row.instance_id})
        seq, head = (last[0], last[1]) if last else (0, GENESIS)
        row = replace(row, seq=seq + 1)
        given = columns_of(row)
        given |= {"prev_hash": head, "hash": registration_hash(head, row)}
        written = self._connection.row(self._book("register", _insert), given)
        assert written is not None
        return replace(row, id=int(written[0]))


def columns_of(row: Registration) -> dict[str, Any]:
    """Give the columns of a row but its number and the hashes."""
    given: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if hasattr(row, name) and name != "id"}
    given |= {"subject": row.subject.value, "group_name": row.group, "overridden": list(row.overridden)}
    return given | {"actor_kind": row.actor.kind.value, "actor_id": row.actor.id}


def registration_hash(prev_hash: str, row: Registration) -> str:
    """Hash a row together with the hash of the one before in its instance (`GENESIS` for the first)."""
    told = columns_of(row) | {"happened_on": row.happened_on.isoformat(), "recorded_at": _iso(row.recorded_at)}
    return sha256((prev_hash + canonical(told)).encode()).hexdigest()


def verify_registrations(rows: Iterable[RegistrationView]) -> int | None:
    """Answer the seq of the first bad row of one instance's registrations in order, or None when all is well."""
    previous, expected = GENESIS, 1
    for one in rows:
        row = one.registration
        follows = row.seq == expected and one.prev_hash == previous
        if not follows or one.hash != registration_hash(previous, row):
            return expected
        previous, expected = one.hash, expected + 1
    return None


def registration_view(row: Row) -> RegistrationView:
    """Build a view from all columns of the table."""
    found: Mapping[str, Any] = dict(zip(COLUMNS, row, strict=True))
    own = {name: value for name, value in found.items() if name in Registration.__slots__}
    own |= {"subject": Subject(found["subject"]), "group": found["group_name"]}
    own |= {"overridden": tuple(found["overridden"]), "actor": Actor(ActorKind(found["actor_kind"]), found["actor_id"])}
    return RegistrationView(Registration(**own), found["prev_hash"], found["hash"])


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _of_programme() -> ClauseElement:
    found = select(*REGISTRATION.c).where(REGISTRATION.c.programme_id == bindparam("b_id"))
    return found.order_by(REGISTRATION.c.id)


def _of_instance() -> ClauseElement:
    return select(*REGISTRATION.c).where(REGISTRATION.c.instance_id == bindparam("b_id")).order_by(REGISTRATION.c.seq)


def _one() -> ClauseElement:
    return select(*REGISTRATION.c).where(REGISTRATION.c.id == bindparam("b_id"))


def _last() -> ClauseElement:
    found = select(REGISTRATION.c.seq, REGISTRATION.c.hash).where(REGISTRATION.c.instance_id == bindparam("b_id"))
    return found.order_by(REGISTRATION.c.seq.desc()).limit(1)


def _insert() -> ClauseElement:
    names = [name for name in COLUMNS if name != "id"]
    return insert(REGISTRATION).values({name: bindparam(name) for name in names}).returning(REGISTRATION.c.id)
