"""The command that writes a message of one's own to a role across a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import plural
from ...engine.errors import InvalidInput
from .. import arguments, keys
from ..options import AsJson, By, after
from ..output import Paper, print_json
from ..session import session_of
from .agreeing import ToPreview, Yes, agree

if TYPE_CHECKING:
    from ...runtime.engine import Engine
    from ...runtime.mailing.messages import Message


def register(app: typer.Typer, mails: typer.Typer) -> None:
    """Add the command that writes, and to those on mails the one that takes back."""
    example = (
        "samskabt message 1 --to kommunal_konsulent --kommune Greve --subject 'Nyt lokale' \\\n"
        "    --text 'Vi ses i lokale 2, {{ navn }}.' --preview"
    )
    app.command(epilog=after(example, keys.MESSAGE))(message)
    back = "samskabt mail withdraw 12 --reason 'Mødet er aflyst' --preview"
    mails.command(epilog=after(back, keys.TAKEN_BACK))(withdraw)


def message(
    context: typer.Context,
    programme: Annotated[str, typer.Argument(metavar="PROGRAMME", help="Its number or workflow key.")],
    to: Annotated[str, typer.Option("--to", metavar="ROLE", help="A role of the programme: see `workflow show KEY`.")],
    subject: Annotated[str, typer.Option("--subject", help="One line; known placeholders are filled in.")],
    text: Annotated[str | None, typer.Option("--text", help="Plain text; an empty line parts paragraphs.")] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="PATH", help="The text, from a UTF-8 file.")] = None,
    kommune: Annotated[
        list[str] | None, typer.Option("--kommune", help="Only here (code or name); may be repeated.")
    ] = None,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Write to everybody with a role in a programme, or in some of its kommuner; once a day for the same words.

    It goes with the other mails of the day, in office hours, to those who have not opted out.
    """
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        number = views.find_programme(engine, programme).id
        words, actor = _words(text, file), views.find_actor(engine, arguments.text(by))
        codes = [views.kommune_code(one) for one in kommune or ()]
        line = arguments.text(subject) or ""

        def send(one: Engine) -> Message:
            return one.post.message(number, to, line, words, kommuner=codes, actor=actor)

        agree(engine, send, preview=preview, yes=yes, as_json=as_json)
        done = send(engine)
        engine.post.post()  # Nothing is sent; but it is then known when it goes.
        waits = engine.post.why(done.id)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    if done.is_new:
        paper.line(f"Beskeden er lagt i kø til {plural(done.people, 'person', 'personer')} (nr. {done.id}).")
    else:
        paper.line(f"Den besked er der allerede (nr. {done.id}); den kommer ikke to gange.")
    paper.line(f"Den {waits}." if waits else "Se den med: samskabt outbox")
    if done.is_new and waits:
        paper.line(f"Fortryd med: samskabt mail withdraw {done.id} --reason '...'")


def withdraw(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="MAIL", help="The message's number (`samskabt outbox`).")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the programme's history.")],
    preview: Annotated[bool, typer.Option("--preview", help="Change nothing; say who would not get it.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Take back a message that has not gone yet; those who have it keep it."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        actor, why = views.find_actor(engine, arguments.text(by)), arguments.text(reason) or ""
        take_back = engine.post.unsent if preview else engine.post.withdraw
        done = take_back(number, why, actor=actor)
    if as_json:
        shown = {"id": done.id, "subject": done.subject, "letters": done.letters, "had": done.had}
        print_json({"preview": preview, **shown})
        return
    paper = Paper()
    said = f"Beskeden »{done.subject}« (nr. {done.id})"
    letters = plural(done.letters, "brev", "breve")
    if preview:
        paper.line(f"{said} ville blive taget ud af {letters}, der venter. Intet er ændret.")
    else:
        paper.line(f"{said} er taget tilbage, ud af {letters}, der ventede.")
    if done.had:
        paper.line(f"{plural(done.had, 'person har', 'personer har')} den allerede.")


def _words(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise InvalidInput("--text", "write --text or --file, one of them")
    if file is None:
        return arguments.text(text) or ""
    try:
        return arguments.text(file.read_text(encoding="utf-8")) or ""
    except UnicodeDecodeError as error:
        raise InvalidInput("--file", f"{file} is not UTF-8 text") from error
