"""The bytes of a mail: its headers, its parts and their encodings (RFC 5322, 2045); knows no words and no rows.

All of it is written here: the standard library's email package (3.11) needs 5 ms for a mail, draws the boundaries by
chance, and moves a space when it folds some long Danish subjects. The tests read every mail back with that package.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ...engine.errors import InvalidInput
from .values import Attachment
from .wording import header_safe

Head: TypeAlias = Sequence[tuple[str, str]]
"""Headers by name whose values are plain ASCII in one line."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$&+.^_-]{1,127}")
_QUOTABLE = re.compile(r"[ !#-\[\]-~]{0,200}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{1,250}>")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 -]{1,60}")
_LONE_DOT = re.compile(rb"^\.(?=\r\n)", re.MULTILINE)  # Ends a mail in SMTP; b2a_qp leaves some behind a soft break.
_LONGEST_LINE = 76
_WORD_BYTES = 42
_END = "\r\n"


def person(header: str, name: str, email: str) -> bytes:
    """Write a header that names one person; the address has been checked."""
    said = header_safe(name)
    if not said:
        return f"{header}: {email}{_END}".encode("ascii")
    shown = said if _PLAIN_NAME.fullmatch(said) else _quoted(said) or _encoded_words(said)
    return f"{header}: {shown}{_END} <{email}>{_END}".encode("ascii")


def words(header: str, value: str) -> bytes:
    """Write a header of free words; what is not short and ASCII is encoded (RFC 2047)."""
    said = header_safe(value)
    is_plain = said.isascii() and len(header) + len(said) + 2 <= _LONGEST_LINE
    return f"{header}: {said if is_plain else _encoded_words(said)}{_END}".encode("ascii")


def _quoted(said: str) -> str:
    """Quote a short name in ASCII; empty for any other."""
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if said.isascii() and len(escaped) <= _WORD_BYTES else ""


def _encoded_words(said: str) -> str:
    """Encode a text as words of base64, each a line of its own and none with half a character in it."""
    chunks: list[bytes] = [b""]
    for sign in said:
        encoded = sign.encode("utf-8", "replace")
        if len(chunks[-1]) + len(encoded) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += encoded
    return f"{_END} ".join(f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?=" for chunk in chunks)


def plain_head(head: Head) -> bytes:
    """Write headers as they are, unfolded. Raises InvalidInput for one that is not a single line of visible ASCII."""
    lines = []
    for name, value in head:
        if not value.isascii() or not value.isprintable() or len(name) + len(value) > 990:
            raise InvalidInput(f"header {name}", "must be one line of visible ASCII, at most 990 characters")
        lines.append(f"{name}: {value}{_END}")
    return "".join(lines).encode("ascii")


def checked_message_id(message_id: str) -> str:
    """Give the Message-ID back. Raises InvalidInput unless it has the form <left@right>."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise InvalidInput("message_id", "has not the form <left@right> in plain ASCII")
    return message_id


def parts(text: str, html: str, attachments: Sequence[Attachment], seed: str) -> bytes:
    """Write everything below the other headers, beginning with MIME-Version; ``seed`` makes the boundaries.

    Calendars follow the HTML as the third alternative, with their method, and come once more as a file: Outlook and
    Gmail read the one, everybody else can open the other. No boundary can occur in a part, for neither
    quoted-printable nor base64 can hold ``=_``.
    """
    mark = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    shown = [_text("plain", text), _text("html", html), *(_calendar(one) for one in attachments if _is_calendar(one))]
    body = _multipart("alternative", f"=_a{mark}", shown)
    if attachments:
        body = _multipart("mixed", f"=_m{mark}", [body, *(_file(one) for one in attachments)])
    return f"MIME-Version: 1.0{_END}".encode() + body


def _multipart(kind: str, boundary: str, inside: Sequence[bytes]) -> bytes:
    begin = f'Content-Type: multipart/{kind};{_END} boundary="{boundary}"{_END}{_END}'.encode()
    between = f"--{boundary}{_END}".encode()
    return begin + b"".join(between + one + _END.encode() for one in inside) + f"--{boundary}--{_END}".encode()


def _text(kind: str, text: str) -> bytes:
    """Write a part of text as quoted-printable, which no mail server on the way needs to change."""
    lines = text.encode("utf-8", "replace").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{kind}; charset="utf-8"{_END}Content-Transfer-Encoding: quoted-printable{_END}{_END}'
    return head.encode() + _LONE_DOT.sub(b"=2E", b2a_qp(lines))


def _is_calendar(one: Attachment) -> bool:
    return (one.maintype.lower(), one.subtype.lower()) == ("text", "calendar")


def _calendar(one: Attachment) -> bytes:
    params = {"charset": "utf-8", **one.params}
    return _typed(one.maintype, one.subtype, params) + _encoded(one.content)


def _file(one: Attachment) -> bytes:
    """Write a file; that of a calendar is of another type, or mail programs would show the invitation twice."""
    name = _NOT_IN_A_NAME.sub("-", one.filename).strip("-.")[:80] or "fil"
    kind = ("application", "ics") if _is_calendar(one) else (one.maintype, one.subtype)
    params = {} if _is_calendar(one) else one.params
    disposition = f'Content-Disposition: attachment; filename="{name}"{_END}'
    return _typed(*kind, {**params, "name": name}) + disposition.encode() + _encoded(one.content)


def _typed(maintype: str, subtype: str, params: Mapping[str, str]) -> bytes:
    """Write a Content-Type. Raises InvalidInput for what is no MIME token or would end the line."""
    for word in (maintype, subtype, *params):
        if not _TOKEN.fullmatch(word):
            raise InvalidInput("attachment", f"{word[:40]!r} is not a word of a MIME type")
    shown = [f"Content-Type: {maintype}/{subtype}"]
    for name, value in params.items():
        if not _QUOTABLE.fullmatch(value):
            raise InvalidInput("attachment", f"the parameter {name} must be plain ASCII without quotes")
        shown.append(f"{name}={value}" if _TOKEN.fullmatch(value) else f'{name}="{value}"')
    return f";{_END} ".join(shown).encode() + _END.encode()


def _encoded(content: bytes) -> bytes:
    lines = encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    return f"Content-Transfer-Encoding: base64{_END}{_END}".encode() + lines
