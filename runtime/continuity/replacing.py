"""Replaces one person by another in their roles: assignments, invitations that are out, a note in the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...engine.civil.instants import local_date
from ...engine.deciding.finish import noted
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, Event
from ...storage import Reader, RoleRow, UnitOfWork
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .following import Because, Following, workflows_of

REPLACED = "udskift_person"
"""The event under which a programme's history notes that somebody was replaced."""

STEPS_DOWN = Because(joined="du har fået en rolle ved mødet", left="du har ikke længere en rolle ved mødet")
TAKES_OVER = Because(joined="du overtager en plads", left="en anden overtager din plads")

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
    """Who takes over from whom (None: nobody does), from which day on, why, and who says so."""

    old: int
    new: int | None
    on: date
    reason: str
    actor: Actor


def replace_person(context: Context, uow: UnitOfWork, change: Change, scope: Scope, now: datetime) -> Replaced:
    """Let one person, or nobody, take over another's roles from a day on; the second time nothing is left to do.

    Raises NotFound where the old one has none of these roles, InvalidInput where both are the same.
    """
    if change.old == change.new:
        raise InvalidInput("new", f"person {change.new} cannot take over from themselves")
    reader = Reader(uow.connection)
    rows = [row for row in reader.registers.roles() if scope.holds(row)]
    theirs = [row for row in rows if row.person_id == change.old]
    if not theirs:
        raise NotFound("role of this person", change.old, sorted({row.role for row in rows}))
    moved = [row for row in theirs if _is_left(row, change)]
    if not moved:
        return Replaced()
    _require_begun(moved, change.on, local_date(now))
    programmes = _programmes(reader, moved)
    for number in programmes:
        require_permit(context, Command(REPLACED, change.actor, {}), uow.identity(number))
    for number in programmes:
        uow.load(uow.identity(number))  # Locked before anything is written: two replacements come one after the other.
    following = Following(workflows_of(context, uow), uow, programmes, change.on, now)
    for row in moved:
        _hand(uow, row, rows, change, now)
    followed = following.tell(STEPS_DOWN if change.new is None else TAKES_OVER)
    for number in programmes:
        note(context, uow, number, REPLACED, change, now, [row.role for row in moved])
    return Replaced(tuple(row.id for row in moved), followed.invited, followed.uninvited)


def _is_left(row: RoleRow, change: Change) -> bool:
    """Tell whether an assignment has not ended yet by the day of a change."""
    if row.to_on is None:
        return True
    return row.to_on >= change.on if change.new is not None else row.to_on > _last_day(row, change.on)


def _last_day(row: RoleRow, on: date) -> date:
    """Give the last day of an assignment that ends before a day: at least the one on which it began."""
    return max(row.from_on, on - ONE_DAY)


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
    who = "har ikke længere rollen" if change.new is None else f"afløses af person {change.new}"
    said = f"Person {change.old} {who} fra {change.on.isoformat()} ({named})."
    event = Event(name, now, now, change.actor, reason=f"{said} {change.reason}".strip())
    identity = uow.identity(programme_id)
    snapshot = uow.load(identity)
    uow.record(snapshot, noted(context.compiled(identity.workflow_hash, uow), snapshot, event))


def _hand(uow: UnitOfWork, row: RoleRow, rows: Sequence[RoleRow], change: Change, now: datetime) -> None:
    """Let one assignment end and the new one begin; one that has not begun yet changes its holder."""
    if change.new is None:
        uow.registers.end_role(row.id, _last_day(row, change.on))
        return
    is_held = any(_is_same(other, row) and other.person_id == change.new for other in rows)
    substitute = None if row.substitute_id == change.new else row.substitute_id
    if row.from_on >= change.on and not is_held:
        uow.registers.give_role(row.id, change.new, substitute)
        uow.stand_ins.end(row.id)
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
