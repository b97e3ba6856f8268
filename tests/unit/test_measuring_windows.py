"""Whether windows are alike, and where the most like one lies; checked against the calendar of 2020."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from samskabt.engine.civil.calendar import CalendarSettings, WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.measuring.matching import Match, match
from samskabt.engine.measuring.windows import (
    MeasuredWindow,
    WindowState,
    closed_text,
    last_day_open,
    unlike,
    unlike_instruments,
)
from samskabt.engine.values import Dates

CALENDAR = WorkingCalendar()
BASE = MeasuredWindow(1, "baseline", "Baseline", WindowState.CLOSED, date(2019, 9, 30), date(2019, 10, 13))
ANYWHERE = Window(None, None, Precision.OPEN)


def window(start: date, days: int = 14) -> MeasuredWindow:
    """Make a later window."""
    return MeasuredWindow(2, "midtvejs", "Midtvejs", WindowState.CLOSED, start, start + timedelta(days=days - 1))


def test_windows_of_one_length_and_weekday_without_closed_days_are_alike() -> None:
    """Nothing is to be said of them."""
    assert unlike(BASE, window(date(2020, 3, 23)), CALENDAR) == ()


def test_length_weekday_and_closed_days_are_each_said() -> None:
    """Eight days from a Friday over Easter."""
    assert unlike(BASE, window(date(2020, 4, 3), 8), CALENDAR) == (
        "Vinduerne er ikke lige lange: 14 dage og 8.",
        "Vinduerne begynder på hver sin ugedag: mandag og fredag.",
        "»Midtvejs« rummer 2 lukkede dage (skærtorsdag og langfredag).",
    )


def test_a_window_without_days_cannot_be_compared() -> None:
    """Nobody knows when it was; one that ends before it begins holds no day."""
    for odd in (replace(BASE, end=None), replace(BASE, end=date(2019, 9, 1))):
        assert unlike(BASE, odd, CALENDAR) == (
            "Det ene vindues dage kendes ikke, så det vides ikke, om tallene kan sammenlignes.",
        )


def test_other_instruments_are_said() -> None:
    """Asked in writing once and in person the other time; the same one says nothing."""
    assert unlike_instruments(["Skema", "Skema"], ["Skema"]) == ()
    assert unlike_instruments(["Skema"], [""]) == ("Der er målt med noget andet: »Skema« og »uden navn«.",)


def test_many_reasons_are_not_all_named() -> None:
    """From May Day to grundlovsdag in 2020 the calendar is closed for five reasons."""
    calendar = WorkingCalendar(CalendarSettings(friday_after_himmelfart=True))
    days = [
        date(2020, 5, 1),
        date(2020, 5, 8),
        date(2020, 5, 21),
        date(2020, 5, 22),
        date(2020, 6, 1),
        date(2020, 6, 5),
    ]
    assert closed_text(days, calendar).startswith(
        "6 lukkede dage (1. maj, store bededag, Kristi himmelfartsdag og fredag"
    )
    assert closed_text(days, calendar).endswith("m.fl.)")


def test_the_morning_on_which_it_closes_is_no_day_of_the_window() -> None:
    """It closes by itself the day after its last; whoever closes it earlier or later is believed."""
    for closed, last in ((14, 13), (13, 13), (20, 20)):
        dates = Dates(planned_end=date(2019, 10, 13), actual_end=date(2019, 10, closed))
        assert last_day_open(dates) == date(2019, 10, last)
    assert last_day_open(Dates()) is None


def matched(wanted: date, bounds: Window = ANYWHERE, first: date = date(2019, 9, 30)) -> Match:
    """Find the match of a fortnight."""
    return match(wanted, first, first + timedelta(days=13), bounds, CALENDAR)


def test_the_nearest_window_without_closed_days_is_taken() -> None:
    """From 27 March 2020 the next Monday leads into Easter, the one before does not."""
    easter = (date(2020, 4, 9), date(2020, 4, 10))
    assert matched(date(2020, 3, 27)) == Match(date(2020, 3, 23), date(2020, 4, 5), easter)
    assert matched(date(2020, 3, 24)) == Match(date(2020, 3, 23), date(2020, 4, 5))


def test_a_baseline_with_closed_days_allows_as_many() -> None:
    """Christmas beside Easter: both hold days when nobody is there."""
    found = matched(date(2020, 3, 30), first=date(2020, 4, 27))
    assert (found.start, found.avoided) == (date(2020, 3, 30), ())


def test_bounds_are_kept_where_anything_lies_within_them() -> None:
    """Between 30 March and 19 April only Easter is left: the least closed one is taken and says what it holds."""
    found = matched(date(2020, 4, 6), Window(date(2020, 3, 30), date(2020, 4, 19), Precision.DERIVED))
    assert found.start == date(2020, 3, 30)
    assert found.kept == (date(2020, 4, 9), date(2020, 4, 10))
    assert found.avoided == (date(2020, 4, 13),)
    nowhere = matched(date(2020, 3, 24), Window(date(2020, 3, 24), date(2020, 3, 30), Precision.DERIVED))
    assert nowhere.start == date(2020, 3, 23)
