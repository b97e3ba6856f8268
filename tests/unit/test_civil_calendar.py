"""The Danish working calendar against the law, the almanac and its own algebra."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.civil.calendar import CalendarSettings, Closed, ClosedCode, WorkingCalendar
from samskabt.engine.errors import InvalidInput

CALENDAR = WorkingCalendar()
WORKED_WEEKS = WorkingCalendar(CalendarSettings(closed_weeks=frozenset()))
DAYS = st.dates(date(1991, 1, 1), date(2099, 12, 31))


def easter(year: int) -> date:
    """Compute Easter Sunday by the anonymous Gregorian algorithm, independently of the package."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    w = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * w) // 451
    month, day = divmod(h + w - 7 * m + 114, 31)
    return date(year, month, day + 1)


def test_holidays_are_those_that_easter_and_the_law_give() -> None:
    """In all 111 years every public holiday, and no other day, is closed as a holiday."""
    lawful: set[date] = set()
    for year in range(1990, 2101):
        moving = [-3, -2, 0, 1, 39, 49, 50] + ([26] if year < 2024 else [])
        lawful |= {easter(year) + timedelta(days=offset) for offset in moving}
        lawful |= {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)}
    days = [date(1990, 1, 1) + timedelta(days=n) for n in range((date(2101, 1, 1) - date(1990, 1, 1)).days)]
    reasons = {day: CALENDAR.closed_reason(day) for day in days}
    assert {day for day, why in reasons.items() if why and why.code is ClosedCode.HELLIGDAG} == lawful


def test_store_bededag_is_a_holiday_until_2023_only() -> None:
    """The day follows the law of its own year."""
    assert CALENDAR.closed_reason(date(2023, 5, 5)) == Closed(ClosedCode.HELLIGDAG, "helligdag: store bededag")
    assert CALENDAR.is_open(date(2024, 4, 26))


def test_every_kind_of_closed_day_says_why_in_danish() -> None:
    """Holiday before weekend, weekend before week: the most telling reason is given."""
    settings = CalendarSettings(friday_after_himmelfart=True, closed_dates=frozenset({date(2019, 9, 20)}))
    calendar = WorkingCalendar(settings)
    names = {
        date(2019, 4, 19): "helligdag: langfredag",
        date(2019, 4, 21): "helligdag: påskedag",
        date(2019, 5, 30): "helligdag: Kristi himmelfartsdag",
        date(2019, 5, 31): "fredag efter Kristi himmelfartsdag",
        date(2019, 9, 21): "weekend",
        date(2019, 5, 1): "1. maj",
        date(2019, 6, 5): "grundlovsdag",
        date(2019, 12, 24): "juleaftensdag",
        date(2019, 12, 31): "nytårsaftensdag",
        date(2019, 9, 20): "dagen er lukket i kalenderen",
        date(2019, 7, 9): "uge 28 er lukket",
        date(2025, 1, 2): "uge 1 er lukket",
        date(2020, 12, 30): "uge 53 er lukket",
    }
    reasons = {day: calendar.closed_reason(day) for day in names}
    assert {day: why.name for day, why in reasons.items() if why} == names


def test_days_that_no_law_closes_can_be_worked() -> None:
    """With every switch off and no weeks closed the four days and the Friday are open."""
    calendar = WorkingCalendar(CalendarSettings(False, False, False, False, False, frozenset()))
    days = [date(2019, 5, 1), date(2019, 5, 31), date(2019, 6, 5), date(2019, 12, 24), date(2019, 12, 31)]
    assert all(calendar.is_open(day) and calendar.closed_reason(day) is None for day in days)


def test_a_closed_week_or_date_is_worked_in_but_holds_no_meeting() -> None:
    """Uge 42 and a closed date count as working days though they are not open."""
    calendar = WorkingCalendar(CalendarSettings(closed_dates=frozenset({date(2019, 9, 20)})))
    for day in (date(2019, 10, 16), date(2019, 9, 20)):
        assert calendar.is_working_day(day)
        assert not calendar.is_open(day)


def test_next_and_previous_open_start_at_the_day_itself() -> None:
    """An open day is its own next and previous; around Easter and the summer they jump the closed days."""
    assert CALENDAR.next_open(date(2019, 9, 20)) == CALENDAR.previous_open(date(2019, 9, 20)) == date(2019, 9, 20)
    assert (CALENDAR.previous_open(date(2019, 4, 18)), CALENDAR.next_open(date(2019, 4, 18))) == (
        date(2019, 4, 17),
        date(2019, 4, 23),
    )
    assert CALENDAR.next_open(date(2019, 7, 6)) == date(2019, 7, 29)


@settings(deadline=None)
@given(DAYS)
def test_nothing_open_lies_between_a_day_and_its_next_open(day: date) -> None:
    """next_open gives the first open day, and from there previous_open finds no nearer one."""
    found = CALENDAR.next_open(day)
    assert CALENDAR.is_open(found)
    assert not any(CALENDAR.is_open(day + timedelta(days=n)) for n in range((found - day).days))
    assert found == day or CALENDAR.previous_open(found - timedelta(days=1)) < day


def test_working_days_are_counted_over_weekends_holidays_and_closed_weeks() -> None:
    """Counted on paper: 3 after Friday 20 September; over Easter; 5 into uge 42, which is worked; and back."""
    assert CALENDAR.add_working_days(date(2019, 9, 20), 3) == date(2019, 9, 25)
    assert CALENDAR.add_working_days(date(2019, 4, 17), 1) == date(2019, 4, 23)
    assert CALENDAR.add_working_days(date(2019, 10, 11), 5) == date(2019, 10, 18)
    assert CALENDAR.add_working_days(date(2019, 4, 23), -1) == date(2019, 4, 17)


def test_zero_working_days_is_the_day_itself() -> None:
    """Not even a Sunday moves by zero days."""
    assert CALENDAR.add_working_days(date(2019, 9, 22), 0) == date(2019, 9, 22)


@settings(deadline=None)
@given(DAYS, st.integers(1, 150))
def test_counting_on_passes_exactly_n_working_days(day: date, n: int) -> None:
    """The n-th working day is worked, and n working days lie in (day, result]; counting back returns."""
    found = CALENDAR.add_working_days(day, n)
    passed = [day + timedelta(days=k) for k in range(1, (found - day).days + 1)]
    assert CALENDAR.is_working_day(found)
    assert sum(CALENDAR.is_working_day(each) for each in passed) == n
    back = CALENDAR.add_working_days(found, -n)
    assert back == day if CALENDAR.is_working_day(day) else back < day


def test_the_version_names_the_package_and_follows_the_settings() -> None:
    """Equal settings give equal versions in any order of input; any change gives another."""
    one = WorkingCalendar(CalendarSettings(closed_weeks=frozenset([7, 42])))
    two = WorkingCalendar(CalendarSettings(closed_weeks=frozenset([42, 7])))
    dated = WorkingCalendar(CalendarSettings(closed_dates=frozenset({date(2019, 9, 20)})))
    assert one.version == two.version
    assert len({one.version, CALENDAR.version, WORKED_WEEKS.version, dated.version}) == 4
    # Written down, so that a version pinned in history on one machine is found again on another.
    assert CALENDAR.version.endswith("+rules-2+b0f70d744a47")


def test_looking_up_a_year_changes_nothing_that_can_be_seen() -> None:
    """A calendar stays equal to, and hashes like, one that has looked nothing up."""
    used = WorkingCalendar()
    used.is_open(date(2019, 9, 20))
    assert used == WorkingCalendar()
    assert hash(used) == hash(WorkingCalendar())
    assert "2019" not in repr(used)


def test_a_calendar_that_can_never_open_is_refused_with_the_way_out() -> None:
    """All weeks closed is refused at once, week 53 being no help; so are weeks that do not exist, and instants."""
    with pytest.raises(InvalidInput, match="leave at least one"):
        CalendarSettings(closed_weeks=frozenset(range(1, 53)))
    with pytest.raises(InvalidInput, match=r"\[0, 54\].*from 1 to 53"):
        CalendarSettings(closed_weeks=frozenset({0, 54, 7}))
    with pytest.raises(InvalidInput, match="is an instant"):
        CalendarSettings(closed_dates=frozenset({datetime(2019, 9, 20, tzinfo=UTC)}))


def test_one_open_week_a_year_is_found_from_any_day() -> None:
    """The search spans the longest distance between two openings of a single week."""
    calendar = WorkingCalendar(CalendarSettings(closed_weeks=frozenset(range(1, 54)) - {2}))
    assert calendar.next_open(date(2018, 1, 13)) == date(2019, 1, 7)
    assert calendar.previous_open(date(2019, 1, 6)) == date(2018, 1, 12)


def test_week_1_is_open_where_new_year_lay_before_it() -> None:
    """From 4 January 2027 and 30 December 2024 on: the one after New Year's week, the other New Year's week itself."""
    assert CALENDAR.is_open(date(2027, 1, 4)) and CALENDAR.is_open(date(2021, 1, 4))
    assert not CALENDAR.is_open(date(2024, 12, 30)) and not CALENDAR.is_open(date(2026, 1, 2))


def test_dates_that_close_everything_end_the_search() -> None:
    """When closed dates leave no open day for two years, the search stops and names them."""
    shut = frozenset(date(2019, 1, 1) + timedelta(days=n) for n in range(3 * 366))
    calendar = WorkingCalendar(CalendarSettings(closed_dates=shut))
    with pytest.raises(InvalidInput, match=r"no open day within two years of 2019-01-02.*closed_dates"):
        calendar.next_open(date(2019, 1, 2))


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2101, 1, 1)])
def test_days_outside_the_years_are_refused(day: date) -> None:
    """The calendar knows 1990 to 2100 and says so."""
    with pytest.raises(InvalidInput, match="from 1990 to 2100"):
        CALENDAR.is_open(day)


def test_counting_stops_at_the_end_of_the_years() -> None:
    """An absurd count ends in an error rather than in a long loop; an instant is no day."""
    with pytest.raises(InvalidInput, match="2101-01-01"):
        CALENDAR.add_working_days(date(2099, 1, 1), 10**12)
    with pytest.raises(InvalidInput, match="is an instant"):
        CALENDAR.next_open(datetime(2019, 9, 20, tzinfo=UTC))
