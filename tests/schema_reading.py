"""A small reader of JSON Schema, as much as ours uses, so that tests can try documents against it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def faults(schema: Mapping[str, Any], value: object, root: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Give what a schema has against a value; unknown keywords of the schema are an error of the test."""
    if "$ref" in schema:
        yield from faults(root["$defs"][str(schema["$ref"]).rpartition("/")[2]], value, root, path)
    for one in schema.get("allOf", ()):
        yield from faults(one, value, root, path)
    for group, allowed in (("anyOf", 99), ("oneOf", 1)):
        if group in schema:
            fitting = [one for one in schema[group] if not any(faults(one, value, root, path))]
            if not 1 <= len(fitting) <= allowed:
                closest = min((list(faults(one, value, root, path)) for one in schema[group]), key=len, default=[])
                yield f"{path}: {len(fitting)} of {group} fit; {closest[:2]}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: is not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not among {schema['enum']}"
    kinds = schema.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    if names and not any(_is(value, name) for name in names):
        yield f"{path}: {value!r} is no {names}"
    yield from _content(schema, value, root, path)


def _is(value: object, name: str) -> bool:
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name != "boolean")


def _content(schema: Mapping[str, Any], value: object, root: Mapping[str, Any], path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{path}: {value!r} does not fit {schema['pattern']}"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value} is out of bounds"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: too few"
        for index, item in enumerate(value):
            yield from faults(schema.get("items", {}), item, root, f"{path}.{index}")
    if isinstance(value, dict):
        yield from (f"{path}: {key} is missing" for key in schema.get("required", ()) if key not in value)
        for key, item in value.items():
            yield from _property(schema, key, item, root, f"{path}.{key}")


def _property(schema: Mapping[str, Any], key: str, item: object, root: Mapping[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    patterns = [one for pattern, one in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    if key in known:
        yield from faults(known[key], item, root, path)
    elif patterns:
        yield from faults(patterns[0], item, root, path)
    elif schema.get("additionalProperties") is False:
        yield f"{path}: is not allowed"
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from faults(schema["additionalProperties"], item, root, path)
