"""What a mail that came back says: a report that ours was not delivered, an automatic answer, a calendar's, or another.

Everything in it was written by strangers: it is bounded, nothing in it is followed, and whoever reads the result checks
that the Message-ID is one of ours and the address the one that we wrote to.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from typing import Final, TypeAlias

MOST_BYTES: Final = 1_000_000
MOST_PARTS: Final = 50
MOST_TEXT: Final = 100_000
MOST_IDS: Final = 20

_Mail: TypeAlias = "Message[str, str]"

_MESSAGE_ID = re.compile(r"<[^<>\s@\x00-\x1f\x7f]{1,200}@[^<>\s@\x00-\x1f\x7f]{1,200}>")
_ID_LINE = re.compile(
    r"^[> \t]*(?:X-)?(?:Original-)?Message-ID:\s*(<[^<>\s@]{1,200}@[^<>\s@]{1,200}>)", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.:/-])([45])\d\d(?=[ \-#])")
_DAEMON = re.compile(
    r"mailer-daemon|postmaster|mail delivery (?:sub)?system|mail-daemon|microsoft outlook", re.IGNORECASE
)
_FAILED = re.compile(
    r"undeliver|delivery (?:status notification|failed|failure|has failed)|returned mail|failure notice"
    r"|mail delivery failed|could not be delivered|returned to sender"
    r"|ikke leveret|kunne ikke leveres|kan ikke leveres|uleveret",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|warning: |still trying|will be retried|delivery attempts will continue|forsinket", re.IGNORECASE
)
_AUTOMATIC = re.compile(
    r"\s*(?:automatisk svar|autosvar|fraværsbesked|ikke til stede|fraværende|automatic reply|auto(?:matic)?[- ]?reply"
    r"|autoreply|auto(?:matic)?[- ]?response|out of (?:the )?office|ferie:|abwesend|automatische antwort)",
    re.IGNORECASE,
)
_METHOD_REPLY = re.compile(r";\s*method\s*=\s*\"?reply\b", re.IGNORECASE)
_COPY = re.compile(
    r"^-+ ?(?:below this line is a copy|this is a copy of|original message|the header of)", re.IGNORECASE | re.MULTILINE
)


class Kind(StrEnum):
    """What sort of mail came in."""

    BOUNCE = "bounce"
    AUTOMATIC = "automatic"  # out of office, read receipts: neither a bounce nor anybody's answer
    CALENDAR = "calendar"  # an answer to an invitation
    OTHER = "other"  # for a person to read


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on one of our mails: Message-IDs that may be its, to whom it went, and how sure it is.

    ``recipient`` is empty where the report names nobody: such a one is not to be believed. ``status`` is an enhanced
    code (``5.1.1``) or empty. Not permanent means delayed or refused for now: it may still arrive.
    """

    message_ids: tuple[str, ...]
    recipient: str
    status: str
    is_permanent: bool


def read(raw: bytes) -> Bounce | None:
    """Give what a report on a mail of ours says; None for every other mail. Raises nothing."""
    mail = _parsed(raw)
    if mail is None or _is_calendar_reply(mail):
        return None
    return _found(mail)


def kind_of(raw: bytes) -> Kind:
    """Say what sort of mail this is. Raises nothing."""
    mail = _parsed(raw)
    if mail is None:
        return Kind.OTHER
    if _is_calendar_reply(mail):
        return Kind.AUTOMATIC if "auto-replied" in _header(mail, "Auto-Submitted").lower() else Kind.CALENDAR
    if _found(mail):
        return Kind.BOUNCE
    return Kind.AUTOMATIC if _is_automatic(mail) else Kind.OTHER


def answers_to(raw: bytes) -> tuple[str, ...]:
    """Give the Message-IDs of the mails that this one says it answers, the nearest first. Raises nothing."""
    mail = _parsed(raw)
    if mail is None:
        return ()
    nearest = _MESSAGE_ID.findall(_header(mail, "In-Reply-To"))
    before = _MESSAGE_ID.findall(_header(mail, "References"))
    return tuple(dict.fromkeys((*nearest, *reversed(before))))[:MOST_IDS]


def writer_of(raw: bytes) -> str:
    """Give the address that a mail says it is from; empty where it names none or several. Raises nothing."""
    mail = _parsed(raw)
    found = [] if mail is None else getaddresses(mail.get_all("From", []))
    return found[0][1] if len(found) == 1 else ""


def _parsed(raw: bytes) -> _Mail | None:
    """Parse the front of a mail; the old policy, since the new one of Python 3.11 raises on some broken headers."""
    try:
        return email.message_from_bytes(raw[:MOST_BYTES], policy=email.policy.compat32)
    except RecursionError:
        return None  # parts within parts without end: nothing that a mail server writes


def _found(mail: _Mail) -> Bounce | None:
    """Read a report; one in the standard's form that tells of no failure is none, whatever its subject says."""
    blocks = list(_blocks(mail))
    return _standard(mail, blocks) if blocks else _usual(mail)


def _blocks(mail: _Mail) -> Iterator[_Mail]:
    """Give what a report in the form of RFC 3464 says of each recipient; elsewhere such a part is a mere attachment."""
    for report in _parts(mail):
        if report.get_content_type() == "multipart/report":
            for part in _inside(report):
                if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
                    yield from (block for block in _inside(part) if _header(block, "Action"))


def _standard(mail: _Mail, blocks: list[_Mail]) -> Bounce | None:
    """Read the first recipient whom the mail did not reach; a failure that names no error (5.x.x) is not for good.

    RFC 3463: a 4.x.x is given up after trying for days, or a full mailbox, and no fault of the address.
    """
    for block in blocks:
        action, status = _header(block, "Action").strip().lower(), _status(block)
        if action in ("failed", "delayed") and not status.startswith("2"):
            return Bounce(_ids(mail), _recipient(block), status, action == "failed" and status.startswith("5"))
    return None


def _usual(mail: _Mail) -> Bounce | None:
    """Read the reports of servers that have forms of their own, by their header or by who writes, and about what."""
    failed = _ADDRESS.search(_header(mail, "X-Failed-Recipients"))
    is_from_daemon = _DAEMON.search(_header(mail, "From")) or _header(mail, "Return-Path").strip() == "<>"
    subject, text = _header(mail, "Subject"), _text(mail)
    is_about_failure = _FAILED.search(subject) or _DELAYED.search(subject)
    if failed is None and not (is_from_daemon and is_about_failure and not _AUTOMATIC.match(subject)):
        return None
    said = _COPY.split(text, maxsplit=1)[0]
    recipient = failed or _ADDRESS.search(said)
    status, code = _STATUS.search(said), _CODE.search(said)
    first = status[1] if status else code[1] if code else ""
    is_delayed = first == "4" or (first != "5" and bool(_DELAYED.search(subject) or _DELAYED.search(said[:2000])))
    if recipient is None or not (first or is_delayed):
        return Bounce(_ids(mail), "", "", False)  # It says not whom, or not what: for a person to read.
    return Bounce(_ids(mail), recipient[0], status[0] if status else "", not is_delayed)


def _is_calendar_reply(mail: _Mail) -> bool:
    for part in _parts(mail):
        if (
            part.get_content_type() == "text/calendar"
            and _header(part, "Content-Type").lower().replace('"', "").replace(" ", "").find("method=reply") >= 0
        ):
            return True
    return False


def _is_automatic(mail: _Mail) -> bool:
    """Tell what a program answered (RFC 3834 and its forerunners), a receipt, and what a server says of itself."""
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    named = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation")
    if any(_header(mail, name) for name in named):
        return True
    if _header(mail, "Precedence").strip().lower() in ("auto_reply", "auto-reply"):
        return True
    if mail.get_content_type() == "multipart/report":
        return True
    return bool(_AUTOMATIC.match(_header(mail, "Subject")))


def _parts(mail: _Mail) -> Iterator[_Mail]:
    """Walk through a mail's parts, so many and no more; what it returns of ours is not walked into."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += _inside(part)


def _inside(part: _Mail) -> list[_Mail]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _ids(mail: _Mail) -> tuple[str, ...]:
    """Find the Message-IDs that may be that of our mail: the returned one's first, then what the report refers to."""
    found: list[str] = []
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global"):
            found += [one for inner in _inside(part) for one in _MESSAGE_ID.findall(_header(inner, "Message-ID"))]
        elif kind in ("text/rfc822-headers", "message/global-headers", "text/plain", "message/delivery-status"):
            found += _ID_LINE.findall(_decoded(part))
    for name in ("X-Original-Message-ID", "In-Reply-To", "References"):
        found += _MESSAGE_ID.findall(_header(mail, name))
    return tuple(dict.fromkeys(found))[:MOST_IDS]


def _recipient(block: _Mail) -> str:
    """Give the address that we wrote to where the report says it, else the one where the mail ended."""
    for name in ("Original-Recipient", "Final-Recipient"):
        found = _ADDRESS.search(_header(block, name).partition(";")[2])
        if found:
            return found[0]
    return ""


def _status(block: _Mail) -> str:
    """Give the code of a recipient; where it says only how bad it is (Exim: ``5.0.0``), the one that was answered."""
    found = _STATUS.search(_header(block, "Status"))
    if found is None:
        return ""
    said = _STATUS.search(_header(block, "Diagnostic-Code")) if found[0].endswith(".0.0") else None
    return said[0] if said and said[1] == found[1] else found[0]


def _header(mail: _Mail, name: str) -> str:
    """Give a header's words, decoded where it names a charset that exists."""
    value = str(mail.get(name, ""))[:2000]
    try:
        return str(make_header(decode_header(value))) if "=?" in value else value
    except (HeaderParseError, LookupError, ValueError):
        return value


def _text(mail: _Mail) -> str:
    kinds = ("text/plain", "text/html")
    return "\n".join(_decoded(part) for part in _parts(mail) if part.get_content_type() in kinds)[:MOST_TEXT]


def _decoded(part: _Mail) -> str:
    try:
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            return payload[:MOST_TEXT].decode("utf-8", "replace")
        return "\n".join(str(inner) for inner in _inside(part)[:MOST_PARTS])[:MOST_TEXT]
    except (LookupError, ValueError, TypeError, AttributeError):  # such as a character set that there is not
        return ""
