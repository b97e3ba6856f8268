"""Windows that are matched to a baseline's, and the guarded last day of the baseline itself, in a planned family."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition.checks.dates import date_edges
from samskabt.engine.definition.checks.needs import Bearer, check_needs
from samskabt.engine.definition.checks.programmes import check_programme
from samskabt.engine.definition.checks.scope import Known, Scope
from samskabt.engine.definition.dates import When
from samskabt.engine.definition.needs import BaselineNeed
from samskabt.engine.errors import Refused
from samskabt.engine.planning.plan import Frame, PlanItem
from samskabt.engine.planning.resolve import resolve

from .core_cases import PROGRAMME, Family, at, founded, shipped_workflow

GUARDED = PROGRAMME.replace("window: 14, level: programme", "window: 14, before: temadag, level: programme")
LATER = """
  slutmaaling: {title: Slutmåling, when: SLUT, window: 7, matches: baseline, level: programme, by: Os}
gates:"""
TEMADAG, BASELINE = 3, 4
DAY = Precision.DAY


def dates(family: Family, key: str) -> tuple[date | None, date | None]:
    """Give where an item lies."""
    found = family.snapshots[family.id_of(key)].dates
    return found.planned_start, found.planned_end


def with_later(when: str, inferred: bool = True) -> Family:
    """Plan a later measurement that must match the fortnight of 1 April 2019, a Monday."""
    rule = f"{{rule: {when}, text: {when}, inferred: {str(inferred).lower()}}}"
    return founded(PROGRAMME.replace("\ngates:", LATER.replace("SLUT", rule), 1))


def test_our_own_proposal_moves_to_the_nearest_like_window() -> None:
    """From Wednesday 2 October 2019 to the Monday before, and to a fortnight."""
    family = with_later("2. oktober 2019")
    assert dates(family, "slutmaaling") == (date(2019, 9, 30), date(2019, 10, 13))
    assert "ugedag som »Baseline«" in family.snapshots[family.id_of("slutmaaling")].dates.reason


def test_a_day_of_the_documents_own_stays() -> None:
    """It is not moved; that the windows differ is told where they are compared."""
    assert dates(with_later("2. oktober 2019", inferred=False), "slutmaaling") == (date(2019, 10, 2), date(2019, 10, 8))


def test_christmas_is_avoided_and_named() -> None:
    """The last fortnight without closed days begins on 9 December."""
    family = with_later("23. december 2019")
    assert dates(family, "slutmaaling") == (date(2019, 12, 9), date(2019, 12, 22))
    why = family.snapshots[family.id_of("slutmaaling")].dates.reason
    assert "Lagt uden om" in why and "juleaftensdag" in why and why.endswith("for »Baseline« rummer ingen.")


def test_what_cannot_be_avoided_is_said() -> None:
    """In three weeks around New Year every fortnight holds closed days; without a baseline nothing is said."""
    weeks = Window(date(2019, 12, 16), date(2020, 1, 5), Precision.DERIVED)
    base = PlanItem("baseline", When.model_validate("åben"), fixed=Window(date(2019, 9, 30), date(2019, 10, 13), DAY))
    when = When.model_validate({"rule": "18. december 2019", "inferred": True})
    frame = Frame(Window(date(2019, 1, 1), date(2020, 12, 31), DAY), 0, WorkingCalendar())
    later = PlanItem("m", when, phase=weeks, days=14, matches="baseline")
    found = resolve([base, later], frame)["m"]
    assert found.window.start == date(2019, 12, 16)
    assert [why.code for why in found.reasons] == ["udledt", "passer_til", "rummer_lukket"]
    assert [why.code for why in resolve([later], frame)["m"].reasons] == ["udledt"]


def test_a_moved_baseline_takes_its_matches_along() -> None:
    """A baseline that a person sets to Wednesdays is matched from a Wednesday on."""
    family = with_later("30. september 2019")
    family.send(BASELINE, "planlaeg", dato="2019-04-03", slut="2019-04-09")
    family.replan()
    assert dates(family, "slutmaaling") == (date(2019, 10, 2), date(2019, 10, 8))


def test_a_baseline_ends_before_the_change_that_it_guards() -> None:
    """The change is on 25 April; a change on 10 April pulls the fortnight back by whole weeks."""
    family = founded(GUARDED)
    assert dates(family, "temadag")[0] == date(2019, 4, 25)
    assert dates(family, "baseline") == (date(2019, 4, 1), date(2019, 4, 14))
    assert family.snapshots[BASELINE].data["senest"] == "2019-04-24"
    family.send(TEMADAG, "planlaeg", dato="2019-04-10")
    family.replan()
    assert dates(family, "baseline") == (date(2019, 3, 25), date(2019, 4, 7))
    assert family.snapshots[BASELINE].dates.reason.endswith(
        "Flyttet 1 uge tilbage, så målingen slutter, før »Temadag« begynder. "
        "Skal være slut senest tirsdag den 9. april 2019, dagen før »Temadag«; bagefter kan den ikke tages."
    )


def test_the_ladder_counts_from_the_true_last_day() -> None:
    """A person's window that reaches past the change is left alone; its reminders are not."""
    family = founded(GUARDED)

    def anchor() -> str:
        return next(
            one.anchor_value for one in family.timers[BASELINE].values() if one.rule == "baseline_kan_ikke_indhentes"
        )

    assert anchor() == "2019-04-14"
    family.send(BASELINE, "planlaeg", dato="2019-04-15", slut="2019-05-03")
    family.replan()
    assert (dates(family, "baseline")[1], anchor()) == (date(2019, 5, 3), "2019-04-24")


def test_a_change_without_its_baseline_is_refused_softly() -> None:
    """It says what can never be mended; with a reason it may begin, and a closed baseline lets it pass."""
    family = founded(GUARDED)
    family.now = at("2019-04-25")
    with pytest.raises(Refused, match="baseline_mangler"):
        family.send(TEMADAG, "afhold")
    family.send(BASELINE, "aabn")
    with pytest.raises(Refused, match="baseline_mangler"):
        family.send(TEMADAG, "afhold")
    family.send(BASELINE, "luk")
    family.send(TEMADAG, "afhold")
    family.replan()
    assert family.snapshots[BASELINE].data["senest"] == "2019-04-24"


def test_a_baseline_that_was_called_off_guards_nothing() -> None:
    """Somebody has decided it, with a reason; the last day is not kept up any more."""
    family = founded(GUARDED)
    family.send(BASELINE, "aflys", reason="Ingen penge")
    family.send(TEMADAG, "planlaeg", dato="2019-05-06")
    family.replan()
    assert family.snapshots[BASELINE].data["senest"] == "2019-04-24"
    family.now = at("2019-05-06")
    family.send(TEMADAG, "afhold")


def test_a_change_without_a_day_guards_nothing_yet() -> None:
    """Until it has one there is no last day."""
    family = founded(GUARDED.replace("when: 6 uger efter opstart,", "when: efter behov,"))
    assert "senest" not in family.snapshots[BASELINE].data
    family.send(TEMADAG, "planlaeg", dato="2019-04-25")
    family.replan()
    assert family.snapshots[BASELINE].data["senest"] == "2019-04-24"


def test_what_is_matched_and_guarded_is_waited_for() -> None:
    """Rings through them are found where all dates are checked."""
    edges = date_edges(shipped_workflow(GUARDED))
    assert edges["baseline"] == {"temadag"}
    without = GUARDED.replace("when: 1. april 2019, ", "")
    assert "baseline" not in date_edges(shipped_workflow(without))


def test_the_names_of_a_guard_are_checked() -> None:
    """The activity exists and is held where the measurement is taken; the requirement names an evaluation."""
    for name, rule in (("ukendt", "unknown-name"), ("plan", "cannot-hold")):
        scope = Scope(shipped_workflow(GUARDED.replace("before: temadag", f"before: {name}")), Known())
        assert rule in {one.rule for one in check_programme(scope) if one.path[-1] == "before"}
    scope = Scope(shipped_workflow(GUARDED), Known())
    needs = (BaselineNeed(key="baselin"), BaselineNeed.model_validate({"key": "baseline", "in": ["sover"]}))
    assert len(list(check_needs(scope, (), needs, Bearer("meeting")))) == 2


def test_a_measurement_under_way_still_keeps_its_last_day() -> None:
    """Its window no longer moves; the day by which it must be closed does."""
    family = founded(GUARDED)
    family.now = at("2019-04-01")
    family.send(BASELINE, "aabn")
    family.send(TEMADAG, "planlaeg", dato=(date(2019, 4, 25) + timedelta(days=5)).isoformat())
    family.replan()
    assert family.snapshots[BASELINE].data["senest"] == "2019-04-29"
    assert dates(family, "baseline") == (date(2019, 4, 1), date(2019, 4, 14))
