"""One meeting with all that tells who comes: guests, invitations, answers and seats, read in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.attending import Guest, Said, Seated, Times, moved_up, standing
from ...engine.compiled import Compiled
from ...engine.definition import Activity
from ...engine.errors import InvalidInput
from ...engine.values import Data, Identity, Intent
from ...engine.values.names import MEETING
from ...storage import InstanceView, Invited, Reader, UnitOfWork
from ..posting.planning.inviting import A_SEAT, a_seat, meeting_values, uid_of
from ..usecases.context import Context
from .register import Holder, Register


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is known of a meeting and its people; ``current`` is the newest SEQUENCE that an invitation had."""

    one: InstanceView
    compiled: Compiled
    register: Register
    holders: Mapping[int, Holder]
    guests: tuple[Guest, ...]
    rows: tuple[Said, ...]
    times: Mapping[int, Times]
    current: int | None
    seats: int | None

    def seated(self, more: Sequence[Said] = ()) -> tuple[Seated, ...]:
        """Say where everybody stands, or would with ``more`` rows."""
        return standing(self.guests, (*self.rows, *more), self.times, self.current, self.seats)

    @property
    def is_off(self) -> bool:
        """Tell whether it was called off."""
        return self.compiled.is_called_off(self.one.kind, self.one.position)

    @property
    def is_held(self) -> bool:
        """Tell whether it was held, or is done with."""
        return self.one.dates.actual_start is not None or self.compiled.is_over(self.one.kind, self.one.position)

    @property
    def day(self) -> date | None:
        """Give its first day, if there is one."""
        return self.one.dates.actual_start or self.one.dates.planned_start


def read_meeting(context: Context, reader: Reader, identity: Identity, today: date) -> Meeting:
    """Read a meeting in a read or a write transaction. Raises InvalidInput for what is no meeting."""
    if identity.kind != MEETING:
        raise InvalidInput("instance", f"{identity.id} is a {identity.kind}; only meetings have people who come")
    return meeting_of(context.compiled(identity.workflow_hash), reader, identity, today)


def meeting_of(compiled: Compiled, reader: Reader, identity: Identity, today: date) -> Meeting:
    """Read a meeting of a workflow that is at hand."""
    one = reader.instance(identity.id)
    register = Register.read(reader.registers)
    on = one.dates.actual_start or one.dates.planned_start or today
    holders = register.guests(compiled, identity, on, _above(reader, one))
    invited = reader.attendances.invitations(identity.id)
    rows, times = reader.attendances.said(identity.id), times_of(invited)
    guests = tuple(_guests(holders, invited, rows))
    current = max(times) if times else None
    activity = compiled.paper.activity(identity.key)
    seats = activity.seats.max if isinstance(activity, Activity) and activity.seats is not None else None
    return Meeting(one, compiled, register, holders, guests, rows, times, current, seats)


def times_of(invited: Iterable[Invited]) -> Mapping[int, Times]:
    """Say which time each SEQUENCE of an invitation named."""
    found: dict[int, Times] = {}
    for one in invited:
        if one.intent is Intent.INVITATION:
            said = (one.values.get(name) for name in ("dato", "slut", "kl", "slut_kl"))
            found.setdefault(one.sequence, Times(*(None if value is None else str(value) for value in said)))
    return found


def invited_at(invited: Iterable[Invited]) -> Mapping[int, int]:
    """Say at which SEQUENCE each person was invited last; who was told not to come since is not among them."""
    found: dict[int, int] = {}
    for one in invited:
        if one.person_id is None:
            continue
        if one.intent is Intent.INVITATION:
            found[one.person_id] = one.sequence
        else:
            found.pop(one.person_id, None)
    return found


def _guests(holders: Mapping[int, Holder], invited: Sequence[Invited], rows: Sequence[Said]) -> Iterable[Guest]:
    """List those whom a meeting is for, those who were invited all the same, and those who came."""
    asked = invited_at(invited)
    came = {row.person_id: row.came for row in rows if row.came is not None}
    others = {*asked, *(number for number, is_there in came.items() if is_there)}
    for number in sorted({*holders, *others}):
        holder = holders.get(number)
        group = holder.kommune if holder is not None and holder.takes_seat else None
        yield Guest(number, group, asked.get(number))


def _above(reader: Reader, one: InstanceView) -> tuple[str, Data] | None:
    if one.parent_id is None:
        return None
    parent = reader.instance(one.parent_id)
    return parent.kind, parent.data


def tell_moved_up(uow: UnitOfWork, before: Meeting, after: Meeting, now: datetime) -> None:
    """Tell those who waited and have a seat now, each once for one yes; a meeting without a day has no invitation."""
    identity, sequence, day = after.one.identity, after.current, after.day
    if sequence is None or day is None or after.seats is None:
        return
    days = (day, after.one.dates.planned_end or day)
    for one in moved_up(before.seated(), after.seated()):
        assert one.said is not None
        values = meeting_values(after.compiled, identity, after.one.data, days, "")
        key = f"{A_SEAT}/{one.guest.person_id}/{one.said.seq}"
        nudge = a_seat(key, one.guest.person_id, values, uid=uid_of(identity), sequence=sequence)
        uow.outbox.queue(identity, (nudge,), now)
