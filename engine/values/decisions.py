"""Events, and what they lead to, as values: steps, refusals, births and effects; decides nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .basis import Actor, Data, Dates, Entry, Position
from .promises import Nudge, Timer


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody, or a timer, says that something happened: when it happened, and when we learned it.

    ``timer`` is the key of the timer that fired (then ``name`` is its rule). ``override`` lets soft
    requirements yield; it wants a ``reason``.
    """

    name: str
    happened_at: datetime
    recorded_at: datetime
    actor: Actor
    data: Data = field(default_factory=dict)
    reason: str | None = None
    override: bool = False
    timer: str | None = None
    idempotency_key: str | None = None


class Strength(StrEnum):
    """Hard requirements hold; soft ones yield to an override with a reason."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One missing requirement as a code with values, who can mend it, and how strong it is.

    ``requirement`` names the requirement of the definition, e.g. ``checklist``; ``code`` says what of it is missing.
    """

    code: str
    requirement: str
    strength: Strength
    values: Data = field(default_factory=dict)
    owner: str | None = None


class StepKind(StrEnum):
    """Why a history row was written."""

    BIRTH = "birth"
    EVENT = "event"
    JOIN = "join"
    TIMER = "timer"
    PLAN = "plan"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of history: a region's move (or none), with what it changed and what would undo it.

    ``changes`` and ``undo`` hold up to three keys: ``data`` (field -> value, null removes), ``dates`` (the fields of
    ``Dates``) and, in ``undo`` only, ``entered`` ([ISO instant, seq] of the region's former entry). ``overridden``
    lists the codes of the soft requirements that yielded.
    """

    kind: StepKind
    event: str
    region: str | None = None
    source: str | None = None
    dest: str | None = None
    changes: Data = field(default_factory=dict)
    undo: Data = field(default_factory=dict)
    overridden: tuple[str, ...] = ()
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one event leads to, as values: the new state of the instance, its history rows, births and effects.

    Step ``i`` becomes history row ``revision + 1 + i`` of the instance. ``poke_parent`` asks for a due-now timer on the
    parent, whose joins may wait for this one; ``look_again`` names the kinds below whose joins look at a region that
    moved here; ``replan`` says that days on which others hang have changed; ``leaves`` that the kommune has left, so
    that its roles in the programme end on the day it happened; ``closes`` that what is still open below it ends;
    ``pauses`` that its own pauses changed, which everything below it takes over; ``calls_off`` are the numbers of
    children that are to be called off with it, ``ends`` of those that are done with it.
    """

    event: Event
    steps: tuple[Step, ...]
    position: Position
    entered: Mapping[str, Entry]
    data: Data
    dates: Dates
    births: tuple[Birth, ...] = ()
    arm: tuple[Timer, ...] = ()
    cancel: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    poke_parent: bool = False
    look_again: tuple[str, ...] = ()
    replan: bool = False
    leaves: bool = False
    closes: bool = False
    pauses: bool = False
    calls_off: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Birth:
    """A new instance under the deciding one, with its own first decision (whose first step is the birth)."""

    kind: str
    key: str
    title: str
    kommune: str | None
    first: Decision


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may happen next: ``missing`` is empty when it may happen now.

    ``takes`` are the fields that its data may hold, ``wants`` those it must hold (``reason`` among them).
    """

    event: str
    title: str
    region: str
    source: str
    dest: str | None
    takes: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    missing: tuple[Refusal, ...] = field(default=())

    @property
    def may(self) -> bool:
        """Tell whether it may happen now."""
        return not self.missing
