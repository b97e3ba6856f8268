"""The programme document: what a programme is, in the order and words of the paper it stems from; plans nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..values import Strength
from .base import (
    Bool,
    Day,
    Int,
    Key,
    Label,
    Labels,
    LongText,
    Model,
    Name,
    Names,
    SomeNames,
    Words,
    mistake,
    one_or_many,
)
from .dates import When
from .machine import Reminder
from .needs import Needs

Level = Literal["programme", "cross", "kommune", "public"]
Selector = Literal["stoerrelse", "geografi"]

_COUNT = re.compile(r"(op til |(?P<low>[0-9]{1,4})\s*-\s*)(?P<high>[0-9]{1,4})")


class Sourced(Model):
    """Something that the document states: ``source`` is a short phrase of it, ``inferred`` names what we added.

    ``inferred`` lists fields (``count``), or members of one (``who.leder``), or ``*`` for the whole item. ``note`` is
    shown to people, ``as_written`` keeps further statements of the source that have no field of their own.
    """

    source: str = ""
    sources_more: Words = ()
    inferred: Words = ()
    note: str = ""


class Count(Model):
    """How many, per the level: authors write ``2``, ``2-3`` or ``op til 3``; absent is an unspecified plural."""

    min: Int = Field(ge=0, le=10_000)
    max: Int = Field(ge=1, le=10_000)

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"min": value, "max": value}
        if isinstance(value, str):
            found = _COUNT.fullmatch(value.strip().lower())
            if found is None:
                raise mistake("bad-count", f"kan ikke læse antallet {value!r}; skriv 2, 2-3 eller 'op til 3'")
            return {"min": int(found["low"] or 0), "max": int(found["high"])}
        return value

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.min > self.max:
            raise mistake("bad-count", f"antallet går baglæns: {self.min}-{self.max}")
        return self


class Role(Sourced):
    """Who somebody is in the programme, and what the role does.

    ``stands_for`` names the roles that a mail to this one goes to (a projektkommune's consultant and leader);
    ``by_mail`` is false for those whom the programme never writes to (borgere, virksomheder).
    """

    does: Label
    count: Count | None = None
    stands_for: Names = ()
    by_mail: Bool = True


class Track(Sourced):
    """A spor that runs through the phases."""

    title: Label


class Phase(Sourced):
    """A fase with its window; phases may overlap."""

    title: Label
    when: When
    overlaps_with: Names = ()
    sub_tracks: Labels = ()


class Activity(Sourced):
    """Something that is held or done: ``kind`` chooses its machine, ``level`` says once or once per kommune.

    ``when`` is what the document says; ``plan`` is our proposal where it says too little, always shown as ours.
    ``count`` absent means an unspecified plural: one is born, more may be added. ``lived_by`` names the event that is
    this activity (a tilmelding is the programme's ``forloeb.tilmeld_kommune``), so that no instance of its own is born.
    """

    written: ClassVar = ("in",)

    title: Label
    kind: Name
    phase: Name | None = None
    track: Name | None = None
    level: Level
    when: When | None = None
    plan: When | None = None
    deadline: When | None = None
    days: Int = Field(default=1, ge=1, le=30)
    place: str | None = None
    who: Names = ()
    optional: Names = ()
    facilitator: Name | None = None
    presenter: Name | None = None
    support: Name | None = None
    count: Count | None = None
    topics: Labels = ()
    outputs: Labels = ()
    purpose: str = ""
    covers_trin: tuple[Annotated[Int, Field(ge=1, le=6)], ...] = ()
    part_of: Name | None = None
    precondition: str = ""
    lived_by: str = ""
    recurrence: str = ""
    strength: Strength | None = None

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

    ``by`` are the source's words for who carries it out; ``evaluator`` is the role (``ansvarlig`` in reminders).
    """

    title: Label
    when: When
    plan: When | None = None
    window: Int = Field(default=1, ge=1, le=400)
    matches: Name | None = None
    level: Level
    phase: Name | None = None
    by: Label
    evaluator: Name | None = None
    methods: Labels = ()
    purposes: Labels = ()
    respondents: Names = ()


class Gate(Sourced):
    """What must be true before activities or a fase may begin, per kommune or once for the programme."""

    title: Label
    before: SomeNames
    needs: Needs = ()
    strength: Literal["hard", "soft", "derived"]
    scope: Literal["programme", "kommune"]


class Monitoring(Sourced):
    """A monitoring point: what is followed, at which level and rhythm, and the activities that do it."""

    title: Label
    level: Level
    activities: Names = ()
    rhythm: str = ""
    strength: dict[Name, Strength] = {}


class Deliverable(Sourced):
    """What the programme hands over."""

    title: Label


class Principle(Sourced):
    """A principle that the programme follows."""

    title: Label
    strength: Strength | None = None


class ExternalDate(Sourced):
    """A day that others set, such as a law's; it never shifts with the programme."""

    title: Label
    on: Day


class Kommuner(Sourced):
    """How many kommuner take part, and how they are chosen; ``capacity`` absent: no kommuner enrol."""

    capacity: Count | None = None
    invited: str = ""
    select_by: Annotated[
        tuple[Selector, ...], BeforeValidator(one_or_many, json_schema_input_type=tuple[Selector, ...] | Selector)
    ] = ()
    rule: str = ""


class Enrolment(Sourced):
    """Until when, and how, a kommune enrols."""

    deadline: When | None = None
    how: str = ""


class Economy(Sourced):
    """What taking part costs, in whole kroner, and what a kommune pays itself."""

    price_dkk: Annotated[Int, Field(ge=0)] | None = None
    kommune_pays: Labels = ()


class TargetGroup(Sourced):
    """For whom, with which intended effects; ``numbers`` absent: the document gives none."""

    who: Label
    intended_effects: Labels = ()
    numbers: str | None = None


class Input(Sourced):
    """What the programme builds on."""

    title: Label


class TextDef(Model):
    """A mail's words in a definition: plain ``{{ name }}`` places only."""

    subject: Label
    body: LongText


class Use(Model):
    """A part that a programme includes, at a version: authors write ``samskabt-styring@1``."""

    key: Key
    version: Int = Field(ge=1, le=9999)

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        if isinstance(value, str):
            key, at, version = value.partition("@")
            if not at or not re.fullmatch(r"[1-9]\d{0,3}", version):
                raise mistake("bad-use", f"kan ikke læse {value!r}; skriv delen med dens version: samskabt-styring@1")
            return {"key": key, "version": int(version)}
        return value


class Shared(Model):
    """What both documents and parts may hold."""

    format: Annotated[Int, Field(ge=1, le=1)]
    version: Int = Field(ge=1, le=9999)
    title: Label
    activity_kinds: dict[Name, Name] = {}
    reminders: dict[Name, Reminder] = {}
    texts: dict[Name, TextDef] = {}


class Programme(Shared):
    """A published programme document.

    ``activity_kinds`` maps a kind such as workshop to its machine; ``responsible`` names, per level, the role that
    answers for an activity without a facilitator (``ansvarlig`` in reminders; ``deltagere`` are its ``who``).
    ``source`` is where the document states the period.
    """

    workflow: Key
    family: str = ""
    owners: Labels = ()
    document_date: Day | None = None
    uses: Annotated[tuple[Use, ...], BeforeValidator(one_or_many)] = ()
    purpose: str = ""
    period: When
    source: str = ""
    external_dates: dict[Name, ExternalDate] = {}
    kommuner: Kommuner = Kommuner()
    enrolment: Enrolment = Enrolment()
    economy: Economy = Economy()
    target_group: TargetGroup | None = None
    inputs: tuple[Input, ...] = ()
    principles: dict[Name, Principle] = {}
    roles: dict[Name, Role] = {}
    responsible: dict[Level, Name] = {}
    spor: dict[Name, Track] = {}
    faser: dict[Name, Phase] = {}
    activities: dict[Name, Activity] = {}
    evaluations: dict[Name, Evaluation] = {}
    gates: dict[Name, Gate] = {}
    monitoring: dict[Name, Monitoring] = {}
    deliverables: tuple[Deliverable, ...] = ()
    notes: Labels = ()
