"""The command `samskabt`: its global options and where its commands come from; knows no use case."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer
from typer.core import TyperGroup

from .commands import asking, documents, doing, looking, people, programmes, rehearsing, upkeep
from .errors import report
from .mailing import attending, calendars, gallery, messaging, resending, returning, wishing
from .measuring import commands as measuring
from .output import make_safe
from .running import commands as running
from .running import pages
from .session import Session


class Root(TyperGroup):
    """The command itself: says of an option that is its own where it stands."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as error:
            name = getattr(error, "option_name", None)
            if name in ("--db", "--all-mail-to"):
                error.message = (
                    f"{error.message}. It stands before the command: samskabt {name} ... {ctx.invoked_subcommand}"
                )
            raise


app = typer.Typer(
    name="samskabt",
    cls=Root,
    help="Programmes, kommuner, six trin: where everybody is, what may happen next, and what is missing.",
    epilog="Every command has its own --help with an example. Begin with: samskabt demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

for _room in (looking, asking, doing, programmes, rehearsing, upkeep, running, pages):
    _room.register(app)
app.add_typer(people.app, name="person", rich_help_panel=None)
app.add_typer(measuring.app, name="measure", rich_help_panel=None)
wishing.register(gallery.app)
messaging.register(app, gallery.app)
app.add_typer(resending.app, name="outbox", rich_help_panel=None)
app.add_typer(gallery.app, name="mail", rich_help_panel=None)
app.add_typer(returning.inbox, name="inbox", rich_help_panel=None)
app.add_typer(attending.app, name="attendance", rich_help_panel=None)
app.add_typer(calendars.app, name="calendar", rich_help_panel=None)
app.add_typer(documents.app, name="workflow", rich_help_panel=None)


def _version(wanted: bool) -> None:
    if wanted:
        from ..runtime.running.rounds import own_version

        typer.echo(f"samskabt {own_version()}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(
            "--db", metavar="URL", help="The database: sqlite:///file.db (default samskabt.db) or postgresql://..."
        ),
    ] = None,
    all_mail_to: Annotated[
        str | None,
        typer.Option("--all-mail-to", metavar="ADDRESS", help="A trial: every mail goes to this one address."),
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Programmes, kommuner, six trin: where everybody is, what may happen next, and what is missing.

    The database is named by --db or SAMSKABT_DB. ID is a number, or key[@kommune] in the only programme:
    uddannelsesdag_1, foerste_skridt@0101; 0101 or København alone is that kommune's process.

    Exit codes: 0 done, 1 problems found or a wrong document, 2 wrong input, 3 refused, 4 not found, 5 conflict,
    6 the database cannot be used, 7 the mail server or mailbox cannot be used.
    """
    session = context.obj if isinstance(context.obj, Session) else Session()
    session.choose(db, all_mail_to)
    context.obj = session


def run() -> None:
    """Run the command line of this process; never ends in a traceback for what a user can cause."""
    make_safe(sys.stdout, sys.stderr)
    logging.getLogger("samskabt").addHandler(logging.NullHandler())  # Commands use words; `run` writes a log.
    try:
        app(prog_name="samskabt")
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        sys.exit(report(error, as_json=False))
