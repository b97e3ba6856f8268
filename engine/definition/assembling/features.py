"""Gives a machine what its document asks for and takes away what it lacks: choices, forms, waves, offers; no rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, assert_never

from ...values.names import KOMMUNE
from ..base import Feature
from ..document.items import Choice
from ..machine import FieldDef, Machine, Move, Region

if TYPE_CHECKING:
    from ..programme import Programme

FORM = "skema_"
"""Fields of the enrolment form begin with this."""

CHOOSE = "vaelg_"
"""The event of a choice begins with this: ``forloeb.vaelg_fokusomraader``."""

GOALS = "_maal"
"""The field of a choice's goals: ``fokusomraader_maal``."""

_LINES = re.compile(r"\(\s*(?:max\.?|højst|op til)\s+([0-9]{1,3})\s+linjer?\s*\)", re.IGNORECASE)
_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", "ü": "u", "ö": "oe", "ä": "ae"})


class Optional(Protocol):
    """What may be there only with some feature of the programme."""

    @property
    def only_with(self) -> Feature | None:
        """Name the feature."""


def belongs(one: Optional, programme: Programme) -> bool:
    """Tell whether a programme has what this is only there with."""
    match one.only_with:
        case None:
            return True
        case "conditional":
            return bool(programme.enrolment.conditional)
        case "waves":
            return bool(programme.waves)
        case "offers":
            return bool(programme.offers)
        case _ as never:
            assert_never(never)


def with_features(machine: Machine, name: str, programme: Programme) -> Machine:
    """Leave out what the programme has no use for, and give a kommune the fields and moves of its choices."""
    choices = {key: one for key, one in programme.choices.items() if one.by_kommune} if name == KOMMUNE else {}
    regions = {
        key: _with_moves(region, choices, programme)
        for key, region in machine.regions.items()
        if belongs(region, programme)
    }
    fields = {key: field for key, field in machine.fields.items() if belongs(field, programme)}
    if name == KOMMUNE:
        fields |= {key: field for key, field in _form(programme) if key not in fields}
        fields |= {key: field for key, field in _chosen(choices) if key not in fields}
    joins = tuple(join for join in machine.joins if belongs(join, programme))
    if (regions, fields, joins) == (dict(machine.regions), dict(machine.fields), machine.joins):
        return machine
    given = {key: getattr(machine, key) for key in Machine.model_fields}
    return Machine(**{**given, "regions": regions, "fields": fields, "joins": joins})


def _with_moves(region: Region, choices: dict[str, Choice], programme: Programme) -> Region:
    """Repeat the move marked ``choice`` for each choice, and leave out the moves of features that are not there."""
    moves: dict[str, Move] = {}
    for name, move in region.moves.items():
        if not belongs(move, programme):
            continue
        if not move.choice:
            moves[name] = move
            continue
        for key, choice in choices.items():
            takes = (f"{key}{GOALS}",) if choice.goals else ()
            told = {"title": f"{move.title}: {choice.title}", "choice": None, "activity": choice.chosen_in}
            moves[f"{CHOOSE}{key}"] = move.model_copy(update={**told, "wants": (key,), "takes": (*move.takes, *takes)})
    return region if moves == region.moves else region.model_copy(update={"moves": moves})


def _chosen(choices: dict[str, Choice]) -> Iterator[tuple[str, FieldDef]]:
    for key, choice in choices.items():
        yield key, FieldDef(title=choice.title, type="texts", choice=key)
        if choice.goals:
            yield f"{key}{GOALS}", FieldDef(title=f"Egne resultatmål: {choice.title}", type="goals", choice=key)


def _form(programme: Programme) -> Iterator[tuple[str, FieldDef]]:
    """Make a field of each entry of the enrolment form; the kommune itself is known by its code."""
    for label in programme.enrolment.form_fields:
        found = _LINES.search(label)
        title = _LINES.sub("", label).strip()
        name = re.sub(r"[^a-z0-9]+", "_", title.lower().translate(_ASCII)).strip("_")[:50].strip("_")
        if name and name != KOMMUNE:
            yield f"{FORM}{name}", FieldDef(title=title, lines=int(found[1]) if found else None)
