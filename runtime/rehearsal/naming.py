"""Checks the names in a file of expectations against its workflow, before anything is run; runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...engine.definition import Workflow
from ...engine.definition.checks import suggest
from ...engine.definition.machine import Machine
from ...engine.errors import NotFound, Problem
from ...engine.refusals import REFUSAL_CODES
from ...engine.values.names import APPROVAL, DELIVERABLE, EVALUATION, base_key
from ...notifications import STANDARD_TEXTS
from ...workflows.expectations import Expected, Placed, Step
from ...workflows.reader import in_order, problem_at
from ...workflows.scripts import CHOOSES
from .piloting.habits import code_of

MOVES = frozenset({"flyt", "planlaeg"})
"""What ``do`` may say of every activity, with ``to``: it is given another day."""


def mistakes(placed: Placed, workflow: Workflow) -> tuple[Problem, ...]:
    """Give every name that the workflow does not have, with its position and what could be meant."""
    return tuple(in_order(_Names(placed, workflow).all()))


def _is_special(step: Step) -> bool:
    """Tell whether a step is one that every workflow knows, without being an event of anything."""
    return bool(step.to and step.do in MOVES) or (step.do == CHOOSES and not step.item and not step.kommune)


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of one workflow, and where those of the file stand."""

    placed: Placed
    workflow: Workflow

    def all(self) -> Iterator[Problem]:
        """Look through every case."""
        model = self.placed.model
        if model.workflow != self.workflow.key:
            yield self._told(("workflow",), "workflowet", model.workflow, [self.workflow.key])
        for name, case in model.cases.items():
            for number, kommune in enumerate(case.given.kommuner):
                yield from self._kommune(("cases", name, "given", "kommuner", number), kommune)
            for number, step in enumerate(case.given.facts):
                yield from self._of(("cases", name, "given", "facts", number), step)
            for number, step in enumerate(case.when):
                yield from self._of(("cases", name, "when", number), step)
            for number, one in enumerate(case.expect):
                yield from self._of(("cases", name, "expect", number), one)
                yield from self._expected(("cases", name, "expect", number), one)

    def _of(self, path: Sequence[str | int], one: Step | Expected) -> Iterator[Problem]:
        yield from self._kommune((*path, "kommune"), one.kommune)
        kind = self._kind(one)
        if one.item and not self._is_item(one.item):
            yield self._told((*path, "item"), "aktiviteten", one.item, self._items())
            return
        if one.do is not None and not (isinstance(one, Step) and _is_special(one)):
            events = {event for machine in self._machines(kind) for event in machine.events}
            if one.do not in events:
                yield self._told((*path, "do"), "hændelsen", one.do, events)
        for number, code in enumerate(one.refused):
            if code not in REFUSAL_CODES:
                yield self._told((*path, "refused", number), "afvisningen", code, REFUSAL_CODES)

    def _expected(self, path: Sequence[str | int], one: Expected) -> Iterator[Problem]:
        """Look at what only expectations name: states, texts and roles."""
        machines = self._machines(self._kind(one))
        if one.mail is not None:
            texts = {*STANDARD_TEXTS, *self.workflow.texts}
            if one.mail not in texts:
                yield self._told((*path, "mail"), "teksten", one.mail, texts)
            roles = {*self.workflow.roles, *self.workflow.programme.roles}
            if one.to is not None and one.to not in roles:
                yield self._told((*path, "to"), "rollen", one.to, roles)
        elif one.item == "" or self._is_item(one.item):
            regions = [found for machine in machines for found in machine.regions.items()]
            if one.region is not None and one.region not in dict(regions):
                yield self._told((*path, "region"), "regionen", one.region, dict(regions))
                return
            states = {state for name, region in regions if one.region in (None, name) for state in region.states}
            if one.state is not None and one.state not in states:
                yield self._told((*path, "state"), "tilstanden", one.state, states)

    def _kind(self, one: Step | Expected) -> str:
        """Say which machine an item lives by; nothing for a title, which may be anything's."""
        key = base_key(one.item)
        programme = self.workflow.programme
        if key in programme.activities:
            return self.workflow.machine_of(programme.activities[key].kind)
        if key in programme.evaluations:
            return EVALUATION
        if key in self._approvals():
            return APPROVAL
        if key in self._handed_in():
            return DELIVERABLE
        return "kommune" if one.kommune and not key else "programme" if not key else ""

    def _machines(self, kind: str) -> tuple[Machine, ...]:
        """Give the machine of a kind; all of them where the kind is not known."""
        machines = self.workflow.machines
        return (machines[kind],) if kind in machines else tuple(machines.values())

    def _is_item(self, item: str) -> bool:
        """Tell whether a key is one of the document's; what people add beside it goes by its title."""
        return base_key(item) in self._items() or " " in item

    def _items(self) -> list[str]:
        programme = self.workflow.programme
        return [*programme.activities, *programme.evaluations, *self._approvals(), *self._handed_in()]

    def _approvals(self) -> list[str]:
        return [key for key, approval in self.workflow.programme.approvals.items() if approval.is_lived]

    def _handed_in(self) -> list[str]:
        return [one.title for one in self.workflow.programme.deliverables]

    def _kommune(self, path: Sequence[str | int], name: str) -> Iterator[Problem]:
        try:
            code_of(name)
        except NotFound as error:
            yield self._told(path, "kommunen", name, error.available)

    def _told(self, path: Sequence[str | int], what: str, word: str, known: Iterable[str]) -> Problem:
        message = f"{what} {word} findes ikke; {suggest(word, known)}"
        return problem_at(self.placed.name, self.placed.tree, path, "unknown-name", message)
