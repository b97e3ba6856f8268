"""What faces show of letters: to whom, when and with what, and why a mail waits, in Danish words; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ...engine.civil.danish import clock, join_and, long_date
from ...engine.civil.instants import local, local_date
from ...engine.values import Intent
from ...storage import LetterView, Outbox, OutboxView, PersonRow, Reader

PAGE = 200
SHAPES: Mapping[str, str] = {"mail": "egen mail", "digest": "samlet mail"}
LETTER_STATUSES: Mapping[str, str] = {
    "pending": "venter",
    "sent": "sendt",
    "withdrawn": "trukket tilbage",
    "held": "holdt tilbage",
    "dead": "opgivet",
    "doubtful": "måske sendt",
}


@dataclass(frozen=True, slots=True)
class LetterInfo:
    """A letter: to whom, when it goes or went, with which mails of the outbox, and what became of it.

    ``goes_at`` is when it may go at the earliest, None once it has come to its end; ``note`` is Danish. ``is_trial``
    says that it went to the one address of a trial instead. ``instead`` names who gets a mail in it, as things stand,
    because the person is away on the day on which it goes.
    """

    id: int
    person_id: int
    person: str
    shape: str
    shape_title: str
    status: str
    status_title: str
    goes_at: datetime | None
    settled_at: datetime | None
    attempts: int
    last_error: str | None
    note: str
    message_id: str
    mails: tuple[int, ...]
    is_trial: bool = False
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits: its number, the text and the role that it is for, and why it waits, in Danish."""

    id: int
    template: str
    role: str
    waits: str


def waiting(reader: Reader, instance_id: int) -> tuple[Waiting, ...]:
    """List what waits of the mails about an instance, in the order in which they were queued."""
    mails = [mail for status in ("pending", "posted") for mail in reader.outbox(status=status, instance_id=instance_id)]
    letters = _by_mail(reader, [mail.id for mail in mails], status="pending", about=instance_id) if mails else {}
    found = (Waiting(mail.id, mail.nudge.template, mail.nudge.role, why(mail, letters[mail.id])) for mail in mails)
    return tuple(sorted(found, key=lambda one: one.id))


def letters_of(reader: Reader, first: int, last: int) -> dict[int, tuple[LetterInfo, ...]]:
    """Give the letters of each mail in a span of the outbox: those that it stands in, or stood in when they went."""
    return _by_mail(reader, range(first, last + 1), outbox=(first, last))


def _by_mail(
    reader: Reader,
    mails: Iterable[int],
    *,
    status: str | None = None,
    outbox: tuple[int, int] | None = None,
    about: int | None = None,
) -> dict[int, tuple[LetterInfo, ...]]:
    """Read letters page by page, and give them by the mails in them that are asked for."""
    people = {person.id: person for person in reader.registers.people()}
    away = {person.id: person.paused_until for person in people.values() if person.paused_until is not None}
    found: dict[int, tuple[LetterInfo, ...]] = dict.fromkeys(mails, ())
    after = 0
    while views := reader.posted.letters(status=status, outbox=outbox, about=about, after=after, limit=PAGE):
        for info in (letter_info(view, people) for view in views):
            for mail in info.mails:
                if mail in found:
                    found[mail] = (*found[mail], replace(info, instead=_instead(reader, mail, info, away)))
        after = views[-1].row.id
    return found


def _instead(reader: Reader, mail: int, letter: LetterInfo, away: Mapping[int, date]) -> tuple[str, ...]:
    """Name who gets a mail of a letter whose person is away when it goes; nobody where she is there, or gets it still.

    What is called off stays hers.
    """
    until, at = away.get(letter.person_id), letter.goes_at
    if until is None or at is None or until < local_date(at):
        return ()
    row = Outbox(reader.connection, reader.registers).one(mail, at, on=local_date(at), anyhow=True)
    if row is None or (row.nudge.intent is Intent.CANCELLATION and row.nudge.uid is None):
        return ()
    if any(one.person_id == letter.person_id for one in row.recipients):
        return ()
    hers = [one.name for one in row.recipients if one.stands_in_for == letter.person]
    return tuple(hers or (one.name for one in row.recipients))


def letter_info(view: LetterView, people: Mapping[int, PersonRow]) -> LetterInfo:
    """Put a letter as faces show it."""
    row = view.row
    person = people.get(row.person_id)
    return LetterInfo(
        id=row.id,
        person_id=row.person_id,
        person=person.name if person else f"person {row.person_id}",
        shape=row.shape,
        shape_title=SHAPES[row.shape],
        status=row.status,
        status_title=LETTER_STATUSES[row.status],
        goes_at=max(row.not_before, row.lease_until or row.not_before) if row.status == "pending" else None,
        settled_at=row.settled_at,
        attempts=row.attempts,
        last_error=row.last_error,
        note=row.note,
        message_id=row.message_id,
        mails=tuple(item.outbox_id for item in view.items if item.status != "dropped"),
        is_trial=row.is_trial,
    )


def why(mail: OutboxView, letters: Sequence[LetterInfo]) -> str:
    """Say in one Danish sentence or more why a mail waits, or what became of it."""
    note = str((mail.result or {}).get("note") or "")
    if mail.status == "pending":
        return mail.waits or "bliver fordelt til modtagerne, næste gang mails ordnes"
    if mail.status == "posted":
        return "; ".join(_goes(letter) for letter in letters if letter.goes_at) or "er ved at blive sendt"
    return note


def _goes(letter: LetterInfo) -> str:
    assert letter.goes_at is not None
    whom = f"{join_and(letter.instead)}, mens {letter.person} er væk," if letter.instead else letter.person
    said = f"går til {whom} {moment(letter.goes_at)}"
    failed = f"{letter.attempts} forsøg mislykkedes" if letter.attempts else ""
    told = "; ".join(filter(None, (letter.note, failed)))
    return f"{said} ({told})" if told else said


def moment(at: datetime) -> str:
    """Write an instant as local wall time: ``fredag den 20. september 2019 kl. 9.30``."""
    wall = local(at)
    return f"{long_date(wall.date())} {clock(wall.time())}"
