"""After a trial: what went to its one reader goes to those whom it was for, as far as it still matters.

Knows no mail server: letters are made due again, and the next delivery takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...engine.civil.instants import local_date
from ...engine.values import Intent, OutboxRow
from ...storage import LetterView, UnitOfWork
from ..posting.ending import conclude

TRIED: Final = "tried_at"
"""The note of the database that mails went on trial: the numbers that those letters lie between (``3-17``)."""

MOST = 1000
"""So many letters of a trial are looked at in one go."""

LAUNCHED = "gik først på prøve; sendes nu rigtigt"
FORGOTTEN = "gik kun på prøve"
NEWER = "gik kun på prøve; en nyere påmindelse om det samme går i stedet"
OVER = "gik kun på prøve; nu er det ikke længere aktuelt"


@dataclass(frozen=True, slots=True)
class Launch:
    """What becomes of mails that went on trial only, to so many people: ``mails`` go for real, the others do not.

    ``over`` tell of what is over, ``newer`` are reminders with a newer one about the same, ``forgotten`` are not
    wanted any more. ``is_all`` is False where there are more, for another time.
    """

    mails: int
    people: int
    over: int
    newer: int
    forgotten: int
    is_all: bool


def tried_between(note: str | None) -> tuple[int, int] | None:
    """Read the note of a database: the first and the last letter that may have gone on trial; None without a trial."""
    first, _, last = (note or "").partition("-")
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() else None


def note_tried(uow: UnitOfWork, letter_id: int) -> None:
    """Note that a letter went on trial; whoever does holds the lock on letters."""
    first, last = tried_between(uow.beats.note(TRIED)) or (letter_id, letter_id)
    uow.beats.put_note(TRIED, f"{min(first, letter_id)}-{max(last, letter_id)}")


def forget_trial(uow: UnitOfWork) -> None:
    """Drop the note where no letter is left that only went on trial."""
    between = tried_between(uow.beats.note(TRIED))
    if between is None or not uow.posted.count_tried(between, 1):
        uow.beats.drop_note(TRIED)


def tried(uow: UnitOfWork) -> tuple[LetterView, ...]:
    """Answer the letters that went on trial only, the oldest ``MOST`` of them."""
    between = tried_between(uow.beats.note(TRIED))
    return () if between is None else uow.posted.tried(between, MOST)


def launch(
    uow: UnitOfWork,
    letters: Sequence[LetterView],
    is_moot: Callable[[OutboxRow, UnitOfWork], bool],
    now: datetime,
    *,
    forget: bool,
) -> Launch:
    """Make due again what of these letters of a trial still matters; the rest is withdrawn with a note."""
    found = [(letter, row) for letter in letters for row in _reopened(uow, letter, now)]
    ended = {letter.row.id: "" for letter in letters}
    notes = {row.id: OVER for _, row in found if is_moot(row, uow)}
    newest = {_matter(letter, row): row.id for letter, row in found if _reminds(row) and row.id not in notes}
    kept, dropped = [], list[str]()
    for letter, row in found:
        newer = _reminds(row) and newest.get(_matter(letter, row)) != row.id
        note = FORGOTTEN if forget else notes.get(row.id) or (NEWER if newer else "")
        if note:
            uow.claims.drop(letter.row.id, row.id, "dropped", note)
            dropped.append(note)
            ended[letter.row.id] = note
        else:
            kept.append((letter.row.id, letter.row.person_id))
    for number in ended.keys() - {number for number, _ in kept}:
        uow.claims.end(number, "withdrawn", now, ended[number] or FORGOTTEN)
    for outbox_id in sorted({row.id for _, row in found}):
        conclude(uow, outbox_id, now)
    forget_trial(uow)
    return Launch(
        mails=len(kept),
        people=len({person for _, person in kept}),
        over=dropped.count(OVER),
        newer=dropped.count(NEWER),
        forgotten=dropped.count(FORGOTTEN),
        is_all=len(letters) < MOST,
    )


def _reopened(uow: UnitOfWork, letter: LetterView, now: datetime) -> tuple[OutboxRow, ...]:
    """Let a letter wait again; give the mails in it, in the order of their numbers."""
    for outbox_id in uow.claims.again(letter.row.id, now, LAUNCHED):
        uow.outbox.reopen(outbox_id)
    return uow.outbox.rows(letter.row.id, now, on=local_date(now))


def _reminds(row: OutboxRow) -> bool:
    return row.nudge.intent is Intent.NUDGE


def _matter(letter: LetterView, row: OutboxRow) -> tuple[int, int, str]:
    """Name what a reminder is about, to whom: of one matter only the newest is worth sending."""
    return letter.row.person_id, row.instance_id, row.nudge.why
