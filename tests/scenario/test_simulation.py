"""The simulation: timers and actions in order, nothing skipped, nobody called at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.errors import InvalidInput
from samskabt.notifications import MemoryMailer
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.engine import connect
from samskabt.runtime.simulation import Simulation, office_hours

START = datetime(2019, 8, 14, 8, tzinfo=UTC)


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    """Give a simulation over an empty database."""
    clock = VirtualClock(START)
    with connect(f"sqlite:///{tmp_path / 'x.db'}", clock=clock, mailer=MemoryMailer()) as engine:
        yield Simulation(engine, clock)


def test_actions_happen_in_order_and_one_instant_is_one_stop(simulation: Simulation) -> None:
    """Actions of one instant keep their order; what an action schedules is lived through too."""
    seen: list[tuple[str, datetime]] = []

    def note(name: str) -> None:
        seen.append((name, simulation.clock.now()))
        if name == "first":
            simulation.at(START + timedelta(hours=3), lambda: note("later"))

    for name, hours in (("second", 2), ("third", 2), ("first", 1)):
        simulation.at(START + timedelta(hours=hours), lambda name=name: note(name))  # type: ignore[misc]
    stops: list[datetime] = []
    lived = simulation.run_until(START + timedelta(days=1), stops.append)
    assert [name for name, _ in seen] == ["first", "second", "third", "later"]
    assert stops == sorted({at for _, at in seen}) and (lived.stops, lived.actions) == (3, 4)
    assert simulation.clock.now() == START + timedelta(days=1)


def test_what_lies_behind_cannot_be_scheduled(simulation: Simulation) -> None:
    """An action in the past is refused, and one after the end waits for the next stretch."""
    with pytest.raises(InvalidInput, match="lies before"):
        simulation.at(START - timedelta(seconds=1), lambda: None)
    simulation.at(START + timedelta(days=2), lambda: None)
    assert simulation.run_until(START + timedelta(days=1)).actions == 0
    assert simulation.run_until(START + timedelta(days=2)).actions == 1


def test_people_act_when_they_are_at_work() -> None:
    """A Saturday becomes Monday, and the week of the autumn holiday the Monday after it."""
    calendar = WorkingCalendar()
    assert office_hours(calendar, date(2019, 9, 21)) == datetime(2019, 9, 23, 8, tzinfo=UTC)
    assert office_hours(calendar, date(2019, 10, 14), time(15)) == datetime(2019, 10, 21, 13, tzinfo=UTC)
