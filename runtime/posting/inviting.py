"""What an invitation says to one person: its first word, a change, or that she is no longer meant; sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...engine.compiled import Compiled
from ...engine.compiling import invitation
from ...engine.values import FIRST_WORD, Data, Intent, Json, Nudge, OutboxRow
from ...storage import ONE_PERSON

NO_LONGER = "ikke_laengere_med"
"""The text that takes an invitation back from one person alone."""

FORMER_DAY = "tidligere"


def as_read(compiled: Compiled, row: OutboxRow, person_id: int) -> OutboxRow:
    """Give an invitation as one person is to read it: who has heard nothing of the meeting reads of no change."""
    nudge = row.nudge
    if nudge.intent is not Intent.INVITATION or person_id not in row.first:
        return row
    said: dict[str, Json] = {name: value for name, value in nudge.values.items() if name != FORMER_DAY}
    text = invitation(compiled.machine(row.kind)) or nudge.template
    return replace(row, nudge=replace(nudge, template=text, values={**said, FIRST_WORD: True}))


def to_those_left_out(row: OutboxRow) -> Iterator[Nudge]:
    """Take a meeting out of the calendars of those whom a change of it leaves out, such as stand-ins of another day."""
    for one in row.left_out:
        yield no_longer(
            f"{row.nudge.key}/{NO_LONGER}/{one.person_id}",
            one.person_id,
            {**one.values, "hvorfor": "mødet er flyttet til en dag, hvor en anden kommer"},
            why=row.nudge.why,
            uid=row.nudge.uid,
            sequence=row.nudge.sequence,
        )


def no_longer(key: str, person_id: int, values: Data, *, why: str, uid: str | None, sequence: int | None) -> Nudge:
    """Take an invitation back from one person alone."""
    role = f"{ONE_PERSON}{person_id}"
    return Nudge(key, Intent.CANCELLATION, NO_LONGER, role, why, values=values, uid=uid, sequence=sequence)
