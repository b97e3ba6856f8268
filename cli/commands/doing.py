"""The commands that change an instance: advance, move, add and correct; each is one use case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ...engine.errors import Refused
from .. import arguments, keys
from ..mailing.agreeing import YOUR_REASON, Silent, ToPreview, Yes, agree, foresee, show
from ..options import AsJson, By, Data, DataJson, HappenedAt, Id, Override, Reason, Revision, after
from ..output import Paper, print_json
from ..session import session_of
from ..tables import mails, moved, told

if TYPE_CHECKING:
    from ...engine.values import Actor, Json
    from ...runtime.engine import Engine
    from ...runtime.usecases.context import Outcome
    from ...runtime.views import Happened

T = TypeVar("T")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    example = (
        "samskabt advance 0101 trin_1.begynd\n"
        "samskabt advance uddannelsesdag_1 afhold --happened-at '2019-10-03 15:00' \\\n"
        "    --data fremmoedte=0101 --data fremmoedte=Aarhus --data antal=12\n"
        "samskabt advance 0101 trin_1.afslut --override --reason 'MED drøfter det i næste uge'"
    )
    app.command(epilog=after(example, keys.HAPPENED))(advance)
    app.command(epilog=after("samskabt move uddannelsesdag_2 2019-11-21 --reason 'Lokalet er optaget'", keys.HAPPENED))(
        move
    )
    app.command(epilog=after("samskabt add 0101 challenge 'For mange sygedage' --data aktier=HR", keys.HAPPENED))(add)
    app.command("add-activity", epilog=after("samskabt add-activity 0101 workshop --on 2020-03-17", keys.HAPPENED))(
        add_activity
    )
    paused = "samskabt pause 0101 --reason 'Ny forvaltning' --until 2020-04-01"
    app.command(epilog=after(paused, keys.HAPPENED))(pause)
    app.command(epilog=after("samskabt resume 0101 --move 8", keys.HAPPENED))(resume)
    app.command(epilog=after("samskabt correct 0101 4 --reason 'Det var en anden kommune'", keys.HAPPENED))(correct)


@dataclass
class Doing:
    """One change under way: the engine, the instance, and how its command's options are read."""

    engine: Engine
    id: int

    def actor(self, by: str | None, *, silent: bool = False) -> Actor:
        """Find who says so; whoever enters something silently does it as an import, of which nobody is told."""
        from ...engine.values import ActorKind
        from ...runtime import views

        found = views.find_actor(self.engine, arguments.text(by))
        return replace(found, kind=ActorKind.IMPORT) if silent else found

    def run(
        self,
        change: Callable[[Engine], T],
        *,
        preview: bool,
        yes: bool,
        as_json: bool,
        overriding: Callable[[Engine], object] | None = None,
    ) -> T:
        """Make a change, or only show what it would lead to; where it sends much, ask first.

        A preview that is refused is refused as the change would be, and shows what ``overriding`` would lead to.
        """
        try:
            agree(self.engine, change, preview=preview, yes=yes, as_json=as_json, about=self.id)
        except Refused as refused:
            if preview and not as_json and overriding is not None and is_soft(refused):
                Paper().line("Sker det alligevel (--override):")
                show(foresee(self.engine, overriding, self.id), as_json)
            raise
        return change(self.engine)

    def reason(self, given: str | None, *, preview: bool) -> str | None:
        """Read a reason; a preview, which keeps none, asks for none either."""
        return arguments.text(given) or (YOUR_REASON if preview else None)

    def at(self, happened_at: str | None) -> datetime | None:
        """Read when it happened; None where that was not said."""
        return arguments.moment(happened_at, self.engine.context.clock.now())

    def data(self, pairs: Sequence[str] | None, document: str | None) -> dict[str, Json]:
        """Read data by the types of the fields that the instance's events take."""
        from ...runtime import views

        def type_of(name: str) -> str:
            return views.field_of_event(self.engine, self.id, name).type

        return arguments.data(pairs or [], document, type_of, views.kommune_code)


def is_soft(refused: Refused) -> bool:
    """Tell whether a reason is enough to go on."""
    from ...engine.values import Strength

    return all(one.strength is Strength.SOFT for one in refused.refusals)


@contextmanager
def doing(context: typer.Context, id: str, as_json: bool, kind: str | None = None) -> Iterator[Doing]:
    """Find an instance, let the block change it, and show what that led to in its whole programme."""
    from ...runtime import views

    session = session_of(context)
    with session.engine(as_json) as engine:
        number = views.find_instance(engine, id)
        session.about = (number, kind)
        then = views.before(engine, engine.show(number).programme_id)
        one = Doing(engine, number)
        yield one
        happened = views.happened(engine, then, number)
    show_happened(happened, as_json)


def show_happened(happened: Happened, as_json: bool) -> None:
    """Show what a decision led to."""
    if as_json:
        print_json(happened)
        return
    paper = Paper()
    paper.line(f"{happened.title} ({happened.id}), revision {happened.revision}")
    told(paper, happened.story)
    if happened.others:
        paper.heading("Det førte til")
        titles = {row.instance_id: title for row, title in zip(happened.others, happened.titles, strict=True)}
        told(paper, happened.others, titles=titles)
    if happened.born:
        paper.heading("Oprettet")
        rows = ((one.id, one.kind_title, one.title, one.state_title, one.when) for one in happened.born)
        paper.table(("Nr.", "Slags", "Titel", "Tilstand", "Hvornår"), rows, narrow=("Nr.",))
    moved(paper, happened.moved)
    if happened.mails:
        paper.heading("Mails, der er lagt i kø (sendes af samskabt tick)")
        mails(paper, happened.mails)


def advance(
    context: typer.Context,
    id: Id,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="An event that `samskabt options ID` lists.")],
    data: Data = None,
    data_json: DataJson = None,
    reason: Reason = None,
    override: Override = False,
    happened_at: HappenedAt = None,
    revision: Revision = None,
    silent: Silent = False,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Say that something happened, with its data; shows what it led to. Exit code 3 and a list if it is refused.

    Data are read by their field's type: ja/nej, numbers, days, checks (ja, or a note); lists by repeating the key.
    """
    with doing(context, id, as_json) as one:
        values = one.data(data, data_json)
        who = one.actor(by, silent=silent)
        at = one.at(happened_at)

        def change(engine: Engine, override: bool = override) -> Outcome:
            return engine.advance(
                one.id,
                event,
                data=values,
                actor=who,
                reason=one.reason(reason, preview=preview),
                override=override,
                happened_at=at,
                expected_revision=revision,
            )

        over = partial(change, override=True)
        one.run(change, preview=preview, yes=yes, as_json=as_json, overriding=over)


def move(
    context: typer.Context,
    id: Id,
    date: Annotated[str, typer.Argument(metavar="DATE", help="The new day: 2019-11-21 or 21.11.2019.")],
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day, if it lasts.")] = None,
    reason: Reason = None,
    override: Override = False,
    happened_at: HappenedAt = None,
    revision: Revision = None,
    silent: Silent = False,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Set or move the day of an activity or evaluation; shows everything that moves with it, and why.

    A preview shows the new days too; where it is refused, what stands in the way and what --override would lead to.
    """
    with doing(context, id, as_json) as one:
        who = one.actor(by, silent=silent)
        at = one.at(happened_at)

        def change(engine: Engine, override: bool = override) -> Outcome:
            return engine.reschedule(
                one.id,
                arguments.day("DATE", date),
                until=arguments.day_or_none("--until", until),
                reason=one.reason(reason, preview=preview),
                override=override,
                actor=who,
                happened_at=at,
                expected_revision=revision,
            )

        over = partial(change, override=True)
        one.run(change, preview=preview, yes=yes, as_json=as_json, overriding=over)


def add(
    context: typer.Context,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="Under which instance: a number or key[@kommune].")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What: challenge, solution ...")],
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Its title.")],
    data: Data = None,
    data_json: DataJson = None,
    happened_at: HappenedAt = None,
    silent: Silent = False,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Add a challenge to a kommune's process, or a solution to a challenge."""
    with doing(context, parent, as_json) as one:
        values = one.data(data, data_json)
        who = one.actor(by, silent=silent)
        at = one.at(happened_at)

        def change(engine: Engine) -> Outcome:
            return engine.add(
                one.id,
                kind,
                arguments.text(title) or "",
                data=values,
                actor=who,
                happened_at=at,
            )

        one.run(change, preview=preview, yes=yes, as_json=as_json)


def add_activity(
    context: typer.Context,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="The programme or a kommune: a number, key or name.")],
    activity: Annotated[str, typer.Argument(metavar="ACTIVITY", help="An activity's key in the workflow.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Its day; without one it is planned.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day, if it lasts.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Another title than the document's.")] = None,
    reason: Reason = None,
    override: Override = False,
    happened_at: HappenedAt = None,
    silent: Silent = False,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Add one more of an activity, or a voluntary one; refused beyond what the document allows."""
    with doing(context, parent, as_json) as one:
        who = one.actor(by, silent=silent)
        at = one.at(happened_at)

        def change(engine: Engine, override: bool = override) -> Outcome:
            return engine.programmes.add_activity(
                one.id,
                arguments.text(activity) or "",
                actor=who,
                day=arguments.day_or_none("--on", on),
                until=arguments.day_or_none("--until", until),
                title=arguments.text(title),
                reason=one.reason(reason, preview=preview),
                override=override,
                happened_at=at,
            )

        over = partial(change, override=True)
        one.run(change, preview=preview, yes=yes, as_json=as_json, overriding=over)


def pause(
    context: typer.Context,
    id: Id,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; shown to whoever is stopped by it.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="When it should be over; you are reminded once.")
    ] = None,
    happened_at: HappenedAt = None,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let an instance and everything below it stand still: no reminders, and no steps but its ends.

    Clocks that count from a state freeze; days that are set stay. Says how many of them fall into the pause.
    """
    last = arguments.day_or_none("--until", until)
    with doing(context, id, as_json) as one:
        who = one.actor(by)
        at = one.at(happened_at)

        def change(engine: Engine) -> Outcome:
            return engine.advance(
                one.id,
                "saet_i_bero",
                data={"til": last.isoformat()} if last else {},
                actor=who,
                reason=arguments.text(reason),
                happened_at=at,
            )

        outcome = one.run(change, preview=preview, yes=yes, as_json=as_json)
    if outcome.in_pause and not as_json:
        count = len(outcome.in_pause)
        said = "1 dag, der er sat, falder" if count == 1 else f"{count} dage, der er sat, falder"
        numbers = ", ".join(map(str, outcome.in_pause))
        Paper().line(f"{said} i pausen og bliver stående (nr. {numbers}). Flyt dem, eller brug: samskabt resume --move")


def resume(
    context: typer.Context,
    id: Id,
    move: Annotated[
        int | None, typer.Option("--move", metavar="WEEKS", help="Move what is left and not set by hand, in weeks.")
    ] = None,
    happened_at: HappenedAt = None,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a paused instance go on; frozen clocks go on with the days that were left to them."""
    with doing(context, id, as_json) as one:
        who = one.actor(by)
        at = one.at(happened_at)

        def change(engine: Engine) -> Outcome:
            return engine.advance(
                one.id,
                "genoptag",
                data={"flyt_uger": move} if move is not None else {},
                actor=who,
                happened_at=at,
            )

        one.run(change, preview=preview, yes=yes, as_json=as_json)


def correct(
    context: typer.Context,
    id: Id,
    seq: Annotated[int, typer.Argument(metavar="SEQ", min=1, help="The row of `samskabt history ID` that is wrong.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is wrong.")],
    revision: Revision = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Take back a wrong registration; the history keeps both. Nothing is mailed."""
    with doing(context, id, as_json) as one:
        one.engine.correct(
            one.id,
            seq,
            reason=arguments.text(reason) or "",
            actor=one.actor(by),
            expected_revision=revision,
        )
