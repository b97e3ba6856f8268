"""What a change would send, shown before it is made, and asked about where it is much; makes no change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import plural
from ...engine.errors import InvalidInput
from .. import keys
from ..output import Paper, print_json
from ..tables import moved

if TYPE_CHECKING:
    from ...runtime.engine import Engine
    from ...runtime.mailing.previewing import Preview
    from ...runtime.views.story import MovedRow

YOUR_REASON = "(din begrundelse)"
"""What stands in a preview where the change will want a reason."""

MOST_UNASKED = 20
"""So many mails a change may send without anybody being asked."""

PREVIEWED = f"Change nothing; show the mails that it would send, and the days that move. JSON keys then: {keys.PREVIEW}"
ToPreview = Annotated[bool, typer.Option("--preview", help=PREVIEWED)]
Yes = Annotated[
    bool, typer.Option("--yes", help=f"Do not ask, although it sends more than {MOST_UNASKED} mails; for scripts.")
]
Silent = Annotated[
    bool, typer.Option("--silent", help="Send nothing about it, now or later: for what is entered long afterwards.")
]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would lead to: the mails that it would send, and the days that it would move."""

    mails: Preview
    moved: tuple[MovedRow, ...] = ()


def foresee(engine: Engine, change: Callable[[Engine], object], about: int | None = None) -> Foreseen:
    """Make a change and undo it; ``about`` is the instance whose programme's days are compared. Raises what it does."""
    from ...runtime import views

    rows: list[MovedRow] = []

    def watched(one: Engine) -> None:
        then = None if about is None else views.before(one, one.show(about).programme_id)
        change(one)
        if then is not None and about is not None:
            rows.extend(views.happened(one, then, about).moved)

    return Foreseen(engine.post.preview(watched), tuple(rows))


def agree(
    engine: Engine,
    change: Callable[[Engine], object],
    *,
    preview: bool,
    yes: bool,
    as_json: bool = False,
    about: int | None = None,
) -> None:
    """Show what a change would lead to and end there, or ask where it sends much; what the change raises is raised."""
    if preview:
        show(foresee(engine, change, about), as_json)
        raise typer.Exit(0)
    if yes:
        return
    found = engine.post.preview(change)
    if found.mails <= MOST_UNASKED:
        return
    if as_json or not sys.stdin.isatty():
        said = plural(found.mails, "mail", "mails")
        raise InvalidInput("--yes", f"this sends {said}; look with --preview, then do it with --yes")
    typer.confirm(f"{found.sentence} Fortsæt?", abort=True, err=True)


def show(seen: Foreseen, as_json: bool) -> None:
    """Show the mails that a change would send, and the days that it would move."""
    found = seen.mails
    if as_json:
        rows = [replace(one, reason=None) if one.reason == YOUR_REASON else one for one in seen.moved]
        print_json({**{one.name: getattr(found, one.name) for one in fields(found)}, "moved": rows})
        return
    paper = Paper()
    paper.line(f"{found.sentence} Intet er ændret.")
    moved(paper, seen.moved)
    if found.planned:
        paper.heading("Mails")
        told = ((one.person, one.about, one.matter, one.note or "venter") for one in found.planned)
        paper.table(("Til", "Om", "Mail", "Går"), told)
    if found.unsent:
        paper.heading("Når ikke frem")
        paper.bullets(found.unsent)
    if found.first:
        paper.heading("Den første mail")
        for line in found.first.splitlines():
            paper.line(line)
