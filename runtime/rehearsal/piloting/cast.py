"""Who takes part in a rehearsal: sample people for every role of any workflow, and the kommuner that enrol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from ....engine.civil.kommune import Kommune
from ....engine.compiled import Compiled
from ....engine.definition import Activity, Evaluation, Workflow
from ....engine.definition.reminding.reminders import OWNERS
from ....engine.definition.workflow import PARTICIPANTS, RESPONSIBLE
from ....engine.errors import InvalidInput
from ....engine.values import Actor, ActorKind
from ....storage import InstanceView
from ....workflows.kommuner import find_kommune, load_kommuner
from ...engine import Engine
from ...views.words import capital

MORE_THAN_ROOM = 2
"""How many more kommuner enrol than there is room for, so that somebody is told no."""


@dataclass(slots=True)
class Cast:
    """The people of one rehearsal: role -> person, for the programme and for each kommune by its code."""

    engine: Engine
    compiled: Compiled
    programme_id: int = 0
    people: dict[tuple[str | None, str], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def enter_programme(self, *, takes_kommuner: bool) -> None:
        """Enter one person for every role that works for the whole programme, or for all roles where no kommune can."""
        local = local_roles(self.compiled.workflow) if takes_kommuner else frozenset()
        for role in mailed_roles(self.compiled.workflow):
            if role not in local:
                self._enter(role, None, "programmet")

    def enter_kommune(self, kommune: Kommune) -> None:
        """Enter one person of a kommune for every role that kommuner have."""
        local = local_roles(self.compiled.workflow)
        for role in mailed_roles(self.compiled.workflow):
            if role in local:
                self._enter(role, kommune.code, kommune.name)

    def role_of(self, view: InstanceView) -> str | None:
        """Name the role that answers for an instance: its facilitator or evaluator, else its level's responsible."""
        return self.compiled.paper.responsible_for(view.key, view.kommune)

    def actor(self, view: InstanceView) -> Actor:
        """Give whoever acts for an instance: the holder of its role, in its kommune first."""
        role = self.role_of(view)
        for one in expanded(self.compiled.workflow, [role] if role else []):
            for place in (view.kommune, None):
                if (place, one) in self.people:
                    return Actor(ActorKind.PERSON, str(self.people[place, one]))
        return Actor(ActorKind.PERSON, "prøvekørsel")

    def _enter(self, role: str, code: str | None, where: str) -> None:
        name = f"{capital(self.compiled.workflow.person_title(role))} ({where})"
        box = f"{role.replace('_', '-')}.{code or 'program'}@eksempel.example"
        number = self.engine.people.add(name, box)
        self.engine.people.assign(number, role, programme_id=self.programme_id, kommune=code)
        self.people[code, role], self.names[number] = number, name


def mailed_roles(workflow: Workflow) -> tuple[str, ...]:
    """List the roles that mails may go to: those that stand for others are given nobody of their own."""
    roles = {**workflow.roles, **workflow.programme.roles}
    named = dict.fromkeys(one for definition in roles.values() for one in definition.stands_for)
    own = [name for name, definition in roles.items() if definition.by_mail and not definition.stands_for]
    return tuple(dict.fromkeys([*own, *(name for name in named if name in roles and not roles[name].stands_for)]))


def expanded(workflow: Workflow, roles: Iterable[str]) -> Iterator[str]:
    """Give roles, those that stand for others as these others."""
    known = {**workflow.roles, **workflow.programme.roles}
    for role in roles:
        yield from (known[role].stands_for or (role,)) if role in known else (role,)


def local_roles(workflow: Workflow) -> frozenset[str]:
    """Name the roles that each kommune has its own person for.

    They are those of what happens in kommuner, without those that answer for something that is common to all.
    """
    programme = workflow.programme
    work: list[Activity | Evaluation] = [*programme.activities.values(), *programme.evaluations.values()]
    local: set[str] = set()
    common: set[str] = {role for level, role in programme.responsible.items() if level != "kommune"}
    for one in work:
        leads = {one.evaluator} if isinstance(one, Evaluation) else {one.facilitator, one.presenter}
        who = one.respondents if isinstance(one, Evaluation) else one.who
        if one.level == "kommune":
            local |= set(who)
        if one.level != "kommune" or isinstance(one, Evaluation):
            common |= {role for role in leads if role}
    below = {name for name, machine in workflow.machines.items() if machine.parent and name not in _COMMON_KINDS}
    local |= {role for rule in workflow.reminders.values() if rule.on in below for role in rule.roles}
    moves = (
        move for kind in below for region in workflow.machines[kind].regions.values() for move in region.moves.values()
    )
    local |= {role for move in moves for notice in move.notices for role in notice.to}
    local |= {role for level, role in programme.responsible.items() if level == "kommune"}
    spread = set(expanded(workflow, local - {RESPONSIBLE, PARTICIPANTS, OWNERS}))
    return frozenset(spread - set(expanded(workflow, common)))


_COMMON_KINDS = frozenset({"meeting", "task", "evaluation"})


def kommuner_for(workflow: Workflow, wanted: Sequence[str] | int | None, on: date, seed: int) -> tuple[Kommune, ...]:
    """Choose who enrols: those named, so many, or by default those the document names or two more than it has room for.

    Raises NotFound for a kommune that there is not, InvalidInput where the programme takes none.
    """
    document = workflow.programme.kommuner
    known = load_kommuner()
    takes = any(
        move.births == "kommune"
        for region in workflow.machines["programme"].regions.values()
        for move in region.moves.values()
    )
    works_there = any(one.level == "kommune" for one in workflow.programme.activities.values())
    if document.capacity is None and not document.named and not (wanted and works_there):
        if wanted:
            raise InvalidInput("kommuner", f"{workflow.key} takes no kommuner in; leave --kommuner out")
        return ()
    if not takes:
        return ()
    if isinstance(wanted, Sequence) and wanted:
        return tuple(find_kommune(name, known) for name in wanted)
    named = [find_kommune(name, known) for name in document.named]
    room = document.capacity.max if document.capacity else len(named)
    count = wanted if isinstance(wanted, int) else len(named) or room + MORE_THAN_ROOM
    if not 0 <= count <= len(known):
        raise InvalidInput("kommuner", f"{count} cannot enrol; give a number up to {len(known)}, or codes")
    return tuple(sorted((*named[:count], *_spread(known, named, count - len(named[:count]), on, seed)), key=_code))


def _spread(known: Sequence[Kommune], named: Sequence[Kommune], count: int, on: date, seed: int) -> list[Kommune]:
    """Draw kommuner from all regions in turn."""
    stream = Random(f"{seed}/kommuner")
    regions: dict[str, list[Kommune]] = {}
    for kommune in known:
        if kommune not in named:
            regions.setdefault(kommune.region_on(on), []).append(kommune)
    lists = [stream.sample(regions[name], len(regions[name])) for name in sorted(regions)]
    turns = [one for turn in range(len(known)) for found in lists for one in found[turn : turn + 1]]
    return turns[:count]


def _code(kommune: Kommune) -> str:
    return kommune.code
