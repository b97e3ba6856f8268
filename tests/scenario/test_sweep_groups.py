"""Due timers share transactions on SQLite: one that breaks, a process that dies and one beside it change nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from samskabt.runtime import sweep
from samskabt.runtime.sweep import SweepReport
from samskabt.storage import Store, TimerView
from samskabt.storage.queues.claiming import LEASE

from .living import CHOSEN, begun, engine_of

PROCESS = """
import os, signal, sys
from datetime import datetime
from samskabt import VirtualClock
from samskabt.runtime.engine import Engine
from samskabt.storage import Store
from samskabt.workflows.catalogue import Catalogue

url, at, aim, left = sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def hook(statement):
    global left
    left -= statement == aim
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

engine = Engine(Store.open(url, hook), Catalogue(()), clock=VirtualClock(at))
print("ready", flush=True)
sys.stdin.readline()
print(engine.tick().fired)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the database once."""
    path = tmp_path_factory.mktemp("groups") / "samskabt.db"
    begun(f"sqlite:///{path}").engine.close()
    return path


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    """Give a database in which more timers than one are due at ``CHOSEN``."""
    shutil.copyfile(template, tmp_path / template.name)
    return f"sqlite:///{tmp_path / template.name}"


def test_many_timers_share_one_transaction(url: str) -> None:
    """A tick commits once per claim and once per group: of what is due, of what that poked, and its heartbeat."""
    said: list[str] = []
    engine, _, _ = engine_of("", CHOSEN, store=Store.open(url, said.append))
    due = len(armed(engine_of(url, CHOSEN)[0].context.store))
    said.clear()
    assert engine.tick().fired >= due > 10
    assert said.count("after commit") <= 5
    engine.close()


def test_one_that_breaks_is_put_off_and_all_others_of_its_group_fire(url: str) -> None:
    """The group is undone, each of its timers is handled alone, and the broken one breaks no group again."""
    said: list[str] = []
    engine, clock, _ = engine_of("", CHOSEN, store=Store.open(url, said.append))
    due = armed(engine.context.store)
    middle = due[len(due) // 2]
    with engine.context.begin() as uow:
        given = f"key = '{middle.timer.key}' AND instance_id = {middle.instance_id}"
        uow.connection.raw.execute(f"UPDATE timer SET rule = 'ukendt' WHERE {given}")
    report = engine.tick()
    assert report.failed == 1
    assert report.fired >= len(due) - 1
    assert [one.timer.key for one in armed(engine.context.store)] == [middle.timer.key]
    said.clear()
    clock.move_to(CHOSEN + sweep.RETRIES[0])
    assert engine.tick() == SweepReport(failed=1)
    assert said.count("before begin") == 4, "claimed, tried alone, noted as failed, heartbeat"
    engine.close()


@pytest.mark.no_cover
@pytest.mark.parametrize(("aim", "number"), [("after fire timer", 7), ("after queue mail", 3), ("before commit", 1)])
def test_a_process_that_dies_in_a_group_has_fired_none_of_it(url: str, aim: str, number: int) -> None:
    """Killed among the timers of a group or at its commit: all are armed, and fire when its lease is over."""
    engine, clock, _ = engine_of(url, CHOSEN)
    due, mails = [one.timer for one in armed(engine.context.store)], counted(engine.context.store, "outbox")
    one = started(url, aim, number)
    one.communicate("go\n")
    assert one.returncode == -signal.SIGKILL
    assert [one.timer for one in armed(engine.context.store)] == due
    assert counted(engine.context.store, "outbox") == mails
    clock.move_to(CHOSEN + LEASE)
    assert engine.tick().fired >= len(due)
    engine.close()


def test_two_processes_fire_each_timer_once(url: str) -> None:
    """Two that begin at the same moment fire together as many timers as one alone, and leave the same mails."""
    alone, _, _ = engine_of(copied(url), CHOSEN)
    expected, mails = alone.tick().fired, counted(alone.context.store, "outbox")
    alone.close()
    both = [started(url, "never", 1) for _ in range(2)]
    for one in both:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    answers = [one.communicate("go\n") for one in both]
    assert [one.returncode for one in both] == [0, 0]
    engine, _, _ = engine_of(url, CHOSEN)
    assert sum(int(said) for said, _ in answers) == expected
    assert not armed(engine.context.store)
    assert counted(engine.context.store, "outbox") == mails
    engine.close()


def test_other_writers_come_between_two_batches(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tick pauses after every full batch, for a writer who waits on SQLite looks only now and then."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr(sweep, "BATCH", 5)
    engine, _, _ = engine_of(url, CHOSEN)
    due = len(armed(engine.context.store))
    engine.tick()
    assert due // 5 <= len(pauses) <= due // 5 + 2
    engine.close()


def started(url: str, aim: str, number: int) -> subprocess.Popen[str]:
    """Start a process that ticks when it is told to, and dies at a statement."""
    command = [sys.executable, "-c", PROCESS, url, CHOSEN.isoformat(), aim, str(number)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def armed(store: Store) -> list[TimerView]:
    """List the timers that are due and armed."""
    with store.read() as reader:
        return [one for one in reader.timers() if one.timer.status == "armed" and one.timer.due_at <= CHOSEN]


def copied(url: str) -> str:
    """Copy a database that nobody has open."""
    path = Path(url.removeprefix("sqlite:///"))
    shutil.copyfile(path, path.with_name("copy.db"))
    return f"sqlite:///{path.with_name('copy.db')}"


def counted(store: Store, table: str) -> int:
    """Count the rows of a table."""
    with store.read() as reader:
        return int(reader.connection.ask(f"SELECT count(*) FROM {table}"))
