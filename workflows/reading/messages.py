"""Turns pydantic's errors into rules and Danish sentences for the author of a document; finds no positions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ...engine.definition.base import Model
from ...engine.definition.checks.names import suggest

_DATES = frozenset({"rule", "when", "plan", "deadline", "period"})


def describe(error: ErrorDetails, root: type[BaseModel], named: Mapping[str, str]) -> tuple[str, str]:
    """Give the rule's code and the sentence for one error of the model ``root``.

    ``named`` says how a requirement asks for what the document names, by its key.
    """
    kind, loc = error["type"], error["loc"]
    values: Mapping[str, Any] = error.get("ctx", {})
    match kind:
        case "mistake":
            return str(values["rule"]), str(values["message"])
        case "missing" if loc[-1] == "sources":
            return "missing-key", "nøglen move mangler, f.eks. move: venter -> i_gang"
        case "missing":
            return "missing-key", f"nøglen {loc[-1]} mangler"
        case "extra_forbidden" if loc[-1] == "value" and "need" in _keys_at(root, loc[:-1]):
            return "bad-requirement", f"kravet {loc[-2]} skrives med sine nøgler i en gruppe: {{{loc[-2]}: {{…}}}}"
        case "extra_forbidden":
            word = str(loc[-1])
            return "unknown-key", f"nøglen {_short(word)} kendes ikke; {suggest(word, _keys_at(root, loc[:-1]))}"
        case "union_tag_invalid":
            known = [tag.strip(" '") for tag in str(values["expected_tags"]).split(",")]
            tag = str(values["tag"])
            return "unknown-requirement", f"kravet {_short(tag)} kendes ikke; {named.get(tag) or suggest(tag, known)}"
        case "union_tag_not_found":
            return "bad-requirement", "skriv et krav ved dets navn, f.eks. checklist eller {fields: [effekt]}"
        case "literal_error" | "enum":
            word = str(error["input"])
            return "unknown-value", f"{_short(word)} kendes ikke her; {suggest(word, _expected(values))}"
        case "string_pattern_mismatch":
            word, pattern = str(error["input"]), str(values["pattern"])
            return "bad-name", f"{_short(word)} er ikke et navn: {_pattern(pattern)}{_spelt(word, pattern)}"
        case "value_error":
            fields = {part for part in loc if isinstance(part, str)}
            rule = "bad-date" if fields & _DATES else "bad-value"
            return rule, str(values.get("error", error["msg"]))
    return _simple(kind, values, error["input"])


def _simple(kind: str, values: Mapping[str, Any], value: object) -> tuple[str, str]:
    """Say what kind of value belongs here."""
    if kind in _TYPES:
        return "wrong-type", f"her skal stå {_TYPES[kind]}, ikke {_short(value)}"
    limit = next((values[name] for name in ("ge", "gt", "le", "lt", "max_length", "min_length") if name in values), "")
    if kind in _BOUNDS:
        return "out-of-bounds", _BOUNDS[kind].format(limit=limit, value=_short(value))
    return "bad-value", f"værdien {_short(value)} kan ikke bruges her"


_LETTERS = {ord("æ"): "ae", ord("ø"): "oe", ord("å"): "aa"}
_TYPES = {
    "string_type": "en tekst",
    "int_type": "et helt tal",
    "int_from_float": "et helt tal",
    "float_type": "et tal",
    "finite_number": "et almindeligt tal",
    "bool_type": "true eller false",
    "tuple_type": "en liste",
    "list_type": "en liste",
    "dict_type": "en gruppe af nøgler",
    "mapping_type": "en gruppe af nøgler",
    "model_type": "en gruppe af nøgler",
    "model_attributes_type": "en gruppe af nøgler",
    "date_type": "en dag, f.eks. 2019-09-20",
    "time_type": "et klokkeslæt, f.eks. 09:00",
}
_BOUNDS = {
    "greater_than": "{value} er for lidt; det skal være over {limit}",
    "greater_than_equal": "{value} er for lidt; det mindste er {limit}",
    "less_than": "{value} er for meget; det skal være under {limit}",
    "less_than_equal": "{value} er for meget; det største er {limit}",
    "string_too_long": "teksten er for lang; den må højst have {limit} tegn",
    "too_short": "her skal stå mindst {limit}",
    "too_long": "her må højst stå {limit}",
}


def _pattern(pattern: str) -> str:
    if "*" in pattern[:4]:
        return "skriv små bogstaver a-z, tal og _, eller * for alle"
    mark = "-" if "(-" in pattern else "_"
    return f"skriv små bogstaver a-z, tal og {mark}, og begynd med et bogstav (æ, ø og å som ae, oe og aa)"


def _spelt(word: str, pattern: str) -> str:
    """Offer a name's own spelling in the letters that names have, where that makes one."""
    mark = "-" if "(-" in pattern else "_"
    plain = re.sub(r"[ _-]+", mark, word.strip().lower().translate(_LETTERS))
    return f"; skriv {plain}" if len(plain) <= 40 and re.fullmatch(pattern, plain) else ""


def _short(value: object) -> str:
    """Quote a value of the author's, shortened."""
    if value is None:
        return "ingenting"
    if isinstance(value, bool):
        return str(value).lower()
    text = (
        str(value) if isinstance(value, str | int | float) else ("en liste" if isinstance(value, list) else "en gruppe")
    )
    text = " ".join(text.split())
    text = text if len(text) <= 40 else f"{text[:39]}…"
    return f"'{text}'" if isinstance(value, str) else text


def _expected(values: Mapping[str, Any]) -> list[str]:
    """Read the allowed words out of ``'a', 'b' or 'c'``."""
    return str(values.get("expected", "")).split("'")[1::2]


def _keys_at(root: type[BaseModel], loc: Sequence[str | int]) -> frozenset[str]:
    """Name the keys that may stand where a path of the model leads."""
    at: list[object] = [root]
    for part in loc:
        at = [below for one in at for below in _below(one, part)]
    return frozenset(key for one in at for key in _keys(one))


def _keys(model: object) -> Iterator[str]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            yield field.alias or name
        if issubclass(model, Model):
            yield from model.written


def _below(one: object, part: str | int) -> Iterator[object]:
    """Give the types that stand one part below a type."""
    if isinstance(one, type) and issubclass(one, BaseModel) and isinstance(part, str):
        for name, field in one.model_fields.items():
            if part in (name, field.alias):
                yield from _unwrapped(field.annotation)
        if "need" in one.model_fields and one.model_fields["need"].default == part:
            yield one
        return
    origin, arguments = get_origin(one), get_args(one)
    if origin is tuple or origin is dict:
        yield from _unwrapped(arguments[0] if origin is tuple else arguments[1])


def _unwrapped(annotation: object) -> Iterator[object]:
    """Take apart what wraps a type: Annotated and unions."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _unwrapped(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _unwrapped(member)
    elif annotation is not type(None) and not (isinstance(annotation, type) and issubclass(annotation, Enum)):
        yield annotation
