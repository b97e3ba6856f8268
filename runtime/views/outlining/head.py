"""The head of a document in words: who owns it, who may take part, what it costs, what is chosen, what it builds on."""

from __future__ import annotations

from collections.abc import Iterator

from ....engine.civil.danish import join_and, long_date
from ....engine.definition import Programme, Workflow
from ....engine.definition.document.frame import Economy, Enrolment, Kommuner, TargetGroup
from .outline import OutlineSection, how_many, item, kroner, labelled


def facts(workflow: Workflow) -> Iterator[str]:
    """Say in a line each what holds for the programme as a whole."""
    programme = workflow.programme
    told = [
        labelled("Dokument", programme.document_title),
        labelled("Dateret", long_date(programme.document_date) if programme.document_date else ""),
        labelled("Ramme", programme.family),
        labelled("Ejere", programme.owners),
        *_kommuner(programme.kommuner),
        *_enrolment(programme.enrolment),
        *_economy(programme.economy),
        *(_target_group(programme.target_group) if programme.target_group else ()),
        *(f"{long_date(one.on)}: {one.title}" for one in programme.external_dates.values()),
        labelled("Bygger på", [one.title for one in programme.inputs]),
    ]
    yield from (line for line in told if line)


def sections(programme: Programme) -> Iterator[OutlineSection]:
    """List the principles, the statements and the choices of a document."""
    principles = (
        item(key, one.title, [(one.strength == "hard" and "skal følges") or ""], one)
        for key, one in programme.principles.items()
    )
    statements = (item(key, one.title, [*one.items, one.rule], one) for key, one in programme.statements.items())
    choices = (
        item(
            key,
            one.title,
            [
                labelled("vælges af", one.by),
                labelled("hvor mange", how_many(one.choose, "", "").strip()),
                labelled("mellem", one.options),
                "andre kan vælges" if one.open else "",
                "hver får sit eget mål" if one.goals else "",
                labelled("se", one.reference),
            ],
            one,
        )
        for key, one in programme.choices.items()
    )
    yield OutlineSection("Principper", "", tuple(principles))
    yield OutlineSection("Andet, som dokumentet siger", "", tuple(statements))
    yield OutlineSection("Valg", "", tuple(choices))


def _kommuner(kommuner: Kommuner) -> Iterator[str]:
    if kommuner.capacity is not None:
        many = how_many(kommuner.capacity, "kommune", "kommuner")
        by = f", valgt efter {join_and([_selector(name) for name in kommuner.select_by])}" if kommuner.select_by else ""
        soft = " (et udgangspunkt)" if kommuner.strength == "soft" else ""
        yield f"Plads til {many}{by}{soft}"
    yield labelled("Kommunerne er", kommuner.named)
    yield labelled("Inviteret", kommuner.invited)
    yield labelled("Kommunerne vælges sådan", kommuner.rule)
    yield labelled("Om kommunerne", kommuner.note)


def _selector(name: str) -> str:
    return {"stoerrelse": "størrelse", "foerst_til_moelle": "først til mølle"}.get(name, name)


def _enrolment(enrolment: Enrolment) -> Iterator[str]:
    if enrolment.deadline is not None:
        yield f"Tilmeldingsfrist: {enrolment.deadline.wording}"
    yield labelled("Tilmelding", enrolment.how)
    yield labelled("Forbehold", enrolment.conditional)
    yield labelled("Tilmeldingsskemaet spørger om", enrolment.form_fields)
    yield labelled("Skabelon", enrolment.template)


def _economy(economy: Economy) -> Iterator[str]:
    price = kroner(economy.price_dkk, economy.vat) if economy.price_dkk else "gratis"
    parts = join_and([f"{kroner(one.dkk)} i {one.year}" for one in economy.instalments])
    if economy.price_dkk is not None:
        yield f"Pris: {price}{f' ({parts})' if parts else ''}"
    yield labelled("Prisen dækker", economy.covers)
    yield labelled("Kommunen betaler selv", economy.kommune_pays)
    yield labelled("Budgetramme", kroner(economy.budget_frame_dkk))
    yield labelled("Ansøgt", kroner(economy.applied_dkk))
    yield labelled("Budgettets status", economy.status)
    yield labelled("Finansiering", economy.financing)
    yield "Ingen anden finansiering" if economy.other_funding is False else ""
    yield labelled("Midlerne fordeles af", economy.allocation)
    yield labelled("Midlerne går til", economy.allocated_to)
    yield labelled("Budgetlinjer", economy.budget_lines)
    yield labelled("Rammen betaler", economy.frame_pays)
    yield labelled("Ejerne betaler", economy.owners_pay)
    yield labelled("Støtte", economy.support)
    yield labelled("Støtten gives", economy.support_rule)


def _target_group(group: TargetGroup) -> Iterator[str]:
    yield labelled("Målgruppe", group.who)
    yield labelled("Grupper", group.groups)
    yield labelled("Også", group.secondary)
    yield labelled("Hvor mange", [f"{many} {name}" for name, many in group.counts.items()])
    yield labelled("Ikke med", group.excludes)
    yield labelled("Inddragelse", group.involvement)
    yield labelled("Ønsket virkning", group.intended_effects)
