"""How a claimed letter becomes a mail, and what its Message-ID is; pure, knows no clock, network or database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from ..engine.civil.danish import slug
from ..engine.values import OutboxRow, Recipient
from .compose import Mail, Sender, compose
from .delivery import Claimed
from .texts import Text
from .writing.values import Item

Texts: TypeAlias = Callable[[OutboxRow], Text]


def write(letter: Claimed, texts: Texts, sender: Sender, now: datetime) -> Mail:
    """Compose a letter about all that stands in it. Raises InvalidInput or NotFound where its words are wrong."""
    items = [Item(row, texts(row)) for row in letter.rows]
    return compose_letter(items, letter.recipient, sender, now, message_id=letter.message_id)


def message_id_of(key: str, sender: Sender) -> str:
    """Derive a letter's Message-ID from its key: the same at every attempt, another for every other letter."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"<{slug(key)[:40].strip('-')}.{digest}@{sender.email.rpartition('@')[2].lower()}>"


def compose_letter(
    items: Sequence[Item], recipient: Recipient, sender: Sender, now: datetime, *, message_id: str
) -> Mail:
    """Write one letter, until the writing of letters lands: the mail of its item, or the texts of all one by one."""
    mails = [compose(item.row, recipient, item.text, sender, now) for item in items]
    first = mails[0]
    content = first.content.replace(first.message_id.encode(), message_id.encode())
    if len(mails) > 1:
        head = content.partition(b"\r\n\r\n")[0]
        bodies = [mail.content.partition(b"\r\n\r\n")[2] for mail in mails]
        content = head + b"\r\n\r\n" + b"\r\n".join(bodies)
    return replace(first, message_id=message_id, content=content)
