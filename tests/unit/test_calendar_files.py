"""Invitations as RFC 5545: read back by a library and by a parser of our own, whatever stands in names and places."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from icalendar import Calendar
from samskabt.engine.civil.instants import ZONE
from samskabt.engine.values import Dates, Intent, Json, Nudge, OutboxRow, Recipient
from samskabt.notifications import Sender
from samskabt.notifications.calendar import CalendarEvent, calendar_file, feed

from ..calendars import Sheet, sheet
from ..tracing import first_traced

QUEUED = datetime(2027, 1, 4, 6, 30, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
SENDER = Sender("Sekretariatet på Fyn", "samskabt@program.example", "Karen Holm", "karen@program.example")
NUDGE = Nudge(
    *("k", Intent.INVITATION, "indkaldelse", "kommunal_konsulent", "status.indkald"),
    values={"dato": "2027-02-02", "kl": "09:00", "slut_kl": "12:00", "sted": "Rådhuset"},
    uid="meeting-17@samskabt",
    sequence=3,
)
ROW = OutboxRow(
    1, 1, 17, 3, "meeting", "Opstartsmøde", "Nye veje", "0450", "Nyborg Kommune",
    NUDGE, False, (ANNE,), "h", Dates(date(2027, 2, 2), None, "day"), QUEUED,
)  # fmt: skip
PROPERTIES = [
    *("BEGIN", "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION"),
    *("DESCRIPTION", "STATUS", "TRANSP", "CLASS", "ORGANIZER", "ATTENDEE"),
]
COMPONENTS = ["VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT"]

ENDS = ("\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00")
INSIDE = (
    *("ATTENDEE:mailto:x@evil.example", "END:VEVENT", "END:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM", " fold"),
    *("METHOD:CANCEL", "ORGANIZER:mailto:x@evil.example", "URL:https://evil.example", "X-A:1", "\tfold"),
)
SINGLE = (
    *('"', "'", ";", ",", ":", "\\", "\\n", "\\N", "\\;", "\\,", "\\\\n", 'a";X="b', "a;PARTSTAT=ACCEPTED:x", "^n^'^^"),
    *("C:\\Nord", "a:b:c", ";;;;", ",,,,", "%0d%0aX:1", "=?utf-8?q?=0D=0AX:1?=", "{{ navn }}", "{0.__class__}", "<b>x"),
    *("\u202eelpmaxe", "\ufeffx", "\u200b", "\ud800", "x\u00adx", "a\u0301" * 40, "😀" * 60, "\x7f", "\x1b[31m"),
    *(f"{'x' * size}{mark}" for size in range(55, 76) for mark in ("ø", "€", "😀", ",")),
)
ATTACKS = (*(f"x{end}{inside}" for end in ENDS for inside in INSIDE), *SINGLE)


def row(intent: Intent = Intent.INVITATION, **values: Json) -> OutboxRow:
    """Make a row with other values."""
    nudge = replace(NUDGE, intent=intent, values={**NUDGE.values, **values})
    return replace(ROW, nudge=nudge)


def written(one: OutboxRow = ROW, recipient: Recipient = ANNE, sender: Sender = SENDER) -> Sheet:
    """Write the file of a row and read it with the second parser."""
    found = calendar_file(one, recipient, sender, QUEUED + timedelta(hours=2))
    assert found is not None
    return sheet(found.content)


def test_every_property_that_we_mean_and_no_other() -> None:
    """An invitation has its properties, in order, once each; the file says its method too."""
    found = written()
    assert found.components == COMPONENTS
    assert found.names("VEVENT") == PROPERTIES[1:]
    assert found.names("VCALENDAR")[:5] == ["PRODID", "VERSION", "CALSCALE", "METHOD", "BEGIN"]
    assert (found.value("UID", "VEVENT"), found.value("SEQUENCE", "VEVENT")) == ("meeting-17@samskabt", "3")
    assert found.one("DTSTART", "VEVENT").params == {"TZID": "Europe/Copenhagen"}
    assert (found.value("DTSTART", "VEVENT"), found.value("DTEND", "VEVENT")) == ("20270202T090000", "20270202T120000")
    assert found.value("DTSTAMP", "VEVENT") == "20270104T063000Z"
    assert found.one("SUMMARY", "VEVENT").params == {"LANGUAGE": "da"}
    assert found.one("ATTENDEE", "VEVENT").params == {
        "CN": "Anne Sørensen", "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }  # fmt: skip
    assert found.value("ORGANIZER", "VEVENT") == "mailto:samskabt@program.example"
    attachment = calendar_file(ROW, ANNE, SENDER, QUEUED)
    assert attachment is not None
    assert (attachment.maintype, attachment.subtype, dict(attachment.params)) == (
        "text", "calendar", {"method": "REQUEST"},
    )  # fmt: skip


def test_a_cancellation_asks_for_nothing() -> None:
    """METHOD CANCEL, STATUS CANCELLED, the time free again, and no RSVP."""
    found = written(row(Intent.CANCELLATION))
    assert (found.value("METHOD"), found.value("STATUS", "VEVENT"), found.value("TRANSP", "VEVENT")) == (
        "CANCEL", "CANCELLED", "TRANSPARENT",
    )  # fmt: skip
    assert "RSVP" not in found.one("ATTENDEE", "VEVENT").params
    assert "Mødet er aflyst." in found.one("DESCRIPTION", "VEVENT").text


def test_who_is_not_to_come_any_more_reads_that_the_meeting_is_held() -> None:
    """The file takes the meeting out of her calendar as a cancellation does, and says what the mail says."""
    off = row(Intent.CANCELLATION)
    found = written(replace(off, nudge=replace(off.nudge, template="ikke_laengere_med")))
    said = found.one("DESCRIPTION", "VEVENT").text
    assert (found.value("METHOD"), found.value("STATUS", "VEVENT")) == ("CANCEL", "CANCELLED")
    assert "Du skal ikke længere med; mødet holdes stadig." in said and "aflyst" not in said


def test_a_library_reads_the_same() -> None:
    """icalendar gives back what went in, with instants that are right in both zones."""
    found = calendar_file(row(sted="Rådhuset, lokale 2; 1. sal"), ANNE, SENDER, QUEUED)
    assert found is not None
    (event,) = Calendar.from_ical(found.content).walk("VEVENT")
    assert str(event["LOCATION"]) == "Rådhuset, lokale 2; 1. sal"
    assert event.decoded("DTSTART").astimezone(UTC) == datetime(2027, 2, 2, 8, tzinfo=UTC)
    assert str(event["SUMMARY"]) == "Opstartsmøde, Nyborg Kommune"


def test_the_file_says_no_more_than_the_mail() -> None:
    """Title, programme, when, where, the role, how to answer and whom to ask; a link only where there is one."""
    text = written(row(link="https://samskabt.example/a/17")).one("DESCRIPTION", "VEVENT").text
    assert text.split("\n") == [
        "Opstartsmøde i Nye veje",
        "Hvornår: tirsdag den 2. februar 2027 (uge 5), kl. 9.00-12.00",
        "Hvor: Rådhuset",
        "Du er indkaldt som kommunal konsulent.",
        "Svar i din kalender eller på mailen, om du kommer.",
        "Kontakt: Karen Holm, karen@program.example",
    ]
    assert written(row(link="https://samskabt.example/a/17")).value("URL", "VEVENT").endswith("/a/17")
    assert not written(row(link="javascript:alert(1)")).all("URL", "VEVENT")


@pytest.mark.parametrize(
    ("values", "begins", "ends"),
    [
        ({"kl": None, "slut_kl": None}, "20270202", "20270203"),
        ({"kl": "09:00", "slut_kl": None}, "20270202T090000", "20270202T100000"),
        ({"kl": "09:00", "slut_kl": "08:00"}, "20270202T090000", "20270202T100000"),
        ({"slut": "2027-02-03"}, "20270202T090000", "20270203T120000"),
        ({"slut": "2027-02-03", "slut_kl": None}, "20270202", "20270204"),
        ({"slut": "2027-02-03", "kl": None, "slut_kl": None}, "20270202", "20270204"),
        ({"slut": "2027-01-01"}, "20270202T090000", "20270202T120000"),
        ({"dato": "2027-02-02T08:00:00+00:00", "kl": None, "slut_kl": None}, "20270202T090000", "20270202T100000"),
        (
            {"dato": "2027-03-27", "kl": "23:00", "slut": "2027-03-28", "slut_kl": "04:00"},
            *("20270327T230000", "20270328T040000"),
        ),
        ({"dato": "2027-03-28", "kl": "02:30", "slut_kl": "04:00"}, "20270328T033000", "20270328T040000"),
        ({"dato": "2027-03-28", "kl": "01:30", "slut_kl": None}, "20270328T013000", "20270328T033000"),
        ({"dato": "2027-10-31", "kl": "02:30", "slut_kl": "03:30"}, "20271031T023000", "20271031T033000"),
        ({"dato": "2027-10-31", "kl": "09:00", "slut_kl": "12:00"}, "20271031T090000", "20271031T120000"),
    ],
)  # fmt: skip
def test_days_and_hours(values: dict[str, Json], begins: str, ends: str) -> None:
    """Whole days where no hour is known, several days, an unknown end, and both nights when the clocks change."""
    found = written(row(Intent.INVITATION, **values))
    begin, end = found.one("DTSTART", "VEVENT"), found.one("DTEND", "VEVENT")
    assert (begin.value, end.value) == (begins, ends)
    is_day = len(begins) == len("20270202")
    assert begin.params == end.params == ({"VALUE": "DATE"} if is_day else {"TZID": "Europe/Copenhagen"})
    assert ("VTIMEZONE" in found.components) is not is_day
    assert found.value("TRANSP", "VEVENT") == ("TRANSPARENT" if is_day else "OPAQUE")


def test_the_zone_that_we_write_is_the_zone_that_holds() -> None:
    """At noon of every day of 2026 to 2028 the rules in the file give the offset of the zone database."""
    found = written()
    rules = {one.inside[-1]: one for one in found.lines if one.name == "RRULE"}
    assert {name: set(one.value.split(";")) for name, one in rules.items()} == {
        "DAYLIGHT": {"FREQ=YEARLY", "BYMONTH=3", "BYDAY=-1SU"},
        "STANDARD": {"FREQ=YEARLY", "BYMONTH=10", "BYDAY=-1SU"},
    }
    day = date(2026, 1, 1)
    while day.year < 2029:
        last = [max(date(day.year, month, 31 - back) for back in range(7)
                    if date(day.year, month, 31 - back).weekday() == 6) for month in (3, 10)]  # fmt: skip
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
        assert noon.utcoffset() == timedelta(hours=2 if last[0] <= day < last[1] else 1)
        day += timedelta(days=1)


FIELDS: dict[str, Callable[[str], Sheet]] = {
    "title": lambda text: written(replace(ROW, title=text)),
    "programme": lambda text: written(replace(ROW, programme_title=text)),
    "kommune": lambda text: written(replace(ROW, kommune_name=text)),
    "place": lambda text: written(row(sted=text)),
    "guest": lambda text: written(recipient=replace(ANNE, name=text)),
    "organizer": lambda text: written(sender=replace(SENDER, name=text)),
    "contact": lambda text: written(sender=replace(SENDER, reply_name=text)),
    "role": lambda text: written(replace(ROW, nudge=replace(NUDGE, role=text))),
    "uid": lambda text: written(replace(ROW, nudge=replace(NUDGE, uid=text))),
    "link": lambda text: written(row(link=text)),
}


@pytest.mark.parametrize("field", first_traced(FIELDS))
def test_nothing_that_people_write_becomes_a_property(field: str, say: Callable[[str], None]) -> None:
    """Of more than 300 payloads in each field, the second parser sees exactly the properties that we mean."""
    assert len(set(ATTACKS)) >= 200
    payloads = [*ATTACKS, *(f"{one} {other}" for one, other in itertools.pairwise(ATTACKS))]
    assert len(payloads) >= 300
    for payload in payloads:
        found = FIELDS[field](payload)
        assert found.components == COMPONENTS, payload
        names = found.names("VEVENT")
        assert names == [one for one in PROPERTIES[1:] if one in names], payload
        assert {*PROPERTIES[1:]} - {*names} <= {"LOCATION"}, payload
        assert found.one("ATTENDEE", "VEVENT").value == "mailto:anne@nyborg.example"
        assert found.one("ATTENDEE", "VEVENT").params["PARTSTAT"] == "NEEDS-ACTION"
        assert "\n" not in found.one("SUMMARY", "VEVENT").text
    say(f"{field}: {len(payloads)} payloads, inert")


def test_texts_come_back_as_they_were_meant() -> None:
    """Backslashes, commas, semicolons and colons are kept, wherever the line is folded."""
    for text in ("C:\\Nord; sal 2, kl. 9:30", "a\\N\\n\\,b", *(f"{'x' * size}ø, €" for size in range(40, 80))):
        assert written(row(sted=text)).one("LOCATION", "VEVENT").text == text


@pytest.mark.parametrize(
    "one",
    [
        row(Intent.NUDGE),
        row(praecision="month"),
        replace(ROW, nudge=replace(NUDGE, uid=None)),
        replace(row(dato="en dag"), dates=Dates()),
        replace(row(dato=None), dates=Dates()),
    ],
)
def test_what_is_no_invitation_to_a_day_has_no_file(one: OutboxRow) -> None:
    """A reminder, a whole month, a meeting that nobody was invited to, and no day at all."""
    assert calendar_file(one, ANNE, SENDER, QUEUED) is None


def test_a_day_that_follows_from_others_is_a_day() -> None:
    """Whoever invites to it makes it one, though the plan only derived it."""
    assert written(row(praecision="derived")).value("DTSTART", "VEVENT") == "20270202T090000"


def test_hours_that_are_none_leave_the_whole_day() -> None:
    """What the data hold besides times of day is not guessed at."""
    assert written(row(kl="om morgenen", slut_kl=7)).value("DTSTART", "VEVENT") == "20270202"
    assert written(row(kl=None, slut="en dag")).one("DTSTART", "VEVENT").params == {"VALUE": "DATE"}
    assert "Klokkeslættet følger." in written(row(kl=None)).one("DESCRIPTION", "VEVENT").text
    assert "en time" in written(row(slut_kl=None)).one("DESCRIPTION", "VEVENT").text


def test_a_guest_without_a_usable_address_stands_in_no_file() -> None:
    """She is not named; the rest is whole."""
    assert not written(recipient=replace(ANNE, email="anne")).all("ATTENDEE", "VEVENT")


def test_a_feed_is_the_same_bytes_for_the_same_meetings() -> None:
    """Order, days and words are kept; long lists too; nobody is asked for an answer."""
    random = Random(4)
    days = [date(2027, 1, 1) + timedelta(random.randrange(700)) for _ in range(300)]
    events = [CalendarEvent(f"meeting-{n}@samskabt", n, QUEUED, f"Møde {n}", day, day) for n, day in enumerate(days)]
    content = feed(events, "Møder: Anne; x\r\nBEGIN:VEVENT")
    found = sheet(content)
    assert content == feed(events, "Møder: Anne; x\r\nBEGIN:VEVENT")
    assert found.components == ["VCALENDAR", *["VEVENT"] * 300]
    assert not found.all("METHOD") and not found.all("ATTENDEE", "VEVENT")
    assert found.one("X-WR-CALNAME").text == "Møder: Anne; x BEGIN:VEVENT"
    assert feed([], "Tom").count(b"BEGIN:") == 1
