"""The letter about one thing: what, the one next action first, why it came and what stops it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from ...engine.values import Intent
from ..texts import placeholders, substitute
from .content import Block, Content, Fact, Paragraph, Thing
from .values import Sender
from .wording import (
    GREETS,
    LONGEST_SUBJECT,
    Filled,
    action_of,
    answers_of,
    blocks,
    cut,
    end_of,
    ended,
    footer,
    footer_note,
    greeting,
    header_safe,
    signature,
    state_of,
    written_by,
)

SHORTEST_TITLE = 20
LONGEST_GREETING = 60
_PROGRAMMES = frozenset({"program", "program_kort"})
_TITLES = _PROGRAMMES | {"titel"}
_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "": "",
        "Aflyst": "AFLYST",
        "Du skal ikke med": "du skal ikke med",
        "Opdateret": "opdateret, gælder i stedet for den tidligere indkaldelse",
    }
)
_KOMMUNE = re.compile(r",\s*\{\{\s*kommune\s*\}\}")
_MEETING = (("Hvad", "titel"), ("Hvornår", "hvornaar"), ("Før", "tidligere"), ("Hvor", "sted"))


def single(one: Filled, name: str, sender: Sender, footer_links: Mapping[str, str], office: str = "") -> Content:
    """Word the letter about one row to somebody of that name; ``office`` as in ``footer_note``."""
    intent = one.row.nudge.intent
    parts = list(blocks(one.said(one.text.body), one.url))
    greets = bool(GREETS.match(one.text.body))
    opening = own_greeting(parts) if greets else greeting(name)
    if greets and opening:
        parts = parts[1:]
    lead = parts[:1] if opening else parts[:2]
    subject = subject_of(one)
    return Content(
        subject=subject,
        heading=subject,
        greeting=opening,
        thing=Thing(
            title=one.values["titel"],
            lead=tuple(lead),
            facts=meeting_facts(one),
            action=action_of(one),
            answers=answers_of(one),
            rest=(*parts[len(lead) :], *_reply(one), *written_by(one, sender)),
        ),
        ending=_ending(one),
        signature=signature(sender),
        footer=footer(footer_links, intent),
        footer_note=footer_note(sender, footer_links, may_stop=intent in (Intent.NUDGE, Intent.NOTICE), office=office),
    )


def _reply(one: Filled) -> tuple[Block, ...]:
    """Say what to answer the mail with, where it has no link that does it: there is one way to do a thing."""
    return () if one.links else blocks(one.said(one.text.reply))


def own_greeting(parts: list[Block]) -> str:
    """Give the author's own greeting, where it is a paragraph of its own."""
    match parts[:1]:
        case [Paragraph(lines=(only,))] if len(only) <= LONGEST_GREETING and not only.endswith((".", "?")):
            return only
        case _:
            return ""


def subject_of(one: Filled) -> str:
    """Fill the subject; of a long one a title is cut, since the place and the day stand behind it.

    What is of no kommune is told with its programme instead, where there is room: that it is of all of them tells a
    reader nothing.
    """
    template = one.text.subject
    if "kommune" not in one.known and _KOMMUNE.search(template):
        bare = _KOMMUNE.sub("", template)
        template = bare if _PROGRAMMES & placeholders(bare) else _KOMMUNE.sub(", {{ program_kort }}", template)
        if len(_headed(one, template, one.values)) > LONGEST_SUBJECT:
            template = bare
    whole = _headed(one, template, one.values)
    for name in sorted(_TITLES & placeholders(template), key=lambda name: -len(one.values[name])):
        title = one.values[name]
        room = len(title) - (len(whole) - LONGEST_SUBJECT)
        if SHORTEST_TITLE <= room < len(title):
            whole = _headed(one, template, {**one.values, name: cut(title, room)})
    return cut(whole, LONGEST_SUBJECT)


def _headed(one: Filled, template: str, values: Mapping[str, str]) -> str:
    subject = header_safe(substitute(template, values, text=one.row.nudge.template))
    state = state_of(one.row.nudge)
    if state and not subject.casefold().startswith((state.casefold(), "aflyst", "ændret", "flyttet", "ny tid")):
        return f"{state}: {subject}"
    return subject


def meeting_facts(one: Filled) -> tuple[Fact, ...]:
    """State a meeting's facts whatever the text says: not every mail program shows what a calendar file holds."""
    match one.row.nudge.intent:
        case Intent.INVITATION:
            always = {"titel", "hvornaar", "sted"}
        case Intent.CANCELLATION:
            always = {"titel", "hvornaar"}
        case Intent.NUDGE | Intent.NOTICE:
            return ()
        case never:
            assert_never(never)
    status = _STATUS[state_of(one.row.nudge)]
    shown = [Fact(label, one.values[name]) for label, name in _MEETING if name in always or name in one.known]
    return (*([Fact("Status", status)] if status else []), *shown)


def _ending(one: Filled) -> str:
    parts = [
        *([] if "hvorfor" in one.told else [f"Derfor får du denne mail: {ended(one.values['hvorfor'])}"]),
        *([] if "stopper" in one.told else [end_of(one)]),
    ]
    return " ".join(parts)
