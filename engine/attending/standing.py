"""Who stands where with a meeting, from what was said and which invitations there were; pure, and the same each time.

Seats go in the order in which people said yes. Nobody is moved up by a row of their own: when a seat is given back,
the next in line has it by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .values import Answer, Attending, Said, Times, Way

_STANDS: Mapping[Answer, Attending] = {
    Answer.COMES: Attending.COMES,
    Answer.DECLINES: Attending.DECLINES,
    Answer.MAYBE: Attending.MAYBE,
}


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom a meeting is for, or was: ``group`` is the kommune whose seats she takes, None where none.

    ``invited_at`` is the newest SEQUENCE that was sent to her, None where none was.
    """

    person_id: int
    group: str | None = None
    invited_at: int | None = None


@dataclass(frozen=True, slots=True)
class Seated:
    """Where one guest stands. ``said`` is her newest answer, which ``is_old`` where the day has moved since.

    ``place`` is her number in the line for a seat; ``came`` is None where nobody has said.
    """

    guest: Guest
    stands: Attending
    said: Said | None = None
    is_old: bool = False
    place: int | None = None
    came: bool | None = None


def standing(
    guests: Iterable[Guest],
    rows: Sequence[Said],
    times: Mapping[int, Times],
    current: int | None,
    seats: int | None = None,
) -> tuple[Seated, ...]:
    """Say where every guest stands, in the order of the guests.

    ``times`` is what each SEQUENCE said, ``current`` the newest of them (None: nobody has been invited); ``seats`` are
    those of each group. Of somebody's answers the one given last counts, in whichever order they came to us; seats go
    by when we learned of a yes, so that no clock but ours moves anybody up the line.
    """
    listed, answers = list(guests), sorted((row for row in rows if row.answer is not None), key=given)
    held = {guest.person_id: _held(guest, answers, times, current) for guest in listed}
    since = {guest.person_id: _since(answers, guest.person_id) for guest in listed}
    line = sorted((one for one in listed if _wants(held[one.person_id])), key=lambda one: since[one.person_id])
    taken, waits = Counter[str](), Counter[str]()
    places: dict[int, int] = {}
    for guest in line:
        if seats is None or guest.group is None:
            continue
        if taken[guest.group] < seats:
            taken[guest.group] += 1
        else:
            waits[guest.group] += 1
            places[guest.person_id] = waits[guest.group]
    return tuple(_seated(guest, rows, held[guest.person_id], places.get(guest.person_id)) for guest in listed)


def given(row: Said) -> tuple[datetime, int]:
    """Give what orders answers: when a calendar says that it was given, when we were told by any other way."""
    return (row.happened_at if row.way is Way.CALENDAR else row.recorded_at), row.seq


def newest(rows: Iterable[Said]) -> Mapping[int, Said]:
    """Give one person's answer to each meeting, by its number: the one that was given last, whenever it came to us."""
    return {row.instance_id: row for row in sorted((row for row in rows if row.answer is not None), key=given)}


def seats_left(seated: Iterable[Seated], group: str | None, seats: int | None) -> int | None:
    """Count the seats of a group that nobody has; None where they are not counted."""
    if seats is None or group is None:
        return None
    return seats - sum(1 for one in seated if one.stands is Attending.COMES and one.guest.group == group)


def moved_up(before: Iterable[Seated], after: Iterable[Seated]) -> tuple[Seated, ...]:
    """Give those who waited for a seat and have one now."""
    waited = {one.guest.person_id for one in before if one.stands is Attending.WAITING}
    return tuple(one for one in after if one.stands is Attending.COMES and one.guest.person_id in waited)


def whose(seated: Iterable[Seated], person_id: int) -> Seated | None:
    """Find one guest."""
    return next((one for one in seated if one.guest.person_id == person_id), None)


def _held(
    guest: Guest, rows: Sequence[Said], times: Mapping[int, Times], current: int | None
) -> tuple[Said | None, bool]:
    """Give the answer that was given last, and whether it is about another day than the one that holds now.

    An answer to an older invitation that comes late does not undo one to a newer.
    """
    own = [row for row in rows if row.person_id == guest.person_id]
    if not own:
        return None, False
    about = [row for row in own if _holds(row, times, current)]
    return (about[-1], False) if about else (own[-1], True)


def _holds(row: Said, times: Mapping[int, Times], current: int | None) -> bool:
    if row.sequence == current or row.sequence is None or current is None:
        return True
    return row.sequence in times and times[row.sequence] == times.get(current)


def _wants(held: tuple[Said | None, bool]) -> bool:
    said, is_old = held
    return said is not None and said.answer is Answer.COMES and not is_old


def _since(rows: Sequence[Said], person_id: int) -> int:
    """Give the first row with which somebody said yes since her last answer that was another."""
    since = list[int]()
    for row in rows:
        if row.person_id == person_id:
            since = [*since, row.seq] if row.answer is Answer.COMES else []
    return min(since, default=0)


def _seated(guest: Guest, rows: Sequence[Said], held: tuple[Said | None, bool], place: int | None) -> Seated:
    said, is_old = held
    came = [row.came for row in rows if row.person_id == guest.person_id and row.came is not None]
    if said is not None and said.answer is not None and not is_old:
        stands = Attending.WAITING if place is not None else _STANDS[said.answer]
    else:
        stands = Attending.NOT_INVITED if guest.invited_at is None else Attending.INVITED
    return Seated(guest, stands, said, is_old, place, came[-1] if came else None)
