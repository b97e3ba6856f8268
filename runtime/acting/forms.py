"""Reads what people filled in, by the type of each field; every mistake is a Danish sentence, and all are found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ...engine.deciding.fields import UNSTORABLE
from ...engine.errors import InvalidInput
from ...engine.values import Json
from .values import Choice, Field

LONGEST = 4_000
"""What a page takes in one text; more belongs in a document."""

MOST_LINES = 50
_DANISH_DAY = re.compile(r"(\d{1,2})[.\-/ ]+(\d{1,2})[.\-/ ]+(\d{4})")
_NUMBER = re.compile(r"-?\d{1,12}([.,]\d{1,6})?")


class Misfilled(InvalidInput):
    """A form that cannot be taken as it was filled in: ``errors`` is field -> sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(", ".join(errors) or "form", "is not filled in as it must be")


@dataclass(slots=True)
class Read:
    """What was filled in, as an event's data, and the mistakes: field -> sentence."""

    data: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read(choice: Choice, given: Mapping[str, str]) -> Read:
    """Read a form; what was left empty and is not required is left out."""
    out = Read()
    for one in choice.fields:
        value = clean(given.get(one.name, ""))
        try:
            found = _value(one, value, given)
        except ValueError as error:
            out.errors[one.name] = str(error)
            continue
        if found is None:
            if one.required:
                out.errors[one.name] = f"Udfyld »{one.label}«."
        else:
            out.data[one.name] = found
    return out


def clean(value: str) -> str:
    """Give what was typed as composed Unicode (NFC), with one kind of line end and no blanks around it."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def day_of(value: str, label: str) -> date:
    """Read a day: ``2019-10-03`` as browsers send it, or ``3.10.2019`` as people type it; ValueError in Danish."""
    danish = _DANISH_DAY.fullmatch(value)
    try:
        found = date(int(danish[3]), int(danish[2]), int(danish[1])) if danish else date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"»{label}« er en dag, f.eks. 3.10.2027.") from None
    if not 1990 <= found.year <= 2100:
        raise ValueError(f"Se efter, om året i »{label}« er rigtigt.")
    return found


def _value(one: Field, value: str, given: Mapping[str, str]) -> Json:
    """Read one field, None where nothing is said; ValueError in Danish."""
    if UNSTORABLE.search(value) or len(value) > LONGEST:
        raise ValueError(f"»{one.label}« er en tekst på højst {LONGEST} tegn.")
    if one.type == "check":
        return _tick(one, value, given)
    if not value:
        return None
    match one.type:
        case "bool":
            return value == "ja"
        case "date":
            return day_of(value, one.label).isoformat()
        case "number":
            return _number(value, one.label)
        case "lines":
            lines: list[Json] = [line.strip() for line in value.splitlines() if line.strip()]
            if len(lines) > MOST_LINES:
                raise ValueError(f"»{one.label}« er højst {MOST_LINES} linjer.")
            return lines
        case "choice":
            if value not in dict(one.options):
                raise ValueError(f"Vælg en af mulighederne ved »{one.label}«.")
            return value
        case _:
            return value


def _number(value: str, label: str) -> Json:
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"»{label}« er et tal, f.eks. 12 eller 1,5.")
    return float(value.replace(",", ".")) if re.search("[.,]", value) else int(value)


def _tick(one: Field, value: str, given: Mapping[str, str]) -> Json:
    """Read a tick with its day and its note; whoever writes a note means the tick as well."""
    note = clean(given.get(f"{one.name}.note", ""))
    on = clean(given.get(f"{one.name}.dag", ""))
    if UNSTORABLE.search(note) or len(note) > LONGEST:
        raise ValueError(f"Noten ved »{one.label}« er en tekst på højst {LONGEST} tegn.")
    if not value and not note and not on:
        return None
    said: dict[str, Json] = {}
    if on:
        said["on"] = day_of(on, f"{one.label}: dag").isoformat()
    if note:
        said["note"] = note
    return said or True
