"""Writes the mails that would bring what is missing: one to each role that can mend some of it; knows no addresses."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..civil.danish import join_and, long_date
from ..definition import FieldDef, Workflow
from ..refusals import refusal_text
from ..values import Json, Refusal, Strength

LONGEST_SUBJECT = 90
MOST_GREETED = 3


@dataclass(frozen=True, slots=True)
class About:
    """What the letters are about: an instance by its kind and title, where it belongs, and the step that waits."""

    kind: str
    title: str
    step: str
    programme: str
    kommune: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft to whoever has a role: subject, body, and the codes of the refusals that it would mend."""

    role: str
    subject: str
    body: str
    codes: tuple[str, ...]


NOBODY: Mapping[str, Sequence[str]] = {}


def letters(
    about: About, refusals: Iterable[Refusal], workflow: Workflow, names: Mapping[str, Sequence[str]] = NOBODY
) -> tuple[Letter, ...]:
    """Draft one letter to each role that can mend something; what has no owner is the asker's own to mend.

    ``names`` are the first names of those who have a role: role -> names.
    """
    owned: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        if refusal.owner is not None:
            owned.setdefault(refusal.owner, []).append(refusal)
    return tuple(_letter(about, role, found, workflow, names.get(role, ())) for role, found in owned.items())


def _letter(about: About, role: str, refusals: Sequence[Refusal], workflow: Workflow, names: Sequence[str]) -> Letter:
    lines = dict.fromkeys(_asked(refusal, about, workflow) for refusal in refusals)
    what = "noget" if len(lines) > 1 else "én ting"
    greeting = f"Hej {join_and(list(names))}" if 0 < len(names) <= MOST_GREETED else "Hej"
    you = "I" if len(names) > 1 else "du"
    parts = [
        greeting,
        f"Næste skridt {_where(about)} er »{about.step}«. Det venter på {what}, som {you} kan hjælpe med:",
        "\n".join(f"- {line}" for line in lines),
        _ending(refusals),
        "På forhånd tak!",
    ]
    subject = textwrap.shorten(f"Kan {you} hjælpe? {_subject(about)}", LONGEST_SUBJECT, placeholder=" …")
    return Letter(role, subject, "\n\n".join(parts) + "\n", tuple(refusal.code for refusal in refusals))


def _where(about: About) -> str:
    """Say what the step belongs to: the kommune itself, or something by its title in a kommune or a programme."""
    place = f" i {about.kommune}" if about.kommune else ""
    own = "" if about.title in (about.kommune, about.programme) else f" for »{about.title}«"
    return f"{own}{place} ({about.programme})".strip()


def _subject(about: About) -> str:
    place = about.kommune or about.programme
    return f"»{about.step}«, {place}" if about.title == place else f"»{about.title}«, {place}"


def _ending(refusals: Sequence[Refusal]) -> str:
    """Say how to answer, and that no is an answer where a reason is enough."""
    answer = "Svar på denne mail med et par ord, så registrerer jeg det."
    if any(refusal.strength is Strength.HARD for refusal in refusals):
        return answer
    return f"{answer} Passer det ikke hos jer, så skriv hvorfor; så kan vi gå videre uden."


def _asked(refusal: Refusal, about: About, workflow: Workflow) -> str:
    """Say one missing thing to whoever can bring it: what, what to answer, and why it is asked."""
    field = _field(str(refusal.values.get("field")), about.kind, workflow)
    match refusal.code:
        case "mangler_flueben":
            said = f"»{field.title}«. {_tick(field)}"
        case "mangler_felt" | "mangler_oplysning":
            said = f"»{field.title}« {_ANSWERS.get(field.type, 'Skriv et par linjer.')}"
        case "mangler_aktivitet":
            said = _activity(refusal.values)
        case "deltog_ikke":
            said = (
                f"I står ikke som deltagere i »{refusal.values['activity']}«. Var I der? Ellers finder vi en anden vej."
            )
        case "for_faa":
            said = _too_few(refusal.values, workflow)
        case "fristen_er_overskredet" | "ingen_plads":
            said = f"{refusal_text(refusal, workflow, about.kind)} Kan det stadig lade sig gøre?"
        case "forkert_tilstand" | "mangler_dato":
            said = f"{refusal_text(refusal, workflow, about.kind)} Hvornår regner du med, at det er på plads?"
        case _:
            said = refusal_text(refusal, workflow, about.kind)
    why = str(refusal.values.get("why") or field.why)
    return f"{said} {why}".strip()


_ANSWERS: Mapping[str, str] = {
    "actions": "Skriv hvem, hvad og hvornår.",
    "documents": "Send et link til jeres eget arkiv.",
    "date": "Skriv dagen.",
    "number": "Skriv tallet.",
    "bool": "Skriv ja eller nej.",
    "texts": "Skriv dem på en liste.",
    "choice": "Vælg én.",
    "choices": "Vælg en eller flere.",
}


def _tick(field: FieldDef) -> str:
    wanted = [field.wants_note] if field.wants_note else []
    wanted += ["hvilken dag"] if field.wants_day else []
    return f"Er det på plads, så skriv, {join_and(wanted) if wanted else 'hvornår det skete'}."


def _activity(values: Mapping[str, Json]) -> str:
    planned = values.get("planned")
    day = f" Den er planlagt til {long_date(date.fromisoformat(planned))}." if isinstance(planned, str) else ""
    return f"»{values['activity']}« er ikke registreret som gennemført.{day} Er det sket, eller hvornår sker det?"


def _too_few(values: Mapping[str, Json], workflow: Workflow) -> str:
    """Say how many of what must have come how far, and which ones are waited for."""
    machine = workflow.machines[str(values["kind"])]
    titles = {name: state.title for name, state in machine.regions[str(values["region"])].states.items()}
    states = " eller ".join(f"»{titles[name]}«" for name in _texts(values["wanted"]))
    fields = join_and([f"»{machine.all_fields[name].title}«" for name in _texts(values["fields"])])
    names = [f"»{title}«" for title in _texts(values["lacking"])] + (
        [f"{values['more']} til"] if values["more"] else []
    )
    return " ".join(
        filter(
            None,
            (
                f"Mindst {values['want']} ({machine.title.lower()}) skal være nået til {states};",
                f"lige nu er det {values['have']} af {values['of']}.",
                f"Udfyld også {fields}." if fields else "",
                f"Det venter på {join_and(names)}." if names else "",
                "Hvornår regner du med, at det er på plads?",
            ),
        )
    )


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _field(name: str, kind: str, workflow: Workflow) -> FieldDef:
    """Find a field's words and why it is asked for; one that is not known says its own name."""
    machine = workflow.machines.get(kind)
    found = machine.all_fields.get(name) if machine else None
    return found or FieldDef(title=name.replace("_", " "))
