"""The engine as a process: what it says when it starts, how long it runs, and how it ends; knows no signal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...notifications import FolderMailer
from ..settings import require_sender
from ..sweep import log
from ..ticker import EVERY, Ticker
from .rounds import RoundReport, Rounds
from .vigilance import Vigilance
from .zones import follow_rules

if TYPE_CHECKING:
    from ..engine import Engine

TELLS_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a process found when it began; ``moved`` timers got another instant by new rules of the time zone."""

    database: str
    mailer: str
    trial: bool
    next_due: datetime | None
    moved: int


class Running:
    """One process on one engine, which owns nothing else: ``begin``, then ``once``, or ``until`` it is told to stop."""

    def __init__(
        self,
        engine: Engine,
        *,
        every: timedelta = EVERY,
        delivers: bool = True,
        accepts_clock: bool = False,
        vigilance: Vigilance | None = None,
    ) -> None:
        self._engine, self._delivers = engine, delivers
        self._rounds = Rounds(
            engine,
            delivers=delivers,
            vigilance=vigilance or Vigilance(),
            accepts_clock=accepts_clock,
            tells_every=TELLS_EVERY,
        )
        self._ticker = Ticker(engine, every, self._rounds)

    def begin(self) -> Begun:
        """Look at what there is before the first tick, and follow the rules of the time zone if they have changed.

        Raises InvalidInput where it is to send, and nobody has said in whose name.
        """
        engine = self._engine
        if self._delivers:
            require_sender(engine.settings)
        moved = follow_rules(engine.context.store, engine.context.clock.now())
        if moved:
            log.warning("zone_rules_changed", timers=moved)
        trial = bool(getattr(engine.settings, "all_mail_to", None))
        due = engine.sweeper.next_due()
        log.info("running", process_id=engine.sweeper.owner, next_due=due.isoformat() if due else None, trial=trial)
        return Begun(address_of(engine.settings.url), _mailer(engine), trial, due, moved)

    def once(self, stop: Event) -> RoundReport:
        """Do one round; what is not begun when ``stop`` is set is left to the next."""
        report = self._rounds.round(lambda: not stop.is_set())
        self._rounds.stopped()
        return report

    def until(self, stop: Event) -> None:
        """Tick until ``stop`` is set; returns when the timer or mail in hand is done and all leases are given back."""
        with self._ticker:
            stop.wait()
        log.info("stopped", process_id=self._engine.sweeper.owner)


def address_of(url: str) -> str:
    """Write a database's address without a password."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}@{host}").geturl()


def _mailer(engine: Engine) -> str:
    mailer = engine.mailer
    return f"folder {engine.settings.mail_folder}" if isinstance(mailer, FolderMailer) else repr(mailer)
