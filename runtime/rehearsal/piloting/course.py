"""The normal direction of a machine: which step leads on from each state; takes none, and knows no dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....engine.compiled import Compiled
from ....engine.definition import Move, Region
from ....engine.definition.machine import ANY, Machine
from ....engine.values.names import LIFE
from ....storage import InstanceView


@dataclass(frozen=True, slots=True)
class Step:
    """One step on: the event that takes it (None: it follows by itself, by a join) and the state it leads to."""

    region: str
    event: str | None
    move: Move | None
    dest: str


@dataclass(frozen=True)
class Course:
    """How one kind of instance normally goes: region -> state -> the next step; a state without one is the end."""

    steps: Mapping[str, Mapping[str, Step]]

    def next(self, region: str, state: str) -> Step | None:
        """Give the next step of a region from a state, if the normal course leads on from there."""
        return self.steps[region].get(state)


def course_of(compiled: Compiled, kind: str, *, takes_kommuner: bool) -> Course:
    """Find the normal course of a kind.

    Back moves, moves that want a reason, the closing move and states of those who have left are nobody's normal way.
    The longest way to an end counts, as it leaves nothing out; of a kommune's own life, and of what a programme has
    decided or handed over, the shortest does, as nobody wants to wait in line. Without kommuner a programme goes past
    the state in which they enrol.
    """
    machine = compiled.machine(kind)
    names = {pairs[0]: event for event, pairs in machine.events.items() if len(pairs) == 1}
    out = {}
    for name, region in machine.regions.items():
        avoided = frozenset() if takes_kommuner else _enrolling(region)
        edges = dict(_edges(machine, name, region, names, avoided))
        is_short = name == LIFE if kind == "kommune" else machine.parent == "programme" and kind not in HELD
        out[name] = _way(region, edges, is_short=is_short)
    return Course(out)


HELD = frozenset({"meeting", "task", "evaluation"})
"""What is held or done, of which every step counts."""

Edges = dict[str, tuple[Step, ...]]


def _edges(
    machine: Machine, name: str, region: Region, names: Mapping[tuple[str, str], str], avoided: frozenset[str]
) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """List what leads on from each state."""
    for state, definition in region.states.items():
        found = []
        for move_name, move in region.moves.items():
            event = names.get((name, move_name))
            starts = state in move.sources or (ANY in move.sources and not definition.final)
            if starts and event is not None and _leads_on(machine, region, event, move, state, avoided):
                by_itself = move.automatic
                found.append(Step(name, None if by_itself else event, move, move.dest or state))
        known = {step.dest for step in found}
        joins = [join for join in machine.joins if join.region == name and state in join.sources]
        found += [
            Step(name, None, None, join.dest)
            for join in joins
            if not (join.dest in known or region.states[join.dest].leaves)
        ]
        yield state, tuple(found)


def _leads_on(machine: Machine, region: Region, event: str, move: Move, state: str, avoided: frozenset[str]) -> bool:
    dest = move.dest
    if dest is None or dest == state or dest in avoided or region.states[dest].leaves:
        return False
    return not (move.back or event == machine.closes or "reason" in move.wants)


def _enrolling(region: Region) -> frozenset[str]:
    """Name the states in which kommuner enrol."""
    return frozenset(
        state for move in region.moves.values() if move.births == "kommune" for state in move.sources if state != ANY
    )


def _way(region: Region, edges: Edges, *, is_short: bool) -> dict[str, Step]:
    """Choose the way from the first state, then the shortest way to it from every state beside it."""
    ways = list(_ways(region.initial, edges, ()))
    best = max(ways, key=lambda way: _worth(region, way, is_short=is_short), default=())
    out: dict[str, Step] = {}
    state = region.initial
    for step in best:
        out[state], state = step, step.dest
    goals = {region.initial, state, *out}
    for beside in [name for name in region.states if name not in goals]:
        back = [way for way in _ways(beside, edges, ()) if any(step.dest in goals for step in way)]
        if back:
            out[beside] = min(back, key=len)[0]
    return out


def _worth(region: Region, way: tuple[Step, ...], *, is_short: bool) -> tuple[bool, int]:
    is_final = bool(way) and region.states[way[-1].dest].final
    return is_final, -len(way) if is_short else len(way)


def _ways(state: str, edges: Edges, seen: tuple[str, ...]) -> Iterator[tuple[Step, ...]]:
    """List every way on from a state that meets no state twice."""
    onward = [step for step in edges.get(state, ()) if step.dest not in (*seen, state)]
    if not onward:
        yield ()
    for step in onward:
        for rest in _ways(step.dest, edges, (*seen, state)):
            yield (step, *rest)


def enrols(compiled: Compiled, view: InstanceView) -> bool:
    """Tell whether a programme stands where kommuner enrol, and nothing has been born of its state."""
    if view.kind != "programme" or compiled.bears(view.kind, "", LIFE, view.position[LIFE]):
        return False
    moves = compiled.region("programme", LIFE).moves.values()
    return any(move.births == "kommune" and view.position[LIFE] in move.sources for move in moves)
