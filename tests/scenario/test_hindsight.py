"""Whatever a timer has done in the meantime: who registers late ends where those end who registered in time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from samskabt.engine.errors import Refused
from samskabt.storage import TimerView

from ..tracing import first_traced
from .hindsight import DAY, SETTINGS, Place, Setting, arrive, endings, places, take
from .world import World, copied, open_world

HOUR = timedelta(hours=1)
MOMENTS = {"before": -26 * HOUR, "at": timedelta(0), "after": HOUR}
AFTERWARDS = 3 * DAY
"""So long after it happened, or after the timer was due, somebody thinks of registering it."""

PARTS = 12
NO_LAST_DAY = ("kommunens_fase_slutter_snart_udvikling", "kommunens_fase_slutter_snart_justering")
"""Rules that cannot matter there: the document gives these faser no days."""

Base = tuple[Setting, Path, datetime]
Bases = dict[tuple[str, bool], Base]


class Desks:
    """Copies of prepared databases, case after case, in engines that are told the compiled workflow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lying: dict[str, World] = {}

    def open(self, name: str, base: Base) -> World:
        """Put a copy of a closed database on a desk, with a clock at its instant; what lay there is gone."""
        setting, path, at = base
        self.clear(name)
        target = self.folder / f"{name}.db"
        world = self.lying[name] = open_world(copied(path, target), setting.workflows(), at, 1)
        world.engine.context.keep(setting.compiled().workflow)
        return world

    def clear(self, name: str) -> None:
        """Close what lies on a desk, so that its file may be copied."""
        if name in self.lying:
            self.lying.pop(name).engine.close()


@cache
def everywhere() -> dict[str, tuple[tuple[Setting, Place], ...]]:
    """Name every rule at every place, with the settings that have it, in the order in which they are tried."""
    out: dict[str, tuple[tuple[Setting, Place], ...]] = {}
    for setting in SETTINGS:
        for place in places(setting.compiled()):
            out[place.name] = (*out.get(place.name, ()), (setting, place))
    return out


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """Give the desks of a worker."""
    found = Desks(tmp_path_factory.mktemp("borde"))
    yield found
    for name in list(found.lying):
        found.clear(name)


@pytest.fixture(scope="module")
def bases(desks: Desks) -> Bases:
    """Keep each programme with one enrolled kommune, and the same when the kommune is chosen."""
    out: Bases = {}
    for setting in SETTINGS:
        path = desks.folder / f"{setting.key}.db"
        world = setting.fresh(f"sqlite:///{path}")
        early = out[setting.key, True] = (setting, path, world.clock.now())
        world.engine.close()
        world = desks.open(f"{setting.key}_valgt", early)
        setting.choose(world)
        desks.clear(f"{setting.key}_valgt")
        out[setting.key, False] = (setting, desks.folder / f"{setting.key}_valgt.db", world.clock.now())
    return out


@pytest.mark.soak
@pytest.mark.xdist_group("hindsight")
@pytest.mark.parametrize("part", first_traced(range(PARTS)))
def test_no_rule_makes_a_late_registration_end_elsewhere(
    part: int, bases: Bases, desks: Desks, soak: bool, say: Callable[[str], None]
) -> None:
    """Every rule, everywhere it watches, before, at and after it was due: all ends as if registered in time.

    The ways out are the first one, and before it was due the last one (called off). The long form takes every way at
    every moment, in every programme that has the place.
    """
    wrong: list[str] = []
    cases = 0
    for name in list(everywhere())[part::PARTS]:
        reached = 0
        for setting, place in everywhere()[name]:
            if reached and not soak:
                break
            is_early = place.kind == "programme" or place.region in ("forloeb", "forbehold")
            world = desks.open("there", bases[setting.key, is_early])
            there = arrive(world, place)
            base = (setting, desks.folder / "there.db", world.clock.now())
            ways = endings(setting.compiled(), place)
            desks.clear("there")
            if there is not None and not ways:  # An end: nobody leaves it, so nobody tells so late.
                reached += 1
            elif there is not None:
                tried, found = left(desks, base, there, ways, every=soak)
                reached, cases = reached + 1, cases + tried
                wrong += [f"{name} in {setting.key}, {one}" for one in found]
                if not tried:
                    wrong.append(f"{name} in {setting.key} could not be left in time at all")
        if bool(reached) == (name.partition("@")[0] in NO_LAST_DAY):
            wrong.append(f"{name} is reached, though it is excused" if reached else f"nothing gets to {name}")
    say(f"hindsight, part {part}: {len(list(everywhere())[part::PARTS])} places, {cases} late registrations")
    assert wrong == []


def left(
    desks: Desks, base: Base, there: tuple[int, TimerView], ways: list[str], *, every: bool
) -> tuple[int, list[str]]:
    """Leave a place by its ways around the time that a timer is due; count what was possible and say what differs."""
    (number, timer), tried, wrong = there, 0, []
    cases: list[tuple[str, str, datetime, datetime]] = []
    for event in ways if every else dict.fromkeys((ways[0], ways[-1])):
        for name, shift in MOMENTS.items() if every or event == ways[0] else [("before", MOMENTS["before"])]:
            happened = timer.timer.due_at + shift
            if happened >= base[2]:
                cases.append((event, name, happened, max(timer.timer.due_at, happened) + AFTERWARDS))
    stages = lived(desks, base, {instant for *_, happened, known in cases for instant in (happened, known)})
    for event, name, happened, known in cases:
        found = compared(desks, stages[happened], stages[known], number, event)
        tried += found is not None
        wrong += [f"{event} {name}: {one}" for one in found or ()]
    return tried, wrong


def lived(desks: Desks, base: Base, instants: Collection[datetime]) -> dict[datetime, Base]:
    """Live once through all that is due, and keep the database as it was just before each of some instants."""
    out: dict[datetime, Base] = {}
    for instant in sorted(instants):
        name = f"stage_{len(out)}"
        world = desks.open(name, base)
        while (due := world.engine.sweeper.next_due()) is not None and due < instant:
            world.clock.move_to(max(due, world.clock.now()))
            world.engine.tick()
            world.engine.deliver()
        desks.clear(name)
        base = out[instant] = (base[0], desks.folder / f"{name}.db", instant)
    return out


def compared(desks: Desks, then: Base, afterwards: Base, number: int, event: str) -> list[str] | None:
    """Register an event at once and late, and say what differs; None where it is refused in both."""
    both = at_once, late = desks.open("at_once", then), desks.open("late", afterwards)
    happened, known = then[2], afterwards[2]
    codes = [registered(one, number, event, happened) for one in both]
    if codes[0] != codes[1]:
        return [f"refused {codes[0]} at once, {codes[1]} late"]
    if codes[0] is not None:
        return None
    sent = mails(late, number)
    for one in both:
        one.live_until((known + 20 * DAY).date())
    pairs = zip(stands(at_once, number), stands(late, number), strict=True)
    out = [f"{a} at once, {b} late" for a, b in pairs if a != b]
    moot = mails(late, number) - sent - mails(at_once, number, ("sent", "pending", "held", "withdrawn"))
    return out + [f"{one} goes out afterwards" for one in moot]


def registered(world: World, number: int, event: str, happened: datetime) -> list[str] | None:
    """Register an event; give the codes where it is refused."""
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
        found = reader.outbox(world.engine.show(number).programme_id, limit=100_000)
    return Counter(
        f"{one.nudge.why}{re.sub(r':[^/#]*', '', one.nudge.key)}"
        for one in found
        if one.instance_id == number and one.status in statuses
    )
