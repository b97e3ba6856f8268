"""The ticker in real time, at short intervals: what is due happens once, whatever breaks, stops or knocks."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine
from samskabt.runtime.ticker import Ticker
from samskabt.storage import Store

from .living import BEGUN, CHOSEN, begun, engine_of

SHORT = timedelta(seconds=0.05)
NEVER = timedelta(hours=1)
PATIENCE_SECONDS = 60

KILLED = """\
import os, sys
from datetime import datetime, timedelta
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine
from samskabt.runtime.posting.restraint import Restraint
from samskabt.runtime.settings import Settings
from samskabt.runtime.ticker import Ticker
from samskabt.storage import Store
from samskabt.workflows.catalogue import Catalogue
import threading

url, statement, count, at = sys.argv[1:]
left = int(count)

def hook(said):
    global left
    left -= said == statement
    if left == 0:
        os._exit(9)

clock = VirtualClock(datetime.fromisoformat(at))
settings = Settings(restraint=Restraint.off())
engine = Engine(Store.open(url, hook), Catalogue.shipped(), clock=clock, mailer=MemoryMailer(), settings=settings)
with Ticker(engine, timedelta(seconds=0.05)):
    threading.Event().wait(60)
"""


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds, and fail when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


def is_done(engine: Engine) -> bool:
    """Tell whether nothing is due and no mail is waiting."""
    with engine.context.store.read() as reader:
        counts = reader.counts()
        now = engine.context.clock.now()
        is_due = any(one.timer.status == "armed" and one.timer.due_at <= now for one in reader.timers())
        return not is_due and not counts.outbox.get("pending") and not counts.outbox.get("posted")


def deliveries(engine: Engine) -> list[str]:
    """List the Message-IDs of all mails that went out."""
    with engine.context.store.read() as reader:
        return [delivery.message_id for mail in reader.outbox(limit=1000) for delivery in mail.deliveries]


def test_two_tickers_on_one_database_fire_and_send_everything_once(store_url: str) -> None:
    """Each timer fires once and each mail is sent once, whoever of the two comes first."""
    life = begun(store_url)
    life.clock.move_to(CHOSEN)
    other, _, mailer = engine_of(store_url, CHOSEN)
    with Ticker(life.engine, SHORT), Ticker(other, SHORT):
        wait_for(lambda: is_done(life.engine))
    sent = [mail.message_id for mail in (*life.mailer.mails, *mailer.mails)]
    assert len(sent) > 10
    assert sorted(sent) == sorted(deliveries(life.engine))
    assert examine(life.engine).findings == ()
    life.engine.close()
    other.close()


@pytest.mark.no_cover
@pytest.mark.parametrize(("statement", "count"), [("after fire timer", 5), ("before commit", 12), ("after deliver", 3)])
def test_a_killed_ticker_loses_nothing(tmp_path: Path, statement: str, count: int) -> None:
    """A process that dies in the middle of a tick, or between a mail and its commit, leaves all to the next one."""
    url = f"sqlite:///{tmp_path / 'samskabt.db'}"
    life = begun(url)
    arguments = [sys.executable, "-c", KILLED, url, statement, str(count), CHOSEN.isoformat()]
    assert subprocess.run(arguments, timeout=PATIENCE_SECONDS, check=False).returncode == 9
    # Later than any lease: a mail that the dead one held is free again.
    life.clock.move_to(CHOSEN + timedelta(minutes=10))
    with Ticker(life.engine, SHORT):
        wait_for(lambda: is_done(life.engine))
    assert examine(life.engine).findings == ()
    assert len(deliveries(life.engine)) == len(set(deliveries(life.engine))) > 10
    life.engine.close()


def test_a_failing_tick_is_told_and_does_not_end_the_ticker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the database refuses, each tick fails and is logged; when it is back, all that was due happens."""
    url = f"sqlite:///{tmp_path / 'samskabt.db'}"
    begun(url).engine.close()
    is_broken = threading.Event()

    def hook(said: str) -> None:
        if is_broken.is_set() and said == "before begin read":
            raise RuntimeError("the cable is out")

    engine, _, mailer = engine_of(url, CHOSEN, store=Store.open(url, hook))
    is_broken.set()
    with Ticker(engine, SHORT) as ticker:
        wait_for(lambda: sum("tick_failed" in record.getMessage() for record in caplog.records) >= 2)
        assert ticker.is_running
        is_broken.clear()
        wait_for(lambda: is_done(engine))
    assert mailer.mails
    assert "the cable is out" not in caplog.text
    engine.close()


def test_a_knock_wakes_it_at_once(tmp_path: Path) -> None:
    """With an hour between the ticks, a knock makes due what has become due since the first."""
    life = begun(f"sqlite:///{tmp_path / 'samskabt.db'}")
    with Ticker(life.engine, NEVER) as ticker:
        wait_for(lambda: beat(life.engine) == BEGUN.isoformat())
        life.clock.move_to(CHOSEN)
        ticker.knock()
        wait_for(lambda: is_done(life.engine) and beat(life.engine) == CHOSEN.isoformat())
    ticker.knock()
    life.engine.close()


def test_stopping_waits_for_the_running_tick_and_a_knock_during_it_is_heard(tmp_path: Path) -> None:
    """A knock while a tick runs leads to another one; stop returns when the one that runs has ended."""
    url = f"sqlite:///{tmp_path / 'samskabt.db'}"
    begun(url).engine.close()
    entered, may_go = threading.Semaphore(0), threading.Semaphore(0)

    def hook(said: str) -> None:
        if said == "before beat":
            entered.release()
            may_go.acquire(timeout=PATIENCE_SECONDS)

    engine, _, _ = engine_of(url, CHOSEN, store=Store.open(url, hook))
    ticker = Ticker(engine, NEVER)
    ticker.start()
    ticker.start()
    assert entered.acquire(timeout=PATIENCE_SECONDS)
    ticker.knock()
    may_go.release()
    assert entered.acquire(timeout=PATIENCE_SECONDS), "the knock was not heard"
    stopping = threading.Thread(target=ticker.stop)
    stopping.start()
    stopping.join(0.2)
    assert stopping.is_alive(), "it did not wait"
    may_go.release()
    stopping.join(PATIENCE_SECONDS)
    assert not stopping.is_alive()
    assert not ticker.is_running
    engine.close()


def test_there_is_no_thread_unless_one_asks(tmp_path: Path) -> None:
    """An engine has no threads; a ticker has some until it is stopped, may be started again, and leaves none."""
    before = set(threading.enumerate())
    engine, _, _ = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}")
    engine.tick()
    ticker = Ticker(engine, SHORT)
    assert set(threading.enumerate()) == before
    for _ in range(2):
        with ticker:
            wait_for(lambda: beat(engine) is not None)
        assert set(threading.enumerate()) == before
    ticker.stop()
    engine.close()


def test_an_interval_of_nothing_is_refused(tmp_path: Path) -> None:
    """A ticker that never waits would take the whole machine."""
    engine, _, _ = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}")
    with pytest.raises(InvalidInput, match="longer than 0:00:00"):
        Ticker(engine, timedelta(0))
    engine.close()


def beat(engine: Engine) -> str | None:
    """Give when the ticker was last alive."""
    with engine.context.store.read() as reader:
        return reader.heartbeat.isoformat() if reader.heartbeat else None
