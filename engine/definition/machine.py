"""What one kind of instance may do: regions, states, moves, joins and fields; fires nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from ..values import Intent
from ..values.names import LIFE
from .base import Bool, Feature, Int, Label, Model, Name, Names, SomeNames, mistake, split_arrow
from .needs import Needs

ANY = "*"
ACTIVITY = "activity"
"""What a move bears that adds an activity of the document: the event names its key, the key its machine."""

Source = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9]*(_[a-z0-9]+)*)$", max_length=60)]
"""The state that a move starts in, or ``*`` for every state that is not final."""


class State(Model):
    """A state of a region. ``births`` says what is born when it is entered: the activities of the instance's level.

    ``leaves`` marks that a kommune has left the programme: its roles end that day, and its people get no more mails.
    ``closes`` ends what is still open below it, but leaves roles as they are; ``rests`` lets what is below it stand
    still for as long as it stands so.
    ``waits`` marks that it waits in line for a place.
    """

    title: Label
    final: Bool = False
    leaves: Bool = False
    closes: Bool | None = None
    rests: Bool | None = None
    waits: Bool | None = None
    births: Literal["activities"] | None = None


FieldType: TypeAlias = Literal[
    "text",
    "texts",
    "number",
    "bool",
    "date",
    "time",
    "check",
    "kommuner",
    "choice",
    "choices",
    "actions",
    "documents",
    "goals",
]


class FieldDef(Model):
    """A field of the data. ``texts``, ``kommuner``, ``choices``, ``actions`` and ``documents`` are lists.

    A ``time`` is a local time of day such as 09:30. A ``check`` is ticked by somebody on a day; ``wants_note`` says
    in words what must be noted with the tick, and ``wants_day`` that its day must be given. ``options`` are what a
    ``choice`` (or ``choices``) is held to, value -> words. A ``date`` may not lie before that of the field
    ``not_before``. ``why`` is told to whoever is asked for it. ``goals`` maps what was chosen to its goal.
    ``choice`` names the choice of the programme that it is held to, or ``waves`` or ``offers`` for their keys.
    ``lines`` is how long a text may be.
    """

    title: Label
    type: FieldType = "text"
    owner: Name | None = None
    source: str = ""
    why: str = ""
    options: dict[Name, Label] = {}
    wants_note: str = ""
    wants_day: Bool | None = None
    not_before: Name | None = None
    choice: Name | None = None
    lines: Int | None = Field(default=None, ge=1, le=1000)
    only_with: Feature | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if bool(self.options) != (self.type in ("choice", "choices")):
            raise mistake("missing-key", "choice og choices skal have options at vælge mellem, og kun de", "options")
        if self.type != "check" and (self.wants_note or self.wants_day):
            raise mistake("bad-field", "wants_note og wants_day hører til punkter i en tjekliste", "wants_note")
        if self.type != "date" and self.not_before:
            raise mistake("bad-field", "not_before hører til felter med type: date", "not_before")
        return self


class Notice(Model):
    """A mail that a move sends at once: to which roles, which text.

    ``only_if: place_free`` sends it where the move of a kommune leaves a place that somebody waits for.
    """

    to: SomeNames
    text: Name
    intent: Intent = Intent.NOTICE
    only_if: Literal["place_free"] | None = None


class Move(Model):
    """A transition by an event. Authors write ``move: venter -> i_gang``, or ``in: i_gang`` for one that stays.

    ``wants`` are fields that its data must hold (``reason`` means the event's reason), ``takes`` those it may hold.
    ``back`` counts a round. ``births`` names the kind that is born (``activity``: one of the document). ``dates`` says
    which days it sets: ``planned`` (a new plan), ``actual_start``, ``actual_end`` or ``actual`` (both). ``gated`` puts
    the programme's gates in front, ``activity`` those of that activity. ``offer`` takes up the offer that the event
    names, or drops it. ``choice`` marks the template that is repeated as ``vaelg_<name>`` for each choice that a
    kommune makes.
    """

    written: ClassVar = ("move", "in")

    title: Label
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    dest: Name | None = None
    needs: Needs = ()
    wants: Names = ()
    takes: Names = ()
    back: Bool = False
    offer: Literal["take", "drop"] | None = None
    activity: Name | None = None
    choice: Bool | None = None
    only_with: Feature | None = None
    births: Name | None = None
    dates: Literal["planned", "actual_start", "actual_end", "actual"] | None = None
    gated: Bool = False
    automatic: Bool = False
    by: Names = ()
    notices: tuple[Notice, ...] = ()
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _read_arrow(cls, value: object) -> object:
        if isinstance(value, str):
            value = {"move": value}
        if not isinstance(value, Mapping):
            return value
        out = dict(value)
        if "move" in out:
            arrow = split_arrow(out.pop("move"))
            if arrow is None:
                raise mistake(
                    "bad-move", "skriv skridtet som 'venter -> i_gang', 'a, b -> c' eller '* -> parkeret'", "move"
                )
            out["sources"], out["dest"] = arrow
        elif "in" in out:
            stays = out.pop("in")
            out["sources"] = [stays] if isinstance(stays, str) else stays
        return out


class Region(Model):
    """One of an instance's parallel state machines. ``trin`` is its number in the method; ``phase`` marks the template
    region that is repeated for each fase of the programme."""

    title: Label
    trin: Int | None = Field(default=None, ge=1, le=6)
    phase: Bool = False
    only_with: Feature | None = None
    initial: Name
    states: Annotated[dict[Name, State], Field(min_length=1)]
    moves: dict[Name, Move] = {}
    checklist: dict[Name, FieldDef] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        out = dict(value)
        states = out.get("states", DEFAULT_STATES)
        if isinstance(states, Mapping):
            out["states"] = {name: {"title": s} if isinstance(s, str) else s for name, s in states.items()}
            out.setdefault("initial", next(iter(states), ""))
        checklist = out.get("checklist")
        if isinstance(checklist, Mapping):
            out["checklist"] = {name: _check(item) for name, item in checklist.items()}
        moves = out.get("moves")
        if isinstance(moves, Mapping):
            out["moves"] = {name: _titled(str(name), move) for name, move in moves.items()}
        return out


class Join(Model):
    """An eventless move: taken as soon as ``when`` holds, to a fixed point; ``when`` is read without strengths."""

    written: ClassVar = ("move",)

    region: Name
    sources: SomeNames
    dest: Name
    when: Needs = Field(min_length=1)
    only_with: Feature | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_arrow(cls, value: object) -> object:
        if isinstance(value, Mapping) and "move" in value:
            out = dict(value)
            arrow = split_arrow(out.pop("move"))
            if arrow is None:
                raise mistake("bad-move", "skriv skridtet som 'venter -> i_gang'", "move")
            out["sources"], out["dest"] = arrow
            return out
        return value


class Together(Model):
    """One event that fires several moves of different regions in one decision, in the order written."""

    title: Label
    moves: tuple[str, ...] = Field(min_length=2)


class Machine(Model):
    """What one kind of instance may do. Events are ``region.move``, or just ``move`` where there is one region.

    Beside the region ``forloeb`` another part may put trin or faser, so its events are always named in full.

    ``closes`` names the event that ends an instance when the kommune or programme above it is no longer there;
    ``settles`` the one that ends it where it has happened already and can no longer be called off.
    """

    title: Label
    parent: Name | None = None
    closes: str | None = None
    settles: str | None = None
    regions: dict[Name, Region] = Field(min_length=1)
    joins: tuple[Join, ...] = ()
    together: dict[Name, Together] = {}
    fields: dict[Name, FieldDef] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_fields(cls, value: object) -> object:
        if isinstance(value, Mapping) and isinstance(value.get("fields"), Mapping):
            fields = {n: {"title": f} if isinstance(f, str) else f for n, f in value["fields"].items()}
            return {**value, "fields": fields}
        return value

    @cached_property
    def all_fields(self) -> Mapping[str, FieldDef]:
        """Every field of the instance's data, checklists included."""
        out = dict(self.fields)
        for region in self.regions.values():
            out.update(region.checklist)
        return out

    @property
    def is_bare(self) -> bool:
        """Tell whether events go by the name of their move alone."""
        return len(self.regions) == 1 and LIFE not in self.regions

    @cached_property
    def events(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Event name -> the (region, move) pairs that it fires, in order."""
        bare = self.is_bare
        out: dict[str, tuple[tuple[str, str], ...]] = {}
        for region_name, region in self.regions.items():
            for move_name in region.moves:
                out[move_name if bare else f"{region_name}.{move_name}"] = ((region_name, move_name),)
        for name, together in self.together.items():
            pairs = [out[move] for move in together.moves if move in out]
            out[name] = tuple(pair for found in pairs for pair in found)
        return out


DEFAULT_STATES: Mapping[str, object] = {
    "venter": "Venter",
    "i_gang": "I gang",
    "afsluttet": {"title": "Afsluttet", "final": True},
}


def _check(item: object) -> object:
    """Read one item of a checklist: its words, or a mapping with owner and source."""
    if isinstance(item, str):
        return {"title": item, "type": "check"}
    return {**item, "type": "check"} if isinstance(item, Mapping) else item


def _titled(name: str, move: object) -> object:
    """Give a move that has no words of its own the words of its name."""
    out = {"move": move} if isinstance(move, str) else move
    if isinstance(out, Mapping) and "title" not in out:
        return {**out, "title": name.replace("_", " ").capitalize()}
    return out
