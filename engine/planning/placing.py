"""What one rule means among dated anchors: a window and its reasons; knows no order, lands no day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from ..civil.windows import WHOLE_MONTHS, Precision, Window, add_months
from ..definition.dates import (
    RESERVED_ANCHORS,
    Absolute,
    BetweenRule,
    DateRule,
    DayRule,
    DeadlineRule,
    EndRule,
    InPhaseRule,
    MidwayRule,
    OpenRule,
    Point,
    RangeRule,
    RecurringRule,
    RelativeRule,
    StartRule,
    absolute_window,
)
from .plan import Frame, PlanItem, shift_months_for, shift_window
from .reasons import Reason, reason

OPEN = Window(None, None, Precision.OPEN)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule gives: the window and why; which end is a day that may land, and between which bounds.

    ``keeps``: the day is the document's own and does not move, open or closed.
    """

    window: Window
    reasons: tuple[Reason, ...] = ()
    lands: Literal["start", "end"] | None = None
    bounds: Window = OPEN
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """One item among those placed before it (key -> window)."""

    item: PlanItem
    frame: Frame
    placed: Mapping[str, Window]

    def edge(self, anchor: str, direction: Literal["foer", "efter"]) -> date | None:
        """Return the anchor's first day for "foer", its last for "efter"; None while it has none."""
        period = self.frame.period
        match anchor:
            case "start":
                return period.start
            case "slut":
                return period.end
            case "midtvejs":
                return period.midpoint()
            case _:
                window = self.placed.get(anchor, OPEN)
                return window.start if direction == "foer" else window.end

    def area(self) -> Window:
        """Return the window of the item's phase or, where it has none, the programme's period."""
        return self.item.phase or self.frame.period


def place(rule: DateRule, at: Placing) -> Found:
    """Return what the rule means; days that a single-day rule names are stretched to the item's length."""
    match rule:
        case RangeRule():
            return _range(rule, at)
        case BetweenRule():
            return _between(rule, at)
        case MidwayRule():
            return _midway(rule, at)
        case InPhaseRule():
            code = "i_perioden" if at.item.phase is None else "i_fasen"
            return Found(replace(at.area(), precision=Precision.DERIVED), (reason(code),))
        case RecurringRule():
            found = place(rule.within or InPhaseRule(), at)
            repeats = reason("gentages", amount=rule.every, unit=rule.unit or "")
            return replace(found, reasons=(*found.reasons, repeats), lands=None)
        case DeadlineRule():
            by = _point(rule.by, at)
            window = replace(by.window, start=None)
            return replace(by, window=window, lands="end" if by.lands else None)
        case OpenRule():
            return Found(OPEN, (reason("aaben"),))
        case _:
            return _stretched(_point(rule, at), at.item.days, backwards=isinstance(rule, EndRule))


def _stretched(found: Found, days: int, *, backwards: bool) -> Found:
    """Give a single day the item's length; windows keep theirs."""
    start, end, more = found.window.start, found.window.end, timedelta(days=days - 1)
    if days == 1 or found.lands is None or start is None or end is None:
        return found
    start, end = (end - more, end) if backwards else (start, start + more)
    return replace(found, window=replace(found.window, start=start, end=end))


def _point(rule: Point, at: Placing) -> Found:
    period = at.frame.period
    match rule:
        case StartRule():
            return _on(period.start, "start", "ved_start")
        case EndRule():
            return _on(period.end, "slut", "ved_slut")
        case RelativeRule():
            return _relative(rule, at)
        case _:
            return _absolute(rule, at)


def _on(day: date | None, anchor: str, code: str) -> Found:
    if day is None:
        return _missing([anchor])
    return Found(_derived(day, day), (reason(code, date=day),), "start")


def _absolute(rule: Absolute, at: Placing) -> Found:
    """Shift a date of the document as its precision allows; a day that is not shifted keeps its place."""
    window, weeks = absolute_window(rule), at.frame.shift_weeks
    is_day: Literal["start"] | None = "start" if isinstance(rule, DayRule) else None
    if weeks == 0:
        return Found(window, (), is_day, keeps=True)
    if not at.item.when.shifts:
        return Found(window, (reason("flytter_ikke"),), is_day, keeps=True)
    months = shift_months_for(weeks)
    if window.precision in WHOLE_MONTHS:
        moved = (reason("flyttet_maaneder", months=months),) if months else ()
    else:
        moved = (reason("flyttet_uger", weeks=weeks),)
    return Found(shift_window(window, weeks), moved, is_day)


def _relative(rule: RelativeRule, at: Placing) -> Found:
    anchor = rule.anchor
    edge = at.edge(anchor, rule.direction)
    if edge is None:
        return _missing([anchor])
    if rule.amount == 0:
        code = "fra_anker" if rule.direction == "foer" else "til_anker"
        return Found(_derived(edge, edge), (reason(code, anchor=anchor, date=edge),), "start")
    count = rule.amount if rule.direction == "efter" else -rule.amount
    day = _step(edge, count, rule.unit, at.frame)
    code = "efter_anker" if rule.direction == "efter" else "foer_anker"
    why = reason(code, amount=rule.amount, unit=rule.unit, anchor=anchor, date=edge)
    after = _beyond(anchor, edge, 1) if rule.direction == "efter" else None
    before = _beyond(anchor, edge, -1) if rule.direction == "foer" else None
    return Found(_derived(day, day), (why,), "start", _derived(after, before))


def _step(day: date, count: int, unit: str, frame: Frame) -> date:
    match unit:
        case "arbejdsdage":
            return frame.calendar.add_working_days(day, count)
        case "maaneder":
            return add_months(day, count)
        case _:
            return day + timedelta(days=count * (7 if unit == "uger" else 1))


def _beyond(anchor: str, day: date, step: int) -> date:
    """Return the day next to an item; the programme's own start, middle and end belong to the programme."""
    return day if anchor in RESERVED_ANCHORS else day + step * ONE_DAY


def _range(rule: RangeRule, at: Placing) -> Found:
    first = Found(OPEN) if rule.first is None else _point(rule.first, at)
    last = Found(OPEN) if rule.last is None else _point(rule.last, at)
    reasons = tuple(dict.fromkeys(first.reasons + last.reasons))
    return _ordered(first.window.start, last.window.end, last.window.precision, reasons)


def _between(rule: BetweenRule, at: Placing) -> Found:
    after = None if rule.after is None else at.edge(rule.after, "efter")
    before = None if rule.before is None else at.edge(rule.before, "foer")
    reasons: list[Reason] = []
    start = end = None
    if rule.after is not None and after is not None:
        start = _beyond(rule.after, after, 1)
        reasons.append(reason("tidligst_efter", anchor=rule.after, date=after))
    if rule.before is not None and before is not None:
        end = _beyond(rule.before, before, -1)
        reasons.append(reason("senest_foer", anchor=rule.before, date=before))
    reasons += _waiting([(rule.after, after), (rule.before, before)])
    return _ordered(start, end, Precision.DERIVED, tuple(reasons))


def _midway(rule: MidwayRule, at: Placing) -> Found:
    first, last = rule.after or "start", rule.before or "slut"
    a, b = at.edge(first, "efter"), at.edge(last, "foer")
    if a is None or b is None:
        return Found(OPEN, _waiting([(first, a), (last, b)]))
    if a > b:
        return _ordered(a, b, Precision.DERIVED, ())
    middle = a + (b - a) // 2
    half = timedelta(days=(at.item.days - 1) // 2)
    window = _derived(middle - half, middle - half + timedelta(days=at.item.days - 1))
    return Found(window, (reason("midtvejs", from_=a, to=b),), "start", _derived(a, b))


def _ordered(start: date | None, end: date | None, precision: Precision, reasons: tuple[Reason, ...]) -> Found:
    if start is not None and end is not None and start > end:
        return Found(OPEN, (*reasons, reason("ingen_plads", after=start, before=end)))
    if start is None and end is None:
        precision = Precision.OPEN
    return Found(Window(start, end, precision), reasons)


def _waiting(edges: Iterable[tuple[str | None, date | None]]) -> tuple[Reason, ...]:
    return tuple(reason("anker_mangler", anchor=key) for key, day in edges if key is not None and day is None)


def _missing(anchors: Iterable[str]) -> Found:
    return Found(OPEN, _waiting((anchor, None) for anchor in anchors))


def _derived(start: date | None, end: date | None) -> Window:
    return Window(start, end, Precision.DERIVED)
