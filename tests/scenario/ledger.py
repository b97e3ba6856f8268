"""What a workflow defines (moves, joins, requirements), and what scenarios have walked of it according to history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from samskabt.engine.definition import Move, Need, Workflow
from samskabt.engine.definition.needs import ActivityNeed, BaselineNeed, ChildrenNeed, FieldsNeed, OwnNeed, ParentNeed
from samskabt.engine.machine import sources_of
from samskabt.engine.values import Refusal
from samskabt.engine.values.names import PHASE_REGION, base_key
from samskabt.storage import HistoryRow, Reader

from .world import Attempt, World


@dataclass
class Ledger:
    """What all walks together have done."""

    workflow: Workflow
    moves: set[str] = field(default_factory=set)
    together: set[str] = field(default_factory=set)
    joins: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)

    def note(self, world: World) -> None:
        """Take in what a world's history and attempts say."""
        for mine, theirs in zip(
            (self.moves, self.together, self.joins, self.refused, self.passed),
            (*walked(world, self.workflow), *outcomes(world.attempts, self.workflow)),
            strict=True,
        ):
            mine |= theirs


def moves_of(workflow: Workflow) -> Iterator[str]:
    """Name every move from every state that it may start in."""
    for kind, machine in workflow.machines.items():
        for region_name, region in machine.regions.items():
            for name, move in region.moves.items():
                for source in sources_of(region, move):
                    yield f"{kind} {region_name}.{name} fra {source}"


def together_of(workflow: Workflow) -> Iterator[str]:
    """Name every event that fires several moves at once."""
    for kind, machine in workflow.machines.items():
        yield from (f"{kind} {name}" for name in machine.together)


def joins_of(workflow: Workflow) -> Iterator[str]:
    """Name every eventless move."""
    for kind, machine in workflow.machines.items():
        for join in machine.joins:
            yield from (f"{kind} {join.region}: {source} -> {join.dest}" for source in join.sources)


def requirements_of(workflow: Workflow) -> Iterator[str]:
    """Name every requirement of every move and gate, and every field that a move wants."""
    for kind, machine in workflow.machines.items():
        for region_name, region in machine.regions.items():
            for name, move in region.moves.items():
                where = f"{kind} {region_name}.{name}"
                yield from (f"{where} needs[{place}]" for place in range(len(move.needs)))
                yield from (f"{where} wants {wanted}" for wanted in move.wants)
    for name, gate in workflow.programme.gates.items():
        yield from (f"gate {name}[{place}]" for place in range(len(gate.needs)))
    yield from (f"{name} before {one.before}" for name, one in workflow.programme.evaluations.items() if one.before)


def walked(world: World, workflow: Workflow) -> tuple[set[str], set[str], set[str]]:
    """Read out of a database's history which moves, joint events and joins were walked."""
    moves, together, joins = set(), set(), set()
    with world.engine.context.store.read() as reader:
        rows = [row for one in reader.programmes() for row in _history(reader, one.id)]
        kinds = {one.id: one.kind for found in reader.programmes() for one in reader.instances(found.id)}
    for row in rows:
        kind, region = kinds[row.instance_id], row.region
        if row.kind == "event":
            machine = workflow.machines[kind]
            moves |= {
                f"{kind} {region}.{name} fra {row.from_state}"
                for at, name in machine.events.get(row.event, ())
                if at == region
            }
            together |= {f"{kind} {row.event}"} if row.event in machine.together else set()
        if row.kind == "join":
            joins.add(f"{kind} {region}: {row.from_state} -> {row.to_state}")
    return moves, together, joins


def outcomes(attempts: Iterable[Attempt], workflow: Workflow) -> tuple[set[str], set[str]]:
    """Sort requirements into those that have refused somebody and those that let somebody pass."""
    refused: set[str] = set()
    passed: set[str] = set()
    for attempt in attempts:
        for name, need in _standing_before(attempt, workflow):
            if not attempt.refusals:
                passed.add(name)
            elif any(_says(need, refusal, workflow) for refusal in attempt.refusals):
                refused.add(name)
    return refused, passed


def _history(reader: Reader, programme: int) -> list[HistoryRow]:
    out: list[HistoryRow] = []
    after = None
    while rows := reader.programme_history(programme, after, 1000):
        out += rows
        after = (rows[-1].recorded_at, rows[-1].instance_id, rows[-1].seq)
    return out


def _standing_before(attempt: Attempt, workflow: Workflow) -> Iterator[tuple[str, Need | str]]:
    """List the requirements of an attempt's moves, with their names."""
    machine = workflow.machines[attempt.kind]
    for region_name, move_name in machine.events[attempt.event]:
        move = machine.regions[region_name].moves[move_name]
        where = f"{attempt.kind} {region_name}.{move_name}"
        yield from ((f"{where} needs[{place}]", need) for place, need in enumerate(move.needs))
        yield from ((f"{where} wants {wanted}", wanted) for wanted in move.wants)
        before = _before(attempt, region_name, move, workflow)
        if before:
            for name, gate in workflow.programme.gates.items():
                if before & set(gate.before):
                    yield from ((f"gate {name}[{place}]", need) for place, need in enumerate(gate.needs))
            for name, one in workflow.programme.evaluations.items():
                if one.before == base_key(attempt.key):
                    yield f"{name} before {one.before}", BaselineNeed(key=name)


def _before(attempt: Attempt, region: str, move: Move, workflow: Workflow) -> set[str]:
    """Name what a move stands for in the gates: its activity and that one's fase, or a kommune's own fase."""
    if move.activity is not None:
        return {move.activity}
    if not move.gated:
        return set()
    if region.startswith(PHASE_REGION):
        return {region.removeprefix(PHASE_REGION)}
    return {base_key(attempt.key), _phase(attempt.key, workflow) or ""}


def _phase(key: str, workflow: Workflow) -> str | None:
    activity = workflow.programme.activities.get(base_key(key))
    return activity.phase if activity else None


def _says(need: Need | str, refusal: Refusal, workflow: Workflow) -> bool:
    """Tell whether a refusal is this requirement's: its name, and what tells two of one name apart."""
    values = refusal.values
    if isinstance(need, str):
        is_reason = refusal.requirement == "reason" and need == "reason"
        return is_reason or (refusal.requirement == "wants" and values.get("field") == need)
    if refusal.requirement != need.need:
        return False
    match need:
        case ChildrenNeed() | OwnNeed() | ParentNeed():
            return values.get("wanted") == list(need.states)
        case ActivityNeed():
            return values.get("activity") == workflow.programme.activities[need.key].title
        case FieldsNeed():
            return values.get("field") in need.names
        case _:
            return True
