"""The commands that send by themselves: a message of one's own, and what went on trial only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import plural
from ...engine.errors import InvalidInput
from .. import arguments, keys
from ..options import AsJson, By, after
from ..output import Paper, print_json
from ..session import session_of
from .agreeing import MOST_UNASKED, ToPreview, Yes, agree

if TYPE_CHECKING:
    from ...engine.values import Actor
    from ...runtime.engine import Engine
    from ...runtime.mailing.launching import Launch
    from ...runtime.mailing.messages import Message


def register(app: typer.Typer, mail: typer.Typer) -> None:
    """Add these commands, the second to those on mails."""
    mail.command(epilog=after("samskabt mail launch --preview\nsamskabt mail launch", keys.LAUNCH))(launch)
    example = (
        "samskabt message 1 --to kommunal_konsulent --kommune Greve --subject 'Nyt lokale' \\\n"
        "    --text 'Vi ses i lokale 2, {{ navn }}.' --preview"
    )
    app.command(epilog=after(example, keys.MESSAGE))(message)


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
        stranger = _stranger(engine, actor) if arguments.text(by) else ""
        if stranger and preview and not as_json:
            Paper().line(stranger)

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
        paper.line(f"Fortryd med: samskabt outbox withdraw {done.id} --reason '...'")
    if stranger:
        paper.line(stranger)


def _stranger(engine: Engine, actor: Actor) -> str:
    """Say of a writer who is nobody in the database where answers go; empty of a person, who gets them herself."""
    if any(str(one.id) == actor.id for one in engine.people.all()[0]):
        return ""
    return f"{actor.id} er ikke en person i `person list`; svar går til {engine.settings.sender.reply_name}."


def _words(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise InvalidInput("--text", "write --text or --file, one of them")
    if file is None:
        return arguments.text(text) or ""
    try:
        return arguments.text(file.read_text(encoding="utf-8")) or ""
    except UnicodeDecodeError as error:
        raise InvalidInput("--file", f"{file} is not UTF-8 text") from error


def launch(
    context: typer.Context,
    preview: Annotated[bool, typer.Option("--preview", help="Change nothing; list what would be sent.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Send none of it, and think no more of it.")] = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Send for real, with the next delivery, what went to the one address of a trial and still matters.

    What is over by now is left out, and of reminders about one thing only the newest goes.
    """
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        actor = views.find_actor(engine, arguments.text(by))
        found = engine.post.would_launch(forget=forget, listed=preview)
        if not preview:
            if found.mails > MOST_UNASKED and not yes:
                if as_json or not sys.stdin.isatty():
                    said = plural(found.mails, "mail", "mails")
                    raise InvalidInput("--yes", f"this sends {said}; look with --preview, then do it with --yes")
                typer.confirm(f"{_launched(found)} Fortsæt?", abort=True, err=True)
            found = engine.post.launch(forget=forget, actor=actor)
    if as_json:
        print_json(found)
        return
    paper = Paper()
    if not found.mails:
        paper.line("Der er ingen mails fra en prøve, som sendes.")
    elif preview:
        paper.line(f"{_launched(found)} Intet er ændret.")
    else:
        paper.line(f"{_counted(found)} er lagt i kø og går med næste levering.")
    if found.waiting:
        paper.line(f"{plural(found.waiting, 'mail', 'mails')}, der ikke var på prøve, går samtidig.")
    if found.planned:
        rows = ((one.person, views.moment_text(one.goes_at), one.subject or "venter") for one in found.planned)
        paper.table(("Til", "Går", "Emne"), rows)
    left = (
        (found.over, "er ikke længere aktuel", "er ikke længere aktuelle"),
        (found.doubled, "får modtageren allerede i en anden rolle", "får modtagerne allerede i en anden rolle"),
        (found.newer, "er en påmindelse med en nyere om det samme", "er påmindelser med en nyere om det samme"),
        (found.forgotten, "bliver ikke sendt", "bliver ikke sendt"),
    )
    paper.bullets(plural(count, one, many) for count, one, many in left if count)
    if not found.is_all:
        paper.line("Der er flere; kør kommandoen igen.")


def _launched(found: Launch) -> str:
    return f"Dette sender {_counted(found)}."


def _counted(found: Launch) -> str:
    return f"{plural(found.mails, 'mail', 'mails')} fra prøven til {plural(found.people, 'person', 'personer')}"
