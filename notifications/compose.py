"""How outbox rows become one person's letter: pure, same input same bytes; knows no clock, network or database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType
from urllib.parse import quote

from ..engine.civil.danish import slug
from ..engine.civil.instants import local
from ..engine.errors import InvalidInput
from ..engine.values import OutboxRow, Recipient
from .standard import STANDARD_TEXTS
from .texts import Text, matter_of, one_line
from .writing.content import Content
from .writing.digest import digest, urgency
from .writing.envelope import checked_message_id, parts, person, plain_head, words
from .writing.page import page
from .writing.plain import plain
from .writing.single import single
from .writing.values import (
    Attachment,
    Item,
    Mail,
    Named,
    Sender,
    Trial,
    Writer,
    checked_address,
    is_address,
    is_web_address,
)
from .writing.wording import cut, fill, header_safe

__all__ = [
    "Attachment",
    "Item",
    "Mail",
    "Named",
    "Sender",
    "Trial",
    "Writer",
    "compose",
    "compose_letter",
    "is_address",
    "message_id",
    "urgency",
]

_SPELLED: Mapping[int, str] = MappingProxyType(
    {ord(a): b for a, b in zip("æøåÆØÅ", ("ae", "oe", "aa", "Ae", "Oe", "Aa"), strict=True)}
)
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


def compose(row: OutboxRow, recipient: Recipient, text: Text, sender: Sender, now: datetime) -> Mail:
    """Write the mail about one row to one recipient; see ``compose_letter``.

    The Message-ID depends on instance, nudge key and person alone, so a second attempt is the same mail to whoever
    gets it.
    """
    identity = message_id(row, recipient, sender)
    return compose_letter((Item(row, text),), recipient, sender, now, message_id=identity)


def compose_letter(
    items: Sequence[Item],
    recipient: Recipient,
    sender: Sender,
    now: datetime,
    *,
    message_id: str,
    links: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
    attachments: Sequence[Attachment] = (),
    trial: Trial | None = None,
    footer_links: Mapping[str, str] = _NO_LINKS,
    texts: Mapping[str, Text] = MappingProxyType({}),
) -> Mail:
    """Write one letter about one or more rows; ``now`` is the aware instant of its Date, and that days count from.

    ``links`` maps a row's id to ``naeste``, ``kommer`` and ``kommer_ikke``; ``footer_links`` may hold ``side``,
    ``kalender``, ``fravaer`` and ``afmeld``. With a ``trial`` the letter goes to ``recipient`` but is worded for whom
    it was meant. ``texts`` are a programme's own; of them ``samling`` and ``samling_nyt`` frame a digest. Raises
    InvalidInput for an unusable address, Message-ID or attachment, a placeholder that does not exist, or no items.
    """
    if not items:
        raise InvalidInput("items", "a letter is about at least one thing")
    meant = replace(recipient, name=trial.real_name) if trial else recipient
    reader = _answered_by(items, sender)
    office = "" if reader is sender else sender.reply_email
    filled = [fill(item, meant, reader, now, links.get(item.row.id, _NO_LINKS)) for item in items]
    if len(filled) == 1:
        content = single(filled[0], meant.name, reader, footer_links, office)
    else:
        content = digest(filled, meant.name, reader, footer_links, {**STANDARD_TEXTS, **texts}, office)
    if trial:
        content = _on_trial(content, trial)
    identity = checked_message_id(message_id)
    head = (
        person("From", sender.name, sender.email),
        person("To", recipient.name, checked_address(recipient.email, f"recipient {recipient.person_id}")),
        person("Reply-To", reader.reply_name, reader.reply_email),
        words("Subject", content.subject),
        plain_head([("Date", format_datetime(local(now))), ("Message-ID", identity)]),
        plain_head(_marks(items, sender, footer_links)),
    )
    body = parts(plain(content), page(content), attachments, identity)
    return Mail(identity, sender.email, recipient.email, content.subject, b"".join(head) + body)


def message_id(row: OutboxRow, recipient: Recipient, sender: Sender) -> str:
    """Derive the mail's identity from instance, nudge key and person; the readable part in front is of these too."""
    source = f"{row.instance_id}\n{recipient.person_id}\n{row.nudge.key}"
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    readable = "-".join(filter(None, (slug(row.nudge.key)[:20].strip("-"), str(row.instance_id))))
    return f"<{readable}.{digest}@{_domain(sender)}>"


def _answered_by(items: Sequence[Item], sender: Sender) -> Sender:
    """Let whoever wrote all that a letter holds read the answers to it, if she has an address."""
    writers = {item.named.writer for item in items}
    only = writers.pop() if len(writers) == 1 else None
    if only is None or not is_address(only.email):
        return sender
    return replace(sender, reply_name=only.name, reply_email=only.email)


def _on_trial(content: Content, trial: Trial) -> Content:
    """Say in subject and body whom a letter was meant for, so that nobody takes a trial for the real thing."""
    name, address = (cut(header_safe(value), room) for value, room in ((trial.real_name, 40), (trial.real_email, 254)))
    whom = f"{name} <{address}>".strip()
    subject = header_safe(f"PRØVE til {whom}: {content.subject}")
    return replace(content, subject=subject, trial=f"PRØVE: denne mail var til {whom}.")


def _why(item: Item) -> str:
    """Say in words what a mail is for: its reminder's title, else what kind of mail it is."""
    given = item.row.nudge.values.get("hvorfor")
    told = given if isinstance(given, str) else matter_of(item.text)
    return told or item.row.nudge.why.replace("_", " ")


def _marks(items: Sequence[Item], sender: Sender, footer_links: Mapping[str, str]) -> list[tuple[str, str]]:
    rows = [item.row for item in items]
    programmes = {row.programme_id for row in rows}
    listed = f"program-{programmes.pop()}" if len(programmes) == 1 else "samskabt"
    marks = [
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "da"),
        ("List-Id", f"<{listed}.{_domain(sender)}>"),
        *_unsubscribing(sender, footer_links),
        ("X-Samskabt-Why", _ascii(", ".join(dict.fromkeys(_why(item) for item in items)))),
    ]
    nudge = rows[0].nudge
    if len(rows) == 1 and nudge.uid is not None:
        marks += [("X-Samskabt-UID", _ascii(nudge.uid)), ("X-Samskabt-Sequence", str(nudge.sequence or 0))]
    return marks


def _unsubscribing(sender: Sender, footer_links: Mapping[str, str]) -> list[tuple[str, str]]:
    """Tell mail programs how to stop the mails: by one click (RFC 8058) where there is a page, always by an answer."""
    answer = f"<mailto:{quote(sender.reply_email, safe='@')}?subject=Afmeld%20mails%20fra%20samskabt>"
    page_of = footer_links.get("afmeld", "")
    if not is_web_address(page_of):
        return [("List-Unsubscribe", answer)]
    marks = [("List-Unsubscribe", f"<{page_of}>, {answer}")]
    if page_of.startswith("https://"):
        marks.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return marks


def _ascii(value: str) -> str:
    """Keep what every mail server passes on unchanged: visible ASCII and single spaces, at most 200 characters."""
    spelled = header_safe(one_line(value)).translate(_SPELLED)
    return spelled.encode("ascii", "replace").decode()[:200].strip() or "-"


def _domain(sender: Sender) -> str:
    return sender.email.rpartition("@")[2].lower()
