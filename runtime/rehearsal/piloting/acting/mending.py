"""What people do about what is missing before a step: fill fields, tick checklists, add what there is too little of."""

from __future__ import annotations

from collections.abc import Mapping

from .....engine.values import Json, Option, Refusal
from .....storage import InstanceView
from ....usecases.handling import birth_events
from ..desk import Desk
from .answers import answers

FILLED = frozenset({"mangler_felt", "mangler_flueben", "mangler_oplysning", "mangler_note", "mangler_dag"})
"""Refusals that an answer fills."""
CHILDREN, MOST_CHILDREN = 3, 9
"""How many children of a kind are added where a requirement asks for some, and how many there may come to be."""


def missing_after(option: Option) -> tuple[Refusal, ...]:
    """List what an answer in the same step does not fill."""
    filled = {*option.takes, *option.wants}
    return tuple(one for one in option.missing if not (one.code in FILLED and str(one.values.get("field")) in filled))


def mend(desk: Desk, view: InstanceView, option: Option, options: Mapping[str, Option]) -> bool:
    """Do beforehand what a missing requirement asks for; tell whether anything was done."""
    wanted: dict[str, set[str]] = {}
    acted = False
    for one in option.missing:
        name = str(one.values.get("field", ""))
        if one.code in FILLED and name not in {*option.takes, *option.wants}:
            for other in options.values():
                if other.dest is None and other.may and name in other.takes and not set(other.wants):
                    wanted.setdefault(other.event, set()).add(name)
                    break
        elif one.code == "for_faa":
            acted |= _bear(desk, view, one)
    for event, names in wanted.items():
        data = answers(desk.compiled.machine(view.kind), sorted(names), desk.today(), desk.present(view))
        acted |= bool(data) and desk.advance(view, event, data)
    return acted


def _bear(desk: Desk, view: InstanceView, refusal: Refusal) -> bool:
    """Add children of the kind that a requirement counts, where there are too few of them at all."""
    kind, have, want = str(refusal.values["kind"]), refusal.values.get("of"), refusal.values.get("want")
    own = [one for one in desk.family.now() if one.kind == kind and one.parent_id == view.id]
    is_alive = any(not desk.compiled.is_done(kind, one.position) for one in own)
    is_counted = isinstance(have, int) and isinstance(want, int)
    if not isinstance(want, int) or not is_counted or is_alive or kind == "kommune" or len(own) >= MOST_CHILDREN:
        return False
    events = set(birth_events(desk.compiled, view.kind, kind)) & {
        option.event for option in desk.options(view.id).values() if option.may
    }
    if not events:
        return False
    machine = desk.compiled.machine(kind)
    many = max(want, CHILDREN if machine.parent == "kommune" else 1)
    born = 0
    for number in range(len(own) + 1, len(own) + 1 + many):
        data: dict[str, Json] = {"titel": f"{machine.title} {number} (eksempel)"}
        born += desk.advance(view, min(events), data)
    return born > 0
