"""The commands on workflow documents; they need no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...engine.civil.danish import plural
from .. import keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of
from .programmes import Files

app = typer.Typer(help="Read, check and draw workflow documents.", no_args_is_help=True, rich_markup_mode=None)

Key = Annotated[str, typer.Argument(metavar="KEY|FILE", help="A workflow of `samskabt workflow list`, or a file.")]


@app.command(name="list", epilog=after("samskabt workflow list", keys.WORKFLOWS))
def list_(context: typer.Context, files: Files = None, as_json: AsJson = False) -> None:
    """List the programmes that can be started."""
    from ...runtime.views.documents import workflow_rows

    with session_of(context).telling(as_json):
        rows = workflow_rows(files or ())
    if as_json:
        print_json({"workflows": rows})
    else:
        Paper().table(("Nøgle", "Version", "Titel"), ((one.key, one.version, one.title) for one in rows), ("Nøgle",))


@app.command(epilog=after("samskabt workflow check mit-program.yaml", keys.CHECK))
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A programme document (YAML).")],
    as_json: AsJson = False,
) -> None:
    """Find every mistake in a document, as file:line:column; exit code 1 if there are any."""
    from ...runtime.views.documents import check_report

    with session_of(context).telling(as_json):
        report = check_report(file)
    if as_json:
        print_json(report)
    else:
        paper = Paper()
        for problem in report.problems:
            paper.line(str(problem))
        for warning in report.warnings:
            paper.line(f"{warning} (advarsel)")
        if report.about:
            paper.line(report.about)
        paper.line(f"{file}: {len(report.problems)} fejl, {plural(len(report.warnings), 'advarsel', 'advarsler')}")
        if not report.ok:
            paper.line("Ret dem, og kør igen: navne, der ikke passer sammen, ses først, når formen er rigtig.")
    raise typer.Exit(0 if report.ok else 1)


@app.command(epilog=after("samskabt workflow show forenklet-beskaeftigelsesindsats", keys.OUTLINE))
def show(context: typer.Context, key: Key, files: Files = None, as_json: AsJson = False) -> None:
    """Show a programme in words: faser, activities with when, gates, spor, roles and reminders."""
    from ...runtime.views.documents import outline

    with session_of(context).telling(as_json):
        found = outline(key, files or ())
    if as_json:
        print_json(found)
        return
    paper = Paper()
    paper.line(f"{found.title} ({found.key}@{found.version})")
    paper.line(found.period)
    if found.purpose:
        paper.line()
        paper.line(found.purpose)
    if found.facts:
        paper.line()
    paper.bullets(found.facts, indent=0)
    for section in found.sections:
        paper.heading(f"{section.title}: {section.when}" if section.when else section.title)
        _also(paper, section.otherwise, 2)
        for item in section.items:
            ours = " (vores forslag)" if item.is_our_proposal else ""
            when = f": {item.when}{ours}" if item.when else ""
            added = " (tilføjet af os)" if item.is_ours else ""
            paper.hanging(f"{item.title} [{item.key}]{added}{when}", 2)
            if item.details:
                paper.hanging("; ".join(item.details), 6)
            _also(paper, item.otherwise, 6)
            if item.note:
                paper.hanging(f"Bemærk: {item.note}", 6)


def _also(paper: Paper, otherwise: str, indent: int) -> None:
    """Tell what the document says beside what is planned by, if anything."""
    if otherwise:
        paper.hanging(f"Dokumentet siger også: {otherwise}", indent)


@app.command(epilog=after("samskabt workflow diagram forenklet-beskaeftigelsesindsats --machine challenge"))
def diagram(
    context: typer.Context,
    key: Key,
    machine: Annotated[str | None, typer.Option("--machine", metavar="NAME", help="Only this one.")] = None,
    files: Files = None,
) -> None:
    """Draw a workflow's machines as Mermaid state diagrams."""
    from ...runtime.views.documents import diagram as draw

    with session_of(context).telling(False):
        text = draw(key, machine, files or ())
    typer.echo(text, nl=False)


@app.command(
    epilog=after(
        "samskabt workflow test mit-program.yaml    # reads mit-program.expect.yaml beside it\n"
        "samskabt workflow test forenklet-beskaeftigelsesindsats",
        keys.EXPECTED,
    )
)
def test(
    context: typer.Context,
    workflow: Annotated[str, typer.Argument(metavar="FILE|KEY", help="A document, or a shipped workflow.")],
    expect: Annotated[
        Path | None, typer.Option("--expect", metavar="FILE", help="Other expectations than those beside it.")
    ] = None,
    files: Files = None,
    as_json: AsJson = False,
) -> None:
    """Run what is expected of a workflow (NAME.expect.yaml) through the engine in virtual time.

    Every case begins with what is given, lives what happens, and looks at what is expected: dates, states, mails and
    refusals. Exit code 1 when anything is otherwise.
    """
    from ...runtime.rehearsal import try_workflow

    with session_of(context).telling(as_json):
        found = try_workflow(workflow, files=files or (), expectations=expect)
    wrong = sum(not one.ok for one in found)
    if as_json:
        print_json({"checked": found, "wrong": wrong})
    else:
        paper, case = Paper(), ""
        for one in found:
            if one.case != case:
                case = one.case
                paper.heading(case)
            ended = "ok" if one.ok else f"afvigelse: {one.instead} ({one.file}:{one.line})"
            paper.line(f"  {one.text}: {ended}")
        paper.line()
        paper.line(f"{plural(len(found), 'forventning', 'forventninger')}, {plural(wrong, 'afvigelse', 'afvigelser')}")
    raise typer.Exit(1 if wrong else 0)
