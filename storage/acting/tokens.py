"""How tokens are kept: minted, found by the hash of their secret, spent once, revoked; decides nothing.

Whoever spends one locks its row first, then whatever the decision needs: of two at the same time the second waits, and
sees what the first one did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import Data
from ..prepared import Connection, Row
from .tables import TOKEN


@dataclass(frozen=True, slots=True)
class NewToken:
    """A link that is to be made; ``digest`` is the SHA-256 of its secret in hexadecimal."""

    digest: str
    person_id: int
    action: str
    arguments: Data
    expires_at: datetime
    instance_id: int | None = None
    revision: int | None = None
    outbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token with the columns of its table."""

    id: int
    digest: str
    person_id: int
    action: str
    instance_id: int | None
    arguments: Data
    revision: int | None
    outbox_id: int | None
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    revoked_at: datetime | None
    choice: str | None
    result: Data | None


_MINTED = (*NewToken.__slots__, "created_at")
_ROW = tuple(TokenRow.__slots__)


class Tokens:
    """Tokens, in a read or a write transaction; only the latter may mint, spend and revoke."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._book = connection.book

    def mint(self, new: NewToken, now: datetime) -> int:
        """Keep a new token; answer its number."""
        given: dict[str, Any] = {name: getattr(new, name) for name in NewToken.__slots__}
        row = self._connection.row(self._book("mint token", _mint), given | {"created_at": now})
        assert row is not None
        return int(row[0])

    def find(self, digest: str) -> TokenRow | None:
        """Answer the token whose secret has this hash."""
        return _token(self._connection.row(self._book("find token", _find, False), {"b_digest": digest}))

    def lock(self, digest: str) -> TokenRow | None:
        """Answer the token whose secret has this hash, and let nobody else spend it until this transaction ends."""
        return _token(self._connection.row(self._book("lock token", _find, True), {"b_digest": digest}))

    def spend(self, token_id: int, choice: str, result: Data, now: datetime, *, over: str = "") -> bool:
        """Note what a token did; False where something else than ``over`` was noted before."""
        given = {"b_id": token_id, "b_choice": choice, "b_result": result, "b_now": now, "b_over": over}
        return self._connection.change(self._book("spend token", _spend), given) == 1

    def sweep(self, before: datetime, most: int) -> int:
        """Forget the oldest ``most`` tokens that had expired by an instant; answer how many it were.

        The newest one stays, so that no number is given twice: what a link did is known by its token's number.
        """
        statement = self._book("sweep tokens", _sweep)
        return self._connection.change(statement, {"b_before": before, "b_most": most})

    def revoke(self, person_id: int, now: datetime, instance_id: int | None = None) -> int:
        """Take back what a person's tokens (those for one instance, or all) may still do; answer how many it was."""
        given = {"b_person": person_id, "b_instance": instance_id, "b_now": now}
        statement = self._book("revoke tokens", _revoke, instance_id is not None)
        return self._connection.change(statement, given)

    def valid(self, person_id: int, instance_id: int, outbox_id: int, now: datetime) -> int:
        """Count a person's links about a mail of an instance that have neither expired nor been taken back."""
        given = {"b_person": person_id, "b_instance": instance_id, "b_outbox": outbox_id, "b_now": now}
        row = self._connection.row(self._book("valid tokens", _valid), given)
        return 0 if row is None else int(row[0])

    def answered(self, person_id: int, instance_id: int, choice: str, since: datetime) -> datetime | None:
        """Answer when a person last chose this about an instance, None if never since then."""
        given = {"b_person": person_id, "b_instance": instance_id, "b_choice": choice, "b_since": since}
        row = self._connection.row(self._book("answered by token", _answered), given)
        return None if row is None else row[0]


def _token(row: Row | None) -> TokenRow | None:
    return None if row is None else TokenRow(*row)


def _mint() -> ClauseElement:
    return insert(TOKEN).values({name: bindparam(name) for name in _MINTED}).returning(TOKEN.c.id)


def _find(locks: bool) -> ClauseElement:
    found = select(*[TOKEN.c[name] for name in _ROW]).where(TOKEN.c.digest == bindparam("b_digest"))
    return found.with_for_update() if locks else found


def _spend() -> ClauseElement:
    spent: dict[str, Any] = {"spent_at": bindparam("b_now"), "choice": bindparam("b_choice")}
    spent["result"] = bindparam("b_result")
    may = or_(TOKEN.c.spent_at.is_(None), TOKEN.c.choice == bindparam("b_over"))
    return update(TOKEN).where(TOKEN.c.id == bindparam("b_id"), may).values(spent)


def _sweep() -> ClauseElement:
    expired = select(TOKEN.c.id).where(TOKEN.c.expires_at < bindparam("b_before"))
    expired = expired.where(TOKEN.c.id < select(func.max(TOKEN.c.id)).scalar_subquery())
    return delete(TOKEN).where(TOKEN.c.id.in_(expired.order_by(TOKEN.c.expires_at).limit(bindparam("b_most"))))


def _revoke(of_instance: bool) -> ClauseElement:
    found = update(TOKEN).where(TOKEN.c.person_id == bindparam("b_person"))
    found = found.where(TOKEN.c.spent_at.is_(None), TOKEN.c.revoked_at.is_(None))
    if of_instance:
        found = found.where(TOKEN.c.instance_id == bindparam("b_instance"))
    return found.values(revoked_at=bindparam("b_now"))


def _valid() -> ClauseElement:
    found = select(func.count()).where(
        TOKEN.c.person_id == bindparam("b_person"), TOKEN.c.instance_id == bindparam("b_instance")
    )
    is_valid = and_(TOKEN.c.expires_at > bindparam("b_now"), TOKEN.c.revoked_at.is_(None))
    return found.where(TOKEN.c.outbox_id == bindparam("b_outbox"), is_valid)


def _answered() -> ClauseElement:
    found = select(TOKEN.c.spent_at).where(
        TOKEN.c.person_id == bindparam("b_person"), TOKEN.c.instance_id == bindparam("b_instance")
    )
    found = found.where(TOKEN.c.choice == bindparam("b_choice"), TOKEN.c.spent_at >= bindparam("b_since"))
    return found.order_by(TOKEN.c.spent_at.desc()).limit(1)
