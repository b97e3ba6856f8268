"""What somebody registers: a number per group, a verdict or a target, as a value; judges none of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..values import Actor, Data

PERIODS = ("foer", "efter")
"""A solution's own two windows; an evaluation is one window and has no name for it."""


class Subject(StrEnum):
    """What a registration is about: a målepunkt, a criterion judged by people, or a target set for a criterion.

    An agreement adds a målepunkt or a criterion that the document leaves to the programme's people.
    """

    MEASURE = "measure"
    VERDICT = "verdict"
    TARGET = "target"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Registration:
    """A row as it was registered; ``id`` and ``seq`` (its number in the instance) are 0 before it is stored.

    ``yes`` of ``n`` answered yes; ``value`` is a mean over ``n`` answers, a count, or a target. A row that
    ``corrects`` another (by id) stands in its place; one without any number only takes it back. ``definition`` is
    what an agreement says. ``reason`` is why it
    corrects, or why what stood in its way (``overridden``: codes) yielded.
    """

    programme_id: int
    instance_id: int
    subject: Subject
    key: str
    happened_on: date
    recorded_at: datetime
    actor: Actor
    id: int = 0
    seq: int = 0
    kommune: str | None = None
    period: str = ""
    group: str = ""
    value: float | None = None
    yes: int | None = None
    n: int | None = None
    definition: Data | None = None
    instrument: str = ""
    note: str = ""
    reason: str | None = None
    overridden: tuple[str, ...] = ()
    corrects: int | None = None
    idempotency_key: str | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether it holds no number: it only takes another row back."""
        return self.value is None and self.yes is None and self.n is None and self.definition is None


def standing(rows: Iterable[Registration], as_of: datetime | None = None) -> tuple[Registration, ...]:
    """Keep the rows that count: not corrected by a later one, and not empty themselves; in the order of their ids.

    With ``as_of`` only what was recorded by then is looked at, so a mistake found later still counts.
    """
    known = [row for row in rows if as_of is None or row.recorded_at <= as_of]
    corrected = {row.corrects for row in known}
    return tuple(sorted((row for row in known if row.id not in corrected and not row.is_empty), key=lambda row: row.id))
