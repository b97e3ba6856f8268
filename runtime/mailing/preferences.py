"""What a person wants to hear, as use cases: no more of something, a pause, one mail a day or a week; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from ...engine.civil.danish import join_and, long_date
from ...engine.civil.instants import local_date
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...notifications import STANDARD_TEXTS
from ...storage import PersonRow, Reader, UnitOfWork, Wish
from ...storage.posting.returned import ADDRESS
from ..permission import WISH, about
from ..posting.planning import wishes
from ..posting.restraint import Digest
from ..running.telling import use_case
from ..usecases.asked import require_actor, require_day
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit

REMINDERS: Final = "paamindelser"
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    wishes.EVERYTHING: (wishes.EVERYTHING, "alle mails"),
    REMINDERS: (wishes.ALL, "påmindelser"),
    wishes.EVALUATIONS: (wishes.EVALUATIONS, "mails om evalueringer"),
    wishes.NEWS: (wishes.NEWS, "mails om, hvad der er sket"),
    wishes.MESSAGES: (wishes.MESSAGES, "beskeder fra dem, der leder programmet"),
}
"""Kind as people name it -> as it is kept, and in Danish; ``programme:7`` and ``text:opfoelgning`` are kinds too."""

DIGESTS: Final[Mapping[str, str]] = {
    "day": "én samlet mail om dagen",
    "week": "én samlet mail om ugen",
    "off": "en mail for hver ting",
}
LONGEST: Final = timedelta(days=3660)
STILL = "Indkaldelser til møder og aflysninger kommer stadig, for der venter andre."
SOMEBODY = Actor(ActorKind.PERSON, "ukendt")


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person wants of one kind of mail; days are the last ones of an opt-out or a pause."""

    person_id: int
    person: str
    kind: str
    kind_title: str
    opted_out: bool
    out_until: date | None
    paused_until: date | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a wish led to: the person, and Danish sentences for whoever asked."""

    person_id: int
    said: tuple[str, ...]


class Preferences:
    """Wishes of people about their mails; each use case is one transaction, and posting keeps to them at once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @use_case("wish_opt_out")
    def opt_out(
        self, person_id: int, kind: str = REMINDERS, until: date | None = None, *, actor: Actor = SOMEBODY
    ) -> Answer:
        """Send a person no more mails of a kind, up to and including a day (None: until they want them again).

        Invitations and cancellations are sent all the same, and the answer says so. Raises NotFound with the kinds.
        """
        with self._context.begin() as uow:
            return opt_out(self._context, uow, person_id, kind, until, actor=actor)

    @use_case("wish_pause")
    def pause(self, person_id: int, until: date, *, actor: Actor = SOMEBODY) -> Answer:
        """Let a person's mails wait up to and including a day; what is moot by then is never sent."""
        with self._context.begin() as uow:
            return pause(self._context, uow, person_id, until, actor=actor)

    @use_case("wish_resume")
    def resume(self, person_id: int, kind: str | None = None, *, actor: Actor = SOMEBODY) -> Answer:
        """Send a person mails of a kind again (None: all of them), and end a pause; what waited for it goes now."""
        with self._context.begin() as uow:
            return resume(self._context, uow, person_id, kind, actor=actor)

    @use_case("wish_digest")
    def digest(self, person_id: int, digest: str | None, *, actor: Actor = SOMEBODY) -> Answer:
        """Merge a person's mails of a ``day`` or a ``week`` or not (``off``); None: as the installation does."""
        with self._context.begin() as uow:
            return gather(self._context, uow, person_id, digest, actor=actor)

    def list(self, person_id: int | None = None) -> tuple[Preference, ...]:
        """List what people want (or one of them), by person and kind."""
        today = local_date(self._context.clock.now())
        with self._context.store.look() as uow:
            people = [one for one in uow.registers.people() if person_id in (None, one.id)]
            if person_id is not None and not people:
                raise NotFound("person", person_id)
            return tuple(
                Preference(
                    person_id=person.id,
                    person=person.name,
                    kind=REMINDERS if wish.kind == wishes.ALL else wish.kind,
                    kind_title=_title(uow, wish.kind),
                    opted_out=wishes.is_out(wish, today),
                    out_until=wish.out_until,
                    paused_until=wish.paused_until,
                    digest=wish.digest,
                )
                for person in people
                for wish in _shown(uow, person.id)
            )


def opt_out(
    context: Context, uow: UnitOfWork, person_id: int, kind: str, until: date | None, *, actor: Actor
) -> Answer:
    """Do what ``Preferences.opt_out`` does, in the caller's transaction."""
    person, stored, title = _asked(context, uow, person_id, kind, until, actor)
    uow.wishes.opt(person.id, stored, context.clock.now(), out=True, until=until)
    ends = f" til og med {long_date(until)}" if until else ""
    return Answer(person.id, (f"{person.name} får ikke flere mails af denne slags{ends}: {title}.", STILL))


def pause(context: Context, uow: UnitOfWork, person_id: int, until: date, *, actor: Actor) -> Answer:
    """Do what ``Preferences.pause`` does, in the caller's transaction."""
    person, stored, _ = _asked(context, uow, person_id, REMINDERS, until, actor)
    uow.wishes.pause(person.id, stored, context.clock.now(), until=until)
    return Answer(person.id, (f"{person.name} får ingen mails til og med {long_date(until)}; de venter.", STILL))


def resume(context: Context, uow: UnitOfWork, person_id: int, kind: str | None, *, actor: Actor) -> Answer:
    """Do what ``Preferences.resume`` does, in the caller's transaction."""
    now = context.clock.now()
    person, stored, title = _asked(context, uow, person_id, kind or REMINDERS, None, actor)
    ended = [one for one in _shown(uow, person.id) if kind is None or one.kind == stored]
    for one in ended:
        uow.wishes.opt(person.id, one.kind, now, out=False)
        uow.wishes.pause(person.id, one.kind, now, until=None)
    _wake(uow, person.id, now)
    back = [_title(uow, one.kind) for one in ended if wishes.is_out(one, local_date(now))]
    said = f"mails igen som før{': ' * bool(back)}{join_and(back)}" if kind is None else f"igen {title}"
    return Answer(person.id, (f"{person.name} får {said}.",))


def gather(context: Context, uow: UnitOfWork, person_id: int, digest: str | None, *, actor: Actor) -> Answer:
    """Do what ``Preferences.digest`` does, in the caller's transaction."""
    if digest is not None and digest not in list(Digest):
        raise NotFound("digest", digest, list(Digest))
    person, _, _ = _asked(context, uow, person_id, REMINDERS, None, actor)
    uow.wishes.gather(person.id, context.clock.now(), digest=digest)
    said = "mails som alle andre" if digest is None else DIGESTS[digest]
    return Answer(person.id, (f"{person.name} får {said}.",))


def _asked(
    context: Context, uow: UnitOfWork, person_id: int, kind: str, until: date | None, actor: Actor
) -> tuple[PersonRow, str, str]:
    """Check who asks for what, and give the person, the kind as it is kept, and its name."""
    require_permit(context, Command(WISH, require_actor(actor), {}), about(person_id))
    today = local_date(context.clock.now())
    if until is not None:
        require_day("until", until)
        if not today <= until <= today + LONGEST:
            raise InvalidInput("until", f"{until} is past or more than ten years ahead; give a day from today on")
    people = {one.id: one for one in uow.registers.people()}
    if person_id not in people:
        raise NotFound("person", person_id, [str(number) for number in people])
    stored = kept_kind(context, uow, kind)
    return people[person_id], stored, _title(uow, stored)


def _wake(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """Look now at the mails that wait for the end of somebody's pause and are this person's."""
    for number in uow.wishes.waiting(wishes.PAUSED, person_id):
        row = uow.outbox.one(number, now, on=local_date(now))
        if row is not None and any(one.person_id == person_id for one in row.recipients):
            uow.outbox.wait(number, now, None)


def kept_kind(context: Context, uow: UnitOfWork, kind: str) -> str:
    """Give a kind as it is kept; NotFound with those that there are, or with the texts that are like it."""
    if kind in KINDS:
        return KINDS[kind][0]
    sort, _, name = kind.partition(":")
    begun = Reader(uow.connection).programmes()
    programmes = [str(one.id) for one in begun]
    if sort == "programme" and name in programmes:
        return kind
    if sort == "text":
        own = (context.compiled(one.workflow_hash, uow).workflow.texts for one in begun)
        known = sorted({*STANDARD_TEXTS, *(text for texts in own for text in texts)})
        if name in known:
            return kind
        raise NotFound("text of mails", name[:60], known)
    raise NotFound("kind of mail", kind[:60], [*KINDS, *(f"programme:{number}" for number in programmes), "text:NAVN"])


def _title(uow: UnitOfWork, stored: str) -> str:
    for kept, title in KINDS.values():
        if kept == stored:
            return title
    sort, _, name = stored.partition(":")
    if sort == "programme":
        titles = {str(one.id): one.title for one in Reader(uow.connection).programmes()}
        return f"mails fra {titles.get(name, name)}"
    return f"mailen {name}"


def _shown(uow: UnitOfWork, person_id: int) -> tuple[Wish, ...]:
    """Give a person's wishes, without what is kept of their addresses."""
    return tuple(one for one in uow.posted.wishes(person_id).values() if not one.kind.startswith(ADDRESS))
