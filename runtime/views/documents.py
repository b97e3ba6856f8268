"""The workflow documents as faces show them: what there is, what is wrong, a readable outline and diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.definition import Part, Workflow
from ...engine.definition.checks import Known
from ...engine.errors import DefinitionError, NotFound, Problem
from ...notifications import KNOWN_PLACEHOLDERS, STANDARD_TEXTS
from ...workflows.catalogue import Catalogue
from ...workflows.catalogue import Entry as WorkflowRow
from ...workflows.diagram import mermaid
from ...workflows.reader import read_document
from .outlining import head, rest, work
from .outlining.outline import OutlineSection


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong with a file, and what its author may want to look at; ``about`` says what a part is."""

    file: str
    ok: bool
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    about: str = ""


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
    known = catalogue()
    if not file.is_file():
        raise NotFound("file", _shipped_as(str(file), known))
    problems = known.check_file(file)
    return CheckReport(str(file), not problems, problems, known.warnings(file), _about(file))


def _about(file: Path) -> str:
    """Say what a part is, and what of it cannot be checked alone; empty for a programme and for what cannot be read."""
    try:
        model = read_document(file)
    except DefinitionError:
        return ""
    if not isinstance(model, Part):
        return ""
    return (
        f"{model.part}@{model.version} er en del: det, flere programmer har fælles. Et program tager den ind med"
        f" uses: [{model.part}@{model.version}]. Her er tjekket det, den selv siger; navne, som andre dele giver den,"
        " ses i det program, der bruger den."
    )


def _shipped_as(name: str, known: Catalogue) -> str:
    """Say what a name that is no file stands for, where it is one of ours: a part, or a programme that can be shown."""
    if not any(name in (pin, pin.partition("@")[0]) for pin in known.pins):
        return name
    if name.partition("@")[0] in {row.key for row in known.programmes()}:
        return f"{name} ships with samskabt and is right; name a file of your own"
    return f"{name} is a part that ships with samskabt, not a programme; name a file that uses it"


def _programme(key: str, files: Sequence[Path]) -> Workflow:
    """Find a programme by its key, or by the file that holds it."""
    path = Path(key)
    if path.suffix not in (".yaml", ".yml"):
        return catalogue(files).programme(key)
    if not path.is_file():
        raise NotFound("file", key)
    found = catalogue([path, *files])
    if problems := found.check_file(path):
        raise DefinitionError(problems)
    written = getattr(read_document(path), "workflow", None)
    if not isinstance(written, str):
        raise NotFound("programme", f"{key} is a part; name a programme that uses it")
    return found.programme(written)


def diagram(key: str, machine: str | None = None, files: Sequence[Path] = ()) -> str:
    """Draw a workflow's machines as Mermaid; NotFound lists the workflows, or its machines."""
    return mermaid(_programme(key, files), machine)


def outline(key: str, files: Sequence[Path] = ()) -> Outline:
    """Give a programme in words; NotFound lists what there is."""
    workflow = _programme(key, files)
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
