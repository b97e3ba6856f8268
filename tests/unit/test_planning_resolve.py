"""What the planner promises: where items land, why, and that the order of the input does not matter."""

import sys
import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window, day_window, month_window
from samskabt.engine.definition.dates import When
from samskabt.engine.planning.plan import AnchorCycleError, Frame, PlanItem, Planned, PlanningError
from samskabt.engine.planning.reasons import reason_text
from samskabt.engine.planning.resolve import resolve

from .plan_calendar import SmallCalendar

CLOSED = {date(2027, 9, 17): "lukkedag", date(2020, 12, 31): "nytårsaftensdag", date(2019, 9, 20): "lukkedag"}
PERIOD = Window(date(2019, 9, 1), date(2020, 12, 31), Precision.MONTH)


def frame(weeks: int = 0, period: Window = PERIOD) -> Frame:
    """Return a frame with weekends and three named days closed."""
    return Frame(period, weeks, SmallCalendar(CLOSED))


def item(key: str, when: object, **more: object) -> PlanItem:
    """Return an item; meetings land, so they are what most tests need."""
    return PlanItem(key, When.model_validate(when), **{"lands_on_working_day": True, **more})  # type: ignore[arg-type]


def one(when: object, weeks: int = 0, *others: PlanItem, period: Window = PERIOD, **more: object) -> Planned:
    """Resolve one item among others."""
    return resolve([item("x", when, **more), *others], frame(weeks, period))["x"]


def span(planned: Planned) -> tuple[str, str]:
    """Return first and last day as text, "-" where there is none."""
    start, end = planned.window.start, planned.window.end
    return (start.isoformat() if start else "-", end.isoformat() if end else "-")


def codes(planned: Planned) -> list[str]:
    """Return the codes of the reasons."""
    return [why.code for why in planned.reasons]


def held(key: str, day: date) -> PlanItem:
    """Return an item that has happened on a day."""
    return item(key, "åben", actual=day_window(day))


def test_unshifted_dates_stay_as_documented() -> None:
    """A day of the document keeps its place even when it is closed, and says so."""
    planned = one("20. september 2019")
    assert span(planned) == ("2019-09-20", "2019-09-20")
    assert codes(planned) == ["fra_dokumentet", "lukket_dag"]
    assert planned.window.text == "20. september 2019"


def test_a_shifted_day_keeps_its_weekday_and_lands() -> None:
    """417 weeks on, the Friday is closed: the meeting moves to Monday, with both reasons."""
    period = Window(date(2027, 9, 1), date(2028, 12, 31), Precision.MONTH)
    planned = one("20. september 2019", 417, period=period)
    assert span(planned) == ("2027-09-20", "2027-09-20")
    assert codes(planned) == ["fra_dokumentet", "flyttet_uger", "flyttet_fra_helligdag"]


def test_windows_do_not_land() -> None:
    """What is no meeting keeps the closed day."""
    assert span(one("20. september 2019", 417, lands_on_working_day=False))[0] == "2027-09-17"


def test_a_date_of_the_law_does_not_shift() -> None:
    """With shifts off the day stays, with the reason, and outside the period says so."""
    period = Window(date(2027, 9, 1), date(2028, 12, 31), Precision.MONTH)
    planned = one({"rule": "2020-01-01", "text": "ny lov", "shifts": False}, 417, period=period)
    assert span(planned) == ("2020-01-01", "2020-01-01")
    assert codes(planned) == ["fra_dokumentet", "flytter_ikke", "uden_for_perioden"]


def test_months_stay_months_after_a_shift() -> None:
    """A month window moves by whole months and says how many; a shift too small for one moves nothing."""
    period = Window(date(2027, 9, 1), date(2028, 12, 31), Precision.MONTH)
    planned = one("oktober 2019 til december 2019", 417, period=period)
    assert span(planned) == ("2027-10-01", "2027-12-31")
    assert codes(planned) == ["fra_dokumentet", "flyttet_maaneder"]
    assert span(one("oktober 2019", 1)) == ("2019-10-01", "2019-10-31")
    assert codes(one("oktober 2019", 1)) == ["fra_dokumentet"]


def test_inferred_dates_say_so() -> None:
    """A date that we read into the document is marked."""
    assert codes(one({"rule": "i fasen", "inferred": True})) == ["udledt", "i_perioden"]


def test_a_closed_last_day_lands_inside_the_period() -> None:
    """New Year's Eve is the programme's last day: the meeting moves back, as forward would leave the period."""
    planned = one("slut")
    assert span(planned) == ("2020-12-30", "2020-12-30")
    assert codes(planned) == ["ved_slut", "flyttet_fra_helligdag"]


def test_the_start_lands_forward() -> None:
    """The programme starts on a Sunday; its first meeting is on the Monday."""
    assert span(one("start")) == ("2019-09-02", "2019-09-02")


def test_long_items_start_at_the_start_and_end_at_the_end() -> None:
    """Two weeks of baseline begin with the programme, two weeks of final evaluation end with it."""
    assert span(one("start", days=14, lands_on_working_day=False)) == ("2019-09-01", "2019-09-14")
    assert span(one("slut", days=14, lands_on_working_day=False)) == ("2020-12-18", "2020-12-31")
    assert span(one("midtvejs", days=15, lands_on_working_day=False)) == ("2020-04-24", "2020-05-08")


def test_long_items_land_with_their_whole_length() -> None:
    """Two days from a Saturday would end after the phase, so they move back to the Friday before."""
    phase = Window(date(2019, 10, 1), date(2019, 10, 7), Precision.DERIVED)
    planned = one("5 dage efter a", 0, held("a", date(2019, 9, 30)), days=2, phase=phase)
    assert span(planned) == ("2019-10-04", "2019-10-05")


def test_distances_count_from_the_end_and_back_from_the_start() -> None:
    """Efter counts from an anchor's last day, før from its first, in every unit."""
    anchor = item("a", "åben", actual=Window(date(2019, 10, 1), date(2019, 10, 4), Precision.DAY))
    found = {
        text: span(one(text, 0, anchor))[0]
        for text in ("3 dage efter a", "3 arbejdsdage efter a", "2 uger før a", "1 måned efter a")
    }
    assert found == {
        "3 dage efter a": "2019-10-07",
        "3 arbejdsdage efter a": "2019-10-09",
        "2 uger før a": "2019-09-17",
        "1 måned efter a": "2019-11-04",
    }


def test_landing_does_not_pass_a_before_anchor() -> None:
    """Two days before a Monday is a Saturday: forward would reach the anchor, so it lands on the Friday."""
    planned = one("2 dage før a", 0, held("a", date(2019, 10, 7)))
    assert span(planned)[0] == "2019-10-04"
    assert codes(planned) == ["foer_anker", "flyttet_fra_helligdag"]


def test_distances_from_the_programmes_own_points() -> None:
    """Start, slut and midtvejs are anchors that always exist, and their own day belongs to the programme."""
    assert span(one("2 uger før slut"))[0] == "2020-12-17"
    assert span(one("efter start")) == ("2019-09-01", "-")
    assert span(one("fra midtvejs til slut")) == ("2020-05-01", "2020-12-31")
    assert span(one("0 dage efter start"))[0] == "2019-09-02"


def test_dependents_use_what_happened_before_what_was_planned() -> None:
    """The actual day wins over the fixed one, the fixed one over the rule."""
    actual, fixed = day_window(date(2019, 10, 7)), day_window(date(2019, 10, 14))
    ways = [{"actual": actual, "fixed": fixed}, {"fixed": fixed}, {}]
    found = [span(one("1 uge efter a", 0, item("a", "21. oktober 2019", **way)))[0] for way in ways]
    assert found == ["2019-10-14", "2019-10-21", "2019-10-28"]


def test_people_are_not_overruled() -> None:
    """What a person fixed stays on a closed day, what happened stays where it happened; each says why."""
    fixed = one("start", fixed=day_window(date(2027, 9, 17)))
    assert (span(fixed)[0], codes(fixed)) == ("2027-09-17", ["fastsat_af_person", "uden_for_perioden"])
    happened = one("start", actual=day_window(date(2019, 9, 7)))
    assert (span(happened)[0], codes(happened)) == ("2019-09-07", ["er_sket"])


def test_what_has_begun_keeps_its_planned_end() -> None:
    """A begun item ends as planned, but not before it began, and has no end where none is planned."""
    begun = Window(date(2019, 9, 10), None, Precision.DAY)
    assert span(one("september 2019", actual=begun)) == ("2019-09-10", "2019-09-30")
    assert span(one("2. september 2019", actual=begun)) == ("2019-09-10", "2019-09-10")
    open_end = one("åben", actual=begun)
    assert (span(open_end), codes(open_end)) == (("2019-09-10", "-"), ["er_begyndt", "aaben"])
    fixed = one("åben", actual=begun, fixed=month_window(2019, 10))
    assert span(fixed) == ("2019-09-10", "2019-10-31")


def test_a_missing_anchor_leaves_the_item_open() -> None:
    """Unknown and undated anchors are named, one reason each."""
    planned = one("6 uger efter a", 0, item("a", "åben"))
    assert (span(planned), planned.window.precision) == (("-", "-"), Precision.OPEN)
    assert [reason_text(why) for why in planned.reasons] == ["Venter på en dato for »a«."]
    assert one("efter a og før b").window.precision is Precision.OPEN
    assert codes(one("midtvejs mellem a og b")) == ["anker_mangler", "anker_mangler"]
    assert codes(one("3 arbejdsdage efter")) == ["anker_mangler"]
    assert codes(one("slut", period=Window(date(2019, 9, 1), None, Precision.OPEN))) == ["anker_mangler"]


def test_between_excludes_its_anchors() -> None:
    """After the deadline and before the meeting are the days in between (as in the first programme document)."""
    anchors = [held("frist", date(2019, 9, 2)), held("moede", date(2019, 9, 20))]
    planned = one("efter frist og før moede", 0, *anchors)
    assert span(planned) == ("2019-09-03", "2019-09-19")
    assert codes(planned) == ["tidligst_efter", "senest_foer"]


def test_between_keeps_the_side_that_is_known() -> None:
    """One dated anchor bounds one side; the other is named as missing."""
    planned = one("efter a og før b", 0, held("b", date(2019, 9, 20)))
    assert (span(planned), codes(planned)) == (("-", "2019-09-19"), ["senest_foer", "anker_mangler"])
    assert span(one("før b", 0, held("b", date(2019, 9, 20)))) == ("-", "2019-09-19")


def test_no_room_between_anchors_is_said() -> None:
    """Anchors in the wrong order leave the item open, with both days."""
    anchors = [held("a", date(2019, 9, 20)), held("b", date(2019, 9, 2))]
    for text in ("efter a og før b", "midtvejs mellem a og b"):
        planned = one(text, 0, *anchors)
        assert (span(planned), codes(planned)[-1]) == (("-", "-"), "ingen_plads")


def test_midway_is_the_middle_day_landed() -> None:
    """The middle of the programme, or of the days from one item to another, on an open day between them."""
    assert span(one("midtvejs"))[0] == "2020-05-01"
    anchors = [held("a", date(2019, 10, 1)), held("b", date(2019, 10, 10))]
    planned = one("midtvejs mellem a og b", 0, *anchors)
    assert (span(planned)[0], codes(planned)) == ("2019-10-07", ["midtvejs", "flyttet_fra_helligdag"])


def test_a_long_midway_may_overlap_near_anchors() -> None:
    """Fourteen days in the middle of three do not fit between them, and still get their place."""
    anchors = [held("a", date(2019, 10, 11)), held("b", date(2019, 10, 13))]
    assert span(one("midtvejs mellem a og b", 0, *anchors, days=14)) == ("2019-10-07", "2019-10-20")


def test_ranges_keep_open_ends() -> None:
    """Frem til medio 2020 has no start, fra november 2019 no end; the precision is the end's."""
    until = one("frem til medio 2020")
    assert (span(until), until.window.precision) == (("-", "2020-06-30"), Precision.MEDIO)
    since = one("fra november 2019")
    assert (span(since), since.window.precision) == (("2019-11-01", "-"), Precision.OPEN)


def test_ranges_follow_items() -> None:
    """Samtidig med and fra-til take the first day of one item and the last of another."""
    long = item("a", "åben", actual=Window(date(2019, 10, 1), date(2019, 10, 4), Precision.DAY))
    planned = one("samtidig med a", 0, long)
    assert span(planned) == ("2019-10-01", "2019-10-04")
    assert codes(planned) == ["fra_dokumentet", "fra_anker", "til_anker"]


def test_phases_and_period_are_windows() -> None:
    """I fasen is the phase, or the programme's period where the item has none."""
    assert span(one("i fasen", phase=month_window(2019, 10))) == ("2019-10-01", "2019-10-31")
    assert codes(one("i fasen", phase=month_window(2019, 10))) == ["i_fasen"]
    assert (span(one("i fasen")), codes(one("i fasen"))) == (("2019-09-01", "2020-12-31"), ["i_perioden"])


def test_leaving_the_phase_is_said() -> None:
    """An item outside its phase stays there and says which day lies outside."""
    planned = one("7. oktober 2019", phase=month_window(2019, 9))
    assert codes(planned) == ["fra_dokumentet", "uden_for_fasen"]


def test_an_item_outside_its_phase_still_lands() -> None:
    """A phase that the day is not in cannot hold it back: the Saturday moves on to the Monday."""
    planned = one("5 dage efter a", 0, held("a", date(2019, 9, 30)), phase=month_window(2019, 9))
    assert span(planned)[0] == "2019-10-07"
    assert codes(planned) == ["efter_anker", "flyttet_fra_helligdag", "uden_for_fasen"]


def test_recurring_items_have_the_window_they_recur_in() -> None:
    """The window is the given one, or the phase; the pace is a reason."""
    monthly = one("hver måned januar 2020 til september 2020")
    assert (span(monthly), codes(monthly)) == (("2020-01-01", "2020-09-30"), ["gentages"])
    assert codes(one("løbende", phase=month_window(2019, 9))) == ["i_fasen", "gentages"]


def test_deadlines_have_no_start() -> None:
    """Senest is an end alone; shifted off its weekday it lands, unshifted it stays."""
    assert span(one("senest 2. september 2019")) == ("-", "2019-09-02")
    period = Window(date(2027, 9, 1), date(2028, 12, 31), Precision.MONTH)
    assert span(one("senest 20. september 2019", 417, period=period)) == ("-", "2027-09-20")
    assert span(one("senest medio 2020")) == ("-", "2020-06-30")
    assert codes(one("senest a")) == ["fra_dokumentet", "anker_mangler"]


def test_rules_without_words_give_no_empty_quote() -> None:
    """A rule that a program made has no source to quote."""
    assert codes(one({"rule": {"rule": "month", "year": 2019, "month": 9}})) == []


def test_iso_days_are_quoted_as_danish_dates() -> None:
    """An author's ISO date is said as people say it; the source's own words win."""
    assert reason_text(one("2019-09-19").reasons[0]) == "Står i dokumentet: torsdag den 19. september 2019."
    worded = one({"rule": "2019-09-19", "text": "dagen før"})
    assert reason_text(worded.reasons[0]) == "Står i dokumentet: »dagen før«."


def test_a_ring_is_an_error_that_names_it() -> None:
    """Items that wait for each other are refused, unless a person fixed one of them."""
    ring = [item("a", "1 uge efter b"), item("b", "1 uge efter a")]
    with pytest.raises(AnchorCycleError, match="a -> b -> a"):
        resolve(ring, frame())
    mended = [item("a", "1 uge efter b", fixed=day_window(date(2019, 10, 1))), ring[1]]
    assert span(resolve(mended, frame())["b"])[0] == "2019-10-08"


def test_keys_are_unique_and_not_reserved() -> None:
    """A key that comes twice, or that means the programme's own start, is refused."""
    with pytest.raises(PlanningError, match="once"):
        resolve([item("a", "start"), item("a", "slut")], frame())
    with pytest.raises(PlanningError, match="none of midtvejs, slut, start"):
        resolve([item("start", "2019")], frame())


def test_the_danish_calendar_serves_the_planner() -> None:
    """Eight years on, New Year's Eve falls into the closed weeks: the last meeting is before Christmas."""
    period = Window(date(2027, 9, 1), date(2028, 12, 31), Precision.MONTH)
    planned = resolve([item("x", "slut")], Frame(period, 417, WorkingCalendar()))["x"]
    assert span(planned)[0] == "2028-12-22"
    assert reason_text(planned.reasons[1]) == (
        "Flyttet fra søndag den 31. december 2028 til fredag den 22. december 2028, "
        "fordi 31. december er lukket (weekend)."
    )


CHAIN = [item("a", "20. september 2019"), *(item(f"b{n}", f"{n} uger efter a") for n in range(1, 9))]


@given(st.permutations([*CHAIN, item("c", "midtvejs mellem b1 og b8"), item("d", "2 dage før c")]))
def test_the_order_of_the_items_does_not_matter(items: list[PlanItem]) -> None:
    """Every permutation gives the same plan, in the order it was asked for."""
    found = resolve(items, frame(10))
    assert list(found) == [one.key for one in items]
    assert found == resolve(sorted(items, key=lambda one: one.key), frame(10))


@given(st.integers(-600, 600), st.integers(0, 400))
def test_meetings_always_land_on_open_days(weeks: int, day: int) -> None:
    """After any whole-week shift a meeting is on an open day, and moved only with a reason."""
    if weeks == 0:
        return
    original = date(2019, 9, 1) + timedelta(days=day)
    planned = one(original, weeks, phase=None, period=Window(None, None, Precision.OPEN))
    assert planned.window.start is not None
    assert frame().calendar.is_open(planned.window.start)
    nominal = original + timedelta(weeks=weeks)
    assert ("flyttet_fra_helligdag" in codes(planned)) == (planned.window.start != nominal)


def test_two_hundred_items_resolve_at_once() -> None:
    """A chain of two hundred items takes well under the 20 ms that a page may wait for it."""
    items = [item("a0", "start")] + [item(f"a{n}", f"2 arbejdsdage efter a{n - 1}") for n in range(1, 200)]
    took = []
    for _ in range(5):
        began = time.process_time()
        resolve(items, frame())
        took.append(time.process_time() - began)
    traced = sys.gettrace() is not None  # coverage makes every line several times dearer
    assert min(took) < (0.2 if traced else 0.02)


def test_windows_of_the_programme_documents_can_be_written() -> None:
    """The kinds of windows that the five documents state come out with their days and precision."""
    anchors = [held("frist", date(2019, 9, 2)), held("moede", date(2019, 9, 20))]
    stated = """september 2019 til december 2020 = 2019-09-01 2020-12-31 month
        efter frist og før moede = 2019-09-03 2019-09-19 derived
        foråret 2016 = 2016-03-01 2016-05-31 season
        medio 2017 = 2017-06-01 2017-06-30 medio
        frem til medio 2018 = - 2018-06-30 medio
        frem til udgangen af 2017 = - 2017-12-31 ultimo
        november 2016 til primo 2018 = 2016-11-01 2018-01-31 primo
        fra november 2016 = 2016-11-01 - open
        15. april 2016 til 1. oktober 2016 = 2016-04-15 2016-10-01 day
        Dec. 2019 – jan. 2020 = 2019-12-01 2020-01-31 month
        Apr – nov 2020 = 2020-04-01 2020-11-30 month
        2019 = 2019-01-01 2019-12-31 year
        midtvejs til slut = 2020-05-01 2020-12-31 derived
        før slut = - 2020-12-31 derived
        hver måned januar 2020 til september 2020, 9 gange = 2020-01-01 2020-09-30 month
        løbende = 2019-09-01 2020-12-31 derived
        efter behov = - - open"""
    for line in stated.splitlines():
        text, _, expected = line.strip().partition(" = ")
        planned = one(text, 0, *anchors)
        assert f"{' '.join(span(planned))} {planned.window.precision}" == expected, text
