"""What reminds of a state, when, whom and for how long: reminders, ladders and distances; derives no timer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...values import Intent, Lateness
from ..base import Bool, Clock, Feature, Int, Label, Model, Name, Names, SomeNames, Words, mistake

FIELD_ANCHOR = "field."
"""What the anchor of a reminder begins with that counts from a day in the instance's own data."""

MONTHLY = "monthly"
"""The anchor that comes again: the first working day of every month after the one in which the state was entered."""

LAST_DAY = "last_day"
"""The anchor that is the planned end, or the day before the change that a measurement must come before."""

END_OF_PROGRAMME = "end_of_program"
"""The anchor that is the last day of the programme's period and faser."""

OWNERS = "punktets_ejer"
"""The pseudo-role of a reminder of a checklist: who owns the items that are still open, each with their own."""

ANSWERED = "besvaret"
"""What an evaluation's reminder waits for to those who are asked: that what they answer has been registered."""

CHECKLIST = "checklist"

LAST_FASE = "last_fase"
"""What ``not_before`` may name besides dates: the programme's last fase, whatever it is called."""


class Offset(Model):
    """A distance from an anchor, negative before it: ``5 arbejdsdage før``, ``2 uger efter`` or ``straks``."""

    amount: Int = Field(ge=-2000, le=2000)
    unit: Literal["dage", "arbejdsdage", "uger", "maaneder"] = "dage"

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        return _offset(value) if isinstance(value, str) else value


class Rung(Model):
    """One rung of a ladder: how far from the anchor, to which roles, and text, lateness, room if not the ladder's."""

    offset: Offset
    to: SomeNames
    text: Name | None = None
    lateness: Lateness | None = None
    room: Offset | None = None


class Reminder(Model):
    """A timer of a state: armed when the state is entered (or the anchor gets a date), gone when it is left.

    ``during`` is ``region.state`` (or several). ``anchor`` is ``entered``, ``planned_start``, ``planned_end``,
    ``last_day`` (that, or the day before the change that it guards), ``monthly`` (the first working day of every
    month), a field of type date (``field.frist``) or a date of the programme (``enrolment``, a fase: its start,
    ``end_of_<fase>``, ``end_of_program``). It sends ``text`` to the roles ``to``, or fires the event ``fires`` in the
    system's name. ``every`` and ``times`` repeat it as rungs; a ``ladder`` writes each rung with its own distance,
    roles and text, each counted from the anchor. ``only`` narrows it to activity kinds or keys.

    ``unless`` ends it as soon as one of these fields is filled in or places (``region.state``) is stood in;
    ``besvaret`` leaves out those whose answer to the evaluation is registered. ``about: checklist`` speaks of the
    items of the region's checklist that are still open (of ``items``, if given), and ends when none is.

    ``not_before`` is a fase, an external date, ``last_fase`` or ``end_of_<fase>``: until its first (or the fase's last)
    day the reminder does not begin to count. ``room`` lets what warns of a day fall out where it would come sooner than
    so long after the state was entered: a short window has room for fewer. ``intent: notice`` is for an answer: it asks
    for nothing and uses nothing of anybody's budget.

    ``only_if: gate_unmet`` keeps it for what has a gate in front: it fires once per day that is planned, and only
    while the gate does not hold. ``gate_opened`` follows it when the gate opens after that day. ``in_pause`` keeps it
    running while the instance is paused.
    """

    title: Label
    on: Name
    during: Annotated[Words, Field(min_length=1)]
    only: Names = ()
    anchor: str = "entered"
    offset: Offset = Offset(amount=0)
    at: Clock = time(9, 0)
    every: Offset | None = None
    times: Int = Field(default=1, ge=1, le=12)
    to: Names = ()
    text: Name | None = None
    ladder: tuple[Rung, ...] = ()
    fires: str | None = None
    lateness: Lateness = Lateness.LATE
    room: Offset | None = None
    not_before: str | None = None
    intent: Literal[Intent.NUDGE, Intent.NOTICE] = Intent.NUDGE
    in_pause: Bool | None = None
    stops: str = ""
    unless: Words = ()
    about: Literal["checklist"] | None = None
    items: Names = ()
    only_if: Literal["gate_unmet", "gate_opened"] | None = None
    only_with: Feature | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if (self.fires is None) == (self.text is None and not self.ladder):
            raise mistake(
                "one-of-two",
                "skriv enten text (en mail, med to) eller fires (en hændelse), ikke begge og ikke ingen",
                "fires",
            )
        if self.ladder:
            self._is_a_ladder()
        elif self.text is not None and not self.to:
            raise mistake("missing-key", "en mail skal have mindst én rolle i to", "text")
        if self.times > 1 and self.every is None:
            raise mistake("missing-key", "times kræver every, f.eks. every: 5 arbejdsdage", "times")
        if self.items and self.about is None:
            raise mistake("missing-key", "items er punkter i en tjekliste; skriv about: checklist", "items")
        return self

    def _is_a_ladder(self) -> None:
        """See that rungs say when, to whom and what, and that nothing else does."""
        if self.to or self.every is not None or self.fires is not None or self.offset.amount:
            message = "i en ladder har hvert trin sin egen offset og to; skriv dem dér, uden to, offset, every og fires"
            raise mistake("one-of-two", message, "ladder")
        for rung in self.ladder:
            if rung.text is None and self.text is None:
                raise mistake("missing-key", "skriv text på hvert trin eller én gang for hele stigen", "ladder")

    @property
    def roles(self) -> tuple[str, ...]:
        """Name whom it writes to on any rung, each once."""
        return tuple(dict.fromkeys((*self.to, *(role for rung in self.ladder for role in rung.to))))

    @property
    def texts(self) -> tuple[str, ...]:
        """Name the texts that it sends on any rung, each once."""
        said = [self.text, *(rung.text for rung in self.ladder)]
        return tuple(dict.fromkeys(text for text in said if text is not None))

    def rung(self, number: int) -> tuple[tuple[str, ...], str]:
        """Give whom the so manieth rung (from 1) writes to, and which text it sends."""
        if not self.ladder:
            return self.to, self.text or ""
        found = self.ladder[min(number, len(self.ladder)) - 1]
        return found.to, found.text or self.text or ""

    def lateness_of(self, number: int) -> Lateness:
        """Say what becomes of the so manieth rung where it is late."""
        own = self.ladder[number - 1].lateness if self.ladder else None
        return own or self.lateness

    def room_of(self, number: int) -> Offset | None:
        """Say how long after the state was entered the so manieth rung needs, where it warns of a day."""
        own = self.ladder[number - 1].room if self.ladder else None
        return own or self.room


_OFFSET = re.compile(
    r"^(?P<amount>[0-9]{1,5})\s+(?P<unit>arbejdsdage?|dage?|uger?|måned(er)?|maaned(er)?)(\s+(?P<side>\w+))?$"
)
_BEFORE = frozenset({"før", "foer", "inden"})
_AFTER = frozenset({"efter", None})


def _offset(text: str) -> Mapping[str, object]:
    """Read the words of an offset."""
    words = text.strip().lower()
    if words == "straks":
        return {"amount": 0}
    found = _OFFSET.match(words)
    if found is None or found["side"] not in _BEFORE | _AFTER:
        raise mistake("bad-offset", f"kan ikke læse {text!r}; skriv '5 arbejdsdage før', '2 uger efter' eller 'straks'")
    unit = found["unit"]
    amount = int(found["amount"])
    kinds = {"a": "arbejdsdage", "d": "dage", "u": "uger", "m": "maaneder"}
    return {"amount": -amount if found["side"] in _BEFORE else amount, "unit": kinds[unit[0]]}
