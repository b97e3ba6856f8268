"""What an invitation says to one person: its first word, a change, or that she is no longer meant; sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ....engine.compiled import Compiled
from ....engine.compiling import invitation
from ....engine.definition import Activity
from ....engine.values import FIRST_WORD, SEAT, Data, Identity, Intent, Json, Nudge, OutboxRow
from ....notifications.facts import REASON
from ....notifications.writing.wording import NO_LONGER
from ....storage import ONE_PERSON

A_SEAT = "plads_til_dig"
"""The text that gives a seat to somebody who waited in line for it."""

FORMER_DAY = "tidligere"


def as_read(compiled: Compiled, row: OutboxRow, person_id: int) -> OutboxRow:
    """Give an invitation as one person is to read it: who has heard nothing of the meeting reads of no change."""
    nudge = row.nudge
    if nudge.intent is not Intent.INVITATION or person_id not in row.first or SEAT in nudge.values:
        return row
    said: dict[str, Json] = {name: value for name, value in nudge.values.items() if name != FORMER_DAY}
    text = invitation(compiled.machine(row.kind)) or nudge.template
    return replace(row, nudge=replace(nudge, template=text, values={**said, FIRST_WORD: True}))


def to_those_left_out(row: OutboxRow) -> Iterator[Nudge]:
    """Take a meeting out of the calendars of those whom a change of it leaves out, such as stand-ins of another day."""
    for one in row.left_out:
        yield no_longer(
            f"{NO_LONGER}/{row.nudge.sequence}/{one.person_id}",
            one.person_id,
            {**one.values, REASON: "mødet er flyttet til en dag, hvor en anden kommer"},
            why=row.nudge.why,
            uid=row.nudge.uid,
            sequence=row.nudge.sequence,
        )


def a_seat(key: str, person_id: int, values: Data, *, uid: str, sequence: int) -> Nudge:
    """Tell somebody who waited in line that a seat is hers, with the invitation."""
    said = {**values, SEAT: True, FIRST_WORD: True, REASON: "du stod på venteliste"}
    return Nudge(
        key, Intent.INVITATION, A_SEAT, f"{ONE_PERSON}{person_id}", SEAT, values=said, uid=uid, sequence=sequence
    )


def meeting_values(
    compiled: Compiled, identity: Identity, data: Data, days: tuple[date, date], why: str
) -> dict[str, Json]:
    """Give what an invitation to one person says of a meeting: its days, hours and place, and why she gets it."""
    activity = compiled.paper.activity(identity.key)
    place = data.get("sted") or (activity.place if isinstance(activity, Activity) else None)
    first, last = days
    return {
        "dato": first.isoformat(),
        "rolle": "deltager",
        REASON: why,
        **({"sted": place} if place else {}),
        **{name: value for name in ("kl", "slut_kl") if (value := data.get(name))},
        **({"slut": last.isoformat()} if last > first else {}),
    }


def uid_of(identity: Identity) -> str:
    """Give the identity of a meeting in this database, for its whole life."""
    return f"{identity.kind}-{identity.id}@samskabt"


def uid_outside(uid: str, database_id: str) -> str:
    """Give the identity that calendars know a meeting by: no other database's meeting has it."""
    return uid.replace("@", f".{database_id}@", 1)


def no_longer(key: str, person_id: int, values: Data, *, why: str, uid: str | None, sequence: int | None) -> Nudge:
    """Take an invitation back from one person alone."""
    role = f"{ONE_PERSON}{person_id}"
    return Nudge(key, Intent.CANCELLATION, NO_LONGER, role, why, values=values, uid=uid, sequence=sequence)
