"""The small items of a programme document: what it states, in its own words, with where it states it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...values import Strength
from ..base import Bool, Day, Int, Label, Labels, Model, Name, Names, Words, mistake
from ..dates import When

Level = Literal["programme", "cross", "kommune", "public"]

_COUNT = re.compile(r"(op til |(?P<low>[0-9]{1,4})\s*-\s*)(?P<high>[0-9]{1,4})")


class Sourced(Model):
    """Something that the document states: ``source`` is a short phrase of it, ``inferred`` names what we added.

    ``inferred`` lists fields (``count``), or members of one (``who.leder``), or ``*`` for the whole item. ``note`` is
    shown to people.
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
    def _is_in_order(self) -> Count:
        if self.min > self.max:
            raise mistake("bad-count", f"antallet går baglæns: {self.min}-{self.max}")
        return self


class Role(Sourced):
    """Who somebody is in the programme, and what the role does.

    ``stands_for`` names the roles that a mail to this one goes to (a projektkommune's consultant and leader);
    ``by_mail`` is false for those whom the programme never writes to (borgere, virksomheder). ``selected_by`` are the
    document's words for how they are found. ``called`` is how people write it where the key cannot: direktør.
    ``person_title`` is what one person with it is, where the role is several: repræsentant for parterne.
    """

    does: Label
    called: str = ""
    person_title: str = ""
    count: Count | None = None
    stands_for: Names = ()
    by_mail: Bool = True
    selected_by: str = ""


class Track(Sourced):
    """A spor that runs through the phases; ``exception`` marks what the document names beside its real spor."""

    title: Label
    content: Labels = ()
    adaptable: Bool | None = None
    exception: Bool | None = None


class Phase(Sourced):
    """A fase with its window; phases may overlap. ``level: kommune`` makes each kommune go through it at its own pace.

    ``when`` absent: the document gives no date, and the fase begins and ends when somebody says so; ``plan`` is our
    proposal. ``otherwise`` is another window that the same document gives: kept and shown, never planned by.
    """

    title: Label
    when: When | None = None
    plan: When | None = None
    otherwise: When | None = None
    level: Literal["programme", "kommune"] | None = None
    overlaps_with: Names = ()
    sub_tracks: Labels = ()
    aka: Labels = ()
    output: str = ""

    @property
    def planned(self) -> When | None:
        """Give the rule that the fase is planned by: our proposal where there is one, else the document's words."""
        return self.plan or self.when


class Monitoring(Sourced):
    """A monitoring point: what is followed, at which level and rhythm, and the activities that do it."""

    title: Label
    level: Level | None = None
    activities: Names = ()
    rhythm: str = ""
    strength: dict[Name, Strength] = {}
    mandatory: Bool | None = None


class Deliverable(Sourced):
    """What the programme hands over; ``optional`` marks what the document only gives as an example."""

    title: Label
    optional: Bool | None = None


class Principle(Sourced):
    """A principle that the programme follows."""

    title: Label
    strength: Strength | None = None


class Statement(Sourced):
    """Something that the document says of the whole and that has no field of its own: a list with a heading."""

    title: Label
    items: Labels = ()
    rule: str = ""


class Input(Sourced):
    """What the programme builds on."""

    title: Label


class ExternalDate(Sourced):
    """A day that others set, such as a law's; it never shifts with the programme."""

    title: Label
    on: Day


class Body(Sourced):
    """A group that meets or decides: who sits in it, what it may do, how often it meets.

    ``composition`` and ``split`` are the document's words for how it is put together; ``external`` marks a forum that
    is not the programme's own; ``themes`` are what each of its parts works with. A body is a role too: a mail to it
    goes to the roles of ``stands_for``, else to its members where those are roles, else to the people assigned to it;
    ``person_title`` is what each of them is: medlem af styregruppen.
    """

    title: Label
    called: str = ""
    person_title: str = ""
    members: Labels = ()
    stands_for: Names = ()
    mandate: Labels = ()
    duties: Labels = ()
    rhythm: str = ""
    count: Count | None = None
    external: Bool | None = None
    facilitator: Name | None = None
    financed_by: str = ""
    exempt: str = ""
    split: str = ""
    composition: str = ""
    themes: dict[Name, Labels] = {}


class Approval(Sourced):
    """A decision that a body or role must make; one that is waited for lives as an instance of its own.

    ``by`` are the document's words, ``decider`` is the role or body of ours that approves. ``of`` says what it is for:
    ``once`` (a single paper), ``kommune`` (once per kommune), ``changes`` or ``adjustments`` (each one that somebody
    proposes). ``hearing`` allows skriftlig høring between meetings. ``status`` are the document's words for where it
    stands, e.g. indgået: then nobody is asked. ``plan`` is our proposal for its day where the document gives none.
    """

    title: Label
    by: str = ""
    decider: Name | None = None
    of: Literal["once", "kommune", "changes", "adjustments"] | None = None
    when: When | None = None
    plan: When | None = None
    hearing: Bool | None = None
    mandatory: Bool | None = None
    status: str = ""

    @property
    def is_lived(self) -> bool:
        """Tell whether it is waited for: once, or once per kommune, and not already settled by the document's words."""
        return self.of in ("once", "kommune") and not self.status

    @property
    def level(self) -> Level:
        """Say whether it is given once for the programme, or to each kommune."""
        return "kommune" if self.of == "kommune" else "programme"


class Offer(Sourced):
    """An option that a kommune may buy or take up: its price in whole kroner, or the rule that gives it."""

    title: Label
    price_dkk: Annotated[Int, Field(ge=0)] | None = None
    price_rule: str = ""
    vat: str = ""
    method: str = ""
    contents: Labels = ()
    decided_at: Name | None = None
    recommended_for: str = ""
    is_not: str = ""
    burden: str = ""


class Choice(Sourced):
    """What is chosen from a list: by whom, how many; ``open`` when others than those listed may be chosen.

    A field of a machine may point at it (``choice: fokusomraader``); then what is registered is held to the list.
    Where ``by`` begins with kommunen, each kommune gets the field and an event ``forloeb.vaelg_<name>``. ``goals``
    asks for a goal of its own for each one chosen; ``chosen_in`` is the activity that it happens in, whose gates hold.
    """

    title: Label
    options: Annotated[Labels, Field(min_length=1)]
    choose: Count | None = None
    by: str = ""
    open: Bool | None = None
    reference: str = ""
    goals: Bool | None = None
    chosen_in: Name | None = None

    @property
    def by_kommune(self) -> bool:
        """Tell whether each kommune chooses for itself, as the document's words begin."""
        return self.by.lower().startswith("kommun")


class Swap(Sourced):
    """Activities that may be traded for each other within one frame: ``total`` is how many may be held in all.

    ``most`` caps single activities whatever is traded. ``direction`` and ``ratio`` are the document's words.
    """

    title: Label
    activities: Annotated[Names, Field(min_length=1)]
    total: Annotated[Int, Field(ge=1, le=1000)]
    most: dict[Name, Int] = {}
    direction: str = ""
    ratio: str = ""
