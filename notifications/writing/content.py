"""What a letter says, once: the value that its plain text and its HTML are both drawn from; knows no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that stand together; ``url`` is a web address among their words that may be opened."""

    lines: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of points."""

    points: tuple[str, ...]


Block: TypeAlias = Paragraph | Bullets


@dataclass(frozen=True, slots=True)
class Link:
    """Words that say where a link goes, and the address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Action:
    """The one next thing to do; where there is no address, perhaps a command does it, or the words are all."""

    label: str
    url: str = ""
    command: str = ""
    ask: str = "Næste skridt"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value: ``Hvornår`` and the day."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Thing:
    """One matter of a letter: what it is, the one next action, the rest of its words and a small note."""

    title: str
    lead: tuple[Block, ...] = ()
    facts: tuple[Fact, ...] = ()
    action: Action | None = None
    answers: tuple[Link, ...] = ()
    rest: tuple[Block, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The things of a digest that belong to one kommune in one programme."""

    title: str
    things: tuple[Thing, ...]


MORE = "Også dette:"
"""What stands above the things of a long digest that are told in a line each."""


@dataclass(frozen=True, slots=True)
class Content:
    """A whole letter in words: about one ``thing``, or a digest of ``groups``.

    ``trial`` names the real receiver when it goes elsewhere; ``more`` are the things of a long digest that are told in
    a line each, those without an address as words alone.
    """

    subject: str
    heading: str
    greeting: str
    ending: str
    signature: tuple[str, ...]
    trial: str = ""
    thing: Thing | None = None
    intro: tuple[Block, ...] = ()
    groups: tuple[Group, ...] = ()
    more: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()
    footer_note: str = ""
