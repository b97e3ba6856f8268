"""Checks the requirements of a definition: every name that they use, and whether they can hold at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from ...values.names import APPROVAL, CHANGE, EVALUATION, KOMMUNE, LIFE, PHASE_REGION, PROGRAMME
from ..document.work import Activity
from ..machine import Machine
from ..needs import (
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
    Need,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .names import Finding, Path, suggest, unknown, unknowns
from .scope import Scope


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who must meet a requirement: a machine, perhaps one of its regions, and the fields that an event brings."""

    machine: str
    region: str | None = None
    brings: frozenset[str] = frozenset()


def check_needs(scope: Scope, path: Path, needs: Iterable[Need], bearer: Bearer) -> Iterator[Finding]:
    """Find the mistakes of a list of requirements."""
    for index, need in enumerate(needs):
        here = (*path, index, need.need)
        if need.owner is not None:
            yield from unknown((*here, "owner"), "rollen", need.owner, scope.addressees)
        yield from _check(scope, here, need, bearer)


def _check(scope: Scope, here: Path, need: Need, bearer: Bearer) -> Iterator[Finding]:
    match need:
        case ChecklistNeed():
            yield from _checklist(scope, here, need, bearer)
        case FieldsNeed():
            machine = scope.machine(bearer.machine)
            fields = frozenset(machine.all_fields if machine else ()) | bearer.brings
            yield from unknowns((*here, "names"), "feltet", need.names, fields)
        case OwnNeed():
            yield from _own(scope, here, need, bearer)
        case CapacityNeed():
            yield from _position(scope, here, {bearer.machine}, need.region, need.states)
        case KommunerNeed():
            yield from _kommuner(scope, here, need)
        case ParentNeed():
            yield from _parent(scope, here, need, bearer)
        case ProgrammeNeed():
            yield from _position(scope, here, {PROGRAMME}, need.region, need.states)
        case ChildrenNeed():
            yield from _children(scope, here, need, bearer)
        case ActivityNeed():
            yield from _activity(scope, here, need)
        case ActivitiesNeed():
            yield from _activities(scope, here, need, bearer)
        case BaselineNeed():
            yield from unknown((*here, "key"), "evalueringen", need.key, scope.workflow.programme.evaluations)
            yield from _position(scope, here, {EVALUATION}, "status", need.states)
        case DeadlineNeed() | NotBeforeNeed():
            yield from unknown((*here, "date"), "datoen", need.date, scope.dates | scope.ends)
        case DatedNeed():
            pass
        case ApprovalNeed():
            if bearer.machine not in (APPROVAL, CHANGE):
                message = f"kravet approval gælder kun {APPROVAL} og {CHANGE}; {bearer.machine} godkendes ikke af nogen"
                yield Finding(here, "cannot-hold", message)
        case _:
            assert_never(need)


def _checklist(scope: Scope, here: Path, need: ChecklistNeed, bearer: Bearer) -> Iterator[Finding]:
    machine = scope.machine(bearer.machine)
    regions = [] if machine is None else [r for n, r in machine.regions.items() if bearer.region in (None, n)]
    items = {item for region in regions for item in region.checklist}
    if regions and not items:
        yield Finding(
            here, "cannot-hold", "kravet checklist kan ikke opfyldes: her er ingen checklist at sætte flueben i"
        )
    else:
        yield from unknowns((*here, "items"), "punktet", need.items, items)


def _own(scope: Scope, here: Path, need: OwnNeed, bearer: Bearer) -> Iterator[Finding]:
    if need.region == bearer.region:
        message = (
            f"kravet own skal pege på en anden region end {need.region} selv; skriv flytningens tilstande i stedet"
        )
        yield Finding((*here, "region"), "cannot-hold", message)
        return
    machine, kommune = scope.machine(bearer.machine), scope.machine(KOMMUNE)
    is_activity = bearer.region is None and KOMMUNE in scope.parents(bearer.machine)
    has_none = machine is not None and need.region not in machine.regions
    if is_activity and has_none and kommune is not None and need.region in kommune.regions:
        bearer = Bearer(KOMMUNE)  # A gate before a kommune's fase speaks of the kommune, also to its activities.
    yield from _position(scope, here, {bearer.machine}, need.region, need.states)


def _kommuner(scope: Scope, here: Path, need: KommunerNeed) -> Iterator[Finding]:
    kommune = scope.machine(KOMMUNE)
    if kommune is None or LIFE not in kommune.regions:
        message = f"kravet kommuner kan ikke opfyldes: her er ingen {KOMMUNE} med regionen {LIFE}"
        yield Finding(here, "cannot-hold", message)
        return
    yield from _position(scope, here, {KOMMUNE}, need.region, need.states)
    yield from unknowns((*here, "among"), "tilstanden", need.among, kommune.regions[LIFE].states)


def _parent(scope: Scope, here: Path, need: ParentNeed, bearer: Bearer) -> Iterator[Finding]:
    parents = scope.parents(bearer.machine)
    if not parents:
        yield Finding(here, "cannot-hold", f"kravet parent kan ikke opfyldes: {bearer.machine} hører ikke under noget")
        return
    yield from _position(scope, here, parents, need.region, need.states)


def _children(scope: Scope, here: Path, need: ChildrenNeed, bearer: Bearer) -> Iterator[Finding]:
    child = scope.machine(need.kind)
    if child is None:
        yield from unknown((*here, "kind"), "slagsen", need.kind, scope.children(bearer.machine))
        return
    if need.kind not in scope.children(bearer.machine):
        hint = suggest(need.kind, scope.children(bearer.machine))
        message = f"{need.kind} hører ikke under {bearer.machine}, så kravet kan ikke opfyldes; {hint}"
        yield Finding((*here, "kind"), "cannot-hold", message)
        return
    yield from _position(scope, here, {need.kind}, need.region, need.states)
    if need.region in child.regions:
        yield from unknowns((*here, "among"), "tilstanden", need.among, child.regions[need.region].states)
    yield from unknowns((*here, "fields"), "feltet", need.fields, child.all_fields)
    if isinstance(need.share, str):
        yield from unknown((*here, "share"), "parameteren", need.share, scope.workflow.parameters)


def _activity(scope: Scope, here: Path, need: ActivityNeed) -> Iterator[Finding]:
    if need.key not in scope.awaited:
        yield from unknown((*here, "key"), "aktiviteten", need.key, scope.awaited)
        return
    machine = scope.machine(scope.machine_of(need.key))
    if machine is None:
        return
    states = {state for region in machine.regions.values() for state in region.states}
    if "states" in need.model_fields_set:
        yield from unknowns((*here, "states"), "tilstanden", need.states, states)
    elif not states & set(need.states):
        message = f"{need.key} når aldrig {', '.join(need.states)}; skriv in: med en af {', '.join(sorted(states))}"
        yield Finding(here, "cannot-hold", message)


def _activities(scope: Scope, here: Path, need: ActivitiesNeed, bearer: Bearer) -> Iterator[Finding]:
    """Check that it is a fase that ends, and that what it holds may come to one of the states."""
    if bearer.region is None or not bearer.region.startswith(PHASE_REGION):
        message = "kravet activities gælder kun det, der afslutter en fase; her er der ingen fase at se på"
        yield Finding(here, "cannot-hold", message)
        return
    kinds = [scope.machine(scope.machine_of(key)) for key, one in scope.items.items() if isinstance(one, Activity)]
    states = {name for kind in kinds if kind for region in kind.regions.values() for name in region.states}
    if "states" in need.model_fields_set:
        yield from unknowns((*here, "states"), "tilstanden", need.states, states)


def _position(
    scope: Scope, here: Path, machines: Iterable[str], region: str, states: Iterable[str]
) -> Iterator[Finding]:
    """Check that a region with the states exists in one of the machines."""
    candidates = [found for name in machines if (found := scope.machine(name)) is not None]
    if not candidates:
        return
    fitting = [machine.regions[region] for machine in candidates if region in machine.regions]
    if not fitting:
        known = {name for machine in candidates for name in machine.regions}
        yield from unknown((*here, "region"), "regionen", region, known)
        return
    yield from unknowns((*here, "states"), "tilstanden", states, {name for found in fitting for name in found.states})


def gate_bearers(scope: Scope, before: str, level: str) -> frozenset[Bearer]:
    """Say who must meet a gate: the activity behind it, or those of the phase that are held at the gate's level."""
    if before in scope.awaited:
        return frozenset({Bearer(scope.machine_of(before))})
    faser = scope.workflow.programme.faser
    own = {Bearer(KOMMUNE, f"{PHASE_REGION}{before}")} if faser[before].level == KOMMUNE else set()
    inside = [key for key, item in scope.items.items() if item.phase == before]
    at_level = [key for key in inside if (scope.items[key].level == KOMMUNE) == (level == KOMMUNE)]
    return frozenset({Bearer(scope.machine_of(key)) for key in at_level} | own)


def with_fields(bearer: Bearer, names: Iterable[str]) -> Bearer:
    """Add the fields that an event's data brings."""
    return replace(bearer, brings=bearer.brings | frozenset(names))


def fields_of(machine: Machine) -> frozenset[str]:
    """Name the fields that an event's data may hold; the reason is the event's own."""
    return frozenset(machine.all_fields) | {"reason"}
