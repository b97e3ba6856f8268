"""Who has something else on the day that is being planned: refusals from facts that the shell has looked up."""

from __future__ import annotations

from collections.abc import Iterator

from ..compiling import Firing, invites
from ..values import Booking, Json, Refusal, Strength
from ..values.names import MEETING


def asks_for_bookings(kind: str, firing: Firing) -> bool:
    """Tell whether a move sets the day of a meeting, or invites people to it."""
    return kind == MEETING and (firing.move.dates == "planned" or invites(firing.move))


def double_booked(bookings: tuple[Booking, ...]) -> Iterator[Refusal]:
    """Say of each person what else there is on those days; more than title and programme is not told."""
    people = dict.fromkeys((one.person_id, one.name) for one in bookings)
    for person_id, name in people:
        own = [one for one in bookings if one.person_id == person_id]
        others: list[Json] = [[one.title, one.programme, one.on.isoformat()] for one in own]
        values: dict[str, Json] = {"person": person_id, "name": name, "others": others}
        yield Refusal("dobbeltbooket", "bookings", Strength.SOFT, values)
