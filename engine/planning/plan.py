"""The values of a plan: items with their rules, the frame they lie in, what was planned and what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter

from ..civil.windows import WHOLE_MONTHS, Window
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
    calendar days it lasts. ``lands_on_working_day`` is for meetings: their day must be open. ``current`` is
    the plan as stored, if any.
    """

    key: str
    when: When
    phase: Window | None = None
    fixed: Window | None = None
    actual: Window | None = None
    days: int = 1
    lands_on_working_day: bool = False
    current: Window | None = None

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


@dataclass(frozen=True, slots=True)
class Change:
    """An item whose days differ between two plans; None where a plan does not have it."""

    key: str
    before: Window | None
    after: Window | None
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


def current_plan(items: Iterable[PlanItem]) -> Mapping[str, Planned]:
    """Return what is stored as planned, key -> Planned, to compare a new plan with."""
    return {item.key: Planned(item.key, item.current) for item in items if item.current is not None}


def diff(before: Mapping[str, Planned], after: Mapping[str, Planned]) -> tuple[Change, ...]:
    """Return the items whose first or last day differs, in the new plan's order, then those that vanished.

    New wording or precision alone is no change.
    """
    changes = [
        Change(key, _window(before.get(key)), new.window, new.reasons)
        for key, new in after.items()
        if _days(before.get(key)) != _days(new)
    ]
    changes += [Change(key, old.window, None, old.reasons) for key, old in before.items() if key not in after]
    return tuple(changes)


def _window(planned: Planned | None) -> Window | None:
    return None if planned is None else planned.window


def _days(planned: Planned | None) -> tuple[date | None, date | None] | None:
    return None if planned is None else (planned.window.start, planned.window.end)


def anchor_graph(items: Iterable[PlanItem]) -> dict[str, frozenset[str]]:
    """Return the items' waiting, key -> keys of the anchors that its rule names."""
    return {item.key: anchors(item.when.rule) for item in items}


def find_cycles(waits_for: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Find rings in a graph key -> anchors; each name waits for the next, the last for the first.

    A ring begins with its smallest name. Of rings that share an item one is reported: mend it, look again.
    """
    return list(_cycles({key: sorted(waits_for[key]) for key in sorted(waits_for)}))


def in_order(waits_for: Mapping[str, Iterable[str]]) -> Sequence[str]:
    """Return the keys, anchors first. Raises AnchorCycleError."""
    cycles = find_cycles(waits_for)
    if cycles:
        raise AnchorCycleError(cycles[0])
    return tuple(TopologicalSorter(waits_for).static_order())


def _cycles(graph: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    left = dict(graph)
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            # graphlib lists each node before the one that waits for it, and the first once more at the end.
            ring: list[str] = error.args[1][:0:-1]
            at = ring.index(min(ring))
            yield tuple(ring[at:] + ring[:at])
            left = {key: anchors for key, anchors in left.items() if key not in ring}
        else:
            return
