"""The values that flow between the rooms: snapshots in, decisions out; they decide nothing.

All instants are aware datetimes in UTC; every ``date`` is a local calendar day in Europe/Copenhagen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
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


class Lateness(StrEnum):
    """What a timer does when its time is already past: fire at once, or be skipped.

    MERGE asks to join the next digest; there are none yet, so it fires at once. Of late rungs only the newest is sent.
    """

    LATE = "late"
    SKIP = "skip"
    MERGE = "merge"


class TimerStatus(StrEnum):
    """The life of a timer row; SKIPPED was born too late and is kept as a logged decision.

    CANCELLED was armed, and DONE had fired or been skipped, when the state that it belonged to was left.
    """

    ARMED = "armed"
    FIRED = "fired"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Timer:
    """A promise to look again: derived from an anchor, due at an instant, unique by ``key`` in its instance.

    ``key`` is ``rule:occurrence#rung``; a moved anchor keeps the key and raises ``generation``.
    ``anchor_value`` is the ISO day or instant that the due time was derived from.
    """

    key: str
    rule: str
    anchor: str
    anchor_value: str
    local_on: date
    local_at: time
    zone: str
    calendar_version: str
    due_at: datetime
    lateness: Lateness
    generation: int = 1
    status: TimerStatus = TimerStatus.ARMED


class Intent(StrEnum):
    """What a mail is for."""

    NUDGE = "nudge"
    NOTICE = "notice"
    INVITATION = "invitation"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Nudge:
    """A mail that a decision wants sent to a role; people are resolved when it is sent.

    ``key`` is unique in its instance: rule, state entry, rung and role. ``region`` and ``entry_seq`` name
    the state entry that it is about: when the region has left it, the mail is moot (``region`` None: never moot).
    ``why`` is the rule that caused it. ``uid`` and ``sequence`` belong to invitations.
    """

    key: str
    intent: Intent
    template: str
    role: str
    why: str
    region: str | None = None
    entry_seq: int | None = None
    values: Data = field(default_factory=dict)
    expires_at: datetime | None = None
    uid: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person whom a role was resolved to at the moment of sending; a shared mailbox is a person too."""

    person_id: int
    name: str
    email: str
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed mail: the nudge, the instance it is about, and whom its role means now.

    ``fence`` is the attempt's number: only the holder of the newest may report on the row. ``is_moot`` tells that the
    region has left the state entry that the mail is about, or that it has expired.
    """

    id: int
    fence: int
    instance_id: int
    programme_id: int
    kind: str
    title: str
    programme_title: str
    kommune: str | None
    kommune_name: str | None
    nudge: Nudge
    is_moot: bool
    recipients: tuple[Recipient, ...]
    workflow_hash: str
    dates: Dates
    queued_at: datetime
    position: Position = field(default_factory=dict)


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
