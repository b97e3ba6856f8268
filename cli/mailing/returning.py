"""The commands `mail` and `inbox`: does the mail server work, what came back, and whose address does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import plural
from .. import arguments, keys
from ..options import AsJson, By, after
from ..output import Paper, print_json
from ..session import session_of
from .gallery import app

if TYPE_CHECKING:
    from ...runtime.delivering.inboxes import LeftMail

inbox = typer.Typer(help="What comes back: bounces, and answers.", no_args_is_help=True, rich_markup_mode=None)

_STEPS = {
    "connect": "Forbindelse",
    "tls": "Kryptering",
    "ehlo": "Kan",
    "auth": "Login",
    "delivered": "Afleveret",
    "written": "Skrevet",
}


@app.command("test", epilog=after("samskabt mail test karen@kommune.example", keys.TRIAL))
def try_out(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Who gets the test mail.")],
    as_json: AsJson = False,
) -> None:
    """Send a test mail through the configured mailer and say step by step what happened; exit code 7 if it failed."""
    from ...runtime.clock import SystemClock
    from ...runtime.delivering.trying import try_mailer

    session = session_of(context)
    with session.telling(as_json):
        clock = session.clock or SystemClock()
        trial = try_mailer(session.settings(), address, clock.now)
    if as_json:
        print_json(trial)
    else:
        paper = Paper()
        paper.line(f"Prøver at sende til {trial.recipient} gennem {trial.mailer}:")
        paper.pairs((_STEPS[step.name], step.text) for step in trial.steps)
        if trial.ok and trial.file is not None:
            paper.line("SAMSKABT_SMTP er ikke sat, så ingen får mailen; den ligger kun i filen.")
        else:
            paper.line("Mailen er afleveret." if trial.ok else f"Mailen kom ikke af sted: {trial.error}")
    raise typer.Exit(0 if trial.ok else 7)


@inbox.command("read", epilog=after("samskabt inbox read    # from cron; `samskabt run` does it too", keys.INBOX))
def read(context: typer.Context, as_json: AsJson = False) -> None:
    """Read the mailbox of SAMSKABT_INBOX once: bounces, answers to invitations; exit code 1 if some mail broke."""
    with session_of(context).engine(as_json) as engine:
        found = engine.inbox.read()
    if as_json:
        print_json(found)
    else:
        paper = Paper()
        paper.pairs(
            (
                ("Kommet tilbage", str(found.bounced)),
                ("Forsinket", str(found.delayed)),
                ("Svar på indkaldelser", str(found.answers)),
                ("Autosvar", str(found.automatic)),
                ("Meldinger, der ikke kan tros", str(found.foreign)),
                ("Andet, til et menneske", str(found.other + found.full)),
                ("Kan ikke læses", str(found.broke)),
                ("Mislykket, prøves igen", str(found.failed)),
            )
        )
        if found.bounced:
            paper.line("Se `samskabt inbox list`: hvilke adresser virker ikke.")
        if found.foreign or found.other or found.full or found.broke:
            paper.line("Se `samskabt inbox list`: hvor det ligger, som et menneske skal se på.")
    raise typer.Exit(1 if found.failed else 0)


@inbox.command("list", epilog=after("samskabt inbox list", keys.BROKEN))
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List whose address does not work, and which mails are for a person; exit code 1 if there are any."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found, left, replies = engine.inbox.broken(), engine.inbox.left(), len(engine.attendance.replies())
    if as_json:
        print_json({"addresses": found, "mails": left, "replies": replies})
    else:
        paper = Paper()
        rows = ((one.person_id, one.name, one.email, f"virker ikke siden {one.since}") for one in found)
        if not paper.table(("Person", "Navn", "Adresse", "Hvad"), rows, narrow=("Person",)):
            paper.line("Alle adresser virker, så vidt vi ved.")
        else:
            paper.line("Ret en adresse: samskabt person address PERSON NY. Virker den: samskabt inbox forget PERSON")
            paper.line("Send så igen, hvad der er opgivet: samskabt outbox resend --to PERSON")
        if left:
            paper.heading("Til et menneske")
            lies = ((one.id, views.moment_text(one.left_at), one.why_title, _about(one), one.place) for one in left)
            paper.table(("Nr.", "Siden", "Hvad", "Fra og om", "Hvor den ligger"), lies, narrow=("Nr.", "Siden"))
            if answer := next((one for one in left if one.instance_id is not None), None):
                registers = f"samskabt attendance answer {answer.instance_id} {answer.person_id or 'PERSON'} SVAR"
                paper.line(f"Skriver hun, om hun kommer, så registrér det: {registers}")
            paper.line("Når nogen har set på en: samskabt inbox settle NR")
        if replies:
            paper.line(f"Nogen skal se på {plural(replies, 'svar', 'svar')}: samskabt attendance replies")
    raise typer.Exit(1 if found or left or replies else 0)


def _about(mail: LeftMail) -> str:
    """Name who answers one of our mails from her own address, and the meeting it is about, with their numbers."""
    who = "" if mail.person_id is None else f"{mail.person or 'person'} ({mail.person_id})"
    what = "" if mail.instance_id is None else f"{mail.meeting} ({mail.instance_id})"
    return ", ".join(filter(None, (who, what)))


@inbox.command("settle", epilog=after("samskabt inbox settle 3\nsamskabt inbox settle --all", keys.SETTLED))
def settle(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="Its number in `samskabt inbox list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Note that somebody has seen to a mail that was left for people; it stays where it lies."""
    from ...runtime import views

    if (number is None) is not everything:
        raise typer.BadParameter("write a number or --all")
    with session_of(context).engine(as_json) as engine:
        count = engine.inbox.settle(number, actor=views.find_actor(engine, arguments.text(by)))
    if as_json:
        print_json({"settled": count})
    else:
        Paper().line(f"Set til: {plural(count, 'mail', 'mails')}.")


@inbox.command("forget", epilog=after("samskabt inbox forget 7    # the address works again", keys.FORGOTTEN))
def forget(
    context: typer.Context,
    person: Annotated[int, typer.Argument(metavar="PERSON", help="The person's number (`samskabt inbox list`).")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Forget that a person's address did not work, and write to it again; what was given up goes by `outbox resend`."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        count = engine.inbox.works_again(person, actor=views.find_actor(engine, arguments.text(by)))
        dead = sum(one.person_id == person for one in engine.post.letters("dead", limit=1000))
    if as_json:
        print_json({"person_id": person, "forgotten": count})
        return
    paper = Paper()
    paper.line("Der skrives igen til adressen." if count else "Adressen var ikke meldt ude af drift.")
    if dead:
        said = plural(dead, "mail er opgivet", "mails er opgivet")
        paper.line(f"{said} og går ikke af sig selv: samskabt outbox resend --to {person} --preview")
