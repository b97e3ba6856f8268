"""Gathers what results are made of from one moment of a database, also as it was known then; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from ...engine.compiled import Compiled
from ...engine.definition import Evaluation
from ...engine.measuring import Registration, Subject
from ...engine.measuring.criteria import Judged
from ...engine.measuring.results import Material
from ...engine.measuring.values import standing
from ...engine.measuring.windows import STATES, MeasuredWindow, WindowState, last_day_open
from ...engine.values import Position
from ...engine.values.names import EVALUATION, KOMMUNE, PROGRAMME, base_key
from ...storage import HistoryRow, InstanceView, Reader
from ..doctoring.past import standing_of
from .agreed import Terms, terms_of

PAGE = 500
REPORTED = "afrapporteret"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A programme's registrations as they stand, with everything that they are read by."""

    programme: InstanceView
    compiled: Compiled
    material: Material
    judged: Judged
    terms: Terms


def gather(reader: Reader, compiled: Compiled, programme: InstanceView, as_of: datetime | None) -> Gathered:
    """Read a programme's windows, kommuner and registrations; with ``as_of``, as they were known at that instant."""
    known = (_as_known(reader, one, as_of) for one in reader.instances(programme.id))
    family = [one for one in known if one.position]
    windows = [window_of(compiled, one) for one in family if one.kind == "evaluation"]
    kommuner = {one.key: one.title for one in family if one.kind == KOMMUNE and _is_in(compiled, one.position)}
    rows = reader.registrations.of_programme(programme.id)
    counted = standing(rows, as_of)
    evaluations = compiled.workflow.programme.evaluations
    matches = {key: one.matches for key, one in evaluations.items() if one.matches}
    material = Material(_about(counted, Subject.MEASURE), windows, kommuner, compiled.calendar, matches)
    who = {str(person.id): person.name for person in reader.registers.people()}
    position = next((one.position for one in family if one.id == programme.id), {})
    judged = Judged(
        verdicts=_about(counted, Subject.VERDICT),
        targets=_about(counted, Subject.TARGET),
        who=who,
        is_over=compiled.is_done(PROGRAMME, position) if position else False,
    )
    return Gathered(programme, compiled, material, judged, terms_of(compiled.workflow.programme, counted))


def window_of(compiled: Compiled, one: InstanceView) -> MeasuredWindow:
    """Give the window of an evaluation: the days on which it was open, as far as they are known, else as planned."""
    dates, key = one.dates, base_key(one.key)
    state = STATES.get(one.position.get("status", ""), WindowState.AHEAD)
    definition = compiled.paper.activity(key)
    title = definition.title if isinstance(definition, Evaluation) else one.title
    end = last_day_open(dates) or dates.planned_end
    is_reported = one.position.get("status") == REPORTED
    start = dates.actual_start or dates.planned_start
    return MeasuredWindow(one.id, key, title, state, start, end, one.kommune, is_reported)


def solution_window(rows: Iterable[Registration], instance_id: int, period: str) -> MeasuredWindow:
    """Give the window of a solution's own measuring: from its first registration to its last."""
    days: list[date] = sorted(row.happened_on for row in rows if row.period == period)
    title = {"foer": "Før", "efter": "Efter"}[period]
    first, last = (days[0], days[-1]) if days else (None, None)
    return MeasuredWindow(instance_id, period, title, WindowState.CLOSED, first, last)


def _about(rows: Iterable[Registration], subject: Subject) -> tuple[Registration, ...]:
    return tuple(row for row in rows if row.subject is subject)


def _is_in(compiled: Compiled, position: Position) -> bool:
    """Tell whether a kommune takes part: it has come so far that its activities were born, and has not left."""
    region = compiled.machine(KOMMUNE).regions.get("forloeb")
    state = region.states.get(position.get("forloeb", "")) if region else None
    return state is not None and not state.leaves and (state.births is not None or state.final)


def _as_known(reader: Reader, one: InstanceView, as_of: datetime | None) -> InstanceView:
    """Give an instance as it stands, or as far as was known at an instant: only its rows until then are read."""
    if as_of is None or one.kind not in (PROGRAMME, KOMMUNE, EVALUATION):
        return one
    rows: list[HistoryRow] = []
    after = 0
    while page := reader.history(one.id, after, PAGE):
        rows += [row for row in page if row.recorded_at <= as_of]
        after = page[-1].seq
    known = standing_of(tuple(rows))
    return replace(one, position=known.position, dates=known.dates)
