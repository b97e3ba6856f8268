"""The workflow documents as faces show them: what there is, what is wrong, a readable outline and diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.definition.checks import Known
from ...engine.errors import NotFound, Problem
from ...notifications import KNOWN_PLACEHOLDERS, STANDARD_TEXTS
from ...workflows.catalogue import Catalogue
from ...workflows.catalogue import Entry as WorkflowRow
from ...workflows.diagram import mermaid
from .outlining import head, rest, work
from .outlining.outline import OutlineSection


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong with a file, and what its author may want to look at."""

    file: str
    ok: bool
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A programme document in words."""

    key: str
    version: int
    title: str
    purpose: str
    period: str
    facts: tuple[str, ...]
    sections: tuple[OutlineSection, ...]


def catalogue(files: Sequence[Path] = ()) -> Catalogue:
    """Give the catalogue of the shipped documents and of these files, checked against the standard texts."""
    found = Catalogue.shipped(Known(texts=frozenset(STANDARD_TEXTS), placeholders=frozenset(KNOWN_PLACEHOLDERS)))
    return found.with_files(files) if files else found


def workflow_rows(files: Sequence[Path] = ()) -> tuple[WorkflowRow, ...]:
    """List the programmes that can be started."""
    return catalogue(files).programmes()


def check_report(file: Path) -> CheckReport:
    """Check a document; every mistake with its place. Raises NotFound where there is no such file."""
    if not file.is_file():
        raise NotFound("file", str(file))
    known = catalogue()
    problems = known.check_file(file)
    return CheckReport(str(file), not problems, problems, known.warnings(file))


def diagram(key: str, machine: str | None = None, files: Sequence[Path] = ()) -> str:
    """Draw a workflow's machines as Mermaid; NotFound lists the workflows, or its machines."""
    return mermaid(catalogue(files).programme(key), machine)


def outline(key: str, files: Sequence[Path] = ()) -> Outline:
    """Give a programme in words; NotFound lists what there is."""
    workflow = catalogue(files).programme(key)
    programme = workflow.programme
    sections = [*head.sections(programme), *work.sections(workflow), *rest.sections(workflow)]
    return Outline(
        key=programme.workflow,
        version=programme.version,
        title=programme.title,
        purpose=programme.purpose,
        period=programme.period.wording,
        facts=tuple(head.facts(workflow)),
        sections=tuple(section for section in sections if section.items),
    )
