"""What is to come and what goes out: the agenda of a programme, and its outbox in words; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ...engine.civil.instants import local_date
from ...engine.errors import NotFound
from ...engine.values import Intent
from ...storage import ONE_PERSON, InstanceView, OutboxView, PersonRow, TimerView
from ..hindsight.known import as_of_instant, reading
from ..mailing.wording import matter
from ..posting.telling import LetterInfo, letters_of, why
from .board import DatedRow, coming, every_mail, overdue, under_way
from .sheet import kommune_name, person_name, timer_row
from .words import Words

if TYPE_CHECKING:
    from ..engine import Engine

INTENTS: Mapping[str, str] = {
    Intent.NUDGE: "påmindelse",
    Intent.NOTICE: "besked",
    Intent.INVITATION: "indkaldelse",
    Intent.CANCELLATION: "aflysning",
}
STATUSES: Mapping[str, str] = {
    "pending": "venter",
    "posted": "lagt i brev",
    "sent": "sendt",
    "withdrawn": "trukket tilbage",
    "held": "holdt tilbage",
    "dead": "opgivet",
    "doubtful": "måske sendt",
}


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer that will fire: when, about what, and what it does."""

    instance_id: int
    title: str
    kommune_name: str | None
    rule: str
    rule_title: str
    does: str
    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is late, under way and coming within some days, and the timers that will fire in them."""

    id: int
    title: str
    today: date
    until: date
    overdue: tuple[DatedRow, ...]
    under_way: tuple[DatedRow, ...]
    coming: tuple[DatedRow, ...]
    timers: tuple[TimerDue, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail in the outbox: about what, to which role and why, what became of it, and to whom it went.

    ``waits`` says in Danish why it has not gone yet; ``letters`` are those that it stands in, with whom they are to.
    What one has got already is called sent. What went on trial was ``sent_to`` nobody, and ``status_title`` names the
    one address.
    """

    id: int
    instance_id: int
    title: str
    kommune_name: str | None
    intent: str
    intent_title: str
    template: str
    role: str
    role_title: str
    why: str
    status: str
    status_title: str
    note: str
    queued_at: datetime
    not_before: datetime
    settled_at: datetime | None
    attempts: int
    last_error: str | None
    sent_to: tuple[str, ...]
    waits: str
    letters: tuple[LetterInfo, ...]


def agenda(
    engine: Engine,
    programme_id: int,
    *,
    days: int = 28,
    kommune: str | None = None,
    as_of: date | datetime | None = None,
) -> Agenda:
    """List what is dated in a programme until so many days from now; ``kommune`` (a code) narrows it to one.

    What the kommuner do together counts as each one's own. ``as_of`` gives the days as they were planned then.
    """
    then = as_of_instant(as_of, engine.context.clock.now())
    now, today = then.at, local_date(then.at)
    until = today + timedelta(days=min(days, (date.max - today).days))
    with reading(engine.context, then) as reader:
        one = reader.instance(programme_id)
        everything = reader.instances(programme_id)
        timers = reader.timers(programme_id=programme_id, status="armed") if then.is_now else ()
    words = Words(engine.context.compiled(one.workflow_hash))
    names = {other.id: other for other in everything}
    family = [other for other in everything if kommune is None or other.kommune in (None, kommune) or _is_root(other)]
    here = {other.id for other in family}
    due = (timer for timer in timers if timer.instance_id in here and timer.timer.rule != "poke")
    return Agenda(
        id=one.id,
        title=one.title,
        today=today,
        until=until,
        overdue=tuple(overdue(words, family, today)),
        under_way=tuple(under_way(words, family, today)),
        coming=tuple(row for row in coming(words, family, today) if (row.first_on or today) <= until),
        timers=tuple(_due(words, view, names, now) for view in due if local_date(view.timer.due_at) <= until),
        as_of=then.text,
    )


def outbox(engine: Engine, programme_id: int, status: str | None = None, *, limit: int = 200) -> tuple[MailRow, ...]:
    """List a programme's mails, the newest ``limit`` of them in the order in which they were queued."""
    with engine.context.store.read() as reader:
        one = reader.instance(programme_id)
        family = {other.id: other for other in reader.instances(programme_id)}
        people = reader.registers.people()
        found = every_mail(reader, programme_id, status)[-limit:]
        letters = letters_of(reader, found[0].id, found[-1].id) if found else {}
    words = Words(engine.context.compiled(one.workflow_hash))
    return tuple(mail_row(words, mail, family, people, letters.get(mail.id, ())) for mail in found)


def mail_row(
    words: Words,
    mail: OutboxView,
    family: Mapping[int, InstanceView],
    people: Sequence[PersonRow],
    letters: tuple[LetterInfo, ...] = (),
) -> MailRow:
    """Say in words what a mail is about and what became of it."""
    about, nudge = family[mail.instance_id], mail.nudge
    told = nudge.values.get("hvorfor")
    note = mail.result.get("note") if mail.result else None
    went = [letter for letter in letters if letter.status == "sent"]
    waits = mail.status in ("pending", "posted")
    status = "sent" if waits and went else mail.status  # To some it has gone; ``waits`` tells of the others.
    tried = ", ".join(dict.fromkeys(letter.note for letter in went)) if all(one.is_trial for one in went) else ""
    return MailRow(
        id=mail.id,
        instance_id=mail.instance_id,
        title=about.title,
        kommune_name=kommune_name(about, family.values()),
        intent=nudge.intent,
        intent_title=INTENTS[nudge.intent],
        template=nudge.template,
        role=nudge.role,
        role_title=_addressee(words, people, nudge.role),
        why=str(told) if told else matter(words.workflow, nudge) or words.event(about.kind, nudge.why),
        status=mail.status,
        status_title=" ".join(filter(None, (STATUSES.get(status, status), tried))),
        note=str(note) if note else "",
        queued_at=mail.queued_at,
        not_before=mail.not_before,
        settled_at=mail.settled_at,
        attempts=mail.attempts,
        last_error=mail.last_error,
        sent_to=() if tried else tuple(person_name(people, str(one.person_id)) for one in mail.deliveries),
        waits=why(mail, letters) if waits else "",
        letters=letters,
    )


def _addressee(words: Words, people: Sequence[PersonRow], role: str) -> str:
    """Name a role, or the one person that a mail is for."""
    return person_name(people, role.removeprefix(ONE_PERSON)) if role.startswith(ONE_PERSON) else words.person(role)


def _due(words: Words, view: TimerView, names: Mapping[int, InstanceView], now: datetime) -> TimerDue:
    row, about = timer_row(words, view), names[view.instance_id]
    return TimerDue(
        instance_id=about.id,
        title=about.title,
        kommune_name=kommune_name(about, names.values()),
        rule=row.rule,
        rule_title=row.title,
        does=row.does,
        due_at=row.due_at,
        late=view.timer.due_at < now,
    )


def _is_root(one: InstanceView) -> bool:
    return one.parent_id is None


def require_status(status: str) -> str:
    """Give the status of mails that a word names; NotFound lists them."""
    if status not in STATUSES:
        raise NotFound("status of mails", status, STATUSES)
    return status
