"""Whatever a timer has done in the meantime: who registers late ends where those end who registered in time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.errors import Refused
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.workflows.catalogue import Catalogue

from .hindsight import DAY, FOUNDED, arrive, chosen, endings, fresh, places, take
from .world import KEY, World, copied, open_world

HOUR = timedelta(hours=1)
MOMENTS = {"before": -26 * HOUR, "at": timedelta(0), "after": HOUR}
AFTERWARDS = 3 * DAY
"""So long after it happened, or after the timer was due, somebody thinks of registering it."""

PARTS = 12
NOT_IN_THE_SHIPPED_PROGRAMME = ("moedet_mangler_dato", "dagen_kommer_foer_betingelsen", "betingelsen_er_opfyldt")
"""No meeting of programme 000 waits for a date with a window to count from, or comes before its gate."""

NOT_WALKED_TO = ("klyngen_skal_moedes_igen@status.fulgt_op", "status.trin_5")
"""Places that the walker does not reach yet: what their last step asks for is not given."""

Bases = dict[str, tuple[Path, datetime]]
Open = Callable[[Path, datetime], World]


@cache
def shipped() -> Compiled:
    """Make the programme of the scenarios ready."""
    return Compiled(Catalogue.shipped().programme(KEY), WorkingCalendar())


@pytest.fixture(scope="module")
def bases(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> Bases:
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
@pytest.mark.parametrize("part", range(PARTS))
def test_no_rule_makes_a_late_registration_end_elsewhere(part: int, bases: Bases, open_copy: Open, soak: bool) -> None:
    """Every rule, everywhere it watches, before, at and after it was due: all ends as if registered in time.

    The ways out are the first one, and before it was due the last one (called off); the long form takes every way at
    every moment.
    """
    wrong: list[str] = []
    for place in tuple(places(shipped()))[part::PARTS]:
        is_early = place.kind == "programme" or place.region == "forloeb"
        world = open_copy(*bases["fresh" if is_early else "chosen"])
        there = arrive(world, place)
        base, lives_here = (_path(world), world.clock.now()), bool(world.kind(place.kind))
        world.engine.close()
        if there is None and not lives_here:  # Programme 000 has no clusters, approvals or proposed changes.
            continue
        if there is None:
            is_known = place.rule in NOT_IN_THE_SHIPPED_PROGRAMME or place.name.endswith(NOT_WALKED_TO)
            wrong += [] if is_known else [f"nothing gets to {place.name}"]
            continue
        number, timer = there
        ways = endings(shipped(), place)
        tried = 0
        for event in ways if soak else dict.fromkeys((ways[0], ways[-1])):
            for name, shift in MOMENTS.items() if soak or event == ways[0] else [("before", MOMENTS["before"])]:
                happened = timer.timer.due_at + shift
                if happened >= base[1]:
                    known = max(timer.timer.due_at, happened) + AFTERWARDS
                    found = compared(open_copy, base, number, event, happened, known)
                    tried += found is not None
                    wrong += [f"{place.name}, {event} {name}: {one}" for one in found or ()]
        if not tried and place.rule != "tilmelding_modtaget":  # Sent straight away, so nobody can come before it.
            wrong.append(f"{place.name} could not be left in time at all")
    assert wrong == []


def compared(
    open_copy: Open, base: tuple[Path, datetime], number: int, event: str, happened: datetime, known: datetime
) -> list[str] | None:
    """Register an event at once and late, and say what differs; None where it is refused in both."""
    at_once, late = open_copy(*base), open_copy(*base)
    codes = [registered(one, number, event, happened, at) for one, at in ((at_once, happened), (late, known))]
    if codes[0] != codes[1]:
        return [f"refused {codes[0]} at once, {codes[1]} late"]
    if codes[0] is not None:
        return None
    sent = mails(late, number)
    for one in (at_once, late):
        one.live_until((known + 20 * DAY).date())
    out = [
        f"{a} at once, {b} late" for a, b in zip(stands(at_once, number), stands(late, number), strict=True) if a != b
    ]
    moot = mails(late, number) - sent - mails(at_once, number, ("sent", "pending", "held", "withdrawn"))
    return out + [f"{one} goes out afterwards" for one in moot]


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


def mails(world: World, number: int, statuses: Collection[str] = ("sent", "pending", "held")) -> Counter[str]:
    """Count an instance's mails by what they are about, whichever row of history made them."""
    with world.engine.context.store.read() as reader:
        found = reader.outbox(world.programme, limit=100_000)
    return Counter(
        f"{one.nudge.why}{re.sub(r':[^/#]*', '', one.nudge.key)}"
        for one in found
        if one.instance_id == number and one.status in statuses
    )


def _path(world: World) -> Path:
    with world.engine.context.store.read() as reader:
        return Path(reader.connection.raw.execute("PRAGMA database_list").fetchall()[0][2])
