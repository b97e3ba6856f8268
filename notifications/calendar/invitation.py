"""The calendar file of an invitation or a cancellation, from its row in the outbox; decides nothing.

The file says what the mail says, and no more: no answers, no case data, and no link that only one person may have,
for calendars are shared.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from ...engine.civil.instants import local
from ...engine.civil.windows import WHOLE_MONTHS
from ...engine.values import Intent, Json, OutboxRow, Recipient
from ..facts import facts
from ..writing.values import Attachment, Sender, is_address
from ..writing.wording import NO_LONGER
from .events import CalendarEvent, Organizer, calendar_of, has_end, hours

_NAMES = {"REQUEST": "indkaldelse.ics", "CANCEL": "aflysning.ics"}


def calendar_file(
    row: OutboxRow, recipient: Recipient, sender: Sender, now: datetime, *, asks: bool = True
) -> Attachment | None:
    """Write the file that goes with a row, None where the row invites to nothing or no day is known.

    One UID for the life of the meeting; a change is a REQUEST with a higher SEQUENCE, and CANCEL takes it back. The
    file is stamped when the mail was queued, so that another attempt is the same to whoever gets both. ``asks`` tells
    that what her calendar answers is read: else it asks for none.
    """
    if row.nudge.intent not in (Intent.INVITATION, Intent.CANCELLATION) or row.nudge.uid is None:
        return None
    found = event_of(row, recipient, sender, now, asks=asks)
    if found is None:
        return None
    method = "CANCEL" if row.nudge.intent is Intent.CANCELLATION else "REQUEST"
    content = calendar_of([found], method=method, head={})
    return Attachment(_NAMES[method], "text", "calendar", {"method": method}, content)


def export_file(event: CalendarEvent) -> bytes:
    """Write a meeting as a file that anybody may open; it asks nobody for an answer."""
    return calendar_of([replace(event, attendee=None)], method="PUBLISH", head={})


def event_of(
    row: OutboxRow, recipient: Recipient, sender: Sender, now: datetime, *, asks: bool
) -> CalendarEvent | None:
    """Read a row as a meeting in a calendar, as it was when the row was written."""
    said = row.nudge.values
    day = _day(said.get("dato")) or row.dates.planned_start
    if day is None or said.get("praecision") in WHOLE_MONTHS:
        return None
    last = _day(said.get("slut"))
    known = facts(row, recipient, now)
    is_off = row.nudge.intent is Intent.CANCELLATION
    begins = _clock(said.get("kl")) or _moment(said.get("dato"))
    event = CalendarEvent(
        uid=str(row.nudge.uid),
        sequence=row.nudge.sequence or 0,
        stamp=min(row.queued_at, now),
        title=", ".join(filter(None, (known.get("titel"), known.get("kommune")))),
        first=day,
        last=max(day, last) if last else day,
        begins=begins,
        ends=_clock(said.get("slut_kl")),
        place=known.get("sted", ""),
        url=str(said.get("link") or ""),
        status="CANCELLED" if is_off else "CONFIRMED",
        organizer=Organizer(sender.name, sender.email),
        attendee=Organizer(recipient.name, recipient.email) if is_address(recipient.email) else None,
        asks=asks,
    )
    event = replace(event, is_free=hours(event) is None)
    when = known.get("hvornaar", known.get("dato", ""))
    lines = (
        " i ".join(filter(None, (known.get("titel"), known.get("program")))),
        f"Hvornår: {when}" if when else "",
        f"Hvor: {event.place}" if event.place else "",
        open_end(event),
        "" if is_off else f"Du er indkaldt som {known.get('rolle', 'deltager')}.",
        _over(row) if is_off else f"Svar {'i din kalender eller ' if asks else ''}på mailen, om du kommer.",
        f"Kontakt: {sender.reply_name}, {sender.reply_email}",
    )
    return replace(event, lines=tuple(line for line in lines if line))


def open_end(event: CalendarEvent) -> str:
    """Say what the calendar has to guess: it cannot show a meeting without an end, or an hour of nobody's choice."""
    found = hours(event)
    if found is None:
        return "Klokkeslættet følger." if event.begins is None and event.status != "CANCELLED" else ""
    return "" if has_end(event) else "Det er ikke sagt, hvornår mødet slutter; kalenderen viser en time."


def _over(row: OutboxRow) -> str:
    """Say why a meeting leaves a calendar: it is off, or it is held without whoever has the calendar."""
    is_held = row.nudge.template == NO_LONGER
    return "Du skal ikke længere med; mødet holdes stadig." if is_held else "Mødet er aflyst."


def _day(value: Json) -> date | None:
    """Read an ISO day, or the local day of an aware instant."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if moment is None else (local(moment).date() if moment.tzinfo else moment.date())


def _moment(value: Json) -> time | None:
    """Read the local hour of an aware instant; a plain day has none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return local(moment).time().replace(tzinfo=None) if moment is not None and moment.tzinfo else None


def _clock(value: Json) -> time | None:
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=None) if found else None
