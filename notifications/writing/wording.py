"""The phrases that all letters share: greeting, reason, end, signature and footer; knows no layout and no headers."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from types import MappingProxyType
from typing import assert_never

from ...engine.civil.danish import plural
from ...engine.values import FIRST_WORD, SEAT, Intent, Nudge, OutboxRow, Recipient
from ..facts import LISTS, facts, first_name, listed
from ..texts import BY_ANSWER, KNOWN_PLACEHOLDERS, NOTHING, Text, one_line, placeholders, substitute
from .content import Action, Block, Bullets, Link, Paragraph
from .values import Item, Sender, Writer, is_web_address

LONGEST_SUBJECT = 90
GREETS = re.compile(r"\s*(kære|hej)\b", re.IGNORECASE)
_LISTED = re.compile(rf"(?m)^[^\S\n]*-[^\S\n]+\{{\{{\s*({'|'.join(sorted(LISTS))})\s*\}}\}}[^\S\n]*$")
_POINT = re.compile(r"\s*[-*•]\s+")
NO_LONGER = "ikke_laengere_med"
"""The text for those who are not to come any more to what is held all the same."""

ASKS = "spoerger_igen"
"""The value of an invitation that says that whoever gives no answer is asked for one: an answer can come in."""

_FOOTER = MappingProxyType(
    {
        "side": "Se, hvad der venter på dig",
        "kalender": "Få dagene i din kalender",
        "fravaer": "Meld fravær",
        "afmeld": "Få færre mails",
    }
)
_FITTING = MappingProxyType(
    {
        Intent.NUDGE: frozenset(_FOOTER),
        Intent.NOTICE: frozenset({"afmeld"}),
        Intent.INVITATION: frozenset({"kalender", "fravaer"}),
        Intent.CANCELLATION: frozenset[str](),
    }
)
"""What the foot of a mail leads to: who is told that there is nothing left to do is not asked for more."""
_OPEN = MappingProxyType(
    {
        Intent.NUDGE: "Se, hvad du kan gøre",
        Intent.NOTICE: "Se mere",
        Intent.INVITATION: "Svar, om du kommer",
        Intent.CANCELLATION: "Se, hvad der er aflyst",
    }
)
_UNASKED = "hvis noget ændrer sig, og lige før vi mødes."


@dataclass(frozen=True, slots=True)
class Filled:
    """A row's words ready for use: what is known, every placeholder's value, and what the author has placed."""

    row: OutboxRow
    text: Text
    known: Mapping[str, str]
    values: Mapping[str, str]
    stops: str
    told: frozenset[str]
    links: Mapping[str, str]
    writer: Writer | None = None

    def said(self, template: str) -> str:
        """Fill a template of this row; what is several becomes a list where it stands behind a dash of its own."""
        parts = _LISTED.split(template)  # words, name, words, name, words
        filled = [substitute(words, self.values, text=self.row.nudge.template) for words in parts[::2]]
        lists = ["\n".join(f"- {one}" for one in self._several(name)) for name in parts[1::2]]
        return "".join(part for pair in zip_longest(filled, lists, fillvalue="") for part in pair)

    def _several(self, name: str) -> tuple[str, ...]:
        return listed(self.row, name) or (one_line(self.values[name]),)

    @property
    def url(self) -> str:
        """The page of the one next action, if there is one that may be opened."""
        return self.values["link"] if "link" in self.known and is_web_address(self.values["link"]) else ""


def fill(item: Item, recipient: Recipient, sender: Sender, now: datetime, links: Mapping[str, str]) -> Filled:
    """Look up what a letter may say of one row. Raises InvalidInput for a placeholder that does not exist."""
    row, text = item.row, item.text
    known = dict(facts(row, recipient, now, item.named))
    if url := usable(links).get("naeste"):
        known["link"] = url
    values = {name: known.get(name, spot.fallback) for name, spot in KNOWN_PLACEHOLDERS.items()}
    values |= {"kontakt": one_line(sender.reply_name) or values["kontakt"]}
    stops = known.get("stopper") or one_line(substitute(text.stops, values, text=row.nudge.template))
    values |= {"stopper": stops or values["stopper"]}
    told = placeholders(text.body, text=row.nudge.template)
    return Filled(row, text, MappingProxyType(known), values, stops, told, usable(links), item.named.writer)


def usable(links: Mapping[str, str]) -> Mapping[str, str]:
    """Keep the addresses that may become links."""
    return {name: url for name, url in links.items() if is_web_address(url)}


def greeting(name: str) -> str:
    """Greet a person by the first name; an office or a shared mailbox with a plain hello."""
    first = first_name(name)
    return f"Kære {first}" if first else "Hej"


def blocks(body: str, url: str = "") -> tuple[Block, ...]:
    """Part a filled text at its empty lines; lines that begin with a dash are a list."""
    found: list[Block] = []
    for part in re.split(r"\n[^\S\n]*\n", body.strip().replace("\r\n", "\n")):
        lines: list[str] = []
        points: list[str] = []
        for line in filter(None, map(str.strip, part.splitlines())):
            if _POINT.match(line):
                found += [Paragraph(tuple(lines), _placed(url, lines))] if lines else []
                lines = []
                points.append(one_line(_POINT.sub("", line, count=1)))
            else:
                found += [Bullets(tuple(points))] if points else []
                points = []
                lines.append(one_line(line))
        found += [Bullets(tuple(points))] if points else []
        found += [Paragraph(tuple(lines), _placed(url, lines))] if lines else []
    return tuple(found)


def _placed(url: str, lines: Sequence[str]) -> str:
    return url if url and any(url in line for line in lines) else ""


def action_of(one: Filled) -> Action | None:
    """Give the one next action: the author's words for it, else what the mail's intent asks for."""
    words = one_line(one.said(one.text.action)).strip(" .")
    if words == NOTHING:
        return None
    if "kommer" in one.links:
        return Action("Ja, jeg kommer", one.links["kommer"], ask="Svar, om du kommer")
    if words.startswith(BY_ANSWER) or (words and one.text.link and one.url):
        return Action(words)
    if one.url and "link" not in one.told:
        return Action(words or _OPEN[one.row.nudge.intent], one.url)
    command = one.known.get("kommando", "") if not one.told & {"kommando", "link"} else ""
    if words or command:
        return Action(words or _OPEN[one.row.nudge.intent], command=command)
    return None


def answers_of(one: Filled) -> tuple[Link, ...]:
    """Give what else may be answered: No to an invitation, and how it went where the thing itself is done elsewhere."""
    if one.text.link and one.url and "link" not in one.told:
        return (Link(one_line(one.said(one.text.link)), one.url),)
    if "kommer_ikke" in one.links:
        return (Link("Nej, jeg kan ikke komme", one.links["kommer_ikke"]),)
    return ()


def end_of(one: Filled) -> str:
    """Write what ends the mails about a row; an answer is asked for again where it can come in, but a seat is had."""
    values = one.row.nudge.values
    asks = ("kommer" in one.links or ASKS in values) and SEAT not in values
    return stops_of(one.row.nudge.intent, one.stops, asks=asks)


def stops_of(intent: Intent, stops: str, *, asks: bool = False) -> str:
    """Write the sentence that says what ends these mails; ``asks`` tells whether silence is asked again."""
    if stops.startswith(("Stopper", "Kommer")):  # a workflow's reminder writes the whole sentence
        return ended(f"Den {stops[0].lower()}{stops[1:]}")
    if stops:
        return ended(f"Den stopper, når {stops}")
    match intent:
        case Intent.NUDGE:
            return "Den stopper, når det, den handler om, er registreret."
        case Intent.INVITATION if asks:
            return f"Svarer du ikke, spørger vi igen. Ellers hører du kun, {_UNASKED}"
        case Intent.INVITATION:
            return f"Du hører kun igen, {_UNASKED}"
        case Intent.NOTICE | Intent.CANCELLATION:
            return "Du får den kun denne ene gang."
        case never:
            assert_never(never)


def ended(sentence: str) -> str:
    """End a sentence with one full stop; a question keeps its own mark."""
    return sentence if sentence.endswith(("?", "!")) else f"{sentence.rstrip('.')}."


def written_by(one: Filled, sender: Sender) -> tuple[Paragraph, ...]:
    """Say whose words a message holds, and where she is reached unless an answer to the letter does that."""
    if one.writer is None:
        return ()
    said = ", ".join(filter(None, (one_line(one.writer.name), one.writer.role)))
    elsewhere = one.writer.email if one.writer.email != sender.reply_email else ""
    return (Paragraph((f"Skrevet af {said}{f' ({elsewhere})' if elsewhere else ''}.",)),)


def signature(sender: Sender) -> tuple[str, ...]:
    """Sign with the person who reads the answers, and where the mail comes from."""
    names = (one_line(sender.reply_name), one_line(sender.name))
    return tuple(dict.fromkeys(filter(None, ("Med venlig hilsen", *names))))


def footer(footer_links: Mapping[str, str], intent: Intent = Intent.NUDGE) -> tuple[Link, ...]:
    """Give the links of the footer that there are and that fit such a mail, in their order."""
    found = usable(footer_links)
    return tuple(
        Link(label, found[name]) for name, label in _FOOTER.items() if name in found and name in _FITTING[intent]
    )


def footer_note(sender: Sender, footer_links: Mapping[str, str], *, may_stop: bool, office: str = "") -> str:
    """Say who reads the answers, and where no link can stop the mails, that an answer does.

    ``office`` is where to write for fewer mails if answers go to somebody else.
    """
    reader = f"Svar på denne mail går til {one_line(sender.reply_name) or 'afsenderen'}"
    if may_stop and "afmeld" not in usable(footer_links):
        if office:
            return f"{reader}. Vil du have færre mails, så skriv til {office}."
        return f"{reader}; skriv også der, hvis du vil have færre mails."
    return f"{reader}."


def state_of(nudge: Nudge) -> str:
    """Say in a word what became of an invitation; empty where nothing has."""
    match nudge.intent:
        case Intent.CANCELLATION:
            return "Du skal ikke med" if nudge.template == NO_LONGER else "Aflyst"
        case Intent.INVITATION:
            return "Opdateret" if nudge.sequence and FIRST_WORD not in nudge.values else ""
        case Intent.NUDGE | Intent.NOTICE:
            return ""
        case never:
            assert_never(never)


def counted(many: int, one: str, more: str) -> str:
    """Write a count with its noun."""
    return plural(many, one, more)


def header_safe(value: str) -> str:
    """Make a value safe in a header: one line, and no encoded word, which the email package would decode again."""
    return one_line(value).replace("=?", "= ?")


def cut(value: str, room: int) -> str:
    """Shorten between two words, or within one that is most of it."""
    shown = textwrap.shorten(value, room, placeholder=" …")
    return shown if len(shown) > room // 2 or shown == value else f"{value[: room - 1]}…"
