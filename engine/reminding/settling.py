"""When a reminder has nothing left to say although its state still stands: what is answered, ticked or begun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..compiled import Compiled
from ..definition import FieldDef, Reminder
from ..definition.reminding.reminders import ANSWERED, CHECKLIST
from ..requiring.view import View
from ..values import Data, Json, Position

UNTIL_ONE, UNTIL_ALL = "klaret_af", "klaret_med"
"""Values of a nudge: it is moot when one of these fields or places is there, or when all of these fields are."""

ANSWERS_TO, MEASURES = "svar_til", "svar_paa"
"""Values of a nudge that asks for answers: the number of the evaluation, and its målepunkter (none: any of them)."""


def is_settled(rule: Reminder, region: str, view: View) -> bool:
    """Tell whether what a reminder waits for is there already, in the data or in another region."""
    if rule.about == CHECKLIST and not any(_open_items(rule, region, view.compiled, view.identity.kind, view.data)):
        return True
    return any(is_there(name, view.position, view.data) for name in rule.unless)


def is_there(name: str, position: Position, data: Data) -> bool:
    """Tell whether a field is filled in, or a place (``region.state``) is stood in."""
    region, dot, state = name.partition(".")
    return position.get(region) == state if dot else bool(data.get(name))


def is_moot(values: Data, position: Position, data: Data) -> bool:
    """Tell whether what a queued reminder waited for has happened since; ``values`` are the nudge's own."""
    one, every = (_names(values.get(key)) for key in (UNTIL_ONE, UNTIL_ALL))
    return any(is_there(name, position, data) for name in one) or bool(every and all(data.get(name) for name in every))


def open_items(rule: Reminder, region: str, compiled: Compiled, kind: str, data: Data) -> Mapping[str, FieldDef]:
    """Give the items of a checklist that a reminder speaks of and that are still open."""
    return dict(_open_items(rule, region, compiled, kind, data))


def waits_for(rule: Reminder) -> tuple[str, ...]:
    """Name the fields and places that end a reminder; who has answered is asked of each receiver."""
    return tuple(name for name in rule.unless if name != ANSWERED)


def _open_items(
    rule: Reminder, region: str, compiled: Compiled, kind: str, data: Data
) -> Iterator[tuple[str, FieldDef]]:
    for name, item in compiled.region(kind, region).checklist.items():
        if not data.get(name) and (not rule.items or name in rule.items):
            yield name, item


def _names(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
