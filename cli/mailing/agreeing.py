"""What a change would send, shown before it is made, and asked about where it is much; makes no change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.errors import InvalidInput
from ..output import Paper, print_json

if TYPE_CHECKING:
    from ...runtime.engine import Engine
    from ...runtime.mailing.previewing import Preview

MOST_UNASKED = 20
"""So many mails a change may send without anybody being asked."""

ToPreview = Annotated[bool, typer.Option("--preview", help="Change nothing; show the mails that it would send.")]
Yes = Annotated[
    bool, typer.Option("--yes", help=f"Do not ask, although it sends more than {MOST_UNASKED} mails; for scripts.")
]
Silent = Annotated[
    bool, typer.Option("--silent", help="Send nothing about it, now or later: for what is entered long afterwards.")
]


def agree(
    engine: Engine, change: Callable[[Engine], object], *, preview: bool, yes: bool, as_json: bool = False
) -> None:
    """Show what a change would send and end there, or ask where that is much; what the change raises is raised."""
    if yes and not preview:
        return
    found = engine.post.preview(change)
    if preview:
        show(found, as_json)
        raise typer.Exit(0)
    if found.mails <= MOST_UNASKED:
        return
    if as_json or not sys.stdin.isatty():
        raise InvalidInput("--yes", f"this sends {found.mails} mails; look with --preview, then do it with --yes")
    typer.confirm(f"{found.sentence} Fortsæt?", abort=True, err=True)


def show(found: Preview, as_json: bool) -> None:
    """Show the mails that a change would send."""
    if as_json:
        print_json(found)
        return
    paper = Paper()
    paper.line(f"{found.sentence} Intet er ændret.")
    rows = ((one.person, one.about, one.matter, one.note or "venter") for one in found.planned)
    paper.table(("Til", "Om", "Mail", "Går"), rows)
    if found.unsent:
        paper.heading("Når ikke frem")
        paper.bullets(found.unsent)
    if found.first:
        paper.heading("Den første mail")
        for line in found.first.splitlines():
            paper.line(line)
