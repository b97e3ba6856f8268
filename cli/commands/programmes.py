"""The commands on a whole programme and its kommuner: start, enrol, choose, cluster and withdraw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.civil.danish import plural
from ...engine.values.names import KOMMUNE, PROGRAMME
from .. import arguments, keys
from ..mailing.agreeing import ToPreview, Yes, agree
from ..options import AsJson, By, Data, DataJson, HappenedAt, Override, Programme, Reason, after
from ..output import Paper, print_json
from ..session import session_of
from .doing import doing, show_happened

if TYPE_CHECKING:
    from ...runtime.engine import Engine
    from ...runtime.usecases.context import Outcome
    from ...runtime.usecases.programmes import Chosen

Files = Annotated[
    list[Path] | None,
    typer.Option("--file", metavar="PATH", help="A document of your own, or a folder of them; may be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    start_example = (
        "samskabt start forenklet-beskaeftigelsesindsats --start 2026-09-01\n"
        "samskabt start mit-program --file mit-program.yaml"
    )
    app.command(epilog=after(start_example, keys.HAPPENED))(start)
    app.command(epilog=after("samskabt enrol 1 København", keys.HAPPENED))(enrol)
    app.command(epilog=after("samskabt choose 1\nsamskabt choose 1 --apply --by Konsulent", keys.SELECTION))(choose)
    app.command(epilog=after("samskabt cluster 1 --rule tema --size 3\nsamskabt cluster 1 --apply", keys.CLUSTERS))(
        cluster
    )
    app.command(epilog=after("samskabt withdraw 0101 --reason 'Ny ledelse, ingen tid'", keys.HAPPENED))(withdraw)


def start(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="A programme of `samskabt workflow list`.")],
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="Shift the whole programme to begin near this day.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Another title than the document's.")] = None,
    version: Annotated[int | None, typer.Option("--version", metavar="N", help="Not the newest version.")] = None,
    files: Files = None,
    happened_at: HappenedAt = None,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Start a programme, on its own dates or shifted by whole weeks; makes the database if there is none."""
    from ...runtime import views

    with session_of(context).engine(as_json, create=True, files=files or ()) as engine:
        who = views.find_actor(engine, arguments.text(by))
        at = arguments.moment(happened_at, engine.context.clock.now())

        def change(one: Engine) -> Outcome:
            return one.programmes.start(
                key,
                actor=who,
                version=version,
                title=arguments.text(title),
                start=arguments.day_or_none("--start", start),
                happened_at=at,
            )

        agree(engine, change, preview=preview, yes=yes, as_json=as_json)
        outcome = change(engine)
        happened = views.happened(engine, views.before(engine, None), outcome.instance_id)
    show_happened(happened, as_json)


def enrol(
    context: typer.Context,
    programme: Annotated[str, typer.Argument(metavar="PROGRAMME", help="Its number or workflow key.")],
    kommune: Annotated[str, typer.Argument(metavar="KOMMUNE", help="A code or a name: 0101, København.")],
    data: Data = None,
    data_json: DataJson = None,
    happened_at: HappenedAt = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a kommune; refused after the deadline, twice, or when enrolment is not open."""
    from ...runtime import views

    with doing(context, programme, as_json) as one:
        one.engine.programmes.enrol(
            views.find_programme(one.engine, programme).id,
            arguments.text(kommune) or "",
            data=one.data(data, data_json),
            actor=one.actor(by),
            happened_at=one.at(happened_at),
        )


def choose(
    context: typer.Context,
    programme: Programme = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it: choose them and decline the rest.")] = False,
    preview: ToPreview = False,
    yes: Yes = False,
    reason: Reason = None,
    override: Override = False,
    happened_at: HappenedAt = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Show whom the document's criteria choose among those enrolled, and why each; --apply does it."""
    from ...runtime import views
    from ...runtime.views.selection import selection_view

    session = session_of(context)
    with session.engine(as_json) as engine:
        found = views.find_programme(engine, programme)
        session.about = (found.id, KOMMUNE)
        then = views.before(engine, found.id)
        if apply or preview:
            actor = views.find_actor(engine, arguments.text(by))
            at = arguments.moment(happened_at, engine.context.clock.now())
            why = arguments.text(reason)

            def change(one: Engine) -> Chosen:
                return one.programmes.choose(found.id, actor=actor, reason=why, override=override, happened_at=at)

            agree(engine, change, preview=preview, yes=yes, as_json=as_json)
            selection = change(engine).selection
        else:
            selection = engine.programmes.propose(found.id)
        view = selection_view(found, selection, applied=apply)
        mails = len(views.happened(engine, then, found.id).mails)
    if as_json:
        print_json(view)
        return
    paper = Paper()
    paper.line(f"{found.title} ({found.id})")
    rows = (
        ("valgt" if one.chosen else "ikke valgt", f"{one.name} ({one.code})", one.region, one.size_text, one.why)
        for one in view.kommuner
    )
    if not paper.table(("", "Kommune", "Region", "Størrelse", "Hvorfor"), rows, narrow=("",)):
        paper.line("Ingen kommuner venter på at blive valgt.")
    elif apply:
        paper.line(f"Det er gjort, og {plural(mails, 'mail', 'mails')} er lagt i kø (sendes af samskabt tick).")
    else:
        paper.line(f"Intet er ændret. Gør det med: samskabt choose {found.id} --apply")


def cluster(
    context: typer.Context,
    programme: Programme = None,
    by_rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help="geografi, tema, omraade or blandet.")
    ] = "geografi",
    size: Annotated[int, typer.Option("--size", metavar="N", min=2, help="At most so many in one.")] = 4,
    exempt: Annotated[
        list[str] | None, typer.Option("--exempt", metavar="KOMMUNE=REASON", help="Leave one out, and why.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it: form the clusters that are proposed.")] = False,
    preview: ToPreview = False,
    yes: Yes = False,
    reason: Reason = None,
    override: Override = False,
    happened_at: HappenedAt = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Propose clusters of the kommuner that take part, and why each; --apply forms them."""
    from ...runtime import views
    from ...runtime.views.selection import clusters_view

    session = session_of(context)
    with session.engine(as_json) as engine:
        found = views.find_programme(engine, programme)
        session.about = (found.id, PROGRAMME)
        clusters = engine.programmes.clusters
        apart = {views.kommune_code(name): why for name, _, why in (one.partition("=") for one in exempt or [])}
        proposal = clusters.propose(found.id, by=by_rule, size=size, exempt=apart)
        if apply or preview:
            who = views.find_actor(engine, arguments.text(by))
            at = arguments.moment(happened_at, engine.context.clock.now())

            def change(one: Engine) -> object:
                return one.programmes.clusters.form(
                    found.id,
                    proposal,
                    actor=who,
                    reason=arguments.text(reason),
                    override=override,
                    happened_at=at,
                )

            agree(engine, change, preview=preview, yes=yes, as_json=as_json)
            change(engine)
    view = clusters_view(found, proposal, applied=apply)
    if as_json:
        print_json(view)
        return
    paper = Paper()
    paper.line(f"{found.title} ({found.id})")
    rows = ((one.title, ", ".join(one.names), one.why) for one in view.clusters)
    if not paper.table(("Klynge", "Kommuner", "Hvorfor"), rows):
        paper.line("Der er ingen kommuner at danne klynger af.")
    for one in view.left_out:
        paper.line(f"Uden for: {one.name}. {one.why}")
    done = f"Intet er ændret. Gør det med: samskabt cluster {found.id} --rule {by_rule} --size {size} --apply"
    paper.line("Klyngerne er dannet." if apply else done)


def withdraw(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The kommune's process: a number, code or name.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    happened_at: HappenedAt = None,
    preview: ToPreview = False,
    yes: Yes = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let a kommune leave: its activities are called off, and its people get no more mails."""
    with doing(context, id, as_json) as one:
        who = one.actor(by)
        at = one.at(happened_at)

        def change(engine: Engine) -> object:
            return engine.programmes.withdraw(
                one.id,
                reason=arguments.text(reason) or "",
                actor=who,
                happened_at=at,
            )

        one.run(change, preview=preview, yes=yes, as_json=as_json)
