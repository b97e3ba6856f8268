"""What plans promise as values: shifts, and rings of anchors."""

from datetime import date

import pytest
from samskabt.engine.civil.windows import Precision, Window, day_window, month_window, year_window
from samskabt.engine.definition.checks.graph import find_cycles
from samskabt.engine.definition.dates import When
from samskabt.engine.planning.plan import (
    AnchorCycleError,
    PlanItem,
    PlanningError,
    anchor_graph,
    in_order,
    shift_months_for,
    shift_weeks_for,
    shift_window,
)


def test_shift_is_the_nearest_whole_weeks() -> None:
    """Three days more or less vanish, four make a week, in both directions."""
    start = date(2019, 9, 2)
    moved = [shift_weeks_for(start, date(2019, 9, day)) for day in (5, 6, 9, 12, 13)]
    assert moved == [0, 1, 1, 1, 2]
    assert shift_weeks_for(start, date(2019, 8, 26)) == -1
    assert shift_weeks_for(start, date(2019, 8, 30)) == 0


def test_days_shift_by_weeks_and_months_by_months() -> None:
    """Eight years are 417 weeks and 96 months: a Friday stays a Friday, September stays September."""
    weeks = shift_weeks_for(date(2019, 9, 1), date(2027, 8, 29))
    assert (weeks, shift_months_for(weeks)) == (417, 96)
    assert shift_window(day_window(date(2019, 9, 20)), weeks) == day_window(date(2027, 9, 17))
    assert shift_window(month_window(2019, 9), weeks) == month_window(2027, 9)
    assert shift_window(year_window(2019), weeks) == year_window(2027)


def test_months_that_met_still_meet() -> None:
    """Adjacent month windows share no day and leave none out after any shift."""
    for weeks in range(-60, 60):
        first, second = shift_window(month_window(2020, 1), weeks), shift_window(month_window(2020, 2), weeks)
        assert first.end is not None and second.start is not None
        assert (second.start - first.end).days == 1


def test_items_must_last_and_begin() -> None:
    """An item of no days, or an event without a first day, is refused by name."""
    with pytest.raises(PlanningError, match="moede lasts 0 days"):
        PlanItem("moede", When.model_validate("start"), days=0)
    with pytest.raises(PlanningError, match="moede has no first day"):
        PlanItem("moede", When.model_validate("start"), actual=Window(None, None, Precision.DAY))


def test_rings_are_named_from_their_smallest_key() -> None:
    """Each name waits for the next; separate rings are all found, in any order of the input."""
    graph = {
        name: frozenset(to) for name, to in {"d": "d", "b": "c", "c": "a", "a": "b", "e": ("a", "unknown")}.items()
    }
    assert find_cycles(graph) == (("a", "b", "c"), ("d",))
    assert find_cycles(dict(reversed(graph.items()))) == (("a", "b", "c"), ("d",))


def test_of_rings_that_share_an_item_one_is_found() -> None:
    """Mending one ring shows the next."""
    assert len(find_cycles({"a": frozenset("bc"), "b": frozenset("a"), "c": frozenset("a")})) == 1


def test_anchors_come_first() -> None:
    """The order puts every anchor before what waits for it, and a ring is an error that names it."""
    assert in_order({"b": frozenset("a"), "a": frozenset(), "c": frozenset("b")}) == ("a", "b", "c")
    with pytest.raises(AnchorCycleError, match="a -> b -> a") as caught:
        in_order({"b": frozenset("a"), "a": frozenset("b")})
    assert caught.value.cycle == ("a", "b")


def test_graph_is_read_from_the_rules() -> None:
    """The graph holds each item's anchors."""
    items = [PlanItem("a", When.model_validate("mellem x og y")), PlanItem("b", When.model_validate("start"))]
    assert anchor_graph(items) == {"a": {"x", "y"}, "b": frozenset()}
