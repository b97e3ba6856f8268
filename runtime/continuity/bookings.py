"""Finds who is where on a day: people of the roles of meetings, across programmes; refuses nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ...engine.compiled import Compiled
from ...engine.deciding.effects import meant
from ...engine.definition import Activity
from ...engine.definition.workflow import PARTICIPANTS
from ...engine.values import Booking, Identity, Json, Recipient, Snapshot
from ...engine.values.names import base_key
from ...storage import MeetingRow, RegisterReader, UnitOfWork, meetings_on

Workflows = Callable[[str], Compiled]


@dataclass(frozen=True, slots=True)
class Engagement:
    """Something that a person is to be at: a meeting, its programme, and its days."""

    instance_id: int
    title: str
    programme_id: int
    programme: str
    kommune: str | None
    first_on: date
    last_on: date
    state: str


def bookings_of(
    uow: UnitOfWork, workflows: Workflows, snapshot: Snapshot, data: Mapping[str, Json]
) -> tuple[Booking, ...]:
    """Say what else a meeting's people have on the days that an event would give it, or that it has."""
    days = _days(workflows(snapshot.identity.workflow_hash), snapshot, data)
    found: dict[tuple[int, int], Booking] = {}
    compiled = workflows(snapshot.identity.workflow_hash)
    met = meetings_on(uow.connection, *days) if days else ()
    others = [one for one in met if not _is_together(compiled, snapshot.identity, one.identity)]
    if days is None or not any(one.identity.id != snapshot.identity.id for one in others):
        return ()
    own = {one.person_id: one for one in people_of(uow.registers, workflows, snapshot.identity, days[0])}
    for one, person in _elsewhere(uow.registers, workflows, others, snapshot.identity.id):
        if person.person_id in own:
            booking = Booking(person.person_id, person.name, one.first_on, one.title, one.programme)
            found.setdefault((person.person_id, one.identity.id), booking)
    return tuple(found[key] for key in sorted(found))


def engagements(
    registers: RegisterReader, workflows: Workflows, person_id: int, meetings: Iterable[MeetingRow]
) -> tuple[Engagement, ...]:
    """List the meetings at which a person is to be, in the order of their days."""
    found = (one for one, person in _elsewhere(registers, workflows, meetings, 0) if person.person_id == person_id)
    listed = {one.identity.id: one for one in found}
    ordered = sorted(listed.values(), key=lambda one: (one.first_on, one.identity.id))
    return tuple(
        Engagement(
            instance_id=one.identity.id,
            title=one.title,
            programme_id=one.identity.programme_id,
            programme=one.programme,
            kommune=one.identity.kommune,
            first_on=one.first_on,
            last_on=one.last_on,
            state=_state(workflows(one.identity.workflow_hash), one),
        )
        for one in ordered
    )


def _is_together(compiled: Compiled, one: Identity, other: Identity) -> bool:
    """Tell whether the document lets two meetings of one kommune be held together: nobody is then in two places."""
    if (one.programme_id, one.kommune) != (other.programme_id, other.kommune):
        return False
    pairs = ((one.key, other.key), (other.key, one.key))
    return any(base_key(second) in _held_with(compiled, first) for first, second in pairs)


def _held_with(compiled: Compiled, key: str) -> tuple[str, ...]:
    activity = compiled.paper.activity(key)
    return tuple(activity.held_with) if isinstance(activity, Activity) else ()


def _elsewhere(
    registers: RegisterReader, workflows: Workflows, meetings: Iterable[MeetingRow], but: int
) -> Iterator[tuple[MeetingRow, Recipient]]:
    """Give the people of every meeting that is not called off, but for one of them."""
    for one in meetings:
        compiled = workflows(one.identity.workflow_hash)
        is_off = compiled.is_called_off(one.identity.kind, one.position)
        if one.identity.id != but and not is_off:
            for person in people_of(registers, workflows, one.identity, one.first_on):
                yield one, person


def people_of(registers: RegisterReader, workflows: Workflows, identity: Identity, on: date) -> Iterator[Recipient]:
    """Resolve those whom a meeting is for, on its day; a mailbox that several read may be in two places."""
    for role in participants(workflows(identity.workflow_hash), identity):
        for person in registers.recipients(role, identity.programme_id, identity.kommune, on):
            if not person.is_shared:
                yield person


def participants(compiled: Compiled, identity: Identity) -> tuple[str, ...]:
    """Name the roles that a meeting is for, with those that stand for others resolved."""
    return meant(compiled, compiled.paper.activity(identity.key), identity.kommune, [PARTICIPANTS])


def _days(compiled: Compiled, snapshot: Snapshot, data: Mapping[str, Json]) -> tuple[date, date] | None:
    """Give the first and last day that a meeting would have; None where that is no day."""
    if data.get("dato") is None:
        dates = snapshot.dates
        if dates.planned_start is None or dates.precision != "day":
            return None
        return dates.planned_start, dates.planned_end or dates.planned_start
    first = _day(data["dato"])
    if first is None:
        return None
    last = _day(data.get("slut"))
    return first, max(first, last or first + timedelta(days=compiled.paper.days_of(snapshot.identity.key) - 1))


def _day(value: Json) -> date | None:
    """Read a day; what is none is refused by the decision itself."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _state(compiled: Compiled, one: MeetingRow) -> str:
    region, state = next(iter(one.position.items()))
    return compiled.region(one.identity.kind, region).states[state].title
