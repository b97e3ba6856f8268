"""The commands on the outbox: what it holds, sending again what was given up, and taking a message back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ...engine.civil.danish import plural
from ...engine.errors import InvalidInput, NotFound
from .. import arguments, keys
from ..commands.looking import outbox
from ..options import AsJson, By, after
from ..output import Paper, print_json
from ..session import session_of
from .agreeing import MOST_UNASKED, Yes

if TYPE_CHECKING:
    from ...runtime.engine import Engine
    from ...runtime.posting.telling import LetterInfo

SHOW = "show"
MOST = 10_000


class Outbox(TyperGroup):
    """Shows the outbox where no other command is named: `samskabt outbox 1 --status held`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command before what was written, if there is none."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else [SHOW, *args])


app = typer.Typer(cls=Outbox, rich_markup_mode=None, epilog=after("samskabt outbox --status held", keys.OUTBOX))
app.command(SHOW, epilog=after("samskabt outbox --status held", keys.OUTBOX))(outbox)


@app.callback()
def root() -> None:
    """Show the mails (`outbox [PROGRAMME] --status STATUS --limit N --json`), send again, or take back."""


@app.command(epilog=after("samskabt outbox resend 17 --preview\nsamskabt outbox resend --to 7", keys.RESENT))
def resend(
    context: typer.Context,
    mail: Annotated[int | None, typer.Argument(metavar="[MAIL]", help="Its number in `samskabt outbox`.")] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="PERSON", help="All that was given up for this person.")
    ] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="All that was given up for anybody.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Change nothing; say what would be sent.")] = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Send again, with the next delivery, what was given up: a mail by its number, or all of a person or of everybody.

    What is over by now is left out then. A mail that may have come (doubtful) goes only by its number.
    """
    from ...runtime import views

    if [mail is not None, to is not None, all_dead].count(True) != 1:
        raise typer.BadParameter("name a mail, --to PERSON or --all-dead, one of them")
    with session_of(context).engine(as_json) as engine:
        actor = views.find_actor(engine, arguments.text(by))
        found = _found(engine, mail, None if to is None else views.find_person(engine.people.all()[0], to).id)
        broken = {one.person_id: one.name for one in engine.inbox.broken()}
        if not preview:
            _agreed(found, yes or mail is not None, as_json)
            found = [engine.post.resend(one.id, actor=actor) for one in found]
    if as_json:
        print_json({"letters": found})
        return
    paper = Paper()
    rows = ((", ".join(map(str, one.mails)), one.person, f"{one.status_title}: {one.note}") for one in found)
    if not paper.table(("Mails", "Til", "Tilstand"), rows, narrow=("Mails",)):
        paper.line("Der er intet, som er opgivet.")
        return
    said = plural(len(found), "mail", "mails")
    paper.line(f"Dette sender {said} igen. Intet er ændret." if preview else f"{said} sendes igen næste gang.")
    for number in sorted({one.person_id for one in found} & set(broken)):
        paper.line(f"Adressen på {broken[number]} er meldt ude af drift; virker den: samskabt inbox forget {number}")
        paper.line(f"Er den forkert: samskabt person address {number} NY")


@app.command(epilog=after("samskabt outbox withdraw 12 --reason 'Mødet er aflyst' --preview", keys.TAKEN_BACK))
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


def _found(engine: Engine, mail: int | None, person: int | None) -> list[LetterInfo]:
    """Find the letters that are meant; NotFound for a mail that stands in none that was given up."""
    statuses = ("dead", "held", "doubtful") if mail is not None else ("dead", "held") if person else ("dead",)
    letters = [one for status in statuses for one in engine.post.letters(status, limit=MOST)]
    if mail is not None:
        found = [one for one in letters if mail in one.mails]
        if not found:
            known = sorted({number for one in letters for number in one.mails})
            raise NotFound("mail that was given up", mail, [str(number) for number in known[:20]])
        return found
    return [one for one in letters if person is None or one.person_id == person]


def _agreed(found: Sequence[LetterInfo], yes: bool, as_json: bool) -> None:
    """Ask where it is much."""
    if len(found) <= MOST_UNASKED or yes:
        return
    if as_json or not sys.stdin.isatty():
        said = plural(len(found), "mail", "mails")
        raise InvalidInput("--yes", f"this sends {said}; look with --preview, then do it with --yes")
    typer.confirm(f"Dette sender {plural(len(found), 'mail', 'mails')} igen. Fortsæt?", abort=True, err=True)
