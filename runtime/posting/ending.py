"""How a mail of the outbox comes to its end when its letters have: sent to some is sent, to nobody has a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ...storage import Fate, UnitOfWork

STRONGEST: Final = ("dead", "doubtful", "held")
"""What a mail that reached nobody is called, by what became of it in its letters."""

NOT_HERS = "modtageren har ikke længere rollen"


def conclude(uow: UnitOfWork, outbox_id: int, now: datetime) -> str | None:
    """Close a posted mail if it waits in no letter any more; give how it ended, None where it has not."""
    uow.outbox.lock(outbox_id)
    fates = uow.letters.fates(outbox_id)
    if any(fate.status == "pending" for fate in fates):
        return None
    status, note = end_of(fates)
    is_done = uow.outbox.settle(outbox_id, status, now, result={"note": note}, posted=True)
    return status if is_done else None


def end_of(fates: Sequence[Fate]) -> tuple[str, str]:
    """Give the status and the Danish note of a mail that nobody waits for any more."""
    missed = [fate for fate in fates if fate.status in STRONGEST]
    if any(fate.status == "sent" for fate in fates):
        people = ", ".join(f"person {fate.person_id}" for fate in missed)
        return "sent", f"ikke leveret til {people}; ret mailadressen" if people else ""
    for status in STRONGEST:
        notes = [fate.note for fate in missed if fate.status == status]
        if notes:
            return status, "; ".join(dict.fromkeys(notes))
    told = [fate.note for fate in fates if fate.note]
    return "withdrawn", told[-1] if told else "ingen skulle have den"
