"""The commands on calendars: a meeting as a file, and the secret addresses of feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from .. import arguments, keys
from ..options import AsJson, By, Id, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...runtime.engine import Engine

app = typer.Typer(
    help="Give meetings to calendars: as a file, or as a feed with a secret address.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Whose = Annotated[
    str, typer.Argument(metavar="PERSON|PROGRAMME", help="A person's number, address or name; or a programme's key.")
]
IsProgramme = Annotated[bool, typer.Option("--programme", help="The number is a programme's, not a person's.")]


class _Who(TypedDict, total=False):
    person_id: int
    programme_id: int


@app.command(epilog=after("samskabt calendar export lokalt_opstartsmoede@Greve > moede.ics"))
def export(context: typer.Context, id: Id) -> None:
    """Write a meeting as an .ics file to the standard output."""
    from ...runtime import views

    with session_of(context).engine(False) as engine:
        content = engine.attendance.export(views.find_instance(engine, arguments.text(id) or ""))
    typer.echo(content, nl=False)


@app.command(epilog=after("samskabt calendar address anne@eksempel.example", keys.ADDRESS))
def address(
    context: typer.Context, whose: Whose, programme: IsProgramme = False, by: By = None, as_json: AsJson = False
) -> None:
    """Make the address of a feed. It is shown once; whoever has it sees the meetings until it is revoked."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = _who(engine, whose, programme)
        secret = engine.attendance.address(**found, actor=views.find_actor(engine, arguments.text(by)))
        at = engine.settings.web_url
    whole = f"{at}/kalender/{secret}.ics" if at else None
    if as_json:
        print_json({**_ids(found), "secret": secret, "address": whole})
        return
    paper = Paper()
    paper.line(whole or secret)
    paper.line("Den vises kun nu. Den, der har den, kan se møderne: giv den ikke videre.")
    if whole is None:
        paper.line("Det er kun den hemmelige del. Sæt SAMSKABT_WEB_URL, så er adressen <den>/kalender/HEMMELIG.ics.")


@app.command(epilog=after("samskabt calendar revoke anne@eksempel.example", keys.REVOKED))
def revoke(
    context: typer.Context, whose: Whose, programme: IsProgramme = False, by: By = None, as_json: AsJson = False
) -> None:
    """Revoke all feed addresses of a person or a programme."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = _who(engine, whose, programme)
        count = engine.attendance.revoke(**found, actor=views.find_actor(engine, arguments.text(by)))
    if as_json:
        print_json({**_ids(found), "revoked": count})
    else:
        Paper().line(f"Tilbagekaldt: {count}.")


def _ids(found: _Who) -> dict[str, int | None]:
    return {"person_id": found.get("person_id"), "programme_id": found.get("programme_id")}


def _who(engine: Engine, typed: str, is_programme: bool) -> _Who:
    """Read whose feed is meant: a person, unless it is the key of a programme or said to be one."""
    from ...runtime import views

    wanted = arguments.text(typed) or ""
    with engine.context.store.read() as reader:
        named = {one.key for one in reader.programmes()}
    if is_programme or wanted in named:
        return {"programme_id": views.find_programme(engine, wanted).id}
    return {"person_id": views.find_person(engine.people.all()[0], wanted).id}
