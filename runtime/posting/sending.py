"""The second of two stages, as the delivery loop asks for it: letters claimed, looked at once more, and reported on.

Every call is one short transaction; nothing is sent in one. What is in a letter is asked again when it is claimed:
what has become moot, unwanted or somebody else's is dropped with a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ...engine.civil.danish import clock, long_date
from ...engine.civil.instants import local, local_date
from ...engine.values import Intent, OutboxRow, Recipient
from ...notifications import Claimed
from ...notifications.delivery import BACKOFF, Settled
from ...storage import ONE_PERSON, LetterRow, UnitOfWork
from ..mailing.launching import TRIED
from ..mailing.trial import reader, tried
from ..usecases.context import Context
from .asking import Helpers, NoLinks
from .ending import NOT_HERS, conclude
from .planning.placing import Placing
from .planning.windows import week_of
from .poster import MOOT, Poster

LEASE = timedelta(minutes=5)
"""How long a letter is ours while it is sent; longer than any time-out of a mail server."""

DIED = "et tidligere forsøg blev afbrudt; måske er mailen nået frem, og den må højst sendes én gang"
EMPTY = "intet i brevet er længere aktuelt"


class Sending:
    """The letters of one database, to the delivery loop."""

    def __init__(
        self, context: Context, placing: Placing, poster: Poster, helpers: Helpers, trial: str | None = None
    ) -> None:
        self._context, self._placing, self._poster, self._helpers = context, placing, poster, helpers
        self._trial = trial

    def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Name at most ``limit`` letters that it is time to try."""
        with self._context.store.read() as reader:
            return reader.posted.due(now, limit)

    def claim(self, letter_id: int, now: datetime) -> Claimed | Settled | None:
        """Lease a letter with what is still worth saying in it; or say how it ended, or None where it must wait."""
        with self._context.begin() as uow:
            uow.letters.lock()
            letter = uow.claims.look(letter_id, now)
            if letter is None:
                return None
            if letter.is_once and letter.lease_until is not None:
                self._close(uow, letter.id, "doubtful", now, DIED)
                return "doubtful"
            windows = self._placing.windows(None)
            opens = windows.awake(now) if letter.is_urgent else windows.next_open(now)
            if opens > now:
                uow.claims.postpone(letter.id, opens, f"venter på arbejdstid: {_moment(opens)}")
                return None
            return self._claimed(uow, letter, now)

    def sent(self, letter: Claimed, now: datetime) -> bool:
        """Note that a mail server took it."""

        def note_sent(uow: UnitOfWork) -> None:
            whom, tries = letter.recipient.person_id, self._trial is not None
            uow.claims.deliver(letter.id, whom, letter.message_id, letter.rows, now, trial=tries)
            if tries:
                uow.beats.put_note(TRIED, now.isoformat())
            self._close(uow, letter.id, "sent", now, f"på prøve til {self._trial}" if tries else "")

        return self._held(letter, note_sent)

    def settle(self, letter: Claimed, status: Settled, now: datetime, note: str) -> bool:
        """Close the letter."""
        return self._held(letter, lambda uow: self._close(uow, letter.id, status, now, note))

    def give_up(self, letter: Claimed, outbox_id: int, now: datetime, note: str) -> bool:
        """Close one mail in the letter as dead."""

        def drop(uow: UnitOfWork) -> None:
            uow.claims.drop(letter.id, outbox_id, "dead", note)
            conclude(uow, outbox_id, now)

        return self._held(letter, drop)

    def retry(self, letter: Claimed, at: datetime, error: str, *, is_doubtful: bool) -> bool:
        """Give the letter back, due again at that instant."""
        return self._held(letter, lambda uow: uow.claims.retry(letter.id, at, error, is_doubtful=is_doubtful))

    def untried(self, letter: Claimed, at: datetime, note: str, *, is_fault: bool) -> bool:
        """Give the letter back with no attempt counted."""
        return self._held(letter, lambda uow: uow.claims.untried(letter.id, at, note, is_fault=is_fault))

    def _held(self, letter: Claimed, report: Callable[[UnitOfWork], None]) -> bool:
        """Report on a letter in one transaction; False, and nothing is changed, where a newer attempt has it."""
        with self._context.begin() as uow:
            if not uow.claims.holds(letter.id, letter.fence):
                return False
            report(uow)
        return True

    def put_off(self, letter_id: int, at: datetime, error: str) -> None:
        """Let a letter that could not even be claimed wait, longer each time."""
        now = at - BACKOFF[0]
        with self._context.begin() as uow:
            letter = uow.claims.look(letter_id, now)
            if letter is not None:
                uow.claims.failed(letter.id, now + BACKOFF[min(letter.attempts, len(BACKOFF) - 1)], error)

    def _claimed(self, uow: UnitOfWork, letter: LetterRow, now: datetime) -> Claimed | Settled | None:
        if letter.shape == "digest":
            uow.claims.absorb(letter, now, f"lagt sammen med brev {letter.id}")
        rows = uow.outbox.rows(letter.id, now, on=local_date(now))
        kept = [(row, person) for row in rows if (person := self._still(uow, letter, row, now)) is not None]
        if not kept:
            uow.claims.end(letter.id, "withdrawn", now, EMPTY)
            return "withdrawn"
        if self._must_wait(uow, letter, [row for row, _ in kept], now):
            return None
        recipient = kept[0][1]
        left = tuple(row for row, _ in kept)
        # Whoever reads the mails of a trial is not to answer as somebody else.
        links = self._helpers.links if self._trial is None else NoLinks()
        shown = left if self._trial is None else tried(left)
        reads = recipient if self._trial is None else reader(recipient, self._trial)
        return Claimed(
            id=letter.id,
            fence=uow.claims.take(letter, LEASE, now, trial=self._trial is not None),
            attempt=letter.attempts + 1,
            message_id=letter.message_id,
            recipient=recipient,
            rows=left,
            is_once=letter.is_once,
            links={row.id: links.links(uow, row, recipient, now) for row in left},
            footer_links=links.footer_links(uow, recipient, now),
            attachments=tuple(self._helpers.attachments(shown, reads, now)),
        )

    def _still(self, uow: UnitOfWork, letter: LetterRow, row: OutboxRow, now: datetime) -> Recipient | None:
        """Give the person if a row is still for them and worth saying; else drop it from the letter, and say why."""
        person = _recipient(uow, letter, row, now)
        if self._poster.is_moot(row, uow):
            reason: str | None = MOOT
        elif person is None:
            reason = NOT_HERS
        else:
            reason = self._poster.objection(uow, row, person, now)
        if reason is None:
            return person
        uow.claims.drop(letter.id, row.id, "dropped", reason)
        if reason == NOT_HERS:
            uow.outbox.again(row.id, now)  # whoever has the role now is to hear of it
        else:
            conclude(uow, row.id, now)
        return None

    def _must_wait(self, uow: UnitOfWork, letter: LetterRow, rows: Sequence[OutboxRow], now: datetime) -> bool:
        """Note on which day a letter really goes, and let it wait when that week's budget is used."""
        today = local_date(now)
        has_nudge = any(row.nudge.intent is Intent.NUDGE for row in rows)
        if has_nudge and week_of(today) != letter.week:
            windows = self._placing.windows(None)
            wait = self._placing.short(uow.letters, windows, letter.person_id, today, urgent=True, but=letter.id)
            if wait is not None:
                day = local_date(wait.until)
                uow.claims.date(letter.id, day, week_of(day), has_nudge=True)
                uow.claims.postpone(letter.id, max(windows.cut(day), now), wait.why)
                return True
        uow.claims.date(letter.id, today, week_of(today), has_nudge=has_nudge)
        return False

    def _close(self, uow: UnitOfWork, letter_id: int, status: str, now: datetime, note: str) -> None:
        """Close a letter and every row that waited in it alone; rows are locked in the order of their numbers."""
        rows = uow.claims.end(letter_id, status, now, note)
        for outbox_id in sorted(rows):
            conclude(uow, outbox_id, now)


def _recipient(uow: UnitOfWork, letter: LetterRow, row: OutboxRow, now: datetime) -> Recipient | None:
    """Give the person as the row means them now; None where it is somebody else's.

    What happened, and what is called off, stays theirs who had the role then: those who leave hear of it afterwards.
    """
    people = row.recipients
    if row.nudge.intent in (Intent.NOTICE, Intent.CANCELLATION):
        people = uow.registers.recipients(f"{ONE_PERSON}{letter.person_id}", row.programme_id, None, local_date(now))
    return next((one for one in people if one.person_id == letter.person_id), None)


def _moment(at: datetime) -> str:
    wall = local(at)
    return f"{long_date(wall.date())} {clock(wall.time())}"
