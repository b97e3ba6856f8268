"""What an answer of a mail server means for a mail: whose fault it is and whether to try again; opens nothing.

A refusal belongs to the mail only where it speaks of this mail: its recipient, its size, its contents. Everything else
(no sign-in, no right to relay, a sender that is not ours) is the installation's, and no mail may die of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_TEXT = 200
_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Verb(StrEnum):
    """Where in the conversation a mail server answered."""

    CONNECT = "connecting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    DOT = "the end of the mail"


class Blame(StrEnum):
    """What a refusal concerns, and so what becomes of the mail."""

    LATER = "later"  # this mail, another time
    MAIL = "mail"  # this mail, for good
    SERVER = "server"  # every mail, until somebody mends it


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: three digits and words, as they came."""

    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        """Tell whether the server agreed."""
        return 200 <= self.code < 400

    @property
    def enhanced(self) -> tuple[int, int, int] | None:
        """Give the enhanced status code (RFC 3463), where the answer has one."""
        found = _ENHANCED.match(self.text)
        return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


# Codes of RFC 4954 and 3207 that speak of the session, wherever they come.
_OF_THE_SESSION = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
_OF_THE_SENDER = frozenset({(1, 7), (1, 8)})  # bad sender's mailbox, bad sender's system
_TOO_LARGE = frozenset({(2, 3), (3, 4)})


def blame(verb: Verb, reply: Reply) -> Blame:
    """Say what a refusal concerns."""
    status = reply.enhanced[1:] if reply.enhanced else None
    match verb:
        case Verb.CONNECT | Verb.EHLO | Verb.STARTTLS | Verb.AUTH:
            return Blame.SERVER
        case Verb.MAIL:
            # Of this mail the server knows its size so far; everything else it would say to any mail.
            is_too_large = reply.code == 552 or (reply.code >= 500 and status in _TOO_LARGE)
            return Blame.MAIL if is_too_large else Blame.SERVER
        case _ if reply.code < 500:
            return Blame.LATER
        case Verb.RCPT:
            return Blame.SERVER if _is_about_us(reply.code, status) else Blame.MAIL
        case Verb.DATA | Verb.DOT:
            return Blame.SERVER if _is_unproven(status) or reply.code in (530, 535) else Blame.MAIL


def _is_about_us(code: int, status: tuple[int, ...] | None) -> bool:
    """Tell a refusal at RCPT that is not the recipient's: many servers delay what they hold against a sender."""
    if status is None:
        return code in _OF_THE_SESSION
    return status[0] in (5, 7) or status in _OF_THE_SENDER


def _is_unproven(status: tuple[int, ...] | None) -> bool:
    """Tell a refusal because the sender's domain does not vouch for the mail (RFC 7372: SPF, DKIM, reverse DNS)."""
    return status is not None and status[0] == 7 and 20 <= status[1] <= 30


def shown(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Make a server's words fit to be kept and shown: one line, bounded, and free of what it may have repeated."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    for secret in secrets:
        line = line.replace(secret, "***")
    return line[:LONGEST_TEXT]
