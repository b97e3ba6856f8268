"""What posting asks of others before it writes to somebody, and what it lets them add; knows none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from ...engine.compiled import Compiled
from ...engine.values import Intent, OutboxRow, Recipient
from ...notifications.writing.values import Attachment
from ...storage import UnitOfWork

URGENT = "haster"
"""The value of a mail that goes before others when a week's budget is short."""

LAST_DAY = "last_day"


class LinkMaker(Protocol):
    """Makes the links of a letter, in the transaction that claims it: what is minted there is there when it is read."""

    def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Give ``naeste``, ``kommer`` and ``kommer_ikke`` -> address, as far as there are any."""

    def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:
        """Give ``afmeld``, ``fravaer``, ``kalender`` and ``side`` -> address, as far as there are any."""


class AttachmentMaker(Protocol):
    """Makes the files of a letter, in the transaction that claims it, without looking anything up."""

    def __call__(self, rows: Sequence[OutboxRow], recipient: Recipient, now: datetime) -> Sequence[Attachment]:
        """Give the files, in order."""


class Telling(Protocol):
    """Adds to a mail what only the installation knows, in the transaction that claims its letter."""

    def __call__(self, uow: UnitOfWork, row: OutboxRow) -> OutboxRow:
        """Give the mail as it goes out."""


class Objection(Protocol):
    """Says why people are not to get a mail (any more); asked when it is posted, and again when it is sent.

    It may queue another mail instead. It is asked once for all whom a mail is for, so that what it reads is read once.
    """

    def __call__(
        self, uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime
    ) -> Mapping[int, str]:
        """Give person -> the reason in Danish, for those who are not to get it."""


class NoLinks:
    """Makes no links: there are no pages to lead to."""

    def links(self, uow: UnitOfWork, row: OutboxRow, recipient: Recipient, now: datetime) -> Mapping[str, str]:  # noqa: ARG002
        """Give none."""
        return MappingProxyType({})

    def footer_links(self, uow: UnitOfWork, recipient: Recipient, now: datetime) -> Mapping[str, str]:  # noqa: ARG002
        """Give none."""
        return MappingProxyType({})


def no_attachments(rows: Sequence[OutboxRow], recipient: Recipient, now: datetime) -> Sequence[Attachment]:  # noqa: ARG001
    """Give no files."""
    return ()


def as_it_is(uow: UnitOfWork, row: OutboxRow) -> OutboxRow:  # noqa: ARG001
    """Add nothing."""
    return row


@dataclass(slots=True)
class Helpers:
    """Who is asked: links, files and objections; other parts of the runtime put theirs here when they are wired."""

    links: LinkMaker
    attachments: AttachmentMaker
    objections: list[Objection]
    telling: Telling = as_it_is


def is_urgent(compiled: Compiled, row: OutboxRow) -> bool:
    """Tell whether a mail goes first: it says so, calls something off, or guards the last day of a measurement."""
    if row.nudge.intent is Intent.CANCELLATION or row.nudge.values.get(URGENT) is True:
        return True
    rule = compiled.workflow.reminders.get(row.nudge.why)
    return rule is not None and rule.anchor == LAST_DAY


def is_over(compiled: Compiled, row: OutboxRow) -> bool:
    """Tell whether a reminder is about something that has come to its end, whichever of its regions it names."""
    return row.nudge.intent is Intent.NUDGE and bool(row.position) and compiled.is_done(row.kind, row.position)
