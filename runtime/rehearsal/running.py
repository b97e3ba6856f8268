"""The one door to a rehearsal: takes a workflow's name, lives it, and gives what it showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

from ...engine.errors import DefinitionError, NotFound
from ...workflows.catalogue import Catalogue
from ...workflows.reader import read_document
from ...workflows.scripts import Script
from ..views.documents import catalogue
from .play import Progress, enrolment, live, staged
from .telling.reading import read
from .telling.values import Rehearsal


def rehearse(
    workflow: str | Path,
    *,
    start: date | None = None,
    kommuner: Sequence[str] | int | None = None,
    script: Script | None = None,
    seed: int = 1,
    folder: Path | None = None,
    files: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Rehearsal:
    """Play a workflow (a key, or a file) from the invitation to the end and tell its whole course; sends no mail.

    ``start`` shifts it to begin near a day, ``kommuner`` are names and codes, or how many, that enrol; ``folder`` keeps
    the database. Raises DefinitionError for a wrong document, NotFound, and InvalidInput for what cannot be played.
    """
    began = perf_counter()
    key, found = named(workflow, files)
    with staged(
        found.programme(key), found, start=start, kommuner=kommuner, script=script, seed=seed, folder=folder
    ) as stage:
        enrolment(stage, seed)
        lived = live(stage, progress)
        return read(stage, lived, seed, perf_counter() - began)


def named(workflow: str | Path, files: Sequence[Path] = ()) -> tuple[str, Catalogue]:
    """Find a workflow by its key, or by the file that holds it; the catalogue holds the given files too.

    Raises DefinitionError with every mistake of a wrong file, NotFound for a key or file that there is not.
    """
    path = Path(workflow)
    if not isinstance(workflow, Path) and path.suffix not in (".yaml", ".yml") and not path.exists():
        return workflow, catalogue(files)
    found = catalogue([path, *files])
    problems = found.check_file(path)
    if problems:
        raise DefinitionError(problems)
    key = getattr(read_document(path), "workflow", None)
    if not isinstance(key, str):
        raise NotFound("programme", f"{path} is a part; name a programme that uses it")
    return key, found
