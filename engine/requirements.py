"""The registry of requirements: each kind answers with nothing, or with refusals as codes with values; no words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from .compiled import Compiled
from .definition import Need
from .definition.needs import (
    ActivitiesNeed,
    ActivityNeed,
    ApprovalNeed,
    BaselineNeed,
    CapacityNeed,
    ChecklistNeed,
    ChildrenNeed,
    DatedNeed,
    DeadlineNeed,
    FieldsNeed,
    KommunerNeed,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .requiring import counting, days, own, work
from .requiring.view import View
from .values import Identity, Position, Refusal, Relative
from .values.names import PROGRAMME


def missing(need: Need, view: View) -> tuple[Refusal, ...]:
    """Say what of one requirement is not fulfilled; nothing when it holds."""
    match need:
        case ChecklistNeed():
            return own.checklist(need, view)
        case FieldsNeed():
            return own.fields(need, view)
        case OwnNeed():
            return own.own(need, view)
        case ParentNeed():
            return own.parent(need, view)
        case ProgrammeNeed():
            return own.programme(need, view)
        case ChildrenNeed():
            return counting.children(need, view)
        case ActivityNeed():
            return work.activity(need, view)
        case ActivitiesNeed():
            return work.activities(need, view)
        case BaselineNeed():
            return work.baseline(need, view)
        case CapacityNeed():
            return counting.capacity(need, view)
        case KommunerNeed():
            return counting.kommuner(need, view)
        case DeadlineNeed():
            return days.deadline(need, view)
        case NotBeforeNeed():
            return days.not_before(need, view)
        case DatedNeed():
            return days.dated(need, view)
        case ApprovalNeed():
            return work.approval(need, view)
        case _ as never:
            assert_never(never)


def may_be_woken(compiled: Compiled, one: Relative, above: Identity, position: Position) -> bool:
    """Tell whether a join of an instance asks for what now stands above it; its other conditions are not looked at.

    ``above`` is its parent or its programme, and ``position`` where that stands.
    """
    for join in compiled.machine(one.kind).joins:
        looks = [need for need in join.when if _looks_at(need, one, above)]
        if looks and one.position[join.region] in join.sources and all(_stands(need, position) for need in looks):
            return True
    return False


def _looks_at(need: Need, one: Relative, above: Identity) -> bool:
    if isinstance(need, ProgrammeNeed):
        return above.kind == PROGRAMME
    return isinstance(need, ParentNeed) and one.parent_id == above.id


def _stands(need: Need, position: Position) -> bool:
    return isinstance(need, ParentNeed | ProgrammeNeed) and position.get(need.region) in need.states


def holds(needs: Sequence[Need], view: View) -> bool:
    """Tell whether all of a join's conditions hold."""
    return not any(missing(need, view) for need in needs)
