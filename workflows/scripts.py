"""A script of how people behave in a rehearsal: its model and its reading; plays nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from ..engine.definition.base import Bool, Day, Int, Label, Model, Name, Names, mistake
from .reader import Source, read_model

CHOOSES = "vaelg_kommuner"
"""What ``do`` may say of the programme: the office chooses among those enrolled, as the document says."""


class Habit(Model):
    """How somebody behaves: all who have the role, in that kommune (its name or code), or everybody.

    ``days_late`` is how many days later than everybody else they do what they answer for. ``forgets`` are the keys of
    activities and evaluations that they never register.
    """

    role: Name | None = None
    kommune: str = ""
    days_late: Int = Field(default=0, ge=0, le=400)
    forgets: Names = ()

    @model_validator(mode="after")
    def _says_something(self) -> Habit:
        if not self.days_late and not self.forgets:
            raise mistake("missing-key", "skriv, hvad de gør anderledes: days_late: 10 eller forgets: [sparring]")
        return self


class Happening(Model):
    """Something that happens on a day: an event (``do``) of an item, of a kommune, or of the programme itself.

    ``item`` is the key of an activity, evaluation or approval, or the title of anything; ``kommune`` is whose it is.
    ``do: flyt`` with ``to`` gives it another day; ``do: vaelg_kommuner`` chooses among those enrolled, as the document
    says. ``at`` is at ten in the morning.
    """

    at: Day
    do: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=80)
    item: str = Field(default="", max_length=80)
    kommune: str = ""
    to: Day | None = None
    reason: str = ""
    override: Bool = False
    data: dict[Name, JsonValue] = {}


class Script(Model):
    """How the people of a rehearsal behave, where they do not do everything on its day."""

    format: Annotated[Int, Field(ge=1, le=1)]
    title: Label = "Manuskript"
    people: tuple[Habit, ...] = ()
    events: tuple[Happening, ...] = ()


def read_script(source: Source) -> Script:
    """Read a script.

    :raises DefinitionError: with every mistake, in the order of the lines.
    :raises NotFound: when there is no such file.
    """
    return read_model(source, Script)[0]
