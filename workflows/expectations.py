"""What an author expects of a workflow, written beside it (NAME.expect.yaml): model and reading; runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from ..engine.definition.base import Bool, Day, Int, Key, Label, Model, Name, Names, Words, mistake
from .catalogue import BESIDE
from .reader import Source, read_model
from .reading.yaml_tree import Node
from .scripts import Happening

_WITH = MappingProxyType({"to": "mail", "never": "mail", "region": "state", "refused": "do"})
"""What an expectation says only together with something else."""


class Step(Happening):
    """Something that happens; ``refused`` are the codes that it is expected to be refused with (all of them)."""

    refused: Names = ()


class Given(Model):
    """Where a case begins: the programme's first day (``start``, else the document's), and who has been chosen.

    ``kommuner`` enrol and are chosen by themselves, as in a rehearsal. Until ``plays_until`` everybody does all
    that they have to. ``facts`` are steps that have happened besides.
    """

    start: Day | None = None
    kommuner: Words = ()
    plays_until: Day | None = None
    facts: tuple[Step, ...] = ()


class Expected(Model):
    """One expectation: a date, a state, a mail, or what a step would be refused with.

    ``item`` and ``kommune`` say of what. ``on`` and ``until`` are its first and last planned day, ``because``
    some words of the reason for them. ``state`` is where it stands (in ``region``, else in its life). ``mail`` is a
    text, ``to`` the role that gets it ``on`` that day (``never``: that nobody gets it). ``do`` with ``refused`` looks
    at what a step misses. ``at`` is the day on which one looks.
    """

    at: Day | None = None
    item: str = Field(default="", max_length=80)
    kommune: str = ""
    on: Day | None = None
    until: Day | None = None
    because: Label | None = None
    region: Name | None = None
    state: Name | None = None
    mail: Name | None = None
    to: Name | None = None
    never: Bool | None = None
    do: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")
    refused: Names = ()

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Expected:
        dates = (self.until, self.because) != (None, None) or (self.on is not None and self.mail is None)
        asked = [self.state is not None, self.mail is not None, self.do is not None, dates]
        if sum(asked) != 1:
            raise mistake("one-of-many", "skriv én ting pr. linje: on/until/because (datoer), state, mail eller do")
        for name, other in _WITH.items():
            if getattr(self, name) and getattr(self, other) is None:
                raise mistake("missing-key", f"{name} siger kun noget sammen med {other}", name)
        if self.do is not None and not self.refused:
            raise mistake(
                "missing-key", "skriv refused med de koder, der ventes, f.eks. refused: mangler_flueben", "do"
            )
        return self


class Case(Model):
    """One case: given that, when this happens, then that is expected."""

    title: Label
    given: Given = Given()
    when: tuple[Step, ...] = ()
    expect: Annotated[tuple[Expected, ...], Field(min_length=1)]


class Expectations(Model):
    """All that is expected of one workflow."""

    format: Annotated[Int, Field(ge=1, le=1)]
    workflow: Key
    version: Annotated[Int, Field(ge=1, le=9999)] | None = None
    cases: Annotated[dict[Name, Case], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Placed:
    """Expectations with the tree that knows where everything stands."""

    name: str
    tree: Node
    model: Expectations


def read_expectations(source: Source) -> Placed:
    """Read a file of expectations.

    :raises DefinitionError: with every mistake, in the order of the lines.
    :raises NotFound: when there is no such file.
    """
    model, tree = read_model(source, Expectations)
    return Placed(str(source) if isinstance(source, Path) else source[0], tree, model)


def shipped_expectations() -> Iterator[tuple[str, str]]:
    """Give the expectations that come with the package: name of the file, and text."""
    for file in sorted(resources.files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith(BESIDE):
            yield file.name, file.read_text(encoding="utf-8")
