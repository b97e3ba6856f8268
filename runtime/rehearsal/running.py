"""The doors to rehearsals and expectations: take a workflow's name, live it, and give what it showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

from ...engine.errors import DefinitionError, NotFound
from ...workflows.catalogue import BESIDE, Catalogue
from ...workflows.expectations import read_expectations, shipped_expectations
from ...workflows.reader import Source, read_document
from ...workflows.scripts import Script
from ..views.documents import catalogue
from .expecting import Checked, run
from .naming import mistakes
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


def try_workflow(
    workflow: str | Path, *, files: Sequence[Path] = (), expectations: Path | None = None
) -> tuple[Checked, ...]:
    """Run what is expected of a workflow: the file ``NAME.expect.yaml`` beside it, or another that is named.

    Raises DefinitionError for mistakes in either file, with line and way out; NotFound where nothing is expected.
    """
    key, found = named(workflow, files)
    found.programme(key)  # A wrong key is told as that, not as a missing file beside it.
    placed = read_expectations(expectations or _beside(workflow, key))
    programme = found.programme(key, placed.model.version)
    problems = mistakes(placed, programme)
    if problems:
        raise DefinitionError(problems)
    return tuple(run(placed, programme, found))


def _beside(workflow: str | Path, key: str) -> Source:
    """Find the expectations beside a file, or among the shipped ones."""
    path = Path(workflow)
    if path.suffix in (".yaml", ".yml"):
        beside = path.with_name(path.stem + BESIDE)
        if not beside.exists():
            raise NotFound("file", f"{beside}: write there what you expect, or name a file with --expect")
        return beside
    shipped = dict(shipped_expectations())
    if f"{key}{BESIDE}" not in shipped:
        raise NotFound("expectations", f"{key}{BESIDE}", sorted(shipped))
    return f"{key}{BESIDE}", shipped[f"{key}{BESIDE}"]


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
