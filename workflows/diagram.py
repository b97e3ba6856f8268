"""Draws a workflow's machines as Mermaid state diagrams; own text with escaped labels, no drawing tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from ..engine.definition import ANY, Machine, Move, Region, Workflow
from ..engine.errors import NotFound


def mermaid(workflow: Workflow, machine: str | None = None) -> str:
    """Draw one machine, or all of them one after another, a comment with its name above each.

    :raises NotFound: when there is no such machine.
    """
    if machine is not None and machine not in workflow.machines:
        raise NotFound("machine", machine, sorted(workflow.machines))
    chosen = workflow.machines if machine is None else {machine: workflow.machines[machine]}
    return "\n".join(line for name, found in chosen.items() for line in _machine(name, found)) + "\n"


def _machine(name: str, machine: Machine) -> Iterator[str]:
    numbers = count(1)
    yield f"%% {name}"
    yield "stateDiagram-v2"
    ids = {region: _ids(found, numbers) for region, found in machine.regions.items()}
    for region_name, region in machine.regions.items():
        joins = [(one.sources, one.dest) for one in machine.joins if one.region == region_name]
        lines = _region(region, ids[region_name], joins)
        if len(machine.regions) == 1:
            yield from (f"    {line}" for line in lines)
            continue
        holder = f"r{next(numbers)}"
        yield f'    state "{label(region.title)}" as {holder} {{'
        yield from (f"        {line}" for line in lines)
        yield "    }"


def _ids(region: Region, numbers: Iterator[int]) -> Mapping[str, str]:
    return {state: f"s{next(numbers)}" for state in region.states}


def _region(region: Region, ids: Mapping[str, str], joins: list[tuple[tuple[str, ...], str]]) -> Iterator[str]:
    for name, state in region.states.items():
        yield f'state "{label(state.title)}" as {ids[name]}'
    yield f"[*] --> {ids[region.initial]}"
    for move in region.moves.values():
        for source in _sources(region, move):
            yield f"{ids[source]} --> {ids[move.dest or source]} : {label(move.title)}"
    for sources, dest in joins:
        for source in sources:
            yield f"{ids[source]} --> {ids[dest]} : {label('af sig selv')}"
    for name, state in region.states.items():
        if state.final:
            yield f"{ids[name]} --> [*]"


def _sources(region: Region, move: Move) -> Iterator[str]:
    """Give the states that a move starts in; ``*`` is each that is not final and not where it leads."""
    if ANY not in move.sources:
        yield from move.sources
        return
    yield from (name for name, state in region.states.items() if not state.final and name != move.dest)


def label(text: str) -> str:
    """Write words so that Mermaid shows them and nothing of them is markup: letters stay, other signs become codes."""
    words = " ".join(text.split())
    return "".join(sign if sign.isalnum() or sign in " .,-–()/?" else f"#{ord(sign)};" for sign in words)
