"""What is asked of machines and moves without looking at the rest of the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..definition import Machine, Move
from ..values import Intent


@dataclass(frozen=True, slots=True)
class Firing:
    """One move that an event fires in one region."""

    region: str
    name: str
    move: Move


def invites(move: Move) -> bool:
    """Tell whether a move sends invitations."""
    return any(notice.intent is Intent.INVITATION for notice in move.notices)


def invitation(machine: Machine) -> str | None:
    """Name the text by which an activity invites: that of its first move that does; None where none does."""
    moves = (move for region in machine.regions.values() for move in region.moves.values())
    texts = (one.text for move in moves for one in move.notices if one.intent is Intent.INVITATION)
    return next(texts, None)


def is_done(machine: Machine, position: Mapping[str, str]) -> bool:
    """Tell whether an instance has come to its end: its first region stands in a final state."""
    region, first = next(iter(machine.regions.items()))
    return first.states[position[region]].final
