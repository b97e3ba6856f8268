"""Several things in one letter: the most urgent first, by kommune and programme, each in a few lines; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from ...engine.civil.danish import join_and
from ...engine.civil.instants import local_date
from ...engine.values import Intent, OutboxRow
from ...engine.values.names import KOMMUNE, PROGRAMME
from ..facts import REASON, day_of, standing
from ..texts import KNOWN_PLACEHOLDERS, MESSAGE, NOTHING, Text, matter_of, one_line, placeholders, substitute
from .content import Action, Bullets, Content, Fact, Group, Link, Paragraph, Thing
from .single import own_greeting
from .values import Sender
from .wording import (
    GREETS,
    LONGEST_SUBJECT,
    Filled,
    action_of,
    answers_of,
    blocks,
    counted,
    cut,
    end_of,
    ended,
    footer,
    footer_note,
    greeting,
    header_safe,
    signature,
    stops_of,
    written_by,
)

MOST_SHOWN: Final = 15
LEAST_ALIKE: Final = 3
"""So many things that only differ by their kommune are told as one."""
CANNOT_WAIT: Final = frozenset({"baseline_frist"})
"""Texts about what cannot be made good afterwards."""

_MOST_ROLES = 3
_ONLY_A_PLACE = frozenset({KOMMUNE, PROGRAMME})
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
    office: str = "",
) -> Content:
    """Word the letter about several rows to somebody of that name; ``texts`` are ``samling`` and ``samling_nyt``.

    ``office`` is as in ``footer_note``.
    """
    ordered = sorted(things, key=lambda one: urgency(one.row, one.text))
    alike = _alike(ordered)
    text, values = _frame(ordered, sender, texts)
    return Content(
        subject=_subject(alike, len(ordered), text, values),
        heading=_sentence(text, {**values, "ting": ""}),
        greeting=greeting(name),
        intro=blocks(substitute(text.body, values, text="samling")),
        groups=_groups(alike[:MOST_SHOWN], sender),
        more=tuple(_in_a_line(one) for several in alike[MOST_SHOWN:] for one in several),
        ending=f"Derfor får du denne mail: {_reasons(ordered)} "
        + stops_of(Intent.NUDGE, one_line(substitute(text.stops, values, text="samling"))),
        signature=signature(sender),
        footer=footer(footer_links),
        footer_note=footer_note(sender, footer_links, may_stop=True, office=office),
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


def _subject(alike: Sequence[Sequence[Filled]], many: int, text: Text, values: Mapping[str, str]) -> str:
    """Name as many of the most urgent as there is room for, and count the others."""
    several = len({one.row.kommune for group in alike for one in group}) > 1
    names: dict[str, int] = {}
    for group in alike:
        name = _of_several(group) if len(group) > 1 else _named(group[0], several)
        names[name] = names.get(name, 0) + len(group)
    for count in range(min(len(names), 4), 0, -1):
        shown = tuple(names)[:count]
        rest = many - sum(names[name] for name in shown)
        listed = join_and(shown) if not rest else f"{', '.join(shown)} og {rest} til"
        subject = _sentence(text, {**values, "ting": listed})
        if len(subject) <= LONGEST_SUBJECT:
            return subject
    return cut(subject, LONGEST_SUBJECT)


def _of_several(group: Sequence[Filled]) -> str:
    return f"{cut(_title(group[0]), _TITLE_ROOM)} ({counted(len(group), 'kommune', 'kommuner')})"


def _named(one: Filled, several: bool) -> str:
    title = cut(_title(one), _TITLE_ROOM)
    place = one.known.get("kommune", "").removesuffix(" Kommune")
    return f"{title} ({cut(place, _TITLE_ROOM)})" if several and place and place not in title else title


def _title(one: Filled) -> str:
    """Name a thing: a kommune's process and a programme say nothing by their names, so the mail's matter does.

    A message is named by the subject that somebody wrote.
    """
    subject = one.said(one.text.subject)
    if one.row.nudge.template == MESSAGE:
        return header_safe(subject)
    if one.row.kind not in _ONLY_A_PLACE:
        return one.values["titel"]
    return header_safe(matter_of(Text(subject, "")) or subject)


def _alike(ordered: Sequence[Filled]) -> list[tuple[Filled, ...]]:
    """Gather what would read the same but for the kommune, if it is much, each where its most urgent one stands."""
    found: dict[tuple[str, ...], list[Filled]] = {}
    keys = [_likeness(one) for one in ordered]
    for one, key in zip(ordered, keys, strict=True):
        is_new = one.known.get("kommune") not in [other.known.get("kommune") for other in found.get(key, ())]
        is_much = keys.count(key) >= LEAST_ALIKE and is_new
        found.setdefault(key if is_much else (*key, str(one.row.id)), []).append(one)
    return [tuple(several) for several in found.values()]


def _likeness(one: Filled) -> tuple[str, ...]:
    place = one.known.get("kommune")
    if not place:
        return (str(one.row.id),)
    undated = replace(one, values={**one.values, "dage": ""})  # For how long it stands still is told as a span.
    said = "\n".join([undated.said(one.text.body), _title(one), one.known.get("hvornaar", "")])
    return (one.row.nudge.template, one.values["program_kort"], said.replace(place, ""), one.known.get(REASON, ""))


def _groups(shown: Sequence[tuple[Filled, ...]], sender: Sender) -> tuple[Group, ...]:
    """Gather the things of one kommune in one programme; the group with the most urgent thing comes first."""
    found: dict[str, list[Thing]] = {}
    for several in shown:
        one = _of_all(several)
        place = ", ".join(filter(None, (one.known.get("kommune", ""), one.values["program_kort"])))
        found.setdefault(place, []).append(_thing(one, several, sender))
    return tuple(Group(place, tuple(things)) for place, things in found.items())


def _of_all(several: Sequence[Filled]) -> Filled:
    """Word what several kommuner have in common as one thing."""
    first = several[0]
    if len(several) == 1:
        return first
    places = {"kommune": join_and(tuple(dict.fromkeys(one.known["kommune"] for one in several)))}
    if first.values["titel"] == first.known["kommune"]:
        places["titel"] = places["kommune"]
    days = {one.row.nudge.values.get("dage") for one in several}
    if len(days) > 1 and (counts := [day for day in days if isinstance(day, int)]):
        places["dage"] = f"{min(counts)}-{max(counts)} dage"
    return replace(first, known={**first.known, **places}, values={**first.values, **places})


def _thing(one: Filled, several: Sequence[Filled], sender: Sender) -> Thing:
    """Tell one thing in a few lines: what, the one next action, and in small why and what stops it."""
    parts = list(blocks(one.said(one.text.body)))
    if len(parts) > 1 and GREETS.match(one.text.body) and own_greeting(parts):
        parts = parts[1:]
    is_whole = one.row.nudge.template == MESSAGE or bool(speaks_of(one.text) & _IS_THE_MESSAGE)
    told = parts if is_whole else parts[:1]
    lead = tuple(part for part in told if isinstance(part, Paragraph | Bullets))
    why = one.row.nudge.values.get("hvorfor")
    action, answers = _action(one), answers_of(one)
    if len(several) > 1 and action is not None:
        answers = tuple(Link(each.known["kommune"], each.url) for each in several if each.url)
        action = Action(action.label, ask=action.ask)
    reason = ended(one_line(why)) if isinstance(why, str) and one_line(why) else ""
    return Thing(
        title=_title(one),
        lead=(*lead, *written_by(one, sender)),
        facts=_dated(one, lead),
        action=action,
        answers=answers,
        note=" ".join(filter(None, (reason, _stops(one)))),
    )


def _action(one: Filled) -> Action | None:
    """Give the one next action, also of a text that places its link itself: its place is not told here."""
    action = action_of(one)
    is_placed = action is None and one.url and one.text.action != NOTHING
    return Action("Se, hvad du kan gøre", one.url) if is_placed else action


def _in_a_line(one: Filled) -> Link:
    """Tell a thing that there is no room for in a line, with its link: nothing that is sent goes untold."""
    action = _action(one)
    label = _named(one, several=True)
    return Link(f"{label}: {action.label}", action.url) if action else Link(label, "")


def _stops(one: Filled) -> str:
    sentence = end_of(one)
    return sentence.replace("Den stopper, når", "Stopper, når", 1)


def _dated(one: Filled, lead: Sequence[Paragraph | Bullets]) -> tuple[Fact, ...]:
    """Give the day that the text speaks of somewhere, unless its first words already do."""
    said = " ".join(" ".join(part.lines if isinstance(part, Paragraph) else part.points) for part in lead)
    used = speaks_of(one.text) & _DAYS
    label, name = ("Frist", "frist") if used & {"frist", "frist_kort"} else ("Hvornår", "hvornaar")
    if not used or name not in one.known or one.known.get("frist" if name == "frist" else "dato", "") in said:
        return ()
    return (Fact(label, one.known[name]),)


def _reasons(ordered: Sequence[Filled]) -> str:
    """Say once why all of it comes to this reader: in which roles, and for whom else."""
    others = dict.fromkeys(one.known[REASON] for one in ordered if REASON in one.known)
    own = [one for one in ordered if REASON not in one.known]
    reasons = [*([f"du er registreret som {_roles(own)}"] if own else []), *others]
    return ended(join_and(reasons))


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
        return f"{', '.join(roles[:_MOST_ROLES])} og i {len(roles) - _MOST_ROLES} roller til"
    return join_and(roles)


def _places(kommuner: Iterable[str]) -> str:
    names = tuple(kommuner)
    return join_and(names) if len(names) <= _MOST_ROLES else counted(len(names), "kommune", "kommuner")
