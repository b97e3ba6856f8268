"""Sending over SMTP to a real server: protected or not at all, and whose fault it is when it fails."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from samskabt.engine.errors import DeliveryFailed, InvalidInput, NotYet
from samskabt.notifications import Mail
from samskabt.notifications.smtp import Security, SmtpMailer, SmtpSettings
from samskabt.runtime.clock import VirtualClock

from ..mailserver import (
    DROP,
    HANG,
    PASSWORD,
    USER,
    Certificates,
    MailServer,
    closed_port,
    mail_server,
    make_certificates,
    raw_server,
)

MAIL = Mail(
    message_id="<moede-17.abc@x.example>",
    sender="afsender@eksempel.example",
    recipient="karen@kommune.example",
    subject="Møde",
    content=b"Message-ID: <moede-17.abc@x.example>\r\nSubject: Moede\r\n\r\nHej\r\n.\r\n..to\r\n",
)
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give certificates, good and bad."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def shared(certificates: Certificates) -> Iterator[MailServer]:
    """Run one server for all tests that only change its script."""
    with mail_server(certificates.good) as server:
        yield server


@pytest.fixture
def server(shared: MailServer) -> MailServer:
    """Give the server, with nothing received and nothing told."""
    shared.script.clear()
    shared.received.mails.clear()
    shared.received.verbs.clear()
    shared.received.connections = 0
    return shared


def settings(port: int, certificates: Certificates, **changed: Any) -> SmtpSettings:
    """Give the settings for a server of the tests."""
    found = SmtpSettings("localhost", port, Security.STARTTLS, USER, PASSWORD, certificates.ca, seconds=5)
    return replace(found, **changed)


@pytest.fixture
def mailer(server: MailServer, certificates: Certificates) -> Iterator[SmtpMailer]:
    """Give a mailer for the server."""
    found = SmtpMailer(settings(server.port, certificates), VirtualClock(NOW).now)
    yield found
    found.close()


def test_a_mail_arrives_to_the_byte(server: MailServer, mailer: SmtpMailer) -> None:
    """STARTTLS and sign-in (a password beyond ASCII), then envelope and contents as they were given, dots and all."""
    mailer.send(MAIL)
    assert server.received.mails == [(MAIL.sender, [MAIL.recipient], MAIL.content)]
    assert server.received.verbs[:5] == ["CONNECT", "EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_a_batch_uses_one_connection(server: MailServer, mailer: SmtpMailer) -> None:
    """Ten mails cost one connection and one sign-in; after closing, the next one opens another."""
    for _ in range(10):
        mailer.send(MAIL)
    assert (len(server.received.mails), server.received.connections) == (10, 1)
    mailer.close()
    mailer.send(MAIL)
    assert server.received.connections == 2


def test_threads_take_turns(server: MailServer, mailer: SmtpMailer) -> None:
    """Eight threads with one mailer: every mail arrives once, over one connection."""
    mails = [replace(MAIL, content=b"Subject: %d\r\n\r\n.\r\n" % number) for number in range(40)]

    def send(part: list[Mail]) -> None:
        for one in part:
            mailer.send(one)

    threads = [threading.Thread(target=send, args=(mails[at::8],)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(content for _, _, content in server.received.mails) == sorted(one.content for one in mails)
    assert server.received.connections == 1


def test_implicit_tls_is_the_other_way(certificates: Certificates) -> None:
    """smtps:// begins with TLS; nothing is said before it."""
    with mail_server(certificates.good, implicit_tls=True) as server:
        mailer = SmtpMailer(settings(server.port, certificates, security=Security.TLS), VirtualClock(NOW).now)
        mailer.send(MAIL)
        mailer.close()
        assert server.received.mails[0][2] == MAIL.content and "STARTTLS" not in server.received.verbs


def test_a_connection_that_ended_unseen_costs_nothing(server: MailServer, mailer: SmtpMailer) -> None:
    """A server that drops an idle connection, or says 421 to the next mail, gets it over a new one at once."""
    mailer.send(MAIL)
    server.script["MAIL"] = [DROP]
    mailer.send(MAIL)
    server.script["MAIL"] = ["421 4.4.2 for laenge siden"]
    mailer.send(MAIL)
    assert (len(server.received.mails), server.received.connections) == (3, 3)


def test_a_quiet_connection_is_asked_first(
    server: MailServer, mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a silence the server is asked whether it is there; if not, there is a new connection."""
    monkeypatch.setattr("samskabt.notifications.smtp.mailer.QUIET_SECONDS", -1.0)
    mailer.send(MAIL)
    mailer.send(MAIL)
    assert server.received.verbs.count("NOOP") == 1 and server.received.connections == 1
    server.script["NOOP"] = [DROP]
    mailer.send(MAIL)
    assert (len(server.received.mails), server.received.connections) == (3, 2)


def test_after_many_mails_the_connection_is_changed(
    server: MailServer, mailer: SmtpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some servers count the mails of a connection; we stop before they do."""
    monkeypatch.setattr("samskabt.notifications.smtp.mailer.MOST_ON_ONE", 2)
    for _ in range(5):
        mailer.send(MAIL)
    assert (len(server.received.mails), server.received.connections) == (5, 3)


SESSION = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL")


@pytest.mark.parametrize("verb", SESSION)
@pytest.mark.parametrize("answer", ["451 4.3.0 siden", "554 5.7.1 nej", DROP])
def test_what_concerns_every_mail_costs_none_an_attempt(
    server: MailServer, mailer: SmtpMailer, verb: str, answer: str
) -> None:
    """A server that cannot be used before it knows a recipient is a fault of the installation: no mail dies of it."""
    server.script[verb] = answer
    if (verb, answer) == ("MAIL", DROP):
        with pytest.raises(DeliveryFailed) as lost:
            mailer.send(MAIL)
        assert lost.value.retry and not lost.value.doubtful
        return
    with pytest.raises(NotYet, match="SAMSKABT_") as caught:
        mailer.send(MAIL)
    assert caught.value.is_fault and caught.value.at == NOW + timedelta(minutes=1)
    assert server.received.mails == []


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(("answer", "retry"), [("451 4.7.1 greylisted", True), ("550 5.1.1 ukendt", False)])
def test_what_concerns_one_mail_is_that_mails(
    server: MailServer, mailer: SmtpMailer, verb: str, answer: str, retry: bool
) -> None:
    """4xx is another attempt, 5xx its end; the next mail goes out over the same connection."""
    server.script[verb] = [answer]
    with pytest.raises(DeliveryFailed, match=answer[:3]) as caught:
        mailer.send(MAIL)
    assert (caught.value.retry, caught.value.doubtful) == (retry, False)
    mailer.send(MAIL)
    assert (len(server.received.mails), server.received.connections) == (1, 1)


@pytest.mark.parametrize(("verb", "doubtful"), [("RCPT", False), ("DATA", False), ("DOT", True)])
def test_a_lost_connection_is_doubtful_only_after_the_dot(
    server: MailServer, mailer: SmtpMailer, verb: str, doubtful: bool
) -> None:
    """Before the last dot no server can have taken the mail; after it, it may have."""
    server.script[verb] = [DROP]
    with pytest.raises(DeliveryFailed) as caught:
        mailer.send(MAIL)
    assert (caught.value.retry, caught.value.doubtful) == (True, doubtful)
    assert len(server.received.mails) == int(doubtful)


@pytest.mark.parametrize(("verb", "doubtful"), [("EHLO", None), ("RCPT", False), ("DOT", True)])
def test_a_silent_server_is_given_up(
    server: MailServer, certificates: Certificates, verb: str, doubtful: bool | None
) -> None:
    """The limit of seconds holds at every verb, and silence after the dot is doubtful."""
    server.script[verb] = [HANG]
    mailer = SmtpMailer(settings(server.port, certificates, seconds=0.3), VirtualClock(NOW).now)
    began = monotonic()
    with pytest.raises((DeliveryFailed, NotYet), match="in time") as caught:
        mailer.send(MAIL)
    assert monotonic() - began < 3
    assert getattr(caught.value, "doubtful", None) is doubtful


def test_a_dripping_server_is_given_up() -> None:
    """One byte now and then keeps every single read alive, but not the conversation."""

    def drip(connection: Any) -> None:
        stop = monotonic() + 5
        while monotonic() < stop:
            connection.wfile.write(b"2")
            threading.Event().wait(0.05)

    with raw_server(drip) as port:
        found = SmtpSettings("localhost", port, Security.PLAIN, seconds=5, seconds_in_all=0.5)
        began = monotonic()
        with pytest.raises(NotYet):
            SmtpMailer(found, VirtualClock(NOW).now).send(MAIL)
        assert monotonic() - began < 3


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-x\r\n", b"220 " + b"x" * 100_000, b"220-a\r\n" * 20_000, b"", b"\xff\xfe\r\n"]
)
def test_what_is_no_smtp_is_told(said: bytes) -> None:
    """Another program on that port, or an answer without end, is a fault that names the setting."""
    with raw_server(lambda connection: print(connection.wfile.write(said))) as port:
        found = SmtpSettings("localhost", port, Security.PLAIN, seconds=2)
        with pytest.raises(NotYet, match="SAMSKABT_SMTP") as caught:
            SmtpMailer(found, VirtualClock(NOW).now).send(MAIL)
        assert caught.value.is_fault


def test_a_closed_port_is_told(certificates: Certificates) -> None:
    """A server that is down costs no attempt; the error names host and port."""
    port = closed_port()
    with pytest.raises(NotYet, match=f"localhost:{port}.*SAMSKABT_SMTP") as caught:
        SmtpMailer(settings(port, certificates), VirtualClock(NOW).now).send(MAIL)
    assert caught.value.is_fault


def test_a_server_that_is_down_is_left_alone(
    server: MailServer, mailer: SmtpMailer, certificates: Certificates
) -> None:
    """After a failure nobody knocks for a while, longer each time, and a hundred mails wait at no cost."""
    clock = VirtualClock(NOW)
    mailer = SmtpMailer(settings(server.port, certificates), clock.now)
    server.script["AUTH"] = "535 5.7.8 nej"
    pauses = []
    for _ in range(7):
        with pytest.raises(NotYet) as caught:
            mailer.send(MAIL)
        pauses.append(round((caught.value.at - clock.now()).total_seconds() / 60))
        before = len(server.received.verbs)
        known = mailer.not_yet("")
        assert known is not None and known.is_fault and known.at == caught.value.at
        for _ in range(100):
            with suppress(NotYet):
                mailer.send(MAIL)
        assert len(server.received.verbs) == before
        clock.move_to(caught.value.at)
    assert pauses == [1, 2, 5, 10, 15, 15, 15]
    server.script.clear()
    mailer.send(MAIL)
    assert len(server.received.mails) == 1
    mailer.close()


def test_greylisting_lets_the_second_attempt_through(server: MailServer, mailer: SmtpMailer) -> None:
    """A recipient refused for now is taken the next time; only that mail had to wait."""
    server.script["RCPT"] = ["450 4.2.0 Greylisted", "450 4.2.0 Greylisted"]
    for _ in range(2):
        with pytest.raises(DeliveryFailed, match="Greylisted") as caught:
            mailer.send(MAIL)
        assert caught.value.retry
    mailer.send(MAIL)
    assert len(server.received.mails) == 1


@pytest.mark.parametrize(
    ("verb", "answer", "retry"),
    [
        ("RCPT", "554 5.7.1 Relay access denied", True),
        ("RCPT", "553 5.7.1 Sender address rejected: not owned by user", True),
        ("RCPT", "550 5.1.8 Sender address rejected: Domain not found", True),
        ("RCPT", "530 5.7.0 Authentication required", True),
        ("RCPT", "550 5.1.1 User unknown", False),
        ("RCPT", "501 Bad recipient address syntax", False),
        ("RCPT", "550 nobody here", False),
        ("RCPT", "421 4.7.0 too many errors", True),
        ("DOT", "554 5.7.1 spam", False),
        ("DOT", "550 5.7.26 SPF and DKIM failed", True),
        ("MAIL", "552 5.3.4 Message size exceeds limit", False),
    ],
)
def test_only_a_mails_own_refusal_ends_it(
    server: MailServer, mailer: SmtpMailer, verb: str, answer: str, retry: bool
) -> None:
    """A server that says at RCPT what it holds against us does not make the recipient's address wrong."""
    server.script[verb] = [answer]
    with pytest.raises(DeliveryFailed) as caught:
        mailer.send(MAIL)
    assert caught.value.retry is retry


def test_no_starttls_is_no_mail(certificates: Certificates) -> None:
    """Nothing falls back to an unencrypted connection; the error says what to do, and no address was said."""
    with mail_server(None, login=False) as server:
        with pytest.raises(NotYet, match=r"offers no STARTTLS.*smtps") as caught:
            SmtpMailer(settings(server.port, certificates), VirtualClock(NOW).now).send(MAIL)
        assert caught.value.is_fault and server.received.verbs == ["CONNECT", "EHLO"]


@pytest.mark.parametrize(
    ("which", "why"),
    [("wrong_name", "Hostname mismatch"), ("expired", "expired"), ("self_signed", "self-signed|self signed")],
)
@pytest.mark.parametrize("implicit", [False, True])
def test_a_bad_certificate_is_no_mail(certificates: Certificates, which: str, why: str, implicit: bool) -> None:
    """Another's name, an old one or one of its own making: refused before anything is said, with the way out."""
    with mail_server(getattr(certificates, which), implicit_tls=implicit) as server:
        security = Security.TLS if implicit else Security.STARTTLS
        found = settings(server.port, certificates, security=security)
        with pytest.raises(NotYet, match=f"(?s)({why}).*SAMSKABT_SMTP_CA"):
            SmtpMailer(found, VirtualClock(NOW).now).send(MAIL)
        assert "AUTH" not in server.received.verbs


def test_an_authority_that_nobody_named_is_not_trusted(certificates: Certificates) -> None:
    """A certificate that only our own authority vouches for is refused where that is not named."""
    with mail_server(certificates.good) as server, pytest.raises(NotYet, match="SAMSKABT_SMTP_CA"):
        SmtpMailer(settings(server.port, certificates, ca_file=None), VirtualClock(NOW).now).send(MAIL)


def test_a_missing_file_of_authorities_is_named(certificates: Certificates, tmp_path: Path) -> None:
    """A file that is not there, or holds no certificates, is a wrong setting and not a server's fault."""
    empty = tmp_path / "x.pem"
    empty.write_text("nothing")
    for file in (tmp_path / "no.pem", empty):
        with pytest.raises(NotYet, match="SAMSKABT_SMTP_CA names no readable file"):
            SmtpMailer(settings(1, certificates, ca_file=file), VirtualClock(NOW).now).send(MAIL)


def test_no_way_to_sign_in_is_told(certificates: Certificates) -> None:
    """A server that offers no AUTH, or only what nobody should use, is told with what it offers."""
    with mail_server(certificates.good, login=False, auth_exclude_mechanism=["PLAIN", "LOGIN"]) as server:
        mailer = SmtpMailer(settings(server.port, certificates), VirtualClock(NOW).now)
        with pytest.raises(NotYet, match=r"no way to sign in.*PLAIN and LOGIN"):
            mailer.send(MAIL)


def test_login_is_the_second_choice(certificates: Certificates) -> None:
    """A server that knows only LOGIN is signed in to as well."""
    with mail_server(certificates.good, auth_exclude_mechanism=["PLAIN"]) as server:
        mailer = SmtpMailer(settings(server.port, certificates), VirtualClock(NOW).now)
        mailer.send(MAIL)
        mailer.close()
        assert len(server.received.mails) == 1


def test_what_was_slipped_in_before_tls_is_refused(certificates: Certificates) -> None:
    """Answers sent before encryption began (response injection) end the conversation."""

    def inject(connection: Any) -> None:
        connection.wfile.write(b"220 x\r\n")
        connection.rfile.readline()
        connection.wfile.write(b"250-x\r\n250 STARTTLS\r\n")
        connection.rfile.readline()
        connection.wfile.write(b"220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 welcome\r\n")
        connection.rfile.read(1)

    with raw_server(inject) as port, pytest.raises(NotYet, match="before encryption began"):
        SmtpMailer(settings(port, certificates), VirtualClock(NOW).now).send(MAIL)


@pytest.mark.parametrize("host", ["mail.eksempel.example", "10.0.0.1", "2001:db8::1", "localhost.eksempel.example"])
def test_plain_is_for_this_machine_alone(host: str) -> None:
    """smtp+plain to another machine is a wrong setting, refused when it is read."""
    with pytest.raises(InvalidInput, match=f"not for {host}"):
        SmtpSettings(host, 25, Security.PLAIN)


def test_localhost_that_leads_elsewhere_gets_no_plain_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name alone is not believed: the address must be this machine's."""
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 25))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: elsewhere)
    with pytest.raises(NotYet, match="is not this machine"):
        SmtpMailer(SmtpSettings("localhost", 25, Security.PLAIN), VirtualClock(NOW).now).send(MAIL)


def test_passwords_are_never_told(server: MailServer, certificates: Certificates) -> None:
    """Neither repr nor any error holds the password, even where the server repeats what it was sent."""
    import base64

    word = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    server.script["AUTH"] = f"535 5.7.8 no such {word} or {base64.b64encode(PASSWORD.encode()).decode()}"
    found = settings(server.port, certificates)
    mailer = SmtpMailer(found, VirtualClock(NOW).now)
    with pytest.raises(NotYet, match="SAMSKABT_SMTP_PASSWORD") as caught:
        mailer.send(MAIL)
    told = f"{caught.value} {caught.value!r} {mailer!r} {found!r} {caught.value.__cause__!r}"
    assert PASSWORD not in told and word not in told and "***" in str(caught.value)


def test_a_server_without_8bitmime_gets_seven_bits(certificates: Certificates) -> None:
    """A body beyond ASCII is written anew for it, and reads the same."""
    body = (
        "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nPå gensyn\r\n"
    )
    mail = replace(MAIL, content=body.encode())

    with mail_server(certificates.good, without=("8BITMIME",)) as server:
        mailer = SmtpMailer(settings(server.port, certificates), VirtualClock(NOW).now)
        mailer.send(mail)
        mailer.close()
        content = server.received.mails[0][2]
    assert content.isascii()
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert parsed["Subject"] == "x" and parsed.get_content().strip() == "På gensyn"


def test_what_is_too_large_is_not_even_tried(
    server: MailServer, mailer: SmtpMailer, certificates: Certificates
) -> None:
    """Our own bound and the server's hold before anything is sent; trying again would change nothing."""
    with pytest.raises(DeliveryFailed, match="5000001 bytes") as caught:
        mailer.send(replace(MAIL, content=b"x" * 5_000_001))
    assert not caught.value.retry and server.received.verbs == []
    with mail_server(certificates.good, data_size_limit=1000) as small:
        other = SmtpMailer(settings(small.port, certificates), VirtualClock(NOW).now)
        with pytest.raises(DeliveryFailed, match="at most 1000") as caught:
            other.send(replace(MAIL, content=b"x" * 2000))
        other.send(MAIL)
        other.close()
        assert not caught.value.retry and len(small.received.mails) == 1


def test_a_domain_gets_its_share_of_a_minute(server: MailServer, certificates: Certificates) -> None:
    """The mail over the limit is told when there is room, which is no attempt; other domains are not held up."""
    clock = VirtualClock(NOW)
    mailer = SmtpMailer(settings(server.port, certificates, most_per_minute=2), clock.now)
    mailer.send(MAIL)
    clock.move_to(NOW + timedelta(seconds=10))
    mailer.send(MAIL)
    with pytest.raises(NotYet) as caught:
        mailer.send(replace(MAIL, recipient="peter@KOMMUNE.example"))
    assert caught.value.at == NOW + timedelta(minutes=1) and not caught.value.is_fault
    known = mailer.not_yet("peter@kommune.example")
    assert known is not None and known.at == caught.value.at and not known.is_fault
    assert mailer.not_yet("peter@anden.example") is None and mailer.not_yet("") is None
    mailer.send(replace(MAIL, recipient="peter@anden.example"))
    clock.move_to(caught.value.at)
    mailer.send(MAIL)
    assert len(server.received.mails) == 4
    mailer.close()


def test_a_server_is_asked_whether_it_is_there_again(server: MailServer, certificates: Certificates) -> None:
    """Without a mail, and not while it is left alone; what it answers then holds for the next mail."""
    clock = VirtualClock(NOW)
    mailer = SmtpMailer(settings(server.port, certificates), clock.now)
    server.script["AUTH"] = "535 5.7.8 nej"
    for minutes in (0, 1):
        clock.move_to(NOW + timedelta(minutes=minutes))
        with pytest.raises(NotYet, match="535"):
            mailer.probe()
    server.script.clear()
    with pytest.raises(NotYet):
        mailer.probe()
    assert mailer.not_yet("") is not None
    clock.move_to(NOW + timedelta(minutes=3))
    mailer.probe()
    assert mailer.not_yet("") is None and server.received.mails == []
    mailer.send(MAIL)
    assert len(server.received.mails) == 1
    mailer.close()
