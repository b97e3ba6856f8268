"""Who has which role on which day, from the whole registers in memory: for many meetings, without a query for each.

It resolves as ``RegisterReader.recipients`` does; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...engine.compiled import Compiled
from ...engine.deciding.effects import meant
from ...engine.definition import Activity
from ...engine.values import Data, Identity
from ...engine.values.names import CLUSTER
from ...storage import PersonRow, RegisterReader, RoleRow
from ..continuity.bookings import participants


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody whom a meeting is for; ``kommune`` is that of the assignment, ``takes_seat`` whether a seat is hers."""

    person: PersonRow
    kommune: str | None
    takes_seat: bool = False


class Register:
    """People and their roles as they were read."""

    def __init__(self, people: Iterable[PersonRow], roles: Iterable[RoleRow]) -> None:
        self.people = {person.id: person for person in people}
        self._roles: dict[str, list[RoleRow]] = {}
        for role in sorted(roles, key=lambda one: one.id):
            self._roles.setdefault(role.role, []).append(role)

    @classmethod
    def read(cls, registers: RegisterReader) -> Register:
        """Read all people and roles: two queries."""
        return cls(registers.people(), registers.roles())

    def holders(
        self, role: str, programme_id: int, kommune: str | None, on: date, *, with_away: bool = False
    ) -> tuple[Holder, ...]:
        """Resolve a role on a day to people, each once; ``with_away`` names those who are absent beside substitutes."""
        rows = [row for row in self._roles.get(role, ()) if _is_meant(row, programme_id, kommune, on)]
        own = [row for row in rows if row.kommune is not None and kommune is not None]
        found: dict[int, Holder] = {}
        for row in own or rows:
            for number in (row.person_id, row.takes_over(on)):
                person = self.people.get(number) if number is not None else None
                if person is None:
                    continue
                is_there = person.paused_until is None or person.paused_until < on
                if is_there or (with_away and number == row.person_id):
                    found[person.id] = Holder(person, row.kommune)
                if is_there:
                    break
        return tuple(found[number] for number in sorted(found))

    def guests(
        self,
        compiled: Compiled,
        identity: Identity,
        on: date,
        above: tuple[str, Data] | None = None,
        *,
        with_away: bool = False,
    ) -> Mapping[int, Holder]:
        """Say whom a meeting is for on its day; ``above`` is the kind and data of what it hangs under."""
        activity = compiled.paper.activity(identity.key)
        named = (*activity.who, *activity.optional) if isinstance(activity, Activity) else ()
        seated = set(meant(compiled, activity, identity.kommune, named))
        found: dict[int, Holder] = {}
        for role in participants(compiled, identity):
            for kommune in _kommuner(identity, above):
                for one in self.holders(role, identity.programme_id, kommune, on, with_away=with_away):
                    takes = role in seated and one.kommune is not None
                    before = found.get(one.person.id)
                    if before is None or (takes and not before.takes_seat):
                        found[one.person.id] = Holder(one.person, one.kommune, takes)
        return found


def _kommuner(identity: Identity, above: tuple[str, Data] | None) -> Sequence[str | None]:
    """Name the kommuner that a meeting is for: its own, or those of its cluster; None stands for all."""
    named = above[1].get("kommuner") if above is not None and above[0] == CLUSTER else None
    return [code for code in named if isinstance(code, str)] if isinstance(named, list) else [identity.kommune]


def _is_meant(row: RoleRow, programme_id: int, kommune: str | None, on: date) -> bool:
    is_here = row.programme_id in (None, programme_id) and (kommune is None or row.kommune in (None, kommune))
    if not is_here or on < row.from_on:
        return False
    # On the day that a kommune leaves, its people still hear of that, but no more of what is held for all of them.
    is_own = kommune is not None or row.kommune is None
    return row.to_on is None or on < row.to_on or (on == row.to_on and is_own)
