"""What the links of an invitation may do: say that one comes, or not, or perhaps; the rules are attendance's own."""

from __future__ import annotations

from ...engine.attending import Answer, Attending, Way, whose
from ...engine.values import Actor
from ...storage import Reader, TokenRow, UnitOfWork
from ..attending import Wanted, give_answer
from ..attending.answering import ANSWER
from ..attending.meetings import read_meeting
from ..usecases.context import Context
from .values import Choice

REPLY = "svar"
EVENTS = frozenset({ANSWER})

_TITLES = {
    Answer.COMES: ("Jeg kommer", "Ja, jeg kommer"),
    Answer.DECLINES: ("Jeg kommer ikke", "Nej, jeg kan ikke komme"),
    Answer.MAYBE: ("Jeg kommer måske", "Måske"),
}
WAITS = "venteliste"


def choices(token: TokenRow) -> tuple[Choice, ...]:
    """List the answers, that of the link first."""
    linked = str(token.arguments.get("svar", Answer.COMES))
    ordered = sorted(Answer, key=lambda one: (one != linked, list(Answer).index(one)))
    found = [Choice(one.value, *_TITLES[one]) for one in ordered]
    told = "Du får pladsen, hvis en anden melder fra."
    return (*found, Choice(WAITS, "Sæt mig på ventelisten, hvis der ikke er plads", "Ja, sæt mig på listen", told))


def standing(context: Context, uow: UnitOfWork, token: TokenRow) -> tuple[str, bool]:
    """Say what the person has answered, and whether there is still something to answer."""
    assert token.instance_id is not None
    from ...engine.civil.instants import local_date

    identity = uow.identity(token.instance_id)
    meeting = read_meeting(context, Reader(uow.connection), identity, local_date(context.clock.now()))
    seated = whose(meeting.seated(), token.person_id)
    said = "" if seated is None else _STANDS.get(seated.stands, "")
    return said, not (meeting.is_off or meeting.is_held) and seated is not None


_STANDS = {
    Attending.COMES: "Du kommer",
    Attending.DECLINES: "Du kommer ikke",
    Attending.MAYBE: "Du kommer måske",
    Attending.WAITING: "Du står på ventelisten",
    Attending.INVITED: "Du har ikke svaret",
}


def answer(context: Context, uow: UnitOfWork, token: TokenRow, key: str, actor: Actor) -> tuple[str, ...]:
    """Note an answer in the caller's transaction; Refused as attendance does."""
    assert token.instance_id is not None
    said = Answer.COMES if key == WAITS else Answer(key)
    wanted = Wanted(
        token.instance_id,
        token.person_id,
        said,
        Way.LINK,
        actor,
        waits=key == WAITS,
        idempotency_key=f"token:{token.id}",
    )
    meeting, seated = give_answer(context, uow, wanted, context.clock.now())
    return (f"{meeting.one.title}: {_STANDS.get(seated.stands, _TITLES[said][0]).lower()}.",)
