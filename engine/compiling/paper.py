"""What the document says of the instances that come from it: found by their keys; knows no state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..definition import Activity, Approval, Evaluation, Workflow
from ..definition.assembling.gating import hung_on, is_clustered
from ..definition.document.approving import in_charge
from ..definition.document.items import Level
from ..values.names import base_key


class Paper:
    """The document of one workflow."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._programme = workflow.programme

    def activity(self, key: str) -> Activity | Evaluation | Approval | None:
        """Give the activity, evaluation or approval that a key stands for; ``workshop#2`` is the second one."""
        name, programme = base_key(key), self._programme
        return programme.activities.get(name) or programme.evaluations.get(name) or programme.approvals.get(name)

    def is_clustered(self, activity: Activity) -> bool:
        """Tell whether an activity is held in clusters and not by the programme as one."""
        return is_clustered(self._workflow, activity)

    def days_of(self, key: str) -> int:
        """Give how many calendar days an activity or evaluation lasts."""
        found = self.activity(key)
        if isinstance(found, Evaluation):
            return found.window
        return found.days if isinstance(found, Activity) else 1

    def chosen_in(self, activity: str) -> tuple[str, ...]:
        """Name the choices that the kommuner make in an activity."""
        return tuple(name for name, choice in self._programme.choices.items() if choice.chosen_in == activity)

    def responsible_for(self, key: str, kommune: str | None) -> str | None:
        """Name the role that answers for an instance: its facilitator or evaluator, else the one of its level."""
        return self.in_charge_of(self.activity(key), kommune)

    def in_charge_of(self, item: Activity | Evaluation | Approval | None, kommune: str | None) -> str | None:
        """Name the role that answers for what the document says; for an approval, who serves the body that decides."""
        level: Level = item.level if item else "kommune" if kommune else "programme"
        return in_charge(self._programme, item) or self._programme.responsible.get(level)

    def expected_in(self, phase: str) -> frozenset[str]:
        """Name the activities that a fase is not over without: neither extra, nor planned from the fase's own end."""
        return self._expected.get(phase, frozenset())

    def is_anchor(self, name: str) -> bool:
        """Tell whether the days of others hang on this activity, evaluation, fase or trin."""
        return base_key(name) in self._anchors

    @cached_property
    def held_in_clusters(self) -> frozenset[str]:
        """Name the kinds of what is held in clusters: who is called to it stands on the cluster."""
        activities = self._programme.activities.values()
        return frozenset(self._workflow.machine_of(one.kind) for one in activities if self.is_clustered(one))

    @cached_property
    def _expected(self) -> Mapping[str, frozenset[str]]:
        activities = self._programme.activities.items()
        found = [(one.phase, key) for key, one in activities if not (one.is_extra or one.follows_its_phase)]
        return {name: frozenset(key for phase, key in found if phase == name) for name in self._programme.faser}

    @cached_property
    def _anchors(self) -> frozenset[str]:
        return hung_on(self._workflow)
