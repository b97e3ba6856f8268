"""Requirements on what stands at the instance itself or above it: ticks, fields and states."""

from __future__ import annotations

from dataclasses import replace

from ..definition.needs import ChecklistNeed, FieldsNeed, OwnNeed, ParentNeed, ProgrammeNeed
from ..values import Json, Position, Refusal
from ..values.names import PROGRAMME
from .view import View, refuse


def checklist(need: ChecklistNeed, view: View) -> tuple[Refusal, ...]:
    """Ask for ticks, each of which may be set already or come with the event; its own owner sees to it."""
    listed = view.compiled.region(view.identity.kind, view.region).checklist
    items = need.items or tuple(listed)
    open_items = [item for item in items if not (view.data.get(item) or view.event.data.get(item))]
    refusals = [refuse(need, "mangler_flueben", view, field=item) for item in open_items]
    return tuple(
        replace(refusal, owner=need.owner or listed[item].owner or refusal.owner)
        for refusal, item in zip(refusals, open_items, strict=True)
    )


def fields(need: FieldsNeed, view: View) -> tuple[Refusal, ...]:
    """Ask for fields, each of which may be filled in already or come with the event."""
    absent = [name for name in need.names if not (view.data.get(name) or view.event.data.get(name))]
    return tuple(_unfilled(need, name, view) for name in absent)


def _unfilled(need: FieldsNeed, name: str, view: View) -> Refusal:
    refusal = refuse(need, "mangler_felt", view, field=name)
    field = view.compiled.machine(view.identity.kind).all_fields.get(name)
    return replace(refusal, owner=need.owner or (field.owner if field else None) or refusal.owner)


def own(need: OwnNeed, view: View) -> tuple[Refusal, ...]:
    """Look at a region of the instance; an activity of a kommune stands behind its kommune's, where it has none."""
    parent = view.facts.parent
    if need.region not in view.position and parent is not None and need.region in parent.position:
        return _in_states(need, view, parent.kind, parent.position)
    return _in_states(need, view, view.identity.kind, view.position)


def parent(need: ParentNeed, view: View) -> tuple[Refusal, ...]:
    """Look at a region of the instance's parent; without one there is nothing to wait for."""
    above = view.facts.parent
    return _in_states(need, view, above.kind, above.position) if above else ()


def programme(need: ProgrammeNeed, view: View) -> tuple[Refusal, ...]:
    """Look at a region of the programme, where it is known."""
    above = view.facts.programme
    return _in_states(need, view, PROGRAMME, above.position) if above else ()


def _in_states(
    need: OwnNeed | ParentNeed | ProgrammeNeed, view: View, kind: str, position: Position
) -> tuple[Refusal, ...]:
    state = position.get(need.region)
    if state in need.states:
        return ()
    states: list[Json] = list(need.states)
    return (refuse(need, "forkert_tilstand", view, kind=kind, region=need.region, state=state, wanted=states),)
