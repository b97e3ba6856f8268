"""Reads what calendars answer (iTIP REPLY and COUNTER) out of a mail; trusts nothing of it and raises nothing.

A reply is read line by line here rather than by a library: it is bounded, and whatever is not a reply is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from ..writing.values import is_address

MOST_BYTES: Final = 512 * 1024
"""No reply is longer; a mail with large attachments is none."""

MOST_PARTS: Final = 40
MOST_LINES: Final = 2_000
LONGEST_LINE: Final = 2_000
CALENDAR: Final = "VCALENDAR"
EVENT: Final = "VEVENT"
LARGEST_SEQUENCE: Final = 2**31 - 1

Said: TypeAlias = Literal["kommer", "kommer_ikke", "maaske", "videregivet"]

_MEANS: Mapping[str, Said] = MappingProxyType(
    {
        "ACCEPTED": "kommer",
        "DECLINED": "kommer_ikke",
        "TENTATIVE": "maaske",
        "DELEGATED": "videregivet",
    }
)
_UNFOLDED = re.compile(r"\r?\n[ \t]")
_PARAM = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"\x00-\x08\x0a-\x1f]*"|[^;:,"\x00-\x08\x0a-\x1f]*)')
_MORE = re.compile(r',("[^"]*"|[^;:,"]*)')
_NESTING = re.compile(rb"(?i)multipart|message/")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a calendar; what was written beside it is dropped.

    ``sender`` is the address that the mail says it is from: whether that is true is for the mail server to check
    (DKIM). ``is_counter`` tells that another time is proposed. ``stamp`` is DTSTAMP as it stands there, else
    the date of the mail, if it has one.
    """

    uid: str
    sequence: int | None
    attendee: str
    answer: Said | None
    sender: str
    is_counter: bool = False
    stamp: str = ""


def read_reply(raw: bytes) -> Reply | None:
    """Read the first reply in a mail: a ``text/calendar`` part or a file ending in .ics; None where there is none."""
    if len(raw) > MOST_BYTES or len(_NESTING.findall(raw)) > MOST_PARTS:
        return None
    try:
        mail = message_from_bytes(raw, policy=compat32)
        sender = _sender(mail)
        found = (_reply(text, sender) for text in _calendars(mail)) if sender else iter(())
        reply = next((reply for reply in found if reply is not None), None)
        return replace(reply, stamp=_dated(mail)) if reply is not None and not reply.stamp else reply
    # What the standard library raises on a broken mail depends on how it is broken.
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


def _sender(mail: Message) -> str | None:
    """Give the one address that the mail is from; two of them are nobody's."""
    headers = [str(header) for header in mail.get_all("From", [])]
    found = [address for _, address in getaddresses(headers) if address]
    if len(headers) != 1 or len(found) != 1 or not is_address(found[0]):
        return None
    return found[0].casefold()


def _dated(mail: Message) -> str:
    """Give the mail's own date as a DTSTAMP, for a calendar that wrote none."""
    try:
        return parsedate_to_datetime(str(mail.get("Date", ""))).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, OverflowError):
        return ""


def _calendars(mail: Message) -> Iterator[str]:
    for count, part in enumerate(mail.walk()):
        if count > MOST_PARTS:
            return
        name = str(part.get_filename() or "").casefold()
        if part.is_multipart() or not (part.get_content_type() == "text/calendar" or name.endswith(".ics")):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.decode("utf-8-sig", "replace")


def _reply(text: str, sender: str) -> Reply | None:
    """Read the first event of a calendar; a second value of a property that may stand once makes it none."""
    lines = _UNFOLDED.sub("", text).splitlines()
    if len(lines) > MOST_LINES or not lines or lines[0].strip().upper() != f"BEGIN:{CALENDAR}":
        return None
    method, inside, found, attendees = "", list[str](), dict[str, str](), list[tuple[Mapping[str, str], str]]()
    for name, params, value in filter(None, map(_line, lines)):
        match name, value.strip().upper():
            case "BEGIN", component:
                inside.append(component)
            case "END", component if component == EVENT:
                break
            case "END", _:
                del inside[-1:]
            case "METHOD", asked if inside == [CALENDAR]:
                method = asked
            case "ATTENDEE", _ if inside == [CALENDAR, EVENT]:
                attendees.append((params, value))
            case (("UID" | "SEQUENCE" | "DTSTAMP"), _) if inside == [CALENDAR, EVENT]:
                if name in found:
                    return None
                found[name] = value.strip()
            case _:
                pass
    if method not in ("REPLY", "COUNTER") or len(attendees) != 1 or not 0 < len(found.get("UID", "")) <= 200:
        return None
    params, whom = attendees[0]
    address = whom.strip()[7:].casefold() if whom.strip()[:7].casefold() == "mailto:" else ""
    answer = _MEANS.get(params.get("PARTSTAT", "").upper())
    if not is_address(address) or (answer is None and method == "REPLY"):
        return None
    sequence = found.get("SEQUENCE", "")
    number = int(sequence) if re.fullmatch(r"[0-9]{1,10}", sequence) else None
    if number is not None and number > LARGEST_SEQUENCE:
        return None
    stamp = found.get("DTSTAMP", "")[:40]
    return Reply(found["UID"], number, address, answer, sender, method == "COUNTER", stamp)


def _line(line: str) -> tuple[str, Mapping[str, str], str] | None:
    """Take a content line apart: name, parameters (the last value of each), value."""
    if len(line) > LONGEST_LINE:
        return None
    head = re.match(r"[A-Za-z0-9-]{1,60}", line)
    if head is None:
        return None
    place, params = head.end(), dict[str, str]()
    while (param := _PARAM.match(line, place)) is not None:
        params[param[1].upper()] = param[2].strip('"')
        place = param.end()
        while place < len(line) and line[place] == ",":  # More values of the same parameter say nothing to us.
            more = _MORE.match(line, place)
            if more is None:
                return None
            place = more.end()
    return (head[0].upper(), params, line[place + 1 :]) if line[place : place + 1] == ":" else None
