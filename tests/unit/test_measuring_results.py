"""Figures by unit, results against the baseline, and what may be registered at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.definition.document.measuring import Criterion, Measure, Target
from samskabt.engine.errors import InvalidInput
from samskabt.engine.measuring import Registration, Subject
from samskabt.engine.measuring.accepting import check_measure, check_target, check_verdict, groups_of, refusals
from samskabt.engine.measuring.figures import amount_text, change_text, figure, figure_text
from samskabt.engine.measuring.results import Material, MeasureResult, result
from samskabt.engine.measuring.values import standing
from samskabt.engine.measuring.windows import MeasuredWindow, WindowState

from .core_cases import PERSON

NOW = datetime(2019, 10, 1, 8, tzinfo=UTC)
KOMMUNER = {"0101": "København", "0253": "Greve"}
SHARE = Measure(title="Metoder", unit="pct", anonymous=False)
MEAN = Measure(title="Tid", unit="minutter", better="lower", anonymous=False)
SCALE = Measure(title="Trivsel", unit="skala", low=1, high=5, anonymous=False)
COUNT = Measure(title="Forløb", unit="antal", anonymous=False)
TRUTH = Measure(title="Plan", unit="boolean")
HIDDEN = Measure(title="Metoder", unit="pct", groups=("A", "B"))


def row(instance: int = 1, **more: object) -> Registration:
    """Make a registration of a målepunkt called x."""
    one = Registration(1, instance, Subject.MEASURE, "x", date(2019, 10, 1), NOW, PERSON)
    return replace(one, **{"kommune": "0101", **more})  # type: ignore[arg-type]


def material(*rows: Registration, state: WindowState = WindowState.CLOSED, later: int = 175) -> Material:
    """Put rows into a baseline (instance 1 and 2) and a midway window (3 and 4) of two kommuner."""
    first = date(2019, 9, 30)
    windows = []
    for number, key in ((1, "baseline"), (3, "midtvejs")):
        start = first if key == "baseline" else first + timedelta(days=later)
        end = start + timedelta(days=13)
        stands = WindowState.CLOSED if key == "baseline" else state
        windows += [
            MeasuredWindow(number + place, key, key.capitalize(), stands, start, end, code)
            for place, code in enumerate(KOMMUNER)
        ]
    return Material(rows, windows, KOMMUNER, WorkingCalendar(), {"midtvejs": "baseline"})


def told(measure: Measure, *rows: Registration, **more: WindowState) -> MeasureResult:
    """Give the result of x."""
    return result("x", measure, material(*rows, **more))  # type: ignore[arg-type]


def test_each_unit_adds_up_in_its_own_way() -> None:
    """Shares by all answers, means by their weights, counts as a sum, yes or no by the last word of each."""
    shares = figure(SHARE, [row(yes=1, n=2), row(yes=9, n=10)])
    assert shares is not None and (shares.amount, shares.n) == (Fraction(1000, 12), 12)
    mean = figure(MEAN, [row(value=10.0, n=1), row(value=20.0, n=3)])
    assert mean is not None and mean.amount == Fraction(35, 2)
    count = figure(COUNT, [row(value=3.0), row(value=4.0, n=20)])
    assert count is not None and (count.amount, count.n) == (Fraction(7), 23)
    truth = figure(TRUTH, [row(yes=1, n=1), row(yes=0, n=1), row(yes=1, n=1, kommune="0253")])
    assert truth is not None and (truth.yes, truth.n) == (1, 2)


@pytest.mark.parametrize("measure", [SHARE, MEAN, COUNT, TRUTH])
def test_no_answers_are_no_figure(measure: Measure) -> None:
    """Rows without an answer are not zero."""
    assert figure(measure, [row()]) is None


def test_figures_are_written_as_danes_write_them() -> None:
    """With what they rest on; a yes stays a yes."""
    cases: Mapping[str, tuple[Measure, Registration]] = {
        "50 pct. (1 af 2)": (SHARE, row(yes=1, n=2)),
        "12,5 minutter (1 svar)": (MEAN, row(value=12.5, n=1)),
        "1.200": (COUNT, row(value=1200.0)),
        "ja": (TRUTH, row(yes=1, n=1)),
        "nej": (TRUTH, row(yes=0, n=1)),
    }
    for text, (measure, one) in cases.items():
        found = figure(measure, [one])
        assert found is not None and figure_text(measure, found) == text


def test_a_figure_never_looks_like_the_target_that_it_misses() -> None:
    """74.96 pct. is not 75 pct., however it is rounded; what is equal is written plainly."""
    assert amount_text(Fraction("74.96"), "pct", Fraction(75)) == "74,96 pct."
    assert amount_text(Fraction(75), "pct", Fraction(75)) == "75 pct."
    assert amount_text(Fraction(75) - Fraction(1, 10**12), "pct", Fraction(75)) == "75 pct."


def test_changes_say_their_sign_and_what_it_means() -> None:
    """Less time is better, fewer yes is worse, and nothing is nothing."""
    assert change_text(Fraction(-5, 2), "minutter", True) == "-2,5 minutter (bedre)"
    assert change_text(Fraction(3), "antal", False) == "+3 (dårligere)"
    assert change_text(Fraction(0), "pct", None) == "uændret"


def test_rows_that_were_corrected_or_taken_back_do_not_count() -> None:
    """Neither a corrected row nor an empty one; as of an earlier instant the first still does."""
    late = NOW + timedelta(days=1)
    rows = [
        row(id=1, yes=1, n=2),
        row(id=2, corrects=1, recorded_at=late, yes=2, n=2),
        row(id=3, corrects=2, recorded_at=late),
    ]
    assert [one.id for one in standing(rows)] == []
    assert [one.id for one in standing(rows[:2])] == [2]
    assert [one.id for one in standing(rows, NOW)] == [1]


def test_a_measure_of_no_evaluation_has_no_baseline() -> None:
    """It is told, with nothing in it."""
    found = result("x", SHARE, Material((), (), {}, WorkingCalendar(), {}))
    assert (found.total.baseline, found.total.later, found.lines) == (None, (), ())


def test_the_baseline_is_what_others_match_whatever_comes_first() -> None:
    """An evaluation before the baseline does not become it; one without days comes last."""
    base = material(row(yes=1, n=2))
    early = MeasuredWindow(9, "forsoeg", "Forsøg", WindowState.CALLED_OFF, date(2019, 1, 7), date(2019, 1, 20))
    blank = MeasuredWindow(8, "aaben", "Åben", WindowState.AHEAD, None, None)
    found = replace(base, windows=[blank, early, *base.windows])
    assert found.order(SHARE) == ("baseline", "forsoeg", "midtvejs", "aaben")
    assert found.order(replace_evaluations("midtvejs", "ukendt")) == ("midtvejs",)
    states = [found.state(name) for name in ("forsoeg", "aaben", "baseline")]
    assert states == [WindowState.CALLED_OFF, WindowState.AHEAD, WindowState.CLOSED]


def replace_evaluations(*names: str) -> Measure:
    """Name the evaluations of a share."""
    return SHARE.model_copy(update={"evaluations": names})


def test_a_kommune_that_has_left_is_not_counted() -> None:
    """Its answers stay registered, and are in no figure."""
    found = told(SHARE, row(yes=1, n=10), row(yes=10, n=10, kommune="0665"))
    assert found.total.baseline is not None and found.total.baseline.n == 10


def test_groups_stand_under_their_kommune_and_odd_ones_are_named() -> None:
    """Only one group answered again: said beside the kommune's change, not beside the group's own."""
    rows = [row(group="A", yes=2, n=10), row(group="B", yes=2, n=10), row(3, group="A", yes=6, n=10)]
    found = told(SHARE, *rows)
    assert [(line.kommune, line.group) for line in found.lines] == [("0101", ""), ("0101", "A"), ("0101", "B")]
    whole, first, second = (line.later[0] for line in found.lines)
    assert whole.notes == ("Det er ikke de samme grupper, der har svaret begge gange: B.",)
    assert (first.change, first.is_better, first.notes) == (40.0, True, ())
    assert (second.change, second.text) == (None, "")


def test_an_open_window_of_named_answers_is_compared_and_said_to_be_open() -> None:
    """What is not anonymous may be looked at meanwhile."""
    found = told(SHARE, row(yes=1, n=2), row(3, yes=1, n=2), state=WindowState.OPEN)
    assert found.total.later[0].text == "uændret"
    assert found.total.later[0].notes == ("»Midtvejs« er ikke lukket endnu.",)


def test_answers_without_a_kommune_are_in_the_total_alone() -> None:
    """An evaluation held once for all of them; its windows are compared as everybody's."""
    base = material()
    first, other = (replace(one, kommune=None) for one in base.windows if one.instance_id in (1, 3))
    windows = [first, window_of_week(other)]
    rows = (row(kommune=None, yes=1, n=10), row(3, kommune=None, yes=2, n=10), row(3, yes=2, n=10))
    found = result("x", SHARE, replace(base, windows=windows, rows=rows))
    assert [line.kommune for line in found.lines] == ["0101"]
    assert found.total.later[0].notes == (
        "København: Vinduerne er ikke lige lange: 14 dage og 7.",
        "Det er ikke de samme kommuner, der har svaret begge gange: København.",
    )
    assert found.lines[0].baseline is not None and found.lines[0].baseline.text == ""


def window_of_week(window: MeasuredWindow) -> MeasuredWindow:
    """Let a window last a week only."""
    assert window.start is not None
    return replace(window, end=window.start + timedelta(days=6))


def test_windows_that_are_missing_on_one_side_are_not_compared() -> None:
    """A kommune whose evaluation is not there has nothing to differ from."""
    base = material(row(yes=1, n=10), row(3, yes=2, n=10), row(4, kommune="0253", yes=2, n=10))
    found = result("x", SHARE, replace(base, windows=[one for one in base.windows if one.instance_id != 2]))
    assert found.total.later[0].notes == ("Det er ikke de samme kommuner, der har svaret begge gange: Greve.",)


def test_an_anonymous_window_that_is_open_tells_only_how_many() -> None:
    """And one with fewer than five not even that."""
    found = told(HIDDEN, row(yes=5, n=9, group="A"), row(3, yes=3, n=6, group="A"), state=WindowState.OPEN)
    assert found.total.later[0].shown.text == "6 svar indtil nu"
    few = told(HIDDEN, row(yes=5, n=9, group="A"), row(3, yes=3, n=3, group="A"))
    assert (few.total.later[0].shown.text, few.total.later[0].change) == ("færre end fem svar", None)


@pytest.mark.parametrize(
    ("measure", "wrong"),
    [
        (SHARE, {"yes": 3, "n": 2}),
        (SHARE, {"yes": -1, "n": 2}),
        (SHARE, {"yes": 1}),
        (SHARE, {"yes": 1, "n": 2, "value": 50.0}),
        (SHARE, {"yes": True, "n": 2}),
        (SHARE, {"yes": 0, "n": 0}),
        (MEAN, {"value": -1.0, "n": 2}),
        (MEAN, {"value": float("nan"), "n": 2}),
        (MEAN, {"value": float("inf"), "n": 2}),
        (MEAN, {"value": 10**400, "n": 2}),
        (MEAN, {"value": 3.0}),
        (SCALE, {"value": 0.5, "n": 2}),
        (SCALE, {"value": 6.0, "n": 2}),
        (COUNT, {"value": 1.5}),
        (COUNT, {"value": -1.0}),
        (COUNT, {"n": 5}),
        (TRUTH, {"yes": 1, "n": 2}),
        (HIDDEN, {"yes": 1, "n": 2, "group": "Anna"}),
        (TRUTH, {"yes": 1, "n": 1, "group": "Anna"}),
    ],
)
def test_numbers_that_cannot_be_are_refused(measure: Measure, wrong: dict[str, object]) -> None:
    """Each by the field that is wrong."""
    with pytest.raises(InvalidInput):
        check_measure(replace(row(), **wrong), measure)  # type: ignore[arg-type]


def test_numbers_that_can_be_are_taken() -> None:
    """One of each unit; what is not anonymous may be counted by any group, what is, by its own or those asked."""
    for measure, right in (
        (SHARE, row(yes=0, n=2, group="Hold 3")),
        (MEAN, row(value=0.0, n=1)),
        (SCALE, row(value=5.0, n=2)),
        (MEAN.model_copy(update={"low": -5, "high": None}), row(value=-3.0, n=2)),
        (COUNT, row(value=0.0)),
        (TRUTH, row(yes=0, n=1)),
        (HIDDEN, row(yes=1, n=2, group="B")),
    ):
        check_measure(right, measure)
    assert groups_of(Measure(title="x", unit="pct", respondents=("medarbejder",))) == ("medarbejder",)


def test_verdicts_are_yes_or_no() -> None:
    """Once, and without a number."""
    check_verdict(row(yes=1, n=1))
    with pytest.raises(InvalidInput):
        check_verdict(row(yes=2, n=2))


def test_targets_are_possible_numbers_of_those_who_set_their_own() -> None:
    """A share ends at a hundred; who may set none is told."""
    own = Criterion(title="Eget mål", own_targets=True)
    common = Criterion(title="Eget mål", own_targets=True, target=Target(value=75))
    check_target(row(value=40.0, group="A"), own, HIDDEN)
    check_target(row(value=4000.0), own, None)
    for criterion, wrong in (
        (own, row(value=101.0)),
        (common, row(value=101.0)),
        (own, row(value=40.0, n=3)),
        (own, row(value=40.0, group="C")),
        (own, row(value=float("nan"))),
        (Criterion(title="Fælles", target=Target(value=75)), row(value=40.0)),
    ):
        with pytest.raises(InvalidInput):
            check_target(wrong, criterion, HIDDEN)


def test_nothing_stands_in_the_way_of_an_answer_in_time() -> None:
    """In an open window, without a window, and for targets and verdicts, which are never late."""
    today = date(2019, 10, 1)
    windows = {one.evaluation: one for one in material(state=WindowState.OPEN).windows}
    assert refusals(row(), windows["midtvejs"], today)[0].code == "uden_for_vinduet"
    inside = replace(windows["midtvejs"], start=None, end=None)
    assert refusals(row(), inside, today) == refusals(row(), None, today) == ()
    for subject in (Subject.VERDICT, Subject.TARGET):
        assert refusals(replace(row(), subject=subject), windows["baseline"], today) == ()
