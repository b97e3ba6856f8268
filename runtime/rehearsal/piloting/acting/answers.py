"""What the people of a rehearsal answer: sample values for the fields of any workflow; knows no programme."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import assert_never

from .....engine.definition import FieldDef
from .....engine.definition.document.items import Choice
from .....engine.definition.machine import Machine
from .....engine.values import Json, Option

REASON = "Prøvekørsel: det her er en øvelse."
"""The reason that is given where a step wants one."""


def answers(machine: Machine, names: Iterable[str], today: date, kommuner: Iterable[str]) -> dict[str, Json]:
    """Answer the named fields of a machine with values of the right type; names that are no fields are left out."""
    fields = machine.all_fields
    here: list[Json] = [*kommuner]
    return {name: answer(fields[name], today, here) for name in names if name in fields}


def choice_of(machine: Machine, option: Option) -> str | None:
    """Name the field of a choice (focus areas, methods) that a step asks for, if it is such a step."""
    fields = machine.all_fields
    asked = [name for name in option.wants if name in fields and fields[name].choice and option.dest is None]
    return asked[0] if asked else None


def chosen(machine: Machine, option: Option, name: str, choice: Choice) -> dict[str, Json]:
    """Choose the first of a list, as few as the document allows, each with a goal of its own where it asks for one."""
    picked = list(choice.options[: choice.choose.min if choice.choose else 1])
    goals: dict[str, Json] = {one: f"Eksempel: mål for {one}" for one in picked}
    asked = {one for one in option.takes if one in machine.fields and machine.fields[one].type == "goals"}
    return {name: [*picked], **dict.fromkeys(asked, goals)}


def answer(field: FieldDef, today: date, kommuner: list[Json]) -> Json:
    """Answer one field: a value of its type, in words that say what they are."""
    words = f"Eksempel: {field.title.rstrip('?:. ').lower()}"
    match field.type:
        case "text":
            return words
        case "texts":
            return [f"{words} (1)", f"{words} (2)"]
        case "number":
            return 12
        case "bool":
            return True
        case "check":
            return {"on": today.isoformat(), "note": "eksempel"}
        case "date":
            return today.isoformat()
        case "time":
            return "09:30"
        case "kommuner":
            return kommuner
        case "choice":
            return next(iter(field.options), words)
        case "choices":
            return list(islice(field.options, 1))
        case "actions":
            return [{"hvem": "de berørte", "hvad": words, "hvornaar": today.isoformat()}]
        case "documents":
            return [{"titel": words, "adresse": "https://arkiv.eksempel.example/1"}]
        case "goals":
            return {words: words}
        case _ as never:
            assert_never(never)
