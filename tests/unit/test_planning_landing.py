"""How days meet the calendar: landing and recurrence."""

from datetime import date

from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition.dates import RecurringRule, parse_date_rule
from samskabt.engine.planning.landing import land, occurrences
from samskabt.engine.planning.reasons import reason_text

from .plan_calendar import SmallCalendar

CHRISTMAS = SmallCalendar({date(2027, 12, 24): "juleaftensdag"})
ANY = Window(None, None, Precision.OPEN)


def recurring(text: str) -> RecurringRule:
    """Return the recurring rule that the words mean."""
    rule = parse_date_rule(text)
    assert isinstance(rule, RecurringRule)
    return rule


def days(text: str, start: date | None, end: date | None, limit: int = 20) -> list[str]:
    """Return the occurrences as ISO days, Christmas Eve and weekends closed."""
    window = Window(start, end, Precision.DERIVED)
    return [day.isoformat() for day in occurrences(recurring(text), window, CHRISTMAS, limit)]


def test_an_open_day_stays() -> None:
    """A day that is open moves nowhere and needs no reason."""
    assert land(date(2027, 12, 23), CHRISTMAS, ANY) == (date(2027, 12, 23), ())


def test_a_closed_day_moves_forward_and_says_why() -> None:
    """Friday the 24th of December becomes the Monday after, in a Danish sentence."""
    to, reasons = land(date(2027, 12, 24), CHRISTMAS, ANY)
    assert to == date(2027, 12, 27)
    assert reason_text(reasons[0]) == (
        "Flyttet fra fredag den 24. december 2027 til mandag den 27. december 2027, "
        "fordi 24. december er lukket (juleaftensdag)."
    )


def test_a_closed_day_moves_backward_where_forward_leaves_the_bounds() -> None:
    """The last days of a window are landed inside it."""
    bounds = Window(None, date(2027, 12, 26), Precision.DERIVED)
    assert land(date(2027, 12, 24), CHRISTMAS, bounds)[0] == date(2027, 12, 23)


def test_a_closed_day_moves_forward_when_no_bound_can_be_kept() -> None:
    """Where neither side is open within the bounds, forward it is."""
    bounds = Window(date(2027, 12, 24), date(2027, 12, 26), Precision.DERIVED)
    assert land(date(2027, 12, 24), CHRISTMAS, bounds)[0] == date(2027, 12, 27)


def test_a_calendar_may_keep_its_reasons() -> None:
    """Without a name for the closed day the sentence leaves the brackets out."""
    silent = SmallCalendar({date(2027, 12, 24): "juleaftensdag"}, explains=False)
    _, reasons = land(date(2027, 12, 24), silent, ANY)
    assert reason_text(reasons[0]).endswith("fordi 24. december er lukket.")


def test_months_are_counted_from_the_first_day() -> None:
    """The 31st comes back after short months, and each day lands on an open one."""
    found = days("hver måned", date(2027, 8, 31), date(2027, 12, 31))
    assert found == ["2027-08-31", "2027-09-30", "2027-11-01", "2027-11-30", "2027-12-31"]


def test_weeks_days_and_quarters_step_as_said() -> None:
    """Every unit has its own step, weekends are landed and never doubled."""
    start, end = date(2027, 12, 6), date(2027, 12, 31)
    assert days("hver 2. uge", start, end) == ["2027-12-06", "2027-12-20"]
    assert days("hvert kvartal", date(2027, 1, 4), end) == [
        "2027-01-04",
        "2027-04-05",
        "2027-07-05",
        "2027-10-04",
    ]
    assert days("hver dag", date(2027, 12, 10), date(2027, 12, 14)) == [
        "2027-12-10",
        "2027-12-13",
        "2027-12-14",
    ]


def test_occurrences_are_bounded() -> None:
    """The limit holds in an endless window, and so does the rule's own number of times."""
    start = date(2027, 1, 4)
    assert len(days("hver uge", start, None, limit=5)) == 5
    assert len(days("hver uge, 3 gange", start, None, limit=5)) == 3


def test_a_number_without_a_pace_is_spread_evenly() -> None:
    """Two times in a span lie a quarter from its ends; they need both ends."""
    start, end = date(2027, 3, 1), date(2027, 3, 29)
    assert days("2 gange", start, end) == ["2027-03-08", "2027-03-22"]
    assert days("2 gange", start, None) == []


def test_ongoing_work_has_no_days() -> None:
    """Løbende names no day, and a window without a start gives none."""
    assert days("løbende", date(2027, 3, 1), date(2027, 3, 29)) == []
    assert days("hver uge", None, date(2027, 3, 29)) == []


def test_a_step_without_an_open_day_is_left_out() -> None:
    """A window of one closed weekend holds no occurrence."""
    assert days("hver uge", date(2027, 12, 25), date(2027, 12, 26)) == []
