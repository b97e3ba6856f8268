"""A desk for the tests of posting: an engine with people and a programme, to which mails can be given at any time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from pathlib import Path

from samskabt.engine.civil.calendar import CalendarSettings
from samskabt.engine.civil.instants import local, local_date, to_utc
from samskabt.engine.values import Intent, Json, Nudge
from samskabt.notifications import MemoryMailer
from samskabt.notifications.compose import Mail
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.posting.telling import LetterInfo
from samskabt.runtime.settings import Settings
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import OutboxView

from .world import KEY, ME


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Give an instant by local wall time."""
    return to_utc(day, time(hour, minute))


@dataclass
class DatedMailer:
    """Keeps mails with the instant at which they were sent; fails as long as ``trouble`` says so."""

    clock: VirtualClock
    trouble: Exception | None = None
    memory: MemoryMailer = field(default_factory=MemoryMailer)
    sent: list[tuple[datetime, Mail]] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        """Keep it, or fail."""
        if self.trouble is not None:
            raise self.trouble
        self.memory.send(mail)
        self.sent.append((self.clock.now(), mail))


@dataclass
class Desk:
    """An engine whose own timers are left alone: only what is queued here is posted and sent."""

    engine: Engine
    clock: VirtualClock
    mailer: DatedMailer
    programme: int
    numbers: count[int] = field(default_factory=lambda: count(1))

    def person(self, name: str = "Anne Holm") -> int:
        """Enter a person."""
        return self.engine.people.add(name, f"p{next(self.numbers)}@eksempel.example")

    def kommune(self, name: str) -> int:
        """Give the process of Greve or Aarhus."""
        with self.engine.context.store.read() as reader:
            return next(one.id for one in reader.instances(self.programme, "kommune") if one.title == name)

    def queue(
        self,
        person: int | str,
        intent: Intent = Intent.NUDGE,
        *,
        about: int | None = None,
        template: str = "paamindelse_moede",
        expires_at: datetime | None = None,
        **values: Json,
    ) -> int:
        """Queue a mail to a person (or a role) now, and give its number."""
        role = person if isinstance(person, str) else f"person:{person}"
        number = next(self.numbers)
        nudge = Nudge(f"prøve-{number}", intent, template, role, "proeve", values=values, expires_at=expires_at)
        with self.engine.context.begin() as uow:
            uow.outbox.queue(uow.identity(about or self.programme), (nudge,), self.clock.now())
        return self.mails()[-1].id

    def mails(self) -> tuple[OutboxView, ...]:
        """Read the outbox."""
        with self.engine.context.store.read() as reader:
            return reader.outbox(limit=100_000)

    def mail(self, number: int) -> OutboxView:
        """Read one mail of the outbox."""
        return next(one for one in self.mails() if one.id == number)

    def letters(self, status: str | None = None) -> tuple[LetterInfo, ...]:
        """List letters."""
        return self.engine.post.letters(status, limit=100_000)

    def move(self, instant: datetime) -> None:
        """Move the clock and let the post work."""
        self.clock.move_to(instant)
        self.engine.deliver()

    def live_until(self, end: datetime) -> None:
        """Let the post work whenever something is due, up to an instant."""
        stops = 0
        while (due := self.next_due()) is not None and due <= end:
            self.move(max(due, self.clock.now()))
            stops += 1
            assert stops < 5_000, f"the post does not come to rest at {self.clock.now()}"
        self.move(max(end, self.clock.now()))

    def findings(self) -> list[str]:
        """List what the doctor finds of mails and letters; the timers are left alone here, which it would tell."""
        return [one.text for one in examine(self.engine).findings if one.code.startswith(("mail", "letter"))]

    def next_due(self) -> datetime | None:
        """Say when a letter or a mail is due next."""
        with self.engine.context.store.read() as reader:
            return reader.posted.next_due()

    def times(self) -> list[datetime]:
        """List when mails were sent, as local wall times without a zone."""
        return [local(instant).replace(tzinfo=None) for instant, _ in self.mailer.sent]

    def weeks(self) -> Counter[tuple[str, str]]:
        """Count mails by receiver and ISO week."""
        found = Counter[tuple[str, str]]()
        for instant, mail in self.mailer.sent:
            year, week, _ = local_date(instant).isocalendar()
            found[mail.recipient, f"{year}-{week}"] += 1
        return found


def settle_desk(path: Path | str, workflows: Workflows, at: datetime) -> int:
    """Make a database (a file, or by its address) with a programme whose own mails are out of the way.

    Nobody has a role in it; its timers are never let go. Gives its number.
    """
    settings = Settings(restraint=Restraint.off())
    url = path if isinstance(path, str) else f"sqlite:///{path}"
    with connect(url, workflows=workflows, clock=VirtualClock(at), settings=settings) as engine:
        programme = engine.programmes.start(KEY, actor=ME).instance_id
        engine.advance(programme, "forloeb.aabn_tilmelding", actor=ME)
        for kommune in ("Greve", "Aarhus"):
            engine.programmes.enrol(programme, kommune, actor=ME)
        engine.deliver()
    return programme


def open_desk(
    url: str,
    workflows: Workflows,
    start: datetime,
    programme: int,
    restraint: Restraint | None = None,
    calendars: dict[str, CalendarSettings] | None = None,
) -> Desk:
    """Open a copy of such a database at an instant."""
    clock = VirtualClock(start)
    mailer = DatedMailer(clock)
    settings = Settings(restraint=restraint or Restraint(), calendars=calendars or {})
    engine = connect(url, workflows=workflows, clock=clock, mailer=mailer, settings=settings)
    engine.context.store.hurry()  # what is tried here is what was decided, not what the disk kept
    return Desk(engine, clock, mailer, programme)
