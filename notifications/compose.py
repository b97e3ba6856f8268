"""How an outbox row becomes one person's mail: pure, same input same bytes; knows no clock, network or database."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType
from typing import assert_never

from ..engine.civil.danish import slug
from ..engine.civil.instants import local
from ..engine.errors import InvalidInput
from ..engine.values import Intent, Nudge, OutboxRow, Recipient
from .facts import facts, first_name
from .texts import KNOWN_PLACEHOLDERS, Text, one_line, placeholders, substitute

WIDTH = 72
LONGEST_SUBJECT = 90
SHORTEST_TITLE = 20
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+")
_SPELLED: Mapping[int, str] = MappingProxyType(
    {ord(a): b for a, b in zip("æøåÆØÅ", ("ae", "oe", "aa", "Ae", "Oe", "Aa"), strict=True)}
)
_GREETS = re.compile(r"\s*(kære|hej)\b", re.IGNORECASE)
_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "": "",
        "Aflyst": "Status: AFLYST",
        "Opdateret": "Status: opdateret, gælder i stedet for den tidligere indkaldelse",
    }
)
_MEETING = (("Hvad", "titel"), ("Hvornår", "hvornaar"), ("Før", "tidligere"), ("Hvor", "sted"))
_FRESH = timedelta(days=1)


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
        _address(self.name, self.email, "sender email")
        _address(self.reply_name, self.reply_email, "sender reply_email")


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail: its identity, its envelope and its bytes (RFC 5322, CRLF, the body 8bit UTF-8)."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    content: bytes


def compose(row: OutboxRow, recipient: Recipient, text: Text, sender: Sender, now: datetime) -> Mail:
    """Write the mail to one recipient; ``now`` is the aware instant that days are counted from.

    The Message-ID depends on instance, nudge key and person alone, so a second attempt is the same mail to whoever
    gets it. Raises InvalidInput for an unusable address or a placeholder that does not exist.
    """
    known = facts(row, recipient, now)
    values = {name: known.get(name, spot.fallback) for name, spot in KNOWN_PLACEHOLDERS.items()}
    values |= {"kontakt": sender.reply_name}
    stops = known.get("stopper") or _filled(text.stops, values, row)
    values |= {"stopper": stops or values["stopper"]}
    subject = _subject(text, values, row)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender.name, sender.email, "sender email")
    message["To"] = _address(recipient.name, recipient.email, f"recipient {recipient.person_id}")
    message["Reply-To"] = _address(sender.reply_name, sender.reply_email, "sender reply_email")
    message["Subject"] = subject
    message["Date"] = local(_sent_at(row, now))
    identity = message_id(row, recipient, sender)
    message["Message-ID"] = identity
    message.set_content(_body(row, recipient, text, sender, known, values, stops), cte="8bit")
    for name, value in _marks(row, sender):  # after the content: setting it drops every Content- header
        message[name] = value
    return Mail(identity, sender.email, recipient.email, subject, message.as_bytes())


def message_id(row: OutboxRow, recipient: Recipient, sender: Sender) -> str:
    """Derive the mail's identity from instance, nudge key and person; the readable part in front is of these too."""
    source = f"{row.instance_id}\n{recipient.person_id}\n{row.nudge.key}"
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    readable = "-".join(filter(None, (slug(row.nudge.key)[:20].strip("-"), str(row.instance_id))))
    return f"<{readable}.{digest}@{_domain(sender)}>"


def is_address(email: str) -> bool:
    """Tell whether this can be written to: one plain ASCII address, no names, no lists, no quoting."""
    return len(email) <= 254 and _ADDRESS.fullmatch(email) is not None


def _address(name: str, email: str, whose: str) -> Address:
    if not is_address(email):
        raise InvalidInput(whose, "has no usable mail address; write one plain address such as navn@kommune.dk")
    return Address(_header(name), addr_spec=email)


def _header(value: str) -> str:
    """Make a value safe in a header: one line, and no encoded word, which the email package would decode again."""
    return one_line(value).replace("=?", "= ?")


def _subject(text: Text, values: Mapping[str, str], row: OutboxRow) -> str:
    """Fill the subject; of a long one the title is cut, since the place and the day stand behind it."""
    whole, title = _headed(text, values, row), values["titel"]
    room = len(title) - (len(whole) - LONGEST_SUBJECT)
    if SHORTEST_TITLE <= room < len(title):
        whole = _headed(text, {**values, "titel": _cut(title, room)}, row)
    return _cut(whole, LONGEST_SUBJECT)


def _headed(text: Text, values: Mapping[str, str], row: OutboxRow) -> str:
    subject = _header(substitute(text.subject, values, text=row.nudge.template))
    state = _state(row.nudge)
    if state and not subject.casefold().startswith((state.casefold(), "aflyst", "ændret", "flyttet", "ny tid")):
        return f"{state}: {subject}"
    return subject


def _cut(value: str, room: int) -> str:
    """Shorten between two words, or within one that is most of it."""
    shown = textwrap.shorten(value, room, placeholder=" …")
    return shown if len(shown) > room // 2 or shown == value else f"{value[: room - 1]}…"


def _sent_at(row: OutboxRow, now: datetime) -> datetime:
    """Date the mail when it was queued, so that attempts are alike; one held for long would drown in old mail."""
    return row.queued_at if now - row.queued_at < _FRESH else now


def _marks(row: OutboxRow, sender: Sender) -> list[tuple[str, str]]:
    marks = [
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "da"),
        ("List-Id", f"<program-{row.programme_id}.{_domain(sender)}>"),
        ("X-Samskabt-Why", _ascii(row.nudge.why)),
    ]
    if row.nudge.uid is not None:
        marks += [("X-Samskabt-UID", _ascii(row.nudge.uid)), ("X-Samskabt-Sequence", str(row.nudge.sequence or 0))]
    return marks


def _ascii(value: str) -> str:
    """Keep what every mail server passes on unchanged: visible ASCII and single spaces, at most 200 characters."""
    spelled = _header(value).translate(_SPELLED)
    return spelled.encode("ascii", "replace").decode()[:200].strip() or "-"


def _domain(sender: Sender) -> str:
    return sender.email.rpartition("@")[2].lower()


def _body(
    row: OutboxRow,
    recipient: Recipient,
    text: Text,
    sender: Sender,
    known: Mapping[str, str],
    values: Mapping[str, str],
    stops: str,
) -> str:
    told = placeholders(text.body)
    said = _filled(text.body, values, row).strip()
    parts = [
        *([] if _GREETS.match(text.body) else [_greeting(recipient)]),
        said,
        _meeting(row.nudge, known, values),
        _where_to_act(row.nudge.intent, known, told),
        " ".join(
            [
                *([] if "hvorfor" in told else [f"Derfor får du denne mail: {_ended(values['hvorfor'])}"]),
                *([] if "stopper" in told else [_ending(row.nudge.intent, stops)]),
            ]
        ),
        "\n".join(dict.fromkeys(["Med venlig hilsen", one_line(sender.reply_name), one_line(sender.name)])),
    ]
    return "\n\n".join(_wrap(part) for part in parts if part) + "\n"


def _filled(template: str, values: Mapping[str, str], row: OutboxRow) -> str:
    return substitute(template, values, text=row.nudge.template)


def _greeting(recipient: Recipient) -> str:
    name = first_name(recipient.name)
    return f"Kære {name}" if name else "Hej"


def _state(nudge: Nudge) -> str:
    match nudge.intent:
        case Intent.CANCELLATION:
            return "Aflyst"
        case Intent.INVITATION:
            return "Opdateret" if nudge.sequence else ""
        case Intent.NUDGE | Intent.NOTICE:
            return ""
        case never:
            assert_never(never)


def _meeting(nudge: Nudge, known: Mapping[str, str], values: Mapping[str, str]) -> str:
    """State a meeting's facts whatever the text says: not every mail program shows what a calendar file holds."""
    match nudge.intent:
        case Intent.INVITATION:
            always = {"titel", "hvornaar", "sted"}
        case Intent.CANCELLATION:
            always = {"titel", "hvornaar"}
        case Intent.NUDGE | Intent.NOTICE:
            return ""
        case never:
            assert_never(never)
    status = _STATUS[_state(nudge)]
    shown = [(label, name) for label, name in _MEETING if name in always or name in known]
    return "\n".join([*([status] if status else []), *(f"{label}: {values[name]}" for label, name in shown)])


def _where_to_act(intent: Intent, known: Mapping[str, str], told: frozenset[str]) -> str:
    if "link" in known and "link" not in told:
        return f"{'Det gør du' if intent is Intent.NUDGE else 'Se mere'} her: {known['link']}"
    if "kommando" in known and not told & {"kommando", "link"}:
        return f"Fra kommandolinjen: {known['kommando']}"
    return ""


def _ending(intent: Intent, stops: str) -> str:
    if stops.startswith(("Stopper", "Kommer")):  # a workflow's reminder writes the whole sentence
        return _ended(f"Den {stops[0].lower()}{stops[1:]}")
    if stops:
        return _ended(f"Den stopper, når {stops}")
    match intent:
        case Intent.NUDGE:
            return "Den stopper, når det er registreret."
        case Intent.INVITATION:
            return "Du hører kun igen, hvis noget ændrer sig, og lige før vi mødes."
        case Intent.NOTICE | Intent.CANCELLATION:
            return "Du får den kun denne ene gang."
        case never:
            assert_never(never)


def _ended(sentence: str) -> str:
    """End a sentence with one full stop; a question keeps its own mark."""
    return sentence if sentence.endswith(("?", "!")) else f"{sentence.rstrip('.')}."


def _wrap(part: str) -> str:
    return "\n".join(_wrap_line(line) for line in part.splitlines())


def _wrap_line(line: str) -> str:
    """Break at spaces only, so that addresses stay whole; the lines of a list point hang."""
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
