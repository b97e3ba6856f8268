"""What people typed never becomes a command: payloads in every place, against a server that logs each line."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from samskabt.engine.errors import DeliveryFailed, InvalidInput
from samskabt.engine.values import Recipient
from samskabt.notifications import Mail, Sender, Text, compose
from samskabt.notifications.smtp import Security, SmtpMailer, SmtpSettings, smtp_settings
from samskabt.runtime.clock import VirtualClock

from ..mailserver import raw_server
from ..tracing import first_traced
from ..unit.test_notifications_compose import ANNE, QUEUED, ROW, SENDER, TEXT

BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\r\n.\r\n",
    "\n.\n",
    "\r.\r",
    "\r\n.\n",
    "\x00",
    "\x0b",
    "\u2028",
    "\x85",
    "%0d%0a",
    "\\r\\n",
)
COMMANDS = (
    "RCPT TO:<x@evil.example>",
    "DATA",
    "MAIL FROM:<x@evil.example>",
    "QUIT",
    "RSET",
    "NOOP",
    "Bcc: x@evil.example",
)
SHAPES = (
    "{brk}{cmd}",
    "a{brk}{cmd}{brk}",
    '"a"{brk}{cmd}',
    "anne@kommune.example>{brk}{cmd}<",
    "<a@b.example> SIZE=1{brk}{cmd}",
)
PAYLOADS = tuple(shape.format(brk=brk, cmd=cmd) for shape, brk, cmd in product(SHAPES, BREAKS, COMMANDS))
OURS = re.compile(rb"(EHLO \[127\.0\.0\.1\]|EHLO [A-Za-z0-9.-]+|MAIL FROM:<\S+@\S+> SIZE=\d+( BODY=8BITMIME)?"
                  rb"|RCPT TO:<anne@nyborg\.example>|DATA|RSET|NOOP|QUIT)", re.IGNORECASE)  # fmt: skip


class Log:
    """A server that takes everything, and keeps each command and each mail to the byte."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []
        self.mails: list[bytes] = []

    def __call__(self, connection: Any) -> None:
        """Speak with one client; commands end at LF, as with the most careless of servers."""
        connection.wfile.write(b"220 x\r\n")
        while line := connection.rfile.readline():
            self.commands.append(line.rstrip(b"\r\n"))
            verb = line[:4].upper()
            if verb == b"DATA":
                connection.wfile.write(b"354 go\r\n")
                mail = b""
                while (part := connection.rfile.readline()) not in (b".\r\n", b".\n", b""):
                    mail += part
                self.mails.append(mail)
            connection.wfile.write(b"250-x\r\n250-8BITMIME\r\n250 SIZE\r\n" if verb == b"EHLO" else b"250 ok\r\n")


Place = Callable[[str], Mail]


def composed(**changed: Any) -> Mail:
    """Compose the sample mail with something changed."""
    given: dict[str, Any] = {"row": ROW, "recipient": ANNE, "text": TEXT, "sender": SENDER, **changed}
    return compose(given["row"], given["recipient"], given["text"], given["sender"], QUEUED)


def _mail() -> Mail:
    return composed()


PLACES: dict[str, Place] = {
    "recipient's address": lambda bad: replace(_mail(), recipient=bad),
    "sender's address": lambda bad: replace(_mail(), sender=bad),
    "recipient's name": lambda bad: composed(recipient=Recipient(5, bad, ANNE.email)),
    "sender's name": lambda bad: composed(sender=replace(SENDER, name=bad)),
    "reply's name": lambda bad: composed(sender=replace(SENDER, reply_name=bad)),
    "subject": lambda bad: composed(text=Text(bad.replace("{", ""), "x", "y")),
    "title": lambda bad: composed(row=replace(ROW, title=bad)),
    "message id": lambda bad: replace(_mail(), message_id=bad),
    "nudge's key": lambda bad: composed(row=replace(ROW, nudge=replace(ROW.nudge, key=bad))),
    "body": lambda bad: composed(text=Text("x", f"Hej {bad}", "y")),
    "raw contents": lambda bad: replace(_mail(), content=b"Subject: x\r\n\r\n" + bad.encode()),
}


@pytest.mark.parametrize("place", first_traced(PLACES))
def test_the_server_hears_our_commands_and_no_others(place: str, say: Callable[[str], None]) -> None:
    """455 payloads in each place: refused before the server, or sent as text; one DATA and one recipient a mail."""
    log, sent, refused = Log(), 0, 0
    assert len(PAYLOADS) >= 300
    with raw_server(log) as port:
        settings = SmtpSettings("localhost", port, Security.PLAIN, most_per_minute=10_000)
        mailer = SmtpMailer(settings, VirtualClock(QUEUED).now)
        for payload in PAYLOADS:
            try:
                mailer.send(PLACES[place](payload))
                sent += 1
            except (DeliveryFailed, InvalidInput):
                refused += 1
        mailer.close()
    assert [line for line in log.commands if not OURS.fullmatch(line)] == []
    assert len(log.mails) == sent == sum(line.upper() == b"DATA" for line in log.commands)
    assert sum(line.startswith(b"RCPT") for line in log.commands) == sent
    assert not any(re.search(rb"(?m)^Bcc:", mail.partition(b"\r\n\r\n")[0]) for mail in log.mails)
    say(f"{place}: {len(PAYLOADS)} payloads, {sent} sent as text, {refused} refused")


def test_addresses_of_payloads_never_leave(say: Callable[[str], None]) -> None:
    """Every payload as an address or as the name in EHLO, and in the URL, is refused when it is read."""
    wrong = 0
    for payload in PAYLOADS:
        for make in (
            lambda bad: Sender("x", bad, "y", "y@program.example"),
            lambda bad: SmtpSettings("localhost", 25, Security.PLAIN, helo=bad),
            lambda bad: SmtpSettings(bad, 25, Security.STARTTLS),
            lambda bad: SmtpSettings("localhost", 25, Security.STARTTLS, bad if "\n" in bad else f"{bad}\r", "x"),
        ):
            with pytest.raises(InvalidInput) as caught:
                make(payload)
            wrong += "evil" in str(caught.value) and "\n" in str(caught.value)
    for text in (
        "smtp://a:hemmeligt@mail.example",
        "http://x.example",
        "smtp://",
        "smtp://h:0",
        "smtp://h:99999",
        "smtp://h/x",
    ):
        with pytest.raises(InvalidInput, match="SAMSKABT_SMTP") as told:
            smtp_settings(text)
        assert "hemmeligt" not in str(told.value)
    assert wrong == 0
    say(f"{len(PAYLOADS)} payloads in 4 settings: all refused")
