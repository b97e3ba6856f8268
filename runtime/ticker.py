"""The ticker: knocks at short intervals so that what is due happens; holds no deadlines, for the rows are the truth.

APScheduler 3.11.3 sleeps on the monotonic clock and sees neither a clock that was set nor a machine that was
suspended, loses jobs that are late, and must not share its store: so there is one interval job in memory, short, never
too late, and never twice at once. Any number of processes may run a ticker on one database.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from threading import Event, Lock
from types import TracebackType

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from ..engine.errors import InvalidInput
from ..notifications.logs import place_of
from .clock import SystemClock
from .engine import Engine
from .sweep import log

EVERY = timedelta(seconds=5)
JOB = "samskabt-tick"


class Ticker:
    """Ticks and delivers for an engine in a thread of its own, from ``start`` (or ``with``) until ``stop``."""

    def __init__(self, engine: Engine, every: timedelta = EVERY) -> None:
        if every <= timedelta(0):
            raise InvalidInput("every", f"a ticker needs an interval longer than {every}")
        self._engine, self._every = engine, every
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

    def stop(self) -> None:
        """Tick no more; returns when a tick that is running has ended. It may be started again."""
        with self._lock:
            scheduler, self._scheduler = self._scheduler, None
            if scheduler is not None:
                self._is_stopping.set()
                scheduler.shutdown(wait=True)

    def knock(self) -> None:
        """Let it tick now; while a tick is running, once more after it. Without a running ticker nothing happens."""
        self._knocked.set()
        with self._lock:
            if self._scheduler is not None and not self._is_working.is_set():
                self._scheduler.modify_job(JOB, next_run_time=SystemClock().now())

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
            self._guarded("tick_failed", self._engine.tick)
            self._guarded("delivery_failed", self._engine.deliver)
            # Cleared before the last look at the knocks, so that none falls between the two.
            self._is_working.clear()
            if self._is_stopping.is_set() or not self._knocked.is_set():
                return

    def _guarded(self, complaint: str, work: Callable[[], object]) -> None:
        """Do one half of the work; what it raises is told, and the next tick tries again."""
        try:
            work()
        except Exception as error:
            log.error(complaint, error=type(error).__name__, at=place_of(error))
