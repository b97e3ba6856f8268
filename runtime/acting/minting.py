"""Makes the links of letters: a secret that only the mail holds, and a token that says what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...engine.values import Data, Intent, Json, OutboxRow, Recipient
from ...engine.values.kept import SEQUENCE
from ...engine.values.names import MEETING
from ...storage import NewToken, Reader, UnitOfWork
from ..attending.feeding import digest, new_secret
from ..usecases.context import Context
from .steps import events_of, kommuner_of
from .values import AWAY, FEED, MAILS, REPLY, SIDE, STEP

ABOUT_LASTS = timedelta(days=60)
FOOT_LASTS = timedelta(days=365)
OWN_LASTS = timedelta(days=30)
"""So long the links to all that waits for a person and to her absence last: whoever a mail is forwarded to has them."""

KEPT = timedelta(days=90)
"""So long an expired link says that it is expired; then it is forgotten, and is as unknown as any other."""

SWEPT = 20
"""So many of those are forgotten whenever a letter gets its links: more than most letters have."""

REMINDS_OF_MEETING = frozenset({"paamindelse_moede", "svar_udbedes"})
"""Texts of reminders that ask whether somebody comes: they are answered as the invitation is."""

_FOOT = (("afmeld", MAILS), ("fravaer", AWAY), ("kalender", FEED), ("side", SIDE))


class Mint:
    """Makes links whose pages are below an address."""

    def __init__(self, context: Context, url: str) -> None:
        self._context, self._url = context, url

    def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Give the links of one row: the next step of a reminder, the answers to an invitation."""
        match row.nudge.intent:
            case Intent.NUDGE if row.kind == MEETING and row.nudge.template in REMINDS_OF_MEETING:
                sequence = Reader(uow.connection).instance(row.instance_id).data.get(SEQUENCE)
                return self._answers(uow, row, recipient, now, sequence)
            case Intent.NUDGE:
                compiled, identity = self._context.compiled(row.workflow_hash, uow), uow.identity(row.instance_id)
                events = events_of(compiled, identity, row.nudge)
                return {"naeste": self._about(uow, row, recipient, now, STEP, {"events": [*events]})} if events else {}
            case Intent.INVITATION:
                return self._answers(uow, row, recipient, now, row.nudge.sequence)
            case Intent.NOTICE | Intent.CANCELLATION:
                return {}

    def _answers(
        self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime, sequence: Json
    ) -> Mapping[str, str]:
        """Give yes and no to a meeting as it is at that sequence number."""
        return {
            one: self._about(uow, row, recipient, now, REPLY, {"svar": one, "sequence": sequence})
            for one in ("kommer", "kommer_ikke")
        }

    def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Give the links at the foot; of a mailbox that several read none, for one of them would speak for all."""
        uow.tokens.sweep(now - KEPT, SWEPT)
        if recipient.is_shared:
            return {}
        return {name: self._foot(uow, recipient, now, action) for name, action in _FOOT}

    def _about(
        self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime, action: str, extra: Data
    ) -> str:
        arguments: dict[str, Json] = {
            "role": row.nudge.role,
            "region": row.nudge.region,
            "kommuner": kommuner_of(row.nudge, row.kommune),
            **extra,
        }
        secret = new_secret()
        new = NewToken(
            digest=digest(secret),
            person_id=recipient.person_id,
            action=action,
            arguments=arguments,
            expires_at=now + ABOUT_LASTS,
            instance_id=row.instance_id,
            revision=uow.revision(row.instance_id),
            outbox_id=row.id,
        )
        uow.tokens.mint(new, now)
        return f"{self._url}/h/{secret}"

    def _foot(self, uow: UnitOfWork, recipient: Recipient, now: datetime, action: str) -> str:
        secret = new_secret()
        lasts = OWN_LASTS if action in (SIDE, AWAY) else FOOT_LASTS
        new = NewToken(digest(secret), recipient.person_id, action, {}, now + lasts)
        uow.tokens.mint(new, now)
        return f"{self._url}/h/{secret}"
