"""The commands of whoever runs it: demo, tick and doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    dir: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where it puts its files.")] = Path("samskabt-demo"),
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number, another story.")] = 1,
) -> None:
    """Play a whole programme in virtual time and tell what happened; nobody gets a mail."""
    from ...runtime.demo import run  # type: ignore[import-not-found, unused-ignore]

    with session_of(context).telling(False):
        with _bar() as progress:
            report = run(dir, seed, progress)
        paper = Paper()
        for line in report.lines():
            paper.line(line)


def tick(context: typer.Context, as_json: AsJson = False) -> None:
    """Fire every timer and deliver every mail that is due, once; exit code 1 if something failed."""
    with session_of(context).engine(as_json) as engine:
        fired, delivered = engine.tick(), engine.deliver()
        folder = engine.settings.mail_folder
    failed = fired.failed + delivered.failed
    if as_json:
        print_json({"timers": fired, "mails": delivered})
    else:
        paper = Paper()
        paper.line(f"{fired.fired} påmindelser og skift er sket, {fired.failed} mislykkedes og prøves igen.")
        paper.line(
            f"{delivered.sent} mails er sendt (i {folder}), {delivered.withdrawn} trukket tilbage, "
            f"{delivered.held} holdt tilbage, {delivered.failed} mislykkedes."
        )
    raise typer.Exit(1 if failed else 0)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check a database: history against positions, timers, outbox; exit code 1 if something is wrong."""
    from ...runtime.doctor import examine  # type: ignore[import-not-found, unused-ignore]

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


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show a progress bar on stderr where somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)
