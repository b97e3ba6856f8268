"""The clock in all its states: down for months, set forward and back, both nights of 2027, new rules for the zone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from samskabt.engine.civil.instants import ZONE, local, to_utc
from samskabt.engine.values import Intent, TimerStatus
from samskabt.runtime.doctor import examine
from samskabt.runtime.running.health import Check, Level, health_of
from samskabt.runtime.running.rounds import Rounds
from samskabt.runtime.running.vigilance import Vigilance
from samskabt.runtime.running.zones import follow_rules
from samskabt.storage import TimerView

from .living import BEGUN, CHOSEN, Life, begun, engine_of

NIGHTS = (datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC))


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Give a programme that was ticked when it began."""
    life = begun(f"sqlite:///{tmp_path / 'samskabt.db'}")
    life.engine.tick()
    return life


def timers(life: Life) -> tuple[TimerView, ...]:
    """List all timers."""
    with life.engine.context.store.read() as reader:
        return reader.timers()


def checks(life: Life, name: str) -> list[Check]:
    """Give what health says of one thing."""
    return [check for check in health_of(life.engine).checks if check.name == name]


@pytest.mark.parametrize("down", [timedelta(days=5), timedelta(days=61)], ids=["5 days", "2 months"])
def test_downtime_is_caught_up_once_in_order_and_without_a_burst(
    life: Life, down: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    """All that fell due fires once, the oldest first; of one rule about one instance only one reminder goes out."""
    caplog.set_level("INFO", "samskabt.runtime")
    life.clock.move_to(BEGUN + timedelta(days=20))
    life.engine.tick()
    life.clock.move_to(life.clock.now() + down)
    due = {(one.instance_id, one.timer.key): one.timer.due_at for one in timers(life) if _is_due(one, life)}
    caplog.clear()
    report = life.engine.tick()
    fired = [record for record in caplog.records if record.getMessage() == "timer_fired"]
    order = [due[key] for record in fired if (key := (vars(record)["instance_id"], vars(record)["timer"])) in due]
    assert report.failed == 0 and report.fired >= len(order) > 0
    assert order == sorted(order) and len(order) == len(due)
    with life.engine.context.store.read() as reader:
        queued = [mail for mail in reader.outbox(limit=1000) if mail.queued_at == life.clock.now()]
    nudges = [mail for mail in queued if mail.nudge.intent is Intent.NUDGE]
    rungs = Counter((mail.instance_id, mail.nudge.key.partition(":")[0], mail.nudge.role) for mail in nudges)
    assert not rungs or max(rungs.values()) == 1
    assert life.engine.tick().fired == 0
    life.engine.deliver()
    assert examine(life.engine).findings == ()
    life.engine.close()


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1), timedelta(days=30)], ids=str)
def test_a_clock_that_is_set_back_fires_nothing_twice_and_is_told(life: Life, tmp_path: Path, back: timedelta) -> None:
    """What has fired stays fired; health sees a heartbeat ahead, and tells for a day that the clock was set back."""
    life.clock.move_to(CHOSEN)
    life.engine.tick()
    before = timers(life)
    life.engine.close()
    engine, clock, mailer = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}", CHOSEN - back)
    earlier = Life(engine, clock, mailer, life.programme)
    assert checks(earlier, "tick")[0].level is Level.FAIL
    report = Rounds(engine, delivers=False, vigilance=Vigilance()).round()
    assert (report.timers.fired, report.failures) == (0, 0)
    assert timers(earlier) == before
    assert "set back" in checks(earlier, "clock")[0].text
    clock.move_to(CHOSEN + timedelta(days=2))
    Rounds(engine, delivers=False, vigilance=Vigilance(leap=timedelta(days=60))).round()
    assert checks(earlier, "clock") == []
    engine.close()


def test_an_hour_and_a_day_ahead_are_lived_through(life: Life) -> None:
    """A small step forward is what every pause of a machine looks like: what is due happens, once."""
    rounds = Rounds(life.engine, delivers=False, vigilance=Vigilance())
    for step in (timedelta(hours=1), timedelta(days=1)):
        life.clock.move_to(life.clock.now() + step)
        assert rounds.round().held_for is None
    assert not [one for one in timers(life) if _is_due(one, life)]
    life.engine.close()


def test_a_month_ahead_waits_an_hour_for_people_and_then_goes_on(life: Life) -> None:
    """Nothing is fired or sent while health alarms; after the hour it catches up by itself, whoever runs."""
    life.clock.move_to(BEGUN + timedelta(days=30))
    for _ in range(2):  # Every process, and every run from cron, waits for the same hour.
        report = Rounds(life.engine, vigilance=Vigilance()).round()
        assert report.held_for is not None and report.timers.fired == 0 and report.failures == 1
        life.clock.move_to(life.clock.now() + timedelta(minutes=20))
    [told] = checks(life, "clock")
    assert told.level is Level.FAIL and "--accept-clock" in told.advice
    life.clock.move_to(life.clock.now() + timedelta(minutes=20))
    assert Rounds(life.engine, vigilance=Vigilance()).round().timers.fired > 0
    assert checks(life, "clock") == []
    life.engine.close()


def test_whoever_has_looked_at_the_clock_need_not_wait(life: Life) -> None:
    """With ``--accept-clock`` what fell due in months happens at once."""
    life.clock.move_to(BEGUN + timedelta(days=30))
    assert Rounds(life.engine, vigilance=Vigilance()).round().held_for is not None
    accepted = Rounds(life.engine, vigilance=Vigilance(), accepts_clock=True).round()
    assert accepted.held_for is None and accepted.timers.fired > 0
    life.engine.close()


def test_a_clock_that_was_ahead_and_is_mended_leaves_no_trace(life: Life, tmp_path: Path) -> None:
    """Mended within the hour, nothing was fired early, nothing is lost, and nothing is held any more."""
    life.clock.move_to(BEGUN + timedelta(days=30))
    assert Rounds(life.engine, vigilance=Vigilance()).round().held_for is not None
    before = timers(life)
    life.engine.close()
    engine, clock, mailer = engine_of(f"sqlite:///{tmp_path / 'samskabt.db'}", BEGUN + timedelta(minutes=10))
    mended = Life(engine, clock, mailer, life.programme)
    assert Rounds(engine, vigilance=Vigilance()).round().held_for is None
    assert timers(mended) == before and checks(mended, "clock") == []
    engine.close()


@pytest.mark.parametrize("night", NIGHTS, ids=["28 March", "31 October"])
def test_both_nights_of_2027_fire_each_timer_once_and_none_early(life: Life, night: datetime) -> None:
    """Timers at every local half hour of a night in which an hour is missing or double, ticked every ten minutes."""
    walls = [local(night - timedelta(hours=2)) + timedelta(minutes=30 * step) for step in range(14)]
    wanted = {f"r:s.{n}#1": to_utc(wall.date(), wall.time()) for n, wall in enumerate(walls)}
    columns = (
        "instance_id, key, rule, anchor, anchor_value, status, local_on, local_at, zone, calendar_version, due_at,"
    )
    with life.engine.context.store.begin() as uow:
        uow.connection.raw.execute("UPDATE timer SET status = 'cancelled'")
        for number, (due, wall) in enumerate(zip(wanted.values(), walls, strict=True), start=1):
            values = f"{number}, 'poke:0:0', 'poke', 'poke', '{due.isoformat()}', 'armed', '{wall.date()}',"
            values += f"'{wall.time()}.000000', 'Europe/Copenhagen', '', '{due:%Y-%m-%d %H:%M:%S}.000000', 1, 'late', 0"
            uow.connection.raw.execute(
                f"INSERT INTO timer ({columns} generation, lateness, attempts) VALUES ({values})"
            )
    now, left = night - timedelta(hours=3), set(range(1, len(walls) + 1))
    due_at = dict(enumerate(wanted.values(), start=1))
    while now < night + timedelta(hours=6):
        life.clock.move_to(now)
        life.engine.tick()
        waiting = {one.instance_id for one in timers(life) if one.timer.rule == "poke"}
        assert waiting == {number for number in due_at if due_at[number] > now}
        left &= waiting
        now += timedelta(minutes=10)
    assert not left
    life.engine.close()


def test_nothing_is_promised_for_the_hour_that_may_be_missing_or_double(life: Life) -> None:
    """No timer of the programme lies between two and three at night."""
    assert not [one for one in timers(life) if one.timer.rule != "poke" and one.timer.local_at.hour == 2]
    life.engine.close()


def test_new_rules_for_the_zone_keep_the_wall_time(life: Life) -> None:
    """What was promised for eight o'clock in winter comes an hour earlier by UTC; done once, and back again."""
    store, now = life.engine.context.store, life.clock.now()
    follow_rules(store, now)
    before = {(one.instance_id, one.timer.key): one.timer for one in timers(life)}
    changed = timezone(timedelta(hours=2))
    moved = follow_rules(store, now, lambda _: changed)
    assert moved > 0 and follow_rules(store, now, lambda _: changed) == 0
    armed = [one for one in timers(life) if one.timer.status is TimerStatus.ARMED and one.timer.due_at > now]
    for one in armed:
        was = before[one.instance_id, one.timer.key]
        assert (one.timer.local_on, one.timer.local_at) == (was.local_on, was.local_at)
        assert one.timer.due_at == datetime.combine(was.local_on, was.local_at, changed)
    assert "timer_moved" in {finding.code for finding in examine(life.engine).findings}
    assert follow_rules(store, now, lambda _: ZONE) == moved
    assert examine(life.engine).findings == ()
    life.engine.close()


def _is_due(one: TimerView, life: Life) -> bool:
    return one.timer.status is TimerStatus.ARMED and one.timer.due_at <= life.clock.now()
