"""Several things in one letter: the most urgent first, by kommune and programme, each in a few lines; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from ...engine.civil.danish import join_and
from ...engine.civil.instants import local_date
from ...engine.values import Intent, OutboxRow
from ..facts import day_of, standing
from ..texts import KNOWN_PLACEHOLDERS, MESSAGE, Text, one_line, placeholders, substitute
from .content import Action, Bullets, Content, Fact, Group, Link, Paragraph, Thing
from .single import own_greeting
from .values import Sender
from .wording import (
    GREETS,
    LONGEST_SUBJECT,
    Filled,
    action_of,
    blocks,
    counted,
    cut,
    ended,
    footer,
    footer_note,
    greeting,
    header_safe,
    signature,
    stops_of,
    usable,
)

MOST_SHOWN: Final = 15
CANNOT_WAIT: Final = frozenset({"baseline_frist"})
"""Texts about what cannot be made good afterwards."""

_MOST_ROLES = 3
_ORDER = (Intent.CANCELLATION, Intent.INVITATION, Intent.NUDGE, Intent.NOTICE)
_TITLE_ROOM = 40
_IS_THE_MESSAGE = frozenset({"forsinket", "kommer"})
"""Places whose words are what the mail is for, such as a status: a thing that has them is told whole."""
_DAYS = frozenset({"dato", "dato_kort", "hvornaar", "om", "frist", "frist_kort"})


def urgency(row: OutboxRow, text: Text) -> tuple[int, int, date, int]:
    """Order rows by how little they can wait: what is called off, what cannot be made good, then the nearest day.

    A day counts where the text speaks of one: that a stalled step once began is no deadline. What should have been
    over when it was queued counts from the day on which it should.
    """
    kind = _ORDER.index(row.nudge.intent)
    day = (day_of(row) if speaks_of(text) & _DAYS else _overdue(row)) or date.max
    return (kind if kind == 0 else 1 if row.nudge.template in CANNOT_WAIT else 2, kind, day, row.id)


def _overdue(row: OutboxRow) -> date | None:
    """Give the last planned day of what was late when it was queued."""
    end = row.dates.actual_end or row.dates.planned_end
    return end if end is not None and end < local_date(row.queued_at) else None


def speaks_of(text: Text) -> frozenset[str]:
    """Name the places that a text uses in its subject and body."""
    return placeholders(text.subject) | placeholders(text.body)


def digest(
    things: Sequence[Filled],
    name: str,
    sender: Sender,
    footer_links: Mapping[str, str],
    texts: Mapping[str, Text],
) -> Content:
    """Word the letter about several rows to somebody of that name; ``texts`` are ``samling`` and ``samling_nyt``."""
    ordered = sorted(things, key=lambda one: urgency(one.row, one.text))
    shown, left = ordered[:MOST_SHOWN], len(ordered) - MOST_SHOWN
    text, values = _frame(ordered, sender, texts)
    side = usable(footer_links).get("side", "")
    return Content(
        subject=_subject(ordered, text, values),
        heading=_sentence(text, {**values, "ting": ""}),
        greeting=greeting(name),
        intro=blocks(substitute(text.body, values, text="samling")),
        groups=_groups(shown),
        more=_more(left, side, sender),
        more_link=Link("se dem alle på din side", side) if left > 0 and side else None,
        ending=f"Derfor får du denne mail: du er registreret som {_roles(ordered)} "
        + stops_of(Intent.NUDGE, one_line(substitute(text.stops, values, text="samling"))),
        signature=signature(sender),
        footer=footer({name: url for name, url in footer_links.items() if not (left > 0 and name == "side")}),
        footer_note=footer_note(sender, footer_links, may_stop=True),
    )


def _frame(ordered: Sequence[Filled], sender: Sender, texts: Mapping[str, Text]) -> tuple[Text, dict[str, str]]:
    """Choose the words around the things: some wait for the reader, or all only tell."""
    waits = any(one.row.nudge.intent is Intent.NUDGE for one in ordered)
    many = len(ordered)
    values = {name: spot.fallback for name, spot in KNOWN_PLACEHOLDERS.items()}
    values |= {
        "antal": counted(many, "ting", "ting") if waits else counted(many, "besked", "beskeder"),
        "kontakt": one_line(sender.reply_name) or values["kontakt"],
        "program": join_and(tuple(dict.fromkeys(one.values["program"] for one in ordered))),
        "program_kort": join_and(tuple(dict.fromkeys(one.values["program_kort"] for one in ordered))),
        "ting": "",
    }
    return texts["samling" if waits else "samling_nyt"], values


def _sentence(text: Text, values: Mapping[str, str]) -> str:
    return header_safe(substitute(text.subject, values, text="samling")).rstrip(" :,.–-")


def _subject(ordered: Sequence[Filled], text: Text, values: Mapping[str, str]) -> str:
    """Name as many of the most urgent as there is room for, and count the others."""
    several = len({one.row.kommune for one in ordered}) > 1
    names = tuple(dict.fromkeys(_named(one, several) for one in ordered))
    for count in range(min(len(names), 4), 0, -1):
        rest = len(ordered) - count
        listed = join_and(names[:count]) if not rest else f"{', '.join(names[:count])} og {rest} til"
        subject = _sentence(text, {**values, "ting": listed})
        if len(subject) <= LONGEST_SUBJECT:
            return subject
    return cut(subject, LONGEST_SUBJECT)


def _named(one: Filled, several: bool) -> str:
    title = cut(one.values["titel"], _TITLE_ROOM)
    place = one.known.get("kommune", "").removesuffix(" Kommune")
    return f"{title} ({cut(place, _TITLE_ROOM)})" if several and place and place not in title else title


def _groups(shown: Sequence[Filled]) -> tuple[Group, ...]:
    """Gather the things of one kommune in one programme; the group with the most urgent thing comes first."""
    found: dict[str, list[Thing]] = {}
    for one in shown:
        place = ", ".join(filter(None, (one.known.get("kommune", ""), one.values["program_kort"])))
        found.setdefault(place, []).append(_thing(one))
    return tuple(Group(place, tuple(things)) for place, things in found.items())


def _thing(one: Filled) -> Thing:
    """Tell one thing in a few lines: what, the one next action, and in small why and what stops it."""
    parts = list(blocks(one.said(one.text.body)))
    if GREETS.match(one.text.body) and own_greeting(parts):
        parts = parts[1:]
    is_whole = one.row.nudge.template == MESSAGE or bool(speaks_of(one.text) & _IS_THE_MESSAGE)
    told = parts if is_whole else parts[:1]
    lead = tuple(part for part in told if isinstance(part, Paragraph | Bullets))
    why = one.row.nudge.values.get("hvorfor")
    action = action_of(one)
    if action is None and one.url:
        action = Action("Se, hvad du kan gøre", one.url)
    reason = ended(one_line(why)) if isinstance(why, str) and one_line(why) else ""
    return Thing(
        title=one.values["titel"],
        lead=lead,
        facts=_dated(one, lead),
        action=action,
        note=" ".join(filter(None, (reason, _stops(one)))),
    )


def _stops(one: Filled) -> str:
    sentence = stops_of(one.row.nudge.intent, one.stops)
    return sentence.replace("Den stopper, når", "Stopper, når", 1)


def _dated(one: Filled, lead: Sequence[Paragraph | Bullets]) -> tuple[Fact, ...]:
    """Give the day that the text speaks of somewhere, unless its first words already do."""
    said = " ".join(" ".join(part.lines if isinstance(part, Paragraph) else part.points) for part in lead)
    used = speaks_of(one.text) & _DAYS
    label, name = ("Frist", "frist") if used & {"frist", "frist_kort"} else ("Hvornår", "hvornaar")
    if not used or name not in one.known or one.known.get("frist" if name == "frist" else "dato", "") in said:
        return ()
    return (Fact(label, one.known[name]),)


def _roles(ordered: Sequence[Filled]) -> str:
    """Say once as what the reader is registered: each role of a programme with its kommuner."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in ordered:
        place = {one.known["kommune"]: None} if "kommune" in one.known else {}
        found.setdefault((one.known.get("rolle", ""), one.known.get("program_kort", "")), {}).update(place)
    roles = [
        standing({"rolle": role or "deltager", "program_kort": programme or "programmet", "kommune": _places(places)})
        for (role, programme), places in found.items()
    ]
    if len(roles) > _MOST_ROLES:
        return f"{', '.join(roles[:_MOST_ROLES])} og i {len(roles) - _MOST_ROLES} roller til."
    return ended(join_and(roles))


def _places(kommuner: Iterable[str]) -> str:
    names = tuple(kommuner)
    return join_and(names) if len(names) <= _MOST_ROLES else counted(len(names), "kommune", "kommuner")


def _more(left: int, side: str, sender: Sender) -> str:
    if left <= 0:
        return ""
    if side:
        return f"og {left} mere"
    return f"og {left} mere: svar på denne mail, så får du dem af {one_line(sender.reply_name) or 'afsenderen'}"
