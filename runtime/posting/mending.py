"""What went wrong with letters, set right: a mail that breaks one is taken out, what a wrong clock left comes back.

Sends nothing, and decides of no mail whether it is worth sending.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

from ...engine.civil.instants import local_date
from ...engine.errors import Conflict, StorageError
from ...notifications.logs import logger, place_of
from ...storage import LetterRow, UnitOfWork
from ..usecases.context import Context
from .ending import conclude

PUT_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 1440))
"""How long a row that broke is put off, by the number of its failures; the last one repeats."""

MOST_BREAKS = 8
"""A mail that has broken so many letters is given up."""

Try: TypeAlias = Callable[[UnitOfWork, LetterRow, int, datetime], None]
"""Does with one mail of a letter all that a claim does, and raises what breaks."""

log = logger("samskabt.runtime")


class _Undone(Exception):
    """Ends a transaction of which nothing is to be kept."""


def take_out_broken(context: Context, letter_id: int, now: datetime, attempt: Try) -> bool:
    """Take the mails out of a letter that break it; False where none does, or all do, and nothing was changed.

    They are looked at again later, with the error shown, and are dead in the end.
    """
    with context.begin() as uow:
        uow.letters.lock()
        letter = uow.claims.look(letter_id, now)
        if letter is not None and letter.shape == "digest" and letter.may_grow:
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
        log.error("mail_broke_letter", row_id=number, error=type(error).__name__, at=place_of(error))
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


class Strays:
    """Letters and mails that a wrong clock left far ahead: looked for once a day, and when the clock goes back."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looked: tuple[date, datetime] | None = None

    def bring_back(self, now: datetime) -> int:
        """Make due now what no right clock can have made, held or let wait so far ahead; answer how many they were."""
        today = local_date(now)
        if self._looked is not None and self._looked[0] == today and self._looked[1] <= now:
            self._looked = today, now
            return 0
        with self._context.store.read() as reader:
            is_any = reader.posted.has_strays(now)
        count = 0
        if is_any:
            with self._context.begin() as uow:
                uow.letters.lock()
                count = uow.letters.bring_back(now)
            log.warning("strays_brought_back", rows=count)
        self._looked = today, now
        return count
