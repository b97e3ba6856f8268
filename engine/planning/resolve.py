"""The planner: from items with rules to windows with reasons, in any order; reads no clock, tells nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ..civil.windows import Precision, Window
from ..definition.dates import (
    RESERVED_ANCHORS,
    Absolute,
    DayRule,
    DeadlineRule,
    RangeRule,
    When,
    anchors,
)
from ..measuring.matching import match
from ..measuring.windows import closed_text
from .landing import closed_name, land
from .placing import OPEN, Found, Placing, place
from .plan import Frame, PlanItem, Planned, PlanningError, anchor_graph, in_order, shift_window
from .reasons import Reason, reason


def resolve(items: Sequence[PlanItem], frame: Frame) -> Mapping[str, Planned]:
    """Place every item, key -> Planned in the order given; the answer does not depend on that order.

    What happened stands, then what a person fixed, then the rule. Dependents ask in the same order: the
    actual days of their anchor, the fixed ones, the planned ones. Without its anchor's date an item is open.
    Raises AnchorCycleError, and PlanningError when a key comes twice or is a reserved anchor.
    """
    by_key = {item.key: item for item in items}
    if len(by_key) < len(items) or by_key.keys() & RESERVED_ANCHORS:
        reserved = ", ".join(sorted(RESERVED_ANCHORS))
        raise PlanningError(f"every key must come once and be none of {reserved}: {[one.key for one in items]}")
    graph = anchor_graph(item for item in items if not _stands(item))
    waits_for = {key: graph.get(key, frozenset()) & by_key.keys() for key in by_key}
    done: dict[str, Planned] = {}
    windows: dict[str, Window] = {}
    for key in in_order(waits_for):
        done[key] = _planned(Placing(by_key[key], frame, windows))
        windows[key] = done[key].window
    return {item.key: done[item.key] for item in items}


def _stands(item: PlanItem) -> bool:
    """Tell whether the item waits for nobody: a person fixed it, or it has happened and ended."""
    return item.fixed is not None or (item.actual is not None and item.actual.end is not None)


def _planned(at: Placing) -> Planned:
    item, fixed, actual = at.item, at.item.fixed, at.item.actual
    if actual is not None and actual.start is not None and actual.end is not None:
        return Planned(item.key, actual, (reason("er_sket", date=actual.start),))
    if fixed is not None:
        planned = Planned(item.key, fixed, (reason("fastsat_af_person"), *_outside(fixed, at)))
    else:
        planned = _by_rule(at)
    return planned if actual is None else _under_way(actual, planned)


def _under_way(actual: Window, planned: Planned) -> Planned:
    """Let what has begun end when it was planned to, but not before it began."""
    start, end = actual.start, planned.window.end
    assert start is not None  # PlanItem refuses an actual window without a start
    begun = Window(start, None if end is None else max(start, end), Precision.DAY, actual.text)
    return replace(planned, window=begun, reasons=(reason("er_begyndt", date=start), *planned.reasons))


def _by_rule(at: Placing) -> Planned:
    """Place the item, move it off closed days, and say where it leaves its phase or the programme."""
    when = at.item.when
    found = _delayed(place(when.rule, at), at)
    if at.item.lands_on_working_day and found.lands is not None:
        found = _landed(found, at)
    found = _guarded(_matched(found, at), at)
    window = Window(found.window.start, found.window.end, found.window.precision, when.wording)
    return Planned(at.item.key, window, (*_source(when), *found.reasons, *_outside(window, at)))


def _delayed(found: Found, at: Placing) -> Found:
    """Move an item by the pauses that its rule knows nothing of.

    What hangs on a day after the resumption follows that day, which has moved or was set since.
    """
    named = anchors(at.item.when.rule) & at.placed.keys()
    days = [day for name in named for day in (at.placed[name].start, at.placed[name].end) if day is not None]
    weeks = sum(weeks for resumed, weeks in at.item.delays if all(day < resumed for day in days))
    if not weeks or found.window.start is found.window.end is None:
        return found
    moved = (*found.reasons, reason("flyttet_efter_pause", weeks=weeks))
    return replace(found, window=shift_window(found.window, weeks), reasons=moved)


def _source(when: When) -> tuple[Reason, ...]:
    named = when.text or isinstance(when.rule, Absolute | RangeRule | DeadlineRule)
    # A day is said as a date: an author may have written it as ISO, which no document does.
    said = when.rule.date if isinstance(when.rule, DayRule) and not when.text else when.wording
    source = (reason("fra_dokumentet", text=said),) if named and said else ()
    return (reason("udledt"),) if when.inferred else source


def _landed(found: Found, at: Placing) -> Found:
    """Move a day that must be open off a closed one; a day that keeps its place only says so."""
    window, calendar = found.window, at.frame.calendar
    day = window.end if found.lands == "end" else window.start
    if day is None or calendar.is_open(day):
        return found
    if found.keeps:
        closed = reason("lukket_dag", day=day, name=closed_name(day, calendar))
        return replace(found, reasons=(*found.reasons, closed))
    to, moved = land(day, calendar, _limits(day, found, at))
    window = window.shift((to - day).days)
    return replace(found, window=window, reasons=(*found.reasons, *moved))


def _matched(found: Found, at: Placing) -> Found:
    """Move a window to where it is like the one that it is compared with; a day of the document's own stays."""
    like, start = at.placed.get(at.item.matches, OPEN), found.window.start
    if like.start is None or like.end is None or start is None or (found.keeps and not at.item.when.inferred):
        return found
    calendar, anchor = at.frame.calendar, at.item.matches
    limits = _limits(start, replace(found, lands=None), at)  # The match keeps its own length inside them.
    to = match(start, like.start, like.end, limits, calendar)
    why: list[Reason] = []
    if to.start != start:
        why.append(reason("passer_til", from_=start, to=to.start, anchor=anchor))
    if to.avoided:
        why.append(reason("uden_om_lukket", name=closed_text(to.avoided, calendar), anchor=anchor))
    if to.kept:
        why.append(reason("rummer_lukket", name=closed_text(to.kept, calendar), anchor=anchor))
    return replace(found, window=replace(found.window, start=to.start, end=to.end), reasons=(*found.reasons, *why))


def _guarded(found: Found, at: Placing) -> Found:
    """Let a window end before what it guards begins, and say which day is the last; weekdays stay."""
    change, end = at.placed.get(at.item.before, OPEN).start, found.window.end
    if change is None or end is None:
        return found
    last = change - timedelta(days=1)
    weeks = -(min((last - end).days, 0) // 7)
    why = [reason("flyttet_foer", weeks=-weeks, anchor=at.item.before)] if weeks else []
    why.append(reason("sidste_dag", day=last, anchor=at.item.before))
    return replace(found, window=found.window.shift(-7 * weeks), reasons=(*found.reasons, *why))


def _limits(day: date, found: Found, at: Placing) -> Window:
    """Return where the day may land: between its anchors, and in phase and period if it lies there."""
    between = found.bounds if found.bounds.contains(day) else OPEN
    starts, ends = [between.start], [between.end]
    longer = timedelta(days=at.item.days - 1 if found.lands == "start" else 0)
    for area in (at.area(), at.frame.period):
        if _outside_day(found.window, area) is None:
            starts.append(area.start)
            ends.append(None if area.end is None else area.end - longer)
    return Window(
        max((start for start in starts if start is not None), default=None),
        min((end for end in ends if end is not None), default=None),
        Precision.DERIVED,
    )


def _outside(window: Window, at: Placing) -> tuple[Reason, ...]:
    checks = (("uden_for_fasen", at.item.phase), ("uden_for_perioden", at.frame.period))
    found = ((code, _outside_day(window, area)) for code, area in checks if area is not None)
    return tuple(reason(code, day=day) for code, day in found if day is not None)


def _outside_day(window: Window, area: Window) -> date | None:
    """Return the first known end of the window that lies outside the area; None when there is none."""
    ends = (day for day in (window.start, window.end) if day is not None)
    return next((day for day in ends if not area.contains(day)), None)
