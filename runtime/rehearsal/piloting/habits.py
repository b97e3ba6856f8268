"""How the people of a script differ: who is late, who forgets, what happens on which day; decides nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ....engine.civil.kommune import Kommune
from ....engine.definition import Workflow
from ....engine.values.names import base_key
from ....storage import InstanceView
from ....workflows.kommuner import find_kommune, load_kommuner
from ....workflows.scripts import Habit, Script
from .cast import expanded


@dataclass(frozen=True, slots=True)
class Habits:
    """A script's habits with its kommuner found: (habit, code) pairs."""

    workflow: Workflow
    pairs: tuple[tuple[Habit, str | None], ...] = ()

    def days_late(self, role: str | None, view: InstanceView) -> int:
        """Say how many days later than everybody else an instance is looked after."""
        return sum(one.days_late for one in self._of(role, view))

    def forgets(self, role: str | None, view: InstanceView) -> bool:
        """Tell whether nobody ever registers an instance."""
        return any(base_key(view.key) in one.forgets for one in self._of(role, view))

    def _of(self, role: str | None, view: InstanceView) -> Iterable[Habit]:
        if not self.pairs:
            return []
        roles = {*expanded(self.workflow, [role] if role else []), role}
        return [
            one for one, code in self.pairs if code in (None, view.kommune) and (one.role is None or one.role in roles)
        ]


def habits_of(script: Script, workflow: Workflow) -> Habits:
    """Find the kommuner that a script speaks of; raises NotFound for one that there is not."""
    known = load_kommuner()
    return Habits(workflow, tuple((one, code_of(one.kommune, known)) for one in script.people))


def code_of(name: str, known: tuple[Kommune, ...] | None = None) -> str | None:
    """Give the code of a kommune by its name or code; None for no name."""
    return find_kommune(name, known or load_kommuner()).code if name else None
