"""The command that plays a workflow before anybody lives it: simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import arguments, keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of
from .programmes import Files
from .upkeep import bar

EXAMPLE = (
    "samskabt simulate forenklet-beskaeftigelsesindsats\n"
    "samskabt simulate mit-program.yaml --start 2027-02-01 --kommuner 4\n"
    "samskabt simulate mit-program.yaml --kommuner Aarhus,0101 --people folk.yaml --out proeve"
)


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(epilog=after(EXAMPLE, keys.REHEARSAL))(simulate)


def simulate(
    context: typer.Context,
    workflow: Annotated[str, typer.Argument(metavar="KEY|FILE", help="A key of `samskabt workflow list`, or a file.")],
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Shift the whole programme to begin near this day.")
    ] = None,
    kommuner: Annotated[
        str | None, typer.Option("--kommuner", metavar="CODES|N", help="Who enrols: 0101,Aarhus or how many.")
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option("--people", metavar="SCRIPT", help="How people behave (YAML): who is late, who leaves."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Keep the database, the mails and the report here.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number, other days and kommuner.")] = 1,
    files: Files = None,
    as_json: AsJson = False,
) -> None:
    """Play a workflow from invitation to end in virtual time, and tell its course; nobody gets a mail.

    An autopilot does what everybody's desk asks for, each thing on its day. The report tells the course month by month,
    mails per person and week, what collides, what nobody can reach, and what had to be overridden. Exit code 1 when
    something was still open at the end.
    """
    from ...runtime.rehearsal import read_script, rehearse
    from ...runtime.rehearsal.telling.words import lines

    with session_of(context).telling(as_json):
        with bar() as progress:
            found = rehearse(
                Path(workflow) if workflow.endswith((".yaml", ".yml")) else workflow,
                start=arguments.day_or_none("--start", start),
                kommuner=_wanted(kommuner),
                script=read_script(people) if people else None,
                seed=seed,
                folder=out,
                files=files or (),
                progress=progress,
            )
        if out is not None:
            (out / "report.txt").write_text("\n".join(lines(found)) + "\n", encoding="utf-8")
    if as_json:
        print_json(found)
    else:
        paper = Paper()
        for line in lines(found):
            paper.line(line)
    raise typer.Exit(1 if found.still_open else 0)


def _wanted(text: str | None) -> list[str] | int | None:
    """Read ``4`` as a number, ``0101,Aarhus`` as kommuner."""
    if text is None:
        return None
    plain = arguments.text(text) or ""
    if plain.isdigit() and len(plain) < 3:
        return int(plain)
    return [part.strip() for part in plain.split(",") if part.strip()]
