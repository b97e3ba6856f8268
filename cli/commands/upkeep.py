"""The commands of whoever runs it: demo, tick and doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer

from .. import keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of

Progress = Callable[[int, int, str], None]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(epilog=after("samskabt demo\nsamskabt demo --dir /tmp/se --seed 7"))(demo)
    app.command(epilog=after("samskabt tick    # from cron, every few minutes", keys.TICK))(tick)
    app.command(epilog=after("samskabt doctor", keys.DIAGNOSIS))(doctor)


def demo(
    context: typer.Context,
    dir: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Where it puts its files (default: samskabt-demo or the next free)."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number, another story.")] = 1,
) -> None:
    """Play a whole programme in virtual time and tell what happened; nobody gets a mail."""
    from ...runtime.demo import run

    with session_of(context).telling(False):
        with bar() as progress:
            report = run(dir or _free_folder(), seed, progress)
        paper = Paper()
        for line in report.lines():
            paper.line(line)


def _free_folder() -> Path:
    """Give the first folder of samskabt-demo, samskabt-demo-2 ... that is not there: earlier demos stay."""
    names = chain(["samskabt-demo"], (f"samskabt-demo-{number}" for number in count(2)))
    return next(path for path in map(Path, names) if not path.exists())


def tick(context: typer.Context, as_json: AsJson = False) -> None:
    """Fire every timer and deliver every mail that is due, once; exit code 1 if something failed."""
    from ...runtime.settings import require_sender

    with session_of(context).engine(as_json) as engine:
        require_sender(engine.settings)
        fired, delivered = engine.tick(), engine.deliver()
        way = "gennem mailserveren" if engine.settings.smtp else f"i {engine.settings.mail_folder}"
    failed = fired.failed + delivered.failed
    if as_json:
        print_json({"timers": fired, "mails": delivered})
    else:
        paper = Paper()
        paper.line(f"{_many(fired.fired, 'påmindelse eller skift', 'påmindelser og skift')} er sket.")
        paper.line(f"{_many(delivered.sent, 'mail', 'mails')} er sendt ({way}).")
        paper.line(f"{delivered.withdrawn} er trukket tilbage, {delivered.held} venter på en modtager.")
        if failed:
            paper.line(f"{failed} mislykkedes og prøves igen; se samskabt status og samskabt outbox.")
    raise typer.Exit(1 if failed else 0)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check a database: history against positions, timers, outbox; exit code 1 if something is wrong."""
    from ...runtime.doctor import examine

    with session_of(context).engine(as_json) as engine:
        found = examine(engine)
    if as_json:
        print_json({"findings": found.findings, "counts": found.counts})
    else:
        paper = Paper()
        paper.table(
            ("Instans", "Kode", "Hvad"),
            ((one.instance_id or "", one.code, one.text) for one in found.findings),
            narrow=("Instans", "Kode"),
        )
        paper.pairs((name.replace("_", " "), str(count)) for name, count in found.counts.items())
        paper.line(f"{len(found.findings)} fund." if found.findings else "Alt er, som det skal være.")
    raise typer.Exit(1 if found.findings else 0)


def _many(count: int, one: str, many: str) -> str:
    from ...engine.civil.danish import plural

    return plural(count, one, many)


@contextmanager
def bar() -> Iterator[Progress]:
    """Show a progress bar on stderr where somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)
