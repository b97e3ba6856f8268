"""The use cases of what comes back: mails read, bounces followed, addresses that do not work; parses nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from ...engine.civil.instants import local_date
from ...engine.errors import NotFound
from ...engine.values import SYSTEM, Actor, ActorKind
from ...engine.values.names import MEETING
from ...notifications.logs import logger, place_of
from ...notifications.smtp.bounces import Bounce, Kind, answers_to, kind_of, writer_of
from ...notifications.smtp.bounces import read as read_bounce
from ...notifications.smtp.inbox import Inbox, InboxMail
from ...storage import LetterRow, PersonRow, Reader, UnitOfWork
from ..posting.ending import conclude
from ..posting.planning.wishes import address_hash
from ..running.telling import use_case
from ..settings import Settings
from ..usecases.asked import require_actor
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from ..usecases.people import HOUSE
from .choosing import inbox_of

BROKEN = "adressen virker ikke"
CAME_BACK = "mailen kom tilbage"
AT_ONCE = 100
"""So many mails at most are read in one go; the rest is for the next round."""

MOST_TRIES: Final = 3
"""So often a mail may break its reader before it is left to people: it must not stand before the others for ever."""

READ, MEND, SEEN = "laes_indbakke", "adresse_virker", "set_paa_mail"
"""What a permission is asked for, of the house: reading the inbox, an address that works again, a mail seen to."""

READ_AT = "inbox_read_at"
"""The note of the database when the inbox of the settings was last read, by whomever."""

SOMEBODY = Actor(ActorKind.PERSON, "ukendt")
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "other": "En mail, som et menneske skal læse",
        "foreign": "En melding om en mail, som ikke er vores, eller som ikke kan tros",
        "full": "Et svar på en indkaldelse, som der ikke er plads til på listen",
        "broke": "En mail, som ikke kan læses",
    }
)
"""Why a mail was left to people -> what is said of it."""

ANSWERS = "Et svar på en mail fra os, som et menneske skal læse"

log = logger("samskabt.runtime")


@dataclass(frozen=True, slots=True)
class InboxReport:
    """What was read: letters that came back for good or were delayed, answers to invitations, automatic answers.

    ``foreign`` are reports that are on no mail of ours, or not to be believed; they and ``other`` are left for people.
    ``failed`` is tried again, and left too after a few times (``broke``).
    """

    bounced: int = 0
    delayed: int = 0
    answers: int = 0
    automatic: int = 0
    foreign: int = 0
    other: int = 0
    failed: int = 0
    full: int = 0
    broke: int = 0


@dataclass(frozen=True, slots=True)
class LeftMail:
    """A mail that is for a person: its number, why in Danish, where it lies, and since when.

    Where it answers one of our letters: whose that was, and about which meeting, if it was about one.
    """

    id: int
    why: str
    why_title: str
    place: str
    left_at: datetime
    person_id: int | None = None
    person: str | None = None
    instance_id: int | None = None
    meeting: str | None = None


@dataclass(frozen=True, slots=True)
class BrokenAddress:
    """A person whose address does not work, and since which local day we know."""

    person_id: int
    name: str
    email: str
    since: date


class Inboxes:
    """What an engine does with the mails that come back. ``answer`` takes in a reply to an invitation, and says how.

    It answers ``answers``, or why the mail is for a person after all: ``other`` or ``full``.
    """

    def __init__(self, context: Context, settings: Settings, answer: Callable[[bytes], str] | None = None) -> None:
        self._context, self._settings = context, settings
        self.answer = answer

    @use_case("inbox_read")
    def read(self, limit: int = AT_ONCE, inbox: Inbox | None = None, *, actor: Actor = SYSTEM) -> InboxReport:
        """Read the mailbox of the settings (or ``inbox``) once; a mail that breaks is told and stops nobody.

        Raises InvalidInput where no mailbox is named, InboxUnavailable where it cannot be read.
        """
        require_permit(self._context, Command(READ, require_actor(actor), {}), HOUSE)
        chosen = inbox or inbox_of(self._settings)
        note = f"inbox:{plain(chosen.name)}"
        with self._context.store.look() as uow:
            mark = before = uow.beats.note(note) or ""
            tried = uow.left.tried_before(plain(chosen.name))
        ends: Counter[str] = Counter()
        for mail in chosen.fetch(limit, before):
            end = self._taken(chosen, mail)
            ends[end] += 1
            if end != "failed" and plain(mail.id) in tried:
                with self._context.begin() as uow:
                    uow.left.forget_tries(plain(chosen.name), plain(mail.id))
            if not ends["failed"]:
                mark = mail.id  # What is tried again must be given again, and all that comes after it.
        with self._context.begin() as uow:
            if inbox is None:
                uow.beats.put_note(READ_AT, self._context.clock.now().isoformat())
            if chosen.is_forgetful and mark != before:
                uow.beats.put_note(note, mark)
        if ends:
            log.info("inbox_read", **{f"mails_{name}": count for name, count in ends.items() if count})
        return InboxReport(**ends)

    def bounced(self, bounce: Bounce) -> str:
        """Follow a report on a mail: for good, its letter is dead and the address may not work; else it is noted.

        It is believed only on a letter that went out, and to the address that it names; anybody can write a mail that
        looks like a report. Answers ``bounced``, ``delayed`` or ``foreign``; the same twice changes nothing more.
        """
        now = self._context.clock.now()
        with self._context.begin() as uow:
            uow.letters.lock()  # Before the letter itself, as all do who make or end letters.
            letter = uow.returned.letter(bounce.message_ids)
            person = None if letter is None else _person(uow, letter.person_id)
            if letter is None or person is None:
                return "foreign"
            address = letter.sent_to or address_hash(person.email)  # it may have been mended since
            if address_hash(bounce.recipient) != address:  # a report that names nobody is on nobody's address
                return "foreign"
            if letter.status == "dead":
                return "bounced"
            if letter.status not in ("sent", "doubtful") or letter.is_trial:
                return "foreign"
            if not bounce.is_permanent:
                uow.returned.note(letter.id, f"mailserveren melder forsinkelse {bounce.status}".rstrip())
                log.info("letter_delayed", letter_id=letter.id, status=bounce.status)
                return "delayed"
            is_broken = _is_address_fault(bounce.status)
            why = f"{BROKEN}: {CAME_BACK}" if is_broken else CAME_BACK
            self._end(uow, letter, f"{why} {bounce.status}".rstrip(), now)
            if is_broken:
                uow.returned.mark(person.id, address, now)
        log.info("letter_bounced", letter_id=letter.id, person_id=letter.person_id, status=bounce.status)
        return "bounced"

    def left(self) -> tuple[LeftMail, ...]:
        """List the mails that are for a person, and where each lies, the oldest first."""
        with self._context.store.look() as uow:
            rows = uow.left.all()
            people = {person.id: person.name for person in uow.registers.people()} if rows else {}
            asked = sorted({row.instance_id for row in rows if row.instance_id is not None})
            titles = {number: Reader(uow.connection).instance(number).title for number in asked}
        return tuple(
            LeftMail(
                row.id,
                row.why,
                REASONS[row.why] if row.person_id is None else ANSWERS,
                row.place,
                row.left_at or row.seen_at,
                row.person_id,
                people.get(row.person_id or 0),
                row.instance_id,
                titles.get(row.instance_id or 0),
            )
            for row in rows
        )

    @use_case("inbox_settle", makes=False)
    def settle(self, mail_id: int | None = None, *, actor: Actor = SOMEBODY) -> int:
        """Note that somebody has seen to a mail (None: to all); the mail stays where it lies. Raises NotFound."""
        require_permit(self._context, Command(SEEN, require_actor(actor), {}), HOUSE)
        with self._context.begin() as uow:
            count = uow.left.settle(mail_id)
            if not count and mail_id is not None:
                raise NotFound("mail", mail_id, [str(row.id) for row in uow.left.all(50)])
            return count

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

    @use_case("address_works", makes=False)
    def works_again(self, person_id: int, *, actor: Actor = SOMEBODY) -> int:
        """Forget that a person's address did not work; answers how many marks there were. Raises NotFound."""
        require_permit(self._context, Command(MEND, require_actor(actor), {}), HOUSE)
        with self._context.begin() as uow:
            if _person(uow, person_id) is None:
                raise NotFound("person", person_id)
            return uow.returned.forget(person_id)

    def _taken(self, inbox: Inbox, mail: InboxMail) -> str:
        """Handle one mail and put it away; one that breaks is counted, and left to people after a few tries."""
        known = plain(inbox.name), plain(mail.id)
        try:
            end = self._handle(mail.raw)
        except Exception as error:
            log.error("inbox_mail_broke", error=type(error).__name__, at=place_of(error))
            with self._context.begin() as uow:  # A database that is down raises here: that is no fault of the mail.
                if uow.left.tried(*known, self._context.clock.now()) < MOST_TRIES:
                    return "failed"
            end = "broke"
        if end in REASONS:
            place = inbox.leave(mail.id)
            ours = answers_to(mail.raw) if end == "other" else ()
            with self._context.begin() as uow:
                whose, about = _answered(uow, ours, writer_of(mail.raw) if ours else "")
                now = self._context.clock.now()
                uow.left.leave(*known, end, plain(place), now, person_id=whose, instance_id=about)
        else:
            inbox.done(mail.id)
        return end

    def _handle(self, raw: bytes) -> str:
        match kind_of(raw):
            case Kind.BOUNCE:
                bounce = read_bounce(raw)
                return "foreign" if bounce is None else self.bounced(bounce)
            case Kind.CALENDAR:
                return "other" if self.answer is None else self.answer(raw)
            case Kind.AUTOMATIC:
                return "automatic"
            case Kind.OTHER:
                return "other"

    def _end(self, uow: UnitOfWork, letter: LetterRow, note: str, now: datetime) -> None:
        """Let a letter be dead that was sent, and with it what it alone carried."""
        rows = uow.returned.take_back(letter.id)
        uow.claims.end(letter.id, "dead", now, note)
        for outbox_id in sorted(rows):
            uow.outbox.reopen(outbox_id)
            conclude(uow, outbox_id, now)


def plain(name: str) -> str:
    """Write a name that may hold bytes which are no text (of a file) so that a database can keep it."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")[:1000]


def _person(uow: UnitOfWork, person_id: int) -> PersonRow | None:
    return next((one for one in uow.registers.people() if one.id == person_id), None)


def _answered(uow: UnitOfWork, message_ids: Sequence[str], writer: str) -> tuple[int | None, int | None]:
    """Say who answers by a mail, and about which meeting, where the letter it answers is about one.

    Nobody can guess an ID, but a letter may be given on: the answer is its reader's only where it is from her address.
    What the mail says is for a person to read: it may be yes, no, or where to park.
    """
    letter = uow.returned.letter(message_ids)
    view = None if letter is None else uow.posted.letter(letter.id)
    if letter is None or view is None:
        return None, None
    about = {item.instance_id for item in view.items if item.status != "dropped"}
    meetings = [number for number in sorted(about) if uow.identity(number).kind == MEETING]
    person = _person(uow, letter.person_id)
    addresses = {letter.sent_to, None if person is None else address_hash(person.email)}
    is_hers = bool(writer) and address_hash(writer) in addresses
    return letter.person_id if is_hers else None, meetings[0] if len(meetings) == 1 else None


def _is_address_fault(status: str) -> bool:
    """Tell a status that speaks of the address (RFC 3463: 5.1.x, 5.2.1) from one that speaks of the mail or the way."""
    return status.startswith("5.1.") or status == "5.2.1"
