"""Checks the names that the items of a programme document use of each other; plans and mails nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from ...values.names import KOMMUNE, PHASE_REGION
from ..assembling.gating import behind, is_asked
from ..base import Model
from ..document.work import Gate
from .graph import find_cycles
from .names import Finding, Path, unknown, unknowns
from .needs import check_needs, gate_bearers
from .scope import Scope

References: TypeAlias = Mapping[str, tuple[str, Iterable[str]]]
"""Field -> what it names, in Danish (``rollen``), and the names that there are. A field holds one name or several."""


def check_items(scope: Scope) -> Iterator[Finding]:
    """Find every name that an activity, evaluation, gate, body, approval, offer or number uses and nothing has."""
    yield from _activities(scope)
    yield from _evaluations(scope)
    yield from _people(scope)
    yield from _numbers(scope)
    programme = scope.workflow.programme
    for key, phase in programme.faser.items():
        others = ("fasen", set(programme.faser) - {key})
        yield from _references(("programme", "faser", key), phase, {"overlaps_with": others})
    for key, gate in programme.gates.items():
        yield from _gate(scope, ("programme", "gates", key), gate)
    for key, point in programme.monitoring.items():
        yield from _references(("programme", "monitoring", key), point, {"activities": ("aktiviteten", scope.items)})
    places = ("aktiviteten", programme.activities)
    for key, offer in programme.offers.items():
        yield from _references(("programme", "offers", key), offer, {"decided_at": places})
    for key, choice in programme.choices.items():
        here = ("aktiviteten", programme.activities)
        yield from _references(("programme", "choices", key), choice, {"chosen_in": here})
    for key, swap in programme.swaps.items():
        path: Path = ("programme", "swaps", key)
        yield from _references(path, swap, {"activities": places})
        for name in swap.most:
            yield from unknown((*path, "most", name, "[key]"), "aktiviteten", name, swap.activities)
    for key, choice in programme.choices.items():
        yield from _references(("programme", "choices", key), choice, {"chosen_in": places})
    periodised = {"periodised_in": ("fasen", programme.faser)}
    yield from _references(("programme", "economy"), programme.economy, periodised)


def _references(path: Path, item: Model, fields: References) -> Iterator[Finding]:
    """Check each of the fields that is filled in."""
    for field, (what, known) in fields.items():
        value: object = getattr(item, field)
        if isinstance(value, str):
            yield from unknown((*path, field), what, value, known)
        elif isinstance(value, tuple):
            yield from unknowns((*path, field), what, value, known)


def _activities(scope: Scope) -> Iterator[Finding]:
    programme = scope.workflow.programme
    roles = ("who", "optional", "facilitator", "presenter", "support", "recipients", "planned_by", "contributes")
    for key, activity in programme.activities.items():
        others, all_others = set(programme.activities) - {key}, set(scope.items) - {key}
        fields: References = {
            "kind": ("slagsen", scope.workflow.activity_kinds),
            "phase": ("fasen", programme.faser),
            "track": ("sporet", programme.spor),
            "tracks": ("sporet", programme.spor),
            **dict.fromkeys(roles, ("rollen", scope.roles)),
            **dict.fromkeys(("part_of", "held_with", "presented_at"), ("aktiviteten", others)),
            "after": ("aktiviteten", all_others),
            "offer": ("muligheden", programme.offers),
        }
        yield from _references(("programme", "activities", key), activity, fields)
    order = {key: frozenset(activity.after) & set(scope.items) for key, activity in programme.activities.items()}
    for ring in find_cycles(order):
        message = f"{' kommer efter '.join((*ring, ring[0]))}; en af dem skal komme først"
        yield Finding(("programme", "activities", ring[0], "after"), "ring", message)


def _evaluations(scope: Scope) -> Iterator[Finding]:
    programme = scope.workflow.programme
    for key, evaluation in programme.evaluations.items():
        others = set(programme.evaluations) - {key}
        fields: References = {
            **dict.fromkeys(("phase", "designed_in"), ("fasen", programme.faser)),
            **dict.fromkeys(("matches", "feeds"), ("evalueringen", others)),
            **dict.fromkeys(("respondents", "evaluator", "submitted_to"), ("rollen", scope.roles)),
            **dict.fromkeys(("activities", "before"), ("aktiviteten", programme.activities)),
        }
        yield from _references(("programme", "evaluations", key), evaluation, fields)
        activity = programme.activities.get(evaluation.before or "")
        if activity is not None and activity.level == KOMMUNE and evaluation.level != KOMMUNE:
            message = f"{evaluation.before} holdes i hver kommune, men målingen tages én gang; skriv level: kommune"
            yield Finding(("programme", "evaluations", key, "before"), "cannot-hold", message)


def _people(scope: Scope) -> Iterator[Finding]:
    """Check bodies and approvals: a body is a role too, so a role may not have its name."""
    programme = scope.workflow.programme
    for key, body in programme.bodies.items():
        path: Path = ("programme", "bodies", key)
        fields: References = dict.fromkeys(("facilitator", "stands_for"), ("rollen", scope.roles))
        yield from _references(path, body, fields)
        if key in programme.roles:
            message = f"{key} er også en rolle, så ingen kan se forskel; giv den ene et andet navn"
            yield Finding((*path, "[key]"), "duplicate-name", message)
    for key, approval in programme.approvals.items():
        yield from _references(("programme", "approvals", key), approval, {"decider": ("rollen", scope.roles)})


def _numbers(scope: Scope) -> Iterator[Finding]:
    """Check what is measured, and what the criteria are found out by."""
    programme = scope.workflow.programme
    evaluations = ("evalueringen", programme.evaluations)
    for key, measure in programme.measures.items():
        asked: References = {"evaluations": evaluations, "respondents": ("rollen", scope.roles)}
        yield from _references(("programme", "measures", key), measure, asked)
    for key, criterion in programme.criteria.items():
        found: References = {"measure": ("målepunktet", programme.measures), "measured_by": evaluations}
        yield from _references(("programme", "criteria", key), criterion, found)


def _gate(scope: Scope, path: Path, gate: Gate) -> Iterator[Finding]:
    known = {*scope.awaited, *scope.workflow.programme.faser}
    yield from unknowns((*path, "before"), "aktiviteten eller fasen", gate.before, known)
    bearers = {bearer for name in gate.before if name in known for bearer in gate_bearers(scope, name, gate.scope)}
    found = [finding for bearer in bearers for finding in check_needs(scope, (*path, "needs"), gate.needs, bearer)]
    yield from dict.fromkeys(sorted(found, key=str))
    for need in gate.needs:
        key = getattr(need, "key", None)
        if key in gate.before:
            message = f"{key} kan ikke vente på sig selv"
            yield Finding((*path, "before", gate.before.index(key)), "cannot-hold", message)
    if known.issuperset(gate.before):
        yield from _behind(scope, path, gate)


def _behind(scope: Scope, path: Path, gate: Gate) -> Iterator[Finding]:
    """Check that something waits behind every name of a gate: what nothing asks for holds nobody back.

    A fase counts by its own activities at the gate's level, by those of them that the gate names, and by its region.
    """
    activities = scope.workflow.programme.activities
    asked = [key for key in behind(scope.workflow, gate) if is_asked(scope.workflow, key)]
    held = {*asked, *(activities[key].phase for key in asked if key in activities)}
    for index, name in enumerate(gate.before):
        if name not in held and f"{PHASE_REGION}{name}" not in held:
            message = f"intet venter bag dette, så det holder ingen tilbage: {_why_not(scope, gate, name)}"
            yield Finding((*path, "before", index), "holds-nobody", message)


def _why_not(scope: Scope, gate: Gate, name: str) -> str:
    """Say why nothing waits behind a name, and what can be written instead."""
    programme = scope.workflow.programme
    if name in programme.faser:
        inside = [key for key, one in programme.activities.items() if one.phase == name]
        if not inside:
            return f"fasen {name} har ingen aktiviteter; skriv dem, der skal vente, ved navn"
        if set(inside) & set(behind(scope.workflow, gate)):
            return f"aktiviteterne i {name} har ingen flytning med gated: true; vælg en anden slags, eller giv dem en"
        other = "kommune" if gate.scope == "programme" else "programme"
        names = ", ".join((*gate.before, *inside))
        return f"aktiviteterne i {name} holdes ikke på gatens niveau; skriv before: [{names}] eller scope: {other}"
    if name in programme.evaluations:
        return f"{name} er en evaluering, og de venter ikke på gates; skriv den aktivitet, der skal vente"
    activity = programme.activities.get(name)
    if activity is not None and activity.lived_by:
        return f"{name} sker med hændelsen {activity.lived_by}, som ikke venter på gates; skriv det, der kommer efter"
    return f"{scope.machine_of(name)} har ingen flytning med gated: true; vælg en anden slags, eller giv den en"
