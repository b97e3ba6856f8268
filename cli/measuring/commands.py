"""The commands on measuring: register, judge, aim and correct; results against the baseline, and the criteria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ...engine.values.names import KOMMUNE
from .. import arguments, keys
from ..options import AsJson, By, Id, Override, Programme, Reason, after
from ..output import Paper, print_json
from ..session import session_of

if TYPE_CHECKING:
    from ...engine.measuring import Registration
    from ...engine.measuring.results import Line, MeasureResult
    from ...runtime.engine import Engine
    from ...runtime.measuring.measures import Given
    from ...runtime.measuring.views import CriterionRow
    from ..session import Session

app = typer.Typer(
    help="Register what evaluations find, and see it against the baseline.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Measure = Annotated[str, typer.Argument(metavar="MEASURE", help="The key of a målepunkt: see `show`.")]
Criterion = Annotated[str, typer.Argument(metavar="CRITERION", help="The key of a criterion: see `measure criteria`.")]
Yes = Annotated[int | None, typer.Option("--yes", help="How many said yes.")]
Many = Annotated[int | None, typer.Option("--n", help="How many answered.")]
Value = Annotated[str | None, typer.Option("--value", help="A count, or a mean of n answers, such as 12,5.")]
Group = Annotated[str, typer.Option("--group", help="Only this group of those who answered.")]
Where = Annotated[str | None, typer.Option("--kommune", help="In which kommune (code or name), if it is for several.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day it is of; otherwise today.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark; never names of those who answered.")]
Known = Annotated[str | None, typer.Option("--as-of", metavar="WHEN", help="What was known then.")]
Key = Annotated[str | None, typer.Option("--key", help="An idempotency key: asked again, it is registered once.")]


@app.command(epilog=after("samskabt measure register baseline@0101 metoder --yes 31 --n 40", keys.REGISTERED))
def register(
    context: typer.Context,
    id: Id,
    measure: Measure,
    yes: Yes = None,
    n: Many = None,
    value: Value = None,
    group: Group = "",
    kommune: Where = None,
    period: Annotated[str, typer.Option("--period", help="Of a solution: foer or efter.")] = "",
    instrument: Annotated[str | None, typer.Option("--instrument", help="If it was another than agreed.")] = None,
    on: On = None,
    note: Note = "",
    key: Key = None,
    by: By = None,
    reason: Reason = None,
    override: Override = False,
    as_json: AsJson = False,
) -> None:
    """Register answers to a målepunkt: counts and means per group, never who answered what."""
    session = session_of(context)
    with session.engine(as_json) as engine:
        number = _instance(session, engine, id)
        row = engine.measures.register(
            number,
            measure,
            _given(engine, by, on, note, reason, override, key),
            value=_value(value),
            yes=yes,
            n=n,
            group=arguments.text(group) or "",
            kommune=_kommune(kommune),
            instrument=arguments.text(instrument),
            period=period,
        )
        _told(engine, row, as_json)


@app.command(epilog=after("samskabt measure judge afsluttende_evaluering@0101 plan --met", keys.REGISTERED))
def judge(
    context: typer.Context,
    id: Id,
    criterion: Criterion,
    met: Annotated[bool, typer.Option("--met/--not-met", help="Whether it is met.")],
    kommune: Where = None,
    on: On = None,
    note: Note = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Judge a criterion that no number decides, for an evaluation, a kommune or a programme."""
    session = session_of(context)
    with session.engine(as_json) as engine:
        given = _given(engine, by, on, note, None, False, None)
        row = engine.measures.judge(_instance(session, engine, id), criterion, met, given, kommune=_kommune(kommune))
        _told(engine, row, as_json)


@app.command(epilog=after("samskabt measure aim 0101 selvforsoergelse 40 --group Sygedagpenge", keys.REGISTERED))
def aim(
    context: typer.Context,
    id: Id,
    criterion: Criterion,
    value: Annotated[str, typer.Argument(metavar="NUMBER", help="The target, such as 40 or 12,5.")],
    group: Group = "",
    kommune: Where = None,
    note: Note = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Set a kommune's own target; an earlier one is kept, and the newest counts."""
    session = session_of(context)
    with session.engine(as_json) as engine:
        given = _given(engine, by, None, note, None, False, None)
        wanted = _value(value) or 0.0
        found = engine.measures.aim(
            _instance(session, engine, id), criterion, wanted, given, group=group, kommune=_kommune(kommune)
        )
        _told(engine, found, as_json)


@app.command(
    epilog=after(
        'samskabt measure agree 1 nye_metoder \'{"title": "Har fået nye metoder", "unit": "pct"}\'',
        keys.REGISTERED,
    )
)
def agree(
    context: typer.Context,
    programme: Annotated[str, typer.Argument(metavar="PROGRAMME", help="Its number or workflow key.")],
    name: Annotated[str, typer.Argument(metavar="KEY", help="What it is called by, such as nye_metoder.")],
    definition: Annotated[str, typer.Argument(metavar="JSON", help="As a workflow document would say it, as JSON.")],
    is_criterion: Annotated[bool, typer.Option("--criterion", help="It is a criterion, not a målepunkt.")] = False,
    note: Note = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Add a målepunkt (or criterion) that the programme's people have agreed on; its document stays as it is."""
    from ...engine.definition.document.measuring import Criterion as AgreedCriterion
    from ...engine.definition.document.measuring import Measure as AgreedMeasure
    from ...runtime import views
    from ...runtime.measuring.agreed import read

    session = session_of(context)
    with session.engine(as_json) as engine:
        found = views.find_programme(engine, programme)
        session.about = (found.id, None)
        said = arguments.data([], definition, str, str)
        agreed = read(AgreedCriterion, said) if is_criterion else read(AgreedMeasure, said)
        row = engine.measures.agree(found.id, name, agreed, _given(engine, by, None, note, None, False, None))
        _told(engine, row, as_json)


@app.command(epilog=after("samskabt measure correct 12 --yes 30 --n 40 --reason 'Talt forkert'", keys.REGISTERED))
def correct(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The registration's number: see `show`.")],
    yes: Yes = None,
    n: Many = None,
    value: Value = None,
    note: Note = "",
    by: By = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Replace a registration by right numbers; without numbers it is taken back. Both are kept."""
    session = session_of(context)
    with session.engine(as_json) as engine:
        session.about = (engine.measures.find(number).instance_id, None)
        given = _given(engine, by, None, note, reason, False, None)
        row = engine.measures.correct(number, given, value=_value(value), yes=yes, n=n)
        _told(engine, row, as_json)


@app.command(epilog=after("samskabt measure results --kommune København --as-of 2020-04-30", keys.RESULTS))
def results(
    context: typer.Context,
    programme: Programme = None,
    kommune: Where = None,
    as_of: Known = None,
    as_json: AsJson = False,
) -> None:
    """Show every målepunkt against its baseline; groups of fewer than five answers are not shown."""
    with _asking(context, programme, as_of, as_json) as one:
        rows = one.engine.measures.results(one.id, kommune=_kommune(kommune), as_of=one.at)
        names = _names(one.engine, one.id)
    paper = _headed(one, as_json, "measures", rows)
    if paper is None:
        return
    for row in rows:
        _result(paper, row, names)
    if not rows:
        paper.line("Programmets dokument nævner ingen målepunkter.")


@app.command(epilog=after("samskabt measure criteria 1 --json", keys.CRITERIA))
def criteria(
    context: typer.Context,
    programme: Programme = None,
    as_of: Known = None,
    as_json: AsJson = False,
) -> None:
    """Show how every success criterion stands, and why."""
    from ...runtime.measuring.views import criterion_row

    with _asking(context, programme, as_of, as_json) as one:
        rows = [criterion_row(found) for found in one.engine.measures.criteria(one.id, as_of=one.at)]
        names = _names(one.engine, one.id)
    paper = _headed(one, as_json, "criteria", rows)
    if paper is None:
        return
    if rows:
        paper.line()
        paper.table(("Kriterium", "Nøgle", "Status", "Hvorfor"), _criteria(rows, names), narrow=("Status",))
    else:
        paper.line("Programmets dokument nævner ingen succeskriterier.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about: a programme, and what was known of it at an instant (None: now)."""

    engine: Engine
    id: int
    title: str
    at: datetime | None


@contextmanager
def _asking(context: typer.Context, programme: str | None, as_of: str | None, as_json: bool) -> Iterator[_Asked]:
    """Open the engine to ask what is known of a programme, and when it was."""
    from ...runtime import views

    with session_of(context).engine(as_json) as engine:
        found = views.find_programme(engine, programme)
        at = arguments.moment(arguments.text(as_of), engine.context.clock.now())
        yield _Asked(engine, found.id, found.title, at)


def _headed(one: _Asked, as_json: bool, key: str, rows: Sequence[object]) -> Paper | None:
    """Begin a paper on a programme; None where it was all said as JSON."""
    if as_json:
        print_json({"id": one.id, "title": one.title, key: rows})
        return None
    paper = Paper()
    paper.line(f"{one.title} ({one.id})")
    return paper


def _criteria(rows: list[CriterionRow], names: dict[str, str]) -> list[tuple[str, str, str, str]]:
    out = []
    for one in rows:
        out.append((one.title, one.key, one.status_title, one.text))
        for part in one.parts:
            place = ", ".join(filter(None, (names.get(part.kommune or "", ""), part.group)))
            out.append((f"- {place}", "", part.status_title, part.text))
    return out


def _result(paper: Paper, one: MeasureResult, names: dict[str, str]) -> None:
    paper.heading(f"{one.title} ({one.key})")
    if one.total.baseline is None:
        paper.line("Måles ikke i nogen evaluering.")
        return
    headers = ["Hvor", one.total.baseline.title]
    for later in one.total.later:
        headers += [later.shown.title, "Ændring"]
    notes: list[str] = []
    rows = [_line(line, names, notes) for line in (one.total, *one.lines)]
    paper.table(headers, rows)
    paper.bullets([*(f"[{place}] {note}" for place, note in enumerate(notes, 1)), *_footer(one)])


def _footer(one: MeasureResult) -> list[str]:
    told = [f"I alt er {one.how}."]
    shown = [one.total, *one.lines]
    cells = [cell for line in shown for cell in (line.baseline, *(later.shown for later in line.later))]
    if any(cell is not None and cell.hidden and "indtil nu" not in cell.text for cell in cells):
        told.append("Grupper med færre end fem svar vises ikke, og heller ikke det, som de kan regnes ud af.")
    return told


def _line(line: Line, names: dict[str, str], notes: list[str]) -> list[str]:
    place = "I alt" if line.kommune is None else names.get(line.kommune, line.kommune)
    row = [f"- {line.group}" if line.group else place, (line.baseline.text if line.baseline else "") or "-"]
    for later in line.later:
        for note in later.notes:
            if note not in notes:
                notes.append(note)
        marks = "".join(f" [{notes.index(note) + 1}]" for note in later.notes)
        row += [later.shown.text or "-", later.text + marks]
    return row


def _instance(session: Session, engine: Engine, id: str) -> int:
    """Find the instance, and remember what a refusal would be about."""
    from ...runtime import views

    number = views.find_instance(engine, id)
    session.about = (number, None)
    return number


def _kommune(given: str | None) -> str | None:
    from ...runtime import views

    return views.kommune_code(given) if given else None


def _names(engine: Engine, programme_id: int) -> dict[str, str]:
    with engine.context.store.read() as reader:
        return {one.key: one.title for one in reader.instances(programme_id, KOMMUNE)}


def _value(given: str | None) -> float | None:
    from ...engine.errors import InvalidInput

    if given is None:
        return None
    found = arguments.data([f"value={given}"], None, lambda _: "number", str)["value"]
    if not isinstance(found, int | float):
        raise InvalidInput("value", "is a number such as 12 or 12,5")
    return found


def _given(
    engine: Engine, by: str | None, on: str | None, note: str, reason: str | None, override: bool, key: str | None
) -> Given:
    from ...runtime import views
    from ...runtime.measuring.measures import Given

    return Given(
        actor=views.find_actor(engine, arguments.text(by)),
        on=arguments.day_or_none("--on", on),
        note=arguments.text(note) or "",
        reason=arguments.text(reason),
        override=override,
        idempotency_key=key,
    )


def _told(engine: Engine, row: Registration, as_json: bool) -> None:
    from ...runtime.measuring.views import registered

    (view,) = registered(engine.measures.terms(row.programme_id), [row], {})
    if as_json:
        print_json(view)
        return
    group = f", {view.group}" if view.group else ""
    Paper().line(f"Registreret som nr. {view.id}: {view.title}{group}: {view.text}.")
