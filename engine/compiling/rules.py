"""Which reminders run in which states, and what they count from; derives no timer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from ..definition import Reminder, Workflow
from ..definition.reminding.reminders import MONTHLY
from ..definition.workflow import is_own_anchor
from ..values import Position
from .moves import is_done


@dataclass(frozen=True, slots=True)
class Rule:
    """A reminder as it stands for one of its places; ``number`` keeps the order of the document."""

    number: int
    name: str
    place: str
    reminder: Reminder


class Rules:
    """The reminders of one workflow, by kind, region and state."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._by_place = _by_place(workflow)

    def standing(self, kind: str, position: Position) -> Sequence[Rule]:
        """List the timer rules of the states that an instance stands in, in the order of the document.

        Of an instance that has come to its end only its first region counts: a kommune that has left with trin 1 in
        progress is not reminded of it for ever.
        """
        places = list(position.items())
        machine = self._workflow.machines[kind]
        if len(places) > 1 and is_done(machine, position):
            ended = next(iter(machine.regions))
            places = [(ended, position[ended])]
        found = [rule for place in places for rule in self._by_place.get((kind, *place), ())]
        return sorted(found, key=_number) if len(position) > 1 else found

    def foreign_anchors(self, kind: str) -> frozenset[str]:
        """Name the dates of the programme and of other activities that the reminders of a kind count from."""
        rules = [rule for rule in self._workflow.reminders.values() if rule.on == kind]
        opens = {rule.not_before for rule in rules if rule.not_before is not None}
        return frozenset(rule.anchor for rule in rules if not is_own_anchor(rule.anchor)) | opens

    def is_monthly(self, kind: str) -> bool:
        """Tell whether a reminder of a kind comes every month: what it tells is read of everything below."""
        return any(rule.on == kind and rule.anchor == MONTHLY for rule in self._workflow.reminders.values())


_number = attrgetter("number")


def _by_place(workflow: Workflow) -> dict[tuple[str, str, str], tuple[Rule, ...]]:
    """Sort the reminders by kind, region and state: an instance stands in few of all the states."""
    out: dict[tuple[str, str, str], tuple[Rule, ...]] = {}
    places = ((name, place, rule) for name, rule in workflow.reminders.items() for place in rule.during)
    for number, (name, place, rule) in enumerate(places):
        region, _, state = place.partition(".")
        key = (rule.on, region, state)
        out[key] = (*out.get(key, ()), Rule(number, name, place, rule))
    return out
