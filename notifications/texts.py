"""The texts that authors of workflows write, and their ``{{ name }}`` substitution; knows no mail and runs no code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..engine.errors import InvalidInput

MESSAGE: Final = "besked"
"""The template, and the reason, of a message that a person wrote to a role."""


NOTHING: Final = "intet"
"""The action of a text after which there is nothing to do: then no link stands there either."""

BY_ANSWER: Final = "Svar på denne mail"
"""How an action begins that an answer does: it needs no link."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a mail says: its subject, its body, the rest of the sentence "Den stopper, når ...", and the next action.

    All of them may hold placeholders. An empty line in the body parts two paragraphs, lines that begin with a dash
    are a list; greeting, reason and signature are added when the mail is composed. ``stops`` may be empty: then the
    mail's intent decides the sentence. ``action`` is the one thing to do, in the imperative and few words: it stands
    right below the first paragraph, on a button where there is a link; ``intet`` says that there is nothing to do, and
    ``Svar på denne mail`` needs no link. Where the thing is done elsewhere ("Ring til ..."), ``link`` are the words of
    the link that stands below it. ``reply`` says what else to answer the mail with, where no link does it.
    """

    subject: str
    body: str
    stops: str = ""
    action: str = ""
    link: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that texts may use: what it means, an example, and what stands there when nobody knows the value."""

    meaning: str
    example: str
    fallback: str


KNOWN_PLACEHOLDERS: Mapping[str, Placeholder] = MappingProxyType(
    {
        "titel": Placeholder("Aktivitetens, evalueringens eller forløbets titel", "Opstartsmøde", "forløbet"),
        "program": Placeholder("Programmets titel", "Forenklet beskæftigelsesindsats – en ny start", "programmet"),
        "program_kort": Placeholder(
            "Programmets titel uden undertitel", "Forenklet beskæftigelsesindsats", "programmet"
        ),
        "kommune": Placeholder("Kommunens navn", "Nyborg Kommune", "alle kommuner"),
        "navn": Placeholder("Modtagerens fornavn", "Anne", "kollega"),
        "rolle": Placeholder("Rollen, som mailen er sendt til", "kommunal konsulent", "deltager"),
        "dato": Placeholder(
            "Dagen med ugedag og uge", "fredag den 20. september 2019 (uge 38)", "en dag, der endnu ikke er aftalt"
        ),
        "dato_kort": Placeholder("Dagen kort, til emnelinjer", "20.9.2019", "dato følger"),
        "kl": Placeholder("Klokkeslættet", "kl. 9.00", "tidspunkt følger"),
        "hvornaar": Placeholder(
            "Dagen og, når det er kendt, klokkeslættet",
            "fredag den 20. september 2019 (uge 38), kl. 9.00",
            "en dag, der endnu ikke er aftalt",
        ),
        "om": Placeholder("Hvor længe der er til dagen, talt fra afsendelsen", "om 3 dage", "snart"),
        "tidligere": Placeholder("Den dag, der gjaldt før", "torsdag den 19. september 2019 (uge 38)", "den tidligere"),
        "ansvarlig": Placeholder(
            "Den, der står for det, mailen handler om, og som ikke er modtageren selv",
            "Bo Kjær",
            "den, der står for det",
        ),
        "hvem": Placeholder("Den person, som mailen handler om", "Anne Holm", "modtageren"),
        "sted": Placeholder("Stedet eller mødelinket", "Rådhuset, lokale 2", "sted følger"),
        "frist": Placeholder(
            "Fristen med ugedag og uge", "mandag den 30. september 2019 (uge 40)", "en dag, der endnu ikke er aftalt"
        ),
        "frist_kort": Placeholder("Fristen kort, til emnelinjer", "30.9.2019", "følger"),
        "dage": Placeholder("Et antal dage med navneord", "14 dage", "et stykke tid"),
        "trin": Placeholder("Trinnets nummer og titel", "trin 3 (Udvikle løsninger)", "et trin"),
        "foerste": Placeholder("Den kommune, der står først på ventelisten", "Greve", "den første på ventelisten"),
        "fase": Placeholder("Fasens titel", "Forberedelsesfasen", "en fase"),
        "hvorfor": Placeholder(
            "Hvorfor modtageren får mailen", "du er registreret som kommunal konsulent", "du har en rolle i programmet"
        ),
        "stopper": Placeholder(
            "Hvad der får disse mails til at stoppe", "udbyttet er registreret", "det er registreret"
        ),
        "naeste": Placeholder(
            "Det ene, modtageren skal gøre nu",
            "Vælg en dato, og registrér den.",
            "Aftal med din kontaktperson, hvad der skal til for at komme videre.",
        ),
        "mangler": Placeholder("Det, der mangler, før det kan gå videre", "MED har drøftet", "se kommunens overblik"),
        "forsinket": Placeholder("Det, der er forsinket, i månedens status", "Workshop (Greve), 3.3.2020", "intet"),
        "kommer": Placeholder("Det, der kommer i den næste måned", "Temadag, 25.3.2020", "intet"),
        "link": Placeholder("Siden, hvor det kan gøres", "https://samskabt.example/a/17", "kommunens side"),
        "kommando": Placeholder("Kommandoen, der gør det", "samskabt advance 17 afhold", "samskabt status"),
        "antal": Placeholder("Hvor meget en samlet mail handler om", "3 ting", "noget"),
        "ting": Placeholder("De vigtigste ting i en samlet mail", "Opstartsmøde og 2 andre", "se selv"),
        "kontakt": Placeholder("Den person, der svarer på mails", "Karen Holm", "sekretariatet"),
    }
)
"""Every placeholder by name; a workflow that uses another is refused when it is loaded."""

_SPOT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MATTER = re.compile(r"[^{}:?]{2,60}(?:\?|(?=:))")


def substitute(template: str, values: Mapping[str, str], *, text: str = "") -> str:
    """Put the values in their ``{{ name }}`` places, each as one line of plain text and never expanded again.

    ``text`` names the template in errors. Raises InvalidInput for a placeholder without a value or without an end.
    """

    def value(spot: re.Match[str]) -> str:
        if spot[1] not in values:
            raise _unknown(text or template, spot[1], values)
        return one_line(values[spot[1]])

    _check_braces(template, text)
    return _SPOT.sub(value, template)


def placeholders(template: str, *, text: str = "") -> frozenset[str]:
    """Name the placeholders of a template, known or not. Raises InvalidInput when it is not well formed."""
    _check_braces(template, text)
    names = frozenset(spot[1] for spot in _SPOT.finditer(template))
    for name in sorted(names):
        if not _NAME.fullmatch(name):
            raise _unknown(text or template, name, KNOWN_PLACEHOLDERS)
    return names


def matter_of(text: Text) -> str:
    """Name the kind of a mail in a word or two: what its subject says before the first colon, or as a question.

    Empty for a subject that begins with something else.
    """
    said = _MATTER.match(text.subject)
    return one_line(said[0]) if said else ""


def check(text: Text, name: str) -> None:
    """Raise InvalidInput, naming the text, when a part of it uses a placeholder that does not exist."""
    for part in (text.subject, text.body, text.stops, text.action, text.link, text.reply):
        for used in sorted(placeholders(part, text=name) - KNOWN_PLACEHOLDERS.keys()):
            raise _unknown(name, used, KNOWN_PLACEHOLDERS)


def one_line(value: str) -> str:
    """Make a value one line of plain text: composed (NFC), white space and controls to one space, no direction marks.

    Format characters (category Cf: zero width, right-to-left override) go; they can make a name look like another.
    """
    composed = unicodedata.normalize("NFC", value)
    if composed.isprintable():  # Nearly always; then no mark of it is of a category that is left out.
        return " ".join(composed.split())
    kept = (_plain(mark) for mark in composed)
    return " ".join("".join(kept).split())


def _plain(mark: str) -> str:
    match unicodedata.category(mark):
        case "Cc" | "Zl" | "Zp" | "Cs":
            return " "
        case "Cf":
            return ""
        case _:
            return mark


def _check_braces(template: str, text: str) -> None:
    rest = _SPOT.sub("", template)
    if "{{" in rest or "}}" in rest:
        raise InvalidInput(_label(text or template), "a placeholder has no end; write it as {{ navn }}")


def _unknown(text: str, name: str, known: Mapping[str, object]) -> InvalidInput:
    return InvalidInput(
        _label(text), f"unknown placeholder {{{{ {one_line(name)[:40]} }}}}; available: {', '.join(sorted(known))}"
    )


def _label(text: str) -> str:
    shown = one_line(text)
    return f"text {shown[:40] + '…' if len(shown) > 40 else shown!r}"
