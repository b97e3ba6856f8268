"""What the links at the foot of a mail may do: fewer mails, a pause, absence, a calendar feed; moves no instance."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256

from ...engine.civil.danish import long_date
from ...engine.values import Actor, Json
from ...storage import Reader, RoleRow, UnitOfWork
from ..mailing.preferences import WISH
from ..permission import is_of
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from ..usecases.people import ABSENT, HOUSE
from .values import Choice, Field

MAILS, AWAY, FEED = "mails", "fravaer", "kalender"
"""The actions of the links at the foot of a mail."""

OPT_OUT, OPT_IN, PAUSE, WEEKLY, DAILY = "ingen", "igen", "pause", "ugentlig", "daglig"
PROGRAMME = "program_"
LONGEST_PAUSE = timedelta(days=366)
SHARE = "del_kalender"
EVENTS: Mapping[str, frozenset[str]] = {
    MAILS: frozenset({WISH}),
    AWAY: frozenset({ABSENT}),
    FEED: frozenset({SHARE}),
}
"""Action -> the events that a permission is asked for."""


def choices(uow: UnitOfWork, action: str, person_id: int, today: date) -> tuple[Choice, ...]:
    """List what a person may say with a link of this action."""
    if action == AWAY:
        return _away(uow, person_id, today)
    if action == FEED:
        told = "Du får en hemmelig adresse, som du kan abonnere på i Outlook, Google Kalender eller på din telefon."
        return (Choice("adresse", "Få møderne i din egen kalender", "Lav en adresse", told),)
    return _mails(uow, person_id, today)


def facts(uow: UnitOfWork, action: str, person_id: int, today: date) -> tuple[tuple[str, str], ...]:
    """Say how it stands now."""
    if action == AWAY:
        away = next((one.paused_until for one in uow.registers.people() if one.id == person_id), None)
        return (("Nu", f"Væk til og med {long_date(away)}" if away and away >= today else "Til stede"),)
    if action != MAILS:
        return ()
    wishes = uow.posted.wishes(person_id)
    all_ = wishes.get("")
    if all_ is not None and all_.opted_out:
        return (("Nu", "Du får ingen påmindelser"),)
    if all_ is not None and all_.paused_until is not None and all_.paused_until >= today:
        return (("Nu", f"Pause til og med {long_date(all_.paused_until)}"),)
    return (
        ("Nu", "Påmindelser samles til én mail om ugen" if all_ and all_.digest == "week" else "Du får påmindelser"),
    )


def act(
    context: Context, uow: UnitOfWork, actor: Actor, person_id: int, choice: Choice, data: Mapping[str, Json]
) -> tuple[str, ...]:
    """Do what was chosen, in the caller's transaction, and say so; Refused where the actor may not."""
    now = context.clock.now()
    until = date.fromisoformat(str(data["til"])) if data.get("til") else None
    if choice.key in ("vaek", "tilbage"):
        return _absent(context, uow, actor, person_id, until, data.get("vikar"))
    if choice.key == "adresse":
        for programme in _programmes(uow, person_id):
            require_permit(context, Command(SHARE, actor, {}), uow.identity(programme))
        secret = secrets.token_urlsafe(32)
        uow.attendances.add_address(
            sha256(secret.encode()).hexdigest(), person_id=person_id, programme_id=None, now=now
        )
        return (secret,)
    require_permit(context, Command(WISH, actor, {}), HOUSE)
    wishes = uow.wishes
    match choice.key:
        case "pause":
            wishes.pause(person_id, "", now, until=until)
            assert until is not None
            return (f"Du får ingen påmindelser til og med {long_date(until)}.", _STILL)
        case "ugentlig":
            wishes.gather(person_id, now, digest="week")
            return ("Fra nu af samles det til én mail om ugen.",)
        case "daglig":
            wishes.gather(person_id, now, digest="day")
            return ("Fra nu af samles det til én mail om dagen.",)
        case "igen":
            wishes.opt(person_id, "", now, out=False)
            wishes.pause(person_id, "", now, until=None)
            return ("Du får påmindelser igen.",)
        case "ingen":
            wishes.opt(person_id, "", now, out=True)
            return ("Du får ingen påmindelser mere.", _STILL, _BACK)
        case key:
            wishes.opt(person_id, f"programme:{key.removeprefix(PROGRAMME)}", now, out=True)
            return (f"{choice.title}: det er noteret.", _STILL, _BACK)


_STILL = "Indkaldelser til møder og aflysninger får du stadig, for dem venter andre på dig til."
_BACK = "Fortryder du, så svar på en af de mails, du har fået, så skruer vi op igen."


def _mails(uow: UnitOfWork, person_id: int, today: date) -> tuple[Choice, ...]:
    wishes = uow.posted.wishes(person_id)
    all_ = wishes.get("")
    is_quiet = all_ is not None and (all_.opted_out or (all_.paused_until is not None and all_.paused_until >= today))
    weekly = all_ is not None and all_.digest == "week"
    until = Field("til", "Til og med", "date", True)
    found = []
    if is_quiet:
        found.append(Choice(OPT_IN, "Få påmindelser igen", "Ja, få dem igen"))
    if weekly:
        found.append(Choice(DAILY, "Én samlet mail om dagen", "Saml dem pr. dag"))
    else:
        found.append(
            Choice(
                WEEKLY,
                "Én samlet mail om ugen",
                "Saml dem pr. uge",
                "Påmindelserne venter på hinanden; det, der haster, kommer stadig for sig.",
            )
        )
    found.append(Choice(PAUSE, "Hold pause", "Hold pause", "Påmindelserne venter, til pausen er slut.", (until,)))
    titles = {one.id: one.title for one in Reader(uow.connection).programmes()}
    programmes = _programmes(uow, person_id)
    if len(programmes) > 1:
        for number in programmes:
            wish = wishes.get(f"programme:{number}")
            if wish is None or not wish.opted_out:
                title = f"Ingen mails fra {titles[number]}"
                found.append(Choice(f"{PROGRAMME}{number}", title, "Nej tak til dem"))
    if all_ is None or not all_.opted_out:
        found.append(Choice(OPT_OUT, "Ingen påmindelser", "Nej tak til dem alle", _STILL))
    return tuple(found)


def _away(uow: UnitOfWork, person_id: int, today: date) -> tuple[Choice, ...]:
    away = next((one.paused_until for one in uow.registers.people() if one.id == person_id), None)
    others = _colleagues(uow, person_id, today)
    fields = [Field("til", "Væk til og med", "date", True)]
    if others:
        fields.append(
            Field(
                "vikar", "Hvem tager over imens?", "choice", hint="Mails til din rolle går så til dem.", options=others
            )
        )
    told = "Imens får du ingen mails. De går til den, der tager over, hvis du vælger en."
    found = [Choice("vaek", "Jeg er væk", "Meld fravær", told, tuple(fields))]
    if away is not None and away >= today:
        found.insert(0, Choice("tilbage", "Jeg er tilbage", "Ja, jeg er tilbage"))
    return tuple(found)


def _own(uow: UnitOfWork, person_id: int, today: date) -> list[RoleRow]:
    return [row for row in uow.registers.roles() if row.person_id == person_id and is_of(row, person_id, today)]


def _colleagues(uow: UnitOfWork, person_id: int, today: date) -> tuple[tuple[str, str], ...]:
    """Name those who could take over: who has a role at the same place, nobody else."""
    places = {(row.programme_id, row.kommune) for row in _own(uow, person_id, today)}
    rows = uow.registers.roles()
    near = {
        row.person_id for row in rows if (row.programme_id, row.kommune) in places and is_of(row, row.person_id, today)
    }
    people = {one.id: one.name for one in uow.registers.people()}
    return tuple((str(number), people[number]) for number in sorted(near - {person_id}))


def _programmes(uow: UnitOfWork, person_id: int) -> tuple[int, ...]:
    """List the programmes in which a person has, or had, a role."""
    own = {row.programme_id for row in uow.registers.roles() if person_id in (row.person_id, row.substitute_id)}
    return tuple(one.id for one in Reader(uow.connection).programmes() if None in own or one.id in own)


def _absent(
    context: Context, uow: UnitOfWork, actor: Actor, person_id: int, until: date | None, stand_in: Json
) -> tuple[str, ...]:
    """Note an absence, or that it is over, and who takes over in all of the person's roles."""
    for programme in _programmes(uow, person_id):
        require_permit(context, Command(ABSENT, actor, {}), uow.identity(programme))
    uow.registers.pause_person(person_id, until)
    if until is None:
        return ("Velkommen tilbage. Mails går til dig igen.",)
    said = [f"Du er meldt væk til og med {long_date(until)}. Til den dag får du ingen mails."]
    if stand_in:
        number = int(str(stand_in))
        for row in uow.registers.roles():
            if row.person_id == person_id:
                uow.registers.give_role(row.id, person_id, number)
        name = next(one.name for one in uow.registers.people() if one.id == number)
        said.append(f"Imens tager {name} over.")
    return tuple(said)


def mistakes(data: Mapping[str, Json], today: date) -> dict[str, str]:
    """Find days that lie behind, or too far ahead."""
    if not data.get("til"):
        return {}
    until = date.fromisoformat(str(data["til"]))
    if until < today:
        return {"til": "Dagen er gået. Vælg en, der kommer."}
    if until > today + LONGEST_PAUSE:
        return {"til": "Vælg en dag inden for det næste år."}
    return {}
