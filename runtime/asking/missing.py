"""Answers what an instance lacks: for each step the missing things in words, and drafts to those who can mend them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...engine.asking.letters import About, letters
from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.deciding.effects import addressed
from ...engine.errors import NotFound, Refused
from ...engine.options import options
from ...engine.values import SYSTEM, Event, Recipient, Refusal
from ...engine.values.names import KOMMUNE, PROGRAMME
from ...notifications.facts import first_name
from ...storage import InstanceView, Reader
from ..usecases.asked import require_line
from ..usecases.context import Context
from ..views.sheet import Missing, kommune_name, missing_of
from ..views.words import Words

_SUBTITLE = re.compile(r"\s+[–—-]\s+.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a role today."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that nobody has sent: to whoever has a role today (``to`` may be empty), with the codes it would mend."""

    role: str
    role_title: str
    to: tuple[Person, ...]
    subject: str
    body: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An event that waits: everything that it lacks, and the drafts that would bring it."""

    event: str
    title: str
    region_title: str
    missing: tuple[Missing, ...]
    drafts: tuple[Draft, ...]


class Asking:
    """Asks what is missing and drafts the mails; reads only, and sends nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def missing(self, instance_id: int, event: str | None = None) -> tuple[Step, ...]:
        """List the steps of an instance that wait for something, or the one that is asked for.

        Of one step everything is told, also the fields that it wants; it is empty when the step may happen now. Raises
        NotFound for an event that the kind does not have.
        """
        with self._context.store.look() as uow:
            identity = uow.identity(instance_id)
            compiled = self._context.compiled(identity.workflow_hash, uow)
            if event is not None:
                require_line("event", event)
            snapshot = uow.load(identity, compiled.relations.reach(identity.kind, event))
        now = self._context.clock.now()
        if event is None:
            found = [(one.event, one.region, one.missing) for one in options(compiled, snapshot, now) if one.missing]
            return self._steps(instance_id, found)
        if event not in compiled.machine(identity.kind).events:
            raise NotFound("event", event, sorted(compiled.machine(identity.kind).events))
        try:
            decide(compiled, snapshot, Event(event, now, now, SYSTEM), now)
        except Refused as refused:
            region = compiled.firings(identity.kind, event)[0].region
            return self._steps(instance_id, [(event, region, refused.refusals)])
        return ()

    def drafts(self, instance_id: int, refused: Refused) -> tuple[Draft, ...]:
        """Draft the mails that would bring what a refusal misses."""
        steps = self._steps(instance_id, [(refused.event, "", refused.refusals)])
        return tuple(draft for step in steps for draft in step.drafts)

    def _steps(self, instance_id: int, found: Iterable[tuple[str, str, Sequence[Refusal]]]) -> tuple[Step, ...]:
        with self._context.store.read() as reader:
            one = reader.instance(instance_id)
            compiled = self._context.compiled(one.workflow_hash)
            family = reader.instances(one.programme_id, KOMMUNE)
            programme = _SUBTITLE.sub("", reader.instance(one.programme_id).title)
            kommune = kommune_name(one, family)
            words = Words(compiled)
            out = []
            for event, region, refusals in found:
                own = programme if one.kind == PROGRAMME else one.title
                about = About(one.kind, own, words.event(one.kind, event), programme, kommune)
                title, place = about.step, words.region(one.kind, region)
                drafts = tuple(self._drafts(reader, compiled, one, about, refusals))
                out.append(Step(event, title, place, missing_of(words, one.kind, refusals), drafts))
        return tuple(out)

    def _drafts(
        self, reader: Reader, compiled: Compiled, one: InstanceView, about: About, refusals: Sequence[Refusal]
    ) -> Iterable[Draft]:
        roles = dict.fromkeys(refusal.owner for refusal in refusals if refusal.owner)
        people = {role: self._people(reader, compiled, one, role) for role in roles}
        names = {role: _first_names(found) for role, found in people.items()}
        title = Words(compiled).role
        for letter in letters(about, refusals, compiled.workflow, names):
            to = tuple(Person(person.name, person.email) for person in people[letter.role])
            yield Draft(letter.role, title(letter.role), to, letter.subject, letter.body, letter.codes)

    def _people(self, reader: Reader, compiled: Compiled, one: InstanceView, role: str) -> tuple[Recipient, ...]:
        on = local_date(self._context.clock.now())
        found = (
            person
            for name in addressed(compiled, role)
            for person in reader.registers.recipients(name, one.programme_id, one.kommune, on)
        )
        return tuple({person.person_id: person for person in found}.values())


def _first_names(people: Iterable[Recipient]) -> list[str]:
    """Greet by name where all are people; a shared mailbox among them makes it a plain hello."""
    names = [first_name(person.name) for person in people]
    return [name for name in names if name] if all(names) else []
