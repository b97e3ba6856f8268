"""The second of two stages, as the delivery loop asks for it: letters claimed, looked at once more, and reported on.

Every call is one short transaction; nothing is sent in one. What is in a letter is asked again when it is claimed:
what has become moot, unwanted or somebody else's is dropped with a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...engine.civil.danish import clock, long_date
from ...engine.civil.instants import local, local_date
from ...engine.errors import Conflict, StorageError
from ...engine.values import Intent, OutboxRow, Recipient
from ...notifications import Claimed
from ...notifications.delivery import BACKOFF, MAYBE_OUT, PACED, Ready, Settled
from ...notifications.facts import REASON
from ...storage import ONE_PERSON, LetterRow, UnitOfWork
from ..mailing.launching import note_tried
from ..mailing.trial import reader, tried
from ..usecases.context import Context
from .asking import Helpers, NoLinks
from .ending import NOT_HERS, NOT_NEEDED, conclude, take_out_broken
from .planning import wishes
from .planning.doubles import SAID, doubles
from .planning.inviting import as_read
from .planning.placing import Placing, Wait
from .planning.windows import week_of
from .poster import LOOKED_AT, Poster, why_moot

LEASE = timedelta(minutes=5)
"""How long a letter is ours while it is sent; longer than any time-out of a mail server."""

DIED = f"et tidligere forsøg blev afbrudt; {MAYBE_OUT}, og den må højst sendes én gang"
HAD_THE_ROLE = "du havde rollen, da det skete"
"""Why somebody gets a mail whose role is nobody's any more."""

EMPTY = "intet i brevet er længere aktuelt"
RETURNED = "mails til modtagerens adresse kommer tilbage; ret adressen, og send brevet igen"


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

    def claim(self, letter_id: int, now: datetime, ready: Ready) -> Claimed | Settled | None:
        """Lease a letter with what is still worth saying in it; or say how it ended, or None where it must wait.

        A mail in it that breaks is taken out, so that the others go.
        """
        try:
            return self._try(letter_id, now, ready)
        except (StorageError, Conflict):
            raise
        except Exception:
            if not take_out_broken(self._context, letter_id, now, self._whole):
                raise
        return self._try(letter_id, now, ready)

    def _try(self, letter_id: int, now: datetime, ready: Ready) -> Claimed | Settled | None:
        with self._context.begin() as uow:
            uow.letters.lock()
            letter = uow.claims.look(letter_id, now)
            if letter is None:
                return None
            made = letter.attempts_made(trial=self._trial is not None)
            if made and letter.lease_until is not None and (letter.is_once or made > len(BACKOFF)):
                given_up = f"opgivet efter {made} forsøg, hvoraf det sidste blev afbrudt; {MAYBE_OUT}"
                self._close(uow, letter.id, "doubtful", now, DIED if letter.is_once else given_up)
                return "doubtful"
            address = self._trial or _person(uow, letter, now).email
            not_yet = ready(address)
            if not_yet is not None:
                if not not_yet.is_fault:
                    uow.claims.postpone(letter.id, not_yet.at, PACED)
                return None
            return self._claimed(uow, _best(uow, letter, now), now)

    def sent(self, letter: Claimed, now: datetime) -> bool:
        """Note that a mail server took it."""

        def note_sent(uow: UnitOfWork) -> None:
            whom, tries = letter.recipient.person_id, self._trial is not None
            uow.outcomes.deliver(letter.id, whom, letter.message_id, letter.rows, now, trial=tries)
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

    def untried(self, letter: Claimed, at: datetime, note: str, error: str | None) -> bool:
        """Give the letter back with no attempt counted."""
        return self._held(letter, lambda uow: uow.claims.untried(letter.id, at, note, error))

    def _held(self, letter: Claimed, report: Callable[[UnitOfWork], None]) -> bool:
        """Report on a letter in one transaction; False, and nothing is changed, where a newer attempt has it."""
        with self._context.begin() as uow:
            if self._trial is not None:
                uow.letters.lock()  # for the note that all who try share
            if not uow.claims.holds(letter.id, letter.fence):
                return False
            report(uow)
        return True

    def tell(self, now: datetime, note: str) -> None:
        """Note why all letters that are due wait."""
        with self._context.begin() as uow:
            uow.letters.lock()
            uow.letters.tell(now, note)

    def put_off(self, letter_id: int, now: datetime, error: str) -> None:
        """Let a letter that could not even be claimed wait, longer each time, and give it up in the end."""
        with self._context.begin() as uow:
            uow.letters.lock()
            letter = uow.claims.look(letter_id, now)
            if letter is None:
                return
            made = letter.attempts_made(trial=self._trial is not None)
            if made < len(BACKOFF):
                uow.claims.failed(letter.id, now + BACKOFF[made], error)
                return
            note = f"opgivet efter {made + 1} forsøg: {error}"
            if letter.is_in_doubt:
                self._close(uow, letter.id, "doubtful", now, f"{note}; {MAYBE_OUT}")
            else:
                self._close(uow, letter.id, "dead", now, note)

    def _claimed(self, uow: UnitOfWork, letter: LetterRow, now: datetime) -> Claimed | Settled | None:
        if letter.shape == "digest" and letter.may_grow:
            uow.claims.absorb(letter, now, f"lagt sammen med brev {letter.id}")
        rows = uow.outbox.rows(letter.id, now, on=local_date(now))
        asked = ((row, self._still(uow, letter, row, now)) for row in rows)
        kept = [(self._as_read(uow, row, person, now), person) for row, person in asked if person is not None]
        kept = self._once(uow, letter, kept, now)
        if not kept:
            uow.claims.end(letter.id, "withdrawn", now, EMPTY)
            return "withdrawn"
        recipient = kept[0][1]
        if wishes.has_returned(uow.posted.wishes(recipient.person_id), recipient.email):
            self._close(uow, letter.id, "held", now, RETURNED)
            return "held"
        left = self._may_go(uow, letter, tuple(row for row, _ in kept), now)
        if not left:
            return None
        # Whoever reads the mails of a trial is not to answer as somebody else.
        links = self._helpers.links if self._trial is None else NoLinks()
        shown = left if self._trial is None else tried(left)
        reads = recipient if self._trial is None else reader(recipient, self._trial)
        to = wishes.address_hash(recipient.email) if self._trial is None else None
        return Claimed(
            id=letter.id,
            fence=uow.claims.take(letter, LEASE, now, trial=self._trial is not None, to=to),
            attempt=letter.attempts_made(trial=self._trial is not None) + 1,
            message_id=letter.message_id,
            recipient=recipient,
            rows=left,
            is_once=letter.is_once,
            is_doubtful=letter.is_in_doubt,
            dated_at=letter.dated_at,
            links={row.id: links.links(uow, row, recipient, now) for row in left},
            footer_links=links.footer_links(uow, recipient, now),
            attachments=tuple(self._helpers.attachments(shown, reads, letter.dated_at or now)),
        )

    def _whole(self, uow: UnitOfWork, letter: LetterRow, outbox_id: int, now: datetime) -> None:
        """Do with one mail of a letter all that a claim does; raises what breaks."""
        for row in uow.outbox.rows(letter.id, now, on=local_date(now), only=outbox_id):
            recipient = self._still(uow, letter, row, now)
            if recipient is not None:
                shown = self._as_read(uow, row, recipient, now)
                self._helpers.links.links(uow, shown, recipient, now)
                self._helpers.attachments((shown,), recipient, now)

    def _still(self, uow: UnitOfWork, letter: LetterRow, row: OutboxRow, now: datetime) -> Recipient | None:
        """Give the person if a row is still for them and worth saying; else drop it from the letter, and say why."""
        person = _recipient(uow, letter, row, now)
        if self._poster.is_moot(row, uow):
            reason: str | None = why_moot(row)
        elif person is None:
            reason = NOT_HERS if row.nudge.uid is None else NOT_NEEDED
        else:
            reason = self._poster.objections(uow, row, (person,), now).get(person.person_id)
        if reason is None and person is not None:
            pause = wishes.paused(uow.posted.wishes(person.person_id), row, now)
            if pause is None or letter.is_in_doubt:  # what may be out already goes again as it was
                return person
            _put_back(uow, letter, row, pause, now)
            return None
        assert reason is not None
        uow.claims.drop(letter.id, row.id, "dropped", reason)
        if reason in (NOT_HERS, NOT_NEEDED):
            uow.outbox.again(row.id, now)  # whoever has the role now is to hear of it
        else:
            conclude(uow, row.id, now)
        return None

    def _as_read(self, uow: UnitOfWork, row: OutboxRow, person: Recipient, now: datetime) -> OutboxRow:
        if all(one.person_id != person.person_id for one in row.recipients) and not _holds(
            uow, person.person_id, row, now
        ):
            row = replace(row, nudge=replace(row.nudge, values={**row.nudge.values, REASON: HAD_THE_ROLE}))
        read = as_read(self._context.compiled(row.workflow_hash, uow), row, person.person_id)
        return self._helpers.telling(uow, read)

    def _once(
        self, uow: UnitOfWork, letter: LetterRow, kept: list[tuple[OutboxRow, Recipient]], now: datetime
    ) -> list[tuple[OutboxRow, Recipient]]:
        """Leave out what another reminder in the letter tells of the same thing."""
        if len(kept) < 2:
            return kept
        workflows = {row.workflow_hash: self._context.compiled(row.workflow_hash, uow) for row, _ in kept}
        said = doubles([row for row, _ in kept], workflows)
        for number in sorted(said):
            uow.claims.drop(letter.id, number, "dropped", SAID)
            conclude(uow, number, now)
        return [(row, person) for row, person in kept if row.id not in said]

    def _may_go(
        self, uow: UnitOfWork, letter: LetterRow, rows: tuple[OutboxRow, ...], now: datetime
    ) -> tuple[OutboxRow, ...]:
        """Give what may go now, and note the day and week; nothing, and the letter waits, where it is not the time.

        Reminders that the week's budget has no room for wait by themselves: what else is in the letter goes.
        """
        kommuner = sorted({row.kommune or "" for row in rows})
        hours = list(dict.fromkeys(self._placing.windows(kommune) for kommune in kommuner))
        opens = max(one.awake(now) if letter.is_urgent else one.next_open(now) for one in hours)
        if opens > now:
            uow.claims.postpone(letter.id, opens, f"venter på arbejdstid: {_moment(opens)}")
            return ()
        today = local_date(now)
        nudges = tuple(row for row in rows if row.nudge.intent is Intent.NUDGE)
        is_counted = letter.has_nudge and week_of(today) == letter.week
        if nudges and not is_counted and not letter.is_in_doubt:
            wait = self._placing.short(uow.letters, hours[0], letter.person_id, today, urgent=True, but=letter.id)
            if wait is not None and len(nudges) == len(rows):
                day = local_date(wait.until)
                uow.claims.date(letter.id, day, week_of(day), has_nudge=True)
                uow.claims.postpone(letter.id, max(hours[0].cut(day), now), wait.why)
                return ()
            if wait is not None:
                for row in nudges:
                    _put_back(uow, letter, row, wait, now)
                rows, nudges = tuple(row for row in rows if row not in nudges), ()
        uow.claims.date(letter.id, today, week_of(today), has_nudge=bool(nudges))
        return rows

    def _close(self, uow: UnitOfWork, letter_id: int, status: str, now: datetime, note: str) -> None:
        """Close a letter and every row that waited in it alone; rows are locked in the order of their numbers."""
        rows = uow.claims.end(letter_id, status, now, note)
        if self._trial is not None and status in ("sent", "doubtful"):
            note_tried(uow, letter_id)
        for outbox_id in sorted(rows):
            conclude(uow, outbox_id, now)


def _put_back(uow: UnitOfWork, letter: LetterRow, row: OutboxRow, wait: Wait, now: datetime) -> None:
    """Take a mail out of a letter that goes without it, and let it wait by itself."""
    uow.claims.drop(letter.id, row.id, "dropped", wait.why)
    uow.outbox.again(row.id, now)
    uow.outbox.wait(row.id, min(wait.until, now + LOOKED_AT), wait.why)


def _best(uow: UnitOfWork, letter: LetterRow, now: datetime) -> LetterRow:
    """Give the letter with which what is in a letter goes best: a digest that came back goes in one that is new.

    One that may be out goes by itself, under the Message-ID that its reader may have seen, and takes nothing in.
    """
    if letter.shape != "digest" or letter.is_in_doubt or not letter.attempts:
        return letter
    fresh = uow.letters.fresh(letter.person_id, now)
    return (None if fresh is None else uow.claims.look(fresh, now)) or letter


def _person(uow: UnitOfWork, letter: LetterRow, now: datetime) -> Recipient:
    """Give the person whom a letter is for, whatever role they have."""
    (person,) = uow.registers.recipients(f"{ONE_PERSON}{letter.person_id}", 0, None, local_date(now))
    return person


def _recipient(uow: UnitOfWork, letter: LetterRow, row: OutboxRow, now: datetime) -> Recipient | None:
    """Give the person as the row means them now; None where it is somebody else's.

    What happened stays theirs who have the role and are only away, with nobody in their place; and theirs who had it
    then where nobody has it any more: those who leave hear of it afterwards. What is called off stays theirs anyway.
    Of an invitation's life, the recipients are those whose calendars it brings to the truth, whatever role they have.
    """
    found = next((one for one in row.recipients if one.person_id == letter.person_id), None)
    if found is not None or row.nudge.uid is not None:
        return found
    intent, of = row.nudge.intent, (row.nudge.role, row.programme_id, row.kommune, local_date(now))
    is_left = intent is Intent.NOTICE and not row.recipients and uow.registers.away_until(*of) is None
    person = _person(uow, letter, now)
    is_away = intent is Intent.NOTICE and bool(row.recipients) and _holds(uow, letter.person_id, row, now)
    is_alone = all(one.stands_in_for != person.name for one in row.recipients)
    return person if is_left or (is_away and is_alone) or intent is Intent.CANCELLATION else None


def _holds(uow: UnitOfWork, person_id: int, row: OutboxRow, now: datetime) -> bool:
    """Tell whether a person has the role of a mail, though she may be away."""
    of = (row.nudge.role, row.programme_id, row.kommune, local_date(now))
    return any(one.person_id == person_id for one in uow.registers.recipients(*of, with_away=True))


def _moment(at: datetime) -> str:
    wall = local(at)
    return f"{long_date(wall.date())} {clock(wall.time())}"
