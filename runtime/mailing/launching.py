"""After a trial: what went to its one reader goes to those whom it was for, as far as it still matters.

Knows no mail server: letters are made due again, and the next delivery takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...engine.civil.instants import local_date
from ...engine.values import Intent, OutboxRow
from ...notifications import Mail
from ...storage import LetterView, Store, UnitOfWork
from ..posting.ending import conclude
from ..posting.poster import DOUBLED

TRIED: Final = "tried_at"
"""The note of the database that mails went on trial: the numbers that those letters lie between (``3-17``)."""

MOST = 1000
"""So many letters of a trial are looked at in one go."""

LAUNCHED = "gik først på prøve; sendes nu rigtigt"
FORGOTTEN = "gik kun på prøve"
NEWER = "gik kun på prøve; en nyere påmindelse om det samme går i stedet"
OVER = "gik kun på prøve; nu er det ikke længere aktuelt"
TWICE = f"gik kun på prøve; {DOUBLED}"


MOST_WAITS = 3
"""So often at most a letter that would go is asked for its next time: budget, then office hours, then a pause."""


@dataclass(frozen=True, slots=True)
class Going:
    """One mail that a launch sends: to whom, when and under which subject (empty where it goes on waiting)."""

    letter_id: int
    person_id: int
    person: str
    subject: str
    goes_at: datetime


@dataclass(frozen=True, slots=True)
class Launch:
    """What becomes of mails that went on trial only, to so many people: ``mails`` go for real, the others do not.

    ``over`` tell of what is over, ``doubled`` are invitations that their receivers get by another mail, ``newer``
    reminders with a newer one about the same, ``forgotten`` are not wanted any more. ``is_all`` is False where there
    are more, for another time. What goes stands in these ``letters``; a preview tells of each that is left when they
    are sent (``planned``), and then of what was not on trial and goes no later: so many letters (``waiting``).
    """

    mails: int
    people: int
    over: int
    doubled: int
    newer: int
    forgotten: int
    is_all: bool
    letters: tuple[int, ...] = ()
    planned: tuple[Going, ...] = ()
    waiting: int = 0


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
    notes = {row.id: TWICE if row.is_doubled else OVER for _, row in found if is_moot(row, uow)}
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
        doubled=dropped.count(TWICE),
        newer=dropped.count(NEWER),
        forgotten=dropped.count(FORGOTTEN),
        is_all=len(letters) < MOST,
        letters=tuple(dict.fromkeys(number for number, _ in kept)),
    )


def waiting(store: Store, but: Iterable[int]) -> tuple[int, ...]:
    """Number the letters that wait besides those that are launched, the oldest ``MOST`` of all."""
    launched = frozenset(but)
    with store.read() as reader:
        numbers = [one.row.id for one in reader.posted.letters(status="pending", limit=MOST + len(launched))]
    return tuple(number for number in numbers if number not in launched)


def going(
    store: Store, letters: Iterable[int], written: Callable[[int, datetime], Mail | None], now: datetime
) -> Iterator[Going]:
    """Tell of each letter that is sent again, as it would go: letters merge, and what is moot by then is left out.

    ``written`` writes a letter as it would go at an instant, and claims it: only to rehearse.
    """
    with store.read() as reader:
        names = {one.id: one.name for one in reader.registers.people()}
    for number in letters:
        at = now
        mail = written(number, at)
        for _ in range(MOST_WAITS):
            with store.read() as reader:
                view = reader.posted.letter(number)
            if mail is not None or view is None or view.row.status != "pending":
                break
            at = max(now, view.row.not_before)
            mail = written(number, at)
        if view is not None and view.row.status == "pending":
            person = view.row.person_id
            yield Going(number, person, names.get(person, f"person {person}"), mail.subject if mail else "", at)


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
