"""Takes calendars' replies out of mails: notes the answers of those who are invited, lists the rest for a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from ...engine.attending import Answer, Way
from ...engine.civil.instants import local_date
from ...engine.errors import NotFound, Refused
from ...engine.values import Actor, ActorKind, Identity
from ...engine.values.names import MEETING
from ...notifications.calendar import Reply
from ...storage import Reader, UnitOfWork
from ..posting.planning.inviting import uid_of, uid_outside
from ..usecases.context import Context
from .answering import Wanted, give_answer
from .meetings import Meeting, read_meeting
from .views import Received

_UID = re.compile(r"([a-z_]{1,40})-([0-9]{1,18})\.[0-9a-f]{16}@samskabt")

MOST_ANSWERS: Final = 100
"""So many answers of one person's calendar to one meeting are noted; whoever gives more is not answering."""


def take_reply(context: Context, uow: UnitOfWork, reply: Reply, now: datetime, database_id: str) -> Received:
    """Note what a reply says, or list it; the same reply again changes nothing, and a late one undoes no later answer.

    Whoever answers must be invited, and the mail must be from her own address. Counter-proposals and answers that
    were given on to others are for a person to settle. ``full`` is what there is no room for on the list.
    """
    identity = _meeting_of(uow, reply.uid, database_id)
    if identity is None:
        return _listed(uow, reply, "ukendt_moede", None, None, now)
    context.compiled(identity.workflow_hash, uow)
    meeting = read_meeting(context, Reader(uow.connection), identity, local_date(now))
    person_id = _guest(meeting, reply.attendee)
    if person_id is None:
        return _listed(uow, reply, "ikke_indkaldt", identity.id, None, now)
    if reply.sender != reply.attendee:
        return _listed(uow, reply, "afsender", identity.id, person_id, now)
    if reply.is_counter or reply.answer not in list(Answer):
        why = "modforslag" if reply.is_counter else "videregivet"
        return _listed(uow, reply, why, identity.id, person_id, now)
    theirs = [row for row in meeting.rows if row.person_id == person_id and row.way is Way.CALENDAR]
    key = f"kalender:{_hash(reply.uid, reply.attendee, str(reply.sequence), reply.stamp, reply.answer or '')}"
    if len(theirs) >= MOST_ANSWERS and all(row.idempotency_key != key for row in theirs):
        return _listed(uow, reply, "afvist", identity.id, person_id, now)
    wanted = Wanted(
        identity.id,
        person_id,
        Answer(reply.answer),
        Way.CALENDAR,
        Actor(ActorKind.PERSON, str(person_id)),
        happened_at=_given_at(reply.stamp),
        sequence=reply.sequence,
        waits=True,
        idempotency_key=key,
    )
    try:
        give_answer(context, uow, wanted, now)
    except Refused:
        return _listed(uow, reply, "afvist", identity.id, person_id, now)
    return Received("answered", identity.id, person_id)


def _meeting_of(uow: UnitOfWork, uid: str, database_id: str) -> Identity | None:
    found = _UID.fullmatch(uid)
    if found is None:
        return None
    try:
        identity = uow.identity(int(found[2]))
    except NotFound:
        return None
    is_ours = identity.kind == MEETING and uid == uid_outside(uid_of(identity), database_id)
    return identity if is_ours else None


def _guest(meeting: Meeting, address: str) -> int | None:
    """Find whom an address belongs to among those who are invited: the first, where several share it."""
    for guest in meeting.guests:
        person = meeting.register.people.get(guest.person_id)
        if person is not None and person.email.casefold() == address:
            return person.id
    return None


def _given_at(stamp: str) -> datetime | None:
    """Read a DTSTAMP, which is UTC (RFC 5545); None for another, which counts as given now."""
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _hash(*said: str) -> str:
    return sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()


def _listed(
    uow: UnitOfWork, reply: Reply, why: str, instance_id: int | None, person_id: int | None, now: datetime
) -> Received:
    key = _hash(reply.uid, str(reply.sequence), reply.attendee, reply.sender, str(reply.answer), reply.stamp, why)
    is_kept = uow.attendances.put_reply(
        key,
        why,
        sender=reply.sender,
        answer=reply.answer,
        instance_id=instance_id,
        person_id=person_id,
        now=now,
    )
    return Received("listed" if is_kept else "full", instance_id, person_id, why)
