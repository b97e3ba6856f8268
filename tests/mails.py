"""Reads mails back with other parsers than they were written with: `email` for the parts, `html.parser` for HTML."""

from __future__ import annotations

import email
import html
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import cache, lru_cache
from html.parser import HTMLParser

INLINE = frozenset({"a", "strong", "code", "span"})
VOID = frozenset({"br", "meta", "hr", "img", "link", "input"})


@lru_cache(maxsize=8)
def parsed(content: bytes) -> EmailMessage:
    """Read bytes as a mail program does; a mail with any defect is none."""
    found = email.message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return found


@cache
def part(content: bytes, kind: str) -> str:
    """Give one of the bodies: ``plain`` or ``html``."""
    body = parsed(content).get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


def text_of(content: bytes) -> str:
    """Give the plain text."""
    return part(content, "plain")


def flat(content: bytes) -> str:
    """Give the plain text as one line."""
    return " ".join(text_of(content).split())


@dataclass
class Element:
    """One element: its name, attributes, how deep it stands, its words (its children's too) and its own alone."""

    tag: str
    attributes: dict[str, str]
    depth: int
    words: str = ""
    own: str = ""


@dataclass
class Page(HTMLParser):
    """An HTML page as `html.parser` sees it; whatever is not well formed fails at once."""

    source: str
    elements: list[Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert not self._open, [one.tag for one in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element; no attribute may stand twice or without a value."""
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        one = Element(tag, {name: value or "" for name, value in attrs}, len(self._open))
        self.elements.append(one)
        if tag not in INLINE:
            self._say(" ")
        if tag not in VOID:
            self._open.append(one)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be the one that is named."""
        assert self._open and self._open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        """Give words to every open element."""
        self._say(data)
        if self._open:
            self._open[-1].own += data

    def _say(self, data: str) -> None:
        for one in self._open:
            one.words += data

    def handle_comment(self, data: str) -> None:
        """Keep comments, of which there should be none."""
        self.comments.append(data)

    def all(self, *tags: str) -> list[Element]:
        """Give the elements of these names, in order."""
        return [one for one in self.elements if one.tag in tags]

    @property
    def tags(self) -> list[str]:
        """Name every element, in order."""
        return [one.tag for one in self.elements]

    @property
    def words(self) -> str:
        """Give all words of the body as one line."""
        (body,) = self.all("body")
        return " ".join(body.words.split())


@cache
def page_of(content: bytes) -> Page:
    """Give the HTML of a mail, read by the second parser."""
    return Page(part(content, "html"))


def escaped(value: str) -> str:
    """Write a value as it must stand in HTML."""
    return html.escape(value)
