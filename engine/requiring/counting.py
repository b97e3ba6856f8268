"""Requirements that count: children, the kommuner that take part, and places."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

from ..definition.needs import CapacityNeed, ChildrenNeed, KommunerNeed
from ..values import Json, Refusal, Relative
from ..values.names import KOMMUNE, LIFE
from .view import View, refuse

MOST_NAMED = 5
"""So many of the children that lack something are named; a list may be long."""
HALF = 0.5
TINY = 1e-9


def children(need: ChildrenNeed, view: View) -> tuple[Refusal, ...]:
    """Count the children of a kind that have come so far and have their fields filled in; name some that have not."""
    found = [child for child in view.facts.children if child.kind == need.kind]
    if need.among:
        found = [child for child in found if child.position.get(need.region) in need.among]
    inside = [child for child in found if child.position.get(need.region) in need.states]
    good = [child for child in inside if all(child.data.get(name) for name in need.fields)]
    wanted = need.at_least
    if need.all:
        wanted = max(wanted, len(found))
    elif isinstance(need.share, float):
        wanted = max(wanted, ceil(need.share * len(found) - TINY))
    if len(good) >= wanted:
        return ()
    states: list[Json] = list(need.states)
    met = {child.id for child in good}
    others = [child for child in found if child.id not in met]
    lacking: list[Json] = [*[child.title for child in others][:MOST_NAMED]]
    fields: list[Json] = list(need.fields) if len(inside) > len(good) else []
    counts: dict[str, Json] = {"have": len(good), "want": wanted, "of": len(found)}
    names: dict[str, Json] = {"kind": need.kind, "region": need.region, "wanted": states}
    more: dict[str, Json] = {"fields": fields, "lacking": lacking, "more": len(others) - len(lacking)}
    return (refuse(need, "for_faa", view, **counts, **names, **more),)


def capacity(need: CapacityNeed, view: View) -> tuple[Refusal, ...]:
    """Ask for a free place among the kommuner; the document may say that it yields."""
    places = view.compiled.workflow.programme.kommuner.capacity
    taken = [sibling for sibling in view.facts.siblings if sibling.position.get(need.region) in need.states]
    if places is None or len(taken) < places.max:
        return ()
    names: list[Json] = [sibling.title for sibling in taken]
    strength = view.compiled.workflow.programme.kommuner.strength or need.strength
    full = refuse(need, "ingen_plads", view, capacity=places.max, taken=names)
    return (replace(full, strength=strength),)


def kommuner(need: KommunerNeed, view: View) -> tuple[Refusal, ...]:
    """Count how many of those that take part have come so far; where nobody does, it does not hold."""
    found = taking_part(need, view)
    behind = [one for one in found if one.position.get(need.region) not in need.states]
    wanted = max(1, _wanted(need, len(found)))
    have = len(found) - len(behind)
    if have >= wanted:
        return ()
    counts: dict[str, Json] = {"have": have, "want": wanted, "of": len(found)}
    states: list[Json] = list(need.states)
    lacking: list[Json] = [one.title for one in behind]
    more: dict[str, Json] = {"region": need.region, "wanted": states, "lacking": lacking}
    if need.more_than == HALF:
        more["majority"] = True
    return (refuse(need, "for_faa_kommuner", view, **counts, **more),)


def taking_part(need: KommunerNeed, view: View) -> list[Relative]:
    """List the kommuner that count: those that were chosen and have not left, in the order of their numbers."""
    among = need.among or view.compiled.gates.taking_part
    kommuner = list(view.facts.kommuner)
    if view.identity.kind == KOMMUNE:
        title = view.title or view.identity.key
        kommuner.append(Relative.of(view.identity, title, view.position, view.data, view.dates))
    return [one for one in kommuner if one.position.get(LIFE) in among]


def _wanted(need: KommunerNeed, many: int) -> int:
    """Say how many it takes; a part that is exactly met is not more than that part."""
    if need.at_least is not None:
        return need.at_least
    if need.share is not None:
        return ceil(float(need.share) * many - TINY)
    if need.more_than is not None:
        return floor(need.more_than * many + TINY) + 1
    return many
