"""Reads a workflow document: text to a checked model, or every mistake with its position; assembles nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..engine.definition import Part, Programme
from ..engine.errors import DefinitionError, NotFound, Problem
from .reading.messages import describe
from .reading.positions import locate
from .reading.yaml_tree import MAX_BYTES, Node, read_tree

FORMATS = (1,)
"""The versions of the format that this program reads."""

MAX_PROBLEMS = 200

_ASKED_FOR = {
    "gates": "{0} er selv en gate; skriv det, som den venter på, f.eks. {{activity: <nøgle>}}",
    "evaluations": "{0} er en evaluering, så skriv {{baseline: {0}}}",
    "approvals": "{0} er en godkendelse, så skriv {{activity: {{key: {0}, in: godkendt}}}}",
    "activities": "{0} er en aktivitet, så skriv {{activity: {0}}}",
}
"""How a requirement asks for what stands in a group of the document; of two groups with the same name, the last."""

Source = Path | tuple[str, str]
"""A file, or a name with the text that it stands for."""

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: the model, and the tree that knows where everything stands."""

    name: str
    tree: Node
    model: Programme | Part

    @property
    def key(self) -> str:
        """Give the document's key."""
        return self.model.workflow if isinstance(self.model, Programme) else self.model.part

    @property
    def pin(self) -> str:
        """Give key and version as others write them: ``samskabt-styring@1``."""
        return f"{self.key}@{self.model.version}"


def read_document(source: Source) -> Programme | Part:
    """Read a programme or a part.

    :raises DefinitionError: with every mistake, in the order of the lines.
    :raises NotFound: when there is no such file.
    """
    return read_placed(source).model


def read_placed(source: Source) -> Document:
    """Read a programme or a part, and keep where everything stands; raises as :func:`read_document`."""
    name, text = _content(source)
    tree = read_tree(name, text)
    return Document(name, tree, _validated(name, tree, _kind(name, tree)))


def read_model(source: Source, model: type[AnyModel]) -> tuple[AnyModel, Node]:
    """Read another kind of file that lies beside workflows, and keep where everything stands; raises likewise."""
    name, text = _content(source)
    tree = read_tree(name, text)
    if tree.entries is None:
        keys = ", ".join(list(model.model_fields)[:4])
        raise _refusal(name, tree, (), "not-a-document", f"her skal stå nøgler som {keys}")
    return _validated(name, tree, model), tree


def problem_at(name: str, tree: Node, loc: Sequence[str | int], rule: str, message: str) -> Problem:
    """Give a mistake its position: where the model's path ``loc`` was written."""
    place = locate(tree, loc)
    return Problem(name, place.value.line, place.value.column, place.text, rule, message)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by file and position, each once."""
    return sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column))


def _validated(name: str, tree: Node, wanted: type[AnyModel]) -> AnyModel:
    try:
        return wanted.model_validate(tree.plain())
    except ValidationError as error:
        details = _telling(error.errors(include_url=False))
        problems = [_problem(name, tree, wanted, one) for one in details[:MAX_PROBLEMS]]
        raise DefinitionError(in_order(problems)) from error


def _content(source: Source) -> tuple[str, bytes | str]:
    if not isinstance(source, Path):
        return source
    try:
        with source.open("rb") as file:
            return str(source), file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound("file", str(source)) from error
    except OSError as error:
        problem = Problem(str(source), 0, 0, "", "unreadable", f"filen kan ikke læses: {error.strerror}")
        raise DefinitionError([problem]) from error


def _kind(name: str, tree: Node) -> type[Programme] | type[Part]:
    """Tell programme from part, after the format is known to be ours."""
    entries = tree.entries
    if entries is None:
        raise _refusal(name, tree, (), "not-a-document", "her skal stå nøgler som workflow, version og title")
    known = " og ".join(str(version) for version in FORMATS)
    if "format" not in entries:
        message = f"nøglen format mangler; dette program læser format {known}, så skriv format: {FORMATS[-1]}"
        raise _refusal(name, tree, (), "unknown-format", message)
    written = entries["format"].scalar
    if isinstance(written, bool) or written not in FORMATS:
        message = f"format {str(written)[:40]} kendes ikke; dette program læser format {known}"
        raise _refusal(name, tree, ("format",), "unknown-format", message)
    if ("workflow" in entries) == ("part" in entries):
        message = "skriv enten workflow: (et program) eller part: (en del, som programmer bruger)"
        raise _refusal(name, tree, ("part",), "not-a-document", message)
    return Programme if "workflow" in entries else Part


def _refusal(name: str, tree: Node, loc: tuple[str, ...], rule: str, message: str) -> DefinitionError:
    return DefinitionError([problem_at(name, tree, loc, rule, message)])


def _telling(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what only follows from another mistake: lists short of what was refused, keys never asked for."""
    wrong_lists = {error["loc"][:end] for error in errors for end in range(len(error["loc"]))}
    unnamed = {
        error["loc"][:-1] for error in errors if error["type"] == "extra_forbidden" and error["loc"][-1] == "value"
    }
    return [
        error
        for error in errors
        if not (error["type"] == "too_short" and error["loc"] in wrong_lists)
        and not (error["type"] == "missing" and error["loc"][:-1] in unnamed)
    ]


def _named_in(tree: Node) -> dict[str, str]:
    """Say how a requirement asks for what the document names: key -> the words to write, by its group."""
    entries = tree.entries or {}
    return {
        key: form.format(key)
        for group, form in _ASKED_FOR.items()
        for key in (entries[group].entries or {} if group in entries else {})
    }


def _problem(name: str, tree: Node, model: type[BaseModel], error: ErrorDetails) -> Problem:
    at = error.get("ctx", {}).get("at")
    place = locate(tree, (*error["loc"], at) if at else error["loc"])
    rule, message = describe(error, model, _named_in(tree))
    on_key = error["type"] in ("missing", "extra_forbidden")
    mark = place.key if on_key else place.value
    path = ".".join((*place.path, str(error["loc"][-1]))) if error["type"] == "missing" else place.text
    return Problem(name, mark.line, mark.column, path, rule, message)
