"""A big programme on a file: twelve kommuner with forty challenges each, three solutions each, in two years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time

import pytest
from samskabt.runtime.doctor import examine
from samskabt.workflows.catalogue import Catalogue

from .busy import CHALLENGES, SOLUTIONS, Work, programme
from .world import ME, World, open_world

KOMMUNER = 12
LEAST = 15_000
FILE = Path(__file__).parents[1] / "data" / "load" / "belastning.yaml"
ROLES = ("sekretariat", "programkonsulent", "projektleder")
LOCAL_ROLES = ("kommunal_konsulent", "leder", "kontaktperson")


def opened(folder: Path) -> tuple[World, list[int]]:
    """Open a programme on a file with the default durability, give everybody a role, and choose twelve kommuner."""
    workflows = Catalogue.shipped().with_files([FILE])
    url, began = f"sqlite:///{folder / 'belastning.db'}", datetime(2024, 1, 8, 8, tzinfo=UTC)
    world = open_world(url, workflows, began, durable=True)
    assert world.engine.context.store.backend.synchronous in ("FULL", "EXTRA")
    engine = world.engine
    world.programme = engine.programmes.start("belastning", actor=ME).instance_id
    engine.advance(world.programme, "forloeb.aabn_tilmelding", actor=ME)
    for role in ROLES:
        person = engine.people.add(role.capitalize(), f"{role}@eksempel.example")
        engine.people.assign(person, role, programme_id=world.programme)
    with engine.context.store.read() as reader:
        kommuner = reader.registers.kommuner()[:KOMMUNER]
    for kommune in kommuner:
        engine.programmes.enrol(world.programme, kommune.name, actor=ME)
        for role in LOCAL_ROLES:
            name = f"{role.capitalize()} i {kommune.name}"
            person = engine.people.add(name, f"{role}.{kommune.code}@eksempel.example")
            engine.people.assign(person, role, programme_id=world.programme, kommune=kommune.code)
    world.live_until(date(2024, 2, 5))
    engine.programmes.choose(world.programme, actor=ME)
    engine.advance(world.programme, "forloeb.luk_tilmelding", actor=ME)
    return world, world.kind("kommune")


def decisions(world: World) -> int:
    """Count the decisions that history holds."""
    with world.engine.context.store.read() as reader:
        asked = "SELECT count(*) FROM (SELECT DISTINCT instance_id, decision_seq FROM history)"
        found: int = reader.connection.ask(asked)
    return found


def ended(world: World) -> dict[str, int]:
    """Count by kind what there is; everything has come to an end or was laid aside, and no timer is armed."""
    with world.engine.context.store.read() as reader:
        everything = reader.instances(world.programme)
        assert not reader.timers(programme_id=world.programme, status="armed")
    ends = {"loest", "parkeret", "beholdt", "droppet", "fulgt_op", "afsluttet", "afrapporteret", "gennemfoert"}
    open_still = [one for one in everything if one.position.get("status", one.position.get("forloeb")) not in ends]
    assert not open_still
    return dict(Counter(one.kind for one in everything))


@pytest.mark.timeout(600)
@pytest.mark.no_cover  # It measures, and walks nothing that the other scenarios do not.
def test_two_years_of_twelve_busy_kommuner_are_decided_durably(say: Callable[[str], None], tmp_path: Path) -> None:
    """At least 15,000 decisions are written to a file with the default durability, and the doctor finds nothing."""
    began, spent = perf_counter(), process_time()
    world, kommuner = opened(tmp_path)
    work = Work(world, date(2024, 2, 5))
    work.begin(programme(work, kommuner))
    work.live()
    seconds, spent = perf_counter() - began, process_time() - spent
    made = decisions(world)
    say(
        f"{made:,} durable decisions and {len(world.mailer.mails):,} mails of two years of {KOMMUNER} kommuner in "
        f"{seconds:.0f} s ({made / seconds:.0f} per s), of which {spent:.0f} s of computing"
    )
    assert ended(world) == {
        "challenge": KOMMUNER * CHALLENGES,
        "solution": KOMMUNER * CHALLENGES * SOLUTIONS,
        "meeting": 2 + 4 * KOMMUNER,
        "task": KOMMUNER,
        "evaluation": 2 * KOMMUNER,
        "kommune": KOMMUNER,
        "programme": 1,
    }
    assert made >= LEAST
    assert examine(world.engine).findings == ()
    world.engine.close()
