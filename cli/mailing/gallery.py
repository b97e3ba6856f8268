"""The commands on what the mails look like; they need no database and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...engine.civil.danish import plural
from .. import keys
from ..commands.programmes import Files
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of

app = typer.Typer(help="See what the mails look like.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def mail() -> None:
    """See what the mails look like."""


@app.command(epilog=after("samskabt mail gallery --to galleri    # then open galleri/index.html", keys.GALLERY))
def gallery(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the files go; it is made.")] = Path(
        "samskabt-mails"
    ),
    files: Files = None,
    as_json: AsJson = False,
) -> None:
    """Write a sample of every mail as .html, .txt and .eml, with an index.html that leads to them; sends nothing.

    Every standard text, every programme's own, and every layout: one thing, several, invitation, change,
    cancellation, a trial. The people, days and links in them are samples.
    """
    from ...runtime.gallery import exhibits, hang

    with session_of(context).telling(as_json):
        shown = hang(exhibits(files or ()), to)
    if as_json:
        print_json({"folder": str(to), "mails": shown})
        return
    paper = Paper()
    paper.table(("Gruppe", "Mail", "Emne"), ((one.group, one.title, one.subject) for one in shown))
    paper.line()
    paper.line(f"{plural(len(shown), 'mail', 'mails')}; se dem i {to / 'index.html'}")
