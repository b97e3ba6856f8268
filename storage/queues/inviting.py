"""What people's calendars have been told of a meeting, by mails that reached them or may have; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import and_, bindparam, join, or_, select
from sqlalchemy.sql.expression import ClauseElement

from ...engine.values import SEAT, Data, Intent, LeftOut, Nudge, Recipient
from ..posting.tables import ITEM, LETTER
from ..prepared import Connection, Row, columns
from ..registers import ONE_PERSON, RegisterReader
from ..tables import METADATA

OUTBOX = METADATA.tables["outbox"]
TOLD, PERHAPS, NOT = 2, 1, 0
"""How far a mail has come on its way to a person: sent (within a trial: on trial), perhaps sent, not sent."""


@dataclass(frozen=True, slots=True)
class CalendarMail:
    """One mail of an invitation's life, and how far it has come with one person (``person_id`` None: in no letter).

    ``is_open`` tells that the letter is still to be tried.
    """

    outbox_id: int
    intent: Intent
    sequence: int
    role: str
    values: Data
    person_id: int | None
    reached: int
    is_open: bool

    @property
    def is_whole(self) -> bool:
        """Tell whether it went to a role, and not to a single person."""
        return not self.role.startswith(ONE_PERSON)


class Calendars:
    """All calendar mails of one meeting, in the order in which they were queued."""

    def __init__(self, mails: Sequence[CalendarMail]) -> None:
        self.mails = tuple(mails)

    @cached_property
    def _newest(self) -> dict[int, CalendarMail]:
        found = [mail for mail in self.mails if mail.person_id is not None and mail.reached >= PERHAPS]
        found.sort(key=lambda mail: (mail.sequence, mail.outbox_id))
        return {mail.person_id: mail for mail in found if mail.person_id is not None}

    def on_its_way(self) -> frozenset[int]:
        """Name those who are invited, or in whose letters an invitation waits."""
        waits = {mail.person_id for mail in self.mails if mail.is_open and mail.intent is Intent.INVITATION}
        return self.invited() | frozenset(number for number in waits if number is not None)

    def shown(self, person_id: int) -> CalendarMail:
        """Give what a person's calendar shows: of what reached her or may have, what is newest by RFC 5546."""
        return self._newest[person_id]

    def but_for(self, outbox_id: int) -> Calendars:
        """Give what holds if a mail that may be out is not: it is tried again, as if for the first time."""
        doubted = [mail.outbox_id == outbox_id and mail.reached == PERHAPS for mail in self.mails]
        mails = zip(self.mails, doubted, strict=True)
        return Calendars([replace(mail, reached=NOT) if is_doubted else mail for mail, is_doubted in mails])

    def invited(self, since: int = 0) -> frozenset[int]:
        """Name those whose calendars show the meeting, or may do so, as it is ``since`` a SEQUENCE or later."""
        found = (one for one in self._newest.items() if one[1].intent is Intent.INVITATION)
        return frozenset(number for number, mail in found if mail.sequence >= since)

    def has(self, person_id: int, wanted: Nudge, outbox_id: int) -> bool:
        """Tell whether a person needs this mail no more: she has the same, or it waits in another letter to her."""
        newest = self._newest.get(person_id)
        if newest is not None and newest.reached == TOLD and newest.intent is wanted.intent:
            return newest.sequence >= (wanted.sequence or 0)
        same = (wanted.intent, wanted.sequence, person_id)
        found = (one for one in self.mails if (one.intent, one.sequence, one.person_id) == same)
        return any(one.outbox_id != outbox_id and one.is_open for one in found)

    def invited_by(self, wanted: Nudge, outbox_id: int) -> frozenset[int]:
        """Name those who were invited by the role of a cancellation; the first one is also for who was by no role."""
        same = [mail for mail in self.mails if (mail.intent, mail.sequence) == (wanted.intent, wanted.sequence)]
        roles = {mail.role for mail in same if mail.is_whole}
        is_first = outbox_id == min(mail.outbox_id for mail in same if mail.is_whole)
        told = {number: self.shown(number).role for number in self.invited()}
        return frozenset(one for one, by in told.items() if by == wanted.role or (is_first and by not in roles))

    def waiting(self, outbox_id: int) -> frozenset[int]:
        """Name those in whose letters a mail stands and waits."""
        here = (mail for mail in self.mails if mail.outbox_id == outbox_id and mail.is_open)
        return frozenset(mail.person_id for mail in here if mail.person_id is not None)

    @property
    def is_on(self) -> bool:
        """Tell whether the newest mail to all invites: it was neither called off nor taken back."""
        whole = [mail for mail in self.mails if mail.is_whole]
        newest = max(whole, key=lambda mail: (mail.sequence, mail.outbox_id), default=None)
        return newest is not None and newest.intent is Intent.INVITATION

    def roles(self) -> tuple[str, ...]:
        """Name the roles that were invited."""
        found = (mail.role for mail in self.mails if mail.intent is Intent.INVITATION and mail.is_whole)
        return tuple(dict.fromkeys(found))

    def kommuner(self, own: str | None) -> tuple[str | None, ...]:
        """Name the kommuner that are invited: those that the newest invitation names, or the meeting's own."""
        for mail in reversed(self.mails):
            if mail.intent is Intent.INVITATION and mail.is_whole:
                return named_kommuner(mail.values, own)
        return (own,)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A meeting as it stands: its day (that of a plan, today where there is none) and the day on which we ask."""

    instance_id: int
    programme_id: int
    kommune: str | None
    on: date
    today: date


class Invitations:
    """Whom the calendar mails of meetings are for, in a transaction."""

    def __init__(self, connection: Connection, registers: RegisterReader) -> None:
        self._connection, self._registers = connection, registers
        self._book = connection.book

    def calendars(self, instance_id: int, only: int | None = None) -> Calendars:
        """Read what was told of a meeting, to all or (``only``) to one person: one query."""
        given = {"b_id": instance_id, "b_person": only, "b_role": f"{ONE_PERSON}{only}"}
        rows = self._connection.rows(self._book("calendar mails", _mails, only is not None), given)
        return Calendars([_mail(row, self._book.on_trial) for row in rows])

    def meant(self, calendars: Calendars, at: Occasion) -> Meant:
        """Say whom a meeting is for on its day, as it was invited to."""
        here: dict[int, Recipient] = {}
        away: dict[int, Recipient] = {}
        for role in calendars.roles():
            found = self._of_role(role, calendars.kommuner(at.kommune), at)
            here |= {one.person_id: one for one in found.here}
            away |= {one.person_id: one for one in found.away}
        return Meant(tuple(here.values()), tuple(one for one in away.values() if one.person_id not in here))

    def receivers(self, wanted: Nudge, outbox_id: int, at: Occasion, only: int | None = None) -> Receivers | None:
        """Say whose calendars a mail would bring to the truth; None where we have invited no role to this meeting.

        An invitation is for those whom the meeting is for on its day, and for those who are away then and were invited
        all the same; a cancellation for those who were invited. Who has the same already is not among them.
        With ``only`` it is asked for one person, whose letter it stands in, and nobody else's letters are read: a
        letter each to all guests would otherwise read the letters of all guests each.
        """
        found = self._receivers(wanted, outbox_id, at, only)
        if only is not None and found is not None and not found.people:
            return self._receivers(wanted, outbox_id, at, None)  # Is it moot, or is it for others?
        return found

    def _receivers(self, wanted: Nudge, outbox_id: int, at: Occasion, only: int | None) -> Receivers | None:
        calendars = self.calendars(at.instance_id, only).but_for(outbox_id)
        if not calendars.roles():
            return self._uninvited(calendars, wanted, outbox_id, at)
        meant, told = self.meant(calendars, at), calendars.invited()
        is_alone = wanted.role.startswith(ONE_PERSON)
        if wanted.intent is Intent.CANCELLATION:
            numbers = told - meant.every if is_alone else calendars.invited_by(wanted, outbox_id)
            found = self._alone(wanted, at) if is_alone else self._people(sorted(numbers), at)
            found = tuple(one for one in found if one.person_id in numbers)
        elif is_alone:
            found = tuple(one for one in self._alone(wanted, at) if calendars.is_on and one.person_id in meant.every)
        else:
            found = self._invited(calendars, meant, wanted, outbox_id, at)
        found = tuple(one for one in found if only in (None, one.person_id))
        is_again = SEAT in wanted.values
        people = tuple(one for one in found if is_again or not calendars.has(one.person_id, wanted, outbox_id))
        gone = sorted(told - meant.every)
        invites_all = wanted.intent is Intent.INVITATION and not is_alone
        return Receivers(
            people,
            is_moot=not people and (bool(found) or not invites_all),
            is_doubled=not people and bool(found) and wanted.intent is Intent.INVITATION,
            first=frozenset(one.person_id for one in people) - told,
            left_out=tuple(LeftOut(one, calendars.shown(one).values) for one in gone) if invites_all else (),
        )

    def _invited(
        self, calendars: Calendars, meant: Meant, wanted: Nudge, outbox_id: int, at: Occasion
    ) -> tuple[Recipient, ...]:
        """Resolve an invitation's role; who stands in its letters stays, as long as any role of hers is invited."""
        told, waits = calendars.invited(), calendars.waiting(outbox_id)
        role = self._of_role(wanted.role, named_kommuner(wanted.values, at.kommune), at)
        found = {one.person_id: one for one in role.here}
        found |= {one.person_id: one for one in role.away if one.person_id in told}
        found |= {one.person_id: one for one in (*meant.here, *meant.away) if one.person_id in waits}
        return tuple(found[number] for number in sorted(found))

    def _uninvited(self, calendars: Calendars, wanted: Nudge, outbox_id: int, at: Occasion) -> Receivers | None:
        """Call off what was invited to before it was registered here: who has the role, or had it when that began."""
        if wanted.intent is not Intent.CANCELLATION:
            return None
        role = self._of_role(wanted.role, named_kommuner(wanted.values, at.kommune), replace(at, on=at.today))
        found = {one.person_id: one for one in (*role.here, *self._people(sorted(calendars.waiting(outbox_id)), at))}
        return Receivers(tuple(found.values()))

    def _of_role(self, role: str, kommuner: Sequence[str | None], at: Occasion) -> Meant:
        """Say who has a role on a meeting's day; where nobody will have it then, who has it today."""
        for day in (at.on, at.today):
            here: dict[int, Recipient] = {}
            every: dict[int, Recipient] = {}
            for code in kommuner:
                there, both = self._registers.guests(role, at.programme_id, code, day)
                here |= {one.person_id: one for one in there}
                every |= {one.person_id: one for one in both}
            if every:
                return Meant(
                    tuple(here.values()), tuple(every[number] for number in sorted(every.keys() - here.keys()))
                )
        return Meant((), ())

    def _people(self, numbers: Sequence[int], at: Occasion) -> tuple[Recipient, ...]:
        """Give people by their numbers: several by one query for all that there are."""
        if len(numbers) > 1:
            known = {one.id: one for one in self._registers.people()}
            found = (known[number] for number in numbers)
            return tuple(Recipient(one.id, one.name, one.email, one.is_shared_mailbox) for one in found)
        return tuple(
            one
            for number in numbers
            for one in self._registers.recipients(f"{ONE_PERSON}{number}", at.programme_id, None, at.today)
        )

    def _alone(self, wanted: Nudge, at: Occasion) -> tuple[Recipient, ...]:
        return self._registers.recipients(wanted.role, at.programme_id, None, at.today)


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who is to get a calendar mail now: nobody ever where it ``is_moot``.

    It ``is_doubled`` where that is because all whom it is for have the same invitation by another mail. To those in
    ``first`` it is the first word of the meeting; ``left_out`` are invited, though it is for them no more.
    """

    people: tuple[Recipient, ...]
    is_moot: bool = False
    is_doubled: bool = False
    first: frozenset[int] = frozenset()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a meeting is for on its day: ``here`` are those who are there then, ``away`` those who are not."""

    here: tuple[Recipient, ...]
    away: tuple[Recipient, ...]

    @property
    def every(self) -> frozenset[int]:
        """Number both."""
        return frozenset(one.person_id for one in (*self.here, *self.away))


def named_kommuner(values: Data, own: str | None) -> tuple[str | None, ...]:
    """Name the kommuner of a mail: those that it names (the members of a cluster), or its own."""
    named = values.get("kommuner")
    return tuple(code for code in named if isinstance(code, str)) if isinstance(named, list) else (own,)


def _mail(row: Row, on_trial: bool) -> CalendarMail:
    """Build a mail, and say how far it has come with whom, by its item and its letter.

    What went on trial told nobody but the reader of the trial: it counts as long as that is who reads.
    """
    number, intent, sequence, role, values, person_id, item, is_doubtful, lease_until, is_trial = row
    is_open = item == "pending"
    may_be_out = item == "doubtful" or is_doubtful or (is_open and lease_until is not None)
    if is_trial and not on_trial:
        may_be_out = bool(is_doubtful)  # by an attempt that was none of the trial, for all we know
    reached = PERHAPS if may_be_out else NOT
    if item == "sent" and (on_trial or not is_trial):
        reached = TOLD
    return CalendarMail(number, Intent(intent), sequence, role, values, person_id, reached, is_open)


def _mails(of_one: bool) -> ClauseElement:
    names = ("id", "intent", "sequence", "role", "nudge_values")
    found = select(
        *columns(OUTBOX, *names),
        LETTER.c.person_id,
        ITEM.c.status,
        *columns(LETTER, "is_doubtful", "lease_until", "is_trial"),
    )
    letters = LETTER.c.id == ITEM.c.letter_id
    if of_one:
        hers = join(ITEM, LETTER, and_(letters, LETTER.c.person_id == bindparam("b_person")))
        found = found.select_from(OUTBOX).outerjoin(hers, ITEM.c.outbox_id == OUTBOX.c.id)
        found = found.where(or_(OUTBOX.c.role.not_like(f"{ONE_PERSON}%"), OUTBOX.c.role == bindparam("b_role")))
    else:
        found = found.outerjoin(ITEM, ITEM.c.outbox_id == OUTBOX.c.id).outerjoin(LETTER, letters)
    is_one = and_(OUTBOX.c.uid.is_not(None), OUTBOX.c.sequence.is_not(None))
    return found.where(OUTBOX.c.instance_id == bindparam("b_id"), is_one).order_by(OUTBOX.c.id, LETTER.c.id)
