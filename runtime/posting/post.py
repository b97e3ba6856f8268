"""The post of an engine: makes letters, sends them, and answers what became of them; one object, ``engine.post``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ...engine.civil.calendar import WorkingCalendar
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...notifications import Claimed, DeliveryReport, Mail, Mailer, Sender, deliver, write
from ...storage import Store
from ..mailing.launching import Launch, forget_trial, going, launch, tried, waiting
from ..mailing.memory import Memory
from ..mailing.messages import Letter, Message, send
from ..mailing.preferences import Preferences
from ..mailing.previewing import Preview, preview
from ..mailing.trial import write_trial
from ..mailing.withdrawing import Withdrawn, withdraw
from ..mailing.wording import items_of
from ..running.strays import Strays
from ..running.telling import use_case
from ..settings import Settings, require_sender
from ..sweep import always
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from .asking import Helpers, NoLinks, no_attachments
from .planning.placing import Placing
from .poster import Posted, Poster
from .sending import Sending
from .telling import LETTER_STATUSES, LetterInfo, letter_info, letters_of, why

if TYPE_CHECKING:
    from ..engine import Engine

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

    def __init__(self, context: Context, settings: Settings, over: Callable[[Store], Engine]) -> None:
        self._context, self._sender, self._over = context, settings.sender, over
        self._require_sender = partial(require_sender, settings)
        self._trial = settings.all_mail_to
        self.preferences, self.memory = Preferences(context), Memory(context)
        calendars = {kommune: WorkingCalendar(own) for kommune, own in settings.calendars.items()}
        self.helpers = Helpers(NoLinks(), no_attachments, [self.memory.objection])
        self.placing = Placing(settings.restraint, context.calendar, calendars)
        self._poster = Poster(context, self.placing, settings.sender, self.helpers, settings.message_secret)
        self._strays = Strays(context)
        self._sending = Sending(context, self.placing, self._poster, self.helpers, settings.all_mail_to)

    def post(self) -> Posted:
        """Put all that is due into letters, or let it wait with a reason; sends nothing."""
        total = Posted()
        self.memory.judge(self._context.clock.now())
        self._strays.bring_back(self._context.clock.now())
        for _ in range(MOST_ROUNDS):
            batch = self._poster.post(self._context.clock.now())
            if not batch.looked:
                break
            total += batch
        return total

    def deliver(self, mailer: Mailer, limit: int = PER_TICK, *, go_on: Callable[[], bool] = always) -> DeliveryReport:
        """Make the letters that are due and send those that may go, at most ``limit``; nothing is tried twice.

        A letter is begun only as long as ``go_on`` says so; one that is begun is finished. Raises InvalidInput where
        a mail server is set and the sender is the example.
        """
        self._require_sender()
        total, tried = DeliveryReport(), set[int]()
        writing = partial(_write, self._context, self._sender, self._trial)
        for _ in range(MOST_ROUNDS):
            posted = self.post()
            total += DeliveryReport(withdrawn=posted.withdrawn, held=posted.held, failed=posted.failed)
            due = self._sending.due(self._context.clock.now(), BATCH + len(tried))
            numbers = [number for number in due if number not in tried][: min(BATCH, limit - len(tried))]
            if not numbers or not go_on():
                break
            tried.update(numbers)
            left = _while(go_on, numbers)
            total += deliver(self._sending, mailer, writing, self._context.clock.now, left)
            if next(left, None) is not None:  # The mail server is down: the rest waits, and is not even claimed.
                break
        return total

    def letters(self, status: str | None = None, *, limit: int = 200) -> tuple[LetterInfo, ...]:
        """List letters, those of a status or all, the oldest ``limit`` of them. Raises NotFound with the statuses."""
        if status is not None and status not in LETTER_STATUSES:
            raise NotFound("status of letters", status, LETTER_STATUSES)
        with self._context.store.read() as reader:
            people = {person.id: person for person in reader.registers.people()}
            return tuple(letter_info(view, people) for view in reader.posted.letters(status=status, limit=limit))

    @use_case("resend")
    def resend(self, letter_id: int, *, actor: Actor = SOMEBODY) -> LetterInfo:
        """Try a letter once more that was given up, held back, perhaps sent, or sent on trial; it keeps its Message-ID.

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
                said = f"letter {letter_id} is {view.row.status}; only dead, held, doubtful and tried ones go again"
                raise InvalidInput("letter", said)
            for outbox_id in mails:
                uow.outbox.reopen(outbox_id)
            if view.row.is_trial:
                forget_trial(uow)
            people = {person.id: person for person in uow.registers.people()}
            again = uow.posted.letter(letter_id)
            assert again is not None
            return letter_info(again, people)

    @use_case("launch")
    def launch(self, *, forget: bool = False, actor: Actor = SOMEBODY) -> Launch:
        """Send for real, with the next delivery, what went on trial only and still matters.

        ``forget`` sends none of it, and no more is told of it. Raises InvalidInput while mails still go to the one
        address of a trial.
        """
        if self._trial is not None and not forget:
            said = "this is a trial, and all would go to its one address once more; take it away first"
            raise InvalidInput("SAMSKABT_ALL_MAIL_TO", said)
        now = self._context.clock.now()
        with self._context.begin() as uow:
            uow.letters.lock()
            letters = tried(uow)
            for programme_id in sorted({item.programme_id for one in letters for item in one.items}):
                require_permit(self._context, Command(RESEND, actor, {}), uow.identity(programme_id))
            return launch(uow, letters, self._poster.is_moot, now, forget=forget)

    def would_launch(self, *, forget: bool = False, listed: bool = False) -> Launch:
        """Say what a launch would do, and change nothing; ``listed`` tells of each mail."""
        with self._context.store.rehearse() as rehearsal:
            post = self._over(rehearsal).post
            found = post.launch(forget=forget)
            if not listed:
                return found
            post.post()  # What waits for a letter may go with the same delivery.
            now = self._context.clock.now()
            told = tuple(going(rehearsal, found.letters, post.written, now))
            last = max((one.goes_at for one in told), default=now)
            others = going(rehearsal, waiting(rehearsal, found.letters), post.written, now)
            also = tuple(one for one in others if one.goes_at <= last)
            return replace(found, planned=told + also, waiting=len(also))

    def preview(self, change: Callable[[Engine], object]) -> Preview:
        """Say which mails a change would cause, without making it: ``preview(lambda engine: engine.advance(...))``.

        Raises what the change raises. Timers that the change arms are not of it: they fire at the next tick.
        """
        return preview(self._context.store, self._over, change)

    @use_case("message")
    def message(
        self,
        programme_id: int,
        role: str,
        subject: str,
        text: str,
        *,
        kommuner: Sequence[str] = (),
        actor: Actor = SOMEBODY,
        idempotency_key: str | None = None,
    ) -> Message:
        """Write to a role across a programme, or in some of its kommuner (codes), under the same restraint as all mail.

        The words are plain text with known placeholders. The same words to the same people go once a day at most.
        """
        letter = Letter(programme_id, role, subject, text, tuple(dict.fromkeys(kommuner)))
        with self._context.begin() as uow:
            return send(self._context, uow, letter, actor, idempotency_key, self._context.clock.now())

    @use_case("withdraw_message")
    def withdraw(self, outbox_id: int, reason: str, *, actor: Actor = SOMEBODY) -> Withdrawn:
        """Take a message back that has not gone yet, to all who do not have it; the reason stands in the history."""
        with self._context.begin() as uow:
            return withdraw(self._context, uow, outbox_id, actor, reason, self._context.clock.now())

    def unsent(self, outbox_id: int, reason: str, *, actor: Actor = SOMEBODY) -> Withdrawn:
        """Say what taking a message back would do, and undo it; raises what that raises."""
        with self._context.store.rehearse() as rehearsal:
            return self._over(rehearsal).post.withdraw(outbox_id, reason, actor=actor)

    def written(self, letter_id: int, at: datetime) -> Mail | None:
        """Write a letter as it would go at an instant; None where it would wait. It is claimed: only to rehearse."""
        claimed = self._sending.claim(letter_id, at, lambda _: None)  # nothing is sent: no server is asked
        if not isinstance(claimed, Claimed):
            return None
        return _write(self._context, self._sender, self._trial, claimed, at)

    def why(self, outbox_id: int) -> str:
        """Say in Danish why a mail of the outbox waits, or what became of it; NotFound for a number that is none."""
        with self._context.store.read() as reader:
            mail = next((one for one in reader.outbox(after=outbox_id - 1, limit=1) if one.id == outbox_id), None)
            if mail is None:
                raise NotFound("mail", outbox_id)
            return why(mail, letters_of(reader, outbox_id, outbox_id)[outbox_id])


def _while(go_on: Callable[[], bool], numbers: Iterable[int]) -> Iterator[int]:
    """Give the numbers one by one, as long as told to."""
    for number in numbers:
        if not go_on():
            return
        yield number


def _write(context: Context, sender: Sender, trial: str | None, letter: Claimed, now: datetime) -> Mail:
    at = letter.dated_at or now
    if trial is not None:
        return write_trial(letter, items_of(context), sender, at, trial)
    return write(letter, items_of(context), sender, at)
