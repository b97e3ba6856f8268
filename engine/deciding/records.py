"""How days and entries are written into history rows and read back; the only place that knows their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime

from ..values import Data, Dates, Entry, Json

DATE_FIELDS = tuple(field.name for field in fields(Dates))
_DAYS = frozenset({"planned_start", "planned_end", "actual_start", "actual_end", "effective_on"})


def applied(data: Data, changes: Data) -> dict[str, Json]:
    """Give the data with recorded changes on it; a change to None takes a value away."""
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def dates_written(dates: Dates) -> dict[str, Json]:
    """Give every field, days as ISO text."""
    values = {name: getattr(dates, name) for name in DATE_FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def dates_changed(before: Dates, after: Dates) -> dict[str, Json]:
    """Give the fields of ``after`` that differ from ``before``, days as ISO text."""
    if before is after:
        return {}
    old = dates_written(before)
    return {name: value for name, value in dates_written(after).items() if old[name] != value}


def dates_applied(dates: Dates, changes: Mapping[str, Json]) -> Dates:
    """Give the days with recorded changes on them."""
    read = {
        name: date.fromisoformat(value) if name in _DAYS and isinstance(value, str) else value
        for name, value in changes.items()
    }
    return replace(dates, **read)  # type: ignore[arg-type]


def mapping(value: Json) -> dict[str, Json]:
    """Read a recorded mapping; what is none holds nothing."""
    return value if isinstance(value, dict) else {}


def entry_written(entry: Entry) -> list[Json]:
    """Write an entry as [ISO instant, seq]."""
    return [entry.at.isoformat(), entry.seq]


def entry_read(value: Json) -> Entry:
    """Read an entry that ``entry_written`` wrote."""
    assert isinstance(value, list) and isinstance(value[0], str) and isinstance(value[1], int)
    return Entry(datetime.fromisoformat(value[0]), value[1])
