"""One test mail through the configured mailer, step by step; writes nothing into the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ...engine.errors import DeliveryFailed, NotYet
from ...notifications.mailer import Connected, file_name
from ...notifications.smtp.trying import test_mail
from ..settings import Settings, require_sender
from .choosing import mailer_of


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on the way to the mail server, with what was seen."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test mail fared: through what, to whom, step by step; ``error`` says what is wrong and the way out.

    ``file`` is where it lies when no mail server is set, and nobody gets it.
    """

    mailer: str
    recipient: str
    ok: bool
    steps: tuple[Step, ...]
    error: str
    file: str | None = None


def try_mailer(settings: Settings, address: str, now: Callable[[], datetime]) -> Trial:
    """Send a test mail to an address. Raises InvalidInput for an address that cannot be written to or from."""
    require_sender(settings)
    steps: list[Step] = []
    mail = test_mail(settings.sender, address, now())
    mailer = mailer_of(settings, now, lambda name, text: steps.append(Step(name, text)))
    file = settings.mail_folder / file_name(mail.message_id) if settings.smtp is None else None
    error = ""
    try:
        mailer.send(mail)
        if file is not None:
            steps.append(Step("written", str(file)))
    except (DeliveryFailed, NotYet) as failed:
        error = str(failed)
    finally:
        if isinstance(mailer, Connected):
            mailer.close()
    return Trial(_name(settings), address, not error, tuple(steps), error, str(file) if file and not error else None)


def _name(settings: Settings) -> str:
    if settings.smtp is None:
        return f"folder {settings.mail_folder}"
    return f"{settings.smtp.host}:{settings.smtp.port} ({settings.smtp.security})"
