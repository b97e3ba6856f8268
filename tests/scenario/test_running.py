"""The engine as processes: shared work, clean stops, what a dead process leaves, and what health tells of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from samskabt.engine.errors import DeliveryFailed
from samskabt.notifications import Mail
from samskabt.runtime.running.health import Level, health_of
from samskabt.runtime.running.process import Running, address_of
from samskabt.runtime.running.rounds import Rounds
from samskabt.runtime.sweep import RETRIES
from samskabt.runtime.ticker import Ticker
from samskabt.storage import Store

from .living import CHOSEN, ME, Life, begun, engine_of

PATIENCE_SECONDS = 240
TIMERS = 1000

WORKER = """\
import logging
import sys
from datetime import datetime
from samskabt.engine.errors import StorageUnavailable
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import Engine
from samskabt.storage import Store
from samskabt.workflows.catalogue import Catalogue

url, at = sys.argv[1:]
loads = 0

def hook(said):
    global loads
    loads += said == "before load"

fired = []  # Counted from the log: what a tick did before it failed is done, but not reported.

class Counting(logging.Handler):
    def emit(self, record):
        if record.getMessage() == "timer_fired":
            fired.append(record)

logging.getLogger("samskabt.runtime").addHandler(Counting())
logging.getLogger("samskabt.runtime").setLevel(logging.INFO)
clock = VirtualClock(datetime.fromisoformat(at))
engine = Engine(Store.open(url, hook), Catalogue.shipped(), clock=clock, mailer=MemoryMailer())
print("ready", flush=True)
sys.stdin.readline()
failed = 0
while len(fired) < 20:  # Its share; all wait for each other then, for on a busy machine the first could do it all.
    try:
        engine.sweeper.tick(lambda: len(fired) < 20)
    except StorageUnavailable:
        continue
print("begun", flush=True)
sys.stdin.readline()
while True:
    try:
        report = engine.tick()
    except StorageUnavailable:
        continue  # One writer at a time: on a busy machine it may take too long, and the next tick goes on.
    failed += report.failed
    if not report.fired:
        break
print(len(fired), failed, loads, flush=True)
"""


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Give a programme with timers that are all due now."""
    life = begun(f"sqlite:///{tmp_path / 'samskabt.db'}")
    life.clock.move_to(CHOSEN)
    return life


def write(life: Life, sql: str) -> int:
    """Write past the engine, on its own library; answer how many rows."""
    with life.engine.context.store.begin() as uow:
        count: int = uow.connection.raw.execute(sql).rowcount
    return count


def pokes(life: Life, count: int) -> None:
    """Make that many due timers, each on an instance of its own, copied from one of the programme's."""
    numbers = f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {count})"
    copied = "kind, title, parent_id, programme_id, kommune, workflow_hash, position, entered, data, planned_start, "
    copied += "planned_end, precision, actual_start, actual_end, effective_on, fixed_by, date_reason, revision, head, "
    copied += "created_at"
    source = f"SELECT 'copy_' || n, {copied} FROM many, instance WHERE instance.id = {life.instances('task')[0].id}"
    assert write(life, f"INSERT INTO instance (key, {copied}) {numbers} {source}") == count
    columns = "instance_id, key, rule, anchor, anchor_value, status, local_on, local_at, zone, calendar_version, "
    columns += "due_at, generation, lateness, attempts"
    values = "id, 'poke:0:0', 'poke', 'poke', '2019-09-01T08:00:00+00:00', 'armed', '2019-09-01', '08:00:00.000000', "
    values += "'UTC', '', '2019-09-01 08:00:00.000000', 1, 'late', 0 FROM instance WHERE key LIKE 'copy_%'"
    assert write(life, f"INSERT INTO timer ({columns}) SELECT {values}") == count


def leases(life: Life) -> int:
    """Count the timers that somebody holds."""
    with life.engine.context.store.read() as reader:
        return int(reader.connection.ask("SELECT count(*) FROM timer WHERE lease_until IS NOT NULL"))


@pytest.mark.no_cover
def test_four_processes_share_a_thousand_due_timers(life: Life, tmp_path: Path) -> None:
    """Each timer fires once, and is decided once: no process loads what another one works on."""
    life.engine.tick()
    pokes(life, TIMERS)
    arguments = [sys.executable, "-c", WORKER, f"sqlite:///{tmp_path / 'samskabt.db'}", CHOSEN.isoformat()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(arguments, **pipes) for _ in range(4)]  # type: ignore[call-overload]
    try:
        for word in ("ready\n", "begun\n"):
            assert [worker.stdout.readline() for worker in workers] == [word] * 4
            told = [worker.stdin.write("go\n") and worker.stdin.flush() for worker in workers]
            assert len(told) == 4
        found = [[int(part) for part in worker.stdout.readline().split()] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    # What failed because the machine was too busy was put off for a minute, and is caught up.
    life.clock.move_to(CHOSEN + timedelta(minutes=2))
    assert sum(fired for fired, _, _ in found) + life.engine.tick().fired == TIMERS
    assert min(fired for fired, _, _ in found) >= 20
    assert sum(loads for _, _, loads in found) <= TIMERS * 1.05
    assert leases(life) == 0
    life.engine.close()


def test_run_says_what_it_does_and_stops_cleanly_on_sigterm(life: Life, tmp_path: Path) -> None:
    """It tells the database, the mails and what is due; at SIGTERM it gives back all leases and ends with 0."""
    life.engine.close()
    url = f"sqlite:///{tmp_path / 'samskabt.db'}"
    command = [sys.executable, "-m", "samskabt", "--db", url, "run", "--every", "50ms"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"samskabt runs on {url}; mails: folder mail; next due: 1.8.2019 kl. 6.00\n"
        engine, _, _ = engine_of(url, CHOSEN)
        _wait(lambda: bool(_ticked(engine.context.store)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0, process.stderr.read() if process.stderr else ""
    with engine.context.store.read() as reader:
        [row] = reader.beats.all()
        assert row.stopped_at is not None
        assert reader.connection.ask("SELECT count(*) FROM timer WHERE lease_until IS NOT NULL") == 0
    engine.close()


def test_a_stop_finishes_the_timers_in_hand_and_gives_the_rest_back(life: Life) -> None:
    """What was claimed and not tried is anybody's again at once; one that has failed before is in hand alone."""
    asked = iter([True] + [False] * 99)
    assert life.engine.sweeper.tick(lambda: next(asked)).fired == 0
    assert leases(life) == 0
    with life.engine.context.begin() as uow:
        first = uow.timers.due(life.clock.now(), 1)[0]
        uow.timers.failed(first.instance_id, first.key, "KeyError", life.clock.now())
    asked = iter([True] * 2 + [False] * 99)
    assert life.engine.sweeper.tick(lambda: next(asked)).fired == 1
    assert leases(life) == 0
    assert life.engine.tick().fired > 3
    life.engine.close()


def test_a_stop_sends_no_further_letter(life: Life) -> None:
    """The letter in hand is sent and marked; the others wait, and nobody holds them."""
    life.engine.tick()
    sent = life.engine.post.deliver(life.mailer, go_on=lambda: len(life.mailer.mails) < 2).sent
    assert sent == 2
    assert life.engine.deliver().sent > 0
    life.engine.close()


def test_what_a_process_died_of_is_counted_before_it_is_tried_and_comes_last(life: Life, tmp_path: Path) -> None:
    """A timer whose holder died waits for all others; each attempt puts it off further, even when none returns."""
    with life.engine.context.store.read() as reader:
        first = reader.due(CHOSEN, 1)[0]
    held = f"lease_until = '2019-09-04 07:00:00.000000', leased_by = 'dead' WHERE id = {first.id}"
    assert write(life, f"UPDATE timer SET {held}") == 1
    deadly: list[bool] = []

    def hook(said: str) -> None:
        if deadly and said == "before load":
            raise KeyboardInterrupt
        deadly.extend([True] if said == "after claim orphan" else [])

    store = Store.open(f"sqlite:///{tmp_path / 'samskabt.db'}", hook)
    engine, _, _ = engine_of("", CHOSEN, store=store)
    with pytest.raises(KeyboardInterrupt):
        engine.tick()
    with life.engine.context.store.read() as reader:
        assert not reader.due(CHOSEN, 10)
        [failing] = reader.backlog.failing()[1]
    assert (failing.key, failing.attempts, failing.retry_at) == (first.key, 1, CHOSEN + RETRIES[0])
    deadly.clear()
    life.clock.move_to(CHOSEN + timedelta(minutes=2))
    assert life.engine.tick().fired == 1
    engine.close()
    life.engine.close()


def test_a_lease_from_a_clock_that_was_wrong_binds_nobody(life: Life) -> None:
    """Leases and waits that lie a month ahead were written on a wrong clock, and are passed over."""
    ahead = "lease_until = '2019-10-04 08:00:00.000000', retry_at = '2019-10-04 08:00:00.000000', attempts = 1"
    count = write(life, f"UPDATE timer SET {ahead} WHERE status = 'armed' AND due_at <= '2019-09-04 08:00:00.000000'")
    assert life.engine.tick().fired >= count > 5
    life.engine.close()


def test_a_commit_in_the_same_process_wakes_the_ticker(life: Life) -> None:
    """With an hour between its ticks, a ticker handles at once what somebody has just done."""
    with Ticker(life.engine, timedelta(hours=1)):
        _wait(lambda: _ticked(life.engine.context.store) == CHOSEN.isoformat())
        later = CHOSEN + timedelta(minutes=1)
        life.clock.move_to(later)
        day = date(2019, 10, 28)
        life.engine.reschedule(life.one("uddannelsesdag_1").id, day, reason="Lokalet var optaget", actor=ME)
        _wait(lambda: _ticked(life.engine.context.store) == later.isoformat())
    assert life.engine.context.knocks == []
    life.engine.close()


class Unreachable:
    """A mailer whose server is down."""

    def __init__(self) -> None:
        self.is_down = True

    def send(self, mail: Mail) -> None:
        """Fail, to be tried again."""
        if self.is_down:
            raise DeliveryFailed(f"no answer about {len(mail.content)} bytes", retry=True)


def test_a_mail_server_that_is_down_shows_in_health_until_it_is_back(life: Life) -> None:
    """Since when and with what error; a warning first, an alarm after ten minutes, and nothing once a mail goes."""
    mailer = Unreachable()
    life.engine.mailer = mailer
    rounds = Rounds(life.engine)
    assert rounds.round().mails.failed > 0
    assert _levels(life)["mailer"] is Level.WARN
    for _ in range(3):
        life.clock.move_to(life.clock.now() + timedelta(minutes=6))
        rounds.round()
    assert _levels(life)["mailer"] is Level.FAIL
    mailer.is_down = False
    life.clock.move_to(life.clock.now() + timedelta(hours=2))
    assert rounds.round().mails.sent > 0
    assert _levels(life)["mailer"] is Level.OK
    life.engine.close()


def test_a_full_disk_fails_the_tick_is_told_once_a_minute_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No round raises, one line tells it, and when there is room all that was due happens."""
    url = f"sqlite:///{tmp_path / 'samskabt.db'}"
    begun(url).engine.close()
    engine, _, _ = engine_of(url, CHOSEN)
    store = engine.context.store
    with store.read() as reader:
        pages = reader.connection.ask("PRAGMA page_count")
    roomy = store._engine

    def cramped() -> Any:
        raw = roomy.connect()
        raw.execute(f"PRAGMA max_page_count = {pages}")
        return raw

    store._engine = replace(roomy, connect=cramped)
    store._idle.clear()
    rounds = Rounds(engine, tells_every=timedelta(minutes=1))
    broken = [rounds.round().broken for _ in range(3)]
    assert any(broken)
    said = [record.getMessage() for record in caplog.records]
    assert 1 <= said.count("tick_failed") + said.count("delivery_failed") <= 2
    store._engine = roomy
    store._idle.clear()
    engine.context.clock.move_to(CHOSEN + timedelta(minutes=10))  # type: ignore[attr-defined]
    assert rounds.round().broken == ()
    with engine.context.store.read() as reader:
        assert not reader.due(engine.context.clock.now(), 1)
    engine.close()


def test_once_reports_and_leaves_mails_to_others_when_told(life: Life) -> None:
    """One round and a good-bye; with ``delivers`` False it sends nothing."""
    running = Running(life.engine, delivers=False)
    begun_with = running.begin()
    assert begun_with.next_due is not None and begun_with.moved == 0
    report = running.once(Event())
    assert report.timers.fired > 5 and report.mails.sent == 0 and not report.failures
    assert life.mailer.mails == ()
    life.engine.close()


def test_no_password_is_shown() -> None:
    """The address of a database is told without the password in it."""
    assert address_of("postgresql://me:secret@host:5/name") == "postgresql://me@host:5/name"


def _levels(life: Life) -> dict[str, Level]:
    return {check.name: check.level for check in health_of(life.engine).checks}


def _ticked(store: Store) -> str | None:
    with store.read() as reader:
        ticks = [row.ticked_at for row in reader.beats.all() if row.ticked_at]
    return ticks[0].isoformat() if ticks else None


def _wait(condition: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
