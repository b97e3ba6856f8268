"""The commands on who comes to a meeting and who came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from ...engine.civil.danish import plural
from .. import arguments, keys
from ..options import AsJson, By, HappenedAt, Id, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...engine.attending import Answer
    from ...runtime.attending.views import AttendanceView
    from ...runtime.engine import Engine

SHOW = "show"


class ShowsByDefault(TyperGroup):
    """A group whose first word may be what is shown: ``attendance 17`` is ``attendance show 17``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the command in where the first word is none."""
        first = next((one for one in args if not one.startswith("-")), None)
        if first is not None and first not in self.commands:
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=ShowsByDefault,
    help="See who comes to a meeting, note answers and who came. ID alone shows it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Person = Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")]


@app.command(name=SHOW, epilog=after("samskabt attendance lokalt_opstartsmoede@Greve", keys.ATTENDANCE))
def show(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    """Show who is invited to a meeting, what they answered, and who came."""
    session = session_of(context)
    with session.engine(as_json) as engine:
        _tell(engine.attendance.of(_instance(engine, id)), as_json)


@app.command(epilog=after("samskabt attendance answer 17 'Anne Sørensen' kommer", keys.ATTENDEE))
def answer(
    context: typer.Context,
    id: Id,
    person: Person,
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="kommer (or ja), 'kommer ikke' (or nej) or måske.")],
    wait: Annotated[bool, typer.Option("--wait", help="Wait in line where no seat is left.")] = False,
    happened_at: HappenedAt = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Note what somebody answered to an invitation; the same again is noted once."""
    from ...engine.attending import Way
    from ...runtime import views

    session = session_of(context)
    with session.engine(as_json) as engine:
        number = _instance(engine, id)
        session.about = (number, None)
        found = views.find_person(engine.people.all()[0], arguments.text(person) or "")
        one = engine.attendance.answer(
            number,
            found.id,
            _answer(said),
            way=Way.COMMAND,
            actor=views.find_actor(engine, arguments.text(by)),
            happened_at=arguments.moment(happened_at, engine.context.clock.now()),
            waits=wait,
        )
    if as_json:
        print_json(one)
        return
    line = f" (nr. {one.place})" if one.place else ""
    Paper().line(f"{one.name}: {one.state_title}{line}.")


@app.command(epilog=after("samskabt attendance came 17 'Anne Sørensen' 5 8", keys.ATTENDANCE))
def came(
    context: typer.Context,
    id: Id,
    people: Annotated[list[str] | None, typer.Argument(metavar="[PERSON]...", help="All who came.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody came.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Note who came to a meeting: all others whom it is for did not. A later list replaces the earlier."""
    from ...engine.errors import InvalidInput
    from ...runtime import views

    session = session_of(context)
    with session.engine(as_json) as engine:
        if bool(people) is nobody:
            raise InvalidInput("people", "name those who came, or say --nobody")
        number = _instance(engine, id)
        session.about = (number, None)
        known = engine.people.all()[0]
        found = [views.find_person(known, arguments.text(one) or "").id for one in people or ()]
        view = engine.attendance.came(number, found, actor=views.find_actor(engine, arguments.text(by)))
        _tell(view, as_json)


@app.command(epilog=after("samskabt attendance replies", keys.REPLIES))
def replies(
    context: typer.Context,
    settle: Annotated[int | None, typer.Option("--settle", metavar="N", help="Somebody has looked at reply N.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """List the answers of calendars that a person must look at: other times proposed, and answers of strangers."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        if settle is not None:
            engine.attendance.settle(settle, actor=views.find_actor(engine, arguments.text(by)))
        found = engine.attendance.replies()
    if as_json:
        print_json({"replies": found})
        return
    paper = Paper()
    rows = ((one.id, one.instance_id or "", one.why_title, one.answer or "", one.sender) for one in found)
    if not paper.table(("Nr.", "Møde", "Hvorfor", "Svar", "Fra"), rows, narrow=("Nr.", "Møde")):
        paper.line("Der er ingen svar, som nogen skal se på.")


def _tell(view: AttendanceView, as_json: bool) -> None:
    from ...runtime import views

    if as_json:
        print_json(view)
        return
    paper = Paper()
    paper.heading(f"{view.title} (nr. {view.id})")
    rows = (
        (
            one.person_id,
            one.name,
            views.kommune_title(one.kommune) if one.kommune else "",
            one.state_title + (f", nr. {one.place}" if one.place else "") + (" (om den tidligere dag)" * one.is_old),
            {True: "ja", False: "nej", None: ""}[one.came],
        )
        for one in view.people
    )
    if not paper.table(("Nr.", "Navn", "Kommune", "Svar", "Kom"), rows, narrow=("Nr.",)):
        paper.line("Mødet er ikke for nogen, der har en rolle endnu.")
    for seat in view.seats:
        waits = f", {seat.waiting} på venteliste" if seat.waiting else ""
        said = f"{plural(seat.left, 'plads', 'pladser')} tilbage af {seat.seats}{waits}"
        paper.line(f"{views.kommune_title(seat.kommune)}: {said}.")
    if view.replies:
        said = plural(view.replies, "svar", "svar")
        paper.line(f"Nogen skal se på {said}: samskabt attendance replies")
    if view.written:
        what = "et svar" if view.written == 1 else "svar"
        paper.line(f"{', '.join(view.writers)} har skrevet {what}, som nogen skal læse: samskabt inbox list")


def _answer(said: str) -> Answer:
    """Read an answer as people say it."""
    from ...engine.attending import Answer
    from ...engine.errors import InvalidInput

    word = " ".join((arguments.text(said) or "").casefold().replace("_", " ").split()).replace("å", "aa")
    words = {"kommer": Answer.COMES, "ja": Answer.COMES, "kommer ikke": Answer.DECLINES, "nej": Answer.DECLINES}
    words |= {"maaske": Answer.MAYBE, "kommer maaske": Answer.MAYBE}
    if word not in words:
        raise InvalidInput("ANSWER", f"write kommer (or ja), 'kommer ikke' (or nej) or måske, not {said[:40]!r}")
    return words[word]


def _instance(engine: Engine, id: str) -> int:
    from ...runtime import views

    return views.find_instance(engine, arguments.text(id) or "")
