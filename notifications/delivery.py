"""The one loop that sends letters: claim, compose, send, report; knows neither the database nor the mail server.

Sending happens outside any transaction and at least once: after a crash a letter goes out again with its Message-ID.
Whatever goes wrong once the mailer has a mail in hand leaves a doubt whether it is out, and a doubt is never forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from ..engine.errors import DeliveryFailed, InvalidInput, NotFound, NotYet
from ..engine.values import OutboxRow, Recipient
from .compose import Mail, is_address
from .logs import logger, place_of
from .mailer import Mailer, Paced
from .writing.values import Attachment

Settled: TypeAlias = Literal["sent", "withdrawn", "held", "dead", "doubtful"]

BACKOFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long to wait after each failed attempt; the attempt after the last of them is the final one."""

SERVER_DOWN = "mailserveren kan ikke bruges lige nu; mailen venter på den"
PACED = "venter et øjeblik: en mailserver får kun så mange mails ad gangen"
MAYBE_OUT = "måske er mailen nået frem"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to send for the time of its lease: to whom, about what, and which attempt it is.

    ``attempt`` counts from 1; ``is_once`` says that it must not be sent again where a mail server may have taken it,
    ``is_doubtful`` that one may have taken an earlier attempt: then ``dated_at`` is when that was, and it goes as it
    was written then.
    """

    id: int
    fence: int
    attempt: int
    message_id: str
    recipient: Recipient
    rows: tuple[OutboxRow, ...]
    is_once: bool = False
    links: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    footer_links: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    is_doubtful: bool = False
    dated_at: datetime | None = None


Ready: TypeAlias = Callable[[str], NotYet | None]
"""Says why a mail to an address could not be tried now; None where it can."""

Write: TypeAlias = Callable[[Claimed, datetime], Mail]
"""Composes a letter; raises InvalidInput or NotFound where its words are wrong."""


class LetterPort(Protocol):
    """What the loop needs of the letters. Answers False when a newer attempt (fence) has taken the letter over."""

    def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Name at most ``limit`` letters that it is time to try."""

    def claim(self, letter_id: int, now: datetime, ready: Ready) -> Claimed | Settled | None:
        """Lease a letter; or say how it came to its end just now; None where there is nothing to send at present.

        ``ready`` is asked before anything is made for the letter; one that could not be tried waits, at no cost.
        """

    def sent(self, letter: Claimed, now: datetime) -> bool:
        """Note that a mail server took it."""

    def settle(self, letter: Claimed, status: Settled, now: datetime, note: str) -> bool:
        """Close the letter; ``note`` is Danish and shown to people."""

    def give_up(self, letter: Claimed, outbox_id: int, now: datetime, note: str) -> bool:
        """Close one mail in the letter as dead; the others go on."""

    def retry(self, letter: Claimed, at: datetime, error: str, *, is_doubtful: bool) -> bool:
        """Give the letter back, due again at that instant or at the next one at which it may go."""

    def untried(self, letter: Claimed, at: datetime, note: str, error: str | None) -> bool:
        """Give the letter back, due at that instant, with no attempt counted: the mailer did not even try it.

        ``note`` is Danish and shown to people; ``error`` is what is wrong with the mail server, if anything.
        """

    def tell(self, now: datetime, note: str) -> None:
        """Note in Danish why all letters that are due wait: nothing is tried at present."""

    def put_off(self, letter_id: int, now: datetime, error: str) -> None:
        """Let a letter that could not even be claimed wait, longer each time, and come to its end in the end."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many letters were sent or withdrawn, how many held; ``failed`` counts those to be tried again and given up.

    Mails that were withdrawn or held before they stood in any letter are counted too.
    """

    sent: int = 0
    withdrawn: int = 0
    held: int = 0
    failed: int = 0

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        """Add two reports."""
        return DeliveryReport(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class _End(StrEnum):
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    FAILED = "failed"
    FAULT = "fault"
    OVERTAKEN = "overtaken"
    NOTHING = "nothing"


_log = logger("samskabt.notifications")
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:@]+@[^\s<>\"'(),;:@]+")


def deliver(
    letters: LetterPort, mailer: Mailer, write: Write, clock: Callable[[], datetime], numbers: Iterable[int]
) -> DeliveryReport:
    """Send these letters one by one; one that breaks never stops the others, a mail server that is down does.

    Each is claimed just before it is sent, and the time is read anew for it: a slow mail server uses up no other's
    lease. What fails is tried again after ``BACKOFF`` and given up (dead, or doubtful where it may be out) at the
    attempt after that.
    """
    ends = Counter[_End]()
    ready = ready_of(mailer)
    for number in numbers:
        if (found := ready("")) is not None and found.is_fault:
            break
        end = _guarded(letters, mailer, write, clock, number, ready)
        ends[_End.FAILED if end is _End.FAULT else end] += 1
        if end is _End.FAULT:
            _tell(letters, clock())
            break
    return DeliveryReport(ends[_End.SENT], ends[_End.WITHDRAWN], ends[_End.HELD], ends[_End.FAILED])


def _tell(letters: LetterPort, now: datetime) -> None:
    """Say of all letters why they wait; where that cannot be written they wait all the same."""
    try:
        letters.tell(now, SERVER_DOWN)
    except Exception as trouble:
        _log.error("letters_not_told", error=type(trouble).__name__, place=place_of(trouble))


def ready_of(mailer: Mailer) -> Ready:
    """Ask a mailer that can tell; one that cannot is always ready."""
    return mailer.not_yet if isinstance(mailer, Paced) else _always


def _always(_address: str) -> None:
    """Be ready."""


def _guarded(
    letters: LetterPort, mailer: Mailer, write: Write, clock: Callable[[], datetime], number: int, ready: Ready
) -> _End:
    now = clock()
    try:
        letter = letters.claim(number, now, ready)
    except Exception as error:
        return _not_claimed(letters, number, now, error)
    if letter is None:
        return _End.NOTHING
    if isinstance(letter, str):
        return _end_of(letter)
    try:
        end = _send(letters, mailer, write, now, letter)
    except Exception as error:
        _complain("letter_broke", letter, error)
        end = _give_back(letters, letter, now, _unexpected(error))
    if end is _End.OVERTAKEN:
        _log.warning("letter_overtaken", letter_id=letter.id, attempt=letter.fence)
    return end


def _send(letters: LetterPort, mailer: Mailer, write: Write, now: datetime, letter: Claimed) -> _End:
    if not is_address(letter.recipient.email):
        return _settle(letters, letter, "held", now, f"{_whom(letter)} har ingen brugbar mailadresse; ret den")
    try:
        mail = write(letter, now)
    except (InvalidInput, NotFound) as error:
        return _without_broken(letters, mailer, write, now, letter, error)
    try:
        mailer.send(mail)
    except DeliveryFailed as error:
        _complain("letter_not_accepted", letter, error, again=error.retry)
        return _not_sent(letters, letter, now, error)
    except NotYet as error:
        return _untried(letters, letter, error)
    except Exception as error:
        # Nobody knows how far it came.
        _complain("letter_broke", letter, error)
        return _in_doubt(letters, letter, now, _unexpected(error))
    return _noted(letters, letter, now)


def _noted(letters: LetterPort, letter: Claimed, now: datetime) -> _End:
    """Note that a mail is out; where that cannot be done it is in doubt, and never as if it had not been sent."""
    try:
        is_ours = _twice(lambda: letters.sent(letter, now))
    except Exception as error:
        _complain("letter_not_noted", letter, error)
        return _in_doubt(letters, letter, now, f"sendt, men det kunne ikke skrives ned ({type(error).__name__})")
    if not is_ours:
        return _End.OVERTAKEN
    _log.info("letter_sent", letter_id=letter.id, person_id=letter.recipient.person_id, mails=len(letter.rows))
    return _End.SENT


def _twice(work: Callable[[], bool]) -> bool:
    """Do what may meet a database that is just busy once more before it counts as failed."""
    try:
        return work()
    except Exception:
        return work()


def _not_sent(letters: LetterPort, letter: Claimed, now: datetime, error: DeliveryFailed) -> _End:
    if error.doubtful:
        return _in_doubt(letters, letter, now, _without_addresses(error))
    if error.retry:
        return _give_back(letters, letter, now, _without_addresses(error))
    return _settle(letters, letter, "dead", now, f"mailserveren afviste {_whom(letter)}; ret mailadressen")


def _in_doubt(letters: LetterPort, letter: Claimed, now: datetime, error: str) -> _End:
    """Try a letter again that may be out, unless it may go once only; untold, its lease runs out as that of a dead."""
    if not letter.is_once:
        return _give_back(letters, letter, now, error, is_doubtful=True)
    note = f"mailserveren svarede ikke til sidst; {MAYBE_OUT}, og den må højst sendes én gang"
    try:
        return _settle(letters, letter, "doubtful", now, note)
    except Exception as trouble:
        _complain("letter_stuck", letter, trouble)
        return _End.FAILED


def _untried(letters: LetterPort, letter: Claimed, error: NotYet) -> _End:
    """Let a letter wait for its mail server, or for its domain's share, at no cost to it."""
    if error.is_fault:
        _complain("mail_server_unusable", letter, error)
        is_ours = letters.untried(letter, error.at, SERVER_DOWN, _without_addresses(error))
    else:
        _log.info("letter_paced", letter_id=letter.id, until=error.at.isoformat())
        is_ours = letters.untried(letter, error.at, PACED, None)
    if error.is_fault:
        return _End.FAULT
    return _End.NOTHING if is_ours else _End.OVERTAKEN


def _without_broken(
    letters: LetterPort, mailer: Mailer, write: Write, now: datetime, letter: Claimed, error: InvalidInput | NotFound
) -> _End:
    """Send a digest without those whose words are wrong; a letter of one mail has come to its end."""
    _complain("letter_text_unusable", letter, error)
    good = letter.rows if len(letter.rows) > 1 else ()
    for row in good:
        try:
            write(replace(letter, rows=(row,)), now)
        except (InvalidInput, NotFound) as wrong:
            good = tuple(one for one in good if one.id != row.id)
            if not letters.give_up(letter, row.id, now, f"mailen kan ikke skrives: {wrong}"):
                return _End.OVERTAKEN
    if not good or len(good) == len(letter.rows):
        return _settle(letters, letter, "dead", now, f"mailen kan ikke skrives: {error}")
    return _send(letters, mailer, write, now, replace(letter, rows=good))


def _not_claimed(letters: LetterPort, number: int, now: datetime, error: Exception) -> _End:
    _log.error("letter_not_claimed", letter_id=number, error=type(error).__name__, place=place_of(error))
    try:
        letters.put_off(number, now, _unexpected(error))
    except Exception as trouble:
        _log.error("letter_stuck", letter_id=number, error=type(trouble).__name__, place=place_of(trouble))
    return _End.FAILED


def _give_back(letters: LetterPort, letter: Claimed, now: datetime, error: str, *, is_doubtful: bool = False) -> _End:
    """Ask for another attempt, or give up after the last; when even that fails, the lease runs out by itself."""
    try:
        if letter.attempt > len(BACKOFF):
            note = f"opgivet efter {letter.attempt} forsøg: {error}"
            if is_doubtful or letter.is_doubtful:
                return _settle(letters, letter, "doubtful", now, f"{note}; {MAYBE_OUT}")
            return _settle(letters, letter, "dead", now, note)
        at = now + BACKOFF[max(letter.attempt, 1) - 1]
        return _End.FAILED if letters.retry(letter, at, error, is_doubtful=is_doubtful) else _End.OVERTAKEN
    except Exception as trouble:
        _complain("letter_stuck", letter, trouble)
        return _End.FAILED


def _settle(letters: LetterPort, letter: Claimed, status: Settled, now: datetime, note: str) -> _End:
    return _end_of(status) if letters.settle(letter, status, now, note) else _End.OVERTAKEN


def _end_of(status: Settled) -> _End:
    return _End.FAILED if status in ("dead", "doubtful") else _End(status)


def _whom(letter: Claimed) -> str:
    """Name the person by number, and the roles and places that people must look at."""
    roles = ", ".join(dict.fromkeys(whom(row) for row in letter.rows))
    return f"person {letter.recipient.person_id} ({roles})"


def whom(row: OutboxRow) -> str:
    """Name the role and the place that a mail goes to."""
    role = row.nudge.role.replace("_", " ")
    return f"rollen {role} i {row.kommune_name or row.kommune or row.programme_title}"


def _unexpected(error: Exception) -> str:
    return f"uventet fejl ({type(error).__name__})"


def _without_addresses(error: Exception) -> str:
    """Keep a mail server's words, which people need to mend it, without the addresses that they repeat."""
    return _ADDRESS.sub("(adresse)", str(error))


def _complain(event: str, letter: Claimed, error: Exception, **more: int | bool) -> None:
    """Log numbers and the error's class and place; its message may hold an address."""
    _log.error(
        event,
        letter_id=letter.id,
        person_id=letter.recipient.person_id,
        attempt=letter.fence,
        error=type(error).__name__,
        place=place_of(error),
        **more,
    )
