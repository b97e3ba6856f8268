"""Makes the JSON Schema by which editors complete and check documents; validates nothing itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from ..engine.definition import Part, Programme
from ..engine.definition.needs import MAIN_PARAMETER

FILE = "schema.json"
NEED = "#/$defs/Need"

_STRING: Mapping[str, Any] = {"type": "string"}
_WORDS: Mapping[str, tuple[str, str]] = {
    "Move": ("venter -> i_gang", r"->"),
    "Offset": ("5 arbejdsdage før", r"^(straks|[0-9]+ .+)$"),
    "Count": ("2-3", r"^(op til [0-9]+|[0-9]+ ?- ?[0-9]+)$"),
    "Use": ("samskabt-styring@1", r"@[0-9]+$"),
    "State": ("I gang", r"\S"),
    "FieldDef": ("Formålet er skrevet ned", r"\S"),
}
"""Models that authors may write as a string: an example, and what it looks like."""


def document_schema() -> dict[str, Any]:
    """Give the schema of a programme or a part, with the short forms that authors may write."""
    _, schema = models_json_schema([(Programme, "validation"), (Part, "validation")], by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    for name in ("Move", "Join"):
        definitions[name] = _with_arrow(definitions[name], stays=name == "Move")
    definitions |= {name: _with_sugar(model) for name, model in definitions.items()}
    definitions["Need"] = _need(definitions)
    definitions["Activity"] = _with_place(definitions["Activity"])
    definitions["Region"] = _optional(definitions["Region"], "initial", "states")
    for name, (example, pattern) in _WORDS.items():
        words = {**_STRING, "pattern": pattern, "examples": [example]}
        numbers = [{"type": "integer", "minimum": 1}] if name == "Count" else []
        definitions[name] = {"anyOf": [words, *numbers, definitions[name]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Samskabt workflow",
        "description": "Et program (workflow) eller en del, som programmer bruger (part).",
        "oneOf": [{"$ref": "#/$defs/Programme"}, {"$ref": "#/$defs/Part"}],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """Give the schema as the text of its file."""
    return json.dumps(document_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def shipped_schema() -> str:
    """Read the schema that comes with the package."""
    return resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")


def _with_sugar(tree: Any) -> Any:
    """Walk a schema: requirements by reference, one for a list of them, and no keys that are not names."""
    if isinstance(tree, list):
        return [_with_sugar(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("discriminator", {}).get("propertyName") == "need":
        return {"$ref": NEED}
    out = {key: _with_sugar(value) for key, value in tree.items() if key != "discriminator"}
    if "patternProperties" in out:
        out["additionalProperties"] = False
    if out.get("type") == "array" and out.get("items", {}).get("$ref") in (NEED, "#/$defs/Use"):
        return {"anyOf": [out, out["items"]]}
    return out


def _need(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Give the forms of a requirement: its name, its name with parameters, or all in one group."""
    tagged = {str(one["properties"]["need"]["const"]): name for name, one in definitions.items() if _is_need(one)}
    beside = definitions["ChecklistNeed"]["properties"]
    forms: list[dict[str, Any]] = [{"type": "string", "enum": sorted(tagged)}]
    for tag, name in sorted(tagged.items()):
        given: list[dict[str, Any]] = [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]
        if tag in MAIN_PARAMETER:
            given.append(definitions[name]["properties"][MAIN_PARAMETER[tag]])
        properties = {tag: {"anyOf": given}, **{key: beside[key] for key in ("strength", "owner", "why")}}
        forms.append({"type": "object", "properties": properties, "required": [tag], "additionalProperties": False})
    forms += [{"allOf": [{"$ref": f"#/$defs/{name}"}], "required": ["need"]} for name in sorted(tagged.values())]
    return {"anyOf": forms}


def _is_need(model: Mapping[str, Any]) -> bool:
    return "const" in model.get("properties", {}).get("need", {})


def _with_arrow(model: dict[str, Any], *, stays: bool) -> dict[str, Any]:
    """Add ``move: venter -> i_gang`` (and ``in: i_gang``) in place of sources and dest."""
    arrow = {**_STRING, "pattern": "->", "examples": ["venter -> i_gang"]}
    more: dict[str, Any] = {"move": arrow}
    if stays:
        more["in"] = {"anyOf": [_STRING, {"type": "array", "items": _STRING}]}
    return _optional({**model, "properties": {**model["properties"], **more}}, "sources", "dest", "title")


def _with_place(model: dict[str, Any]) -> dict[str, Any]:
    """Add ``in: fase / spor``."""
    place = {**_STRING, "pattern": "/", "examples": ["forberedelse / proces"]}
    return {**model, "properties": {**model["properties"], "in": place}}


def _optional(model: dict[str, Any], *names: str) -> dict[str, Any]:
    """Let keys be absent that a short form gives."""
    return {**model, "required": [name for name in model.get("required", []) if name not in names]}


def main() -> None:
    """Write the schema beside the documents."""
    Path(__file__).with_name(FILE).write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
