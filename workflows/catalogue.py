"""The documents that can be run: shipped ones and given files, assembled, checked and pinned; runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path

from ..engine.definition import Part, Programme, Workflow, assemble
from ..engine.definition.checks import Finding, Known, check, check_part, suggest
from ..engine.definition.workflow import canonical_text, hash_of
from ..engine.errors import DefinitionError, NotFound, Problem
from .reader import Document, Source, in_order, read_placed
from .reading.positions import Named, find_home, locate

PINS = "published.json"
BESIDE = ".expect.yaml"
"""How files end that lie beside documents and say what is expected of them."""

_BARE: Mapping[str, object] = {
    "format": 1,
    "workflow": "del",
    "version": 1,
    "title": "Del",
    "period": "2020",
    "faser": {"fase": {"title": "Fase", "when": "2020"}},
}
"""The least programme, for checking a part by itself."""

_OWN_RULES = frozenset(
    {"ambiguous", "bad-placeholder", "dead-end", "duplicate-name", "leaves-final", "never-rests", "no-final-state"}
    | {"unknown-placeholder", "unreachable-state"}
)
"""Mistakes of a part that no other document can mend."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A programme that the catalogue has."""

    key: str
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a programme (``errors``), and what its author may want to look at (``warnings``)."""

    workflow: Workflow
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Catalogue:
    """Documents by key and version; files are read when something of them is first asked for.

    ``pins`` maps ``key@version`` to the hash of the published document, which may not change. ``known`` are the
    standard texts and placeholders; without them, names of texts are not checked.
    """

    sources: tuple[Source, ...]
    pins: Mapping[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    @classmethod
    def shipped(cls, known: Known | None = None) -> Catalogue:
        """Give the catalogue of the documents that come with the package."""
        return cls(tuple(shipped_sources()), shipped_pins(), known or Known())

    def with_files(self, paths: Iterable[Path]) -> Catalogue:
        """Give a catalogue that has these files too; of a folder, every ``*.yaml`` and ``*.yml`` in it.

        :raises NotFound: when there is no such file or folder.
        """
        more = tuple(file for path in paths for file in _files(path))
        return Catalogue((*self.sources, *more), self.pins, self.known)

    def programmes(self) -> tuple[Entry, ...]:
        """List the programmes, by key and version.

        :raises DefinitionError: when a document cannot be read.
        """
        found = [one.model for one in self._documents.values() if isinstance(one.model, Programme)]
        return tuple(sorted((Entry(one.workflow, one.version, one.title) for one in found), key=_by_version))

    def programme(self, key: str, version: int | None = None) -> Workflow:
        """Give a programme, assembled and checked; the newest version unless one is named.

        :raises NotFound: when there is no such programme or version; lists those that there are.
        :raises DefinitionError: when it, or a part that it uses, is wrong.
        """
        versions = [entry.version for entry in self.programmes() if entry.key == key]
        if not versions:
            raise NotFound("programme", key, sorted({entry.key for entry in self.programmes()}))
        wanted = max(versions) if version is None else version
        if wanted not in versions:
            raise NotFound("programme", f"{key}@{wanted}", [f"{key}@{one}" for one in versions])
        report = self._report(self._documents[f"{key}@{wanted}"])
        if report.errors:
            raise DefinitionError(report.errors)
        return report.workflow

    def check_file(self, path: Path) -> tuple[Problem, ...]:
        """Give every mistake of a file, of a programme also those that show when its parts are put in."""
        return self._checked(path)[0]

    def warnings(self, path: Path) -> tuple[Problem, ...]:
        """Give what the author of a file may want to look at, though nothing hinders it from running."""
        return self._checked(path)[1]

    def _checked(self, path: Path) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        changed: tuple[Problem, ...] = ()
        try:
            document = read_placed(path)
            try:
                refuse_changed(document, self.pins)
            except DefinitionError as error:
                changed = error.problems
            if isinstance(document.model, Part):
                return (*changed, *self._check_part(document, document.model)), ()
            report = self._report(document)
        except DefinitionError as error:
            return (*changed, *error.problems), ()
        return (*changed, *report.errors), report.warnings

    def _check_part(self, document: Document, part: Part) -> tuple[Problem, ...]:
        """Check what a part says by itself; the names that other parts give it show in a programme that uses it."""
        workflow = assemble(Programme.model_validate(_BARE), [part])
        found = [
            one for one in check_part(workflow, self.known) if one.path[0] != "programme" and one.rule in _OWN_RULES
        ]
        return _placed(found, document, [document])

    @cached_property
    def _documents(self) -> Mapping[str, Document]:
        """Read every document: ``key@version`` -> document."""
        out: dict[str, Document] = {}
        problems: list[Problem] = []
        for source in self.sources:
            try:
                document = _read(source)
                refuse_changed(document, self.pins)
                _refuse_twice(document, out.setdefault(document.pin, document))
            except DefinitionError as error:
                problems += error.problems
        if problems:
            raise DefinitionError(in_order(problems))
        return out

    def _report(self, document: Document) -> Report:
        assert isinstance(document.model, Programme)
        parts = list(self._parts(document, document.model))
        workflow = assemble(document.model, [one.model for one in parts if isinstance(one.model, Part)])
        found = check(workflow, self.known)
        errors, warnings = (
            _placed([one for one in found if one.severity == severity], document, parts)
            for severity in ("error", "warning")
        )
        return Report(workflow, errors, warnings)

    def _parts(self, document: Document, programme: Programme) -> Iterator[Document]:
        """Give the parts that a programme uses, in its order."""
        known = {pin: one for pin, one in self._documents.items() if isinstance(one.model, Part)}
        missing: list[Problem] = []
        for index, use in enumerate(programme.uses):
            pin = f"{use.key}@{use.version}"
            if pin in known:
                yield known[pin]
                continue
            place = locate(document.tree, ("uses", index))
            message = f"delen {pin} findes ikke; {suggest(pin, known)}"
            missing.append(
                Problem(document.name, place.value.line, place.value.column, place.text, "unknown-part", message)
            )
        if missing:
            raise DefinitionError(missing)


def _read(source: Source) -> Document:
    """Read a document; of the same text only once in a process, while a file may have changed since."""
    return read_placed(source) if isinstance(source, Path) else _read_text(source)


@lru_cache(maxsize=32)
def _read_text(source: tuple[str, str]) -> Document:
    # Nobody changes a document that was read, and its YAML takes as long as a hundred decisions.
    return read_placed(source)


def document_hash(model: Programme | Part) -> str:
    """Give the SHA-256 of a document's canonical data: what a published version is pinned by."""
    return hash_of(canonical_text(model))


def shipped_sources() -> Iterator[tuple[str, str]]:
    """Give the shipped documents, name and text."""
    for file in sorted(resources.files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml") and not file.name.endswith(BESIDE):
            yield file.name, file.read_text(encoding="utf-8")


def shipped_pins() -> Mapping[str, str]:
    """Read the hashes of the published versions, ``key@version`` -> hash."""
    text = resources.files(__package__).joinpath(PINS).read_text(encoding="utf-8")
    return {str(pin): str(value) for pin, value in json.loads(text).items()}


def refuse_changed(document: Document, pins: Mapping[str, str]) -> None:
    """Refuse a document whose version is published with other data.

    :raises DefinitionError: that names the way out: a new version in a new file.
    """
    pinned = pins.get(document.pin)
    if pinned is None or pinned == document_hash(document.model):
        return
    message = (
        f"{document.pin} er udgivet og må ikke ændres, for programmer kører på den; "
        f"skriv version: {document.model.version + 1} i en ny fil, og behold den gamle, som den var"
    )
    place = locate(document.tree, ("version",))
    problem = Problem(document.name, place.value.line, place.value.column, "version", "published-changed", message)
    raise DefinitionError([problem])


def _refuse_twice(document: Document, first: Document) -> None:
    """Refuse a second document of the same key and version, unless it says the same."""
    if first is document or document_hash(first.model) == document_hash(document.model):
        return
    place = locate(document.tree, ("version",))
    message = f"{document.pin} findes også i {first.name} med et andet indhold; giv den ene en anden version"
    problem = Problem(document.name, place.value.line, place.value.column, "version", "duplicate-version", message)
    raise DefinitionError([problem])


def _placed(found: Sequence[Finding], document: Document, parts: Sequence[Document]) -> tuple[Problem, ...]:
    """Find where each finding was written; what was repeated for each fase is told once."""
    programme = Named(document.name, document.tree)
    named = [Named(part.name, part.tree) for part in parts]
    problems: dict[object, Problem] = {}
    for one in found:
        home, path = find_home(one.path, programme, named)
        place = locate(home.tree, path)
        problem = Problem(home.name, place.value.line, place.value.column, place.text, one.rule, one.message)
        is_copy = one.path[0] != "programme" and path != one.path
        same = (problem.file, problem.line, problem.column, problem.rule) if is_copy else problem
        problems.setdefault(same, problem)
    return tuple(in_order(problems.values()))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = (file for file in path.iterdir() if file.suffix in (".yaml", ".yml"))
        yield from sorted(file for file in found if not file.name.endswith(BESIDE))
    elif path.is_file():
        yield path
    else:
        raise NotFound("file", str(path))


def _by_version(entry: Entry) -> tuple[str, int]:
    return entry.key, entry.version
