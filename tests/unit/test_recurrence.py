"""Days by RFC 5545 rules: which rules there are, which days they give, and the instances that live on them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.recurrence import MOST, occurrences, rule_mistake
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition.document.work import Repeats
from samskabt.engine.planning.landing import land_each

from .core_cases import PROGRAMME, Family, founded, with_kommune

FIRST, LAST = date(2020, 1, 1), date(2020, 9, 30)
SERIES = """
  status: {title: Statusmøde, kind: status_meeting, level: programme, when: januar 2019 til september 2019,
           repeats: {rule: "FREQ=MONTHLY;BYDAY=1TU"}, days: 1}
  styregruppe: {title: Styregruppemøde, kind: steering_meeting, in: drift / -, level: programme, count: op til 2,
                repeats: {rule: FREQ=MONTHLY;INTERVAL=3}}
  opgoerelse: {title: Opgørelse, kind: report, level: kommune, repeats: {rule: FREQ=MONTHLY;BYMONTHDAY=-1}}
  erfa: {title: Erfamøde, kind: workshop, level: programme, repeats: {per_year: 2-3}}
evaluations:
"""
TEXT = PROGRAMME.replace("\nevaluations:\n", SERIES)


def days(family: Family, key: str) -> list[date | None]:
    """Give the planned days of a series."""
    found = [one for one in family.snapshots.values() if one.identity.key.partition("#")[0] == key]
    return [one.dates.planned_start for one in found]


def test_a_rule_gives_its_days_within_the_window() -> None:
    """Both ends count; months and intervals begin with the window."""
    assert [day.isoformat() for day in occurrences("FREQ=MONTHLY;BYDAY=1TU", FIRST, date(2020, 3, 3))] == [
        "2020-01-07",
        "2020-02-04",
        "2020-03-03",
    ]
    assert len(occurrences("FREQ=MONTHLY", FIRST, LAST)) == 9
    assert len(occurrences("FREQ=MONTHLY;INTERVAL=3", FIRST, LAST)) == 3
    assert len(occurrences("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5", FIRST, LAST)) == 5
    assert occurrences("FREQ=WEEKLY;BYDAY=TU", FIRST, date(2019, 1, 1)) == ()


def test_no_rule_gives_more_than_the_most() -> None:
    """A programme of ten years with a meeting every week is cut off."""
    assert len(occurrences("FREQ=WEEKLY", FIRST, date(2030, 1, 1))) == MOST


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "WEEKLY, MONTHLY eller YEARLY"),
        ("FREQ=HOURLY;BYDAY=MO", "WEEKLY, MONTHLY eller YEARLY"),
        ("FREQ=MONTHLY;BYHOUR=9", "kender ikke 'BYHOUR'"),
        ("FREQ=MONTHLY;UNTIL=20200901", "kender ikke 'UNTIL'"),
        ("RRULE:FREQ=MONTHLY", "kender ikke 'RRULE:FREQ'"),
        ("BYDAY=MO", "har FREQ"),
        ("FREQ=WEEKLY;FREQ=WEEKLY", "højst én gang"),
        ("FREQ=MONTHLY;BYDAY=TI", "skriv ugedage som MO"),
        ("FREQ=MONTHLY;BYDAY=MO,1TU", "skriv ugedage som MO"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "skriv dage fra 1 til 28"),
        ("FREQ=WEEKLY;BYDAY=1MO", "kun ugedage"),
        ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=3", "kun ugedage"),
        ("FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13", "går ikke sammen med BYDAY"),
        ("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2", "ugedage uden tal"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", "går ikke sammen med INTERVAL"),
        ("FREQ=MONTHLY;COUNT=401", "fra 1 til 400"),
        ("FREQ=MONTHLY;INTERVAL=0", "fra 1 til 99"),
    ],
)
def test_what_is_no_rule_is_told_with_a_way_out(rule: str, said: str) -> None:
    """Times of day, days that not all months have, and parts that could never come to pass are refused."""
    assert said in rule_mistake(rule)
    with pytest.raises(ValidationError) as caught:
        Repeats(rule=rule)
    assert said in str(caught.value)


WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=5, unique=True)
NUMBERED = st.tuples(st.sampled_from(["", "1", "-1", "5", "+3"]), st.sampled_from(["MO", "TU", "FR"])).map("".join)
PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.integers(1, 99).map(str),
        "BYDAY": WEEKDAYS.map(",".join) | st.lists(NUMBERED, min_size=1, max_size=3).map(",".join),
        "BYMONTHDAY": st.sampled_from(["1", "28", "-1", "-28", "1,15"]),
        "BYMONTH": st.sampled_from(["2", "1,12"]),
        "BYSETPOS": st.sampled_from(["1", "4", "-1", "-4"]),
        "COUNT": st.integers(1, 400).map(str),
    },
)


@given(PARTS)
def test_every_rule_that_is_taken_gives_days_in_order_and_at_once(parts: dict[str, str]) -> None:
    """Whatever the grammar lets through comes to pass within the window, or ends by itself soon after."""
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    if rule_mistake(rule):
        return
    found = occurrences(rule, FIRST, date(2023, 12, 31))
    assert all(FIRST <= day <= date(2023, 12, 31) for day in found)
    assert all(one < two for one, two in pairwise(found))


def test_each_of_a_series_lands_between_its_neighbours() -> None:
    """On the nearest open day; a weekly meeting that finds none in the summer holidays falls out."""
    window = Window(FIRST, LAST, Precision.DERIVED)
    monthly = land_each(occurrences("FREQ=MONTHLY;BYDAY=1TU", FIRST, LAST), WorkingCalendar(), window)
    assert [day.isoformat() for day, why in monthly if why] == ["2020-07-03"]
    weekly = [day for day, _ in land_each(occurrences("FREQ=WEEKLY;BYDAY=TU", FIRST, LAST), WorkingCalendar(), window)]
    assert len(weekly) < 39 and all(one < two for one, two in pairwise(weekly))
    assert all(WorkingCalendar().is_open(day) for day in weekly)


def test_a_series_at_the_edge_of_its_window_stays_in_it() -> None:
    """The first may not land before the window, nor the last behind it."""
    christmas = [date(2019, 12, 24)]
    window = Window(date(2019, 12, 21), date(2019, 12, 31), Precision.DAY)
    assert land_each(christmas, WorkingCalendar(), window) == ()
    open_ended = Window(None, None, Precision.OPEN)
    assert land_each(christmas, WorkingCalendar(), open_ended)[0][0] == date(2019, 12, 23) - timedelta(days=3)


def test_a_rule_bears_one_instance_for_each_day() -> None:
    """Numbered in order, each with its own planned day and the reason; a ceiling of the document cuts them off."""
    family = founded(TEXT)
    found = days(family, "status")
    assert len(found) == 9 and found[:3] == [date(2019, 1, 7), date(2019, 2, 5), date(2019, 3, 5)]
    one = family.snapshots[family.id_of("status#3")]
    assert (one.title, one.dates.precision, one.dates.reason) == ("Statusmøde (3 af 9)", "day", "Nr. 3 af 9 i rækken.")
    assert len(days(family, "styregruppe")) == 2
    assert len(days(family, "erfa")) == 1


def test_a_kommunes_series_lies_in_the_programmes_period() -> None:
    """Without a fase it lasts as long as the programme; tasks keep the rule's day, open or not."""
    family, kommune = with_kommune(founded(TEXT))
    found = [family.snapshots[one].dates.planned_start for one in family.children(kommune, "task")]
    assert found[1:3] == [date(2019, 1, 31), date(2019, 2, 28)] and found[-1] == date(2019, 12, 31)


def test_a_rule_without_an_end_bears_one() -> None:
    """Where neither window, fase nor programme says when it begins, nobody can count the days."""
    family, kommune = with_kommune(founded(TEXT.replace("januar 2019 til december 2019", "frem til december 2019", 1)))
    keys = [family.snapshots[one].identity.key for one in family.children(kommune, "task")]
    assert [key for key in keys if key.startswith("opgoerelse")] == ["opgoerelse"]


def test_a_day_set_by_hand_stays_and_the_others_keep_theirs() -> None:
    """Each of the series has its own number, so nobody moves up."""
    family = founded(TEXT)
    family.send(family.id_of("status#2"), "ret_dato", dato="2019-02-06")
    assert family.replan() == []
    assert days(family, "status")[1:3] == [date(2019, 2, 6), date(2019, 3, 5)]


def test_one_more_than_the_rule_has_no_day_of_its_own() -> None:
    """It lies somewhere in the window until somebody sets its day, and says so."""
    family = founded(TEXT)
    family.send(1, "forloeb.tilfoej_aktivitet", aktivitet="status")
    family.replan()
    reason = family.snapshots[family.id_of("status#10")].dates.reason
    assert reason.endswith("Rækken har kun 9; aflys denne, eller sæt en dag.")
