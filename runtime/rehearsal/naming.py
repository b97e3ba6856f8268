"""Checks the names in a file of expectations against its workflow, before anything is run; runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...engine.definition import Workflow
from ...engine.definition.checks import suggest
from ...engine.errors import NotFound, Problem
from ...engine.refusals import REFUSAL_CODES
from ...notifications import STANDARD_TEXTS
from ...workflows.expectations import Expected, Placed, Step
from ...workflows.reader import in_order, problem_at
from .piloting.habits import code_of

MOVES = frozenset({"flyt", "planlaeg"})
"""What ``do`` may say of every activity, with ``to``: it is given another day."""


def mistakes(placed: Placed, workflow: Workflow) -> tuple[Problem, ...]:
    """Give every name that the workflow does not have, with its position and what could be meant."""
    return tuple(in_order(_Names(placed, workflow).all()))


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
        if one.do is not None and not (isinstance(one, Step) and one.to and one.do in MOVES):
            events = self.workflow.machines[kind].events if kind in self.workflow.machines else {}
            if one.do not in events:
                yield self._told((*path, "do"), "hændelsen", one.do, events)
        for number, code in enumerate(one.refused):
            if code not in REFUSAL_CODES:
                yield self._told((*path, "refused", number), "afvisningen", code, REFUSAL_CODES)

    def _expected(self, path: Sequence[str | int], one: Expected) -> Iterator[Problem]:
        """Look at what only expectations name: states, texts and roles."""
        machine = self.workflow.machines.get(self._kind(one))
        if one.mail is not None:
            texts = {*STANDARD_TEXTS, *self.workflow.texts}
            if one.mail not in texts:
                yield self._told((*path, "mail"), "teksten", one.mail, texts)
            roles = {*self.workflow.roles, *self.workflow.programme.roles}
            if one.to is not None and one.to not in roles:
                yield self._told((*path, "to"), "rollen", one.to, roles)
        elif machine is not None and (one.item == "" or self._is_item(one.item)):
            if one.region is not None and one.region not in machine.regions:
                yield self._told((*path, "region"), "regionen", one.region, machine.regions)
                return
            regions = [machine.regions[one.region]] if one.region else list(machine.regions.values())
            states = {state for region in regions for state in region.states}
            if one.state is not None and one.state not in states:
                yield self._told((*path, "state"), "tilstanden", one.state, states)

    def _kind(self, one: Step | Expected) -> str:
        """Say which machine an item lives by."""
        key = one.item.partition("#")[0]
        programme = self.workflow.programme
        if key in programme.activities:
            return self.workflow.machine_of(programme.activities[key].kind)
        if key in programme.evaluations:
            return "evaluation"
        return "kommune" if one.kommune and not key else "programme" if not key else ""

    def _is_item(self, item: str) -> bool:
        """Tell whether a key is one of the document's; what people add beside it goes by its title."""
        return item.partition("#")[0] in self._items() or " " in item

    def _items(self) -> list[str]:
        return [*self.workflow.programme.activities, *self.workflow.programme.evaluations]

    def _kommune(self, path: Sequence[str | int], name: str) -> Iterator[Problem]:
        try:
            code_of(name)
        except NotFound as error:
            yield self._told(path, "kommunen", name, error.available)

    def _told(self, path: Sequence[str | int], what: str, word: str, known: Iterable[str]) -> Problem:
        message = f"{what} {word} findes ikke; {suggest(word, known)}"
        return problem_at(self.placed.name, self.placed.tree, path, "unknown-name", message)
