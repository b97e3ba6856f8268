"""The workflow documents as faces show them: what there is, what is wrong, a readable outline and diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.civil.danish import join_and, long_date, plural
from ...engine.definition import Activity, Evaluation, Machine, Workflow
from ...engine.definition.checks import Known
from ...engine.errors import NotFound, Problem
from ...notifications import KNOWN_PLACEHOLDERS, STANDARD_TEXTS
from ...workflows.catalogue import Catalogue
from ...workflows.catalogue import Entry as WorkflowRow
from ...workflows.diagram import mermaid
from .words import plain

LEVELS: Mapping[str, str] = {
    "programme": "én gang i programmet",
    "cross": "for kommunerne sammen",
    "kommune": "i hver kommune",
    "public": "for alle",
}
STRENGTHS: Mapping[str, str] = {
    "hard": "kan ikke tilsidesættes",
    "soft": "kan tilsidesættes",
    "derived": "udledt; kan tilsidesættes",
}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong with a file, and what its author may want to look at."""

    file: str
    ok: bool
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """An activity, evaluation, gate, role or other item: its words, when, and further details."""

    key: str
    title: str
    when: str
    is_our_proposal: bool
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A part of the outline; a fase is the section of its activities."""

    title: str
    when: str
    items: tuple[OutlineItem, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A programme document in words."""

    key: str
    version: int
    title: str
    purpose: str
    period: str
    facts: tuple[str, ...]
    sections: tuple[OutlineSection, ...]


def catalogue(files: Sequence[Path] = ()) -> Catalogue:
    """Give the catalogue of the shipped documents and of these files, checked against the standard texts."""
    found = Catalogue.shipped(Known(texts=frozenset(STANDARD_TEXTS), placeholders=frozenset(KNOWN_PLACEHOLDERS)))
    return found.with_files(files) if files else found


def workflow_rows(files: Sequence[Path] = ()) -> tuple[WorkflowRow, ...]:
    """List the programmes that can be started."""
    return catalogue(files).programmes()


def check_report(file: Path) -> CheckReport:
    """Check a document; every mistake with its place. Raises NotFound where there is no such file."""
    if not file.is_file():
        raise NotFound("file", str(file))
    known = catalogue()
    problems = known.check_file(file)
    return CheckReport(str(file), not problems, problems, known.warnings(file))


def diagram(key: str, machine: str | None = None, files: Sequence[Path] = ()) -> str:
    """Draw a workflow's machines as Mermaid; NotFound lists the workflows, or its machines."""
    return mermaid(catalogue(files).programme(key), machine)


def outline(key: str, files: Sequence[Path] = ()) -> Outline:
    """Give a programme in words; NotFound lists what there is."""
    workflow = catalogue(files).programme(key)
    programme = workflow.programme
    sections = [*_phases(workflow), *_rest(workflow)]
    return Outline(
        key=programme.workflow,
        version=programme.version,
        title=programme.title,
        purpose=programme.purpose,
        period=programme.period.wording,
        facts=tuple(_facts(workflow)),
        sections=tuple(section for section in sections if section.items),
    )


def _facts(workflow: Workflow) -> Iterator[str]:
    programme = workflow.programme
    if programme.kommuner.capacity is not None:
        low, high = programme.kommuner.capacity.min, programme.kommuner.capacity.max
        many = plural(high, "kommune", "kommuner") if low in (high, 0) else f"{low}-{high} kommuner"
        by = f", valgt efter {join_and([_selector(name) for name in programme.kommuner.select_by])}"
        yield f"Plads til {many}{by if programme.kommuner.select_by else ''}"
    if programme.enrolment.deadline is not None:
        yield f"Tilmeldingsfrist: {programme.enrolment.deadline.wording}"
    for one in programme.external_dates.values():
        yield f"{long_date(one.on)}: {one.title}"


def _selector(name: str) -> str:
    return {"stoerrelse": "størrelse"}.get(name, name)


def _phases(workflow: Workflow) -> Iterator[OutlineSection]:
    programme = workflow.programme
    for key, phase in programme.faser.items():
        items = [_activity(workflow, name, one) for name, one in programme.activities.items() if one.phase == key]
        items += [_evaluation(name, one) for name, one in programme.evaluations.items() if one.phase == key]
        yield OutlineSection(phase.title, phase.planned.wording if phase.planned else "", tuple(items))
    items = [_activity(workflow, name, one) for name, one in programme.activities.items() if one.phase is None]
    items += [_evaluation(name, one) for name, one in programme.evaluations.items() if one.phase is None]
    yield OutlineSection("Uden for faserne", "", tuple(items))


def _activity(workflow: Workflow, key: str, one: Activity) -> OutlineItem:
    track = workflow.programme.spor.get(one.track or "")
    many = one.count.max if one.count and one.count.max > 1 else None
    details = [
        LEVELS[one.level],
        f"spor: {track.title}" if track else "",
        f"{many} gange" if many else "",
        f"hvem: {_names(one.who)}" if one.who else "",
        f"facilitator: {plain(one.facilitator)}" if one.facilitator else "",
        f"sted: {one.place}" if one.place else "",
        f"trin {join_and([str(trin) for trin in one.covers_trin])}" if one.covers_trin else "",
    ]
    when = one.when or one.plan
    wording = when.wording if when else ""
    return OutlineItem(key, one.title, wording, one.when is None and one.plan is not None, _filled(details))


def _evaluation(key: str, one: Evaluation) -> OutlineItem:
    details = [
        "evaluering",
        LEVELS[one.level],
        f"{plural(one.window, 'dag', 'dage')}",
        f"samme længde som {plain(one.matches)}" if one.matches else "",
        f"af {one.by}" if one.by else "",
        f"plan: {one.plan.wording}" if one.plan else "",
    ]
    return OutlineItem(key, one.title, one.when.wording if one.when else "", False, _filled(details))


def _rest(workflow: Workflow) -> Iterator[OutlineSection]:
    programme = workflow.programme
    gates = (
        OutlineItem(
            key, gate.title, "", False, (f"før {_names(gate.before)}", STRENGTHS[gate.strength], LEVELS[gate.scope])
        )
        for key, gate in programme.gates.items()
    )
    roles = (OutlineItem(key, plain(key).capitalize(), "", False, (role.does,)) for key, role in workflow.roles.items())
    tracks = (OutlineItem(key, track.title, "", False, ()) for key, track in programme.spor.items())
    reminders = (
        OutlineItem(key, one.title, "", False, (f"mail til {_names(one.to)}" if one.to else "sker af sig selv",))
        for key, one in workflow.reminders.items()
    )
    machines = (OutlineItem(key, one.title, "", False, _machine(one)) for key, one in workflow.machines.items())
    yield OutlineSection("Krav undervejs", "", tuple(gates))
    yield OutlineSection("Spor", "", tuple(tracks))
    yield OutlineSection("Roller", "", tuple(roles))
    yield OutlineSection("Påmindelser, og hvad der sker af sig selv", "", tuple(reminders))
    yield OutlineSection("Livsforløb", "", tuple(machines))


def _machine(machine: Machine) -> tuple[str, ...]:
    return tuple(
        f"{region.title}: {', '.join(state.title for state in region.states.values())}"
        for region in machine.regions.values()
    )


def _names(names: Iterable[str]) -> str:
    return join_and([plain(name) for name in names])


def _filled(details: Iterable[str]) -> tuple[str, ...]:
    return tuple(detail for detail in details if detail)
