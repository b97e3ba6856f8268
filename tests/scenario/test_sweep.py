"""The sweep in virtual time: a broken row stops nobody, is tried again ever more rarely, and never hides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from samskabt.runtime import sweep
from samskabt.runtime.doctor import examine
from samskabt.runtime.sweep import RETRIES, SweepReport
from samskabt.storage import Store, TimerView

from .living import CHOSEN, Life, begun, engine_of


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Give a programme with timers that are all due now."""
    life = begun(f"sqlite:///{tmp_path / 'samskabt.db'}")
    life.clock.move_to(CHOSEN)
    return life


def write(life: Life, sql: str) -> None:
    """Write past the engine, on its own library: two of them on one open file break each other's locks."""
    with life.engine.context.store.begin() as uow:
        assert uow.connection.raw.execute(sql).rowcount == 1


def poison(life: Life) -> str:
    """Break the oldest due timer: its rule is none of the workflow's; give the true one."""
    with life.engine.context.store.read() as reader:
        first = reader.due(CHOSEN, 1)[0]
    rule = first.key.partition(":")[0]
    write(life, f"UPDATE timer SET rule = 'ukendt' WHERE key = '{first.key}' AND instance_id = {first.instance_id}")
    return rule


def test_a_poisoned_timer_stops_nobody_and_keeps_its_error(life: Life) -> None:
    """The oldest due timer fails, all others fire in the same tick, and the row says why and when again."""
    due = len([one for one in timers(life) if one.timer.status == "armed" and one.timer.due_at <= CHOSEN])
    poison(life)
    report = life.engine.tick()
    assert report == SweepReport(fired=due - 1, failed=1)
    [failing] = [one for one in timers(life) if one.attempts]
    assert failing.last_error is not None and "ukendt" in failing.last_error
    assert failing.retry_at == CHOSEN + RETRIES[0]
    assert "timer_failing" in {finding.code for finding in examine(life.engine).findings}


def test_failures_are_tried_again_ever_more_rarely_until_mended(life: Life) -> None:
    """Each failure puts the timer off for longer; the last wait repeats, and once mended it fires."""
    rule = poison(life)
    life.engine.tick()
    for attempt, wait in enumerate([*RETRIES, RETRIES[-1]], start=1):
        [failing] = [one for one in timers(life) if one.attempts]
        assert (failing.attempts, failing.retry_at) == (attempt, life.clock.now() + wait)
        assert life.engine.tick().failed == 0
        life.clock.move_to(life.clock.now() + wait)
        assert life.engine.tick().failed == 1
    write(life, f"UPDATE timer SET rule = '{rule}' WHERE rule = 'ukendt'")
    life.clock.move_to(life.clock.now() + RETRIES[-1])
    assert life.engine.tick().failed == 0
    assert not [one for one in timers(life) if one.attempts and one.timer.status == "armed"]


def test_a_tick_ends_and_beats_even_when_something_is_always_due(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow that never rests cannot keep a tick from ending; the next one goes on where it stopped."""
    monkeypatch.setattr(sweep, "BATCH", 3)
    monkeypatch.setattr(sweep, "MOST_BATCHES", 2)
    assert life.engine.tick() == SweepReport(fired=6)
    with life.engine.context.store.read() as reader:
        assert reader.heartbeat == CHOSEN
    assert life.engine.tick().fired > 0


def test_the_heartbeat_is_written_once_a_tick(tmp_path: Path) -> None:
    """However many timers a tick fires, it says only once that it is alive."""
    said: list[str] = []
    begun(f"sqlite:///{tmp_path / 'samskabt.db'}").engine.close()
    store = Store.open(f"sqlite:///{tmp_path / 'samskabt.db'}", said.append)
    engine, _, _ = engine_of("", CHOSEN, store=store)
    assert engine.tick().fired > 5
    assert said.count("before beat") == 1
    engine.close()


def test_a_timer_that_another_process_took_is_not_counted(life: Life, tmp_path: Path) -> None:
    """What somebody else has fired between the look and the lock decides nothing here, and is no failure."""
    with life.engine.context.store.read() as reader:
        first = reader.due(CHOSEN, 1)[0]
    other, _, _ = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}", CHOSEN)
    assert other.tick().fired > 0
    assert life.engine.sweeper._guarded(first, CHOSEN) is None
    other.close()


def test_a_poke_that_fails_is_not_the_callers_failure(life: Life, tmp_path: Path) -> None:
    """The decision that poked is committed: its caller hears nothing, and the poke stays armed for the sweep."""
    columns = "local_on, local_at, zone, calendar_version, due_at, generation, lateness, attempts"
    values = f"instance_id, 'poke:9:9', 'poke', 'poke', '2019-09-01', 'armed', {columns}"
    source = "FROM timer WHERE instance_id = 1 ORDER BY due_at LIMIT 1"
    write(
        life,
        f"INSERT INTO timer (instance_id, key, rule, anchor, anchor_value, status, {columns}) SELECT {values} {source}",
    )
    write(life, "UPDATE workflow_version SET document = '{}'")
    other, _, _ = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}", datetime(2020, 1, 1, tzinfo=UTC))
    other.sweeper.poke([life.programme])
    assert [one.timer.status for one in timers(life) if one.timer.rule == "poke"] == ["armed"]
    assert other.tick().fired == 0
    assert [one.attempts for one in timers(life) if one.timer.rule == "poke"] == [1]
    assert other.sweeper.next_due() == datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=1)
    other.close()


def timers(life: Life) -> tuple[TimerView, ...]:
    """List all timers."""
    with life.engine.context.store.read() as reader:
        return reader.timers()
