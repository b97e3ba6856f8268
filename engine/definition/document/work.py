"""The work of a programme document: activities, evaluations and what must be true before them; plans nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ...civil.recurrence import rule_mistake
from ...values import Strength
from ..base import Bool, Int, Label, Labels, Model, Name, Names, mistake
from ..dates import RelativeRule, When
from ..needs import Needs
from .items import Count, Level, Sourced


def _is_rule(text: str) -> str:
    if text and (wrong := rule_mistake(text)):
        raise mistake("bad-rule", wrong)
    return text


_SPAN = re.compile(r"(\d{1,3}) (dag|arbejdsdag|uge|måned|maaned)(?:e|r|er)?", re.IGNORECASE)
_DAYS_IN = {"dag": 1, "arbejdsdag": 7 / 5, "uge": 7, "måned": 30, "maaned": 30}


def _in_days(value: object) -> object:
    """Refuse a length in words: it would hide that days of the calendar are counted."""
    if isinstance(value, str) and (found := _SPAN.fullmatch(value.strip())):
        days = ceil(int(found[1]) * _DAYS_IN[found[2].lower()])
        raise mistake("bad-unit", f"her tælles i kalenderdage, og kun tallet står her; skriv {days}")
    return value


InDays = Annotated[Int, BeforeValidator(_in_days)]
"""A number of calendar days; ``2 uger`` is told to be 14."""


class Repeats(Model):
    """How often something comes again. ``rule`` is an RFC 5545 rule (``FREQ=MONTHLY;BYDAY=1MO``) within the window.

    ``text`` are the document's words, ``per_year`` what it says of how many a year. Without ``rule`` nobody says when:
    one is born, and people add the next.
    """

    rule: Annotated[str, AfterValidator(_is_rule)] = ""
    text: str = ""
    per_year: Count | None = None
    strength: Strength | None = None


class Activity(Sourced):
    """Something that is held or done: ``kind`` chooses its machine, ``level`` says once or once per kommune.

    ``when`` is what the document says; ``plan`` is our proposal where it says too little, always shown as ours, and
    ``otherwise`` another window of the same document, shown and never planned by. ``count`` absent means an unspecified
    plural: one is born, more may be added. ``lived_by`` names the event that is this activity (a tilmelding is the
    programme's ``forloeb.tilmeld_kommune``), so that no instance of its own is born.

    ``voluntary`` is held only where somebody asks for it: none is born by itself. ``offer`` names the option that it
    belongs to. ``seats`` are places per kommune. ``per_track``: done for each spor; ``tracks``: for these.
    ``levels`` are all levels that the document names for it. ``after``: what comes before it; ``held_with``:
    what it shares a meeting with, ``presented_at`` those at one of which its result is shown.
    """

    written: ClassVar = ("in",)

    title: Label
    kind: Name
    phase: Name | None = None
    track: Name | None = None
    level: Level
    levels: Names = ()
    when: When | None = None
    plan: When | None = None
    otherwise: When | None = None
    deadline: When | None = None
    days: InDays = Field(default=1, ge=1, le=30)
    place: str | None = None
    who: Names = ()
    optional: Names = ()
    facilitator: Name | None = None
    presenter: Name | None = None
    support: Name | None = None
    count: Count | None = None
    count_is: str = ""
    seats: Count | None = None
    topics: Labels = ()
    outputs: Labels = ()
    decides: Labels = ()
    methods: Labels = ()
    forms: Labels = ()
    channels: Labels = ()
    audience: Labels = ()
    recipients: Names = ()
    purpose: str = ""
    form: str = ""
    rule: str = ""
    who_rule: str = ""
    order: str = ""
    exempt: str = ""
    decided_by: str = ""
    planned_by: Name | None = None
    contributes: Name | None = None
    covers_trin: tuple[Annotated[Int, Field(ge=1, le=6)], ...] = ()
    part_of: Name | None = None
    precondition: str = ""
    after: Names = ()
    held_with: Names = ()
    presented_at: Names = ()
    lived_by: str = ""
    recurrence: str = ""
    repeats: Repeats | None = None
    strength: Strength | None = None
    voluntary: Bool | None = None
    external: Bool | None = None
    per_track: Bool | None = None
    tracks: Names = ()
    offer: Name | None = None
    cases: Annotated[Int, Field(ge=1)] | None = None

    @property
    def may_be_absent(self) -> bool:
        """Tell whether it is held only where somebody asks: voluntary, a part of an offer, or "op til" so many."""
        return self.is_extra or bool(self.offer)

    @property
    def follows_its_phase(self) -> bool:
        """Tell whether its day counts from the end of the fase that it stands in."""
        when = self.plan or self.when
        rule = when.rule if when else None
        return isinstance(rule, RelativeRule) and rule.direction == "efter" and rule.anchor == self.phase

    @property
    def is_extra(self) -> bool:
        """Tell whether nobody waits for it even where it was added: voluntary, or "op til" so many."""
        return bool(self.voluntary or (self.count and self.count.min == 0))

    @model_validator(mode="before")
    @classmethod
    def _read_in(cls, value: object) -> object:
        """Read ``in: forberedelse / proces`` as phase and track; ``- / proces`` has no phase."""
        if isinstance(value, Mapping) and "in" in value:
            out = dict(value)
            phase, slash, track = (part.strip() for part in str(out.pop("in")).partition("/"))
            if not slash:
                raise mistake(
                    "bad-place", "skriv in: fase / spor, f.eks. 'forberedelse / proces' eller '- / proces'", "in"
                )
            out["phase"], out["track"] = (None if name in ("", "-") else name for name in (phase, track))
            return out
        return value


class Evaluation(Sourced):
    """A measurement of the whole: baseline, midway or final; ``matches`` names the one whose window it must equal.

    ``before`` names the activity that begins the change: it must be closed by the day before, or can never be taken.
    ``by`` are the source's words for who carries it out; ``evaluator`` is the role (``ansvarlig`` in reminders).
    ``when`` absent: the document gives no date; ``plan`` is our proposal. ``feeds`` names the evaluation that uses what
    this one finds; ``activities`` those that carry it out.
    """

    title: Label
    when: When | None = None
    plan: When | None = None
    window: InDays = Field(default=1, ge=1, le=400)
    matches: Name | None = None
    before: Name | None = None
    level: Level
    phase: Name | None = None
    by: str = ""
    evaluator: Name | None = None
    methods: Labels = ()
    purposes: Labels = ()
    respondents: Names = ()
    mandatory: Bool | None = None
    formal: Bool | None = None
    designed_in: Name | None = None
    basis: str = ""
    scope: str = ""
    submitted_to: Name | None = None
    feeds: Name | None = None
    activities: Names = ()


class Gate(Sourced):
    """What must be true before activities or a fase may begin, per kommune or once for the programme.

    ``before`` empty: it speaks of the whole programme (its ``needs`` then stand where the parts ask for them).
    """

    title: Label
    before: Names = ()
    needs: Needs = ()
    strength: Literal["hard", "soft", "derived"]
    scope: Literal["programme", "kommune"]
