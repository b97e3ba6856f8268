"""Holds what is registered to the lists of the programme: its choices, its waves, its offers; stores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..compiled import Compiled
from ..definition import FieldDef
from ..definition.document.items import Choice
from ..values import Data, Event, Json, Refusal, Strength

WAVES, OFFERS = "waves", "offers"
"""What a field's ``choice`` may name beside a choice of the document: the keys of its waves and of its offers."""


def choice_refusals(
    compiled: Compiled, fields: Mapping[str, FieldDef], before: Data, event: Event
) -> Iterator[Refusal]:
    """Say what an event brings that is on no list, or is too few or too many; ``before`` is the data as it stands."""
    for name, value in event.data.items():
        field = fields.get(name)
        if field is None or field.choice is None or value in (None, "", [], {}):
            continue
        if field.type == "goals":
            yield from _goals(name, field.choice, value, {**before, **event.data})
            continue
        chosen = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        yield from _on_list(compiled, name, field.choice, chosen)


def options_of(compiled: Compiled, choice: str) -> tuple[str, ...]:
    """List what may be chosen."""
    programme = compiled.workflow.programme
    match choice:
        case "waves":
            return tuple(programme.waves)
        case "offers":
            return tuple(programme.offers)
        case _:
            found = programme.choices.get(choice)
            return found.options if found else ()


def _on_list(compiled: Compiled, name: str, choice: str, chosen: list[str]) -> Iterator[Refusal]:
    definition = compiled.workflow.programme.choices.get(choice)
    options = options_of(compiled, choice)
    listed: list[Json] = list(options)
    if definition is None or not definition.open:
        for one in dict.fromkeys(chosen):
            if one not in options:
                yield _hard("ikke_paa_listen", field=name, value=one[:80], options=listed)
    if definition is not None:
        yield from _number(definition, name, chosen)


def _number(choice: Choice, name: str, chosen: list[str]) -> Iterator[Refusal]:
    many = len(set(chosen))
    if many < len(chosen):
        yield _hard("valgt_to_gange", field=name)
    if choice.choose is not None and not choice.choose.min <= many <= choice.choose.max:
        yield _hard("forkert_antal", field=name, have=many, min=choice.choose.min, max=choice.choose.max)


def _goals(name: str, choice: str, value: Json, data: Mapping[str, Json]) -> Iterator[Refusal]:
    """A goal belongs to something that was chosen."""
    chosen = data.get(choice)
    listed: list[Json] = list(chosen) if isinstance(chosen, list) else []
    for one in value if isinstance(value, Mapping) else ():
        if one not in listed:
            yield _hard("ikke_paa_listen", field=name, value=one[:80], options=listed)


def _hard(code: str, **values: Json) -> Refusal:
    return Refusal(code, "choice", Strength.HARD, values)
