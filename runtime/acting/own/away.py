"""What a person may say of being away by a link: until when, who takes over meanwhile, and that it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ....engine.civil.danish import join_and, long_date
from ....engine.civil.instants import local_date
from ....engine.values import Actor, Json
from ....storage import UnitOfWork
from ...continuity.absence import colleagues, held, note_absence
from ...usecases.context import Context
from ..values import Choice, Field

GONE, BACK = "vaek", "tilbage"
MEETINGS = "Mails om møder efter den dag får du stadig."


def facts(uow: UnitOfWork, person_id: int, today: date) -> tuple[tuple[str, str], ...]:
    """Say whether the person is away, and who takes over then."""
    over, _ = _cover(uow, person_id, today)
    away = _away(uow, person_id, today)
    if away is None:
        return (("Nu", "Til stede"),)
    return (("Nu", f"Væk til og med {long_date(away)}"), *((("Imens", join_and(over)),) if over else ()))


def choices(uow: UnitOfWork, person_id: int, today: date) -> tuple[Choice, ...]:
    """List what may be said."""
    options = tuple((str(one.id), one.name) for one in colleagues(uow, person_id, today).values())
    hint = "Mails til din rolle går så til dem, og kun så længe."
    stand_in = Field("vikar", "Hvem tager over imens?", "choice", hint=hint, options=options)
    fields = (Field("til", "Væk til og med", "date", True), *((stand_in,) if options else ()))
    told = f"Mails til din rolle går til den, der tager over, eller til andre med rollen; ellers venter de. {MEETINGS}"
    back = Choice(BACK, "Jeg er tilbage", "Ja, jeg er tilbage")
    is_away = _away(uow, person_id, today) is not None
    gone = Choice(GONE, "Jeg er væk længere eller kortere" if is_away else "Jeg er væk", "Meld fravær", told, fields)
    return (back, gone) if is_away else (gone,)


def act(
    context: Context, uow: UnitOfWork, actor: Actor, person_id: int, key: str, data: Mapping[str, Json]
) -> tuple[str, ...]:
    """Note the absence, or that it is over, by its use case in the caller's transaction, and say so."""
    if key == BACK:
        note_absence(context, uow, person_id, None, None, actor=actor)
        return ("Velkommen tilbage. Mails går til dig igen.",)
    until = date.fromisoformat(str(data["til"]))
    who = int(str(data["vikar"])) if data.get("vikar") else None
    note_absence(context, uow, person_id, until, who, actor=actor)
    over, is_whole = _cover(uow, person_id, local_date(context.clock.now()))
    return (
        f"Du er meldt væk til og med {long_date(until)}.",
        *_mails(over, is_whole=is_whole),
        MEETINGS,
        "Er du tilbage før, så åbn linket igen.",
    )


def _mails(over: Sequence[str], *, is_whole: bool) -> tuple[str, ...]:
    """Say where the mails of the person's roles go: to whoever takes over, and where nobody does, to nobody yet."""
    if not over:
        return ("Mails til din rolle går til andre, der har den; er der ingen, venter de.",)
    if is_whole and len(over) == 1:
        return (f"Mails til din rolle går til {over[0]}.",)
    whose = f"som {over[0]}" if len(over) == 1 else "som de"
    told = f"Mails går til {join_and(over)}{', hver' if len(over) > 1 else ''} i de roller, {whose} tager over."
    rest = "Mails til dine andre roller går til andre, der har dem; er der ingen, venter de."
    return (told,) if is_whole else (told, rest)


def _cover(uow: UnitOfWork, person_id: int, today: date) -> tuple[list[str], bool]:
    """Name those who take over, and tell whether they do so in every role that the person holds."""
    names = {one.id: one.name for one in uow.registers.people()}
    who = [row.takes_over(today) for row in held(uow.registers.roles(), person_id, today)]
    return sorted({names[one] for one in who if one is not None}), None not in who


def _away(uow: UnitOfWork, person_id: int, today: date) -> date | None:
    away = next((one.paused_until for one in uow.registers.people() if one.id == person_id), None)
    return away if away is not None and away >= today else None
