"""What stands in a calendar feed: the meetings of a person's roles, or all of a programme; and its secret."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from ...engine.attending import Answer, Said, newest
from ...engine.compiled import Compiled
from ...engine.definition import Activity
from ...engine.values import Json
from ...engine.values.kept import SEQUENCE
from ...notifications.calendar import CalendarEvent, Organizer, feed
from ...notifications.calendar.events import Status, hours
from ...notifications.calendar.invitation import open_end
from ...storage import FeedMeeting
from ..posting.planning.inviting import uid_of, uid_outside
from .register import Register
from .views import FeedFile

PAST = timedelta(days=90)
"""For so long a meeting stays in feeds after it was."""

SECRET_BYTES = 32
"""256 bits: too many to try."""

EMPTY_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def person_meetings(
    meetings: tuple[FeedMeeting, ...], register: Register, compiled: Callable[[str], Compiled], person_id: int
) -> Iterator[FeedMeeting]:
    """Keep the meetings that are for a person on their day, as holder or substitute; asks the database nothing."""
    for one in meetings:
        workflow = compiled(one.identity.workflow_hash)
        above = (one.parent_kind, one.parent_data)
        if person_id in register.guests(workflow, one.identity, one.first_on, above, with_away=True):
            yield one


def feed_file(
    meetings: tuple[FeedMeeting, ...],
    compiled: Callable[[str], Compiled],
    name: str,
    sender: Organizer,
    database_id: str,
    said: tuple[Said, ...] = (),
) -> FeedFile:
    """Write a feed; ``said`` are one person's answers: where she does not come, her time is free."""
    answers = {number: row.answer for number, row in newest(said).items()}
    events = [event_of(one, compiled(one.identity.workflow_hash), sender, database_id, answers) for one in meetings]
    content = feed(events, name)
    changed = max((one.changed_at for one in meetings), default=EMPTY_SINCE)
    changed = max([changed, *(row.recorded_at for row in said)])
    return FeedFile(content, sha256(content).hexdigest(), changed, name)


def event_of(
    one: FeedMeeting, compiled: Compiled, sender: Organizer, database_id: str, answers: Mapping[int, Answer | None]
) -> CalendarEvent:
    """Show a meeting as a calendar does, under the UID of its invitation."""
    kind, activity, sequence = one.identity.kind, compiled.paper.activity(one.identity.key), one.data.get(SEQUENCE)
    is_off = compiled.is_called_off(kind, one.position)
    place = one.data.get("sted") or (activity.place if isinstance(activity, Activity) else None)
    region, state = next(iter(one.position.items()))
    is_settled = isinstance(sequence, int) or compiled.is_over(kind, one.position)
    status: Status = "CANCELLED" if is_off else "CONFIRMED" if is_settled else "TENTATIVE"
    event = CalendarEvent(
        uid=uid_outside(uid_of(one.identity), database_id),
        sequence=sequence if isinstance(sequence, int) else 0,
        stamp=one.changed_at,
        title=", ".join(filter(None, ("AFLYST" if is_off else "", one.title, one.kommune_name))),
        first=one.first_on,
        last=one.last_on,
        begins=_clock(one.data.get("kl")),
        ends=_clock(one.data.get("slut_kl")),
        place=str(place or ""),
        status=status,
        organizer=sender,
    )
    declined = answers.get(one.identity.id) is Answer.DECLINES
    lines = (
        f"{one.title} i {one.programme}",
        f"Status: {compiled.region(kind, region).states[state].title}",
        f"Hvor: {place}" if place else "",
        open_end(event),
        "Du har meldt fra." if declined else "",
    )
    free = declined or hours(event) is None
    return replace(event, lines=tuple(line for line in lines if line), is_free=free)


def new_secret() -> str:
    """Make what only those know who may see a feed."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Give what is kept of a secret. It is long and random, so a fast hash without salt is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def since(today: date) -> date:
    """Give the first day of which feeds tell."""
    return today - PAST


def _clock(value: Json) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
