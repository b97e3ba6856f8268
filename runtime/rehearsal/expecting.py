"""Runs what an author expects of a workflow through the real engine in virtual time; says what was instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeAlias

from ...engine.civil.danish import join_and, short_date
from ...engine.civil.instants import local_date, to_utc
from ...engine.definition import Workflow
from ...engine.errors import InvalidInput, NotFound, Refused
from ...engine.refusals import refusal_text
from ...engine.values import Refusal
from ...engine.values.names import base_key
from ...storage import InstanceView
from ...workflows.catalogue import Catalogue
from ...workflows.expectations import Case, Expected, Placed, Step
from ...workflows.reading.positions import locate
from ...workflows.scripts import Happening
from ..posting.restraint import Restraint
from ..views.words import Words
from .piloting.habits import code_of
from .play import OPENS, Stage, enrolment, happen, office_rounds, staged

LOOKS = time(17)
_Due: TypeAlias = tuple[date, int, tuple[str | int, ...], Step | Expected]
PLENTY = 100_000

Found: TypeAlias = Mapping[str, str]
"""What a step is refused with: its code -> what it tells people."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation that was run: where it stands, whether it held, and ``instead`` what was found where not."""

    file: str
    line: int
    case: str
    text: str
    ok: bool
    instead: str = ""


def run(placed: Placed, workflow: Workflow, workflows: Catalogue) -> Iterator[Checked]:
    """Run every case in a database of its own; the expectations come in the order of the file.

    Raises NotFound and InvalidInput only for what the checks of names cannot see.
    """
    for name, case in placed.model.cases.items():
        yield from _Case(placed, name, case).run(workflow, workflows)


@dataclass(frozen=True, slots=True)
class _Case:
    """One case being run."""

    placed: Placed
    name: str
    case: Case

    def run(self, workflow: Workflow, workflows: Catalogue) -> Iterator[Checked]:
        """Live the case from day to day: what happens on a day, then what is expected of it."""
        given = self.case.given
        people = sorted({code for code in map(code_of, self._named()) if code})
        # Expectations are of the workflow: office hours and digests are the installation's, and would hide its days.
        at_once = Restraint.off()
        with staged(workflow, workflows, start=given.start, kommuner=people or 0, seed=1, restraint=at_once) as stage:
            chosen = {code_of(one) for one in given.kommuner}
            office_rounds(stage, plays_until=given.plays_until, offices=bool(chosen))
            begins = stage.today()
            if chosen:
                stage.kommuner = tuple(one for one in stage.kommuner if one.code in chosen)
                begins = enrolment(stage, 1) + timedelta(days=1)
            yield from self._days(stage, begins)

    def _named(self) -> list[str]:
        steps: list[Step | Expected] = [*self.case.given.facts, *self.case.when, *self.case.expect]
        enrolled = [str(step.data["kommune"]) for step in self.case.when if "kommune" in step.data]
        return [*self.case.given.kommuner, *(step.kommune for step in steps), *enrolled]

    def _days(self, stage: Stage, begins: date) -> Iterator[Checked]:
        case = self.case
        steps: list[_Due] = [
            (step.at, 0, ("given", "facts", number), step) for number, step in enumerate(case.given.facts)
        ]
        steps += [(step.at, 1, ("when", number), step) for number, step in enumerate(case.when)]
        last = max([*(day for day, *_ in steps), case.given.plays_until or stage.today(), begins])
        looks: list[_Due] = [(one.at or last, 2, ("expect", number), one) for number, one in enumerate(case.expect)]
        for day, _, path, what in sorted([*steps, *looks], key=lambda one: one[:2]):
            at = to_utc(day, LOOKS if isinstance(what, Expected) else OPENS)
            stage.simulation.run_until(max(at, stage.simulation.clock.now()))
            stage.engine.tick()
            stage.engine.deliver()
            if isinstance(what, Expected):
                found = self._look(stage, what)
                yield self._checked(path, said(what), found)
            else:
                refused = self._step(stage, what)
                stage.engine.deliver()  # What it tells at once goes out on its own day.
                if what.refused or refused:
                    wanted = set(what.refused)
                    ok = wanted == refused.keys()
                    yield self._checked(path, said(what), "" if ok else _told(refused))

    def _checked(self, path: Sequence[str | int], text: str, instead: str) -> Checked:
        place = locate(self.placed.tree, ("cases", self.name, *path))
        return Checked(self.placed.name, place.value.line, self.case.title, text, not instead, instead)

    def _step(self, stage: Stage, step: Step) -> Found:
        """Let a step happen; give what it was refused with."""
        plain = {name: getattr(step, name) for name in Happening.model_fields}
        try:
            happen(stage, Happening.model_construct(**plain))
        except Refused as refused:
            return _sentences(stage, refused.refusals, stage.find(step.item, code_of(step.kommune)).kind)
        except NotFound as error:
            return {_absent(stage, step) if error.what == "item" else str(error): ""}
        except InvalidInput as error:
            return {str(error): ""}
        return {}

    def _look(self, stage: Stage, one: Expected) -> str:
        """Give what is found instead of what is expected; nothing where it holds."""
        if one.mail is not None:
            return _mail(stage, one)
        try:
            view = stage.find(one.item, code_of(one.kommune))
        except NotFound:
            return _absent(stage, one)
        if one.do is not None:
            return _refused(stage, view, one)
        if one.state is not None:
            return _state(stage, view, one)
        return _dates(view, one)


def said(one: Expected | Step) -> str:
    """Say an expectation, or a step, in a few Danish words, with the day where it has one of its own."""
    day = f"{short_date(one.at)}: " if one.at is not None else ""
    what = " i ".join(filter(None, (one.item, one.kommune))) or "programmet"
    if isinstance(one, Step):
        even_so = " også med en begrundelse" if one.override and one.reason else ""
        refused = f" afvises{even_so} ({join_and(one.refused)})" if one.refused else ""
        return f"{day}{one.do} for {what}{refused}"
    if one.mail is not None:
        of = f" om {one.item}" if one.item else ""
        to = f" til {one.to}" if one.to else ""
        where = f" i {one.kommune}" if one.kommune else ""
        when = f" {short_date(one.on)}" if one.on else ""
        ending = (" er ikke kommet" if day else " kommer aldrig") if one.never else ""
        return f"{day}mailen {one.mail}{of}{to}{where}{when}{ending}"
    if one.do is not None:
        return f"{day}{one.do} for {what} ville blive afvist ({join_and(one.refused)})"
    if one.state is not None:
        return f"{day}{what}: {f'{one.region} er ' if one.region else ''}{one.state}"
    days = [_period(one.on, one.until)] if (one.on, one.until) != (None, None) else []
    return f"{day}{what}: {' '.join([*days, *([f'(begrundelse: {one.because})'] if one.because else [])])}"


def _period(first: date | None, last: date | None) -> str:
    days = [f"{word} {short_date(day)}" for word, day in (("fra", first), ("til", last)) if day is not None]
    return " ".join(days) or "ingen dato"


def _dates(view: InstanceView, one: Expected) -> str:
    start, end = view.dates.planned_start, view.dates.planned_end
    as_planned = (one.on is None or start == one.on) and (one.until is None or end == one.until)
    if as_planned and (one.because is None or one.because.casefold() in view.dates.reason.casefold()):
        return ""
    return f"{_period(start, end)} ({view.dates.reason})" if view.dates.reason else _period(start, end)


def _state(stage: Stage, view: InstanceView, one: Expected) -> str:
    region = one.region or Words(stage.compiled).life(view.kind)
    state = view.position.get(region, "")
    return "" if state == one.state else state


def _refused(stage: Stage, view: InstanceView, one: Expected) -> str:
    options = {option.event: option for option in stage.engine.options(view.id)}
    found: Found = {"ikke_muligt_nu": ""}
    if one.do in options:
        found = _sentences(stage, options[one.do].missing, view.kind)
    return "" if found.keys() == set(one.refused) else _told(found)


def _mail(stage: Stage, one: Expected) -> str:
    """Compare a mail with what has gone out up to now."""
    code = code_of(one.kommune)
    with stage.engine.context.store.read() as reader:
        rows = reader.outbox(stage.programme_id, limit=PLENTY)
        items = {view.id: view for view in reader.instances(stage.programme_id)}
    of_text = [
        row
        for row in rows
        if row.nudge.template == one.mail
        and (not one.kommune or row.kommune == code)
        and (not one.item or base_key(items[row.instance_id].key) == base_key(one.item))
    ]
    mine = [row for row in of_text if row.deliveries and one.to in (None, row.nudge.role)]
    days = sorted({local_date(delivery.at) for row in mine for delivery in row.deliveries})
    if one.never:
        return f"den kom {join_and([short_date(day) for day in days])}" if days else ""
    if days and (one.on is None or one.on in days):
        return ""
    if days:
        return f"den kom {join_and([short_date(day) for day in days])}"
    others = sorted({row.nudge.role for row in of_text})
    return f"den gik til {join_and(others)}" if others else "den kom ikke"


def _sentences(stage: Stage, refusals: Sequence[Refusal], kind: str) -> Found:
    """Give the codes of refusals, each with what its sentences tell people."""
    told: dict[str, list[str]] = {}
    for one in refusals:
        told.setdefault(one.code, []).append(refusal_text(one, stage.compiled.workflow, kind))
    return {code: " ".join(sentences) for code, sentences in told.items()}


def _absent(stage: Stage, one: Expected | Step) -> str:
    """Say that a kommune takes no part in the case, or that the programme has no such thing on that day."""
    code = code_of(one.kommune)
    if code is not None and all(view.kommune != code for view in stage.pilot.instances()):
        return f"{one.kommune} er ikke med; skriv den i given.kommuner, eller lad den tilmelde sig"
    return f"{one.item or one.kommune} findes ikke på den dag"


def _told(found: Found) -> str:
    named = [f"{code} ({sentence})" if sentence else code for code, sentence in found.items()]
    return join_and(named) if named else "det skete uden afvisning"
