"""What faces show of attendance, as frozen values in Danish words; knows no transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from ...engine.attending import Attending, Seated, seats_left
from .meetings import Meeting

STATES: Mapping[Attending, str] = MappingProxyType(
    {
        Attending.NOT_INVITED: "Ikke indkaldt endnu",
        Attending.INVITED: "Indkaldt, har ikke svaret",
        Attending.COMES: "Kommer",
        Attending.DECLINES: "Kommer ikke",
        Attending.MAYBE: "Kommer måske",
        Attending.WAITING: "På venteliste",
    }
)


@dataclass(frozen=True, slots=True)
class AttendeeView:
    """One person and a meeting: where she stands, how that was said, and whether she came (None: nobody has said).

    ``is_old`` tells that her answer was about another day; ``place`` is her number in the line for a seat.
    """

    person_id: int
    name: str
    kommune: str | None
    state: str
    state_title: str
    invited_at: int | None
    answer: str | None
    answered_at: datetime | None
    way: str | None
    is_old: bool
    place: int | None
    came: bool | None


@dataclass(frozen=True, slots=True)
class SeatsView:
    """The seats of one kommune: how many there are, are left, and are waited for."""

    kommune: str
    seats: int
    left: int
    waiting: int


@dataclass(frozen=True, slots=True)
class AttendanceView:
    """Everybody whom a meeting is for; ``replies`` counts what a person must look at, ``written`` mails to read.

    ``writers`` names who wrote those mails.
    """

    id: int
    title: str
    sequence: int | None
    people: tuple[AttendeeView, ...]
    counts: Mapping[str, int]
    seats: tuple[SeatsView, ...]
    no_shows: int
    replies: int
    written: int
    writers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply that a person must look at, and why."""

    id: int
    instance_id: int | None
    person_id: int | None
    why: str
    why_title: str
    answer: str | None
    sender: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """What a mail in the mailbox led to: an answer noted, a reply listed for a person, or nothing at all.

    ``full`` tells that the list has no room for it: too many of this meeting or from this sender wait there.
    """

    kind: Literal["answered", "listed", "full", "nothing"]
    instance_id: int | None = None
    person_id: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A calendar feed with what caches ask for: the same meetings give the same bytes, ``etag`` and instant."""

    content: bytes
    etag: str
    last_modified: datetime
    name: str


REPLIES: Mapping[str, str] = MappingProxyType(
    {
        "ukendt_moede": "Svaret er på et møde, som vi ikke kender",
        "ikke_indkaldt": "Svaret er fra en, der ikke er indkaldt",
        "afsender": "Svaret er sendt fra en anden adresse end den, der er indkaldt",
        "modforslag": "Der er foreslået en anden tid",
        "videregivet": "Indkaldelsen er givet videre til en anden",
        "afvist": "Svaret kunne ikke noteres: mødet er holdt eller aflyst, eller der er svaret for mange gange",
    }
)


def attendance_view(meeting: Meeting, replies: int, wrote: Collection[int]) -> AttendanceView:
    """Show a meeting's people in the order of their numbers."""
    seated = meeting.seated()
    people = tuple(attendee_view(meeting, one) for one in seated)
    counts: dict[str, int] = {}
    for one in people:
        counts[one.state] = counts.get(one.state, 0) + 1
    return AttendanceView(
        id=meeting.one.id,
        title=meeting.one.title,
        sequence=meeting.current,
        people=people,
        counts=MappingProxyType(counts),
        seats=tuple(_seats(meeting, seated)),
        no_shows=sum(one.state == Attending.COMES and one.came is False for one in people),
        replies=replies,
        written=len(wrote),
        writers=tuple(person.name for number, person in sorted(meeting.register.people.items()) if number in wrote),
    )


def attendee_view(meeting: Meeting, one: Seated) -> AttendeeView:
    """Show where one person stands."""
    person = meeting.register.people.get(one.guest.person_id)
    holder = meeting.holders.get(one.guest.person_id)
    said = one.said
    return AttendeeView(
        person_id=one.guest.person_id,
        name=person.name if person is not None else "",
        kommune=holder.kommune if holder is not None else None,
        state=one.stands.value,
        state_title=STATES[one.stands],
        invited_at=one.guest.invited_at,
        answer=said.answer.value if said is not None and said.answer is not None else None,
        answered_at=said.happened_at if said is not None else None,
        way=said.way.value if said is not None else None,
        is_old=one.is_old,
        place=one.place,
        came=one.came,
    )


def _seats(meeting: Meeting, seated: tuple[Seated, ...]) -> list[SeatsView]:
    if meeting.seats is None:
        return []
    groups = sorted({one.guest.group for one in seated if one.guest.group is not None})
    found = []
    for group in groups:
        left = seats_left(seated, group, meeting.seats)
        waiting = sum(one.place is not None and one.guest.group == group for one in seated)
        found.append(SeatsView(group, meeting.seats, left or 0, waiting))
    return found
