"""The mailer and the inbox that the settings ask for; opens no connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ...engine.errors import InvalidInput
from ...notifications import FolderMailer, Mailer
from ...notifications.smtp import SmtpMailer
from ...notifications.smtp.connection import Note
from ...notifications.smtp.inbox import FolderInbox, ImapInbox, Inbox
from ..settings import Settings


def mailer_of(settings: Settings, now: Callable[[], datetime], note: Note | None = None) -> Mailer:
    """Give the mailer: over SMTP where a server is named, else into a folder. ``note`` is told what SMTP does."""
    if settings.smtp is None:
        return FolderMailer(settings.mail_folder)
    return SmtpMailer(settings.smtp, now, note)


def inbox_of(settings: Settings) -> Inbox:
    """Give the inbox. Raises InvalidInput, which names the setting, where there is none."""
    match settings.inbox:
        case None:
            raise InvalidInput(
                "SAMSKABT_INBOX", "no mailbox is named; write imaps://user@host/INBOX or folder:/path/to/folder"
            )
        case Path():
            return FolderInbox(settings.inbox)
        case _:
            return ImapInbox(settings.inbox)
