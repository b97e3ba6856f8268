"""Who has answered an evaluation already, by its registrations: nobody who has is asked again; sends nothing."""

from __future__ import annotations

from datetime import date

from ...engine.measuring import Subject
from ...engine.measuring.values import standing
from ...engine.reminding.settling import ANSWERS_TO, MEASURES
from ...engine.values import Nudge, Recipient
from ..prepared import Connection
from ..registers import RegisterReader
from ..registrations import RegistrationReader


def answered(connection: Connection, wanted: Nudge) -> frozenset[str | None]:
    """Name the kommuner whose answers to what a mail asks for are registered; None: answers of no one kommune."""
    number, measures = wanted.values.get(ANSWERS_TO), wanted.values.get(MEASURES)
    if not isinstance(number, int) or not isinstance(measures, list):
        return frozenset()
    rows = standing(RegistrationReader(connection).of_instance(number))
    return frozenset(
        row.kommune for row in rows if row.subject is Subject.MEASURE and (not measures or row.key in measures)
    )


def without_answered(
    people: tuple[Recipient, ...],
    registers: RegisterReader,
    wanted: Nudge,
    programme_id: int,
    on: date,
    done: frozenset[str | None],
) -> tuple[Recipient, ...]:
    """Leave out those who hold the role for a kommune that has answered."""
    found = (
        registers.recipients(wanted.role, programme_id, code, on, own=True) for code in sorted(done - {None}, key=str)
    )
    gone = {one.person_id for people_of in found for one in people_of}
    return tuple(one for one in people if one.person_id not in gone)
