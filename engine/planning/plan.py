"""The values of a plan: items with their rules and the order they wait in, the frame they lie in; places no day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter

from ..civil.windows import WHOLE_MONTHS, Window
from ..definition.checks.graph import find_cycles
from ..definition.dates import When, anchors
from ..errors import InvalidInput
from .landing import PlanCalendar
from .reasons import Reason

DAYS_PER_MONTH = 365.2425 / 12


class PlanningError(InvalidInput):
    """A plan cannot be made from these items."""

    def __init__(self, message: str) -> None:
        super().__init__("items", message)


class AnchorCycleError(PlanningError):
    """Items wait for each other in a ring: each name in ``cycle`` for the next, the last for the first."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        self.cycle = cycle
        ring = " -> ".join((*cycle, cycle[0]))
        super().__init__(f"these dates wait for each other: {ring}; give one of them a date of its own")


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One thing to be dated.

    ``phase`` is the window of its phase as it stands in this run. ``fixed`` was set by a person and is
    never moved; ``actual`` is what happened, or has begun while its end is None. ``days`` is how many
    calendar days it lasts. ``lands_on_working_day`` is for meetings: their day must be open. ``matches`` names the item
    whose window this one must be like, ``before`` the item before whose first day it must have ended. ``delays`` are
    pauses that are over: the day of each resumption and the weeks by which it moved what was left.
    """

    key: str
    when: When
    phase: Window | None = None
    fixed: Window | None = None
    actual: Window | None = None
    days: int = 1
    lands_on_working_day: bool = False
    matches: str = ""
    before: str = ""
    delays: tuple[tuple[date, int], ...] = ()

    def __post_init__(self) -> None:
        if self.days < 1:
            raise PlanningError(f"{self.key} lasts {self.days} days; give 1 or more")
        if self.actual is not None and self.actual.start is None:
            raise PlanningError(f"what happened to {self.key} has no first day; give actual a start or leave it out")


@dataclass(frozen=True, slots=True)
class Frame:
    """What all items share: the programme's period as it stands in this run, its shift, the calendar."""

    period: Window
    shift_weeks: int
    calendar: PlanCalendar


@dataclass(frozen=True, slots=True)
class Planned:
    """Where an item lies, and why there: the reasons in the order in which they applied."""

    key: str
    window: Window
    reasons: tuple[Reason, ...] = ()


def shift_weeks_for(original_start: date, new_start: date) -> int:
    """Return the whole weeks nearest to the distance; weekdays stay, three days more or less vanish."""
    return ((new_start - original_start).days + 3) // 7


def shift_months_for(weeks: int) -> int:
    """Return the whole months nearest to so many weeks: 417 weeks are 96 months."""
    return round(weeks * 7 / DAYS_PER_MONTH)


def shift_window(window: Window, weeks: int) -> Window:
    """Move a window as its precision means it: days by whole weeks, months and coarser by whole months.

    A source that says "september" means the month, and by weeks it would come to start on the 3rd. The
    months come from the weeks alone, so that windows which met or overlapped still do. Days and months
    therefore drift apart by at most half a month; an item that so leaves its phase says it.
    """
    if window.precision in WHOLE_MONTHS:
        return window.shift_months(shift_months_for(weeks))
    return window.shift(weeks * 7)


def anchor_graph(items: Iterable[PlanItem]) -> dict[str, frozenset[str]]:
    """Return the items' waiting, key -> keys of what its rule names, what it matches and what it guards."""
    return {item.key: anchors(item.when.rule) | ({item.matches, item.before} - {""}) for item in items}


def in_order(waits_for: Mapping[str, frozenset[str]]) -> Sequence[str]:
    """Return the keys, anchors first. Raises AnchorCycleError."""
    cycles = find_cycles(waits_for)
    if cycles:
        raise AnchorCycleError(cycles[0])
    return tuple(TopologicalSorter(waits_for).static_order())
