"""What a mail that came back says: reports in the standard's form and in others', and what is no report at all."""

import pytest
from samskabt.notifications.smtp.bounces import Bounce, Kind, answers_to, kind_of, read, writer_of

OURS = "<moede-17.0123456789abcdef01234567@program.example>"
WHO = "anne@kommune.example"


def report(action: str = "failed", status: str = "5.1.1", returned: str = "text/rfc822-headers") -> bytes:
    """Write a report as RFC 3464 has it, like Postfix, Exchange and Gmail do."""
    returned_lines = f"Message-ID: {OURS}\r\nSubject: Møde\r\n"
    return (
        f"From: MAILER-DAEMON@mail.example (Mail Delivery System)\r\nTo: samskabt@program.example\r\n"
        "Auto-Submitted: auto-replied\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x/y"\r\n\r\n'
        "--x/y\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system.\r\n"
        "--x/y\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {WHO}\r\nOriginal-Recipient: rfc822;{WHO}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: x-unix; unknown user\r\n\r\n--x/y\r\nContent-Type: {returned}\r\n\r\n{returned_lines}\r\n"
        "--x/y--\r\n"
    ).encode()


def plain(headers: str, body: str) -> bytes:
    """Write a mail of one part."""
    return f"{headers}\nContent-Type: text/plain; charset=utf-8\n\n{body}".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_standard_report_is_read(returned: str) -> None:
    """Message-ID from what was returned, the address, the status, and that it is for good."""
    assert read(report(returned=returned)) == Bounce((OURS,), WHO, "5.1.1", True)
    assert kind_of(report(returned=returned)) is Kind.BOUNCE


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [("failed", "5.2.2", True), ("failed", "4.4.7", False), ("delayed", "4.4.1", False)],
)
def test_what_may_still_arrive_is_not_for_good(action: str, status: str, permanent: bool) -> None:
    """A delay, or giving up on a server that was away for days, says nothing of the address."""
    found = read(report(action, status))
    assert found is not None and (found.is_permanent, found.status) == (permanent, status)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_receipt_of_delivery_is_no_bounce(action: str) -> None:
    """A report that a mail arrived is an automatic answer, whatever its subject says."""
    assert read(report(action, "2.0.0")) is None and kind_of(report(action, "2.0.0")) is Kind.AUTOMATIC


EXIM = plain(
    f"X-Failed-Recipients: {WHO}\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\n"
    "Subject: Mail delivery failed: returning message to sender",
    f"A message that you sent could not be delivered.\n\n  {WHO}\n    SMTP error from remote mail server after RCPT TO:"
    f"<{WHO}>:\n    host mx.kommune.example [192.0.2.1]: 550 5.1.1 User unknown\n\n"
    f"------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: {OURS}\nX: 4.0.0\n",
)
QMAIL = plain(
    "From: MAILER-DAEMON@mx.example\nSubject: failure notice",
    f"Hi. This is the qmail-send program at mx.example.\n\n<{WHO}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    f"--- Below this line is a copy of the message.\n\nMessage-ID: {OURS}\n",
)
DANISH = plain(
    f"From: Postmaster <postmaster@kommune.example>\nIn-Reply-To: {OURS}\nSubject: Kunne ikke leveres: Møde",
    f"Din mail til {WHO} kunne ikke leveres. 550 No such user\n",
)
WARNING = plain(
    f"X-Failed-Recipients: {WHO}\nFrom: Mailer-Daemon@mx.example\nSubject: Warning: message 1abc delayed 24 hours",
    f"This message has not yet been delivered to {WHO}.\nDelivery attempts will continue.\n\nMessage-ID: {OURS}\n",
)


@pytest.mark.parametrize(("raw", "status"), [(EXIM, "5.1.1"), (QMAIL, "5.1.1"), (DANISH, "")])
def test_usual_reports_of_other_forms_are_read(raw: bytes, status: str) -> None:
    """Exim, qmail, and one in Danish: whose mail, whose address, and that it is for good."""
    assert read(raw) == Bounce((OURS,), WHO, status, True)


def test_a_usual_warning_is_not_for_good() -> None:
    """A server that goes on trying is not believed to have given up."""
    found = read(WARNING)
    assert found is not None and found.message_ids == (OURS,) and not found.is_permanent


AUTOMATIC = (
    plain(f"From: Anne <{WHO}>\nAuto-Submitted: auto-replied\nSubject: Re: Møde", "Jeg er på ferie, 550 5.1.1."),
    plain(f"From: Anne <{WHO}>\nSubject: Automatisk svar: Møde", "Ikke leveret? Jeg er her igen mandag."),
    plain(f"From: Anne <{WHO}>\nX-Autoreply: yes\nSubject: Re: Møde", "x"),
    plain(f"From: Anne <{WHO}>\nSubject: =?utf-8?q?Frav=C3=A6rsbesked?=", "x"),
    plain(f"From: Anne <{WHO}>\nPrecedence: auto_reply\nSubject: Hej", "x"),
    plain(f"Return-Path: <>\nFrom: Anne <{WHO}>\nSubject: Out of office: Undelivered", f"550 5.1.1 {WHO}"),
    report().replace(b"delivery-status", b"disposition-notification").replace(b"Action: failed", b"Disposition: x"),
)


@pytest.mark.parametrize("raw", AUTOMATIC, ids=range(len(AUTOMATIC)))
def test_automatic_answers_are_neither_bounce_nor_answer(raw: bytes) -> None:
    """Out of office, autoreplies and read receipts change nothing, whatever numbers stand in them."""
    assert kind_of(raw.replace(b"MAILER-DAEMON@mail.example (Mail Delivery System)", WHO.encode())) is Kind.AUTOMATIC


def calendar(headers: str = "") -> bytes:
    """Write a reply to an invitation, as calendars send it."""
    return plain(f"From: Anne <{WHO}>\n{headers}Subject: Accepteret: Møde", "").replace(
        b"text/plain; charset=utf-8", b'text/calendar; charset=utf-8; METHOD="REPLY"'
    )


def test_a_calendars_reply_is_told_apart() -> None:
    """What somebody clicked is an answer; what a program answered by itself is not."""
    assert kind_of(calendar()) is Kind.CALENDAR and read(calendar()) is None
    assert kind_of(calendar("Auto-Submitted: auto-replied\n")) is Kind.AUTOMATIC


def test_a_persons_mail_is_for_people() -> None:
    """A reply that speaks of undelivered mail is left to people."""
    raw = plain(f"From: Anne <{WHO}>\nSubject: Re: Undeliverable", f"Mailen til {WHO} kom tilbage: 550 5.1.1")
    assert kind_of(raw) is Kind.OTHER and read(raw) is None


HOSTILE = (
    b"",
    b"\x00" * 1000,
    b"\xff\xfe" * 500,
    b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000,
    b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
    b"From: mailer-daemon@x\r\nSubject: =?utf-8?b?////?= undeliver =?x?q?=?=\r\n\r\n" + b"<" * 200_000,
    b"From: mailer-daemon@x\r\nSubject: undeliverable\r\n\r\n" + b"a@" * 100_000 + b"a." * 100_000,
    b"From: mailer-daemon@x\r\nSubject: undeliverable\r\nReferences: " + b"<a@b>" * 50_000 + b"\r\n\r\nx",
    report()
    .replace(b"Final-Recipient: rfc822; ", b"Final-Recipient: ")
    .replace(b"Status: 5.1.1", b"Status: " + b"9" * 9999),
    b"Content-Type: message/delivery-status\r\n\r\n\r\n\r\n\r\n" + b"Action: failed\r\n\r\n" * 5000,
    b"Content-Type: text/plain; charset*=x'y'%ff\r\nContent-Transfer-Encoding: base64\r\n"
    b"X-Failed-Recipients: \xe6\r\n\r\n=",
)


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.timeout(10)
def test_nothing_that_comes_in_breaks_the_reader(raw: bytes) -> None:
    """Broken, deep, long and empty mails are read in no time, and what they hold stays bounded."""
    assert kind_of(raw) in Kind
    found = read(raw)
    assert found is None or (len(found.message_ids) <= 20 and len(found.recipient) < 400 and len(found.status) < 12)


def test_a_character_set_that_there_is_not_breaks_no_reader() -> None:
    """A part that names one, with a byte that is no ASCII in its status, is read past."""
    raw = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: message/delivery-status; charset=x-nope\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"Reporting-MTA: dns; \xe6.example\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
    )
    found = read(raw)
    assert found is None or found.is_permanent
    kind_of(raw)


def test_an_answered_mail_is_named_by_signs_that_a_database_takes() -> None:
    """A NUL that was written in disguise names nothing; the writer is one address, or nobody."""
    assert answers_to(b"In-Reply-To: =?utf-8?q?=3Ca=00b=40x=3E?=\r\n\r\nHej") == ()
    assert answers_to(b"In-Reply-To: <a@x>\r\nReferences: <b@x> <a@x>\r\n\r\nHej") == ("<a@x>", "<b@x>")
    assert writer_of(b"From: =?utf-8?q?Anne_=C3=98?= <a@x.example>\r\n\r\nHej") == "a@x.example"
    assert writer_of(b"From: a@x.example, b@x.example\r\n\r\nHej") == writer_of(b"\r\nHej") == ""
