"""First come, first served: who is next by when they enrolled, and who waits in line; chooses by nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from ..civil.kommune import Kommune
from ..compiled import Compiled
from ..values import Data, Position
from ..values.kept import ENROLLED
from ..values.names import KOMMUNE, LIFE
from .selection import TERCILES_2020, Choice, Reason, ReasonCode, Selection


class Queued(Protocol):
    """What the line needs to know of a kommune's process."""

    @property
    def id(self) -> int:
        """Give its number: of two that enrolled at the same instant the one that was registered first goes first."""

    @property
    def position(self) -> Position:
        """Say where it stands."""

    @property
    def data(self) -> Data:
        """Give what is known of it."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A kommune that wants to take part, and its place in the order of enrolment."""

    kommune: Kommune
    place: int


One = TypeVar("One", bound=Queued)


def in_order(processes: Iterable[One]) -> list[One]:
    """Sort by when they enrolled, then by number."""
    return sorted(processes, key=lambda one: (str(one.data.get(ENROLLED) or ""), one.id))


def in_line(compiled: Compiled, processes: Iterable[One]) -> list[One]:
    """List those that wait for a place, the first in line first."""
    states = waiting_states(compiled)
    return in_order(one for one in processes if one.position.get(LIFE) in states)


def waiting_states(compiled: Compiled) -> frozenset[str]:
    """Name the states of a kommune in which it waits in line."""
    machine = compiled.workflow.machines.get(KOMMUNE)
    region = machine.regions.get(LIFE) if machine else None
    return frozenset(name for name, state in region.states.items() if state.waits) if region else frozenset()


def places_left(compiled: Compiled, processes: Iterable[Queued]) -> int:
    """Count the free places; a programme without a number has none to give away by itself."""
    capacity = compiled.workflow.programme.kommuner.capacity
    taken = sum(one.position.get(LIFE) in compiled.gates.taking_part for one in processes)
    return max(0, capacity.max - taken) if capacity else 0


def first_come(candidates: Sequence[Kommune], places: int, on: date, *, ruled: bool) -> Selection:
    """Choose the first ``places`` of the candidates, which come in the order of their enrolment.

    ``ruled`` tells whether the document says so; where it says nothing, the order is our proposal, and says that.
    """
    total = len(candidates)
    chosen = [
        _choice(kommune, on, [_why(kommune, place, total, places, ruled)])
        for place, kommune in enumerate(candidates[:places], 1)
    ]
    rest = [
        _choice(kommune, on, [Reason(ReasonCode.PAA_VENTELISTE, {"kommune": kommune.name, "place": place})])
        for place, kommune in enumerate(candidates[places:], 1)
    ]
    return Selection(tuple(chosen), tuple(rest))


def _why(kommune: Kommune, place: int, total: int, places: int, ruled: bool) -> Reason:
    if total <= places:
        return Reason(ReasonCode.ALLE_VALGT, {"kommune": kommune.name, "candidates": total, "capacity": places})
    code = ReasonCode.FOERST_TIL_MOELLE if ruled else ReasonCode.RAEKKEFOELGE_UDEN_REGEL
    return Reason(code, {"kommune": kommune.name, "place": place, "candidates": total})


def _choice(kommune: Kommune, on: date, reasons: Collection[Reason]) -> Choice:
    return Choice(kommune, kommune.region_on(on), TERCILES_2020.of(kommune.population), tuple(reasons))
