"""The commands on what people want to hear, and on what reminders led to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import long_date
from ...engine.errors import NotFound
from .. import arguments, keys
from ..commands.people import _people
from ..options import AsJson, By, Programme, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...runtime.mailing.preferences import Answer, Preference

DIGESTS = ("day", "week", "off", "usual")
Person = Annotated[str, typer.Argument(metavar="PERSON", help="A number, address or name.")]
Kind = Annotated[
    str,
    typer.Argument(metavar="[KIND]", help="alle, paamindelser, evaluering, nyt, beskeder, programme:N or text:NAME."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to those on mails."""
    out = "samskabt mail opt-out 7 evaluering --until 2020-01-31"
    app.command("opt-out", epilog=after(out, keys.WISH))(opt_out)
    app.command(epilog=after("samskabt mail pause 7 --until 2020-01-31", keys.WISH))(pause)
    app.command(epilog=after("samskabt mail resume 7", keys.WISH))(resume)
    app.command(epilog=after("samskabt mail digest 7 week", keys.WISH))(digest)
    app.command(epilog=after("samskabt mail preferences 7", keys.WISHES))(preferences)
    app.command(epilog=after("samskabt mail memory", keys.MEMORY))(memory)


def opt_out(
    context: typer.Context,
    person: Person,
    kind: Kind = "paamindelser",
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day without them.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Send a person no more mails of a kind; invitations and cancellations come all the same."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (one,) = _people(engine, person)
        last, actor = arguments.day_or_none("--until", until), views.find_actor(engine, arguments.text(by))
        answer = engine.post.preferences.opt_out(one.id, arguments.text(kind) or "", last, actor=actor)
    _show(answer, as_json)


def pause(
    context: typer.Context,
    person: Person,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day of the pause.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a person's mails wait until a day is over."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (one,) = _people(engine, person)
        actor = views.find_actor(engine, arguments.text(by))
        answer = engine.post.preferences.pause(one.id, arguments.day("--until", until), actor=actor)
    _show(answer, as_json)


def resume(
    context: typer.Context,
    person: Person,
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="Only this kind; otherwise all.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Send a person mails again, and end a pause."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (one,) = _people(engine, person)
        actor = views.find_actor(engine, arguments.text(by))
        answer = engine.post.preferences.resume(one.id, arguments.text(kind), actor=actor)
    _show(answer, as_json)


def digest(
    context: typer.Context,
    person: Person,
    every: Annotated[str, typer.Argument(metavar="DIGEST", help="day, week, off, or usual: as everybody else.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Merge a person's mails of a day or a week into one, or not at all."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        (one,) = _people(engine, person)
        actor = views.find_actor(engine, arguments.text(by))
        if every not in DIGESTS:
            raise NotFound("digest", every, DIGESTS)
        answer = engine.post.preferences.digest(one.id, None if every == "usual" else every, actor=actor)
    _show(answer, as_json)


def preferences(
    context: typer.Context,
    person: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="Only this one; otherwise all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what people want to hear."""
    with session_of(context).engine(as_json) as engine:
        number = _people(engine, person)[0].id if person else None
        found = engine.post.preferences.list(number)
    if as_json:
        print_json({"preferences": found})
        return
    paper = Paper()
    rows = ((one.person_id, one.person, one.kind, _wish(one)) for one in found)
    if not paper.table(("Nr.", "Navn", "Slags", "Ønske"), rows, narrow=("Nr.",)):
        paper.line("Ingen har sagt noget om deres mails.")


def memory(context: typer.Context, programme: Programme = None, as_json: AsJson = False) -> None:
    """Show by text how many reminders were followed by a step within five working days; fewer than five are hidden.

    Only texts that ask for a step are listed: what is to be read, or answered by mail, leads to none.
    """
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        number = views.find_programme(engine, programme).id if programme else None
        found = engine.post.memory.told(number)
    if as_json:
        print_json({"texts": found})
        return
    paper = Paper()
    rows = (
        (one.template, *(("færre end 5", "", "") if one.share is None else (one.sent, one.moved, f"{one.share:.0%}")))
        for one in found
    )
    if not paper.table(("Tekst", "Sendt", "Fulgt af et skridt", "Andel"), rows):
        paper.line("Ingen påmindelser er gamle nok til, at vi kan se, hvad de førte til.")


def _show(answer: Answer, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    paper = Paper()
    for line in answer.said:
        paper.line(line)


def _wish(one: Preference) -> str:
    out = "nej tak" + (f" til og med {long_date(one.out_until)}" if one.out_until else "") if one.opted_out else ""
    waits = f"pause til og med {long_date(one.paused_until)}" if one.paused_until else ""
    merged = {"day": "én mail om dagen", "week": "én mail om ugen", "off": "en mail for hver ting"}
    return "; ".join(filter(None, (out, waits, merged.get(one.digest or "", "")))) or "som alle andre"
