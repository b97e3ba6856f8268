"""What people say about a meeting, as values; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..values import Actor


class Answer(StrEnum):
    """What somebody answers to an invitation."""

    COMES = "kommer"
    DECLINES = "kommer_ikke"
    MAYBE = "maaske"


class Attending(StrEnum):
    """Where somebody stands with a meeting; WAITING has said yes where no seat was left."""

    NOT_INVITED = "ikke_indkaldt"
    INVITED = "indkaldt"
    COMES = "kommer"
    DECLINES = "kommer_ikke"
    MAYBE = "maaske"
    WAITING = "venteliste"


class Way(StrEnum):
    """How an answer came to us."""

    CALENDAR = "kalender"
    LINK = "link"
    COMMAND = "kommando"
    CONSULTANT = "konsulent"


@dataclass(frozen=True, slots=True)
class Said:
    """One row of what was said about one person at one meeting: an ``answer``, or whether she ``came``.

    ``seq`` counts the rows of a meeting; ``sequence`` is that of the invitation which was answered (None: there was
    none yet). Rows are only ever added: of each sort the last one counts.
    """

    programme_id: int
    instance_id: int
    person_id: int
    way: Way
    actor: Actor
    happened_at: datetime
    recorded_at: datetime
    answer: Answer | None = None
    came: bool | None = None
    sequence: int | None = None
    kommune: str | None = None
    idempotency_key: str | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """When an invitation said that its meeting is, as it was written: an answer is about these, not about the place."""

    first: str | None = None
    last: str | None = None
    begins: str | None = None
    ends: str | None = None
