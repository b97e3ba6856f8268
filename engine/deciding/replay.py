"""Replays history: from the rows alone to where the instance must stand; compares nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..values import Data, Dates, Entry, Json, StepKind
from .records import applied, dates_applied, entry_read, mapping


class Row(Protocol):
    """What replay reads of a history row."""

    @property
    def seq(self) -> int:
        """Give its number in the instance, from 1."""

    @property
    def kind(self) -> str:
        """Say why it was written."""

    @property
    def region(self) -> str | None:
        """Name the region that moved, if any."""

    @property
    def dest(self) -> str | None:
        """Name the state that it moved to."""

    @property
    def source(self) -> str | None:
        """Name the state that it moved from."""

    @property
    def changes(self) -> Data:
        """Give what it changed."""

    @property
    def happened_at(self) -> datetime:
        """Say when it happened."""


@dataclass(slots=True)
class Standing:
    """Where an instance stands after its history."""

    position: dict[str, str]
    entered: dict[str, Entry]
    data: dict[str, Json]
    dates: Dates


def replay(rows: Iterable[Row]) -> Standing:
    """Go through an instance's rows in order, the birth first."""
    standing = Standing({}, {}, {}, Dates())
    for row in rows:
        _apply(standing, row)
    return standing


def applied_row(standing: Standing | None, row: Row) -> Standing:
    """Bring a standing (None: before the birth) to where it is after one more row."""
    found = standing or Standing({}, {}, {}, Dates())
    _apply(found, row)
    return found


def _apply(standing: Standing, row: Row) -> None:
    changes = row.changes
    if row.kind == StepKind.BIRTH:
        standing.position = {name: str(state) for name, state in mapping(changes.get("position")).items()}
        standing.entered = {name: Entry(row.happened_at, 1) for name in standing.position}
    if row.region and row.dest and row.dest != row.source:
        before = standing.entered.get(row.region)
        at = max(row.happened_at, before.at) if before else row.happened_at
        standing.position[row.region] = row.dest
        standing.entered[row.region] = Entry(at, row.seq)
        if "entered" in changes:
            standing.entered[row.region] = entry_read(changes["entered"])
    standing.data = applied(standing.data, mapping(changes.get("data")))
    standing.dates = dates_applied(standing.dates, mapping(changes.get("dates")))
