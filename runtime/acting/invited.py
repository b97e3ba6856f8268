"""What the links of an invitation may do: say that one comes, or not, or perhaps; the rules are attendance's own.

The page carries the SEQUENCE of the invitation that it shows: an answer is about the day that somebody saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...engine.attending import Answer, Attending, Seated, Times, Way, seats_left, whose
from ...engine.civil.danish import long_date
from ...engine.civil.instants import local_date
from ...engine.errors import Conflict
from ...engine.values import Actor
from ...storage import Reader, TokenRow, UnitOfWork
from ..attending.answering import Wanted, give_answer
from ..attending.meetings import Meeting, read_meeting
from ..usecases.context import Context
from ..views.words import when_text
from .steps import hours_text
from .values import Choice

WAITS = "venteliste"
_TITLES = {
    Answer.COMES: ("Jeg kommer", "Ja, jeg kommer"),
    Answer.DECLINES: ("Jeg kommer ikke", "Nej, jeg kan ikke komme"),
    Answer.MAYBE: ("Jeg kommer måske", "Måske"),
}
_STANDS = {
    Attending.COMES: "Du kommer",
    Attending.DECLINES: "Du kommer ikke",
    Attending.MAYBE: "Du kommer måske",
    Attending.WAITING: "Du står på ventelisten",
    Attending.INVITED: "Du har ikke svaret",
}
AGAIN = "Du kan ændre dit svar på samme link, indtil mødet holdes."


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting as the link of an invitation meets it; ``seated`` is None where the person is not invited any more."""

    meeting: Meeting
    seated: Seated | None
    today: date

    @property
    def is_open(self) -> bool:
        """Tell whether there is still something to answer."""
        last = self.meeting.one.dates.planned_end or self.meeting.day
        is_over = self.meeting.is_off or self.meeting.is_held or (last is not None and last < self.today)
        return self.seated is not None and not is_over

    @property
    def stands(self) -> str:
        """Say what the person has answered."""
        return "" if self.seated is None else _STANDS.get(self.seated.stands, "")

    def moved_since(self, sequence: int | None) -> Times | None:
        """Give the time that an invitation named, where the meeting has another one now; None where it is the same."""
        times, current = self.meeting.times, self.meeting.current
        if sequence is None or current is None or sequence not in times or times[sequence] == times.get(current):
            return None
        return times[sequence]

    def note(self, sequence: int | None) -> tuple[str, ...]:
        """Say that the meeting has another day than the mail said, and which."""
        before = self.moved_since(sequence)
        if before is None:
            return ()
        day = self.meeting.day
        now = f" til {long_date(day)}" if day and day.isoformat() != before.first else ""
        was = f" Mailen sagde {when_text_of(before)}." if before.first else ""
        return (f"Mødet er flyttet{now}, siden du fik mailen.{was} Svar, om du kan komme nu.",)

    def choices(self, linked: str) -> tuple[Choice, ...]:
        """List the answers, that of the link first; the waiting line in place of a yes where the seats are used."""
        assert self.seated is not None
        stands, guest = self.seated.stands, self.seated.guest
        left = seats_left(self.meeting.seated(), guest.group, self.meeting.seats)
        is_full = left is not None and left <= 0 and stands is not Attending.COMES
        found = []
        for one in sorted(Answer, key=lambda one: (one.value != linked, list(Answer).index(one))):
            if one is not Answer.COMES or not is_full:
                found.append(Choice(one.value, *_TITLES[one]))
            elif stands is not Attending.WAITING:
                told = "Pladserne er brugt. Du får en, hvis en anden melder fra."
                found.append(Choice(WAITS, "Jeg vil gerne med", "Sæt mig på ventelisten", told))
        return tuple(found)


def stand(context: Context, uow: UnitOfWork, token: TokenRow) -> Invitation:
    """Look at what a link of an invitation is about."""
    assert token.instance_id is not None
    identity = uow.identity(token.instance_id)
    today = local_date(context.clock.now())
    meeting = read_meeting(context, Reader(uow.connection), identity, today)
    return Invitation(meeting, whose(meeting.seated(), token.person_id), today)


def sequence_of(token: TokenRow) -> int | None:
    """Give the SEQUENCE of the invitation whose mail held a link."""
    found = token.arguments.get("sequence")
    return found if isinstance(found, int) else None


def when_text_of(times: Times) -> str:
    """Write the days that an invitation named."""
    assert times.first is not None
    try:
        first, last = (None if one is None else date.fromisoformat(one) for one in (times.first, times.last))
    except ValueError:
        return times.first
    hours = hours_text({"kl": times.begins, "slut_kl": times.ends})
    return " ".join(filter(None, (when_text(first, last), hours)))


def answer(
    context: Context, uow: UnitOfWork, token: TokenRow, key: str, actor: Actor, seen: int | None
) -> tuple[str, ...]:
    """Note an answer to what was ``seen`` (a SEQUENCE), in the caller's transaction.

    Raises Conflict where the meeting has another time by now, Refused as attendance does.
    """
    assert token.instance_id is not None
    uow.load(uow.identity(token.instance_id))  # Locked first: it cannot be moved between the look and the answer.
    if stand(context, uow, token).moved_since(seen) is not None:
        raise Conflict("the meeting was moved; look at its new day and answer for that")
    said = Answer.COMES if key == WAITS else Answer(key)
    wanted = Wanted(token.instance_id, token.person_id, said, Way.LINK, actor, waits=key == WAITS)
    meeting, seated = give_answer(context, uow, wanted, context.clock.now())
    return (f"{meeting.one.title}: {_STANDS.get(seated.stands, _TITLES[said][0]).lower()}.", AGAIN)
