"""The topology of one region, fired by the library and compared with an interpreter of plain dicts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from samskabt.engine.definition import Region
from samskabt.engine.machine import RegionMachine, sources_of

NAMES = ["state", "trigger", "initial", "model", "name", "to_a", "is_a", "may_a", "events", "b", "c", "venter"]

Moves = Mapping[str, tuple[Sequence[str], str | None]]


def random_region(rng: random.Random) -> tuple[list[str], set[str], Moves]:
    """Draw states (some of them final) and moves: name -> (sources, dest); ``*`` and staying included."""
    states = rng.sample(NAMES, rng.randint(1, 6))
    final = {state for state in states if rng.random() < 0.2}
    moves: dict[str, tuple[Sequence[str], str | None]] = {}
    for name in rng.sample(NAMES, rng.randint(1, 6)):
        sources = ["*"] if rng.random() < 0.25 else rng.sample(states, rng.randint(1, len(states)))
        moves[name] = (sources, rng.choice([*states, None]))
    return states, final, moves


def as_region(states: Sequence[str], final: set[str], moves: Moves) -> Region:
    """Write the same as a definition would."""
    return Region.model_validate(
        {
            "title": "Prøve",
            "states": {name: {"title": name, "final": name in final} for name in states},
            "moves": {name: {"title": name, "sources": src, "dest": dest} for name, (src, dest) in moves.items()},
        }
    )


def reference(final: set[str], moves: Moves, move: str, state: str, permits: bool) -> str | None:
    """Interpret one firing; it knows nothing of the library."""
    sources, dest = moves[move]
    starts = (state not in final and state != dest) if "*" in sources else state in sources
    return (dest or state) if starts and permits else None


@pytest.mark.soak
def test_the_library_agrees_with_an_interpreter_of_plain_dicts(soak: bool) -> None:
    """Random flat machines, every move from every state, permitted and not: no difference."""
    rng, fired = random.Random(20190902), 0
    while fired < (1_000_000 if soak else 20_000):
        states, final, moves = random_region(rng)
        machine = RegionMachine(as_region(states, final, moves))
        for state in states:
            for move in moves:
                permits = rng.random() < 0.8
                expected = reference(final, moves, move, state, permits)
                assert machine.fire(move, state, lambda p=permits: p) == expected, (states, final, moves)  # type: ignore[misc]
                assert machine.may_fire(move, state) == (reference(final, moves, move, state, True) is not None)
                fired += 1


def test_any_source_leaves_out_what_is_final_and_the_destination() -> None:
    """``* -> parkeret`` starts from wherever there is something left to park."""
    region = Region.model_validate(
        {
            "title": "Status",
            "states": {"a": "A", "b": "B", "parkeret": "P", "slut": {"title": "S", "final": True}},
            "moves": {"parker": "* -> parkeret", "noter": {"in": "*"}},
        }
    )
    assert sources_of(region, region.moves["parker"]) == ("a", "b")
    assert sources_of(region, region.moves["noter"]) == ("a", "b", "parkeret")


def test_requirements_are_not_asked_where_the_topology_says_no() -> None:
    """A move that does not start here is refused without looking at anything."""
    region = Region.model_validate({"title": "S", "moves": {"begynd": "venter -> i_gang"}})
    asked: list[str] = []

    def permits() -> bool:
        asked.append("asked")
        return True

    assert RegionMachine(region).fire("begynd", "i_gang", permits) is None
    assert asked == []


def test_a_machine_is_shared_between_threads() -> None:
    """Each firing brings its own probe, so nothing of one reaches another."""
    region = Region.model_validate(
        {"title": "S", "moves": {"begynd": "venter -> i_gang", "afslut": "i_gang -> afsluttet"}}
    )
    machine = RegionMachine(region)
    jobs = [("begynd", "venter", "i_gang"), ("afslut", "i_gang", "afsluttet"), ("begynd", "afsluttet", None)] * 500
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda job: machine.fire(job[0], job[1], lambda: True), jobs))
    assert got == [job[2] for job in jobs]
