"""What mail servers need to know about an installation, read from URLs; opens no connection and shows no password."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from ...engine.errors import InvalidInput

MAIL_VARIABLE: Final = "SAMSKABT_SMTP"
INBOX_VARIABLE: Final = "SAMSKABT_INBOX"
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HELO = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]+\]")
_MAILBOX = re.compile(r"[\x20-\x7e]{1,200}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Security(StrEnum):
    """How the way to a mail server is protected; ``PLAIN`` is for this machine alone."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


_SCHEMES: Final = {"smtp": Security.STARTTLS, "smtps": Security.TLS, "smtp+plain": Security.PLAIN}
_PORTS: Final = {Security.STARTTLS: 587, Security.TLS: 465, Security.PLAIN: 25}


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server that takes our mails. Seconds are real ones; ``most_per_minute`` is for each receiving domain.

    ``ca_file`` holds the only authorities that are trusted, in PEM; without it those of the machine are.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    helo: str = ""
    seconds: float = 60.0
    seconds_in_all: float = 240.0
    most_per_minute: int = 60
    most_bytes: int = 5_000_000

    def __post_init__(self) -> None:
        require_host(MAIL_VARIABLE, self.host)
        if self.security is Security.PLAIN and not is_loopback(self.host):
            raise InvalidInput(
                MAIL_VARIABLE,
                f"mails leave this machine encrypted or not at all: smtp+plain is for localhost, not for {self.host}; "
                f"write smtp://{self.host}:587 (STARTTLS) or smtps://{self.host}:465",
            )
        if self.helo and not _HELO.fullmatch(self.helo):
            raise InvalidInput(f"{MAIL_VARIABLE}_HELO", "write this machine's name, such as server.kommune.dk")
        if self.most_per_minute < 1:
            raise InvalidInput(
                f"{MAIL_VARIABLE}_RATE", f"write how many mails a minute, at least 1, not {self.most_per_minute}"
            )
        require_login(MAIL_VARIABLE, self.user, self.password)


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """The mailbox (IMAP over TLS) in which bounces and answers come back; ``done`` is where what was read is moved."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    mailbox: str = "INBOX"
    done: str = ""
    ca_file: Path | None = None
    seconds: float = 60.0

    def __post_init__(self) -> None:
        require_host(INBOX_VARIABLE, self.host)
        if not self.user or not self.password:
            password = f"{INBOX_VARIABLE}_PASSWORD (or _PASSWORD_FILE)"
            lacks = password if self.user else f"a user in its URL (imaps://user@{self.host}/INBOX) and {password}"
            raise InvalidInput(INBOX_VARIABLE, f"{self.host} wants {lacks}")
        require_login(INBOX_VARIABLE, self.user, self.password)
        for name in (self.mailbox, self.done):
            if name and not _MAILBOX.fullmatch(name):
                raise InvalidInput(INBOX_VARIABLE, "a mailbox has a name of plain ASCII letters, such as INBOX")


def smtp_settings(
    url: str,
    password: str = "",
    *,
    ca_file: Path | None = None,
    helo: str = "",
    most_per_minute: int = 60,
) -> SmtpSettings:
    """Read ``smtp://user@host:587`` (STARTTLS), ``smtps://user@host:465`` or ``smtp+plain://localhost:25``.

    Raises InvalidInput, which repeats neither the URL nor a password.
    """
    parts = split(MAIL_VARIABLE, url, tuple(_SCHEMES))
    security = _SCHEMES[parts.scheme]
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidInput(MAIL_VARIABLE, f"nothing may stand behind the host {parts.hostname} and its port")
    return SmtpSettings(
        host=parts.hostname or "",
        port=port_of(MAIL_VARIABLE, parts) or _PORTS[security],
        security=security,
        user=unquote(parts.username or ""),
        password=password,
        ca_file=ca_file,
        helo=helo,
        most_per_minute=most_per_minute,
    )


def inbox_settings(url: str, password: str = "", *, ca_file: Path | None = None) -> ImapSettings | Path:
    """Read ``imaps://user@host/INBOX`` (``?done=NAME`` moves what was read there) or ``folder:/path``.

    Raises InvalidInput, which repeats neither the URL nor a password.
    """
    if url.startswith("folder:") and len(url) > len("folder:"):
        return Path(url.removeprefix("folder:"))
    parts = split(INBOX_VARIABLE, url, ("imaps",), "imaps://user@host/INBOX or folder:/path")
    key, _, done = parts.query.partition("=")
    if parts.query and (key != "done" or not done):
        raise InvalidInput(INBOX_VARIABLE, "only ?done=NAME may stand behind the mailbox")
    return ImapSettings(
        host=parts.hostname or "",
        port=port_of(INBOX_VARIABLE, parts) or 993,
        user=unquote(parts.username or ""),
        password=password,
        mailbox=unquote(parts.path.strip("/")) or "INBOX",
        done=unquote(done),
        ca_file=ca_file,
    )


def split(variable: str, url: str, schemes: tuple[str, ...], form: str = "smtp://user@host:587") -> SplitResult:
    """Take a URL apart; a password in it is refused, since URLs are shown and logged."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidInput(variable, f"write it as {form}") from error
    if parts.scheme not in schemes or not parts.hostname or _CONTROL.search(unquote(url)):
        raise InvalidInput(variable, f"write it as {form} ({', '.join(f'{one}://' for one in schemes)})")
    if parts.password is not None:
        raise InvalidInput(variable, f"a password does not belong in the URL; put it in {variable}_PASSWORD or a file")
    return parts


def port_of(variable: str, parts: SplitResult) -> int | None:
    """Give the port of a URL, None where it names none."""
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput(variable, f"the port of {parts.hostname} is a number from 1 to 65535") from error
    if port == 0:
        raise InvalidInput(variable, f"the port of {parts.hostname} is a number from 1 to 65535")
    return port


def require_host(variable: str, host: str) -> None:
    """Refuse what is no name or address of a host."""
    if not _HOST.fullmatch(host) and not is_loopback(host) and not _is_ip(host):
        raise InvalidInput(variable, "the host is a name such as mail.kommune.dk")


def require_login(variable: str, user: str, password: str) -> None:
    """Refuse half a login, and signs that end a line."""
    if bool(user) != bool(password):
        missing = f"a user in the URL ({variable})" if password else f"{variable}_PASSWORD or {variable}_PASSWORD_FILE"
        raise InvalidInput(variable, f"signing in needs both a user and a password; {missing} is missing")
    if _CONTROL.search(user) or _CONTROL.search(password):
        raise InvalidInput(variable, "neither user nor password may hold line ends or other control signs")


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address means this machine."""
    return host.lower() == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
