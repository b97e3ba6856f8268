"""The ticker: knocks at short intervals so that what is due happens; holds no deadlines, for the rows are the truth.

APScheduler 3.11.3 sleeps on the monotonic clock and sees neither a clock that was set nor a machine that was
suspended, loses jobs that are late, and must not share its store: so there is one interval job in memory, short, never
too late, and never twice at once. Any number of processes may run a ticker on one database.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from threading import Event, Lock
from types import TracebackType

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from ..engine.errors import InvalidInput
from .clock import SystemClock
from .engine import Engine
from .running.rounds import Rounds

EVERY = timedelta(seconds=5)
JOB = "samskabt-tick"


class Ticker:
    """Ticks and delivers for an engine in a thread of its own, from ``start`` (or ``with``) until ``stop``."""

    def __init__(self, engine: Engine, every: timedelta = EVERY, rounds: Rounds | None = None) -> None:
        if every <= timedelta(0):
            raise InvalidInput("every", f"a ticker needs an interval longer than {every}")
        self._engine, self._every = engine, every
        self._rounds = rounds or Rounds(engine)
        self._scheduler: BackgroundScheduler | None = None
        self._lock = Lock()
        self._knocked, self._is_working, self._is_stopping = Event(), Event(), Event()

    def start(self) -> None:
        """Begin to tick, at once and then at every interval; a ticker that runs already just goes on."""
        with self._lock:
            if self._scheduler is not None:
                return
            self._is_stopping.clear()
            scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)}, daemon=True)
            scheduler.add_job(
                self._work,
                IntervalTrigger(seconds=self._every.total_seconds(), timezone=UTC),
                id=JOB,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
                next_run_time=SystemClock().now(),
            )
            scheduler.start()
            self._scheduler = scheduler
            self._engine.context.knocks.append(self.knock)

    def stop(self) -> None:
        """Tick no more; returns when the timer or mail in hand is done and the rest given back. It may start again."""
        with self._lock:
            scheduler, self._scheduler = self._scheduler, None
            if scheduler is not None:
                self._engine.context.knocks.remove(self.knock)
                self._is_stopping.set()
                scheduler.shutdown(wait=True)
                self._rounds.stopped()

    def knock(self) -> None:
        """Let it tick now; while a tick is running, once more after it. Without a running ticker nothing happens."""
        self._knocked.set()
        # Never waited for: whoever stops it holds the lock until the tick has ended, and that tick may knock itself.
        if self._lock.acquire(blocking=False):
            try:
                if self._scheduler is not None and not self._is_working.is_set():
                    self._scheduler.modify_job(JOB, next_run_time=SystemClock().now())
            finally:
                self._lock.release()

    @property
    def is_running(self) -> bool:
        """Tell whether it ticks."""
        return self._scheduler is not None

    def __enter__(self) -> Ticker:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _work(self) -> None:
        """Tick and deliver, and again as long as somebody knocked in the meantime."""
        while True:
            self._is_working.set()
            self._knocked.clear()
            self._rounds.round(lambda: not self._is_stopping.is_set())
            # Cleared before the last look at the knocks, so that none falls between the two.
            self._is_working.clear()
            if self._is_stopping.is_set() or not self._knocked.is_set():
                return
