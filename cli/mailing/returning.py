"""The commands `mail` and `inbox`: does the mail server work, what came back, and whose address does not work."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of
from .gallery import app

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
                ("Om andres mails", str(found.foreign)),
                ("Andet, til et menneske", str(found.other)),
                ("Mislykket, prøves igen", str(found.failed)),
            )
        )
        if found.bounced:
            paper.line("Se `samskabt inbox list`: hvilke adresser virker ikke.")
    raise typer.Exit(1 if found.failed else 0)


@inbox.command("list", epilog=after("samskabt inbox list", keys.BROKEN))
def broken(context: typer.Context, as_json: AsJson = False) -> None:
    """List whose address does not work; exit code 1 if there are any."""
    with session_of(context).engine(as_json) as engine:
        found = engine.inbox.broken()
    if as_json:
        print_json({"addresses": found})
    else:
        paper = Paper()
        rows = ((one.person_id, one.name, one.email, f"virker ikke siden {one.since}") for one in found)
        if not paper.table(("Person", "Navn", "Adresse", "Hvad"), rows, narrow=("Person",)):
            paper.line("Alle adresser virker, så vidt vi ved.")
    raise typer.Exit(1 if found else 0)


@inbox.command("forget", epilog=after("samskabt inbox forget 7    # the address works again", keys.FORGOTTEN))
def forget(
    context: typer.Context,
    person: Annotated[int, typer.Argument(metavar="PERSON", help="The person's number (`samskabt inbox list`).")],
    as_json: AsJson = False,
) -> None:
    """Forget that a person's address did not work, and write to it again."""
    with session_of(context).engine(as_json) as engine:
        count = engine.inbox.works_again(person)
    if as_json:
        print_json({"person_id": person, "forgotten": count})
    else:
        Paper().line("Der skrives igen til adressen." if count else "Adressen var ikke meldt ude af drift.")
