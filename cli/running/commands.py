"""The commands of a process: run and health; what they do stands in runtime/running."""

from __future__ import annotations

import re
import signal
import threading
from datetime import timedelta
from types import FrameType
from typing import Annotated

import typer

from .. import keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(epilog=after("samskabt run\nsamskabt run --once    # from cron, every minute", keys.RUN))(run)
    app.command(epilog=after("samskabt health --json --max-age 10m", keys.HEALTH))(health)


def span(text: str) -> timedelta:
    """Read a span such as ``5s``, ``2m`` or ``1h``; a bare number is seconds."""
    from ...engine.errors import InvalidInput

    found = _SPAN.fullmatch(text.strip())
    if found is None or float(found[1]) == 0:
        raise InvalidInput("span", f"write a span such as 5s, 2m or 1h, not {text!r}")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2] or "s"])


def run(
    context: typer.Context,
    every: Annotated[str, typer.Option("--every", metavar="SPAN", help="How often it looks: 5s, 1m.")] = "5s",
    once: Annotated[bool, typer.Option("--once", help="Do all that is due and end; for cron.")] = False,
    no_deliver: Annotated[bool, typer.Option("--no-deliver", help="Send no mails; another process does.")] = False,
    accept_clock: Annotated[
        bool, typer.Option("--accept-clock", help="The clock has leapt, and it is right: do not wait an hour.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run until SIGTERM or SIGINT: fire what is due, send mails; with --once, exit code 1 if something failed."""
    import os

    from ...runtime.running.logs import form_of, writing_log
    from ...runtime.running.process import Running
    from ...runtime.views import moment_text

    stop = threading.Event()
    with session_of(context).engine(as_json) as engine, writing_log(form_of(os.environ)):
        running = Running(engine, every=span(every), delivers=not no_deliver, accepts_clock=accept_clock)
        _stop_on_signals(stop)
        begun = running.begin()
        if not as_json:
            due = moment_text(begun.next_due) if begun.next_due else "nothing"
            mails = "none (--no-deliver)" if no_deliver else begun.mailer
            typer.echo(f"samskabt runs on {begun.database}; mails: {mails}; next due: {due}")
            if begun.trial:
                typer.echo(
                    "TRIAL: all mail goes to one address (SAMSKABT_ALL_MAIL_TO); afterwards: samskabt mail launch"
                )
            if begun.moved:
                typer.echo(f"The rules of the time zone have changed: {begun.moved} timers keep their local time")
        if not once:
            running.until(stop)
            return
        report = running.once(stop)
    if as_json:
        print_json(
            {"timers": report.timers, "mails": report.mails, "broken": report.broken, "held": bool(report.held_for)}
        )
    else:
        fired, sent = report.timers, report.mails
        typer.echo(
            f"timers: {fired.fired} fired, {fired.failed} failed; mails: {sent.sent} sent, {sent.withdrawn} withdrawn,"
            f" {sent.held} held, {sent.failed} failed"
        )
        if report.held_for:
            typer.echo("The clock has leapt: nothing was done. Is it right? Then add --accept-clock", err=True)
        if report.broken:
            typer.echo(f"broken: {', '.join(report.broken)}; see the log above and `samskabt health`", err=True)
    raise typer.Exit(1 if report.failures else 0)


def health(
    context: typer.Context,
    max_age: Annotated[str, typer.Option("--max-age", metavar="SPAN", help="How old the last tick may be.")] = "3m",
    least_space: Annotated[int, typer.Option("--least-space", metavar="MB", help="How much disk must be free.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Say whether the engine is well, for monitoring: exit code 1 when somebody must come now."""
    from ...runtime.running.health import health_of

    with session_of(context).engine(as_json) as engine:
        found = health_of(engine, span(max_age), least_space * 2**20)
    if as_json:
        print_json(found)
    else:
        paper = Paper()
        for check in found.checks:
            advice = f" -> {check.advice}" if check.advice else ""
            paper.line(f"{check.level:4} {check.name}: {check.text}{advice}")
    raise typer.Exit(0 if found.is_well else 1)


def _stop_on_signals(stop: threading.Event) -> None:
    """Stop cleanly at the first signal; the second one ends the process at once, as the system does it."""

    def first(_signal: int, _frame: FrameType | None) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, first)
