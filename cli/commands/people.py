"""The commands on people and their roles; mails name roles, and are resolved to people when they are sent."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import arguments, keys
from ..options import AsJson, after
from ..output import Paper, print_json
from ..session import session_of

app = typer.Typer(help="Enter people and say who has which role.", no_args_is_help=True, rich_markup_mode=None)


@app.command(epilog=after("samskabt person add 'Kommunens jobcenter' job@eksempel.example --shared", keys.PERSON))
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    shared: Annotated[bool, typer.Option("--shared", help="It is a mailbox that several read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Enter a person, or a mailbox that several read."""
    with session_of(context).engine(as_json) as engine:
        number = engine.people.add(arguments.text(name) or "", arguments.text(email) or "", shared_mailbox=shared)
    if as_json:
        print_json({"id": number})
    else:
        Paper().line(f"Nr. {number}: {name}. Giv en rolle med: samskabt person assign {number} ROLE")


@app.command(epilog=after("samskabt person assign 1 kommunal_konsulent --kommune 0101 --from 2019-09-20", keys.ROLE))
def assign(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role of the programme: see `workflow show KEY`.")],
    programme: Annotated[str | None, typer.Option("--programme", help="Only in this one; otherwise in all.")] = None,
    kommune: Annotated[str | None, typer.Option("--kommune", help="Only here (code or name); otherwise all.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day; otherwise today.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Up to and including this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give a person a role; mails that waited for somebody with it are released."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = views.find_person(engine.people.all()[0], arguments.text(person) or "")
        programme_id = views.find_programme(engine, programme).id if programme else None
        number = engine.people.assign(
            found.id,
            role,
            programme_id=programme_id,
            kommune=views.kommune_code(kommune) if kommune else None,
            from_on=arguments.day_or_none("--from", from_),
            to_on=arguments.day_or_none("--to", to),
        )
    if as_json:
        print_json({"id": number, "person_id": found.id, "role": role})
    else:
        Paper().line(f"{found.name} er nu {role.replace('_', ' ')} (nr. {number}).")


@app.command(name="list", epilog=after("samskabt person list", keys.PEOPLE))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List people with their roles, past ones too."""
    from ...runtime.views.words import when_text

    with session_of(context).engine(as_json) as engine:
        people, roles = engine.people.all()
    if as_json:
        print_json({"people": people, "roles": roles})
        return
    paper = Paper()
    names = {one.id: one.name for one in people}
    if not paper.table(
        ("Nr.", "Navn", "Adresse", "Fælles postkasse"),
        ((one.id, one.name, one.email, "ja" if one.is_shared_mailbox else "") for one in people),
        narrow=("Nr.",),
    ):
        paper.line("Der er ingen personer endnu: samskabt person add NAME EMAIL")
    if roles:
        paper.heading("Roller")
        paper.table(
            ("Nr.", "Hvem", "Rolle", "Program", "Kommune", "Fra", "Til"),
            (
                (
                    *(one.id, names.get(one.person_id), one.role.replace("_", " ")),
                    *(one.programme_id or "alle", one.kommune or "alle"),
                    *(when_text(one.from_on, None), when_text(one.to_on, None)),
                )
                for one in roles
            ),
            narrow=("Nr.",),
        )
