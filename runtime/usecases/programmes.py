"""Programmes and their kommuner: start, enrol, choose, withdraw; the rules themselves stand in the workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ...engine.choosing.queueing import first_come, in_line, in_order, places_left
from ...engine.choosing.selection import Criterion, Selection, select, selection_text
from ...engine.civil.calendar import FIRST_YEAR, LAST_YEAR
from ...engine.civil.instants import local_date
from ...engine.civil.kommune import Kommune
from ...engine.compiled import Compiled
from ...engine.decide import found, refuse_impossible_times
from ...engine.definition import Workflow
from ...engine.errors import InvalidInput, NotFound
from ...engine.planning.family import first_day
from ...engine.planning.plan import shift_weeks_for
from ...engine.values import Actor, Identity, Json
from ...engine.values.kept import SHIFT
from ...engine.values.names import KOMMUNE, LIFE, PROGRAMME
from ...storage import InstanceView, KommuneRow, RegionSpan
from ...workflows.kommuner import find_kommune
from ..running.telling import use_case
from .asked import require_data, require_day, require_line, require_text
from .clusters import Clustering
from .context import Context, Outcome
from .handling import Command, handle, outcome_of, replan, require_permit

ENROL = "forloeb.tilmeld_kommune"
CHOOSE = "forloeb.vaelg"
DECLINE = "forloeb.fravaelg"
WAIT = "forloeb.saet_paa_venteliste"
WITHDRAW = "forloeb.traek"
ADD_ACTIVITY = "forloeb.tilfoej_aktivitet"
"""The frame's own events, which every workflow with kommuner has (part ``programramme``)."""

ENROLLED_STATE = "tilmeldt"
FIRST_COME = "foerst_til_moelle"


class Workflows(Protocol):
    """Where published workflows come from."""

    def programme(self, key: str, version: int | None = None) -> Workflow:
        """Give a checked workflow; NotFound lists what there is."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was chosen and who was not, with the reasons in Danish, and what came of it."""

    selection: Selection
    texts: Mapping[str, str]
    outcomes: tuple[Outcome, ...]


class Programmes:
    """Use cases on programmes; every one is a single transaction. ``clusters`` puts their kommuner together."""

    def __init__(
        self,
        context: Context,
        workflows: Workflows,
        kommuner: Callable[[], Sequence[Kommune]],
        after: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._context, self._workflows, self._kommuner, self._after = context, workflows, kommuner, after
        self.clusters = Clustering(context, kommuner, after)

    @use_case("start")
    def start(
        self,
        key: str,
        *,
        actor: Actor,
        version: int | None = None,
        title: str | None = None,
        start: date | None = None,
        happened_at: datetime | None = None,
    ) -> Outcome:
        """Start a programme, on its own dates or shifted by whole weeks so that it begins near ``start``.

        The answer's ``born`` holds the programme itself under the workflow's key, and the activities of its level.
        """
        workflow = self._workflows.programme(key, version)
        compiled = self._context.keep(workflow)
        now = self._context.clock.now()
        if start is not None:
            require_day("start", start)
            if not FIRST_YEAR <= start.year <= LAST_YEAR:
                raise InvalidInput("start", f"is a day from {FIRST_YEAR} to {LAST_YEAR}, not {start}")
        name = workflow.programme.title if title is None else require_line("title", title)
        event = Command("start", actor, {}, happened_at=happened_at).as_event(now)
        refuse_impossible_times(event, now)
        # It has no number yet, and belongs to nobody.
        newborn = Identity(0, PROGRAMME, key, 0, None, None, workflow.hash)
        require_permit(self._context, Command(event.name, event.actor, {}), newborn)
        programme = workflow.programme
        data: dict[str, Json] = {SHIFT: _shift(compiled, start)}
        with self._context.begin() as uow:
            document = workflow.canonical
            uow.registers.put_workflow(
                workflow.hash, key, programme.version, programme.format, document, published_at=now
            )
            uow.registers.put_kommuner(_rows(self._kommuner()))
            birth = found(compiled, event, name, data)
            recorded = uow.found_programme(birth, workflow.hash)
            number = recorded.born[0].id
            replan(uow, compiled, number, event)
            return outcome_of(birth.first, recorded, number)

    @use_case("enrol")
    def enrol(
        self,
        programme_id: int,
        kommune: str,
        *,
        actor: Actor,
        data: Mapping[str, Json] | None = None,
        happened_at: datetime | None = None,
    ) -> Outcome:
        """Enrol a kommune (its code or name); refused after the deadline, twice, or when enrolment is not open.

        ``data`` holds what its form says (``skema_...``), ``forbehold: true`` where it is subject to a later approval,
        and the wave (``boelge``) that it begins with; what the programme does not ask for is not taken.
        """
        found_kommune = find_kommune(require_text("kommune", kommune), tuple(self._kommuner()))
        given = {**require_data(data or {}), "kommune": found_kommune.code, "titel": found_kommune.name}
        command = Command(ENROL, actor, given, happened_at=happened_at)
        with self._context.begin() as uow:
            outcome = handle(self._context, uow, programme_id, command)
        self._after([outcome])
        return outcome

    def propose(self, programme_id: int) -> Selection:
        """Propose whom to choose among those enrolled, by the document's criteria; changes nothing."""
        return self._selection(*self._enrolled(programme_id))

    @use_case("choose")
    def choose(
        self,
        programme_id: int,
        *,
        actor: Actor,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
    ) -> Chosen:
        """Choose among those enrolled by the document's criteria, all in one transaction.

        The rest is declined, or waits in line where the document says first come, first served, or says nothing.
        """
        programme, rows = self._enrolled(programme_id)
        selection = self._selection(programme, rows)
        by_code = {row.key: row for row in rows}
        rest = DECLINE if self._criteria(programme) else WAIT
        texts: dict[str, str] = {}
        outcomes = []
        with self._context.begin() as uow:
            for event, choices in ((CHOOSE, selection.chosen), (rest, selection.not_chosen)):
                for choice in choices:
                    why = " ".join(selection_text(reason) for reason in choice.reasons)
                    texts[choice.kommune.code] = why
                    row = by_code[choice.kommune.code]
                    if event == WAIT and row.position.get(LIFE) != ENROLLED_STATE:
                        continue  # It waits already.
                    command = Command(event, actor, {"begrundelse": why}, reason, override, happened_at)
                    outcomes.append(handle(self._context, uow, row.id, command))
        self._after(outcomes)
        return Chosen(selection, texts, tuple(outcomes))

    @use_case("withdraw")
    def withdraw(self, kommune_id: int, *, reason: str, actor: Actor, happened_at: datetime | None = None) -> Outcome:
        """Let a kommune leave: its activities are called off, and its people get no more mails."""
        command = Command(WITHDRAW, actor, {}, reason, happened_at=happened_at)
        with self._context.begin() as uow:
            outcome = handle(self._context, uow, kommune_id, command)
        self._after([outcome])
        return outcome

    @use_case("add_activity")
    def add_activity(
        self,
        parent_id: int,
        key: str,
        *,
        actor: Actor,
        day: date | None = None,
        until: date | None = None,
        title: str | None = None,
        reason: str | None = None,
        override: bool = False,
        happened_at: datetime | None = None,
    ) -> Outcome:
        """Add one more of an activity of the document, or a voluntary one, under a programme or a kommune.

        Refused beyond the document's ceiling, and for an activity of another level; the refusal lists what there is.
        """
        data: dict[str, Json] = {"aktivitet": require_text("key", key)}
        days = {"dato": day, "slut": until}
        data |= {name: require_day(name, one) for name, one in days.items() if one is not None}
        if title is not None:
            data["titel"] = require_line("title", title)
        command = Command(ADD_ACTIVITY, actor, data, reason, override, happened_at)
        with self._context.begin() as uow:
            outcome = handle(self._context, uow, parent_id, command)
        self._after([outcome])
        return outcome

    def _enrolled(self, programme_id: int) -> tuple[InstanceView, Sequence[InstanceView]]:
        """Give a programme and its kommuner as they stand."""
        with self._context.store.read() as reader:
            return reader.instance(programme_id), reader.instances(programme_id, KOMMUNE)

    def _selection(self, programme: InstanceView, rows: Sequence[InstanceView]) -> Selection:
        if programme.kind != PROGRAMME:
            raise NotFound("programme", programme.id)
        document = self._context.compiled(programme.workflow_hash).workflow.programme
        if document.kommuner.capacity is None:
            raise InvalidInput("programme", f"{document.workflow} takes no kommuner in")
        known = {kommune.code: kommune for kommune in self._kommuner()}
        compiled = self._context.compiled(programme.workflow_hash)
        places = places_left(compiled, rows)
        on = local_date(self._context.clock.now())
        criteria = self._criteria(programme)
        if not criteria:
            line = in_line(compiled, rows)
            new = in_order(row for row in rows if row.position.get(LIFE) == ENROLLED_STATE)
            ruled = FIRST_COME in document.kommuner.select_by
            return first_come([known[row.key] for row in (*line, *new)], places, on, ruled=ruled)
        waiting = [known[row.key] for row in rows if row.position.get(LIFE) == ENROLLED_STATE]
        return select(waiting, places, criteria, on)

    def _criteria(self, programme: InstanceView) -> list[Criterion]:
        """List what the document chooses by; none where those who come first are served first."""
        names = self._context.compiled(programme.workflow_hash).workflow.programme.kommuner.select_by
        return [] if FIRST_COME in names else [Criterion(name) for name in names]


def _shift(compiled: Compiled, start: date | None) -> int:
    """Give the whole weeks nearest to the distance between the document's first day and the wanted one."""
    if start is None:
        return 0
    first = first_day(compiled)
    if first is None:
        raise InvalidInput("start", "the programme has no first day of its own, so it cannot be shifted")
    return shift_weeks_for(first, start)


def _rows(kommuner: Sequence[Kommune]) -> list[KommuneRow]:
    """Write kommuner as the registers keep them, each region from day to day."""
    out = []
    for kommune in kommuner:
        starts = [region.from_on for region in kommune.regions]
        ends = [day.fromordinal(day.toordinal() - 1) for day in starts[1:]] + [None]
        spans = [
            RegionSpan(region.name, region.from_on, end) for region, end in zip(kommune.regions, ends, strict=True)
        ]
        out.append(KommuneRow(kommune.code, kommune.name, kommune.official_name, kommune.population, tuple(spans)))
    return out
