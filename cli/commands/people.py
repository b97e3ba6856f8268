"""The commands on people and their roles; mails name roles, and are resolved to people when they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypedDict, TypeVar

import typer

from ...engine.civil.danish import long_date, plural
from ...engine.errors import InvalidInput
from .. import arguments, keys
from ..mailing.agreeing import ToPreview, agree
from ..options import AsJson, By, Reason, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...engine.values import Actor
    from ...runtime.continuity.absence import Absence
    from ...runtime.continuity.handing_over import HandedOver
    from ...runtime.continuity.replacing import Replaced
    from ...runtime.engine import Engine

T = TypeVar("T")
InProgramme = Annotated[str | None, typer.Option("--programme", help="Only in this one; otherwise in all.")]
InKommune = Annotated[str | None, typer.Option("--kommune", help="Only here (code or name); otherwise all.")]
FromDay = Annotated[str | None, typer.Option("--on", metavar="DATE", help="From this day on; otherwise today.")]

app = typer.Typer(help="Enter people and say who has which role.", no_args_is_help=True, rich_markup_mode=None)


@app.command(epilog=after("samskabt person add 'Kommunens jobcenter' job@eksempel.example --shared", keys.PERSON))
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    shared: Annotated[bool, typer.Option("--shared", help="It is a mailbox that several read.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Enter a person, or a mailbox that several read."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        actor = views.find_actor(engine, arguments.text(by))
        given = arguments.text(name) or "", arguments.text(email) or ""
        number = engine.people.add(*given, shared_mailbox=shared, actor=actor)
    if as_json:
        print_json({"id": number})
    else:
        Paper().line(f"Nr. {number}: {name}. Giv en rolle med: samskabt person assign {number} ROLE")


@app.command(epilog=after("samskabt person address 7 anne@eksempel.example", keys.READDRESSED))
def address(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")],
    email: Annotated[str, typer.Argument(metavar="NEW", help="The new address.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a person another address. Mails held for the old one go to it; what came back only by `outbox resend`."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (found,) = _people(engine, person)
        actor = views.find_actor(engine, arguments.text(by))
        done = engine.people.readdress(found.id, arguments.text(email) or "", actor=actor)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    paper.line(f"Der skrives nu til {found.name} på {done.email}." if done.is_new else f"{found.name} har den adresse.")
    if done.released:
        said = plural(done.released, "mail, der var holdt tilbage, går", "mails, der var holdt tilbage, går")
        paper.line(f"{said} dertil med næste udsendelse.")
    if done.given_up:
        said = plural(done.given_up, "mail er opgivet", "mails er opgivet")
        paper.line(f"{said} og går ikke af sig selv: samskabt outbox resend --to {found.id} --preview")


@app.command(epilog=after("samskabt person assign 1 kommunal_konsulent --kommune 0101 --from 2019-09-20", keys.ROLE))
def assign(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role of the programme: see `workflow show KEY`.")],
    programme: Annotated[str | None, typer.Option("--programme", help="Only in this one; otherwise in all.")] = None,
    kommune: Annotated[str | None, typer.Option("--kommune", help="Only here (code or name); otherwise all.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day; otherwise today.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Up to and including this day.")] = None,
    substitute: Annotated[
        str | None, typer.Option("--substitute", metavar="PERSON", help="Takes over in this role at every absence.")
    ] = None,
    preview: ToPreview = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a person a role; mails that waited for it are released, and invitations that are out follow."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (found,) = _people(engine, person)
        programme_id = views.find_programme(engine, programme).id if programme else None
        place = views.kommune_code(kommune) if kommune else None
        days = (arguments.day_or_none("--from", from_), arguments.day_or_none("--to", to))
        over = _people(engine, substitute)[0].id if substitute else None
        actor = views.find_actor(engine, arguments.text(by))

        def give(engine: Engine) -> int:
            return engine.people.assign(
                found.id,
                role,
                programme_id=programme_id,
                kommune=place,
                from_on=days[0],
                to_on=days[1],
                substitute_id=over,
                actor=actor,
            )

        _only_shown(engine, give, preview, as_json)
        number = give(engine)
        title = views.role_title(engine, role, programme_id)
    if as_json:
        print_json({"id": number, "person_id": found.id, "role": role})
    else:
        Paper().line(f"{found.name} er nu {title} (nr. {number}).")


@app.command(
    epilog=after("samskabt person replace 1 2 --kommune 0101 --on 2020-03-01 --reason 'Barsel'", keys.REPLACED)
)
def replace(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="Who steps down: a number, address or name.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Who takes over.")],
    role: Annotated[str | None, typer.Option("--role", help="Only this role; otherwise all of them.")] = None,
    programme: InProgramme = None,
    kommune: InKommune = None,
    on: FromDay = None,
    reason: Reason = None,
    preview: ToPreview = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a person take over another's roles; invitations that are out follow. Again does nothing."""
    why = arguments.text(reason) or ""

    def take_over(engine: Engine, who: Sequence[_Who], change: _Change) -> Replaced:
        return engine.people.replace(who[0].id, who[1].id, role=role, reason=why, **change)

    where = programme, kommune, on, by
    (before, after_), done = _passed(context, (old, new), where, take_over, preview=preview, as_json=as_json)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    paper.line(f"{after_.name} har overtaget {plural(len(done.roles), 'rolle', 'roller')} fra {before.name}.")
    paper.line(f"Indkaldelser i kø: {len(done.invited)} til den nye, {len(done.uninvited)} trukket tilbage.")


@app.command(epilog=after("samskabt person leave 1 --role leder --on 2020-03-01 --reason 'Nyt job'", keys.REPLACED))
def leave(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who steps down: a number, address or name.")],
    role: Annotated[str | None, typer.Option("--role", help="Only this role; otherwise all of them.")] = None,
    programme: InProgramme = None,
    kommune: InKommune = None,
    on: FromDay = None,
    reason: Reason = None,
    preview: ToPreview = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a person have no role any more, though nobody takes over; invitations that are out are taken back."""
    why = arguments.text(reason) or ""

    def step_down(engine: Engine, who: Sequence[_Who], change: _Change) -> Replaced:
        return engine.people.leave(who[0].id, role=role, reason=why, **change)

    where = programme, kommune, on, by
    (found,), done = _passed(context, (person,), where, step_down, preview=preview, as_json=as_json)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    paper.line(f"{found.name} har ikke længere {plural(len(done.roles), 'rolle', 'roller')}.")
    paper.line(f"Indkaldelser i kø: {len(done.invited)} til andre, {len(done.uninvited)} trukket tilbage.")


@app.command(
    name="hand-over",
    epilog=after("samskabt person hand-over 1 2 --on 2020-03-01 --note 'Ring til Greve først'", keys.HANDED_OVER),
)
def hand_over(
    context: typer.Context,
    from_: Annotated[str, typer.Argument(metavar="FROM", help="Who gives the work away.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="Who takes over, and gets a mail of what is open.")],
    programme: InProgramme = None,
    kommune: InKommune = None,
    on: FromDay = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A word to whoever takes over.")] = None,
    preview: ToPreview = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a person take over all of another's roles, and show what is open: the next step of each, and its day."""
    said = arguments.text(note) or ""

    def take_over(engine: Engine, who: Sequence[_Who], change: _Change) -> HandedOver:
        return engine.people.hand_over(who[0].id, who[1].id, note=said, **change)

    where = programme, kommune, on, by
    (giver, taker), done = _passed(context, (from_, to), where, take_over, preview=preview, as_json=as_json)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    paper.line(f"{taker.name} har overtaget {plural(len(done.replaced.roles), 'rolle', 'roller')} fra {giver.name}.")
    paper.table(
        ("Nr.", "Hvad", "Kommune", "Tilstand", "Næste skridt", "Hvornår"),
        ((one.instance_id, one.title, one.kommune or "", one.state, one.next_step, one.when) for one in done.open),
        narrow=("Nr.",),
    )


@app.command(epilog=after("samskabt person absent 1 --until 2020-03-01 --stand-in 2", keys.ABSENT))
def absent(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Up to and including this day; without it: back.")
    ] = None,
    stand_in: Annotated[
        str | None,
        typer.Option(
            "--stand-in", metavar="PERSON", help="A colleague with a role there, who takes over for that time."
        ),
    ] = None,
    preview: ToPreview = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Note that a person is away until a day, or back; the stand-in, or a substitute, gets the mails meanwhile.

    Mails about a meeting on a day after the absence still go to the person.
    """
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (found,) = _people(engine, person)
        last = arguments.day_or_none("--until", until)
        actor = views.find_actor(engine, arguments.text(by))
        over = _people(engine, stand_in)[0] if stand_in else None
        if over is not None and last is None:
            raise InvalidInput("--stand-in", "is for somebody who is away: say until when with --until")

        def go(engine: Engine) -> Absence:
            return engine.people.absent(found.id, last, stand_in_id=over.id if over else None, actor=actor)

        _only_shown(engine, go, preview, as_json)
        done = go(engine)
    if as_json:
        print_json(done)
        return
    paper = Paper()
    paper.line(f"{found.name} er væk til og med {long_date(last)}." if last else f"{found.name} er tilbage.")
    if over is not None:
        rest = f", men ikke i {plural(len(done.uncovered), 'rolle', 'roller')}" if done.uncovered else ""
        paper.line(f"Imens tager {over.name} over{rest}.")


@app.command(epilog=after("samskabt person busy 1 --from 2020-03-01 --to 2020-03-31", keys.BUSY))
def busy(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")],
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day; otherwise today.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Up to and including this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the meetings at which a person is to be, in all programmes."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (found,) = _people(engine, person)
        days = (arguments.day_or_none("--from", from_), arguments.day_or_none("--to", to))
        listed = engine.people.busy(found.id, from_on=days[0], to_on=days[1])
    if as_json:
        print_json({"id": found.id, "meetings": listed})
        return
    paper = Paper()
    rows = (
        (one.instance_id, views.when_text(one.first_on, one.last_on), one.title, one.programme, one.state)
        for one in listed
    )
    if not paper.table(("Nr.", "Hvornår", "Hvad", "Program", "Tilstand"), rows, narrow=("Nr.",)):
        paper.line(f"{found.name} har ingen møder i den tid.")


@app.command(name="list", epilog=after("samskabt person list", keys.PEOPLE))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List people with their roles, past ones too."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        people, roles = engine.people.all()
        titles = {one.id: views.role_title(engine, one.role, one.programme_id) for one in roles}
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
                    *(one.id, names.get(one.person_id), titles[one.id]),
                    *(one.programme_id or "alle", views.kommune_title(one.kommune) if one.kommune else "alle"),
                    *(views.when_text(one.from_on, None), views.when_text(one.to_on, None)),
                )
                for one in roles
            ),
            narrow=("Nr.",),
        )


def _only_shown(engine: Engine, change: Callable[[Engine], object], preview: bool, as_json: bool) -> None:
    """Show the mails that a change would send and end there, where that was asked for."""
    if preview:
        agree(engine, change, preview=True, yes=False, as_json=as_json)


class _Who(NamedTuple):
    """A person that a command is about."""

    id: int
    name: str


class _Change(TypedDict):
    """Where, from which day and by whose word roles go from one person to another."""

    programme_id: int | None
    kommune: str | None
    on: date | None
    actor: Actor


def _passed(
    context: typer.Context,
    typed: Sequence[str],
    where: tuple[str | None, str | None, str | None, str | None],
    change: Callable[[Engine, Sequence[_Who], _Change], T],
    *,
    preview: bool,
    as_json: bool,
) -> tuple[list[_Who], T]:
    """Let roles go from people to people, or only show what that would send; give the people and what it did.

    ``where`` is as typed: programme, kommune, day, and by whose word.
    """
    with session_of(context).engine(as_json) as engine:
        who, said = _people(engine, *typed), _change(engine, *where)

        def make(one: Engine) -> T:
            return change(one, who, said)

        _only_shown(engine, make, preview, as_json)
        return who, make(engine)


def _change(engine: Engine, programme: str | None, kommune: str | None, on: str | None, by: str | None) -> _Change:
    from ...runtime import views

    return _Change(
        programme_id=views.find_programme(engine, programme).id if programme else None,
        kommune=views.kommune_code(kommune) if kommune else None,
        on=arguments.day_or_none("--on", on),
        actor=views.find_actor(engine, arguments.text(by)),
    )


def _people(engine: Engine, *typed: str) -> list[_Who]:
    from ...runtime import views

    people = engine.people.all()[0]
    found = [views.find_person(people, arguments.text(one) or "") for one in typed]
    return [_Who(one.id, one.name) for one in found]
