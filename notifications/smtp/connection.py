"""One conversation with a mail server, protected as the settings demand and bounded in time; knows no outbox.

smtplib (3.11) says the verbs. What it does not do is done here: a limit for the whole conversation and not only for
each read, answers of bounded length, nothing believed that was sent before TLS began, passwords beyond ASCII, and
knowing whether a connection was lost before or after the dot that ends a mail.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Final

from .replies import Reply, Verb, shown
from .settings import MAIL_VARIABLE, Security, SmtpSettings

Note = Callable[[str, str], None]
"""Told what happens, step by step: a short name and what was seen; never a password."""

MOST_OF_AN_ANSWER: Final = 65_536
CHUNK: Final = 16_384
_LINE_END = re.compile(rb"\r\n|\r|\n")
_FQDN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")


class Lost(Exception):
    """The connection broke, fell silent or spoke no SMTP; ``after_dot`` says that the mail may have been taken."""

    def __init__(self, verb: Verb, why: str, *, after_dot: bool = False) -> None:
        self.verb, self.after_dot = verb, after_dot
        super().__init__(why)


class Denied(Exception):
    """The server said no."""

    def __init__(self, verb: Verb, reply: Reply) -> None:
        self.verb, self.reply = verb, reply
        super().__init__(f"{reply.code} {reply.text}")


class Unprotected(Exception):
    """The way to the server cannot be protected or trusted as the settings demand; says the way out."""


class _Client(smtplib.SMTP):
    """smtplib's client that reads its own answers, so that they end within the limits."""

    def __init__(self, settings: SmtpSettings, context: ssl.SSLContext | None, until: float) -> None:
        self._settings, self.context = settings, context
        self._waiting = b""
        self.until = until
        super().__init__(local_hostname=settings.helo or _own_name(), timeout=settings.seconds)
        self._host = settings.host  # smtplib takes the name to verify from here

    def left(self) -> float:
        """Answer how many seconds the next step may take; raises TimeoutError when there are none."""
        rest = min(self._settings.seconds, self.until - monotonic())
        if rest <= 0:
            raise TimeoutError(f"it took longer than {self._settings.seconds_in_all:g} seconds in all")
        return rest

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 (smtplib's form)
        """Connect to the first address that answers, all of them within the limit."""
        trouble: OSError = OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if self._settings.security is Security.PLAIN and not ipaddress.ip_address(address[0]).is_loopback:
                raise Unprotected(f"{host} is not this machine, and only there may mails go unencrypted")
            plain = socket.socket(family, kind, protocol)
            # The dot goes by itself; held back until the mail before it is confirmed, it would cost 40 ms a mail.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                plain.settimeout(self.left())
                plain.connect(address)
                if self._settings.security is not Security.TLS:
                    return plain
                assert self.context is not None
                return self.context.wrap_socket(plain, server_hostname=host)
            except ssl.SSLError:
                plain.close()
                raise
            except OSError as error:
                plain.close()
                trouble = error
        raise trouble

    def send(self, s: str | bytes | bytearray) -> None:  # type: ignore[override]
        """Send all of it within the limit."""
        data = s.encode("ascii") if isinstance(s, str) else bytes(s)
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        for start in range(0, len(data), CHUNK):
            self.sock.settimeout(self.left())
            self.sock.sendall(data[start : start + CHUNK])

    def getreply(self) -> tuple[int, bytes]:
        """Read one answer, of however many lines, within the limits of time and length."""
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            if not line[:3].isdigit() or size > MOST_OF_AN_ANSWER:
                raise smtplib.SMTPServerDisconnected("it does not answer in SMTP")
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)

    def _line(self) -> bytes:
        while b"\n" not in self._waiting:
            if len(self._waiting) > MOST_OF_AN_ANSWER:
                raise smtplib.SMTPServerDisconnected("its answer has no end")
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("there is no connection")
            self.sock.settimeout(self.left())
            chunk = self.sock.recv(4096)
            if not chunk:
                raise smtplib.SMTPServerDisconnected("it closed the connection")
            self._waiting += chunk
        line, _, self._waiting = self._waiting.partition(b"\n")
        return line

    def require_silence(self) -> None:
        """Refuse what somebody slipped in before TLS began."""
        if self._waiting:
            raise Unprotected("something was sent before encryption began, so the way to it is not to be trusted")

    def close(self) -> None:
        """Close the connection and forget what was read."""
        self._waiting = b""
        super().close()


class Connection:
    """An open, protected, signed-in connection; from ``open_connection``."""

    def __init__(self, client: _Client, settings: SmtpSettings) -> None:
        self._client, self._settings = client, settings
        self.mails = 0
        self.used_at = monotonic()

    @property
    def takes_8bit(self) -> bool:
        """Tell whether bodies may hold more than ASCII."""
        return self._client.has_extn("8bitmime")

    @property
    def most_bytes(self) -> int:
        """Answer the largest mail that both the server and the settings allow."""
        told = self._client.esmtp_features.get("size", "").strip()
        theirs = int(told) if told.isdigit() else 0
        return min(theirs or self._settings.most_bytes, self._settings.most_bytes)

    def is_alive(self, until: float) -> bool:
        """Ask a connection that has stood idle whether it is still there."""
        self._client.until = until
        with suppress(Lost):
            return self._ask(Verb.MAIL, lambda: self._client.docmd("NOOP")).is_positive
        return False

    def send(self, sender: str, recipient: str, content: bytes, until: float) -> Reply:
        """Hand one mail over; addresses are checked by the caller. Raises Denied or Lost."""
        self._client.until = until
        options = [f"SIZE={len(content)}"] if self._client.has_extn("size") else []
        options += ["BODY=8BITMIME"] if not content.isascii() else []
        told = " ".join([f"FROM:<{sender}>", *options])
        self._say(Verb.MAIL, lambda: self._client.docmd("MAIL", told))
        self._say(Verb.RCPT, lambda: self._client.docmd("RCPT", f"TO:<{recipient}>"))
        ready = self._say(Verb.DATA, lambda: self._client.docmd("DATA"))
        if ready.code != 354:
            raise Lost(Verb.DATA, "it does not answer in SMTP")
        with _losing(Verb.DATA):
            self._client.send(stuffed(content))
        with _losing(Verb.DOT, after_dot=True):
            self._client.send(b".\r\n")
            code, text = self._client.getreply()
        reply = Reply(code, _words(text))
        if not reply.is_positive:
            raise Denied(Verb.DOT, reply)
        self.mails, self.used_at = self.mails + 1, monotonic()
        return reply

    def reset(self) -> None:
        """Forget a mail that was refused. Raises Lost."""
        self._ask(Verb.MAIL, lambda: self._client.docmd("RSET"))
        self.used_at = monotonic()

    def close(self) -> None:
        """Say goodbye, and close whatever is answered."""
        self._client.until = monotonic() + 5
        with suppress(OSError, smtplib.SMTPException):
            self._client.docmd("QUIT")
        self._client.close()

    def drop(self) -> None:
        """Close without a word."""
        self._client.close()

    def _say(self, verb: Verb, ask: Callable[[], tuple[int, bytes]]) -> Reply:
        reply = self._ask(verb, ask)
        if not reply.is_positive:
            raise Denied(verb, reply)
        return reply

    def _ask(self, verb: Verb, ask: Callable[[], tuple[int, bytes]]) -> Reply:
        with _losing(verb):
            code, text = ask()
        return Reply(code, _words(text))


def open_connection(settings: SmtpSettings, note: Note, until: float) -> Connection:
    """Connect, protect and sign in, as the settings demand, before ``until`` (of the monotonic clock).

    Raises Unprotected, Denied or Lost; nothing stays open then.
    """
    context = None if settings.security is Security.PLAIN else trust(settings.ca_file, f"{MAIL_VARIABLE}_CA")
    client = _Client(settings, context, until)
    try:
        _greet(client, settings, note)
        if settings.user:
            _sign_in(client, settings, note)
    except BaseException:
        client.close()
        raise
    return Connection(client, settings)


def trust(ca_file: object, variable: str) -> ssl.SSLContext:
    """Make what verifies a server: TLS 1.2 or newer, certificate and name. Raises Unprotected for a bad file."""
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError as error:  # an SSLError is one
        raise Unprotected(f"{variable} names no readable file of certificates in PEM") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def why_untrusted(error: ssl.SSLError, host: str, variable: str) -> str:
    """Say what is wrong with a server's TLS, and the way out."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {host} cannot be trusted ({error.verify_message}); use the name that it is made out "
            f"to, have it renewed, or name the authority that signed it in {variable}_CA"
        )
    return f"{host} cannot speak TLS 1.2 or newer here ({error.reason or 'no TLS'}); check port and kind in {variable}"


def stuffed(content: bytes) -> bytes:
    """Write a mail as DATA wants it: every line ends with CRLF, and one that begins with a dot has two.

    A lone CR or LF becomes a line end: some servers take it for one, and a dot behind it would end the mail there.
    """
    lines = _LINE_END.split(content)
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)


def _greet(client: _Client, settings: SmtpSettings, note: Note) -> None:
    host, port = settings.host, settings.port
    with _losing(Verb.CONNECT), _trusting(settings):
        reply = Reply(*_told(client.connect(host, port)))
    if reply.code != 220:
        raise Denied(Verb.CONNECT, reply)
    note("connect", f"{host}:{port} ({shown(reply.text)})")
    if settings.security is Security.STARTTLS:
        _hello(client)
        if not client.has_extn("starttls"):
            raise Unprotected(
                f"{host}:{port} offers no STARTTLS, and mails never go unencrypted; use smtps:// with its TLS port "
                f"(often 465) in {MAIL_VARIABLE}, or have STARTTLS turned on"
            )
        _start_tls(client, settings)
    _hello(client)
    if isinstance(client.sock, ssl.SSLSocket):
        cipher = client.sock.cipher()
        note("tls", f"{client.sock.version()}, {cipher[0] if cipher else '-'}, certificate and name verified")
    else:
        note("tls", "none: this machine only")
    note("ehlo", " ".join(sorted(client.esmtp_features)) or "no extensions")


def _start_tls(client: _Client, settings: SmtpSettings) -> None:
    with _losing(Verb.STARTTLS), _trusting(settings):
        reply = Reply(*_told(client.docmd("STARTTLS")))
        if reply.code != 220:
            raise Denied(Verb.STARTTLS, reply)
        client.require_silence()
        assert client.sock is not None and client.context is not None
        client.sock.settimeout(client.left())
        client.sock = client.context.wrap_socket(client.sock, server_hostname=settings.host)
        # What was said before TLS is not to be believed (RFC 3207).
        client.helo_resp = client.ehlo_resp = None
        client.esmtp_features, client.does_esmtp = {}, False


def _hello(client: _Client) -> None:
    with _losing(Verb.EHLO):
        reply = Reply(*_told(client.ehlo()))
    if not reply.is_positive:
        raise Denied(Verb.EHLO, reply)


def _sign_in(client: _Client, settings: SmtpSettings, note: Note) -> None:
    offered = client.esmtp_features.get("auth", "").upper().split()
    user, password = settings.user.encode(), settings.password.encode()
    with _losing(Verb.AUTH):
        if "PLAIN" in offered:
            method, reply = "PLAIN", _told(client.docmd("AUTH", f"PLAIN {_plain(settings)}"))
        elif "LOGIN" in offered:
            method, reply = "LOGIN", _told(client.docmd("AUTH", "LOGIN"))
            for word in (user, password):
                if reply[0] == 334:
                    reply = _told(client.docmd(_coded(word)))
        else:
            raise Unprotected(
                f"{settings.host} offers no way to sign in that is known here ({' '.join(offered) or 'none'}; PLAIN "
                f"and LOGIN are); leave the user out of {MAIL_VARIABLE}, or have one of them turned on"
            )
    if reply[0] not in (235, 503):
        raise Denied(Verb.AUTH, Reply(reply[0], shown(reply[1], secrets_of(settings))))
    note("auth", f"signed in as {settings.user} ({method})")


def secrets_of(settings: SmtpSettings) -> tuple[str, ...]:
    """Give every form in which the password goes over the wire, so that no answer that repeats one is ever kept."""
    if not settings.password:
        return ()
    return (settings.password, _coded(settings.password.encode()), _plain(settings))


def _plain(settings: SmtpSettings) -> str:
    """Write user and password as the method PLAIN does (RFC 4616)."""
    return _coded(b"\0".join((b"", settings.user.encode(), settings.password.encode())))


def _coded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _told(answer: tuple[int, bytes]) -> tuple[int, str]:
    return answer[0], _words(answer[1])


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _own_name() -> str:
    """Name this machine in EHLO; an address where its name is none that a server would accept."""
    name = socket.gethostname()
    return name if _FQDN.fullmatch(name) else "[127.0.0.1]"


@contextmanager
def _losing(verb: Verb, *, after_dot: bool = False) -> Iterator[None]:
    """Turn every way in which a connection breaks into Lost."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        why = "it did not answer in time" if isinstance(error, TimeoutError) else said
        raise Lost(verb, why or type(error).__name__, after_dot=after_dot) from error


@contextmanager
def _trusting(settings: SmtpSettings) -> Iterator[None]:
    """Tell a server that cannot be trusted from one that cannot be reached."""
    try:
        yield
    except ssl.SSLError as error:
        raise Unprotected(why_untrusted(error, settings.host, MAIL_VARIABLE)) from error
