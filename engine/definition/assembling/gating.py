"""What stands before what in a workflow: its gates, what is held in clusters, and the dates that others hang on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ...values import Strength
from ...values.names import APPROVAL, CLUSTER, KOMMUNE, PHASE_REGION, PROGRAMME
from ..dates import anchors
from ..document.items import Approval
from ..document.work import Activity, Evaluation, Gate
from ..needs import BaselineNeed, Need, ParentNeed, ProgrammeNeed

if TYPE_CHECKING:
    from ..programme import Programme
    from ..workflow import Workflow

CLUSTER_MEETING = "cluster_meeting"
"""The kind of activity that is held in a cluster (klynge), where the workflow has clusters."""


def with_gate_strengths(programme: Programme) -> Programme:
    """Give a programme in whose gates each requirement is as strong as its gate, unless it says its own strength.

    What only follows from the order of the text (``derived``) yields to a reason, as what is ``soft`` does.
    """
    gates = {name: gate.model_copy(update={"needs": _of_strength(gate)}) for name, gate in programme.gates.items()}
    return programme.model_copy(update={"gates": gates})


def _of_strength(gate: Gate) -> tuple[Need, ...]:
    strength = Strength.HARD if gate.strength == "hard" else Strength.SOFT
    return tuple(
        need if "strength" in need.model_fields_set else need.model_copy(update={"strength": strength})
        for need in gate.needs
    )


def gates_of(workflow: Workflow) -> Mapping[str, tuple[Need, ...]]:
    """Sort the gates by what they stand before: an activity, an approval, or ``fase_<name>`` of a kommune."""
    out: dict[str, tuple[Need, ...]] = {}
    programme = workflow.programme
    for gate in programme.gates.values():
        for key in behind(workflow, gate):
            out[key] = (*out.get(key, ()), *gate.needs)
    for name, evaluation in programme.evaluations.items():
        if evaluation.before:
            need = BaselineNeed(key=name, owner=evaluation.evaluator)
            out[evaluation.before] = (*out.get(evaluation.before, ()), need)
    return out


def behind(workflow: Workflow, gate: Gate) -> tuple[str, ...]:
    """Name what stands behind one gate: activities, approvals, and ``fase_<name>`` of a kommune."""
    programme = workflow.programme
    found = [
        key
        for key, activity in programme.activities.items()
        if key in gate.before
        or (activity.phase in gate.before and (activity.level == KOMMUNE) == (gate.scope == KOMMUNE))
    ]
    found += [key for key in programme.approvals if key in gate.before]
    faser = {name for name, phase in programme.faser.items() if phase.level == KOMMUNE}
    return (*found, *(f"{PHASE_REGION}{name}" for name in gate.before if name in faser))


def is_asked(workflow: Workflow, key: str) -> bool:
    """Tell whether any move asks for the gates before a name: a gated one of what lives it, or one that names it.

    What lives as no machine of the workflow counts as asked: that is another mistake, and told as such.
    """
    machines = workflow.machines.values()
    moves = [move for machine in machines for region in machine.regions.values() for move in region.moves.values()]
    if any(move.activity == key for move in moves):
        return True
    activity = workflow.programme.activities.get(key)
    if activity is not None and activity.lived_by:
        return False
    is_fase = activity is None and key not in workflow.programme.approvals
    kind = KOMMUNE if is_fase else workflow.machine_of(activity.kind) if activity else APPROVAL
    machine = workflow.machines.get(kind)
    if machine is None:
        return True
    regions = [region for name, region in machine.regions.items() if not is_fase or name == key]
    return any(move.gated for region in regions for move in region.moves.values())


def gates_of_clusters(workflow: Workflow, gates: Mapping[str, tuple[Need, ...]]) -> tuple[Need, ...]:
    """List what stands before the clusters' meetings, and therefore before the clusters, each once."""
    clustered = [key for key, one in workflow.programme.activities.items() if is_clustered(workflow, one)]
    return tuple(dict.fromkeys(need for key in clustered for need in gates.get(key, ())))


def is_clustered(workflow: Workflow, activity: Activity) -> bool:
    """Tell whether an activity is held in clusters and not by the programme as one."""
    return activity.kind == CLUSTER_MEETING and CLUSTER in workflow.machines


def hung_on(workflow: Workflow) -> frozenset[str]:
    """Name the activities, evaluations, faser and trin that the days of others hang on."""
    programme = workflow.programme
    dated: list[Activity | Evaluation | Approval] = [*programme.activities.values(), *programme.evaluations.values()]
    dated += programme.approvals.values()
    rules = [rule for item in dated for rule in (item.when, item.plan) if rule is not None]
    rules += [when for phase in programme.faser.values() if (when := phase.planned)]
    own = {f"{PHASE_REGION}{name}" for name, phase in programme.faser.items() if phase.level == "kommune"}
    own |= {name for one in programme.evaluations.values() for name in (one.matches, one.before) if name}
    return frozenset(name for rule in rules for name in anchors(rule.rule)) | own


def waiting_on(workflow: Workflow, dated: Collection[str]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Name the kinds whose joins wait for what is above them: (kind above, its region) -> kinds.

    Those that are ``dated`` hang under a programme or a kommune, whichever their machine names.
    """
    out: dict[tuple[str, str], frozenset[str]] = {}
    for kind, machine in workflow.machines.items():
        for need in (need for join in machine.joins for need in join.when):
            if isinstance(need, ParentNeed | ProgrammeNeed):
                either = {PROGRAMME, KOMMUNE} if kind in dated else set()
                above = {PROGRAMME} if isinstance(need, ProgrammeNeed) else {machine.parent, *either}
                for one in above - {None}:
                    key = (str(one), need.region)
                    out[key] = out.get(key, frozenset()) | {kind}
    return out
