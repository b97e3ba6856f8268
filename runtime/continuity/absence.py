"""Notes that somebody is away or back, and who takes over: roles, and the meetings inside the absence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from ...engine.civil.instants import local_date
from ...storage import RoleRow, UnitOfWork
from ..usecases.context import Context
from .following import Because, Following

AWAY = Because(joined="du tager over for en kollega, der er væk den dag", left="en anden tager over den dag")
BACK = Because(joined="du er tilbage til den dag", left="den, du tog over for, er tilbage til den dag")


def note_absence(
    context: Context,
    uow: UnitOfWork,
    person_id: int,
    until: date | None,
    substitute_id: int | None,
    programmes: Collection[int],
) -> None:
    """Note an absence up to and including a day, or its end (None), with a substitute for the roles meanwhile.

    Whoever takes over is invited to the meetings inside the absence; who is away keeps what she was invited to.
    """
    now = context.clock.now()
    today = local_date(now)
    following = Following(context, uow, programmes, today, now)
    uow.registers.pause_person(person_id, until)
    if until is not None and substitute_id is not None:
        for row in uow.registers.roles():
            if row.person_id == person_id and _is_held(row, today, until):
                uow.registers.give_role(row.id, person_id, substitute_id)
    following.tell(BACK if until is None else AWAY)


def _is_held(row: RoleRow, first: date, last: date) -> bool:
    return row.from_on <= last and (row.to_on is None or first <= row.to_on)
