"""Wall time and instants in Copenhagen, checked against an independent library."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from samskabt.engine.civil.instants import end_of_day, local, local_date, require_aware, to_utc, zone_named
from samskabt.engine.errors import InvalidInput
from whenever import PlainDateTime

# The last Sundays of March and October; drawn often, for on other days nothing can go wrong.
SHIFT_DAYS = [
    last - timedelta(days=last.isoweekday() % 7)
    for year in range(2019, 2036)
    for last in (date(year, 3, 31), date(year, 10, 31))
]
DAYS = st.dates(date(2019, 1, 1), date(2035, 12, 31)) | st.sampled_from(SHIFT_DAYS)
TIMES = st.times() | st.times(time(1, 30), time(3, 30))
INSTANTS = st.datetimes(datetime(2019, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))


@settings(deadline=None)
@given(DAYS, TIMES)
@example(date(2019, 3, 31), time(2, 30))
@example(date(2019, 10, 27), time(2, 30))
@example(date(2026, 3, 29), time(2))
@example(date(2026, 10, 25), time(2, 59, 59, 999999))
def test_to_utc_agrees_with_an_independent_library(day: date, at: time) -> None:
    """Gaps shift forward and folds take the first, as whenever's "compatible" rule has it."""
    wall = PlainDateTime(day.year, day.month, day.day, at.hour, at.minute, at.second, nanosecond=at.microsecond * 1000)
    oracle = wall.assume_tz("Europe/Copenhagen", disambiguation="compatible")
    assert to_utc(day, at) == oracle.to_stdlib().astimezone(UTC)
    assert to_utc(day, at).tzinfo is UTC


def test_a_gap_shifts_forward() -> None:
    """2.30 on the night of summer time does not exist and becomes 3.30."""
    assert to_utc(date(2019, 3, 31), time(2, 30)) == datetime(2019, 3, 31, 1, 30, tzinfo=UTC)
    assert local(to_utc(date(2019, 3, 31), time(2, 30))).time() == time(3, 30)


def test_a_fold_takes_the_first_whatever_the_time_says() -> None:
    """2.30 on the night of winter time is the one before the shift, also when fold=1 is asked for."""
    first = datetime(2019, 10, 27, 0, 30, tzinfo=UTC)
    assert to_utc(date(2019, 10, 27), time(2, 30)) == to_utc(date(2019, 10, 27), time(2, 30, fold=1)) == first


@settings(deadline=None)
@given(INSTANTS)
def test_an_instant_lies_in_its_local_day(instant: datetime) -> None:
    """From local midnight (included) to end_of_day (excluded)."""
    day = local_date(instant)
    assert to_utc(day, time()) <= instant < end_of_day(day)
    assert local(instant).astimezone(UTC) == instant


def test_days_last_23_24_and_25_hours() -> None:
    """The nights of the shift make a day shorter or longer."""
    days = (date(2019, 3, 31), date(2019, 9, 20), date(2019, 10, 27))
    assert [(end_of_day(day) - to_utc(day, time())) // timedelta(hours=1) for day in days] == [23, 24, 25]


def test_another_zone_can_be_asked_for() -> None:
    """The zone is an argument; an instant on any offset is understood."""
    assert to_utc(date(2019, 9, 20), time(9), ZoneInfo("Asia/Tokyo")) == datetime(2019, 9, 20, tzinfo=UTC)
    late = datetime(2019, 9, 20, 23, 30, tzinfo=timezone(timedelta(hours=-3)))
    assert local_date(late) == date(2019, 9, 21)


def test_what_is_ambiguous_is_refused() -> None:
    """Naive instants, times with a zone, and datetimes passed as days are errors that say what to give instead."""
    with pytest.raises(InvalidInput, match="naive"):
        local(datetime(2019, 9, 20, 9))
    with pytest.raises(InvalidInput, match="is no instant"):
        require_aware(date(2019, 9, 20))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="without one"):
        to_utc(date(2019, 9, 20), time(9, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="give a date"):
        end_of_day(datetime(2019, 9, 20, tzinfo=UTC))


def test_the_ends_of_time_are_errors_of_our_own() -> None:
    """Days and instants whose counterpart Python cannot hold are refused, not crashed on."""
    with pytest.raises(InvalidInput, match="9999-12-31"):
        end_of_day(date.max)
    with pytest.raises(InvalidInput, match="0001-01-01"):
        to_utc(date.min, time())
    with pytest.raises(InvalidInput, match="beyond"):
        local(datetime.max.replace(tzinfo=UTC))


def test_a_zone_that_tzdata_does_not_know_is_refused() -> None:
    """The error names it, and what to do."""
    assert zone_named("Europe/Copenhagen").key == "Europe/Copenhagen"  # type: ignore[attr-defined]
    for name in ("Europe/Nyborg", "../etc/passwd", ""):
        with pytest.raises(InvalidInput, match="tzdata"):
            zone_named(name)
