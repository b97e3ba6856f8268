"""The use cases of attendance, as the engine has them: answers, who came, replies, exports and calendar feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from secrets import token_hex

from ...engine.attending import Answer, Way
from ...engine.civil.instants import local_date
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...engine.values.names import MEETING, PROGRAMME
from ...notifications import database_id_of
from ...notifications.calendar import Organizer, export_file, read_reply
from ...storage import PersonRow, Reader, UnitOfWork
from ...storage.posting.letters import SECRET
from ..permission import SHARE, about, is_self
from ..running.telling import use_case
from ..settings import Settings
from ..usecases.asked import require_actor, require_instant, require_key
from ..usecases.context import Context
from ..usecases.handling import Command, require_permit
from ..usecases.people import HOUSE
from .answering import Wanted, give_answer, note_came
from .feeding import digest, event_of, feed_file, new_secret, person_meetings, since
from .meetings import read_meeting
from .register import Register
from .replying import take_reply
from .views import (
    REPLIES,
    AttendanceView,
    AttendeeView,
    FeedFile,
    Received,
    ReplyView,
    attendance_view,
    attendee_view,
)

SEEN = "set_paa_svar"
"""What a permission is asked for: noting that somebody has looked at a calendar's reply."""

SOMEBODY = Actor(ActorKind.PERSON, "ukendt")


class Attendance:
    """Who comes and who came; each change is one transaction, and durable when it is answered."""

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context, self._sender, self._secret = context, settings.sender, settings.message_secret

    def of(self, instance_id: int) -> AttendanceView:
        """Show everybody whom a meeting is for: invited, answered, came; InvalidInput for what is no meeting."""
        with self._context.store.read() as reader:
            identity = reader.instance(instance_id).identity
            meeting = read_meeting(self._context, reader, identity, local_date(self._context.clock.now()))
            waiting = sum(row.instance_id == instance_id for row in reader.attendances.replies())
            return attendance_view(meeting, waiting, reader.left.writers(instance_id))

    def guests(self, instance_id: int) -> tuple[PersonRow, ...]:
        """List the people whom a meeting is for, or who were invited to it."""
        with self._context.store.read() as reader:
            identity = reader.instance(instance_id).identity
            meeting = read_meeting(self._context, reader, identity, local_date(self._context.clock.now()))
            found = (meeting.register.people.get(guest.person_id) for guest in meeting.guests)
            return tuple(person for person in found if person is not None)

    @use_case("answer_invitation")
    def answer(
        self,
        instance_id: int,
        person_id: int,
        answer: Answer | str,
        *,
        way: Way = Way.CONSULTANT,
        actor: Actor = SOMEBODY,
        happened_at: datetime | None = None,
        sequence: int | None = None,
        waits: bool = False,
        idempotency_key: str | None = None,
    ) -> AttendeeView:
        """Note what somebody answers: ``kommer``, ``kommer_ikke`` or ``maaske``; the same again is noted once.

        ``sequence`` is that of the invitation which was answered (None: the newest). Raises Refused where the meeting
        is over, she is not invited, or all seats of her kommune are used, unless she ``waits`` in line; Conflict.
        """
        if answer not in list(Answer):
            raise InvalidInput("answer", f"is one of {', '.join(Answer)}, not {str(answer)[:40]!r}")
        at = None if happened_at is None else require_instant("happened_at", happened_at)
        key = require_key("idempotency_key", idempotency_key)
        wanted = Wanted(
            instance_id, person_id, Answer(answer), Way(way), require_actor(actor), at, sequence, waits, key
        )
        with self._context.begin() as uow:
            meeting, seated = give_answer(self._context, uow, wanted, self._context.clock.now())
        return attendee_view(meeting, seated)

    @use_case("note_came")
    def came(
        self,
        instance_id: int,
        person_ids: Iterable[int],
        *,
        actor: Actor = SOMEBODY,
        happened_at: datetime | None = None,
    ) -> AttendanceView:
        """Note who came; all others whom the meeting is for did not. A later list replaces the earlier.

        Raises NotFound for people who do not exist, Refused before the day or where the meeting was called off.
        """
        at = None if happened_at is None else require_instant("happened_at", happened_at)
        numbers, now = frozenset(person_ids), self._context.clock.now()
        with self._context.begin() as uow:
            known = {person.id for person in uow.registers.people()}
            for number in sorted(numbers - known):
                raise NotFound("person", number, [str(one) for one in sorted(known)])
            meeting = note_came(self._context, uow, instance_id, numbers, require_actor(actor), at, now)
            waiting = sum(row.instance_id == instance_id for row in uow.attendances.replies())
            wrote = uow.left.writers(instance_id)
        return attendance_view(meeting, waiting, wrote)

    @use_case("calendar_reply")
    def receive(self, raw: bytes) -> Received:
        """Take a mail from the mailbox: note the answer of a calendar, list it for a person, or leave it be."""
        reply = read_reply(raw)
        if reply is None:
            return Received("nothing")
        with self._context.begin() as uow:
            database_id = database_id_of(self._secret or uow.letters.secret(token_hex))
            return take_reply(self._context, uow, reply, self._context.clock.now(), database_id)

    def take(self, raw: bytes) -> str:
        """Take a mail as ``receive`` does, and say to the inbox what it was: ``answers``, or for whom else it is."""
        match self.receive(raw).kind:
            case "answered" | "listed":
                return "answers"
            case "full":
                return "full"
            case "nothing":
                return "other"

    def replies(self) -> tuple[ReplyView, ...]:
        """List the replies that a person must look at, the oldest first."""
        with self._context.store.read() as reader:
            found = reader.attendances.replies()
        return tuple(
            ReplyView(
                row.id,
                row.instance_id,
                row.person_id,
                row.why,
                REPLIES[row.why],
                row.answer,
                row.sender,
                row.received_at,
            )
            for row in found
        )

    @use_case("settle_reply")
    def settle(self, reply_id: int, *, actor: Actor = SOMEBODY) -> None:
        """Note that somebody has looked at a reply; the address that it came from is forgotten."""
        command = Command(SEEN, require_actor(actor), {})
        with self._context.begin() as uow:
            instance_id = uow.attendances.settle_reply(reply_id, self._context.clock.now())
            require_permit(self._context, command, HOUSE if instance_id is None else uow.identity(instance_id))

    def export(self, instance_id: int) -> bytes:
        """Give a meeting as a calendar file for anybody; InvalidInput where it has no day."""
        with self._context.store.read() as reader:
            one = reader.instance(instance_id)
            found = reader.attendances.meeting(one.id)
        if found is None:
            way = (
                "it has no day; set one first"
                if one.kind == MEETING
                else f"it is a {one.kind}, and calendars hold meetings"
            )
            raise InvalidInput("instance", f"{instance_id} ({one.title}) cannot be exported: {way}")
        compiled = self._context.compiled(one.workflow_hash)
        return export_file(event_of(found, compiled, self._organizer, self._database_id(), {}))

    @use_case("calendar_address")
    def address(self, *, person_id: int | None = None, programme_id: int | None = None, actor: Actor = SOMEBODY) -> str:
        """Make a secret for a feed of a person's meetings or a programme's; it is told once, and only its hash kept.

        Earlier ones stay good until they are revoked. Raises NotFound, InvalidInput unless one of the two is given.
        """
        with self._context.begin() as uow:
            return give_address(self._context, uow, person_id=person_id, programme_id=programme_id, actor=actor)

    @use_case("calendar_revoke", makes=False)
    def revoke(self, *, person_id: int | None = None, programme_id: int | None = None, actor: Actor = SOMEBODY) -> int:
        """Revoke all feed addresses of a person or a programme, and say how many there were."""
        with self._context.begin() as uow:
            _require_one(self._context, uow, person_id, programme_id, actor)
            now = self._context.clock.now()
            return uow.attendances.revoke(person_id=person_id, programme_id=programme_id, now=now)

    def feed(self, secret: str) -> FeedFile | None:
        """Give the feed of a secret; None for one that is unknown or revoked. It takes the same few queries always."""
        today, database_id = local_date(self._context.clock.now()), self._database_id()
        with self._context.store.read() as reader:
            address = reader.attendances.address(digest(secret))
            if address is None or address.revoked_at is not None:
                return None
            meetings = reader.attendances.meetings(since(today), address.programme_id)
            if address.person_id is None:
                name = meetings[0].programme if meetings else reader.instance(address.programme_id or 0).title
                return feed_file(meetings, self._context.compiled, name, self._organizer, database_id)
            register = Register.read(reader.registers)
            said = reader.attendances.said_by(address.person_id)
            own = tuple(person_meetings(meetings, register, self._context.compiled, address.person_id))
        listed = {one.identity.id for one in own}
        said = tuple(row for row in said if row.instance_id in listed)
        name = f"Møder: {register.people[address.person_id].name}"
        return feed_file(own, self._context.compiled, name, self._organizer, database_id, said)

    def _database_id(self) -> str:
        """Give by what calendars know this database; made by whoever asks first, whether a mail or a feed."""
        if self._secret is not None:
            return database_id_of(self._secret)
        with self._context.store.read() as reader:
            secret = reader.beats.note(SECRET)
        if secret is None:
            with self._context.begin() as uow:
                secret = uow.letters.secret(token_hex)
        return database_id_of(secret)

    @property
    def _organizer(self) -> Organizer:
        return Organizer(self._sender.name, self._sender.email)


def give_address(
    context: Context, uow: UnitOfWork, *, person_id: int | None, programme_id: int | None, actor: Actor
) -> str:
    """Do what ``Attendance.address`` does, in the caller's transaction."""
    secret = new_secret()
    _require_one(context, uow, person_id, programme_id, actor)
    now = context.clock.now()
    uow.attendances.add_address(digest(secret), person_id=person_id, programme_id=programme_id, now=now)
    return secret


def _require_one(
    context: Context, uow: UnitOfWork, person_id: int | None, programme_id: int | None, actor: Actor
) -> None:
    """Raise unless exactly one of the two is given and is there, and the actor may give it out."""
    if (person_id is None) == (programme_id is None):
        raise InvalidInput("whose", "give a person or a programme, and not both")
    command = Command(SHARE, require_actor(actor), {})
    if programme_id is not None:
        identity = uow.identity(programme_id)
        if identity.kind != PROGRAMME:
            raise InvalidInput("programme_id", f"{programme_id} is a {identity.kind}, no programme")
        require_permit(context, command, identity)
        return
    known = [person.id for person in uow.registers.people()]
    if person_id not in known:
        raise NotFound("person", person_id, [str(one) for one in known])
    if is_self(actor, person_id):
        require_permit(context, command, about(person_id))
        return
    own = {row.programme_id for row in uow.registers.roles() if row.person_id == person_id}
    for one in Reader(uow.connection).programmes():
        if None in own or one.id in own:
            require_permit(context, command, one.identity)
