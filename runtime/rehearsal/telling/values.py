"""What a rehearsal showed, as frozen values for people and programs; reads nothing and words nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Held:
    """An activity or evaluation that took place: when (first and last day), for which kommune, and how it ended.

    ``planned`` is the last day that the plan gave it when it was born; ``moved`` counts how often it was put off.
    """

    on: date
    until: date
    key: str
    title: str
    kind: str
    kommune: str | None
    state: str
    planned: date | None
    moved: int


@dataclass(frozen=True, slots=True)
class Month:
    """What took place in one month, by its first day."""

    first: date
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One person's mails: how many in all, the week (its monday) with most of them, and how many those are."""

    person: str
    role: str
    kommune: str | None
    mails: int
    busiest_week: date
    most: int


@dataclass(frozen=True, slots=True)
class Collision:
    """Something that lies on a closed day or in a closed week, or two meetings of the same people on one day.

    ``code`` is ``lukket``, ``vindue`` (an evaluation's window in closed weeks), ``kort_vindue`` (too short for all
    its reminders), ``ingen_plads`` or ``samme_dag``.
    """

    code: str
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Unmet:
    """A deadline that nothing met, or something that was never possible.

    ``code`` is ``aldrig_mulig``, ``for_sent`` (it ended after its last planned day), ``for_sent_foedt`` (its window
    was over when it came to be), ``afvist`` (somebody's step was refused). ``why`` are sentences.
    """

    code: str
    key: str
    title: str
    kommune: str | None
    days: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """A step that went on although something soft was missing."""

    on: date
    title: str
    kommune: str | None
    step: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """One week (its monday) of a role: activities that its holders take part in, and mails to them."""

    monday: date
    activities: int
    mails: int


@dataclass(frozen=True, slots=True)
class Load:
    """What a role has to do: holders, activities and mails in all, and week by week; ``title`` is one of them."""

    role: str
    title: str
    holders: int
    activities: int
    mails: int
    weeks: tuple[Week, ...]

    @property
    def busiest(self) -> Week:
        """Give the week with most activities and mails."""
        return max(self.weeks, key=lambda one: (one.activities + one.mails, -one.monday.toordinal()))


@dataclass(frozen=True, slots=True)
class StillOpen:
    """An instance that had not come to its end when the rehearsal did."""

    id: int
    kind: str
    key: str
    title: str
    kommune: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """A mail that nobody could get: the role that nobody has, and how many such mails."""

    role: str
    text: str
    mails: int


@dataclass(frozen=True, slots=True)
class Taker:
    """A kommune that enrolled, and where it ended; ``no_place_on`` is when it was told that no place came."""

    name: str
    state: str
    no_place_on: date | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsal of a workflow; the same workflow, kommuner, script and seed give the same (but for ``seconds``).

    ``before_start`` are the titles of what the document places before the programme itself begins.
    """

    key: str
    version: int
    title: str
    seed: int
    first_on: date
    last_on: date
    ended: str
    kommuner: tuple[Taker, ...]
    months: tuple[Month, ...]
    mailboxes: tuple[Mailbox, ...]
    collisions: tuple[Collision, ...]
    unmet: tuple[Unmet, ...]
    before_start: tuple[str, ...]
    overrides: tuple[Override, ...]
    loads: tuple[Load, ...]
    nobody: tuple[Nobody, ...]
    still_open: tuple[StillOpen, ...]
    findings: tuple[str, ...]
    decisions: int
    mails: int
    failed: int
    seconds: float
