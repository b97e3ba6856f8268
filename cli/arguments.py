"""Reads what people type: days, moments and data by the type of their field; asks no database."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time

from ..engine.civil.instants import to_utc
from ..engine.errors import InvalidInput
from ..engine.values import Json

YES = frozenset({"true", "ja", "1", "yes", "sand", "x"})
ROWS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "actions": (("hvem", "hvad", "hvornaar"), 3),
    "documents": (("titel", "adresse", "version", "godkendt_af", "godkendt_den"), 2),
}
"""The cells of a row, in the order in which they are typed, and how many of them there must be."""
NO = frozenset({"false", "nej", "0", "no", "falsk"})
_DANISH_DAY = re.compile(r"(\d{1,2})[.\-/](\d{1,2})[.\-/](\d{4})")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,300}([.,]\d{1,300})?")


def text(value: str | None) -> str | None:
    """Give what was typed as composed Unicode (NFC); InvalidInput for bytes that are no text."""
    if value is None:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInput("text", f"{value!r} is not UTF-8; check the terminal's encoding") from None
    return unicodedata.normalize("NFC", value)


def day(name: str, value: str) -> date:
    """Read a day: ``2019-10-03`` or ``3.10.2019``."""
    danish = _DANISH_DAY.fullmatch(value.strip())
    try:
        if danish:
            return date(int(danish[3]), int(danish[2]), int(danish[1]))
        return date.fromisoformat(value.strip())
    except ValueError:
        raise InvalidInput(name, f"is a day such as 2019-10-03 or 3.10.2019, not {value!r}") from None


def day_or_none(name: str, value: str | None) -> date | None:
    """Read a day if there is one."""
    return None if value is None else day(name, value)


def day_or_instant(name: str, value: str | None) -> date | datetime | None:
    """Read a day, or an instant with an offset such as ``2019-10-03T14:00+02:00``."""
    if value is None or "T" not in value:
        return day_or_none(name, value)
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise InvalidInput(name, f"is a day such as 2019-10-03 or an ISO instant, not {value!r}") from None
    if found.tzinfo is None:
        raise InvalidInput(name, f"{value!r} names no offset; write +02:00, +01:00 or Z after it")
    return found


def moment(value: str | None, now: datetime) -> datetime | None:
    """Read when something happened: local time, or ISO with an offset; a day alone means noon, today means now."""
    if value is None:
        return None
    wanted = value.strip()
    found = _DANISH_DAY.match(wanted)
    if found and not wanted[found.end() :].strip():
        return _noon(day("--happened-at", wanted), now)
    if found:
        wanted = f"{day('--happened-at', found[0]).isoformat()} {wanted[found.end() :].strip().replace('.', ':')}"
    try:
        if len(wanted) == 10:
            return _noon(date.fromisoformat(wanted), now)
        read = datetime.fromisoformat(wanted)
    except ValueError:
        raise InvalidInput("--happened-at", f"is '2019-10-03 14:00' or an ISO instant, not {value!r}") from None
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    return to_utc(read.date(), read.time())


def _noon(on: date, now: datetime) -> datetime:
    at = to_utc(on, time(12))
    return now if at.date() == now.date() and at > now else at


def data(
    pairs: Iterable[str], document: str | None, type_of: Callable[[str], str], kommune: Callable[[str], str]
) -> dict[str, Json]:
    """Read ``KEY=VALUE`` pairs by the type of each field, and a JSON object; the pairs win.

    A list is written by repeating its key or as JSON; an empty value takes the field's value away. A row of actions is
    written ``hvem: hvad: hvornår``, of documents ``titel: adresse: version: godkendt af: dag`` (the last three may be
    left out), a goal ``choice: goal``, a tick of another day ``3.10.2019: Hovedudvalget``. ``type_of`` gives a field's
    type, ``kommune`` the code of a kommune's name. Raises InvalidInput that names the key.
    """
    out = _document(document)
    given: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = (text(pair) or "").partition("=")
        if not equals or not name.strip():
            raise InvalidInput("--data", f"is KEY=VALUE, such as titel=Sygefravær, not {pair!r}")
        given.setdefault(name.strip(), []).append(value)
    for name, values in given.items():
        kind = type_of(name)
        if kind in ("texts", "kommuner", "choices"):
            out[name] = _list(name, values, kommune if kind == "kommuner" else _same)
        elif kind == "goals":
            out[name] = _goals(name, values)
        elif kind in ROWS:
            out[name] = _rows(name, values, *ROWS[kind])
        elif len(values) > 1:
            raise InvalidInput(name, f"is given {len(values)} times, but holds one value")
        else:
            out[name] = _value(name, kind, values[0].strip())
    return out


def _document(document: str | None) -> dict[str, Json]:
    if document is None:
        return {}
    found = _json("--data-json", document)
    if not isinstance(found, dict):
        raise InvalidInput("--data-json", 'is a JSON object such as {"titel": "Sygefravær"}')
    return found


def _value(name: str, kind: str, value: str) -> Json:
    if value == "":
        return None
    match kind:
        case "number":
            return _number(name, value)
        case "bool":
            return _truth(name, value)
        case "date":
            return day(name, value).isoformat()
        case "check":
            known = value.casefold() in YES | NO
            return _json(name, value) if value.startswith("{") else _truth(name, value) if known else _tick(name, value)
        case _:
            return value


def _tick(name: str, value: str) -> Json:
    """Read a note, or a day with a note: ``3.10.2019: Hovedudvalget``."""
    on, colon, note = value.partition(":")
    if not (_DANISH_DAY.fullmatch(on.strip()) or _ISO_DAY.fullmatch(on.strip())):
        return value
    read: dict[str, Json] = {"on": day(name, on).isoformat()}
    return {**read, "note": note.strip()} if colon and note.strip() else read


def _rows(name: str, values: list[str], keys: tuple[str, ...], least: int) -> Json:
    """Read rows of named cells, each written ``a: b: c``, or all of them as JSON."""
    if len(values) == 1 and values[0].lstrip().startswith("["):
        return _json(name, values[0])
    if not any(value.strip() for value in values):
        return None
    rows: list[Json] = []
    for value in values:
        cells = [cell.strip() for cell in re.split(r":(?=\s|$)", value.strip())]
        if not least <= len(cells) <= len(keys):
            raise InvalidInput(name, f"has rows such as '{': '.join(keys)}', not {value!r}")
        rows.append({key: _cell(key, cell) for key, cell in zip(keys, cells, strict=False)})
    return rows


def _goals(name: str, values: list[str]) -> Json:
    """Read goals, each written ``choice: goal``, or all of them as a JSON object."""
    if len(values) == 1 and values[0].lstrip().startswith("{"):
        return _json(name, values[0])
    goals: dict[str, Json] = {}
    for value in filter(str.strip, values):
        choice, colon, goal = (part.strip() for part in value.partition(":"))
        if not (choice and colon and goal):
            raise InvalidInput(name, f"is written 'choice: goal', such as 'unge ledige: 10 flere i job', not {value!r}")
        goals[choice] = goal
    return goals or None


def _cell(key: str, value: str) -> str:
    """Read a cell; a day may be written in Danish where one is meant."""
    is_day = key in ("hvornaar", "godkendt_den") and _DANISH_DAY.fullmatch(value)
    return day(key, value).isoformat() if is_day else value


def _number(name: str, value: str) -> Json:
    if not _NUMBER.fullmatch(value):
        raise InvalidInput(name, f"is a number such as 12 or 1,5, not {value!r}")
    return float(value.replace(",", ".")) if re.search("[.,]", value) else int(value)


def _truth(name: str, value: str) -> bool:
    wanted = value.casefold()
    if wanted not in YES | NO:
        raise InvalidInput(name, f"is ja or nej (true or false), not {value!r}")
    return wanted in YES


def _list(name: str, values: list[str], read: Callable[[str], str]) -> list[Json]:
    if len(values) == 1 and values[0].lstrip().startswith("["):
        found = _json(name, values[0])
        if not isinstance(found, list):
            raise InvalidInput(name, "is a list")
        return [read(item) if isinstance(item, str) else item for item in found]
    return [read(value.strip()) for value in values if value.strip()]


def _same(value: str) -> str:
    return value


def _json(name: str, value: str) -> Json:
    try:
        found: Json = json.loads(text(value) or "", parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInput(name, f"is not JSON: {error}") from None
    return _composed(found)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no number of JSON")


def _composed(value: Json) -> Json:
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [_composed(item) for item in value]
        case Mapping():
            return {name: _composed(item) for name, item in value.items()}
        case _:
            return value
