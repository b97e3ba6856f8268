"""Whether a planned day and the gate in front of it agree: the gate holds, the day warns; moves neither of them."""

from __future__ import annotations

from ..civil.instants import iso
from ..compiled import Compiled
from ..requirements import missing
from ..requiring.view import View
from ..values import Refusal, Strength
from ..values.names import base_key


def is_gated(compiled: Compiled, key: str) -> bool:
    """Tell whether a gate that no reason opens stands in front of an activity."""
    return any(need.strength is Strength.HARD for need in compiled.gates.before(base_key(key)))


def unmet(view: View) -> tuple[Refusal, ...]:
    """Say what of the hard gates in front of an activity speaks against its planned day.

    What is only still to come, and is planned for no later than that day, does not.
    """
    planned = iso(view.dates.planned_start)
    found = [
        refusal
        for need in view.compiled.gates.before(base_key(view.identity.key))
        if need.strength is Strength.HARD
        for refusal in missing(need, view)
    ]
    return tuple(one for one in found if not _comes_in_time(one, planned))


def _comes_in_time(refusal: Refusal, planned: str | None) -> bool:
    before = refusal.values.get("planned")
    return isinstance(before, str) and planned is not None and before <= planned
