"""Replaces one person by another in their roles: assignments, invitations that are out, a note in the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.compiling import invites
from ...engine.deciding.finish import noted
from ...engine.definition import Activity
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, Event, Identity, Intent, Json, Nudge
from ...engine.values.kept import SEQUENCE
from ...notifications.facts import REASON
from ...storage import ONE_PERSON, MeetingRow, Reader, RoleRow, UnitOfWork, meetings_on
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .bookings import people_of

REPLACED = "udskift_person"
"""The event under which a programme's history notes that somebody was replaced."""

NO_LONGER = "ikke_laengere_med"
"""The text that takes an invitation back from one person alone."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of a person's roles are meant: one or all, in one programme or all, of one kommune or all."""

    role: str | None = None
    programme_id: int | None = None
    kommune: str | None = None

    def holds(self, row: RoleRow) -> bool:
        """Tell whether an assignment is meant."""
        wanted = (self.role, self.programme_id, self.kommune)
        return all(
            one in (None, own) for one, own in zip(wanted, (row.role, row.programme_id, row.kommune), strict=True)
        )


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a replacement did: roles that changed hands (their numbers), and invitations sent and taken back."""

    roles: tuple[int, ...] = ()
    invited: tuple[int, ...] = ()
    uninvited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Who takes over from whom, from which day on, why, and who says so."""

    old: int
    new: int
    on: date
    reason: str
    actor: Actor


def replace_person(context: Context, uow: UnitOfWork, change: Change, scope: Scope, now: datetime) -> Replaced:
    """Let one person take over another's roles from a day on; the second time nothing is left to do.

    Raises NotFound where the old one has none of these roles, InvalidInput where both are the same.
    """
    if change.old == change.new:
        raise InvalidInput("new", f"person {change.new} cannot take over from themselves")
    reader = Reader(uow.connection)
    rows = [row for row in reader.registers.roles() if scope.holds(row)]
    theirs = [row for row in rows if row.person_id == change.old]
    if not theirs:
        raise NotFound("role of this person", change.old, sorted({row.role for row in rows}))
    moved = [row for row in theirs if row.to_on is None or row.to_on >= change.on]
    if not moved:
        return Replaced()
    _require_begun(moved, change.on, local_date(now))
    programmes = _programmes(reader, moved)
    for number in programmes:
        require_permit(context, Command(REPLACED, change.actor, {}), uow.identity(number))
    for number in programmes:
        uow.load(uow.identity(number))  # Locked before anything is written: two replacements come one after the other.
    future = [
        one for one in meetings_on(uow.connection, change.on, date.max) if one.identity.programme_id in programmes
    ]
    invited = [one for one in future if _is_invited(context, uow, one)]
    before = _guests(context, uow, invited)
    for row in moved:
        _hand(uow, row, rows, change, now)
    after = _guests(context, uow, invited)
    sent = [
        _queue(context, uow, one, after[one.identity.id] - before[one.identity.id], change, True) for one in invited
    ]
    back = [
        _queue(context, uow, one, before[one.identity.id] - after[one.identity.id], change, False) for one in invited
    ]
    for number in programmes:
        note(context, uow, number, REPLACED, change, now, [row.role for row in moved])
    return Replaced(tuple(row.id for row in moved), _numbers(sent), _numbers(back))


def _require_begun(rows: Sequence[RoleRow], on: date, today: date) -> None:
    """Raise InvalidInput for a day before a role began: what somebody has answered for is not given to another."""
    first = max((row.from_on for row in rows if on < row.from_on <= today), default=None)
    if first is not None:
        raise InvalidInput("on", f"{on} lies before {first}, on which a role that is handed over began; give that day")


def note(
    context: Context, uow: UnitOfWork, programme_id: int, name: str, change: Change, now: datetime, roles: Sequence[str]
) -> None:
    """Write into a programme's history who took over what from whom, and why."""
    named = ", ".join(sorted({role.replace("_", " ") for role in roles}))
    said = f"Person {change.old} afløses af person {change.new} fra {change.on.isoformat()} ({named})."
    event = Event(name, now, now, change.actor, reason=f"{said} {change.reason}".strip())
    identity = uow.identity(programme_id)
    snapshot = uow.load(identity)
    uow.record(snapshot, noted(context.compiled(identity.workflow_hash, uow), snapshot, event))


def _hand(uow: UnitOfWork, row: RoleRow, rows: Sequence[RoleRow], change: Change, now: datetime) -> None:
    """Let one assignment end and the new one begin; one that has not begun yet changes its holder."""
    is_held = any(_is_same(other, row) and other.person_id == change.new for other in rows)
    substitute = None if row.substitute_id == change.new else row.substitute_id
    if row.from_on >= change.on and not is_held:
        uow.registers.give_role(row.id, change.new, substitute)
    elif row.from_on >= change.on:
        uow.registers.end_role(row.id, row.from_on)
    else:
        uow.registers.end_role(row.id, change.on - ONE_DAY)
        if not is_held:
            uow.registers.assign_role(
                change.new,
                row.role,
                from_on=change.on,
                to_on=row.to_on,
                programme_id=row.programme_id,
                kommune=row.kommune,
                substitute_id=substitute,
            )
    uow.outbox.release(row.role, row.programme_id, now)


def _is_same(one: RoleRow, other: RoleRow) -> bool:
    """Tell whether two assignments are of one role, at one place, at the same time."""
    place = (one.role, one.programme_id, one.kommune) == (other.role, other.programme_id, other.kommune)
    first, last = max(one.from_on, other.from_on), min(one.to_on or date.max, other.to_on or date.max)
    return place and first <= last


def _programmes(reader: Reader, rows: Sequence[RoleRow]) -> tuple[int, ...]:
    """Name the programmes that assignments are about, those that are for all among them."""
    everywhere = any(row.programme_id is None for row in rows)
    own = {row.programme_id for row in rows if row.programme_id is not None}
    return tuple(sorted({row.id for row in reader.programmes()} if everywhere else own))


def _is_invited(context: Context, uow: UnitOfWork, one: MeetingRow) -> bool:
    compiled = context.compiled(one.identity.workflow_hash, uow)
    return SEQUENCE in one.data and not compiled.is_over(one.identity.kind, one.position)


def _guests(context: Context, uow: UnitOfWork, meetings: Sequence[MeetingRow]) -> Mapping[int, set[int]]:
    """Say whom each meeting is for, on its day: meeting -> people."""

    def workflows(workflow_hash: str) -> Compiled:
        return context.compiled(workflow_hash, uow)

    return {
        one.identity.id: {who.person_id for who in people_of(uow.registers, workflows, one.identity, one.first_on)}
        for one in meetings
    }


def _queue(
    context: Context, uow: UnitOfWork, one: MeetingRow, people: set[int], change: Change, is_invited: bool
) -> Identity | None:
    """Invite those who came in, or take the invitation back from those who went out, and from nobody else."""
    compiled = context.compiled(one.identity.workflow_hash, uow)
    nudges = tuple(_nudges(compiled, one, people, change, is_invited))
    uow.outbox.queue(one.identity, nudges, context.clock.now())
    return one.identity if nudges else None


def _nudges(compiled: Compiled, one: MeetingRow, people: set[int], change: Change, is_invited: bool) -> Iterator[Nudge]:
    text = _invitation(compiled, one.identity.kind) if is_invited else NO_LONGER
    activity = compiled.paper.activity(one.identity.key)
    place = one.data.get("sted") or (activity.place if isinstance(activity, Activity) else None)
    sequence = one.data.get(SEQUENCE)
    values: dict[str, Json] = {
        "dato": one.first_on.isoformat(),
        "rolle": "deltager",
        REASON: "du overtager en plads" if is_invited else "en anden overtager din plads",
        **({"sted": place} if place else {}),
        **{name: value for name in ("kl", "slut_kl") if (value := one.data.get(name))},
        **({"slut": one.last_on.isoformat()} if one.last_on > one.first_on else {}),
    }
    for person in sorted(people):
        yield Nudge(
            key=f"udskift/{text}/{ONE_PERSON}{person}/{change.on.isoformat()}",
            intent=Intent.INVITATION if is_invited else Intent.CANCELLATION,
            template=text,
            role=f"{ONE_PERSON}{person}",
            why=REPLACED,
            values=values,
            uid=f"{one.identity.kind}-{one.identity.id}@samskabt",
            sequence=sequence if isinstance(sequence, int) else 0,
        )


def _invitation(compiled: Compiled, kind: str) -> str:
    """Name the text by which a kind of meeting invites: that of its first move that does."""
    moves = (move for region in compiled.machine(kind).regions.values() for move in region.moves.values())
    texts = [one.text for move in moves if invites(move) for one in move.notices if one.intent is Intent.INVITATION]
    return texts[0]


def _numbers(found: Sequence[Identity | None]) -> tuple[int, ...]:
    return tuple(one.id for one in found if one is not None)
