"""Lets the calendars of invited meetings follow when roles or absences change: who comes in, and who goes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ...engine.civil.instants import local_date
from ...engine.compiling import invitation
from ...engine.definition import Activity
from ...engine.values import Identity, Intent, Json, Nudge
from ...engine.values.kept import SEQUENCE
from ...storage import ONE_PERSON, Calendars, MeetingRow, Occasion, Reader, RoleRow, UnitOfWork, meetings_on
from ..attending.meetings import Meeting, meeting_of, tell_moved_up
from ..posting.planning.inviting import meeting_values, no_longer, uid_of
from ..usecases.context import Context
from .bookings import Workflows, participants, people_of

FOLLOWS = "deltagere_skifter"
"""Why a mail goes to those who came in to a meeting, or went out of it, after its invitations did."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The meetings (their numbers) to which somebody is invited now, and those from which somebody is taken off."""

    invited: tuple[int, ...] = ()
    uninvited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Because:
    """Why people came in, and why others went out, as their mails say it (Danish, in the du-form)."""

    joined: str
    left: str


@dataclass(frozen=True, slots=True)
class _Guests:
    """Whom one meeting is for: those who are there on its day, and all, those who are away among them."""

    here: frozenset[int]
    every: frozenset[int]


class Following:
    """Who was at which meeting before a change; made before it, in its transaction, and told after it.

    ``touched`` are the role assignments that the change is about (None: any): meetings of none of them stay as they
    are. Between the two nobody queues a mail of a meeting.
    """

    def __init__(
        self,
        workflows: Workflows,
        uow: UnitOfWork,
        programmes: Collection[int],
        first: date,
        now: datetime,
        touched: Sequence[RoleRow] | None = None,
    ) -> None:
        self._compiled, self._uow, self._now, self._touched = workflows, uow, now, touched
        self._calendars: dict[int, Calendars] = {}
        found = (one for one in meetings_on(uow.connection, first, date.max) if one.identity.programme_id in programmes)
        self._meetings = tuple(one for one in found if self._is_invited(one) and self._is_touched(one))
        self._before = self._guests()
        self._seated = [self._read(one.identity) for one in self._meetings if self._has_seats(one)]

    def tell(self, because: Because) -> Followed:
        """Invite those who came in, and take the invitation back from those who went out, and from nobody else."""
        after = self._guests()
        invited, uninvited = [], []
        for one in self._meetings:
            number = one.identity.id
            calendars = self._calendars[number]
            joined = after[number].here - self._before[number].here
            left = self._before[number].every - after[number].every
            if calendars.roles():
                joined -= calendars.invited(_sequence(one))
                left &= calendars.on_its_way()
            nudges = (*self._invitations(one, calendars, joined, because), *self._ends(one, calendars, left, because))
            self._uow.outbox.queue(one.identity, nudges, self._now)
            invited += [number] if joined else []
            uninvited += [number] if left else []
        for before in self._seated:
            tell_moved_up(self._uow, before, self._read(before.one.identity), self._now)
        return Followed(tuple(invited), tuple(uninvited))

    def _is_invited(self, one: MeetingRow) -> bool:
        compiled = self._compiled(one.identity.workflow_hash)
        if SEQUENCE not in one.data or compiled.is_over(one.identity.kind, one.position):
            return False
        calendars = self._uow.invitations.calendars(one.identity.id)
        self._calendars[one.identity.id] = calendars
        return calendars.is_on or not calendars.roles()

    def _is_touched(self, one: MeetingRow) -> bool:
        """Tell whether one of the role assignments may bring somebody to a meeting."""
        if self._touched is None:
            return True
        identity, calendars = one.identity, self._calendars[one.identity.id]
        roles = calendars.roles() or participants(self._compiled(identity.workflow_hash), identity)
        kommuner = calendars.kommuner(identity.kommune)
        return any(
            row.role in roles
            and row.programme_id in (None, identity.programme_id)
            and (row.kommune is None or None in kommuner or row.kommune in kommuner)
            for row in self._touched
        )

    def _has_seats(self, one: MeetingRow) -> bool:
        activity = self._compiled(one.identity.workflow_hash).paper.activity(one.identity.key)
        return isinstance(activity, Activity) and activity.seats is not None

    def _read(self, identity: Identity) -> Meeting:
        compiled = self._compiled(identity.workflow_hash)
        return meeting_of(compiled, Reader(self._uow.connection), identity, local_date(self._now))

    def _guests(self) -> Mapping[int, _Guests]:
        return {one.identity.id: self._guests_of(one) for one in self._meetings}

    def _guests_of(self, one: MeetingRow) -> _Guests:
        calendars = self._calendars[one.identity.id]
        if not calendars.roles():  # Others invited to it, before it was registered here.
            people = people_of(self._uow.registers, self._compiled, one.identity, one.first_on)
            numbers = frozenset(who.person_id for who in people)
            return _Guests(numbers, numbers)
        meant = self._uow.invitations.meant(calendars, occasion(one, local_date(self._now)))
        return _Guests(frozenset(who.person_id for who in meant.here), meant.every)

    def _invitations(
        self, one: MeetingRow, calendars: Calendars, people: Iterable[int], because: Because
    ) -> Iterator[Nudge]:
        text = invitation(self._compiled(one.identity.workflow_hash).machine(one.identity.kind))
        if text is None:
            return
        for person in sorted(people):
            role = f"{ONE_PERSON}{person}"
            yield Nudge(
                key=_key(text, person, calendars),
                intent=Intent.INVITATION,
                template=text,
                role=role,
                why=FOLLOWS,
                values=self._values(one, because.joined),
                uid=uid_of(one.identity),
                sequence=_sequence(one),
            )

    def _ends(self, one: MeetingRow, calendars: Calendars, people: Iterable[int], because: Because) -> Iterator[Nudge]:
        for person in sorted(people):
            yield no_longer(
                _key("fra", person, calendars),
                person,
                self._values(one, because.left),
                why=FOLLOWS,
                uid=uid_of(one.identity),
                sequence=_sequence(one),
            )

    def _values(self, one: MeetingRow, why: str) -> dict[str, Json]:
        compiled = self._compiled(one.identity.workflow_hash)
        return meeting_values(compiled, one.identity, one.data, (one.first_on, one.last_on), why)


def workflows_of(context: Context, uow: UnitOfWork) -> Workflows:
    """Give workflows as they are made ready in a transaction."""
    return lambda workflow_hash: context.compiled(workflow_hash, uow)


def occasion(one: MeetingRow, today: date) -> Occasion:
    """Say when a meeting is, to those who ask whom it is for."""
    return Occasion(one.identity.id, one.identity.programme_id, one.identity.kommune, max(one.first_on, today), today)


def _key(what: str, person: int, calendars: Calendars) -> str:
    """Name a mail: nobody is let in twice, or out twice, between two mails about the meeting."""
    last = max((mail.outbox_id for mail in calendars.mails), default=0)
    return f"{FOLLOWS}/{what}/{ONE_PERSON}{person}/{last}"


def _sequence(one: MeetingRow) -> int:
    number = one.data.get(SEQUENCE)
    return number if isinstance(number, int) else 0
