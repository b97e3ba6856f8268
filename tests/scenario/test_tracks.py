"""Closing trin 2 on a real database: what was prioritised begins in the same transaction, the rest is not touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from samskabt.runtime.doctor import examine
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import Store

from .walks import DESCRIBED, WHY
from .world import PUBLISHED, World, enrol_and_choose, open_world, start


def at_trin_2(world: World, prioritised: int, others: int) -> tuple[int, list[int]]:
    """Bring Greve to trin 2 with challenges, of which some are prioritised; give its number and theirs."""
    greve = world.kommune("Greve")
    world.do(greve, "faelles_workshop")
    numbers = [world.add(greve, "challenge", f"Nr. {place}", **DESCRIBED) for place in range(prioritised + others)]
    for number in numbers[:prioritised]:
        world.do(number, "prioriter")
    return greve, numbers


def states(world: World, numbers: list[int]) -> Counter[str]:
    """Count where challenges stand."""
    return Counter(map(world.state, numbers))


def test_closing_trin_2_starts_the_tracks_on_every_kind_of_database(store_url: str, workflows: Workflows) -> None:
    """Three begin, forty are left alone, the kommune's trin 3 has begun when the call returns; the doctor agrees."""
    world = enrol_and_choose(start(open_world(store_url, workflows, PUBLISHED)))
    greve, numbers = at_trin_2(world, 3, 40)
    before = {number: world.engine.show(number).revision for number in numbers[3:]}
    closed = world.do(greve, "trin_2.afslut", override=True, reason=WHY)
    assert closed.poked == (greve,)
    assert states(world, numbers) == {"trin_3": 3, "udpeget": 40}
    assert {number: world.engine.show(number).revision for number in numbers[3:]} == before
    assert world.state(greve, "trin_3") == "i_gang"
    rows = [world.engine.history(number)[-1] for number in numbers[:3]]
    assert {(row.kind, row.event, row.happened_at) for row in rows} == {("join", "vaek", world.clock.now())}
    world.engine.tick()
    assert examine(world.engine).findings == ()
    world.engine.close()


def test_those_that_stay_cost_nothing(open_chosen: Callable[[str], World], tmp_path: Path) -> None:
    """Five or thirty challenges that nobody prioritised: closing trin 2 takes the same number of statements."""
    counted = []
    for others in (5, 30):
        world = open_chosen(f"mange-{others}")
        greve, _ = at_trin_2(world, 2, others)
        said: list[str] = []
        world.engine.context.store.close()
        world.engine.context.store = Store.open(f"sqlite:///{tmp_path}/mange-{others}.db", said.append)
        world.do(greve, "trin_2.afslut", override=True, reason=WHY)
        counted.append((len([name for name in said if "below" in name]), len(said)))
    assert counted[0] == counted[1] and counted[0][0] > 0


def test_a_correction_wakes_as_well(world: World) -> None:
    """Trin 2 was opened again by mistake: taken back, what was prioritised meanwhile begins."""
    greve, numbers = at_trin_2(world, 1, 0)
    world.do(greve, "trin_2.afslut", override=True, reason=WHY)
    mistake = world.do(greve, "trin_2.genaabn", reason=WHY).revision
    late = world.add(greve, "challenge", "Ny", **DESCRIBED)
    world.do(late, "prioriter")
    assert world.state(late) == "prioriteret"
    outcome = world.engine.correct(greve, mistake, reason="Det var en anden kommune")
    assert outcome.poked == (greve,)
    assert states(world, [*numbers, late]) == {"trin_3": 2}
    world.engine.tick()
    assert examine(world.engine).findings == ()
