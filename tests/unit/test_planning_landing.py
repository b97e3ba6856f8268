"""How days meet the calendar: landing."""

from datetime import date

from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.planning.landing import land
from samskabt.engine.planning.reasons import reason_text

from .plan_calendar import SmallCalendar

CHRISTMAS = SmallCalendar({date(2027, 12, 24): "juleaftensdag"})
ANY = Window(None, None, Precision.OPEN)


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
