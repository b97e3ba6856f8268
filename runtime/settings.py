"""What an installation may set: one frozen object, read once from the environment and passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.civil.calendar import CalendarSettings
from ..engine.errors import InvalidInput
from ..notifications import Sender

DEFAULT_URL = "sqlite:///samskabt.db"
"""The database when nobody names one: a file in the current folder."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are, and in whose name mails go out."""

    url: str = DEFAULT_URL
    mail_folder: Path = Path("mail")
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    sender: Sender = field(
        default_factory=lambda: Sender(
            name="Programmets sekretariat",
            email="samskabt@eksempel.example",
            reply_name="Programmets sekretariat",
            reply_email="sekretariat@eksempel.example",
        )
    )


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read ``SAMSKABT_DB``, ``SAMSKABT_MAIL``, ``SAMSKABT_SENDER`` and ``SAMSKABT_REPLY_TO`` (``Name <address>``).

    Raises InvalidInput that names the variable.
    """
    defaults = Settings()
    name, email = _mailbox(environment, "SAMSKABT_SENDER", (defaults.sender.name, defaults.sender.email))
    reply = _mailbox(environment, "SAMSKABT_REPLY_TO", (defaults.sender.reply_name, defaults.sender.reply_email))
    return Settings(
        url=environment.get("SAMSKABT_DB", defaults.url),
        mail_folder=Path(environment.get("SAMSKABT_MAIL", str(defaults.mail_folder))),
        sender=Sender(name, email, *reply),
    )


def _mailbox(environment: Mapping[str, str], variable: str, default: tuple[str, str]) -> tuple[str, str]:
    given = environment.get(variable)
    if given is None:
        return default
    name, bracket, rest = given.partition("<")
    if not bracket or not rest.endswith(">") or "@" not in rest:
        raise InvalidInput(variable, f"write 'Name <address@example.org>', not {given!r}")
    return name.strip(), rest[:-1].strip()
