"""Messages that a person writes to a role across a cohort: checked, queued once, noted in history; sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.danish import plural
from ...engine.civil.instants import local_date
from ...engine.deciding.finish import noted
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind, Event, Intent, Json, Nudge
from ...engine.values.names import KOMMUNE, PROGRAMME
from ...notifications import MESSAGE, Text, check
from ...notifications.texts import one_line
from ...storage import Reader, UnitOfWork
from ..usecases.asked import require_actor, require_key
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit

NOBODY = "ukendt"
"""Who acts where nobody says who."""

WRITER, WRITER_ROLE = "skrevet_af", "skrevet_som"
"""The values of a message that say who wrote it (a person's number, or a name), and in which role."""

SEND = "send_besked"
"""What a permission is asked for, and what stands in the programme's history."""

LONGEST_SUBJECT, LONGEST_TEXT = 150, 10_000


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was queued: its number in the outbox, how many people get it, and whether it is new."""

    id: int
    people: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody wants to tell whom: a role in a programme, in some kommuner (none: in all of it)."""

    programme_id: int
    role: str
    subject: str
    text: str
    kommuner: tuple[str, ...] = ()


def send(context: Context, uow: UnitOfWork, letter: Letter, actor: Actor, key: str | None, now: datetime) -> Message:
    """Queue a message, once for each key (none: once a day for the same words to the same people), and note it.

    The same words go again where they were taken back; a key of the caller's stands for one message for good.
    Raises NotFound for a programme, role or kommune that there is not, InvalidInput for words that cannot be sent.
    """
    identity = uow.identity(letter.programme_id)
    if identity.kind != PROGRAMME:
        raise NotFound("programme", letter.programme_id)
    require_permit(context, Command(SEND, require_actor(actor), {}), identity)
    compiled = context.compiled(identity.workflow_hash, uow)
    _require_there(uow, letter, sorted(compiled.workflow.roles))
    subject, text = _checked(letter.subject, letter.text)
    name = f"{MESSAGE}/{require_key('idempotency_key', key) or _fingerprint(letter, local_date(now).isoformat())}"
    snapshot = uow.load(identity)  # Locked first: the same message at the same time is one.
    before = uow.outbox.find(identity.id, name)
    if key is None:
        name, before = _after_those_taken_back(uow, identity.id, name, before)
    values: dict[str, Json] = {"emne": subject, "tekst": text, **_signed(uow, letter, actor, local_date(now))}
    if letter.kommuner:
        values["kommuner"] = list(letter.kommuner)
    uow.outbox.queue(identity, (Nudge(name, Intent.NOTICE, MESSAGE, letter.role, MESSAGE, values=values),), now)
    number = uow.outbox.find(identity.id, name)
    assert number is not None
    places: Sequence[str | None] = letter.kommuner or (None,)
    on = local_date(now)
    found = (one for code in places for one in uow.registers.recipients(letter.role, identity.id, code, on))
    people = len({one.person_id for one in found})
    if before is None:
        role = letter.role.replace("_", " ")
        said = f"Besked »{subject}« til {role} ({plural(people, 'person', 'personer')})."
        uow.record(snapshot, noted(compiled, snapshot, Event(SEND, now, now, actor, reason=said)))
    return Message(number, people, before is None)


def _after_those_taken_back(uow: UnitOfWork, programme_id: int, name: str, found: int | None) -> tuple[str, int | None]:
    """Count the key on past the messages that were withdrawn: what holds is the first key that is free or waits."""
    key, count = name, 1
    while found is not None and _is_withdrawn(uow, found):
        count += 1
        key = f"{name}/{count}"
        found = uow.outbox.find(programme_id, key)
    return key, found


def _is_withdrawn(uow: UnitOfWork, number: int) -> bool:
    rows = Reader(uow.connection).outbox(after=number - 1, limit=1)
    return any(one.id == number and one.status == "withdrawn" for one in rows)


def _signed(uow: UnitOfWork, letter: Letter, actor: Actor, on: date) -> dict[str, Json]:
    """Keep who wrote, and the role of hers in the programme that is nearest to whom it is for."""
    if actor.kind is not ActorKind.PERSON or actor.id == NOBODY:
        return {}
    held = [one for one in uow.registers.roles() if str(one.person_id) == actor.id]
    held = [one for one in held if one.from_on <= on and (one.to_on is None or on <= one.to_on)]
    here = [one for one in held if one.programme_id in (None, letter.programme_id)]
    here.sort(key=lambda one: (one.programme_id is None, one.kommune not in (None, *letter.kommuner), one.id))
    return {WRITER: actor.id, **({WRITER_ROLE: here[0].role} if here else {})}


def words_of(values: object) -> Text | None:
    """Give the words of a message out of the values of its mail, None where it is none."""
    if not isinstance(values, dict) or not isinstance(values.get("tekst"), str):
        return None
    return Text(str(values.get("emne", "")), str(values["tekst"]))


def _require_there(uow: UnitOfWork, letter: Letter, roles: Sequence[str]) -> None:
    if letter.role not in roles:
        raise NotFound("role", letter.role[:60], roles)
    cohort = [one.kommune for one in Reader(uow.connection).instances(letter.programme_id, KOMMUNE) if one.kommune]
    for code in letter.kommuner:
        if code not in cohort:
            raise NotFound("kommune in this programme", code[:60], cohort)


def _checked(subject: str, text: str) -> tuple[str, str]:
    subject, text = one_line(subject), text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise InvalidInput("subject", f"write one line of 1 to {LONGEST_SUBJECT} characters")
    if not 0 < len(text) <= LONGEST_TEXT:
        raise InvalidInput("text", f"write 1 to {LONGEST_TEXT} characters")
    check(Text(subject, text), MESSAGE)
    return subject, text


def _fingerprint(letter: Letter, day: str) -> str:
    said = "\n".join((letter.role, ",".join(sorted(letter.kommuner)), letter.subject, letter.text, day))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]
