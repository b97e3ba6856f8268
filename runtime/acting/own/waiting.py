"""What waits for a person now: what mails asked for and is still open; reads a few queries, however much it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ....engine.attending import newest
from ....engine.civil.danish import long_date
from ....engine.compiled import Compiled
from ....engine.pausing.pauses import is_paused
from ....engine.reminding.settling import is_moot
from ....engine.values import Intent, Json
from ....engine.values.kept import SEQUENCE
from ....storage import Asked, UnitOfWork, asked_of
from ...permission import ANSWER
from ...usecases.context import Context
from ...views.words import Words, dates_text
from ..doors import Doors, grant_for
from ..steps import events_of, kommuner_of
from ..values import Choice

OPEN = "aabn_"
"""What the choice to open one of the things begins with; the number of its mail follows."""

MOST = 50
NOTHING = "Der venter ikke noget på dig lige nu."


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that waits: the mail that asked for it, what it is called, and when it is or was due."""

    outbox_id: int
    title: str
    told: str
    programme: str
    on: date | None


def waiting(context: Context, uow: UnitOfWork, person_id: int, today: date) -> tuple[Thing, ...]:
    """List what waits for a person, what is due first at the top; each thing once, however often it was asked for."""
    said = newest(uow.attendances.said_by(person_id))
    doors = Doors(context, uow)
    found: dict[tuple[int, str | None], Thing] = {}
    asked = asked_of(uow.connection, person_id)
    times = {(one.identity.id, one.nudge.sequence): _times(one) for one in asked}
    for one in asked:
        answer = said.get(one.identity.id)
        has_said = answer is not None and times.get((one.identity.id, answer.sequence), _times(one)) == _times(one)
        compiled = context.compiled(one.identity.workflow_hash, uow)
        is_step = one.nudge.intent is Intent.NUDGE
        place = (one.identity.id, one.nudge.region if is_step else ANSWER)
        if place in found or not _is_open(compiled, one, today, has_said=has_said):
            continue
        events = events_of(compiled, one.identity, one.nudge) if is_step else (ANSWER,)
        kommuner = kommuner_of(one.nudge, one.identity.kommune)
        grant = grant_for(person_id, one.identity.id, one.nudge.role, kommuner, events)
        if doors.allowed(grant, one.identity):
            found[place] = _thing(Words(compiled), one)
    ordered = sorted(found.values(), key=lambda one: (one.on or date.max, one.title, one.outbox_id))
    return tuple(ordered[:MOST])


def choices(things: Iterable[Thing]) -> Iterator[Choice]:
    """Let each of them be opened; where they are of several programmes, each says of which."""
    things = tuple(things)
    are_mixed = len({one.programme for one in things}) > 1
    for one in things:
        told = f"{one.told} · {one.programme}" if are_mixed and one.programme != one.title else one.told
        yield Choice(f"{OPEN}{one.outbox_id}", one.title, "Åbn", told)


def _is_open(compiled: Compiled, one: Asked, today: date, *, has_said: bool) -> bool:
    """Tell whether what a mail asked for has not happened yet."""
    if compiled.is_over(one.identity.kind, one.position) or is_paused(one.data):
        return False
    if one.nudge.intent is Intent.INVITATION:
        day = one.dates.planned_end or one.dates.planned_start
        is_newest = one.nudge.sequence == one.data.get(SEQUENCE)
        return is_newest and not has_said and (day is None or day >= today) and one.dates.actual_start is None
    is_there = one.nudge.region is None or one.entered.get(one.nudge.region) == one.nudge.entry_seq
    return is_there and not is_moot(one.nudge.values, one.position, one.data)


def _times(one: Asked) -> tuple[Json, ...]:
    """Give the time that an invitation named: an answer is about that, and not about the place."""
    return tuple(one.nudge.values.get(name) for name in ("dato", "slut", "kl", "slut_kl"))


def _thing(words: Words, one: Asked) -> Thing:
    """Say what it is, where, how it stands, and when."""
    kind, named = one.identity.kind, one.nudge.values.get("dato")
    day = one.dates.planned_start or (date.fromisoformat(named) if isinstance(named, str) else None)
    if one.nudge.intent is Intent.INVITATION:
        stands = "Svar, om du kommer"
    elif one.nudge.region is not None and len(one.position) > 1:
        state = words.state(kind, one.nudge.region, one.position.get(one.nudge.region))
        stands = f"{words.region(kind, one.nudge.region)}: {state}"
    else:
        stands = words.standing(kind, one.position, one.data)
    place = f", {one.kommune_name}" if one.kommune_name not in (None, one.title) else ""
    when = dates_text(one.dates) or (long_date(day) if day else "")
    told = " · ".join(filter(None, (when, stands)))
    return Thing(one.outbox_id, f"{one.title}{place}", told, one.programme, day)
