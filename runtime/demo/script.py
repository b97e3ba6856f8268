"""The demo's story: ten sample kommuner are invited, four are chosen, and sixteen months are lived; prints nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

from ...engine.civil.danish import long_date
from ...engine.civil.instants import local_date, to_utc
from ...engine.civil.kommune import Kommune
from ...engine.errors import InvalidInput
from ...engine.values import SYSTEM
from ...engine.values.names import KOMMUNE
from ...notifications import FolderMailer
from ...workflows.kommuner import load_kommuner
from ..clock import VirtualClock
from ..engine import connect
from ..running.health import DEMO
from ..settings import Settings
from ..simulation import Simulation
from .cast import mends_a_mistake, moves_a_workshop, registers_late, stalls
from .duties import delivers, evaluates, every_day
from .people import add_kommune_people, add_programme_people
from .process import on_time
from .report import DemoReport, report
from .world import Desk, Story, World

WORKFLOW = "forenklet-beskaeftigelsesindsats"
DATABASE, MAILS, MARK = "samskabt.db", "mail", "samskabt-demo.json"
FIRST, LAST = date(2019, 8, 14), date(2020, 12, 31)
SETTLED = date(2021, 1, 8)
"""When the last mails have gone that the last day caused: the offices are closed over New Year."""

INVITED = 10
OPENS = time(9, 30)
ROUND = time(15, 30)

Progress = Callable[[int, int, str], None]


def run(folder: Path, seed: int, progress: Progress | None = None) -> DemoReport:
    """Live the whole programme in a folder: ``samskabt.db`` and ``mail/*.eml``; the same seed, the same decisions.

    ``progress`` hears of days done, days in all, and the day in words. Raises InvalidInput for a folder that holds a
    database or mails already; nothing in it is touched then.
    """
    began = perf_counter()
    _claim(folder, seed)
    clock = VirtualClock(to_utc(FIRST, OPENS))
    settings = replace(Settings(), mail_folder=folder / MAILS, message_secret="demo")
    url = f"sqlite:///{(folder / DATABASE).resolve()}"
    with connect(url, clock=clock, settings=settings, mailer=FolderMailer(folder / MAILS)) as engine:
        simulation = Simulation(engine, clock)
        started = engine.programmes.start(WORKFLOW, actor=SYSTEM)
        team = add_programme_people(engine, started.instance_id)
        world = World(engine, simulation, started.instance_id, seed, team)
        invited = _invite(world)
        lived = simulation.run_until(to_utc(LAST, time(17)), _days(progress))
        lived += simulation.run_until(to_utc(SETTLED, time(17)))
        with engine.context.begin() as uow:
            uow.beats.put_note(DEMO, str(seed))
        database, mails = folder / DATABASE, folder / MAILS
        return report(world, invited, lived, database, mails, perf_counter() - began)


def _claim(folder: Path, seed: int) -> None:
    """Take a folder that holds nothing of anybody's; leave a mark in it that says whose the database is."""
    taken = [name for name in (DATABASE, MAILS) if (folder / name).exists()]
    if taken:
        whose = "an earlier demo" if (folder / MARK).is_file() else "something else"
        raise InvalidInput(
            "dir", f"{folder} already holds {' and '.join(taken)} of {whose}; nothing was changed: give another --dir"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"demo": WORKFLOW, "seed": seed}, indent=2) + "\n"
        (folder / MARK).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput("dir", f"{folder} cannot be written ({error.strerror}); give another --dir") from error


def _days(progress: Progress | None) -> Callable[[datetime], None] | None:
    if progress is None:
        return None
    whole = (LAST - FIRST).days
    return lambda now: progress((local_date(now) - FIRST).days, whole, long_date(local_date(now)))


def _invite(world: World) -> tuple[Kommune, ...]:
    """Open for enrolment, let ten kommuner enrol in their own time, and schedule the choice and the end."""
    stream = world.random("invited")
    invited = _sample(world)
    for kommune in invited:
        world.first[kommune.code] = add_kommune_people(world.engine, world.programme_id, kommune)
    office = world.team["parter"].actor
    world.engine.advance(world.programme_id, "forloeb.aabn_tilmelding", actor=office)
    days = [date(2019, 8, 19) + timedelta(days=stream.randint(0, 11)) for _ in invited[1:]] + [date(2019, 9, 2)]
    for kommune, day in zip(invited, days, strict=True):
        world.on(day, time(10, stream.randint(0, 59)), lambda one=kommune: _enrol(world, one))  # type: ignore[misc]
    partner = Desk(world, world.team["partskonsulent"].actor)
    world.live(every_day(partner, LAST), ROUND)
    world.live(evaluates(world, LAST), ROUND)
    world.live(delivers(world, LAST), ROUND)
    world.on(date(2019, 9, 4), time(11), lambda: _choose(world, invited))
    world.on(date(2020, 12, 18), time(16), lambda: _complete(world))
    world.simulation.at(to_utc(LAST, time(12)), lambda: _close(world))
    return invited


def _sample(world: World) -> tuple[Kommune, ...]:
    """Draw two kommuner from each region, so that there is something to choose between."""
    stream = world.random("kommuner")
    regions: dict[str, list[Kommune]] = {}
    for kommune in load_kommuner():
        regions.setdefault(kommune.region_on(FIRST), []).append(kommune)
    drawn = [one for name in sorted(regions) for one in stream.sample(regions[name], INVITED // len(regions))]
    return tuple(sorted(drawn, key=lambda one: one.code))


def _enrol(world: World, kommune: Kommune) -> None:
    actor = world.first[kommune.code]["leder"].actor
    world.engine.programmes.enrol(world.programme_id, kommune.code, actor=actor)


def _choose(world: World, invited: tuple[Kommune, ...]) -> None:
    """Choose four, tell the others, and let each of the four live its own story."""
    office = world.team["parter"].actor
    chosen = world.engine.programmes.choose(world.programme_id, actor=office)
    world.engine.advance(world.programme_id, "forloeb.luk_tilmelding", actor=office)
    codes = sorted(choice.kommune.code for choice in chosen.selection.chosen)
    world.random("roles").shuffle(codes)
    known = {kommune.code: kommune for kommune in invited}
    desks = {code: Desk(world, world.first[code]["kommunal_konsulent"].actor, known[code]) for code in codes}
    for code, desk in desks.items():
        add_kommune_people(world.engine, world.programme_id, known[code], chosen=True)
        world.live(every_day(desk, LAST), ROUND)
    for name, code in zip(("late", "back", "moves", "stalls"), codes, strict=True):
        world.parts[name] = code
        for number, story in enumerate(_stories(name, desks[code])):
            world.live(story, time(10, 10 * number))


def _stories(name: str, desk: Desk) -> tuple[Story, ...]:
    """Give what a kommune's part in the demo consists of."""
    match name:
        case "stalls":
            return (stalls(desk),)
        case "back":
            return (on_time(desk, back=True, tests=False, overrides=True), mends_a_mistake(desk))
        case "moves":
            return (on_time(desk, back=False, tests=True, overrides=False), moves_a_workshop(desk))
        case _:
            return (on_time(desk, back=False, tests=False, overrides=False), registers_late(desk))


def _complete(world: World) -> None:
    """Note which kommuner have come through."""
    for kommune in world.instances(KOMMUNE):
        if kommune.position["forloeb"] == "deltager":
            actor = world.team["partskonsulent"].actor
            world.engine.advance(kommune.id, "forloeb.gennemfoer", actor=actor)


def _close(world: World) -> None:
    """Close the last fase and the programme on its last day."""
    office = world.team["parter"].actor
    for event in ("fase_afslutning.afslut", "forloeb.afslut"):
        world.engine.advance(world.programme_id, event, actor=office)
