"""What an installation may set: one frozen object, read once from the environment and passed in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Final

from ..engine.civil.calendar import CalendarSettings
from ..engine.errors import InvalidInput
from ..notifications import Sender
from ..notifications.compose import is_address
from ..notifications.smtp import ImapSettings, SmtpSettings, inbox_settings, smtp_settings
from ..notifications.writing.values import is_web_address
from .posting.restraint import Digest, Restraint, Window

DEFAULT_URL = "sqlite:///samskabt.db"
"""The database when nobody names one: a file in the current folder."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The hosts that no one else can listen to."""

EXAMPLE: Final = Sender(
    name="Programmets sekretariat",
    email="samskabt@eksempel.example",
    reply_name="Programmets sekretariat",
    reply_email="sekretariat@eksempel.example",
)
"""In whose name mails are written into a folder when nobody says: an address that does not exist."""

_PORT = re.compile(r":\d+$")

OFF = "off"
"""How a variable says that there is no such limit."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are, in whose name mails go out, and when and how many.

    ``calendars`` are those of kommuner (by code) with closed days of their own: no mail of theirs goes on them.
    Without ``smtp`` mails are written into ``mail_folder``. ``inbox`` is where bounces and answers come back.
    With ``all_mail_to`` every letter goes to that one address, marked as a trial.
    ``web_url`` is where the pages of links are found from outside; without it mails have no links that act.
    ``message_secret`` keys the Message-IDs; without it (and no variable sets it) each database has a random one of its
    own. Who must see the same mails again, as the demo must, gives one.
    """

    url: str = DEFAULT_URL
    mail_folder: Path = Path("mail")
    smtp: SmtpSettings | None = None
    inbox: ImapSettings | Path | None = None
    all_mail_to: str | None = None
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    calendars: Mapping[str, CalendarSettings] = field(default_factory=dict)
    restraint: Restraint = field(default_factory=Restraint)
    web_url: str | None = None
    message_secret: str | None = field(default=None, repr=False)
    sender: Sender = EXAMPLE

    @property
    def lacks_sender(self) -> bool:
        """Tell whether mails would leave for a real mail server in the name of an address that does not exist."""
        is_example = self.sender.email == EXAMPLE.email or self.sender.reply_email == EXAMPLE.reply_email
        return self.smtp is not None and is_example


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read ``SAMSKABT_DB``, ``SAMSKABT_MAIL``, ``SAMSKABT_SENDER`` and ``SAMSKABT_REPLY_TO`` (``Name <address>``).

    Answers go to the sender where nobody else is named. When and how many mails go: ``SAMSKABT_MAIL_WINDOW``
    (``8-15``, ``8.30-15.30`` or ``off``; on Fridays until 13 at the latest), ``SAMSKABT_MAIL_BUDGET`` (a number a
    week, or ``off``), ``SAMSKABT_MAIL_DIGEST`` (``day``, ``week``, ``off``). The mail server: ``SAMSKABT_SMTP`` with
    ``_PASSWORD`` or ``_PASSWORD_FILE``, ``_CA``, ``_HELO`` and ``_RATE`` (mails a minute to one domain); the mailbox:
    ``SAMSKABT_INBOX`` with ``_PASSWORD`` or ``_PASSWORD_FILE`` and ``_CA``. A trial: ``SAMSKABT_ALL_MAIL_TO`` (one
    address). Where the pages behind links are: ``SAMSKABT_WEB_URL``. Raises InvalidInput that names the variable.
    """
    defaults = Settings()
    sender = _mailbox(environment, "SAMSKABT_SENDER")
    named = sender or (EXAMPLE.name, EXAMPLE.email)
    reply = _mailbox(environment, "SAMSKABT_REPLY_TO") or sender or (EXAMPLE.reply_name, EXAMPLE.reply_email)
    return Settings(
        url=environment.get("SAMSKABT_DB", defaults.url),
        mail_folder=Path(environment.get("SAMSKABT_MAIL", str(defaults.mail_folder))),
        smtp=_smtp(environment),
        inbox=_inbox(environment),
        all_mail_to=one_address(environment.get("SAMSKABT_ALL_MAIL_TO") or None, "SAMSKABT_ALL_MAIL_TO"),
        sender=Sender(*named, *reply),
        restraint=_restraint(environment),
        web_url=_web_url(environment.get("SAMSKABT_WEB_URL")),
    )


def require_sender(settings: Settings) -> None:
    """Refuse to send through a real mail server in the name of the example. Raises InvalidInput with the way out."""
    if settings.lacks_sender:
        said = f"mails would go out as {EXAMPLE.email}, which does not exist"
        raise InvalidInput("SAMSKABT_SENDER", f"{said}; write 'Name <address@your-domain>', and SAMSKABT_REPLY_TO too")


def one_address(given: str | None, name: str) -> str | None:
    """Give an address back, or None where there is none. Raises InvalidInput, naming where it was said."""
    if given is not None and not is_address(given):
        raise InvalidInput(name, "write one plain address such as navn@kommune.dk")
    return given


def _smtp(environment: Mapping[str, str]) -> SmtpSettings | None:
    url = environment.get("SAMSKABT_SMTP")
    if not url:
        return None
    rate = environment.get("SAMSKABT_SMTP_RATE", "60")
    if not (rate.isascii() and rate.isdigit()):
        raise InvalidInput("SAMSKABT_SMTP_RATE", f"write how many mails a minute one domain gets, not {rate!r}")
    return smtp_settings(
        url,
        _secret(environment, "SAMSKABT_SMTP_PASSWORD"),
        ca_file=_file(environment, "SAMSKABT_SMTP_CA"),
        helo=environment.get("SAMSKABT_SMTP_HELO", ""),
        most_per_minute=int(rate),
    )


def _inbox(environment: Mapping[str, str]) -> ImapSettings | Path | None:
    url = environment.get("SAMSKABT_INBOX")
    if not url:
        return None
    password = _secret(environment, "SAMSKABT_INBOX_PASSWORD")
    return inbox_settings(url, password, ca_file=_file(environment, "SAMSKABT_INBOX_CA"))


def _secret(environment: Mapping[str, str], variable: str) -> str:
    """Read a password from a variable, or from the first line of the file that another names."""
    file = environment.get(f"{variable}_FILE")
    if not file:
        return environment.get(variable, "")
    if environment.get(variable):
        raise InvalidInput(variable, f"it and {variable}_FILE are both set; leave one of them out")
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{variable}_FILE", f"the file {file} cannot be read as text") from error
    if not lines or not lines[0]:
        raise InvalidInput(f"{variable}_FILE", f"the first line of {file} holds no password")
    return lines[0]


def _file(environment: Mapping[str, str], variable: str) -> Path | None:
    given = environment.get(variable)
    return Path(given) if given else None


def _web_url(given: str | None) -> str | None:
    """Read the address of the pages; http without s is for this machine alone, since the path holds a secret."""
    if not given:
        return None
    url = given.rstrip("/")
    if not is_web_address(url) or "?" in url or "#" in url or "@" in url:
        raise InvalidInput("SAMSKABT_WEB_URL", f"write an address such as https://samskabt.example/svar, not {given!r}")
    scheme, _, rest = url.partition("://")
    if scheme == "http" and _PORT.sub("", rest.partition("/")[0]) not in LOOPBACK:
        raise InvalidInput("SAMSKABT_WEB_URL", f"write https, not {given!r}: the links are secrets")
    return url


def _restraint(environment: Mapping[str, str]) -> Restraint:
    default = Restraint()
    window = _window(environment.get("SAMSKABT_MAIL_WINDOW"))
    said = environment.get("SAMSKABT_MAIL_DIGEST", default.digest)
    if said not in list(Digest):
        raise InvalidInput("SAMSKABT_MAIL_DIGEST", f"write {', '.join(Digest)}, not {said!r}")
    cut = default.cut if window is None else max(default.cut, window.opens)
    try:
        return Restraint(window, _budget(environment.get("SAMSKABT_MAIL_BUDGET")), Digest(said), cut)
    except InvalidInput as error:
        raise InvalidInput(f"SAMSKABT_MAIL_{'BUDGET' if error.field == 'budget' else 'WINDOW'}", str(error)) from error


def _window(given: str | None) -> Window | None:
    if given is None or given == OFF:
        return Window() if given is None else None
    opens, _, closes = given.partition("-")
    try:
        first, last = _clock(opens), _clock(closes)
        return Window(first, last, min(last, Window().friday_closes))
    except ValueError as error:
        raise InvalidInput("SAMSKABT_MAIL_WINDOW", f"write hours such as 8-15 or {OFF}, not {given!r}") from error
    except InvalidInput as error:
        raise InvalidInput("SAMSKABT_MAIL_WINDOW", str(error)) from error


def _clock(given: str) -> time:
    hours, _, minutes = given.strip().replace(":", ".").partition(".")
    return time(int(hours), int(minutes or 0))


def _budget(given: str | None) -> int | None:
    if given is None or given == OFF:
        return Restraint().budget if given is None else None
    if not (given.isascii() and given.isdigit()):
        raise InvalidInput("SAMSKABT_MAIL_BUDGET", f"write a number of mails a week or {OFF}, not {given!r}")
    return int(given)


def _mailbox(environment: Mapping[str, str], variable: str) -> tuple[str, str] | None:
    """Read a name and an address, ``Name <address>``; None where the variable is not set."""
    given = environment.get(variable)
    if not given:
        return None
    name, bracket, rest = given.partition("<")
    address = rest.strip().removesuffix(">").strip()
    if not bracket or not name.strip() or not rest.strip().endswith(">") or not is_address(address):
        raise InvalidInput(variable, f"write 'Name <address@example.org>', not {given!r}")
    return name.strip(), address
