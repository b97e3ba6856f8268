"""The one home of ``transitions``: a flat machine per region, fired on a throw-away probe; knows no rules of ours.

A ``Machine`` of transitions 0.9.3 without models may be shared between threads as long as each firing brings its own
probe; it gets topology and one guard, no callbacks with effects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transitions import Machine as TransitionsMachine

from .definition.machine import ANY, Move, Region

STANDS = "_stands"
"""The probe's attribute: transitions 0.9.3 allows no trigger of that name, and names of ours begin with a letter."""


class _Probe:
    """What a machine is fired on: a state and nothing else."""

    __slots__ = (STANDS,)

    def __init__(self, state: str) -> None:
        self._stands = state


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
            model_attribute=STANDS,
        )
        for name, move in region.moves.items():
            for source in sources_of(region, move):
                self._machine.add_transition(name, source, move.dest, conditions=[_is_permitted])

    def may_fire(self, move: str, state: str) -> bool:
        """Tell whether the topology has the move from this state, whatever its requirements say."""
        event = self._machine.events.get(move)
        return event is not None and bool(event.transitions.get(state))

    def fire(self, move: str, state: str, permits: Callable[[], bool]) -> str | None:
        """Answer with the state that the move leads to, or None where topology or ``permits`` forbids it."""
        if not self.may_fire(move, state):
            return None
        probe = _Probe(state)
        fired = self._machine.events[move].trigger(probe, permits=permits)
        return probe._stands if fired else None
