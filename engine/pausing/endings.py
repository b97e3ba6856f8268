"""What is still open below an instance when it ends: told before, and closed with it; closes nothing itself."""

from __future__ import annotations

from ..compiled import Compiled
from ..compiling import Firing
from ..definition.needs import ChildrenNeed
from ..requiring.view import View
from ..values import Json, Refusal, Relative, Strength

MOST_NAMED = 5


def still_open(compiled: Compiled, firing: Firing, view: View) -> list[Refusal]:
    """List what a move to an end would close; what a requirement of its own speaks of is not named twice."""
    kind = view.identity.kind
    state = compiled.region(kind, firing.region).states.get(firing.move.dest or "")
    if state is None or not state.closes:
        return []
    told = {need.kind for need in firing.move.needs if isinstance(need, ChildrenNeed)}
    left = [one for one in view.facts.children if one.kind not in told and is_open(compiled, one)]
    if not left:
        return []
    named: list[Json] = [[one.title, one.kind] for one in left[:MOST_NAMED]]
    values: dict[str, Json] = {"at": firing.region, "count": len(left), "named": named}
    return [Refusal("stadig_aabent", "closes", Strength.SOFT, values)]


def is_open(compiled: Compiled, one: Relative) -> bool:
    """Tell whether an instance has neither come to its end nor been called off or put away."""
    return not compiled.is_over(one.kind, one.position)
