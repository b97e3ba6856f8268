"""Whatever a timer has done in the meantime: who registers late ends where those end who registered in time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.errors import Refused
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.workflows.catalogue import Catalogue

from .hindsight import DAY, FOUNDED, Place, arrive, chosen, endings, fresh, places, take
from .world import KEY, World, copied, open_world

HOUR = timedelta(hours=1)
MOMENTS = {"before": -26 * HOUR, "at": timedelta(0), "after": HOUR}
AFTERWARDS = 3 * DAY
"""So long after it happened, or after the timer was due, somebody thinks of registering it."""

Open = Callable[[Path, datetime], World]


@cache
def shipped() -> Compiled:
    """Make the programme of the scenarios ready."""
    return Compiled(Catalogue.shipped().programme(KEY), WorkingCalendar())


@pytest.fixture(scope="module")
def bases(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, datetime]]:
    """Keep a programme with one enrolled kommune, and the same when the kommune is chosen."""
    folder, out = tmp_path_factory.mktemp("baser"), {}
    for name, makes in (("fresh", (fresh,)), ("chosen", (fresh, chosen))):
        world = open_world(f"sqlite:///{folder / name}.db", workflows, FOUNDED)
        for make in makes:
            make(world)
        out[name] = (folder / f"{name}.db", world.clock.now())
        world.engine.close()
    return out


@pytest.fixture
def open_copy(workflows: Workflows, tmp_path: Path) -> Iterator[Open]:
    """Open copies of a database, each at an instant; all are closed at the end."""
    opened: list[World] = []

    def open_(path: Path, at: datetime) -> World:
        url = copied(path, tmp_path / f"{len(opened)}.db")
        opened.append(open_world(url, workflows, at, 1))
        return opened[-1]

    yield open_
    for world in opened:
        world.engine.close()


@pytest.mark.soak
@pytest.mark.parametrize("place", tuple(places(shipped())), ids=lambda place: place.name)
def test_no_rule_makes_a_late_registration_end_elsewhere(
    place: Place, bases: dict[str, tuple[Path, datetime]], open_copy: Open, tmp_path: Path, soak: bool
) -> None:
    """Every rule, everywhere it watches, before, at and after it was due: all ends as if registered in time.

    The ways out are the first and the last one (done, and called off); the long form takes every way.
    """
    is_early = place.kind == "programme" or place.region == "forloeb"
    world = open_copy(*bases["fresh" if is_early else "chosen"])
    number, timer = arrive(world, place)
    world.engine.close()
    base, began, due = tmp_path / "0.db", world.clock.now(), timer.timer.due_at
    tried = 0
    ways = endings(shipped(), place)
    for event in ways if soak else dict.fromkeys((ways[0], ways[-1])):
        for shift in MOMENTS.values():
            happened = due + shift
            if happened < began:
                continue
            at_once, late = open_copy(base, began), open_copy(base, began)
            known = max(due, happened) + AFTERWARDS
            codes = [registered(at_once, number, event, happened, happened)]
            codes.append(registered(late, number, event, happened, known))
            assert codes[0] == codes[1]
            sent = mails(late, number, None)
            for one in (at_once, late):
                one.live_until((known + 40 * DAY).date())
            assert stands(late, number) == stands(at_once, number), (event, shift)
            new = mails(late, number, None) - sent if codes[1] is None else Counter[str]()
            assert not new - mails(at_once, number, None), (event, shift)
            tried += codes[1] is None
    assert tried or is_gone(place)


def is_gone(place: Place) -> bool:
    """Tell whether nobody can leave a place in time: what is sent straight away cannot come before itself."""
    return place.rule == "tilmelding_modtaget"


def registered(world: World, number: int, event: str, happened: datetime, known: datetime) -> list[str] | None:
    """Live until somebody registers an event; give the codes where it is refused."""
    while (due := world.engine.sweeper.next_due()) is not None and due < known:
        world.clock.move_to(max(due, world.clock.now()))
        world.engine.tick()
        world.engine.deliver()
    world.clock.move_to(known)
    try:
        take(world, number, event, happened)
    except Refused as refused:
        return sorted(one.code for one in refused.refusals)
    return None


def stands(world: World, number: int) -> tuple[object, ...]:
    """Say where an instance stands, since when, what is known of it, its days, what it waits for, and its parent."""
    one = world.engine.show(number)
    since = {region: entry.at for region, entry in one.entered.items()}
    with world.engine.context.store.read() as reader:
        armed = reader.timers(instance_id=number, status="armed")
    waits = sorted((view.timer.rule, view.timer.key.rpartition("#")[2], view.timer.due_at) for view in armed)
    above = dict(world.engine.show(one.parent_id).position) if one.parent_id else {}
    return dict(one.position), since, dict(one.data), one.dates, waits, above


def mails(world: World, number: int, status: str | None) -> Counter[str]:
    """Count an instance's mails by what they are about, whichever row of history made them."""
    with world.engine.context.store.read() as reader:
        found = reader.outbox(world.programme, status, limit=100_000)
    return Counter(
        f"{one.nudge.why}{re.sub(r':[^/#]*', '', one.nudge.key)} {one.nudge.role}"
        for one in found
        if one.instance_id == number and one.status != "withdrawn"
    )
