"""What windows promise: ends, precision, and how they move."""

from datetime import date

import pytest
from samskabt.engine.civil.windows import (
    Precision,
    Window,
    add_months,
    month_window,
    part_window,
    season_window,
    year_window,
)
from samskabt.engine.errors import InvalidInput

SEPTEMBER = month_window(2019, 9, "september 2019")


def test_window_refuses_to_end_before_it_starts() -> None:
    """A window that ends before it starts is refused with both days."""
    with pytest.raises(InvalidInput, match="2019-09-01 is before the start 2019-09-02"):
        Window(date(2019, 9, 2), date(2019, 9, 1), Precision.DAY)


def test_window_contains_its_first_and_last_day() -> None:
    """Both ends belong to a window, and the days around it do not."""
    inside = [SEPTEMBER.contains(date(2019, 9, day)) for day in (1, 30)]
    outside = [SEPTEMBER.contains(date(2019, 8, 31)), SEPTEMBER.contains(date(2019, 10, 1))]
    assert inside == [True, True]
    assert outside == [False, False]


def test_missing_end_reaches_for_ever() -> None:
    """A window without an end contains every later day, one without a start every earlier."""
    assert Window(date(2019, 9, 1), None, Precision.OPEN).contains(date(2199, 1, 1))
    assert Window(None, date(2019, 9, 1), Precision.OPEN).contains(date(1900, 1, 1))


def test_midpoint_is_the_earlier_of_two_middle_days() -> None:
    """The middle of thirty days is the fifteenth; an open window has none."""
    assert SEPTEMBER.midpoint() == date(2019, 9, 15)
    assert Window(date(2019, 9, 1), None, Precision.OPEN).midpoint() is None
    assert Window(None, date(2019, 9, 1), Precision.OPEN).midpoint() is None


def test_shift_moves_the_known_ends() -> None:
    """Days move what is there and keep precision and words."""
    moved = Window(None, date(2019, 9, 2), Precision.DAY, "senest").shift(7)
    assert moved == Window(None, date(2019, 9, 9), Precision.DAY, "senest")
    assert Window(date(2019, 9, 2), None, Precision.OPEN).shift(-1).start == date(2019, 9, 1)


def test_whole_months_stay_whole() -> None:
    """January moved by one month is February to its last day, in leap years too."""
    assert month_window(2020, 1).shift_months(1) == month_window(2020, 2)
    assert month_window(2020, 2).shift_months(-12) == month_window(2019, 2)


def test_months_move_open_windows() -> None:
    """An absent end stays absent, and a day inside a month keeps its number."""
    moved = Window(None, date(2018, 6, 15), Precision.MEDIO).shift_months(1)
    assert moved == Window(None, date(2018, 7, 15), Precision.MEDIO)
    assert Window(date(2018, 6, 1), None, Precision.OPEN).shift_months(1).start == date(2018, 7, 1)


def test_words_that_no_longer_fit_become_months() -> None:
    """A season, a year and the middle of a year are months once they start elsewhere."""
    assert season_window(2016, "foraar").shift_months(3) == season_window(2016, "sommer")
    assert season_window(2016, "foraar").shift_months(4).precision is Precision.MONTH
    assert year_window(2019).shift_months(12) == year_window(2020)
    assert year_window(2019).shift_months(1).precision is Precision.MONTH
    assert part_window("medio", 2018, None).shift_months(4).precision is Precision.MONTH


def test_part_of_a_month_stays_that_part() -> None:
    """Ultimo of one month becomes ultimo of another, to its last day."""
    assert part_window("ultimo", 2019, 2).shift_months(1) == part_window("ultimo", 2019, 3)


def test_parts_of_a_year_are_the_months_that_documents_mean() -> None:
    """Primo, medio and ultimo of a year are January, June and December."""
    ends = [part_window(part, 2018, None).end for part in ("primo", "medio", "ultimo")]
    assert ends == [date(2018, 1, 31), date(2018, 6, 30), date(2018, 12, 31)]


def test_parts_of_a_month_meet() -> None:
    """The three parts of a month share no day and leave none out."""
    spans = [part_window(part, 2020, 2) for part in ("primo", "medio", "ultimo")]
    days = [(one.start, one.end) for one in spans]
    assert [(a and a.day, b and b.day) for a, b in days] == [(1, 10), (11, 20), (21, 29)]


def test_winter_belongs_to_the_year_of_its_december() -> None:
    """Vinteren 2019 ends on the last of February 2020."""
    winter = season_window(2019, "vinter")
    assert (winter.start, winter.end) == (date(2019, 12, 1), date(2020, 2, 29))


def test_month_arithmetic_keeps_the_day_where_it_exists() -> None:
    """The 31st becomes the last of a short month; the 30th of April stays the 30th in May."""
    assert add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert add_months(date(2020, 4, 30), 1) == date(2020, 5, 30)
