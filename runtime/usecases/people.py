"""People and their roles: who they are, for what and from when; mails name roles and are resolved when sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ...engine.civil.instants import local_date
from ...engine.errors import InvalidInput, NotFound
from ...engine.values import Actor, ActorKind
from ...notifications.compose import is_address
from ...storage import PersonRow, Reader, RoleRow, meetings_on
from ..continuity.absence import Absence, ask_in, note_absence
from ..continuity.bookings import Engagement, engagements
from ..continuity.following import Because, Following, workflows_of
from ..continuity.handing_over import HandedOver, OpenWork, hand_over, open_work
from ..continuity.replacing import Change, Replaced, Scope, replace_person
from ..delivering.readdressing import READDRESS, Readdressed, readdress, require_own
from ..permission import about
from ..running.telling import use_case
from .asked import EARLIEST, require_actor, require_day, require_line, require_text
from .context import Context
from .handling import Command, require_permit

ADD, ASSIGN = "opret_person", "tildel_rolle"
"""What a permission is asked for: events on people, which move no instance."""

HOUSE = about(0)
"""What a permission to enter people is asked of: they belong to no programme, and there may be none yet."""

FURTHEST = timedelta(days=3660)
"""A person takes over within ten years; what is later is a slip of the keyboard."""

HAS_A_ROLE = Because(joined="du har fået en rolle ved mødet", left="en anden har fået din rolle ved mødet")

SOMEBODY = Actor(ActorKind.PERSON, "ukendt")
"""Who acts where the application does not say."""


class People:
    """Use cases on people; each is one transaction."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @use_case("person_add")
    def add(self, name: str, email: str, *, shared_mailbox: bool = False, actor: Actor = SOMEBODY) -> int:
        """Enter a person (or a mailbox that several read) and give the number.

        Raises InvalidInput for what is no plain address, and for one that another person has, unless several read it.
        """
        require_permit(self._context, Command(ADD, require_actor(actor), {}), HOUSE)
        name, email = require_line("name", name), _require_address(email)
        with self._context.begin() as uow:
            require_own(email, uow.registers.people(), is_shared=shared_mailbox)
            return uow.registers.add_person(name, email, is_shared_mailbox=shared_mailbox)

    @use_case("person_address")
    def readdress(self, person_id: int, email: str, *, actor: Actor = SOMEBODY) -> Readdressed:
        """Give a person another address; what was held for the old one goes to it with the next delivery.

        Mails that came back or were given up stay so until they are sent again. The second time nothing is left to do.
        Raises InvalidInput as ``add`` does, NotFound for a person that does not exist.
        """
        require_permit(self._context, Command(READDRESS, require_actor(actor), {}), about(person_id))
        email = _require_address(email)
        with self._context.begin() as uow:
            people = {row.id: row for row in uow.registers.people()}
            _require("person", person_id, people)
            person = people.pop(person_id)
            require_own(email, people.values(), is_shared=person.is_shared_mailbox)
            return readdress(uow, person, email, self._context.clock.now())

    @use_case("person_assign")
    def assign(
        self,
        person_id: int,
        role: str,
        *,
        programme_id: int | None = None,
        kommune: str | None = None,
        from_on: date | None = None,
        to_on: date | None = None,
        substitute_id: int | None = None,
        actor: Actor = SOMEBODY,
    ) -> int:
        """Give a person a role, in a programme and a kommune or everywhere; mails that waited for it are released.

        Invitations that are out are sent to whoever comes in by that, and taken back from whom she stands before.
        A role of no programme is one of those that the programmes in this database have. Raises NotFound, with what
        there is, for a person, role, programme or kommune (its code) that does not exist.
        """
        for what, day in (("from_on", from_on), ("to_on", to_on)):
            if day is not None:
                require_day(what, day)
        start = from_on or local_date(self._context.clock.now())
        if to_on is not None and to_on < start:
            raise InvalidInput("to_on", f"{to_on} lies before {start}, the first day; give a later day or none")
        with self._context.begin() as uow:
            reader = Reader(uow.connection)
            _require("role", role, self._roles(reader, programme_id))
            concerned = [row.id for row in reader.programmes()] if programme_id is None else [programme_id]
            ask_in(self._context, uow, ASSIGN, actor, concerned)
            _require("person", person_id, [row.id for row in reader.registers.people()])
            if substitute_id is not None:
                _require("person", substitute_id, [row.id for row in reader.registers.people() if row.id != person_id])
            if kommune is not None:
                _require("kommune", kommune, [row.code for row in reader.registers.kommuner()])
            now = self._context.clock.now()
            following = Following(workflows_of(self._context, uow), uow, concerned, max(start, local_date(now)), now)
            number = uow.registers.assign_role(
                person_id,
                role,
                from_on=start,
                to_on=to_on,
                programme_id=programme_id,
                kommune=kommune,
                substitute_id=substitute_id,
            )
            uow.outbox.release(role, programme_id, now)
            following.tell(HAS_A_ROLE)
        return number

    @use_case("person_absent")
    def absent(
        self, person_id: int, until: date | None, *, stand_in_id: int | None = None, actor: Actor = SOMEBODY
    ) -> Absence:
        """Note that a person is away up to and including a day, or back (None), and who stands in for that time.

        A stand-in takes over in those of the person's present roles whose place a present role of her own covers; the
        substitutes of the assignments stay what they are. Invitations follow: whoever takes over is invited to the
        meetings inside the absence. Raises NotFound, with who could, for one who covers none.
        """
        with self._context.begin() as uow:
            return note_absence(self._context, uow, person_id, until, stand_in_id, actor=actor)

    @use_case("person_replace")
    def replace(
        self,
        old: int,
        new: int,
        *,
        role: str | None = None,
        programme_id: int | None = None,
        kommune: str | None = None,
        on: date | None = None,
        reason: str = "",
        actor: Actor = SOMEBODY,
    ) -> Replaced:
        """Let a person take over another's role (None: all of them) from a day on (None: today).

        Mails that wait go to the new one by themselves. Invitations that are out are sent to the new one and taken back
        from the old one alone. The second time nothing is left to do. Raises NotFound where there is no such role.
        """
        return self._pass(self._change(old, new, on, reason, actor), Scope(role, programme_id, kommune))

    @use_case("person_leave")
    def leave(
        self,
        person_id: int,
        *,
        role: str | None = None,
        programme_id: int | None = None,
        kommune: str | None = None,
        on: date | None = None,
        reason: str = "",
        actor: Actor = SOMEBODY,
    ) -> Replaced:
        """Let a person have a role (None: all of them) no longer, from a day on (None: today); nobody takes over.

        Invitations that are out are taken back, and sent to whom the roles name then. Raises as ``replace`` does.
        """
        return self._pass(self._change(person_id, None, on, reason, actor), Scope(role, programme_id, kommune))

    @use_case("person_hand_over")
    def hand_over(
        self,
        from_id: int,
        to_id: int,
        *,
        programme_id: int | None = None,
        kommune: str | None = None,
        on: date | None = None,
        note: str = "",
        actor: Actor = SOMEBODY,
    ) -> HandedOver:
        """Let a person take over all of another's roles, and tell them by mail, once, what is open."""
        change = self._change(from_id, to_id, on, note, actor)
        with self._context.begin() as uow:
            self._require_people(Reader(uow.connection), from_id, to_id)
            scope, now = Scope(None, programme_id, kommune), self._context.clock.now()
            return hand_over(self._context, uow, change, scope, change.reason, now)

    def busy(self, person_id: int, *, from_on: date | None = None, to_on: date | None = None) -> tuple[Engagement, ...]:
        """List the meetings of all programmes at which a person is to be, from a day (None: today) on."""
        for what, day in (("from_on", from_on), ("to_on", to_on)):
            if day is not None:
                require_day(what, day)
        first = from_on or local_date(self._context.clock.now())
        if to_on is not None and to_on < first:
            raise InvalidInput("to_on", f"{to_on} lies before {first}, the first day; give a later day or none")
        with self._context.store.read() as reader:
            self._require_people(reader, person_id)
            found = meetings_on(reader.connection, first, to_on or date.max)
            return engagements(reader.registers, self._context.compiled, person_id, found)

    def open_work(self, person_id: int, *, programme_id: int | None = None) -> tuple[OpenWork, ...]:
        """List what a person answers for and what is not done, with the next step of each."""
        now = self._context.clock.now()
        with self._context.store.look() as uow:
            self._require_people(Reader(uow.connection), person_id)
            return open_work(self._context, uow, person_id, Scope(None, programme_id), local_date(now), now)

    def _pass(self, change: Change, scope: Scope) -> Replaced:
        """Let roles go from one person to another, or to nobody."""
        with self._context.begin() as uow:
            people = (change.old,) if change.new is None else (change.old, change.new)
            self._require_people(Reader(uow.connection), *people)
            return replace_person(self._context, uow, change, scope, self._context.clock.now())

    def _change(self, old: int, new: int | None, on: date | None, reason: str, actor: Actor) -> Change:
        if on is not None:
            require_day("on", on)
        today = local_date(self._context.clock.now())
        if on is not None and not EARLIEST.date() <= on <= today + FURTHEST:
            raise InvalidInput("on", f"{on} lies outside {EARLIEST.date()} to {today + FURTHEST}; look at the year")
        return Change(old, new, on or today, require_text("reason", reason), require_actor(actor))

    def _require_people(self, reader: Reader, *numbers: int) -> None:
        known = [row.id for row in reader.registers.people()]
        for number in numbers:
            _require("person", number, known)

    def all(self) -> tuple[tuple[PersonRow, ...], tuple[RoleRow, ...]]:
        """List people and role assignments."""
        with self._context.store.read() as reader:
            return reader.registers.people(), reader.registers.roles()

    def _roles(self, reader: Reader, programme_id: int | None) -> list[str]:
        """List the roles of one programme, or of all."""
        programmes = {row.id: row.workflow_hash for row in reader.programmes()}
        if programme_id is not None:
            _require("programme", programme_id, programmes)
        wanted = programmes.values() if programme_id is None else [programmes[programme_id]]
        workflows = [self._context.compiled(one).workflow for one in dict.fromkeys(wanted)]
        return sorted({role for one in workflows for role in one.roles})


def _require_address(email: str) -> str:
    """Give an address without the blanks around it."""
    email = require_text("email", email)
    if not is_address(email):
        said = f"give one plain address such as konsulent@eksempel-kommune.example, not {email[:80]!r}"
        raise InvalidInput("email", said)
    return email


def _require(what: str, key: object, available: Iterable[object]) -> None:
    """Raise NotFound, with what there is, for what is not there."""
    known = list(available)
    if key not in known:
        raise NotFound(what, key, [str(one) for one in known])
