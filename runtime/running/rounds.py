"""One round of a running process: look at the clock, tick, deliver, now and then read the inbox, and say that it lives.

Knows no scheduler and no signal. Each part is guarded: what breaks is told and noted, and the rest goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from structlog.contextvars import bound_contextvars

from ...engine.errors import DeliveryFailed, NotYet
from ...notifications import DeliveryReport, Mail, Mailer
from ...notifications.delivery import BACKOFF, ready_of
from ...notifications.logs import place_of
from ...notifications.mailer import Probed
from ...storage import ProcessRow
from ..sweep import SweepReport, always, log
from .vigilance import Leap, Vigilance, must_hold

if TYPE_CHECKING:
    from ..engine import Engine

FORGOTTEN = timedelta(days=1)
"""After so long a process that did not say good-bye is forgotten."""

INBOX_EVERY = timedelta(minutes=1)
SILENT = timedelta(0)


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round did: timers and mails, what broke (by part), and the leap of the clock for which all was held."""

    timers: SweepReport = field(default_factory=SweepReport)
    mails: DeliveryReport = field(default_factory=DeliveryReport)
    broken: tuple[str, ...] = ()
    held_for: Leap | None = None

    @property
    def failures(self) -> int:
        """Count what went wrong: timers and mails that failed, parts that broke, and a clock that must be looked at."""
        return self.timers.failed + self.mails.failed + len(self.broken) + (self.held_for is not None)


class WatchedMailer:
    """A mailer that remembers whether its mail server can be reached, for the heartbeat."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self.failing: str | None = None
        self.tried = False

    def send(self, mail: Mail) -> None:
        """Send through the mailer; what is to be tried again is the server's fault, a refusal that of the mail."""
        self.tried = True
        try:
            self._mailer.send(mail)
        except DeliveryFailed as error:
            self.failing = type(error.__cause__ or error).__name__ if error.retry else None
            raise
        except NotYet as error:
            if error.is_fault:  # A pace that is kept on purpose says nothing of the server.
                self.failing = type(error.__cause__ or error).__name__
            raise
        self.failing = None

    def probe(self) -> None:
        """Ask a mailer that failed whether it works again, if it can tell: no mail need come for it to be well."""
        if self.failing is None or not isinstance(self._mailer, Probed):
            return
        try:
            self._mailer.probe()
        except (DeliveryFailed, NotYet) as error:
            self.failing = type(error.__cause__ or error).__name__
        else:
            self.failing = None

    def not_yet(self, address: str) -> NotYet | None:
        """Say what the mailer would not even try, if it can tell."""
        return ready_of(self._mailer)(address)


class Rounds:
    """The rounds of one process on one engine; one at a time.

    ``delivers`` False leaves the mails to another process. ``vigilance`` None trusts every clock. What breaks is told
    at once, and then again every ``tells_every`` at most.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        delivers: bool = True,
        vigilance: Vigilance | None = None,
        accepts_clock: bool = False,
        tells_every: timedelta = SILENT,
    ) -> None:
        self._engine, self._delivers, self._vigilance = engine, delivers, vigilance
        self._accepts, self._tells_every = accepts_clock, tells_every.total_seconds()
        self._mailer = WatchedMailer(engine.mailer)
        self._row: ProcessRow | None = None
        self._told: dict[str, float] = {}
        self._inbox_due = 0.0
        self._ill: set[str] = set()

    def round(self, go_on: Callable[[], bool] = always) -> RoundReport:
        """Do one round; nothing that goes wrong in it is raised."""
        with bound_contextvars(process_id=self._engine.sweeper.owner):
            return self._round(go_on)

    def _round(self, go_on: Callable[[], bool]) -> RoundReport:
        held: list[Leap | None] = [None]
        timers, mails, broken = SweepReport(), DeliveryReport(), []

        def look() -> None:
            held[0] = self._held()

        def tick() -> None:
            nonlocal timers
            timers = self._engine.sweeper.tick(go_on)
            self._row = replace(self._own(), ticked_at=self._now())

        def send() -> None:
            nonlocal mails
            mails = self._engine.post.deliver(self._mailer, go_on=go_on)
            self._row = replace(self._own(), delivered_at=self._now())
            if self._mailer.failing is not None and not self._fails_with_a_letter():
                self._mailer.probe()

        if not self._guarded("clock_failed", look):
            broken.append("clock")
        elif held[0] is None:
            broken += [] if self._guarded("tick_failed", tick) else ["tick"]
            if self._delivers and go_on():
                broken += [] if self._guarded("delivery_failed", send) else ["delivery"]
        broken += [name for name, work in self._errands() if go_on() and not self._ran(name, work)]
        self._beat(list(dict.fromkeys((*broken, *sorted(self._ill)))))
        return RoundReport(timers, mails, tuple(broken), held[0])

    def _fails_with_a_letter(self) -> bool:
        """Tell whether a letter will show whether the mail server works: that it answers proves less.

        One that waits for longer than any pause after a failure waits for an office to open, and shows nothing yet.
        """
        with self._engine.context.store.read() as reader:
            return reader.posted.has_failed(self._now() + BACKOFF[-1])

    def stopped(self) -> None:
        """Say good-bye, so that nobody is alarmed."""
        if self._row is not None:
            row = replace(self._row, beat_at=self._now(), stopped_at=self._now())
            self._guarded("goodbye_failed", lambda: self._write(row))
            self._row = None

    def _held(self) -> Leap | None:
        """Look whether the clock has leapt so far that people must look at it first."""
        leap = must_hold(self._engine.context.store, self._now(), self._vigilance, accept=self._accepts)
        self._accepts = False
        if leap is not None and self._may_tell("clock_leapt"):
            log.error("clock_leapt", before=leap.before.isoformat(), seen=leap.seen.isoformat())
        return leap

    def _errands(self) -> list[tuple[str, Callable[[], object]]]:
        """List what is done beside, in its own rhythm."""
        if time.monotonic() < self._inbox_due:
            return []
        self._inbox_due = time.monotonic() + INBOX_EVERY.total_seconds()

        def done(work: Callable[[], object]) -> Callable[[], object]:
            def run() -> None:
                work()
                self._row = replace(self._own(), inbox_at=self._now())

            return run

        return [(name, done(work)) for name, work in self._engine.errands.items()]

    def _ran(self, name: str, errand: Callable[[], object]) -> bool:
        """Run an errand; one that failed is ill until it succeeds, also in the rounds between."""
        is_done = self._guarded(f"{name}_failed", errand)
        (self._ill.discard if is_done else self._ill.add)(name)
        return is_done

    def _beat(self, broken: list[str]) -> None:
        """Write that the process lives, and what breaks since when; a database that refuses is told of elsewhere."""
        now, row = self._now(), self._own()
        failing = ", ".join(broken) or None
        mail = self._mailer.failing
        row = replace(
            row,
            beat_at=now,
            failing=failing,
            failing_since=(row.failing_since or now) if failing else None,
            mail_failing=mail,
            mail_failing_since=(row.mail_failing_since or now) if mail else None,
        )
        self._row = row
        self._guarded("heartbeat_failed", lambda: self._write(row))

    def _own(self) -> ProcessRow:
        """Give this process as it stands. It takes over what failed in the one that stopped last: cron starts many."""
        if self._row is None:
            now, before = self._now(), self._before()
            row = ProcessRow(self._engine.sweeper.owner, own_version(), now, now)
            if before is not None:
                row = replace(row, inbox_at=before.inbox_at, failing_since=before.failing_since)
            if before is not None and self._delivers and not self._mailer.tried:
                self._mailer.failing = before.mail_failing
                row = replace(row, mail_failing_since=before.mail_failing_since)
            self._row = row
        return self._row

    def _before(self) -> ProcessRow | None:
        """Find the process that stopped last, if the database can be asked."""
        found: list[ProcessRow] = []

        def look() -> None:
            with self._engine.context.store.read() as reader:
                found.extend(row for row in reader.beats.all() if row.stopped_at is not None)

        self._guarded("heartbeat_failed", look)
        return found[0] if found else None

    def _write(self, row: ProcessRow) -> None:
        with self._engine.context.begin() as uow:
            uow.beats.forget(row.beat_at - FORGOTTEN)
            uow.beats.put(row)

    def _guarded(self, complaint: str, work: Callable[[], object]) -> bool:
        """Do one part of the work; what it raises is told, and the next round tries again."""
        try:
            work()
        except Exception as error:
            if self._may_tell(complaint):
                log.error(complaint, error=type(error).__name__, place=place_of(error))
            return False
        self._told.pop(complaint, None)
        return True

    def _may_tell(self, complaint: str) -> bool:
        """Tell a complaint at once, and then only now and then: a full disk must not fill with complaints about it."""
        now = time.monotonic()
        if complaint in self._told and now - self._told[complaint] < self._tells_every:
            return False
        self._told[complaint] = now
        return True

    def _now(self) -> datetime:
        return self._engine.context.clock.now()


def own_version() -> str:
    """Say which samskabt this is."""
    try:
        return version("samskabt")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"
