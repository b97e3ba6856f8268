"""The commands that look: status, show, options, history, agenda and outbox; they change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .. import keys
from ..arguments import day_or_instant
from ..errors import missing_text
from ..options import AsJson, AsOf, Id, Programme, after
from ..output import Paper, print_json
from ..session import session_of
from ..tables import about, dated, mails, measured, rest, told

if TYPE_CHECKING:
    from ...runtime.views import Board, Possibilities, Sheet
    from ...runtime.views.board import KommuneRow, ProgrammeRow
    from ...runtime.views.sheet import ChildRow, FieldView, Possible


SHOWN = 10
"""How many late things a status names; it is an overview."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(epilog=after("samskabt status\nsamskabt status 1 --as-of 2019-10-01 --json", keys.STATUS))(status)
    app.command(epilog=after("samskabt show uddannelsesdag_1\nsamskabt show 0101", keys.SHOW))(show)
    app.command(name="options", epilog=after("samskabt options foerste_skridt@0101", keys.OPTIONS))(options_)
    app.command(epilog=after("samskabt history 0101 --after 2 --limit 20", keys.HISTORY))(history)
    app.command(epilog=after("samskabt agenda --days 14 --kommune København", keys.AGENDA))(agenda)


def status(context: typer.Context, programme: Programme = None, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show the programmes, where every kommune stands, what is late and what comes next."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        then = day_or_instant("--as-of", as_of)
        rows = views.programme_rows(engine, then)
        wanted = rows if programme is None else [views.find_programme(engine, programme)]
        boards = [views.board_of(engine, one.id, then) for one in wanted]
    if as_json:
        print_json({"programmes": rows, "boards": boards})
        return
    paper = Paper()
    _told_of(paper, *[one.as_of for one in boards][:1])
    if not rows:
        paper.line("Der er ingen programmer endnu. Begynd et med: samskabt start KEY (se samskabt workflow list)")
    if len(rows) > 1:
        _programmes(paper, rows)
    for one in boards:
        _board(paper, one)


def show(context: typer.Context, id: Id, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show one instance: where it stands, its dates and why, its data, checklist, children and timers."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = views.sheet_of(engine, views.find_instance(engine, id), day_or_instant("--as-of", as_of))
    if as_json:
        print_json(found)
    else:
        _sheet(Paper(), found)


def options_(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    """Show what may happen next, and for what may not, everything that is missing and who can mend it."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = views.possibilities(engine, views.find_instance(engine, id))
    if as_json:
        print_json(found)
    else:
        _options(Paper(), found)


def history(
    context: typer.Context,
    id: Id,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many rows.")] = 200,
    after: Annotated[int, typer.Option("--after", min=0, metavar="SEQ", help="Only rows after this one.")] = 0,
    happened: Annotated[
        bool, typer.Option("--happened", help="In the order in which things happened, not that of registration.")
    ] = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show every event of an instance: both times, who, what, why, overrides and corrections."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        number = views.find_instance(engine, id)
        title, then = engine.show(number).title, day_or_instant("--as-of", as_of)
        rows = views.story_of(engine, number, after=after, limit=limit, as_of=then, by_happened=happened)
        said = views.as_of_text(engine, then)
    if as_json:
        print_json({"id": number, "title": title, "as_of": said, "rows": rows})
        return
    paper = Paper()
    _told_of(paper, said)
    paper.line(f"{title} ({number})")
    told(paper, rows)
    if len(rows) == limit:
        paper.line(f"Der kan være mere: --after {max(row.seq for row in rows)}")


def agenda(
    context: typer.Context,
    programme: Programme = None,
    days: Annotated[int, typer.Option("--days", min=0, max=36500, help="How far ahead.")] = 28,
    kommune: Annotated[str | None, typer.Option("--kommune", help="Only this kommune (code or name).")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show what is late, under way and coming, and the timers that will fire or send."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = views.find_programme(engine, programme)
        code = views.kommune_code(kommune) if kommune else None
        plan = views.agenda(engine, found.id, days=days, kommune=code, as_of=day_or_instant("--as-of", as_of))
    if as_json:
        print_json(plan)
        return
    paper = Paper()
    _told_of(paper, plan.as_of)
    until = views.when_text(plan.today, plan.until)
    paper.line(f"{plan.title}: {until}")
    for title, rows in (("Over tiden", plan.overdue), ("I gang", plan.under_way), ("På vej", plan.coming)):
        if rows:
            paper.heading(title)
            dated(paper, rows, is_late=rows is plan.overdue)
    if plan.timers:
        paper.heading("Påmindelser, og hvad der sker af sig selv")
        late = {True: "for sent", False: ""}
        paper.table(
            ("Hvornår", "Hvad", "Om", "Kommune", ""),
            (
                (views.moment_text(one.due_at), f"{one.rule_title} ({one.does})", *about(one), late[one.late])
                for one in plan.timers
            ),
            narrow=("Hvornår",),
        )
    if not (plan.overdue or plan.under_way or plan.coming or plan.timers):
        paper.line("Der er intet i de dage.")


def outbox(
    context: typer.Context,
    programme: Programme = None,
    status: Annotated[
        str | None, typer.Option("--status", help="pending, posted, sent, withdrawn, held, dead or doubtful.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10000, help="The newest so many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Show the mails: to which role and why, when they go or why they wait, and to whom they went."""
    from ...runtime import views
    from ...runtime.views.upcoming import require_status

    with session_of(context).engine(as_json) as engine:
        wanted = require_status(status) if status else None
        found = views.find_programme(engine, programme)
        rows = views.outbox(engine, found.id, wanted, limit=limit)
        trial = engine.settings.all_mail_to
    if as_json:
        print_json({"id": found.id, "title": found.title, "all_mail_to": trial, "mails": rows})
        return
    paper = Paper()
    if trial:
        paper.line(f"PRØVE: alle mails går til {trial}, og ingen andre får noget.")
        paper.line("Efter prøven sender samskabt mail launch det, der stadig er aktuelt, til dem, det er til.")
        paper.line()
    if not mails(paper, rows):
        paper.line("Der er ingen mails." if status is None else f"Der er ingen mails, som er »{status}«.")


def _told_of(paper: Paper, *said: str) -> None:
    """Say plainly that this is not how it stands today."""
    for text in filter(None, said):
        paper.line(text)
        paper.line()


def _programmes(paper: Paper, rows: tuple[ProgrammeRow, ...]) -> None:
    paper.table(
        ("Nr.", "Program", "Tilstand", "Kommuner", "Over tiden"),
        ((one.id, one.title, one.state_title, one.kommuner, one.overdue) for one in rows),
        narrow=("Nr.",),
    )


def _board(paper: Paper, board: Board) -> None:
    paper.heading(f"{board.title} ({board.id})")
    paper.line(f"{board.state_title}. {board.when}".strip())
    paper.line()
    paper.table(("Fase", "Hvornår", "Tilstand"), ((one.title, one.when, one.state_title) for one in board.phases))
    if board.kommuner:
        paper.line()
        trin = [f"Trin {cell.trin}" for cell in board.kommuner[0].trin]
        trin += [cell.title for cell in board.kommuner[0].faser]
        paper.table(
            ("Nr.", "Kommune", "Forløb", *trin),
            (
                (one.id, f"{one.name} ({one.code})", one.state_title, *_comb(one.state, _texts(one)))
                for one in board.kommuner
            ),
            narrow=("Nr.",),
        )
    if board.overdue:
        paper.heading(f"Over tiden ({len(board.overdue)})")
        dated(paper, board.overdue[:SHOWN], is_late=True)
        rest(paper, len(board.overdue) - SHOWN, f"samskabt agenda {board.id}")
    if board.coming:
        paper.heading("Det næste")
        dated(paper, board.coming)
    _warnings(paper, board)


def _texts(row: KommuneRow) -> list[str]:
    return [*(cell.text for cell in row.trin), *(fase.state_title for fase in row.faser)]


def _comb(state: str, texts: list[str]) -> list[str]:
    """Leave the comb of a kommune that is not taking part empty: it is not waiting for anything."""
    return ["-"] * len(texts) if state in ("tilmeldt", "venteliste", "ikke_valgt", "trukket") else texts


def _warnings(paper: Paper, board: Board) -> None:
    from ...runtime.views import moment_text

    if board.held_mails or board.dead_mails:
        paper.heading("Mails, der ikke kommer frem")
        lines = [f"{board.held_mails} venter på, at nogen får rollen (samskabt outbox {board.id} --status held)"]
        dead = [f"{board.dead_mails} er opgivet (samskabt outbox {board.id} --status dead)"]
        paper.bullets((lines if board.held_mails else []) + (dead if board.dead_mails else []))
    if board.late_timers:
        paper.heading(f"Påmindelser, der er forsinket ({len(board.late_timers)}); kør samskabt tick")
        paper.table(
            ("Skulle være sket", "Hvad", "Om", "Kommune", "Forsøg", "Fejl"),
            (
                (moment_text(one.due_at), one.rule_title, *about(one), one.attempts or "", one.last_error)
                for one in board.late_timers[:SHOWN]
            ),
            narrow=("Skulle være sket",),
        )
        rest(paper, len(board.late_timers) - SHOWN, f"samskabt agenda {board.id}")


def _sheet(paper: Paper, one: Sheet) -> None:
    from ...runtime.views import moment_text, when_text

    _told_of(paper, one.as_of)
    paper.line(f"{one.title} ({one.id})")
    dates = one.dates
    kommune = f"{one.kommune_name} ({one.kommune})" if one.kommune and one.kommune_name != one.title else ""
    parent = f"{one.parent_title} ({one.parent_id})" if one.parent_id else ""
    fixed = f"Fastsat af {dates.fixed_by}." if dates.fixed_by else ""
    happened = dates.actual_start is not None or dates.actual_end is not None
    paper.pairs(
        (
            ("Slags", one.kind_title),
            ("Nøgle", one.key),
            ("Kommune", kommune),
            ("Under", parent),
            ("Skete" if happened else "Planlagt", dates.text),
            ("Hvorfor dér", " ".join(filter(None, (dates.reason, fixed)))),
            ("Usikker dato", one.uncertain),
            ("Revision", str(one.revision)),
        )
    )
    paper.line()
    for pause in one.paused:
        until = f", ventes genoptaget {when_text(pause.until, None)}" if pause.until else ""
        paper.line(f"I BERO siden {moment_text(pause.since)} ({pause.at_title}), sat af {pause.by}: {pause.why}{until}")
    since = ((place.title, place.state_title, moment_text(place.since) if place.since else "") for place in one.places)
    paper.table(("Hvor", "Tilstand", "Siden"), since)
    if one.fields:
        paper.heading("Oplysninger")
        paper.pairs((field.title, field.text) for field in one.fields)
    if one.prices:
        paper.heading("Pris")
        paper.pairs(one.prices)
    if one.checklist:
        paper.heading("Tjekliste")
        paper.table(
            ("", "Punkt", "Hvem har gjort det", "Hvornår", "Ansvar"),
            (
                (
                    "[x]" if item.ticked else "[ ]",
                    _noted(item.title, item.note),
                    item.by,
                    _short(item.on),
                    _spelt(item.owner),
                )
                for item in one.checklist
            ),
            narrow=("",),
        )
    if one.measures or one.registrations:
        measured(paper, one)
    if one.children:
        paper.heading("Under den")
        if len(one.children) > SHOWN:
            paper.bullets(_counted(one.children))
        rows = ((c.id, c.kind_title, c.title, c.state_title, c.when) for c in one.children)
        paper.table(("Nr.", "Slags", "Titel", "Tilstand", "Hvornår"), rows, narrow=("Nr.",))
    if one.timers:
        paper.heading("Påmindelser, og hvad der sker af sig selv")
        timers = ((moment_text(timer.due_at), timer.title, timer.does) for timer in one.timers)
        paper.table(("Hvornår", "Hvad", "Hvordan"), timers, narrow=("Hvornår",))
    if one.mails:
        paper.heading("Mails, der venter")
        waits = ((mail.id, _spelt(mail.role), mail.waits) for mail in one.mails)
        paper.table(("Nr.", "Til", "Hvorfor"), waits, narrow=("Nr.",))


def _counted(children: Sequence[ChildRow]) -> Iterator[str]:
    """Sum a long list up, a line a kind: how many stand where."""
    kinds = dict.fromkeys(child.kind_title for child in children)
    for kind in kinds:
        states = Counter(child.state_title for child in children if child.kind_title == kind)
        yield f"{kind}: {', '.join(f'{count} {state}' for state, count in states.items())}"


def _spelt(role: str | None) -> str:
    return (role or "").replace("_", " ")


def _noted(title: str, note: str) -> str:
    return f"{title}: {note}" if note else title


def _short(day: object) -> str:
    from ...runtime.views import value_text

    return value_text(str(day)) if day else ""


def _options(paper: Paper, found: Possibilities) -> None:
    paper.line(f"{found.title} ({found.id}), revision {found.revision}")
    can, cannot = ([one for one in found.options if one.may is may] for may in (True, False))
    if can:
        paper.heading("Kan ske nu")
        paper.table(("Hændelse", "Hvad", "Bliver til", "Felter"), (_option(one) for one in can), narrow=("Hændelse",))
    if cannot:
        paper.heading("Mangler noget")
    for one in cannot:
        paper.line(f"{one.event}: {one.title}")
        paper.bullets(missing_text(missing) for missing in one.missing)
        fields = _fields(one)
        if fields:
            paper.line(f"    Felter: {fields}")
    for one in found.options:
        for field in (*one.wants, *one.takes):
            if field.choices:
                paper.heading(f"{field.name} ({one.event})")
                paper.table(("Nøgle", "Titel"), field.choices.items(), narrow=("Nøgle",))
    if not found.options:
        paper.line("Herfra er der intet mere at gøre.")


def _option(one: Possible) -> tuple[str, str, str, str]:
    return one.event, one.title, one.to_title if one.to_state else "", _fields(one)


def _fields(one: Possible) -> str:
    wants = [_field(field) + "*" for field in one.wants] + (["--reason*"] if one.wants_reason else [])
    # A move takes the whole checklist along; only the event that is for ticking names every item.
    checks = [field for field in one.takes if field.type == "check"] if one.to_state else []
    takes = [_field(field) for field in one.takes if field not in checks]
    return ", ".join(wants + takes + (["tjeklistens punkter"] if checks else []))


def _field(field: FieldView) -> str:
    return field.name if field.type in ("text", "check") else f"{field.name} ({field.type})"
