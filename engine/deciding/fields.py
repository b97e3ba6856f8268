"""Reads the data of an event against the fields of a machine: types, and the form in which they are stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import assert_never

from ..civil.instants import local_date
from ..definition import FieldDef
from ..errors import InvalidInput, NotFound
from ..values import Data, Event, Json

LONGEST_TEXT = 20_000
MOST = 10**15
"""No number of a field is larger, so that every database and JSON gives it back as it was."""

MOST_ROWS, LONGEST_CELL = 200, 2_000
DOCUMENT_KEYS = frozenset({"titel", "adresse", "version", "godkendt_af", "godkendt_den"})

ADDRESS = re.compile(r"https?://[^\s/?#@\\<>\"]+([/?#][^\s<>\"\\]*)?", re.IGNORECASE)
"""A link that may be shown and followed: http or https, a host, and no name or password in front of it."""

_BREAK = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
PLAN_FIELDS = frozenset({"dato", "slut"})
"""Data of an event that become the instance's planned days, and no field of its own."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_KOMMUNE = re.compile(r"[0-9]{4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python reads week dates such as 2019-W40-4 too.

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


def refuse_unknown(event: Event, allowed: Collection[str]) -> None:
    """Raise NotFound for data that the event does not take; it lists what it takes."""
    for name in event.data:
        if name not in allowed:
            raise NotFound(f"field of {event.name}", name, sorted(allowed))


def read_fields(fields: Mapping[str, FieldDef], event: Event) -> dict[str, Json]:
    """Give the event's data as it will be stored, for the fields that there are; None takes a value away.

    Raises InvalidInput for a value of the wrong type.
    """
    return {name: _read(name, fields[name], value, event) for name, value in event.data.items() if name in fields}


def _read(name: str, field: FieldDef, value: Json, event: Event) -> Json:
    if value is None:
        return None
    match field.type:
        case "text":
            return _lines(name, _text(name, value), field)
        case "texts":
            return [_text(name, item) for item in _list(name, value)]
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
                raise InvalidInput(name, f"is a number, not {value!r}")
            return value
        case "bool":
            if not isinstance(value, bool):
                raise InvalidInput(name, f"is true or false, not {value!r}")
            return value
        case "date":
            return read_day(name, value).isoformat()
        case "time":
            return _time(name, value)
        case "check":
            return _check(name, value, event)
        case "kommuner":
            return [_kommune(name, item) for item in _list(name, value)]
        case "choice":
            return _choice(name, value, field)
        case "choices":
            return list(dict.fromkeys(_choice(name, item, field) for item in _list(name, value)))
        case "actions":
            return [_action(name, item) for item in _rows(name, value)]
        case "documents":
            return [_document(name, item) for item in _rows(name, value)]
        case "goals":
            return _goals(name, value)
        case _ as never:
            assert_never(never)


def read_day(name: str, value: Json) -> date:
    """Read a day as ISO text, ``2019-10-03``."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else _bad_day(name, value)
    except ValueError:
        return _bad_day(name, value)


def _bad_day(name: str, value: Json) -> date:
    raise InvalidInput(name, f"is a day such as 2019-10-03, not {value!r}")


def _time(name: str, value: Json) -> str:
    """Read a local time of day, ``09:30`` or as people write it, ``9.30``."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise InvalidInput(name, f"is a time of day such as 09:30, not {str(value)[:40]!r}")
    return f"{int(found[1]):02d}:{found[2]}"


def _text(name: str, value: Json) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or UNSTORABLE.search(value):
        raise InvalidInput(name, f"is a text of at most {LONGEST_TEXT} characters, not {str(value)[:40]!r}")
    return value.strip()


def _lines(name: str, text: str, field: FieldDef) -> str:
    """Hold a text to the lines that the document's form has room for."""
    many = len(text.splitlines())
    if field.lines is not None and many > field.lines:
        raise InvalidInput(name, f"is at most {field.lines} lines, not {many}")
    return text


def _goals(name: str, value: Json) -> dict[str, Json]:
    if not isinstance(value, Mapping):
        raise InvalidInput(name, f"maps what was chosen to its goal, not {value!r}")
    return {_text(name, key): _text(name, goal) for key, goal in value.items()}


def _list(name: str, value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise InvalidInput(name, f"is a list, not {value!r}")
    return value


def _kommune(name: str, value: Json) -> str:
    if not isinstance(value, str) or not _KOMMUNE.fullmatch(value):
        raise InvalidInput(name, f"holds kommune codes of four digits such as '0101', not {value!r}")
    return value


def _check(name: str, value: Json, event: Event) -> Json:
    """Store who ticked an item and for which day; ``False`` unticks it, a text or mapping adds a note."""
    ticked: dict[str, Json] = {"on": local_date(event.happened_at).isoformat(), "by": event.actor.id}
    if value is False:
        return None
    if value is True:
        return ticked
    if isinstance(value, str) and value.strip():
        return {**ticked, "note": _text(name, value)}
    if isinstance(value, Mapping) and value.keys() <= {"on", "note"}:
        on = read_day(name, value["on"]).isoformat() if "on" in value else ticked["on"]
        return {**ticked, "on": on, **({"note": _text(name, value["note"])} if "note" in value else {})}
    raise InvalidInput(name, f"is ticked with true, false, a note, or {{on, note}}, not {value!r}")


def _choice(name: str, value: Json, field: FieldDef) -> str:
    if not isinstance(value, str) or value not in field.options:
        raise InvalidInput(name, f"is one of {', '.join(field.options)}, not {str(value)[:40]!r}")
    return value


def _rows(name: str, value: Json) -> list[Json]:
    rows = _list(name, value)
    if len(rows) > MOST_ROWS:
        raise InvalidInput(name, f"has at most {MOST_ROWS} rows, not {len(rows)}")
    return rows


def _action(name: str, value: Json) -> Json:
    """Read who does what and when; when is a day, or words such as ``efter sommerferien``."""
    keys = ("hvem", "hvad", "hvornaar")
    if not isinstance(value, Mapping) or value.keys() != set(keys):
        raise InvalidInput(name, f"has rows of {{hvem, hvad, hvornaar}}, not {str(value)[:40]!r}")
    row = {key: _line(name, key, value[key]) for key in keys}
    if _DAY.fullmatch(row["hvornaar"]):
        read_day(name, row["hvornaar"])
    return {**row}


def _document(name: str, value: Json) -> Json:
    """Read a document's title and its address in somebody's archive, with version and approval where they are known."""
    if not isinstance(value, Mapping) or not {"titel", "adresse"} <= value.keys() <= DOCUMENT_KEYS:
        example = "{titel, adresse, version, godkendt_af, godkendt_den}"
        raise InvalidInput(name, f"has rows of {example}, the first two always, not {str(value)[:40]!r}")
    row = {key: _line(name, key, one) for key, one in value.items() if one not in (None, "")}
    if not row.keys() >= {"titel", "adresse"} or not ADDRESS.fullmatch(row["adresse"]):
        raise InvalidInput(name, "has a title and a link in each row: https:// or http://, to your own archive")
    if "godkendt_den" in row:
        read_day(name, row["godkendt_den"])
    return {**row}


def _line(name: str, key: str, value: Json) -> str:
    """Read a cell of a row: one line that says something."""
    text = _text(name, value)
    if not text or len(text) > LONGEST_CELL or _BREAK.search(text):
        raise InvalidInput(name, f"has in {key} a single line of at most {LONGEST_CELL} characters that says something")
    return text


def changed(before: Data, after: Mapping[str, Json]) -> dict[str, Json]:
    """Keep what differs from before."""
    return {name: value for name, value in after.items() if before.get(name) != value}
