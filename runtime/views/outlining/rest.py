"""Who decides, what may be taken up, what is measured and handed over, and how it all lives: the rest in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....engine.civil.danish import join_and, number, plural
from ....engine.definition import Machine, Programme, Workflow
from ....engine.definition.document.measuring import Criterion
from ..words import capital, plain
from .outline import LEVELS, OutlineItem, OutlineSection, called, how_many, item, kroner, labelled, people

UNITS: Mapping[str, str] = {
    "pct": "pct.",
    "antal": "i antal",
    "minutter": "minutter",
    "skala": "på skalaen",
    "boolean": "ja eller nej",
}
OPS: Mapping[str, str] = {">=": "mindst", ">": "over", "<=": "højst", "<": "under", "==": "netop"}
APPROVED: Mapping[str, str] = {
    "once": "én gang",
    "kommune": "for hver kommune",
    "changes": "hver væsentlig ændring",
    "adjustments": "hver justering",
}


def sections(workflow: Workflow) -> Iterator[OutlineSection]:
    """List approvals, bodies, offers, trades, numbers, deliverables, roles, reminders, machines and what is open."""
    programme = workflow.programme
    yield OutlineSection("Godkendelser", "", tuple(_approvals(workflow)))
    yield OutlineSection("Organer og grupper", "", tuple(_bodies(workflow)))
    yield OutlineSection("Muligheder", "", tuple(_offers(programme)))
    yield OutlineSection("Det, der kan byttes", "", tuple(_swaps(programme)))
    yield OutlineSection("Bølger", "", tuple(_waves(programme)))
    yield OutlineSection("Succeskriterier", "", tuple(_criteria(programme)))
    yield OutlineSection("Målepunkter", "", tuple(_measures(workflow)))
    yield OutlineSection("Opfølgning", "", tuple(_monitoring(programme)))
    yield OutlineSection("Leverancer", "", tuple(_deliverables(programme)))
    roles = (
        item(key, capital(called(workflow, key)), [role.does, how_many(role.count, "person", "personer")], role)
        for key, role in workflow.roles.items()
        if key not in programme.bodies
    )
    reminders = (
        OutlineItem(key, one.title, details=(_mail(workflow, one.roles),)) for key, one in workflow.reminders.items()
    )
    machines = (OutlineItem(key, one.title, details=_machine(one)) for key, one in workflow.machines.items())
    notes = (OutlineItem(f"note_{at}", note) for at, note in enumerate(programme.notes, 1))
    yield OutlineSection("Roller", "", tuple(roles))
    yield OutlineSection("Påmindelser, og hvad der sker af sig selv", "", tuple(reminders))
    yield OutlineSection("Livsforløb", "", tuple(machines))
    yield OutlineSection("Det, dokumentet lader stå åbent", "", tuple(notes))


def _mail(workflow: Workflow, roles: tuple[str, ...]) -> str:
    return f"mail til {join_and([called(workflow, role) for role in roles])}" if roles else "sker af sig selv"


def _approvals(workflow: Workflow) -> Iterator[OutlineItem]:
    for key, one in workflow.programme.approvals.items():
        details = [
            labelled("besluttes af", one.by) or people(workflow, "besluttes af", one.decider),
            APPROVED.get(one.of or "", ""),
            "skriftlig høring er mulig" if one.hearing else "",
            "ikke altid nødvendig" if one.mandatory is False else "",
            labelled("status", one.status),
            labelled("vores forslag", one.plan.wording if one.plan else ""),
        ]
        yield item(key, one.title, details, one, one.when)


def _bodies(workflow: Workflow) -> Iterator[OutlineItem]:
    for key, one in workflow.programme.bodies.items():
        details = [
            labelled("med", [called(workflow, member) for member in one.members]),
            how_many(one.count, "medlem", "medlemmer"),
            labelled("mandat", one.mandate),
            labelled("opgaver", one.duties),
            labelled("rytme", one.rhythm),
            people(workflow, "facilitator", one.facilitator),
            labelled("betales af", one.financed_by),
            labelled("sammensætning", one.composition),
            labelled("opdeling", one.split),
            labelled("undtaget", one.exempt),
            *(labelled(plain(name), themes) for name, themes in one.themes.items()),
            "et eksternt forum" if one.external else "",
        ]
        yield item(key, one.title, details, one)


def _offers(programme: Programme) -> Iterator[OutlineItem]:
    for key, one in programme.offers.items():
        place = programme.activities.get(one.decided_at or "")
        details = [
            labelled("pris", kroner(one.price_dkk, one.vat) or one.price_rule),
            labelled("metode", one.method),
            labelled("indhold", one.contents),
            labelled("besluttes på", place.title if place else ""),
            labelled("anbefales til", one.recommended_for),
            labelled("er ikke", one.is_not),
            one.burden,
        ]
        yield item(key, one.title, details, one)


def _swaps(programme: Programme) -> Iterator[OutlineItem]:
    for key, one in programme.swaps.items():
        most = [f"højst {many} af {_activity(programme, name)}" for name, many in one.most.items()]
        between = labelled("mellem", [_activity(programme, name) for name in one.activities])
        yield item(key, one.title, [between, f"{one.total} i alt", *most, one.direction, one.ratio], one)


def _waves(programme: Programme) -> Iterator[OutlineItem]:
    for key, one in programme.waves.items():
        yield item(key, one.title, [f"{plural(one.weeks, 'uge', 'uger')} efter den første"], one)


def _criteria(programme: Programme) -> Iterator[OutlineItem]:
    for key, one in programme.criteria.items():
        evaluation = programme.evaluations.get(one.measured_by or "")
        measure = programme.measures.get(one.measure or "")
        details = [
            _wanted(one),
            labelled("af", f"{one.n} {one.base}" if one.n and one.base else one.base),
            "i hvert jobcenter" if one.per_site else "",
            "kommunerne sætter selv målene" if one.own_targets else "",
            labelled("formål", one.purposes),
            labelled("ses i", evaluation.title if evaluation else ""),
            labelled("regnes ud af", measure.title if measure else ""),
        ]
        yield item(key, one.title, details, one)


def _wanted(one: Criterion) -> str:
    if one.target is not None:
        return f"{OPS[one.target.op]} {number(one.target.value)} {UNITS[one.target.unit]}"
    return "ja eller nej" if one.boolean else ""


def _measures(workflow: Workflow) -> Iterator[OutlineItem]:
    evaluations = workflow.programme.evaluations
    for key, one in workflow.programme.measures.items():
        details = [
            UNITS[one.unit],
            LEVELS[one.level],
            "jo lavere, jo bedre" if one.better == "lower" else "",
            labelled("måles i", [evaluations[name].title for name in one.evaluations]),
            people(workflow, "spørger", one.respondents),
            labelled("grupper", one.groups),
            labelled("hvordan", one.instrument),
            "anonymt" if one.anonymous else "",
        ]
        yield item(key, one.title, details, one)


def _monitoring(programme: Programme) -> Iterator[OutlineItem]:
    for key, one in programme.monitoring.items():
        details = [
            LEVELS[one.level] if one.level else "",
            labelled("i", [_activity(programme, name) for name in one.activities]),
            labelled("rytme", one.rhythm),
            "kun anbefalet" if one.mandatory is False else "",
        ]
        yield item(key, one.title, details, one)


def _deliverables(programme: Programme) -> Iterator[OutlineItem]:
    for at, one in enumerate(programme.deliverables, 1):
        yield item(f"leverance_{at}", one.title, ["kun et eksempel" if one.optional else ""], one)


def _activity(programme: Programme, key: str) -> str:
    found = programme.activities.get(key) or programme.evaluations.get(key)
    return found.title if found else plain(key)


def _machine(machine: Machine) -> tuple[str, ...]:
    return tuple(
        f"{region.title}: {', '.join(state.title for state in region.states.values())}"
        for region in machine.regions.values()
    )
