"""The command that asks: missing; what an instance lacks, who can mend it, and drafts of the mails that would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import keys
from ..errors import missing_text
from ..options import AsJson, Id, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...runtime.asking import Draft, Step

Drafts = Annotated[bool, typer.Option("--drafts", help="Show drafts of the mails to those who can mend it.")]


def register(app: typer.Typer) -> None:
    """Add this command."""
    example = "samskabt missing 0101\nsamskabt missing 0101 trin_1.afslut --drafts"
    app.command(epilog=after(example, keys.MISSING))(missing)


def missing(
    context: typer.Context,
    id: Id,
    event: Annotated[str | None, typer.Argument(metavar="[EVENT]", help="Only this event, with its fields.")] = None,
    drafts: Drafts = False,
    as_json: AsJson = False,
) -> None:
    """Show what each next step lacks and who can mend it; nothing is sent. JSON always holds the drafts."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        number = views.find_instance(engine, id)
        title = engine.show(number).title
        steps = engine.asking.missing(number, event)
    if as_json:
        print_json({"id": number, "title": title, "steps": steps})
        return
    paper = Paper()
    paper.line(f"{title} ({number})")
    if not steps:
        paper.line("Der mangler ikke noget." if event is None else "Det kan ske nu.")
    for step in steps:
        _step(paper, step, drafts)
    if not drafts and any(step.drafts for step in steps):
        paper.line()
        paper.line("Udkast til mails: tilføj --drafts")


def _step(paper: Paper, step: Step, drafts: bool) -> None:
    paper.heading(f"{step.event}: {step.title}")
    paper.bullets(missing_text(one) for one in step.missing)
    for draft in step.drafts if drafts else ():
        _draft(paper, draft)


def _draft(paper: Paper, draft: Draft) -> None:
    people = ", ".join(f"{one.name} <{one.email}>" for one in draft.to) or "ingen har rollen endnu"
    paper.line()
    paper.line(f"Udkast til {draft.role_title}: {people}")
    paper.line(f"Emne: {draft.subject}")
    paper.line()
    for line in draft.body.splitlines():
        paper.line(f"    {line}" if line else "")
