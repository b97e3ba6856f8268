"""Which events end an instance, or let what is below it stand still: read off its machine, asked before they happen."""

from __future__ import annotations

from ..definition import Machine, Move, Region
from ..definition.machine import ANY
from .pauses import PAUSE, RESUME


def is_end(machine: Machine, event: str) -> bool:
    """Tell whether an event calls off, withdraws or closes: what a paused instance may still do."""
    if event in (machine.closes, machine.settles):
        return True
    return any(leads_to_an_end(region, move) for region, move in _moves(machine, event))


def may_still_others(machine: Machine, event: str) -> bool:
    """Tell whether an event may let everything below stand still, go on, or end."""
    moves = _moves(machine, event)
    return event in (PAUSE, RESUME) or any(leads_to_an_end(*one) or _rests(*one) for one in moves)


def leads_to_an_end(region: Region, move: Move) -> bool:
    """Tell whether a move leads to where everything below is ended."""
    state = region.states.get(move.dest or "")
    return state is not None and bool(state.leaves or state.closes)


def _rests(region: Region, move: Move) -> bool:
    """Tell whether a move leads to a state in which everything below rests, or may lead away from one."""
    named = region.states if ANY in move.sources else {move.dest, *move.sources}
    return any(state.rests for name, state in region.states.items() if name in named)


def _moves(machine: Machine, event: str) -> list[tuple[Region, Move]]:
    regions = machine.regions
    return [(regions[region], regions[region].moves[move]) for region, move in machine.events.get(event, ())]
