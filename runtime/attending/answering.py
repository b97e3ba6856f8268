"""Notes what somebody answers to an invitation, in a transaction of the caller's; the one door for every way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ...engine.attending import Answer, Attending, Said, Seated, Way, given, whose
from ...engine.civil.instants import local_date
from ...engine.errors import Conflict, Refused
from ...engine.values import Actor, Identity, Json, Refusal, Strength
from ...storage import Reader, UnitOfWork
from ..permission import ANSWER
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .meetings import Meeting, read_meeting, tell_moved_up

CAME = "registrer_fremmoede"
"""What a permission is asked for: an event on a meeting which moves no instance."""

TWICE: Final = timedelta(minutes=1)
"""Within so long the same answer again is a button pressed twice; later, it is said anew and noted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer as it came: to which SEQUENCE (None: the newest), and whether she will wait where no seat is left.

    ``happened_at`` is when it was given: an earlier one that comes late does not undo a later one.
    """

    instance_id: int
    person_id: int
    answer: Answer
    way: Way
    actor: Actor
    happened_at: datetime | None = None
    sequence: int | None = None
    waits: bool = False
    idempotency_key: str | None = None


def give_answer(context: Context, uow: UnitOfWork, wanted: Wanted, now: datetime) -> tuple[Meeting, Seated]:
    """Note an answer, and say where the person stands with it; the same answer again is noted once.

    Raises Refused where the meeting is over, she is not invited, or (unless she ``waits``) no seat is left for her
    kommune; Conflict for an idempotency key of another answer, NotFound, InvalidInput for what is no meeting.
    """
    identity = uow.identity(wanted.instance_id)
    require_permit(context, Command(ANSWER, wanted.actor, {}), identity)
    uow.load(identity)  # Locked: seats are given one after the other.
    context.compiled(identity.workflow_hash, uow)  # Made ready in this transaction: no second connection.
    meeting = read_meeting(context, Reader(uow.connection), identity, local_date(now))
    before = whose(meeting.seated(), wanted.person_id)
    if _was_said(meeting, wanted):
        assert before is not None
        return meeting, before
    if meeting.is_off or meeting.is_held:
        raise Refused(ANSWER, [_hard("moedet_er_slut", title=meeting.one.title)])
    if before is None:
        raise Refused(ANSWER, [_hard("ikke_indkaldt", title=meeting.one.title)])
    said = _said(meeting, identity, wanted, now)
    if wanted.idempotency_key is None and _is_again(meeting, said):
        return meeting, before
    after = whose(meeting.seated([said]), wanted.person_id)
    assert after is not None
    if after.stands is Attending.WAITING and not wanted.waits:
        values: dict[str, Json] = {"title": meeting.one.title, "seats": meeting.seats, "place": after.place}
        raise Refused(ANSWER, [_hard("pladserne_er_brugt", **values)])
    uow.attendances.add(said)
    tell_moved_up(uow, meeting, replace(meeting, rows=(*meeting.rows, said)), now)
    return meeting, after


def _said(meeting: Meeting, identity: Identity, wanted: Wanted, now: datetime) -> Said:
    current = meeting.current
    sequence = current if wanted.sequence is None or current is None else min(wanted.sequence, current)
    return Said(
        programme_id=identity.programme_id,
        instance_id=identity.id,
        person_id=wanted.person_id,
        way=wanted.way,
        actor=wanted.actor,
        happened_at=min(wanted.happened_at or now, now),
        recorded_at=now,
        answer=wanted.answer,
        sequence=sequence,
        kommune=identity.kommune,
        idempotency_key=wanted.idempotency_key,
        seq=max((row.seq for row in meeting.rows), default=0) + 1,
    )


def _is_again(meeting: Meeting, said: Said) -> bool:
    """Tell whether somebody says what she said just before."""
    own = [row for row in meeting.rows if row.person_id == said.person_id and row.answer is not None]
    last = max(own, key=given, default=None)
    if last is None or (last.answer, last.sequence) != (said.answer, said.sequence):
        return False
    return given(last)[0] <= given(said)[0] < given(last)[0] + TWICE


def _was_said(meeting: Meeting, wanted: Wanted) -> bool:
    """Tell whether the same question was asked before, under the same key."""
    key = wanted.idempotency_key
    same = [row for row in meeting.rows if key is not None and row.idempotency_key == key]
    if any((row.person_id, row.answer) != (wanted.person_id, wanted.answer) for row in same):
        raise Conflict(f"the idempotency key {key!r} was used for another answer; give a new one")
    return bool(same)


def note_came(
    context: Context,
    uow: UnitOfWork,
    instance_id: int,
    came: frozenset[int],
    actor: Actor,
    happened_at: datetime | None,
    now: datetime,
) -> Meeting:
    """Note who came, and that all others whom the meeting is for did not; the same list again changes nothing.

    Raises Refused before the day, or where the meeting was called off.
    """
    identity = uow.identity(instance_id)
    require_permit(context, Command(CAME, actor, {}), identity)
    uow.load(identity)
    context.compiled(identity.workflow_hash, uow)
    meeting = read_meeting(context, Reader(uow.connection), identity, local_date(now))
    if meeting.is_off:
        raise Refused(CAME, [_hard("moedet_er_slut", title=meeting.one.title)])
    if meeting.day is not None and meeting.day > local_date(now):
        raise Refused(CAME, [_hard("dagen_er_i_fremtiden", day=meeting.day.isoformat())])
    known = {one.guest.person_id: one.came for one in meeting.seated()}
    for number in sorted({*known, *came}):
        if known.get(number) is not (number in came):
            row = Said(
                programme_id=identity.programme_id,
                instance_id=identity.id,
                person_id=number,
                way=Way.CONSULTANT,
                actor=actor,
                happened_at=min(happened_at or now, now),
                recorded_at=now,
                came=number in came,
                kommune=identity.kommune,
            )
            uow.attendances.add(row)
    return read_meeting(context, Reader(uow.connection), identity, local_date(now))


def _hard(code: str, **values: Json) -> Refusal:
    return Refusal(code, "attendance", Strength.HARD, values)
