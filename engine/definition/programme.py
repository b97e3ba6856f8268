"""The programme document: what a programme is, in the order and words of the paper it stems from; plans nothing."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from .base import Day, Int, Key, Label, Labels, LongText, Model, Name, Share, Words, mistake, one_or_many
from .dates import When
from .document.frame import Economy, Enrolment, Kommuner, TargetGroup, Wave
from .document.items import (
    Approval,
    Body,
    Choice,
    Deliverable,
    ExternalDate,
    Input,
    Level,
    Monitoring,
    Offer,
    Phase,
    Principle,
    Role,
    Statement,
    Swap,
    Track,
)
from .document.measuring import Criterion, Measure
from .document.work import Activity, Evaluation, Gate
from .reminding.reminders import Reminder

Phrase = Annotated[str, StringConstraints(max_length=200)]


class TextDef(Model):
    """A mail's words in a definition: plain ``{{ name }}`` places only.

    The subject tells the matter before its first colon or question mark: "Påmindelse: ...". ``stops`` is the rest of
    the sentence "Den stopper, når ..." where a reminder does not say it; ``action`` the one thing to do, in the
    imperative and few words, which is written on the mail's button (``intet`` where there is nothing to do);
    ``link`` are the words of its link where the action itself happens elsewhere ("Ring til ..."); ``reply`` is what to
    answer the mail with, said only where the mail has no links that do it.
    """

    subject: Label
    body: LongText
    stops: Phrase = ""
    action: Phrase = ""
    link: Phrase = ""
    reply: LongText = ""


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
                near = f"{key.strip() if re.fullmatch('[a-z][a-z0-9-]*', key.strip()) else 'samskabt-styring'}@1"
                raise mistake("bad-use", f"kan ikke læse {value!r}; skriv delen med dens version: {near}")
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
    parameters: dict[Name, Share] = {}


class Programme(Shared):
    """A published programme document.

    ``activity_kinds`` maps a kind such as workshop to its machine; ``responsible`` names, per level, the role that
    answers for an activity without a facilitator (``ansvarlig`` in reminders; ``deltagere`` are its ``who``).
    ``short_title`` is what people call it, in the subjects of mails. ``source`` is where the document states the
    period. ``statements`` hold what it says of the whole beside that;
    ``parameters`` are shares that its parts ask for by name, such as when enough challenges are well under way.
    """

    workflow: Key
    short_title: str = ""
    document_title: str = ""
    family: str = ""
    owners: Labels = ()
    document_date: Day | None = None
    uses: Annotated[tuple[Use, ...], BeforeValidator(one_or_many)] = ()
    purpose: str = ""
    period: When
    source: str = ""
    inferred: Words = ()
    external_dates: dict[Name, ExternalDate] = {}
    kommuner: Kommuner = Kommuner()
    enrolment: Enrolment = Enrolment()
    economy: Economy = Economy()
    target_group: TargetGroup | None = None
    inputs: tuple[Input, ...] = ()
    principles: dict[Name, Principle] = {}
    statements: dict[Name, Statement] = {}
    choices: dict[Name, Choice] = {}
    roles: dict[Name, Role] = {}
    responsible: dict[Level, Name] = {}
    bodies: dict[Name, Body] = {}
    approvals: dict[Name, Approval] = {}
    waves: dict[Name, Wave] = {}
    spor: dict[Name, Track] = {}
    faser: dict[Name, Phase] = {}
    activities: dict[Name, Activity] = {}
    evaluations: dict[Name, Evaluation] = {}
    gates: dict[Name, Gate] = {}
    swaps: dict[Name, Swap] = {}
    offers: dict[Name, Offer] = {}
    measures: dict[Name, Measure] = {}
    criteria: dict[Name, Criterion] = {}
    monitoring: dict[Name, Monitoring] = {}
    deliverables: tuple[Deliverable, ...] = ()
    notes: Labels = ()

    @property
    def date_titles(self) -> dict[str, str]:
        """Give the words for what a date may stand at: key -> title of a fase, an external date or any work."""
        titles = {key: one.title for key, one in self.faser.items()}
        titles |= {key: one.title for key, one in self.evaluations.items()}
        titles |= {key: one.title for key, one in self.activities.items()}
        titles |= {key: one.title for key, one in self.approvals.items() if one.is_lived}
        return titles | {key: one.title for key, one in self.external_dates.items()}
