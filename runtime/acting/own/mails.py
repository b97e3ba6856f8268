"""What a person may say of their mails by a link: fewer, none, later, again; what it means is preferences' own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ....engine.civil.danish import long_date
from ....engine.civil.instants import local_date
from ....engine.values import Actor, Json
from ....storage import Reader, UnitOfWork, Wish
from ...mailing import preferences
from ...posting.planning import wishes
from ...usecases.context import Context
from ..values import Choice, Field

OPT_OUT, OPT_IN, PAUSE, WEEKLY, DAILY = "ingen", "igen", "pause", "ugentlig", "daglig"
PROGRAMME = "program_"
LONGEST_PAUSE = timedelta(days=366)
STILL = "Indkaldelser til møder og aflysninger får du stadig, for dem venter andre på dig til."
BACK = "Fortryder du, så åbn linket igen."
STILL_NONE = "Du får stadig ingen påmindelser, før du vælger at få dem igen."


def facts(uow: UnitOfWork, person_id: int, today: date) -> tuple[tuple[str, str], ...]:
    """Say how it stands now."""
    kept = uow.posted.wishes(person_id)
    all_ = kept.get(wishes.ALL)
    if _is_out(kept, today):
        return (("Nu", "Du får ingen påmindelser"),)
    if all_ is not None and all_.paused_until is not None and all_.paused_until >= today:
        return (("Nu", f"Pause til og med {long_date(all_.paused_until)}"),)
    return (
        ("Nu", "Påmindelser samles til én mail om ugen" if all_ and all_.digest == "week" else "Du får påmindelser"),
    )


def choices(uow: UnitOfWork, person_id: int, today: date) -> tuple[Choice, ...]:
    """List what may be said: what is not so already."""
    kept = uow.posted.wishes(person_id)
    all_ = kept.get(wishes.ALL)
    out = {kind for kind, one in kept.items() if wishes.is_out(one, today)}
    waits = any(one.paused_until is not None and one.paused_until >= today for one in kept.values())
    found = [Choice(OPT_IN, "Få påmindelser igen", "Ja, få dem igen")] if out or waits else []
    if all_ is not None and all_.digest == "week":
        found.append(Choice(DAILY, "Én samlet mail om dagen", "Saml dem pr. dag"))
    else:
        told = "Påmindelserne venter på hinanden; det, der haster, kommer stadig for sig."
        found.append(Choice(WEEKLY, "Én samlet mail om ugen", "Saml dem pr. uge", told))
    until = Field("til", "Til og med", "date", True)
    found.append(Choice(PAUSE, "Hold pause", "Hold pause", "Påmindelserne venter, til pausen er slut.", (until,)))
    titles = {one.id: one.title for one in Reader(uow.connection).programmes()}
    programmes = _programmes(uow, person_id)
    found += [
        Choice(f"{PROGRAMME}{number}", f"Ingen mails fra {titles[number]}", "Nej tak til dem")
        for number in (programmes if len(programmes) > 1 else ())
        if f"programme:{number}" not in out
    ]
    if wishes.ALL not in out:
        found.append(Choice(OPT_OUT, "Ingen påmindelser", "Nej tak til dem alle", STILL))
    return tuple(found)


def act(
    context: Context, uow: UnitOfWork, actor: Actor, person_id: int, key: str, data: Mapping[str, Json]
) -> tuple[str, ...]:
    """Do what was chosen by the use cases of wishes, in the caller's transaction, and say so."""
    match key:
        case "pause":
            until = date.fromisoformat(str(data["til"]))
            preferences.pause(context, uow, person_id, until, actor=actor)
            return (f"Du får ingen påmindelser til og med {long_date(until)}.", STILL)
        case "ugentlig":
            preferences.gather(context, uow, person_id, "week", actor=actor)
            return ("Fra nu af samles det til én mail om ugen.", *_still_none(context, uow, person_id))
        case "daglig":
            preferences.gather(context, uow, person_id, "day", actor=actor)
            return ("Fra nu af samles det til én mail om dagen.", *_still_none(context, uow, person_id))
        case "igen":
            preferences.resume(context, uow, person_id, None, actor=actor)
            return ("Du får alle mails igen som før, også dem, du havde sagt nej til.",)
        case "ingen":
            preferences.opt_out(context, uow, person_id, preferences.REMINDERS, None, actor=actor)
            return ("Du får ingen påmindelser mere.", STILL, BACK)
        case _:
            kind = f"programme:{key.removeprefix(PROGRAMME)}"
            preferences.opt_out(context, uow, person_id, kind, None, actor=actor)
            return ("Du får ikke flere mails fra det program.", STILL, BACK)


def _still_none(context: Context, uow: UnitOfWork, person_id: int) -> tuple[str, ...]:
    """Say that a no to all reminders stands, however they would be gathered."""
    today = local_date(context.clock.now())
    return (STILL_NONE,) if _is_out(uow.posted.wishes(person_id), today) else ()


def _is_out(kept: Mapping[str, Wish], today: date) -> bool:
    return any(wishes.is_out(kept[kind], today) for kind in (wishes.ALL, wishes.EVERYTHING) if kind in kept)


def _programmes(uow: UnitOfWork, person_id: int) -> tuple[int, ...]:
    """List the programmes in which a person has, or had, a role."""
    own = {row.programme_id for row in uow.registers.roles() if person_id in (row.person_id, row.substitute_id)}
    return tuple(one.id for one in Reader(uow.connection).programmes() if None in own or one.id in own)


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
