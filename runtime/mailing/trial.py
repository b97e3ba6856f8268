"""A trial: every letter goes to one address, marked as a trial, and nothing in it can act for whom it was meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ...engine.values import OutboxRow, Recipient
from ...notifications import Claimed, Mail, Sender, Trial, compose_letter
from ...notifications.letters import Texts

MARK = "proeve-"
"""What Message-IDs and the UIDs of meetings begin with in a trial: no bounce and no reply to them is of a real one."""

READER = "Prøve"


def reader(real: Recipient, address: str) -> Recipient:
    """Give the one reader of a trial in the place of a person."""
    return replace(real, name=READER, email=address)


def tried(rows: Iterable[OutboxRow]) -> tuple[OutboxRow, ...]:
    """Give mails whose meetings are others than the real ones."""
    return tuple(
        row if row.nudge.uid is None else replace(row, nudge=replace(row.nudge, uid=MARK + row.nudge.uid))
        for row in rows
    )


def write_trial(letter: Claimed, texts: Texts, sender: Sender, now: datetime, address: str) -> Mail:
    """Compose a letter for the reader of a trial, with the real receiver named in subject and body."""
    real = letter.recipient
    return compose_letter(
        [texts(row) for row in tried(letter.rows)],
        reader(real, address),
        sender,
        now,
        message_id=f"<{MARK}{letter.message_id[1:]}",
        attachments=letter.attachments,
        trial=Trial(real.name, real.email),
    )
