"""What all other values are made of: data, positions, days and who did it; knows no instance and no event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Data: TypeAlias = Mapping[str, Json]

Position: TypeAlias = Mapping[str, str]


class ActorKind(StrEnum):
    """Who may cause an event."""

    PERSON = "person"
    SYSTEM = "system"
    TOKEN = "token"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who says that something happened; ``id`` is a person's number, a timer's rule or an import's name."""

    kind: ActorKind
    id: str


SYSTEM = Actor(ActorKind.SYSTEM, "samskabt")


@dataclass(frozen=True, slots=True)
class Entry:
    """Since when a region stands in its state, and by which history row it got there."""

    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Dates:
    """Planned, actual and effective days of an instance; why they stand so, and who fixed them (if a person did)."""

    planned_start: date | None = None
    planned_end: date | None = None
    precision: str = "open"
    actual_start: date | None = None
    actual_end: date | None = None
    effective_on: date | None = None
    fixed_by: str | None = None
    reason: str = ""
