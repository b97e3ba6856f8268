"""Being away, in a transaction of the caller's: one door for commands and links; who stands in, where and how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ...engine.civil.instants import local_date
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor
from ...storage import PersonRow, Reader, RoleRow, UnitOfWork
from ..permission import ABSENT, about, is_of, is_self
from ..usecases.asked import require_actor, require_day
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .following import Because, Following, workflows_of

AWAY = Because(joined="du tager over for en kollega, der er væk den dag", left="en anden tager over den dag")
BACK = Because(joined="du er tilbage til den dag", left="den, du tog over for, er tilbage til den dag")


@dataclass(frozen=True, slots=True)
class Absence:
    """Until when a person is away (None: back), and who stands in for which of the person's roles (their numbers)."""

    person_id: int
    until: date | None = None
    stand_in_id: int | None = None
    covered: tuple[int, ...] = ()
    uncovered: tuple[int, ...] = ()


def note_absence(
    context: Context, uow: UnitOfWork, person_id: int, until: date | None, stand_in_id: int | None, *, actor: Actor
) -> Absence:
    """Do what ``People.absent`` does, in the caller's transaction."""
    if until is not None:
        require_day("until", until)
    elif stand_in_id is not None:
        raise InvalidInput("stand_in_id", "say also until when; whoever is back needs nobody to stand in")
    now = context.clock.now()
    rows = uow.registers.roles()
    own = {row.programme_id for row in rows if row.person_id == person_id}
    concerned = [one.id for one in Reader(uow.connection).programmes() if None in own or one.id in own]
    if is_self(actor, person_id):
        require_permit(context, Command(ABSENT, require_actor(actor), {}), about(person_id))
    else:
        ask_in(context, uow, ABSENT, actor, concerned)
    touched = [row for row in rows if person_id in (row.person_id, row.substitute_id, row.stand_in_id)]
    following = Following(workflows_of(context, uow), uow, concerned, local_date(now), now, touched)
    noted = _noted(uow, person_id, until, stand_in_id, local_date(now))
    following.tell(BACK if until is None else AWAY)
    return noted


def _noted(uow: UnitOfWork, person_id: int, until: date | None, stand_in_id: int | None, today: date) -> Absence:
    """Write an absence, or its end, with who stands in."""
    rows = uow.registers.roles()
    uow.registers.pause_person(person_id, until)
    if until is None:
        uow.stand_ins.end_all(person_id)
        return Absence(person_id)
    mine = held(rows, person_id, today)
    if stand_in_id is None:
        for row in mine:
            if row.stand_in_id is not None and row.stand_in_until is not None and row.stand_in_until >= today:
                uow.stand_ins.put(row.id, row.stand_in_id, until)  # the same absence, with another end
        return Absence(person_id, until)
    there = colleagues(uow, person_id, today)
    if stand_in_id not in there:
        raise NotFound("colleague", stand_in_id, [f"{one.id} ({one.name})" for one in there.values()])
    covered = [row.id for row in mine if covers(rows, stand_in_id, row, today)]
    uow.stand_ins.end_all(person_id)
    for number in covered:
        uow.stand_ins.put(number, stand_in_id, until)
    rest = tuple(row.id for row in mine if row.id not in covered)
    return Absence(person_id, until, stand_in_id, tuple(covered), rest)


def held(rows: Iterable[RoleRow], person_id: int, today: date) -> list[RoleRow]:
    """List the roles that a person holds on a day, not those in which somebody else is only stood in for."""
    return [row for row in rows if row.person_id == person_id and is_of(row, person_id, today)]


def colleagues(uow: UnitOfWork, person_id: int, today: date) -> dict[int, PersonRow]:
    """Name those who could stand in for some role of a person: who has one at its place, and is not away."""
    rows = uow.registers.roles()
    mine = held(rows, person_id, today)
    return {
        one.id: one
        for one in uow.registers.people()
        if one.id != person_id
        and (one.paused_until is None or one.paused_until < today)
        and any(covers(rows, one.id, row, today) for row in mine)
    }


def covers(rows: Iterable[RoleRow], person_id: int, place: RoleRow, today: date) -> bool:
    """Tell whether a role of a person's own reaches wherever another role does."""
    return any(
        row.programme_id in (None, place.programme_id) and row.kommune in (None, place.kommune)
        for row in held(rows, person_id, today)
    )


def ask_in(context: Context, uow: UnitOfWork, event: str, actor: Actor, programmes: Iterable[int]) -> None:
    """Raise Refused where somebody may not do this in one of the programmes that it is about."""
    command = Command(event, require_actor(actor), {})
    for number in programmes:
        require_permit(context, command, uow.identity(number))
