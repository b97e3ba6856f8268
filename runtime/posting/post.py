"""The post of an engine: makes letters, sends them, and answers what became of them; one object, ``engine.post``."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from ...engine.civil.calendar import WorkingCalendar
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...notifications import Claimed, DeliveryReport, Mail, Mailer, Sender, deliver, write
from ..settings import Settings
from ..sweep import texts_of
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .asking import Helpers, NoLinks, no_attachments
from .planning.placing import Placing
from .poster import Posted, Poster
from .sending import Sending
from .telling import LETTER_STATUSES, LetterInfo, letter_info, letters_of, why

RESEND = "send_igen"
"""What a permission is asked for: an event on the programmes that a letter is about, which moves no instance."""

SOMEBODY = Actor(ActorKind.PERSON, "ukendt")
BATCH = 50
PER_TICK = 500
"""So many letters at most are tried in one go; the rest is for the next tick."""

MOST_ROUNDS = 1000


class Post:
    """Letters from the first look at an intent to the mail server's answer.

    ``helpers`` is where other parts put who makes links and files, and who objects to mails.
    """

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context, self._sender = context, settings.sender
        calendars = {kommune: WorkingCalendar(own) for kommune, own in settings.calendars.items()}
        self.helpers = Helpers(NoLinks(), no_attachments, [])
        self.placing = Placing(settings.restraint, context.calendar, calendars)
        self._poster = Poster(context, self.placing, settings.sender, self.helpers)
        self._sending = Sending(context, self.placing, self._poster, self.helpers)

    def post(self) -> Posted:
        """Put all that is due into letters, or let it wait with a reason; sends nothing."""
        total = Posted()
        for _ in range(MOST_ROUNDS):
            batch = self._poster.post(self._context.clock.now())
            if not batch.looked:
                break
            total += batch
        return total

    def deliver(self, mailer: Mailer, limit: int = PER_TICK) -> DeliveryReport:
        """Make the letters that are due and send those that may go, at most ``limit``; nothing is tried twice."""
        total, tried = DeliveryReport(), set[int]()
        writing = partial(_write, self._context, self._sender)
        for _ in range(MOST_ROUNDS):
            posted = self.post()
            total += DeliveryReport(withdrawn=posted.withdrawn, held=posted.held, failed=posted.failed)
            due = self._sending.due(self._context.clock.now(), BATCH + len(tried))
            numbers = [number for number in due if number not in tried][: min(BATCH, limit - len(tried))]
            if not numbers:
                break
            tried.update(numbers)
            total += deliver(self._sending, mailer, writing, self._context.clock.now, numbers)
        return total

    def letters(self, status: str | None = None, *, limit: int = 200) -> tuple[LetterInfo, ...]:
        """List letters, those of a status or all, the oldest ``limit`` of them. Raises NotFound with the statuses."""
        if status is not None and status not in LETTER_STATUSES:
            raise NotFound("status of letters", status, LETTER_STATUSES)
        with self._context.store.read() as reader:
            people = {person.id: person for person in reader.registers.people()}
            return tuple(letter_info(view, people) for view in reader.posted.letters(status=status, limit=limit))

    def resend(self, letter_id: int, *, actor: Actor = SOMEBODY) -> LetterInfo:
        """Try a letter once more that was given up, held back, or perhaps sent; it keeps its Message-ID.

        Raises NotFound for a number that is none, InvalidInput for a letter that waits, was sent or was withdrawn.
        """
        now = self._context.clock.now()
        with self._context.begin() as uow:
            uow.letters.lock()
            view = uow.posted.letter(letter_id)
            if view is None:
                raise NotFound("letter", letter_id)
            for programme_id in sorted({item.programme_id for item in view.items}):
                require_permit(self._context, Command(RESEND, actor, {}), uow.identity(programme_id))
            mails = uow.claims.again(letter_id, now, "sendes igen")
            if not mails:
                said = f"letter {letter_id} is {view.row.status}; only dead, held and doubtful ones can be sent again"
                raise InvalidInput("letter", said)
            for outbox_id in mails:
                uow.outbox.reopen(outbox_id)
            people = {person.id: person for person in uow.registers.people()}
            again = uow.posted.letter(letter_id)
            assert again is not None
            return letter_info(again, people)

    def why(self, outbox_id: int) -> str:
        """Say in Danish why a mail of the outbox waits, or what became of it; NotFound for a number that is none."""
        with self._context.store.read() as reader:
            mail = next((one for one in reader.outbox(after=outbox_id - 1, limit=1) if one.id == outbox_id), None)
            if mail is None:
                raise NotFound("mail", outbox_id)
            return why(mail, letters_of(reader, outbox_id, outbox_id)[outbox_id])


def _write(context: Context, sender: Sender, letter: Claimed, now: datetime) -> Mail:
    return write(letter, texts_of(context), sender, now)
