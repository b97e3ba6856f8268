"""How a mail comes to its end when its letters have (sent to some is sent, to nobody has a reason), or breaks one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from ...engine.errors import Conflict, StorageError
from ...notifications.logs import logger, place_of
from ...storage import Fate, LetterRow, UnitOfWork
from ..usecases.context import Context

STRONGEST: Final = ("dead", "doubtful", "held")
"""What a mail that reached nobody is called, by what became of it in its letters."""

NOT_HERS = "modtageren har ikke længere rollen"
NOT_NEEDED = "modtagerens kalender er rigtig uden denne mail"

PUT_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
"""How long a row that broke is put off, by the number of its failures; the last one repeats."""

MOST_BREAKS = 8
"""A mail that has broken so many letters is given up."""

Try: TypeAlias = Callable[[UnitOfWork, LetterRow, int, datetime], None]
"""Does with one mail of a letter all that a claim does, and raises what breaks."""

log = logger("samskabt.runtime")


class _Undone(Exception):
    """Ends a transaction of which nothing is to be kept."""


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


def take_out_broken(context: Context, letter_id: int, now: datetime, attempt: Try) -> bool:
    """Take the mails out of a letter that break it; False where none does, or all do, and none was taken out.

    They are looked at again later, with the error shown, and are dead in the end.
    """
    with context.begin() as uow:
        uow.letters.lock()
        letter = uow.claims.look(letter_id, now)
        if letter is None or letter.is_in_doubt:
            return False  # What may be out already goes again as it was, under its own Message-ID, or not at all.
        if letter.shape == "digest" and letter.may_grow:
            uow.claims.absorb(letter, now, f"lagt sammen med brev {letter.id}")
        view = uow.posted.letter(letter_id)
    waiting = [item.outbox_id for item in view.items if item.status == "pending"] if view is not None else []
    broken = {
        number: error for number in waiting if (error := _broken(context, letter_id, number, now, attempt)) is not None
    }
    if not broken or len(broken) == len(waiting):
        return False
    with context.begin() as uow:
        uow.letters.lock()
        if uow.claims.look(letter_id, now) is None:
            return False
        for number, error in broken.items():
            _take_out(uow, letter_id, number, now, f"uventet fejl ({type(error).__name__})")
    return True


def _broken(context: Context, letter_id: int, number: int, now: datetime, attempt: Try) -> Exception | None:
    """Try one mail in a transaction that is undone; give what it raises."""
    try:
        with context.begin() as uow:
            uow.letters.lock()
            letter = uow.claims.look(letter_id, now)
            if letter is not None:
                attempt(uow, letter, number, now)
            raise _Undone
    except _Undone:
        return None
    except (StorageError, Conflict):  # No fault of the mail.
        raise
    except Exception as error:
        log.error("mail_broke_letter", row_id=number, error=type(error).__name__, place=place_of(error))
        return error


def _take_out(uow: UnitOfWork, letter_id: int, number: int, now: datetime, said: str) -> None:
    attempts = uow.outbox.failed(number, said)
    if attempts >= MOST_BREAKS:
        uow.claims.drop(letter_id, number, "dead", f"opgivet efter {attempts} forsøg: {said}")
        conclude(uow, number, now)
        return
    uow.claims.drop(letter_id, number, "dropped", said)
    uow.outbox.again(number, now)
    uow.outbox.wait(number, now + PUT_OFF[min(attempts, len(PUT_OFF)) - 1], said)
