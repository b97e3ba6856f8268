"""The work of a document in words: its faser with their activities and evaluations, and what must come before them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ....engine.civil.danish import join_and, plural
from ....engine.definition import Activity, Evaluation, Workflow
from ..words import plain
from .outline import LEVELS, STRENGTHS, OutlineItem, OutlineSection, how_many, item, labelled, people


def sections(workflow: Workflow) -> Iterator[OutlineSection]:
    """List the faser with what they hold, what lies outside them, the requirements and the spor."""
    programme = workflow.programme
    for key, phase in programme.faser.items():
        where = f"{phase.title} (hver kommune for sig)" if phase.level == "kommune" else phase.title
        when = phase.planned.wording if phase.planned else ""
        ours = " (vores forslag)" if phase.plan else ""
        other = phase.otherwise.wording if phase.otherwise else ""
        if phase.plan and phase.when:
            other = phase.when.wording
        yield OutlineSection(where, f"{when}{ours}", tuple(_inside(workflow, key)), other)
    yield OutlineSection("Uden for faserne", "", tuple(_inside(workflow, None)))
    gates = (
        item(
            key,
            gate.title,
            [
                labelled("før", [_title(workflow, name) for name in gate.before]) or "hele vejen",
                STRENGTHS[gate.strength],
                LEVELS[gate.scope],
                "" if gate.needs else "holdes af mennesker, ikke af systemet",
            ],
            gate,
        )
        for key, gate in programme.gates.items()
    )
    tracks = (
        item(key, one.title, [*one.content, "kan tilpasses" if one.adaptable else ""], one)
        for key, one in programme.spor.items()
    )
    yield OutlineSection("Krav undervejs", "", tuple(gates))
    yield OutlineSection("Spor", "", tuple(tracks))


def _inside(workflow: Workflow, phase: str | None) -> Iterator[OutlineItem]:
    programme = workflow.programme
    for key, activity in programme.activities.items():
        if activity.phase == phase:
            yield _activity(workflow, key, activity)
    for key, evaluation in programme.evaluations.items():
        if evaluation.phase == phase:
            yield _evaluation(workflow, key, evaluation)


def _title(workflow: Workflow, key: str) -> str:
    """Name a fase, an activity or an evaluation as the document does."""
    programme = workflow.programme
    found = programme.faser.get(key) or programme.activities.get(key) or programme.evaluations.get(key)
    return found.title if found else plain(key)


def _activity(workflow: Workflow, key: str, one: Activity) -> OutlineItem:
    track = workflow.programme.spor.get(one.track or "")
    offer = workflow.programme.offers.get(one.offer or "")
    rhythm = one.repeats.text if one.repeats else one.recurrence
    details = [
        LEVELS[one.level],
        f"spor: {track.title}" if track else "",
        "for hvert spor" if one.per_track else "",
        how_many(one.count, "gang", "gange") if one.count and one.count.max > 1 else "",
        labelled("rytme", rhythm),
        "kun hvor nogen beder om det" if one.voluntary else "",
        f"mulighed: {offer.title}" if offer else "",
        people(workflow, "hvem", one.who),
        labelled("deltagerkreds", one.who_rule),
        people(workflow, "evt. også", one.optional),
        labelled("pladser pr. kommune", how_many(one.seats, "", "").strip()),
        people(workflow, "facilitator", one.facilitator),
        people(workflow, "oplæg", one.presenter),
        people(workflow, "støtte", one.support),
        people(workflow, "modtager", one.recipients),
        labelled("sted", one.place or ""),
        f"trin {join_and([str(trin) for trin in one.covers_trin])}" if one.covers_trin else "",
        labelled("formål", one.purpose),
        labelled("emner", one.topics),
        labelled("besluttes", one.decides),
        labelled("udbytte", one.outputs),
        labelled("efter", [_title(workflow, name) for name in one.after]),
        labelled("sammen med", [_title(workflow, name) for name in one.held_with]),
        labelled("vises på en af", [_title(workflow, name) for name in one.presented_at]),
        *(labelled("form", words) for words in (one.form, one.forms, one.channels, one.methods)),
        labelled("regel", one.rule),
        labelled("undtaget", one.exempt),
    ]
    told = item(key, one.title, details, one, one.when or one.plan)
    plan = one.plan.wording if one.plan and one.when else ""
    more = (f"vores forslag: {plan}",) if plan else ()
    return replace(told, is_our_proposal=one.when is None and one.plan is not None, details=(*told.details, *more))


def _evaluation(workflow: Workflow, key: str, one: Evaluation) -> OutlineItem:
    details = [
        "evaluering",
        LEVELS[one.level],
        plural(one.window, "dag", "dage"),
        f"samme længde som {_title(workflow, one.matches)}" if one.matches else "",
        labelled("af", one.by),
        people(workflow, "spørger", one.respondents),
        labelled("måde", one.methods),
        labelled("formål", one.purposes),
        f"bruges i {_title(workflow, one.feeds)}" if one.feeds else "",
        people(workflow, "forelægges", one.submitted_to),
        "kun anbefalet" if one.mandatory is False else "",
        labelled("vores forslag", one.plan.wording if one.plan else ""),
    ]
    return item(key, one.title, details, one, one.when)
