"""The one home of ``transitions``: a flat machine per region, fired on a throw-away probe; knows no rules of ours.

A ``Machine`` of transitions 0.9.3 without models may be shared between threads as long as each firing brings its own
probe; it gets topology and one guard, no callbacks with effects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transitions import Machine as TransitionsMachine
from transitions import MachineError

from .definition.machine import ANY, Move, Region


class _Probe:
    """What a machine is fired on: a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _is_permitted(event: Any) -> bool:
    """Let the caller's requirements decide; they were evaluated before, on the snapshot."""
    return bool(event.kwargs["permits"]())


def sources_of(region: Region, move: Move) -> tuple[str, ...]:
    """List the states that a move may start from; ``*`` means every state that is not final."""
    if ANY in move.sources:
        return tuple(name for name, state in region.states.items() if not state.final and name != move.dest)
    return move.sources


class RegionMachine:
    """The topology of one region, ready to fire."""

    def __init__(self, region: Region) -> None:
        self._machine = TransitionsMachine(
            model=None,
            states=list(region.states),
            initial=None,
            auto_transitions=False,
            send_event=True,
            queued=False,
        )
        for name, move in region.moves.items():
            for source in sources_of(region, move):
                self._machine.add_transition(name, source, move.dest, conditions=[_is_permitted])

    def may_fire(self, move: str, state: str) -> bool:
        """Tell whether the topology has the move from this state, whatever its requirements say."""
        return bool(self._machine.events[move].transitions.get(state))

    def fire(self, move: str, state: str, permits: Callable[[], bool]) -> str | None:
        """Answer with the state that the move leads to, or None where topology or ``permits`` forbids it."""
        probe = _Probe(state)
        try:
            fired = self._machine.events[move].trigger(probe, permits=permits)
        except MachineError:
            return None
        return probe.state if fired else None
