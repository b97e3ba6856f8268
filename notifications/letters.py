"""How a claimed letter becomes a mail, and what its Message-ID is; pure, knows no clock, network or database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from ..engine.civil.danish import slug
from ..engine.values import OutboxRow
from .compose import Item, Mail, Sender, compose_letter
from .delivery import Claimed

Texts: TypeAlias = Callable[[OutboxRow], Item]
"""Finds a mail's words, and what its workflow calls what it is about."""


def write(letter: Claimed, texts: Texts, sender: Sender, now: datetime) -> Mail:
    """Compose a letter about all that stands in it. Raises InvalidInput or NotFound where its words are wrong."""
    items = [texts(row) for row in letter.rows]
    return compose_letter(
        items,
        letter.recipient,
        sender,
        now,
        message_id=letter.message_id,
        links=letter.links,
        attachments=letter.attachments,
        footer_links=letter.footer_links,
    )


def database_id_of(secret: str) -> str:
    """Derive by what a database is known in calendars: 64 bits, which say nothing of the secret."""
    return hmac.new(secret.encode(), b"calendars", hashlib.sha256).hexdigest()[:16]


def message_id_of(key: str, sender: Sender, secret: str) -> str:
    """Derive a letter's Message-ID from its key: the same at every attempt, another for every other letter.

    Nobody can compute it without the secret, and so report on a mail that never came to them.
    """
    digest = hmac.new(secret.encode(), key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:24]
    return f"<{slug(key)[:40].strip('-')}.{digest}@{sender.email.rpartition('@')[2].lower()}>"
