"""Reads calendars back line by line, by RFC 5545 alone and without the library that wrote them; writes replies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_OCTETS = 75
NAME = re.compile(r"[A-Z0-9-]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: in which components it stands, its name, parameters, and value as it is written."""

    inside: tuple[str, ...]
    name: str
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """Unescape the value as TEXT."""
        out, rest = [], iter(self.value)
        for mark in rest:
            if mark != "\\":
                assert mark not in ";,", self.value
                out.append(mark)
                continue
            following = next(rest)
            assert following in "\\;,nN", self.value
            out.append("\n" if following in "nN" else following)
        return "".join(out)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole calendar as its lines."""

    lines: list[Line] = field(default_factory=list)

    def all(self, name: str, component: str = "VCALENDAR") -> list[Line]:
        """Give the lines of a name that stand right inside a component."""
        return [one for one in self.lines if one.name == name and one.inside[-1:] == (component,)]

    def one(self, name: str, component: str = "VCALENDAR") -> Line:
        """Give the only line of a name."""
        (found,) = self.all(name, component)
        return found

    def value(self, name: str, component: str = "VCALENDAR") -> str:
        """Give the value of the only line of a name."""
        return self.one(name, component).value

    def names(self, component: str) -> list[str]:
        """Name every property of a component, in order."""
        return [one.name for one in self.lines if one.inside[-1:] == (component,)]

    @property
    def components(self) -> list[str]:
        """Name every component in the order in which they begin."""
        return [one.value for one in self.lines if one.name == "BEGIN"]


def sheet(content: bytes) -> Sheet:
    """Read a calendar; whatever RFC 5545 does not allow fails at once."""
    assert content.endswith(b"\r\n")
    physical = content[:-2].split(b"\r\n")
    assert all(len(line) <= MOST_OCTETS for line in physical)
    assert not any(b"\r" in line or b"\n" in line for line in physical)
    logical: list[bytes] = []
    for piece in physical:
        piece.decode("utf-8")  # No character is cut in two, although a reader would put it together again.
        if piece.startswith((b" ", b"\t")):
            logical[-1] += piece[1:]
        else:
            logical.append(piece)
    found, inside = list[Line](), list[str]()
    for raw in logical:
        line = content_line(raw.decode("utf-8"), tuple(inside))
        if line.name == "END":
            assert inside.pop() == line.value
            continue
        found.append(line)
        if line.name == "BEGIN":
            inside.append(line.value)
    assert not inside
    return Sheet(found)


def content_line(text: str, inside: tuple[str, ...]) -> Line:
    """Take a content line apart, character by character."""
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f]", text), text
    head = NAME.match(text)
    assert head is not None, text
    place, params = head.end(), dict[str, str]()
    while text[place] == ";":
        key = NAME.match(text, place + 1)
        assert key is not None and text[key.end()] == "=", text
        place = key.end() + 1
        if text[place] == '"':
            close = text.index('"', place + 1)
            value, place = text[place + 1 : close], close + 1
        else:
            end = re.compile(r"[;:,\"]").search(text, place)
            assert end is not None, text
            value, place = text[place : end.start()], end.start()
        assert key[0] not in params, text
        params[key[0]] = value
    assert text[place] == ":", text
    return Line(inside, head[0], params, text[place + 1 :])


def reply(
    uid: str,
    attendee: str,
    partstat: str,
    *,
    sequence: int | None = 0,
    sender: str | None = None,
    method: str = "REPLY",
    stamp: str = "20191001T070000Z",
) -> bytes:
    """Write a mail with an answer, as mail programs do."""
    lines = [
        *("BEGIN:VCALENDAR", "PRODID:-//Eksempel//Kalender//DA", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT"),
        *(
            f"UID:{uid}",
            *([f"DTSTAMP:{stamp}"] if stamp else []),
            *([] if sequence is None else [f"SEQUENCE:{sequence}"]),
        ),
        *(f"ATTENDEE;PARTSTAT={partstat};CN=Navn:mailto:{attendee}", "ORGANIZER:mailto:samskabt@eksempel.example"),
        *("COMMENT:Det her læses ikke", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    head = [
        f"From: Navn <{sender or attendee}>",
        "To: samskabt@eksempel.example",
        "Subject: Accepteret",
        "MIME-Version: 1.0",
        f'Content-Type: text/calendar; method={method}; charset="utf-8"',
        "Content-Transfer-Encoding: 8bit",
        "",
    ]
    return "\r\n".join([*head, *lines]).encode()
