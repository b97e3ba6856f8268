"""Replies of calendars in mails: those of the great calendars are read, everything else is nothing at all."""

from __future__ import annotations

from base64 import b64encode
from random import Random

import pytest
from samskabt.notifications.calendar import Reply, read_reply
from samskabt.notifications.calendar.replies import MOST_BYTES

from ..calendars import reply

UID, ANNE = "meeting-17@samskabt", "anne@nyborg.example"
FOLDED = (
    'ATTENDEE;PARTSTAT=ACCEPTED;CN="Sørensen; Anne";X-NUM-GUESTS=0;ROLE=REQ-PARTIC\r\n'
    " IPANT:mailto:anne@ny\r\n borg.example"
)


def calendar(attendee: str, *more: str, sequence: str = "SEQUENCE:2") -> str:
    """Write a reply as a calendar."""
    lines = ["BEGIN:VCALENDAR", "METHOD:REPLY", *more, "BEGIN:VEVENT", f"UID:{UID}", sequence]
    return "\r\n".join([*lines, "DTSTAMP:20270101T080000Z", attendee, "END:VEVENT", "END:VCALENDAR", ""])


def multipart(content: str, kind: str = 'text/calendar; charset="UTF-8"; method=REPLY', more: str = "") -> bytes:
    """Write a mail with a text and a calendar in base64, as most programs do."""
    body = b64encode(content.encode()).decode()
    return (
        f"From: =?utf-8?q?Anne_S=C3=B8rensen?= <Anne@Nyborg.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b1"\r\n\r\n'
        "--b1\r\nContent-Type: text/plain\r\n\r\nAnne har svaret.\r\n"
        f"--b1\r\nContent-Type: {kind}\r\n{more}Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b1--\r\n"
    ).encode()


OUTLOOK = calendar(
    'ATTENDEE;PARTSTAT=DECLINED;CN="Anne Sørensen":MAILTO:Anne@Nyborg.example',
    *("BEGIN:VTIMEZONE", "TZID:Romance Standard Time", "BEGIN:STANDARD", "DTSTART:16010101T030000", "END:STANDARD"),
    "END:VTIMEZONE",
)
APPLE = calendar('ATTENDEE;CUTYPE=INDIVIDUAL;EMAIL="anne@nyborg.example";PARTSTAT=TENTATIVE:mailto:anne@nyborg.example')
FILE = 'Content-Disposition: attachment; filename="Svar.ICS"\r\n'
GMAIL = calendar(FOLDED, "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "CALSCALE:GREGORIAN")


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (multipart(OUTLOOK), "kommer_ikke"),
        (multipart(GMAIL), "kommer"),
        (multipart(APPLE, "application/octet-stream", FILE), "maaske"),
        (reply(UID, ANNE, "DELEGATED", sequence=2), "videregivet"),
    ],
)  # fmt: skip
def test_the_answers_of_the_great_calendars_are_read(raw: bytes, answer: str) -> None:
    """Forms of Outlook, Gmail and Apple: whichever way, it is the same answer by the same person to the same thing."""
    found = read_reply(raw)
    assert found is not None
    assert (found.uid, found.sequence, found.attendee, found.sender) == (UID, 2, ANNE, ANNE)
    assert (found.answer, found.is_counter) == (answer, False)


def test_a_counter_proposal_is_told_as_one() -> None:
    """Another time proposed is no answer."""
    found = read_reply(reply(UID, ANNE, "TENTATIVE", method="COUNTER", sequence=None))
    assert found == Reply(UID, None, ANNE, "maaske", ANNE, True, "20191001T070000Z")


def test_an_alarm_before_the_attendee_changes_nothing() -> None:
    """What stands in a component inside the event is not the event's."""
    alarm = "BEGIN:VALARM\r\nUID:andet\r\nATTENDEE;PARTSTAT=DECLINED:mailto:x@evil.example\r\nEND:VALARM\r\n"
    own = 'ATTENDEE;MEMBER="a","b";PARTSTAT=ACCEPTED:mailto:anne@nyborg.example'
    found = read_reply(multipart(calendar(alarm + own)))
    assert found is not None and (found.uid, found.answer) == (UID, "kommer")


GOOD = reply(UID, ANNE, "ACCEPTED")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"From: x",
        GOOD + b" " * MOST_BYTES,
        GOOD.replace(b"METHOD:REPLY", b"METHOD:REQUEST"),
        GOOD.replace(b"METHOD:REPLY\r\n", b""),
        GOOD.replace(b"PARTSTAT=ACCEPTED", b"PARTSTAT=NEEDS-ACTION"),
        GOOD.replace(b"UID:", b"XUID:"),
        GOOD.replace(b"UID:meeting", b"UID:" + b"x" * 300),
        GOOD.replace(b"UID:", b"UID:andet\r\nUID:"),
        GOOD.replace(b"SEQUENCE:0", b"SEQUENCE:9999999999"),
        GOOD.replace(b"mailto:anne", b"http:anne"),
        GOOD.replace(b"END:VEVENT", b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@b.example\r\nEND:VEVENT"),
        GOOD.replace(b"BEGIN:VCALENDAR", b"BEGIN:VTODO"),
        GOOD.replace(b"From: Navn", b"From: x@evil.example, Navn"),
        GOOD.replace(b"From: ", b"From: x@evil.example\r\nFrom: "),
        GOOD.replace(b"From: Navn <anne@nyborg.example>", b"From: Navn"),
        GOOD.replace(b"text/calendar", b"text/plain"),
        GOOD.replace(b"ATTENDEE;", b'ATTENDEE;MEMBER="a";"b";'),
        GOOD.replace(b"DTSTAMP", b"X:" + b"x" * 3000 + b"\r\nATTENDEE;X=" + b"y" * 3000 + b":z\r\nUID:2\r\nDTSTAMP"),
        GOOD.replace(b"COMMENT", b"COMMENT:x\r\n" * 3000 + b"COMMENT"),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 900,
        b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 900,
        b"From: a@b.example\r\nContent-Type: text/calendar; charset=x\r\nContent-Transfer-Encoding: base64\r\n\r\n!",
    ],
)  # fmt: skip
def test_what_is_no_reply_is_none(raw: bytes) -> None:
    """Too long, too deep, two senders, two of what may stand once, another method, no address, no calendar."""
    assert read_reply(raw) is None


def test_garbage_never_raises(soak: bool) -> None:
    """Mails with bytes turned over, cut out, doubled and made up give a reply or nothing."""
    random, samples = Random(2027), [GOOD, multipart(OUTLOOK), multipart(GMAIL), multipart(APPLE)]
    pieces = [
        b"\r\n",
        b"\n",
        b"BEGIN:VEVENT",
        b"multipart/mixed; boundary=",
        b"\x80\xff",
        b'"',
        b";",
        b"=?utf-8?b?",
        b"From:",
    ]
    read = 0
    for _ in range(100_000 if soak else 3_000):
        raw = bytearray(random.choice(samples))
        for _ in range(random.randrange(1, 12)):
            place = random.randrange(len(raw) + 1)
            match random.randrange(4):
                case 0:
                    raw[place : place + 1] = bytes([random.randrange(256)])
                case 1:
                    del raw[place : place + random.randrange(40)]
                case 2:
                    raw[place:place] = random.choice(pieces)
                case _:
                    raw[place:place] = raw[place : place + random.randrange(200)]
        found = read_reply(bytes(raw))
        read += found is not None
        assert found is None or (found.answer is not None and "@" in found.attendee)
    assert read > 100
