"""The names that a workflow knows: machines, roles, texts, dates and who may stand under whom; finds no mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...values.names import APPROVAL, CLUSTER, EVALUATION, KOMMUNE, PROGRAMME
from ..dates import RESERVED_ANCHORS
from ..document.items import Approval
from ..document.work import Activity, Evaluation
from ..machine import Machine
from ..workflow import PARTICIPANTS, RESPONSIBLE, Workflow

ADDRESSEES = frozenset({RESPONSIBLE, PARTICIPANTS})
"""Roles that every activity has, whatever the document declares."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a definition may name that stands outside it: standard texts and placeholders; None is not checked."""

    texts: frozenset[str] | None = None
    placeholders: frozenset[str] | None = None


@dataclass(frozen=True)
class Scope:
    """A workflow with the names that its parts may use."""

    workflow: Workflow
    known: Known

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that is declared."""
        return frozenset(self.workflow.roles) | frozenset(self.workflow.programme.roles)

    @cached_property
    def addressees(self) -> frozenset[str]:
        """Every role that a mail may go to, or that may act."""
        return self.roles | ADDRESSEES

    @cached_property
    def texts(self) -> frozenset[str] | None:
        """Every text that a mail may have; None where the standard texts are not known."""
        return None if self.known.texts is None else self.known.texts | frozenset(self.workflow.texts)

    @cached_property
    def items(self) -> Mapping[str, Activity | Evaluation]:
        """Every activity and evaluation by its key."""
        programme = self.workflow.programme
        return {**programme.evaluations, **programme.activities}

    @cached_property
    def awaited(self) -> Mapping[str, Activity | Evaluation | Approval]:
        """Every activity, evaluation and approval that lives as an instance, by its key."""
        approvals = self.workflow.programme.approvals.items()
        return {**{key: one for key, one in approvals if one.is_lived}, **self.items}

    @cached_property
    def dates(self) -> frozenset[str]:
        """Every date of the programme that rules and deadlines may name."""
        programme = self.workflow.programme
        named = {"enrolment", *self.awaited, *programme.faser, *programme.external_dates, *self.trin}
        return frozenset(named) | RESERVED_ANCHORS

    @cached_property
    def trin(self) -> frozenset[str]:
        """The regions of the kommune that are trin: the day on which one ends is a date to count from."""
        kommune = self.machine(KOMMUNE)
        regions = kommune.regions if kommune is not None else {}
        return frozenset(name for name, region in regions.items() if region.trin is not None)

    @cached_property
    def ends(self) -> frozenset[str]:
        """The names of the days on which phases end."""
        return frozenset(f"end_of_{phase}" for phase in self.workflow.programme.faser)

    @cached_property
    def activity_machines(self) -> frozenset[str]:
        """The machines of activities and evaluations, which stand under a programme or a kommune."""
        machines = {*self.workflow.activity_kinds.values(), EVALUATION, APPROVAL}
        return frozenset(machines & set(self.workflow.machines))

    def machine_of(self, key: str) -> str:
        """Name the machine that lives an activity, an evaluation or an approval."""
        item = self.awaited[key]
        if isinstance(item, Approval):
            return APPROVAL
        return self.workflow.machine_of(item.kind) if isinstance(item, Activity) else EVALUATION

    def machine(self, name: str) -> Machine | None:
        """Give a machine, if there is one."""
        return self.workflow.machines.get(name)

    def parents(self, machine: str) -> frozenset[str]:
        """Name the machines under which one stands; none for a root."""
        found = self.machine(machine)
        above = {found.parent} if found is not None and found.parent is not None else set()
        if machine in self.activity_machines:
            above |= {PROGRAMME, KOMMUNE, CLUSTER} & set(self.workflow.machines)
        return frozenset(above)

    def children(self, machine: str) -> frozenset[str]:
        """Name the machines that stand under one."""
        return frozenset(name for name in self.workflow.machines if machine in self.parents(name))
