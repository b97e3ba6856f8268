"""What stands in a calendar about one meeting, as values and as RFC 5545; knows neither mails nor answers.

Whatever people have written becomes one line of plain text before it gets here or while it is written, so that no
field can hold a property of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias

from icalendar import Calendar, Event, vCalAddress, vText

from ...engine.civil.instants import local, to_utc
from ..texts import one_line
from ..writing.values import is_address, is_web_address
from .zone import definition

PRODUCT = "-//samskabt//invitationer//DA"
LANGUAGE = "da"
LONGEST_WORDS, LONGEST_TEXT, LONGEST_UID = 300, 4_000, 200

Status: TypeAlias = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]

_SPOKEN = MappingProxyType({"LANGUAGE": LANGUAGE})


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who invites: answers of calendars go to this address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting in a calendar: its days, both included, and its hours where they are known.

    ``stamp`` is when it was written as it stands here; ``lines`` is its description. ``attendee`` (name, address) is
    the one whom this copy is for, ``asks`` whether her calendar's answer is read. ``is_free`` leaves the time free: she
    does not come, or no hour is known.
    """

    uid: str
    sequence: int
    stamp: datetime
    title: str
    first: date
    last: date
    begins: time | None = None
    ends: time | None = None
    place: str = ""
    lines: tuple[str, ...] = ()
    url: str = ""
    status: Status = "CONFIRMED"
    is_free: bool = False
    organizer: Organizer | None = None
    attendee: Organizer | None = None
    asks: bool = True


class Words(vText):
    r"""A text, escaped as RFC 5545 says: icalendar 7.3 takes a backslash before an N for a line break."""

    def to_ical(self) -> bytes:
        """Escape backslash, semicolon, comma and line breaks."""
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode("utf-8")


def calendar_of(
    events: Iterable[CalendarEvent], *, method: str | None = None, head: Mapping[str, tuple[str, Mapping[str, str]]]
) -> bytes:
    """Write a whole calendar: CRLF, lines of at most 75 octets; ``head`` holds more properties with parameters."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    if method is not None:
        calendar.add("METHOD", method)
    for name, (value, params) in head.items():
        calendar.add(name, _words(value, params))
    listed = list(events)
    if any(hours(one) is not None for one in listed):
        calendar.add_component(definition())
    for one in listed:
        calendar.add_component(_component(one))
    return bytes(calendar.to_ical(sorted=False))


def hours(event: CalendarEvent) -> tuple[datetime, datetime] | None:
    """Give the local begin and end of a meeting; None where it takes whole days, because its hours are not known.

    A meeting whose end nobody has set is taken to last an hour, one of several days to take whole days. An hour in
    the gap of March shifts forward, one that there is twice in October is its first.
    """
    if event.begins is None or (event.ends is None and event.last > event.first):
        return None
    begins = to_utc(event.first, event.begins)
    ends = to_utc(event.last, event.ends) if event.ends is not None else begins
    return local(begins), local(ends if ends > begins else begins + timedelta(hours=1))


def has_end(event: CalendarEvent) -> bool:
    """Tell whether the end that the calendar shows is one that somebody has set."""
    found = hours(event)
    return found is not None and event.ends is not None and to_utc(event.last, event.ends) > found[0].astimezone(UTC)


def _component(event: CalendarEvent) -> Event:
    out = Event()
    out.add("UID", _words(event.uid, {}, LONGEST_UID))
    out.add("SEQUENCE", max(event.sequence, 0))
    out.add("DTSTAMP", event.stamp.astimezone(UTC).replace(microsecond=0))
    out.add("LAST-MODIFIED", event.stamp.astimezone(UTC).replace(microsecond=0))
    _add_time(out, event)
    out.add("SUMMARY", _words(event.title, _SPOKEN))
    if place := one_line(event.place):
        out.add("LOCATION", _words(place, _SPOKEN))
    if event.lines:
        out.add("DESCRIPTION", Words(_text(event.lines), params=dict(_SPOKEN)))
    if is_web_address(event.url):
        out.add("URL", event.url)
    out.add("STATUS", event.status)
    out.add("TRANSP", "TRANSPARENT" if event.is_free or event.status == "CANCELLED" else "OPAQUE")
    out.add("CLASS", "PUBLIC")
    if event.organizer is not None and is_address(event.organizer.email):
        out.add("ORGANIZER", _address(event.organizer, {}))
    if event.attendee is not None and is_address(event.attendee.email):
        is_on = event.status != "CANCELLED"
        more = {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE" if event.asks else "FALSE"} if is_on else {}
        out.add("ATTENDEE", _address(event.attendee, {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", **more}))
    return out


def _add_time(out: Event, event: CalendarEvent) -> None:
    found = hours(event)
    if found is None:
        out.add("DTSTART", event.first)
        out.add("DTEND", event.last + timedelta(days=1))  # RFC 5545: the first day that it no longer takes.
    else:
        out.add("DTSTART", found[0])
        out.add("DTEND", found[1])


def _words(value: str, params: Mapping[str, str], most: int = LONGEST_WORDS) -> Words:
    line = one_line(value)
    return Words(line if len(line) <= most else f"{line[: most - 1]}…", params=dict(params))


def _text(lines: Iterable[str]) -> str:
    return "\n".join(one_line(line) for line in lines)[:LONGEST_TEXT]


def _address(who: Organizer, params: Mapping[str, str]) -> vCalAddress:
    """Write a person; RFC 6868 encodes quotes and carets, but few mail programs read that, so they have none."""
    found = vCalAddress(f"mailto:{who.email}")
    name = one_line(who.name).replace('"', "'").replace("^", " ")[:120].strip()
    for key, value in {"CN": name or who.email, **params}.items():
        found.params[key] = value
    return found
