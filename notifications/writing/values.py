"""What goes into a letter and what comes out of it, as values; knows neither how it is worded nor how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.errors import InvalidInput
from ...engine.values import OutboxRow, Recipient
from ..texts import Text

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+")
_WEB = re.compile(r"https?://[A-Za-z0-9.\[\]:_~@-]+(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
_LONGEST_URL = 900


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mails come from, and the person who reads the answers.

    Raises InvalidInput for an unusable address at once: a wrong setting must not use up every mail's attempts.
    """

    name: str
    email: str
    reply_name: str
    reply_email: str

    def __post_init__(self) -> None:
        checked_address(self.email, "sender email")
        checked_address(self.reply_email, "sender reply_email")


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail: its identity, its envelope and its bytes (RFC 5322, CRLF, 7-bit)."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a message, in which role (empty: in none), and where answers reach her (empty: nowhere)."""

    name: str
    role: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What a workflow calls what a row has only keys for; empty where nobody has looked.

    ``role`` is what the reader is in it, ``programme`` its short title, ``in_charge`` the people who answer for what
    the mail is about, ``writer`` the person whose own words it holds.
    """

    role: str = ""
    programme: str = ""
    in_charge: tuple[Recipient, ...] = ()
    writer: Writer | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a letter is about, with the words that its workflow has for it."""

    row: OutboxRow
    text: Text
    named: Named = Named()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a letter; a ``text/calendar`` is shown by mail programs too, when ``params`` name its method."""

    filename: str
    maintype: str
    subtype: str
    params: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Trial:
    """Whom a letter was meant for when every letter goes to one address."""

    real_name: str
    real_email: str


def is_address(email: str) -> bool:
    """Tell whether this can be written to: one plain ASCII address, no names, no lists, no quoting."""
    return len(email) <= 254 and _ADDRESS.fullmatch(email) is not None


def checked_address(email: str, whose: str) -> str:
    """Give the address back. Raises InvalidInput, which never repeats it, when it cannot be written to."""
    if not is_address(email):
        raise InvalidInput(whose, "has no usable mail address; write one plain address such as navn@kommune.dk")
    return email


def is_web_address(url: str) -> bool:
    """Tell whether this may become a link: http or https, plain ASCII, no spaces, quotes or brackets of a header."""
    return len(url) <= _LONGEST_URL and _WEB.fullmatch(url) is not None
