"""An instance as it stands when an event meets it, with what may be known of its relatives; no event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .basis import Data, Dates, Entry, Position
from .promises import Timer


class Reach(StrEnum):
    """Which relatives a requirement reads; the store loads and locks no more than that."""

    PARENT = "parent"
    PROGRAMME = "programme"
    CHILDREN = "children"
    SIBLINGS = "siblings"
    ACTIVITIES = "activities"
    BOOKINGS = "bookings"
    KOMMUNER = "kommuner"


@dataclass(frozen=True, slots=True)
class Identity:
    """What never changes about an instance; ``key`` is the activity's key, the kommune's code, or a number."""

    id: int
    kind: str
    key: str
    programme_id: int
    parent_id: int | None
    kommune: str | None
    workflow_hash: str


@dataclass(frozen=True, slots=True)
class Relative:
    """What a decision may know of another instance of the same family."""

    id: int
    kind: str
    key: str
    title: str
    parent_id: int | None
    kommune: str | None
    position: Position
    data: Data
    dates: Dates

    @classmethod
    def of(cls, who: Identity, title: str, position: Position, data: Data, dates: Dates) -> Relative:
        """Show an instance as its relatives see it."""
        return cls(who.id, who.kind, who.key, title, who.parent_id, who.kommune, position, data, dates)


@dataclass(frozen=True, slots=True)
class Booking:
    """That a person is to be somewhere else on a day: only title and programme of it are told."""

    person_id: int
    name: str
    on: date
    title: str
    programme: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The relatives that an event's requirements read; what no requirement asks for is left empty.

    ``siblings`` are the instances of the same kind under the same parent, this one excluded; ``activities`` are the
    activities and evaluations of the programme and of the instance's own kommune (of all, where it has none);
    ``kommuner`` are those of the programme, this one excluded; ``bookings`` what else its people have on the days that
    an event would give it.
    """

    parent: Relative | None = None
    programme: Relative | None = None
    children: tuple[Relative, ...] = ()
    siblings: tuple[Relative, ...] = ()
    activities: tuple[Relative, ...] = ()
    kommuner: tuple[Relative, ...] = ()
    bookings: tuple[Booking, ...] = ()


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance as it stands: position (region -> state), data, dates, live timers and the facts about its relatives.

    ``revision`` is the sequence number of its last history row. ``timers`` are those armed, fired or skipped whose
    state entry or anchor is still current. ``said`` names reminders (``rule#rung``) that have gone out about a step of
    the system which a late registration takes back: they are not sent again.
    """

    identity: Identity
    title: str
    position: Position
    entered: Mapping[str, Entry]
    data: Data
    dates: Dates
    revision: int
    timers: tuple[Timer, ...] = ()
    facts: Facts = NO_FACTS
    said: frozenset[str] = frozenset()
