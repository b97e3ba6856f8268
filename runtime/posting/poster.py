"""The first of two stages: looks at what decisions wanted said, and puts it into letters to people; sends nothing.

Each batch is one short transaction under the lock of whoever makes letters. A row that breaks is put off alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from secrets import token_hex

from ...engine.civil.danish import long_date
from ...engine.civil.instants import local_date, to_utc
from ...engine.values import Intent, OutboxRow, Recipient
from ...notifications import Sender, message_id_of, whom
from ...notifications.compose import is_address
from ...notifications.logs import logger, place_of
from ...storage import NewLetter, UnitOfWork
from ..usecases.context import Context
from .asking import Helpers, is_over, is_urgent
from .ending import PUT_OFF, end_of
from .planning import wishes
from .planning.doubles import SAID
from .planning.inviting import to_those_left_out
from .planning.placing import Place, Placing, Wait
from .planning.windows import week_of

BATCH = 50
LOOKED_AT = timedelta(days=7)
"""At least so often a mail that waits is looked at, so that one left by a wrong clock is known by its wait."""

AWAY = "er væk til og med"
MOOT = "det, mailen handlede om, er klaret, udløbet eller sat i bero"
DOUBLED = "modtagerne får den allerede i en anden rolle"
UNNEEDED = frozenset({MOOT, DOUBLED})
"""Why mails are withdrawn that nobody misses."""

log = logger("samskabt.runtime")


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the rows that were looked at; ``waiting`` ones will be looked at again."""

    posted: int = 0
    withdrawn: int = 0
    held: int = 0
    waiting: int = 0
    failed: int = 0

    @property
    def looked(self) -> int:
        """Count all rows that were looked at."""
        return sum(getattr(self, one.name) for one in fields(self))

    def __add__(self, other: Posted) -> Posted:
        """Add two reports."""
        return Posted(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def why_moot(row: OutboxRow) -> str:
    """Say why a mail that is moot is not sent."""
    return DOUBLED if row.is_doubled else MOOT


class Poster:
    """Makes letters; any number of posters may work on one database."""

    def __init__(
        self, context: Context, placing: Placing, sender: Sender, helpers: Helpers, secret: str | None = None
    ) -> None:
        self._context, self._placing, self._sender, self._helpers = context, placing, sender, helpers
        self._secret = secret

    def post(self, now: datetime, limit: int = BATCH) -> Posted:
        """Look at the rows that are due, at most ``limit`` of them; those that go first come first."""
        with self._context.store.read() as reader:
            numbers = reader.posted.mails_due(now, limit)
        if not numbers:
            return Posted()
        try:
            return self._batch(numbers, now)
        except Exception as error:
            log.warning("posting_batch_broke", mails=len(numbers), error=type(error).__name__, place=place_of(error))
        return sum((self._guarded(number, now) for number in numbers), Posted())

    def objections(
        self, uow: UnitOfWork, row: OutboxRow, people: Sequence[Recipient], now: datetime
    ) -> Mapping[int, str]:
        """Say in Danish why people are not to get a mail: person -> reason, the first that there is."""
        today = local_date(now)
        refused = {one.person_id: wishes.refused(uow.posted.wishes(one.person_id), row, today) for one in people}
        found = {number: reason for number, reason in refused.items() if reason is not None}
        for objection in self._helpers.objections:
            left = [one for one in people if one.person_id not in found]
            found |= objection(uow, row, left, now) if left else {}
        return found

    def is_moot(self, row: OutboxRow, uow: UnitOfWork) -> bool:
        """Tell whether a mail is about something that is over."""
        return row.is_moot or is_over(self._context.compiled(row.workflow_hash, uow), row)

    def _batch(self, numbers: tuple[int, ...], now: datetime) -> Posted:
        with self._context.begin() as uow:
            uow.letters.lock()
            found = (uow.outbox.one(number, now, on=local_date(now)) for number in numbers)
            rows = [(self._is_urgent(uow, row), row) for row in found if row is not None]
            rows.sort(key=lambda one: (not one[0], one[1].queued_at, one[1].id))
            return sum((self._post(uow, row, now, urgent=urgent) for urgent, row in rows), Posted())

    def _is_urgent(self, uow: UnitOfWork, row: OutboxRow) -> bool:
        return is_urgent(self._context.compiled(row.workflow_hash, uow), row)

    def _guarded(self, number: int, now: datetime) -> Posted:
        """Look at one row in a transaction of its own; what breaks is put off and told, and stops nobody."""
        try:
            return self._batch((number,), now)
        except Exception as error:
            log.error("mail_not_posted", row_id=number, error=type(error).__name__, place=place_of(error))
            said = f"uventet fejl ({type(error).__name__})"
        with self._context.begin() as uow:
            attempts = uow.outbox.failed(number, said)
            uow.outbox.wait(number, now + PUT_OFF[min(attempts, len(PUT_OFF)) - 1], said)
        return Posted(failed=1)

    def _post(self, uow: UnitOfWork, row: OutboxRow, now: datetime, *, urgent: bool) -> Posted:
        fates = [fate for fate in uow.letters.fates(row.id) if fate.status != "dropped" or fate.note == SAID]
        if self.is_moot(row, uow):
            end, note = end_of(fates) if fates else ("withdrawn", why_moot(row))
            return self._end(uow, row, end, now, note)
        if row.left_out:
            uow.outbox.queue(uow.identity(row.instance_id), to_those_left_out(row), now)
        had = {fate.person_id for fate in fates}
        waits: list[Wait] = []
        unusable, refused, placed = [], [], 0
        asked = [person for person in row.recipients if person.person_id not in had]
        objections = self.objections(uow, row, asked, now)
        for person in asked:
            if person.person_id in objections:
                refused.append(objections[person.person_id])
            elif not is_address(person.email):
                unusable.append(person.person_id)
            elif isinstance(found := self._place(uow, row, person, now, urgent=urgent), Wait):
                waits.append(found)
            else:
                placed += 1
        if waits:
            first = min(waits, key=lambda wait: wait.until)
            log.info("mail_waits", row_id=row.id, until=first.until.isoformat(), people=len(waits))
            uow.outbox.wait(row.id, min(first.until, now + LOOKED_AT), first.why)
            return Posted(waiting=1)
        if placed or any(fate.status == "pending" for fate in fates):
            uow.outbox.post(row.id)
            return Posted(posted=1)
        if fates:
            end, note = end_of(fates)
            return self._end(uow, row, end, now, note)
        if unusable:
            people = ", ".join(f"person {number}" for number in unusable)
            note = f"{people} ({whom(row)}) har ingen brugbar mailadresse; ret den"
            return self._end(uow, row, "held", now, note)
        if refused:
            return self._end(uow, row, "withdrawn", now, refused[0])
        if (wait := self._away(uow, row, now)) is not None:
            uow.outbox.wait(row.id, wait.until, wait.why)
            return Posted(waiting=1)
        return self._end(uow, row, "held", now, f"ingen har {whom(row)}; mailen venter, til en person har rollen")

    def _away(self, uow: UnitOfWork, row: OutboxRow, now: datetime) -> Wait | None:
        """Let a mail wait whose role is held, but by people who are away and have no substitute; look again daily."""
        today = local_date(now)
        back = uow.registers.away_until(row.nudge.role, row.programme_id, row.kommune, today)
        if back is None:
            return None
        tomorrow = self._placing.windows(row.kommune).next_open(to_utc(today + timedelta(days=1), time()))
        return Wait(tomorrow, f"{whom(row)} har ingen vikar, og den, der har rollen, {AWAY} {long_date(back)}")

    def _place(
        self, uow: UnitOfWork, row: OutboxRow, person: Recipient, now: datetime, *, urgent: bool
    ) -> Place | Wait:
        """Put a row into one person's letter, or say why it waits."""
        wanted = uow.posted.wishes(person.person_id)
        pause = wishes.paused(wanted, row, now)
        if pause is not None:
            return pause
        found = self._placing.place(
            uow.letters, row, person.person_id, now, urgent=urgent, wish=wishes.digest_of(wanted)
        )
        if isinstance(found, Place):
            is_nudge = row.nudge.intent is Intent.NUDGE
            number = found.joins or uow.letters.open(self._letter(uow, found, person), now)
            uow.letters.put(number, row.id, is_nudge=is_nudge)
        return found

    def _letter(self, uow: UnitOfWork, place: Place, person: Recipient) -> NewLetter:
        secret = self._secret or uow.letters.secret(token_hex)
        return NewLetter(
            key=place.key,
            message_id=message_id_of(place.key, self._sender, secret),
            person_id=person.person_id,
            shape=place.shape,
            send_on=place.day,
            week=week_of(place.day),
            has_nudge=False,
            cut_at=place.cut_at,
            not_before=place.not_before,
            is_urgent=place.is_urgent,
            is_once=place.is_once,
            note=place.note,
        )

    def _end(self, uow: UnitOfWork, row: OutboxRow, status: str, now: datetime, note: str) -> Posted:
        """Close a row that no letter holds, or whose letters have all come to their end."""
        if any(fate.status == "pending" for fate in uow.letters.fates(row.id)):
            uow.outbox.post(row.id)  # its letters look once more when they go
            return Posted(posted=1)
        uow.outbox.settle(row.id, status, now, result={"note": note})
        return Posted(held=1) if status == "held" else Posted(withdrawn=int(status == "withdrawn"))
