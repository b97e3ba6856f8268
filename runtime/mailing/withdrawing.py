"""Takes a message back that has not gone yet: permitted, with a reason, noted in history; what is sent stays sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...engine.civil.danish import plural
from ...engine.deciding.finish import noted
from ...engine.errors import Conflict, InvalidInput, NotFound
from ...engine.values import Actor, Event
from ...notifications import MESSAGE
from ...storage import Reader, UnitOfWork
from ..posting.ending import conclude
from ..usecases.asked import require_actor
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit

WITHDRAW = "tag_besked_tilbage"
"""What a permission is asked for, and what stands in the programme's history."""

LONGEST_REASON = 500
_WAITS = frozenset({"pending", "posted"})


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A message that was taken back: its number, its subject, how many letters it was in, and how many have it."""

    id: int
    subject: str
    letters: int
    had: int


def withdraw(context: Context, uow: UnitOfWork, outbox_id: int, actor: Actor, reason: str, now: datetime) -> Withdrawn:
    """Take back a message that waits, and out of every letter that waits with it.

    Raises NotFound for a number that is no mail, InvalidInput for a mail that is no message, that is over, or without
    a reason, Conflict while a letter with it is being sent.
    """
    uow.letters.lock()
    reader = Reader(uow.connection)
    mail = next((one for one in reader.outbox(after=outbox_id - 1, limit=1) if one.id == outbox_id), None)
    if mail is None:
        raise NotFound("mail", outbox_id)
    identity = uow.identity(mail.instance_id)
    require_permit(context, Command(WITHDRAW, require_actor(actor), {}), identity)
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise InvalidInput("reason", f"write why, in 1 to {LONGEST_REASON} characters")
    if mail.nudge.why != MESSAGE:
        raise InvalidInput("mail", f"mail {outbox_id} is no message; only what a person wrote is taken back")
    if mail.status not in _WAITS:
        raise InvalidInput("mail", f"message {outbox_id} is {mail.status}; only one that waits can be taken back")
    letters = reader.posted.letters(outbox=(outbox_id, outbox_id), limit=10_000)
    waiting = [one.row for one in letters if one.row.status == "pending"]
    if any(one.lease_until is not None and one.lease_until > now for one in waiting):
        raise Conflict(f"message {outbox_id} is being sent; look again in some minutes")
    note = f"taget tilbage: {said}"
    for one in waiting:
        uow.claims.drop(one.id, outbox_id, "dropped", note)
    items = [(one, item) for one in letters for item in one.items if item.outbox_id == outbox_id]
    had = sum(
        item.status in ("sent", "doubtful") or (item.status == "pending" and one.row.is_in_doubt) for one, item in items
    )
    if mail.status == "posted":
        conclude(uow, outbox_id, now)
    else:
        uow.outbox.settle(outbox_id, "withdrawn", now, result={"note": note})
    subject = str(mail.nudge.values.get("emne", ""))
    snapshot = uow.load(identity)
    people = plural(had, "person har den", "personer har den")
    told = f"Besked »{subject}« er taget tilbage ({people}): {said}"
    compiled = context.compiled(identity.workflow_hash, uow)
    uow.record(snapshot, noted(compiled, snapshot, Event(WITHDRAW, now, now, actor, reason=told)))
    return Withdrawn(outbox_id, subject, len(waiting), had)
