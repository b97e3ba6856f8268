"""The one loop that empties the outbox: claim, compose, send, report; knows neither the database nor the mail server.

Sending happens outside any transaction and at least once: after a crash a mail goes out again with its Message-ID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from ..engine.errors import DeliveryFailed, InvalidInput, NotFound
from ..engine.values import OutboxRow
from .compose import Mail, Sender, compose, is_address
from .logs import logger, place_of
from .mailer import Mailer
from .texts import Text

Settled: TypeAlias = Literal["sent", "withdrawn", "held", "dead"]
Texts: TypeAlias = Callable[[OutboxRow], Text]

BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long to wait after each failed attempt; the attempt after the last of them is the final one."""


class OutboxPort(Protocol):
    """What the loop needs of the outbox. Answers False when a newer attempt (fence) has taken the row over."""

    def claim(self, now: datetime, limit: int) -> Sequence[OutboxRow]:
        """Lease at most ``limit`` due rows, each with its fence raised by one."""

    def delivered(self, row: OutboxRow, person_id: int, message_id: str, now: datetime) -> bool:
        """Note that this person's mail was handed over."""

    def settle(self, row: OutboxRow, status: Settled, now: datetime, note: str) -> bool:
        """Close the row; ``note`` is Danish and shown to people."""

    def retry(self, row: OutboxRow, at: datetime, error: str) -> bool:
        """Give the row back, due again at that instant."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many rows ended how; ``failed`` counts those to be tried again and those given up."""

    sent: int = 0
    withdrawn: int = 0
    held: int = 0
    failed: int = 0


class _End(StrEnum):
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    FAILED = "failed"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of one row's mails: persons by number, and the error that makes another attempt worth while."""

    sent: tuple[int, ...] = ()
    unusable: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    later: str | None = None


_log = logger("samskabt.notifications")


def deliver(
    outbox: OutboxPort, mailer: Mailer, texts: Texts, sender: Sender, now: datetime, limit: int = 20
) -> DeliveryReport:
    """Deliver one batch of due rows; one broken row never stops the others.

    A moot row is withdrawn; one without anybody to write to is held for people to see. What fails is tried again after
    ``BACKOFF`` and given up (dead) at the attempt after that; ``row.fence`` is the attempt's number.
    """
    ends = Counter(_guarded(outbox, mailer, texts, sender, now, row) for row in outbox.claim(now, limit))
    return DeliveryReport(ends[_End.SENT], ends[_End.WITHDRAWN], ends[_End.HELD], ends[_End.FAILED])


def _guarded(outbox: OutboxPort, mailer: Mailer, texts: Texts, sender: Sender, now: datetime, row: OutboxRow) -> _End:
    try:
        end = _deliver_row(outbox, mailer, texts, sender, now, row)
    except Exception as error:
        _complain("outbox_row_broke", row, error)
        end = _give_back(outbox, row, now, f"uventet fejl ({type(error).__name__})")
    if end is _End.OVERTAKEN:
        _log.warning("outbox_row_overtaken", row_id=row.id, instance_id=row.instance_id, attempt=row.fence)
    return end


def _deliver_row(
    outbox: OutboxPort, mailer: Mailer, texts: Texts, sender: Sender, now: datetime, row: OutboxRow
) -> _End:
    if row.is_moot:
        return _settle(outbox, row, "withdrawn", now, "det, mailen handlede om, er klaret, udløbet eller sat i bero")
    if not row.recipients:
        return _settle(outbox, row, "held", now, f"ingen har {_whom(row)}; mailen venter, til en person har rollen")
    try:
        mails = _compose_all(row, texts(row), sender, now)
    except (InvalidInput, NotFound) as error:
        _complain("outbox_text_unusable", row, error)
        return _settle(outbox, row, "dead", now, f"mailen kan ikke skrives: {error}")
    tried = _send_all(outbox, mailer, row, mails, now)
    return _End.OVERTAKEN if tried is None else _conclude(outbox, row, tried, now)


def _compose_all(row: OutboxRow, text: Text, sender: Sender, now: datetime) -> dict[int, Mail | None]:
    """Compose every mail before the first is sent: person -> mail, None where the address is unusable."""
    return {
        person.person_id: compose(row, person, text, sender, now) if is_address(person.email) else None
        for person in row.recipients
    }


def _send_all(
    outbox: OutboxPort, mailer: Mailer, row: OutboxRow, mails: dict[int, Mail | None], now: datetime
) -> _Tried | None:
    """Send to each; one who cannot be reached does not keep the mail from the others. None: the row was overtaken."""
    sent, refused, later = [], [], None
    for person_id, mail in mails.items():
        if mail is None:
            continue
        try:
            mailer.send(mail)
        except DeliveryFailed as error:
            _complain("outbox_mail_not_accepted", row, error, person_id=person_id, again=error.retry)
            if error.retry:
                later = str(error)
            else:
                refused.append(person_id)
            continue
        if not outbox.delivered(row, person_id, mail.message_id, now):
            return None
        sent.append(person_id)
    unusable = tuple(person_id for person_id, mail in mails.items() if mail is None)
    return _Tried(tuple(sent), unusable, tuple(refused), later)


def _conclude(outbox: OutboxPort, row: OutboxRow, tried: _Tried, now: datetime) -> _End:
    if tried.later is not None:
        return _give_back(outbox, row, now, tried.later)
    unreached = tried.unusable + tried.refused
    whom = ", ".join(f"person {person_id}" for person_id in unreached)
    if tried.sent:
        return _settle(outbox, row, "sent", now, f"ikke leveret til {whom}; ret mailadressen" if unreached else "")
    if tried.refused:
        return _settle(outbox, row, "dead", now, f"mailserveren afviste {whom} ({_whom(row)}); ret mailadressen")
    return _settle(outbox, row, "held", now, f"{whom} ({_whom(row)}) har ingen brugbar mailadresse; ret den")


def _give_back(outbox: OutboxPort, row: OutboxRow, now: datetime, error: str) -> _End:
    """Ask for another attempt, or give up after the last; when even that fails, the lease runs out by itself."""
    try:
        if row.fence > len(BACKOFF):
            return _settle(outbox, row, "dead", now, f"opgivet efter {row.fence} forsøg: {error}")
        return _End.FAILED if outbox.retry(row, now + BACKOFF[max(row.fence, 1) - 1], error) else _End.OVERTAKEN
    except Exception as trouble:
        _complain("outbox_row_stuck", row, trouble)
        return _End.FAILED


def _settle(outbox: OutboxPort, row: OutboxRow, status: Settled, now: datetime, note: str) -> _End:
    if not outbox.settle(row, status, now, note):
        return _End.OVERTAKEN
    return _End.FAILED if status == "dead" else _End(status)


def _whom(row: OutboxRow) -> str:
    """Name the role and the place that people must look at."""
    role = row.nudge.role.replace("_", " ")
    return f"rollen {role} i {row.kommune_name or row.kommune or row.programme_title}"


def _complain(event: str, row: OutboxRow, error: Exception, **more: int | bool) -> None:
    """Log numbers and the error's class and place; its message may hold an address."""
    _log.error(
        event,
        row_id=row.id,
        instance_id=row.instance_id,
        attempt=row.fence,
        error=type(error).__name__,
        at=place_of(error),
        **more,
    )
