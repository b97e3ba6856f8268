"""The use cases of what comes back: mails read, bounces followed, addresses that do not work; parses nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.instants import local_date
from ...engine.errors import NotFound
from ...notifications.logs import logger, place_of
from ...notifications.smtp.bounces import Bounce, Kind, kind_of
from ...notifications.smtp.bounces import read as read_bounce
from ...notifications.smtp.inbox import Inbox
from ...storage import LetterRow, PersonRow, UnitOfWork
from ..posting.ending import conclude
from ..posting.planning.wishes import address_hash
from ..settings import Settings
from ..usecases.context import Context
from .choosing import inbox_of

BROKEN = "adressen virker ikke"
AT_ONCE = 100
"""So many mails at most are read in one go; the rest is for the next round."""

log = logger("samskabt.runtime")


@dataclass(frozen=True, slots=True)
class InboxReport:
    """What was read: letters that came back for good or were delayed, answers to invitations, automatic answers.

    ``foreign`` are reports on mails that are not ours; ``other`` is left for people, and ``failed`` is tried again.
    """

    bounced: int = 0
    delayed: int = 0
    answers: int = 0
    automatic: int = 0
    foreign: int = 0
    other: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class BrokenAddress:
    """A person whose address does not work, and since which local day we know."""

    person_id: int
    name: str
    email: str
    since: date


class Inboxes:
    """What an engine does with the mails that come back. ``answer`` takes in a reply, and says if it was one."""

    def __init__(self, context: Context, settings: Settings, answer: Callable[[bytes], bool] | None = None) -> None:
        self._context, self._settings = context, settings
        self.answer = answer

    def read(self, limit: int = AT_ONCE, inbox: Inbox | None = None) -> InboxReport:
        """Read the mailbox of the settings (or ``inbox``) once; a mail that breaks is told and stops nobody.

        Raises InvalidInput where no mailbox is named, InboxUnavailable where it cannot be read.
        """
        chosen = inbox or inbox_of(self._settings)
        ends: Counter[str] = Counter()
        for mail in chosen.fetch(limit):
            try:
                end = self._handle(mail.raw)
            except Exception as error:
                log.error("inbox_mail_broke", error=type(error).__name__, at=place_of(error))
                ends["failed"] += 1
                continue
            ends[end] += 1
            if end in ("other", "foreign"):
                chosen.leave(mail.id)
            else:
                chosen.done(mail.id)
        if ends:
            log.info("inbox_read", **{f"mails_{name}": count for name, count in ends.items()})
        return InboxReport(**ends)

    def bounced(self, bounce: Bounce) -> str:
        """Follow a report on a mail: for good, its letter is dead and the address does not work; else it is noted.

        Answers ``bounced``, ``delayed``, or ``foreign`` where neither the Message-ID nor the address is one that we
        wrote to. The same report twice changes nothing more.
        """
        now = self._context.clock.now()
        with self._context.begin() as uow:
            uow.letters.lock()  # before any letter's row, as everybody takes them
            letter = uow.returned.letter(bounce.message_ids)
            person = None if letter is None else _person(uow, letter.person_id)
            if letter is None or person is None:
                return "foreign"
            address = letter.sent_to or address_hash(person.email)  # it may have been mended since
            if bounce.recipient and address_hash(bounce.recipient) != address:
                return "foreign"
            if not bounce.is_permanent:
                uow.returned.note(letter.id, f"mailserveren melder forsinkelse {bounce.status}".rstrip())
                log.info("letter_delayed", letter_id=letter.id, status=bounce.status)
                return "delayed"
            self._ended(uow, letter, f"{BROKEN}: mailen kom tilbage {bounce.status}".rstrip(), now)
            if _is_address_fault(bounce.status):
                uow.returned.mark(person.id, address, now)
        log.warning("letter_bounced", letter_id=letter.id, person_id=letter.person_id, status=bounce.status)
        return "bounced"

    def broken(self) -> tuple[BrokenAddress, ...]:
        """List the people whose present address does not work."""
        with self._context.store.look() as uow:
            people = {person.id: person for person in uow.registers.people()}
            marks = uow.returned.marks()
        found = ((people[mark.person_id], mark) for mark in marks if mark.person_id in people)
        return tuple(
            BrokenAddress(person.id, person.name, person.email, local_date(mark.since))
            for person, mark in found
            if mark.address_hash == address_hash(person.email)
        )

    def works_again(self, person_id: int) -> int:
        """Forget that a person's address did not work; answers how many marks there were. Raises NotFound."""
        with self._context.begin() as uow:
            if _person(uow, person_id) is None:
                raise NotFound("person", person_id)
            return uow.returned.forget(person_id)

    def _handle(self, raw: bytes) -> str:
        match kind_of(raw):
            case Kind.BOUNCE:
                bounce = read_bounce(raw)
                return "foreign" if bounce is None else self.bounced(bounce)
            case Kind.CALENDAR:
                understood = self.answer is not None and self.answer(raw)
                return "answers" if understood else "other"
            case Kind.AUTOMATIC:
                return "automatic"
            case Kind.OTHER:
                return "other"

    def _ended(self, uow: UnitOfWork, letter: LetterRow, note: str, now: datetime) -> None:
        """Let a letter be dead that was sent, and with it what it alone carried."""
        if letter.status not in ("sent", "doubtful"):
            return
        rows = uow.returned.take_back(letter.id)
        uow.claims.end(letter.id, "dead", now, note)
        for outbox_id in sorted(rows):
            uow.outbox.reopen(outbox_id)
            conclude(uow, outbox_id, now)


def _person(uow: UnitOfWork, person_id: int) -> PersonRow | None:
    return next((one for one in uow.registers.people() if one.id == person_id), None)


def _is_address_fault(status: str) -> bool:
    """Tell a status that speaks of the address (RFC 3463: 5.1.x, 5.2.1) from one that speaks of the mail or the way."""
    return not status or status.startswith("5.1.") or status in ("5.2.1", "5.0.0")
