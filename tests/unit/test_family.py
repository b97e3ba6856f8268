"""A programme planned as one: who sees whose days, what moves and what stays."""

from __future__ import annotations

import random
from datetime import date

from samskabt.engine.decide import decide
from samskabt.engine.planning.family import Replanned, first_day, plan_family
from samskabt.engine.requiring.days import WHOLE
from samskabt.engine.values import SYSTEM, Event, Json, Snapshot
from samskabt.engine.values.kept import SHIFT, WINDOWS

from .core_cases import DAY, PROGRAMME, Family, at, founded, with_kommune


def members(family: Family) -> list[Snapshot]:
    """Give everything under the programme."""
    return list(family.snapshots.values())[1:]


def starts(family: Family, *keys: str) -> dict[str, str | None]:
    """Give the first planned days of instances by their keys."""
    found = {one.identity.key: one.dates.planned_start for one in family.snapshots.values()}
    return {key: found[key].isoformat() if found[key] else None for key in keys}  # type: ignore[union-attr]


def windows(family: Family) -> dict[str, Json]:
    """Give the windows of the programme."""
    found = family.snapshots[1].data[WINDOWS]
    assert isinstance(found, dict)
    return found


def two_kommuner() -> tuple[Family, int, int]:
    """Give a programme with two kommuner that have come differently far: the first has ended trin 1."""
    family, first = with_kommune()
    family.send(1, "forloeb.tilmeld_kommune", at("2019-01-20"), kommune="0147", titel="Kommune 0147")
    second = family.id_of("0147")
    family.send(second, "forloeb.vaelg")
    family.now = at("2019-03-04")
    family.send(first, "trin_1.begynd")
    family.send(first, "trin_1.afslut", override=True, reason="x")
    family.replan()
    return family, first, second


def visit(family: Family, kommune: int) -> date | None:
    """Give the planned day of a kommune's first visit."""
    return family.snapshots[family.id_of("besoeg", kommune)].dates.planned_start


def test_a_programme_gets_its_windows_from_the_document() -> None:
    """Period, faser, deadline, external dates, and the whole that no day may lie outside."""
    family = founded()
    assert windows(family)["drift"] == ["2019-04-01", "2019-12-31"]
    assert windows(family)["enrolment"] == ["2019-02-01", "2019-02-01"]
    assert windows(family)["ny_lov"] == ["2019-07-01", "2019-07-01"]
    assert windows(family)[WHOLE] == ["2019-01-01", "2019-12-31"]
    assert family.snapshots[1].dates.planned_end == date(2019, 12, 31)


def test_the_whole_spans_a_fase_that_outlasts_the_period() -> None:
    """A fase may begin before or end after; a day within it is within the programme."""
    family = founded(PROGRAMME.replace("when: april 2019 til december 2019", "when: april 2019 til februar 2020"))
    assert windows(family)[WHOLE] == ["2019-01-01", "2020-02-29"]


def test_a_plan_that_stands_changes_nothing() -> None:
    """Planning again right away moves nobody, and every planned day says why."""
    family, _, _ = two_kommuner()
    assert family.replan() == []
    reasons = [one.dates.reason for one in members(family) if one.dates.planned_start]
    assert reasons and all(reasons)


def test_a_kommunes_items_see_their_own_kommune_only() -> None:
    """The visit hangs on the end of trin 1: of the own kommune, not of the one that is further."""
    family, first, second = two_kommuner()
    assert visit(family, first) == date(2019, 4, 1)
    assert visit(family, second) is None
    family.send(family.id_of("besoeg", second), "planlaeg", dato="2019-06-03")
    family.replan()
    plans = [family.snapshots[family.id_of("plan", kommune)].dates.planned_start for kommune in (first, second)]
    assert plans == [date(2019, 4, 15), date(2019, 6, 17)]


def test_a_kommunes_items_see_the_programmes_days() -> None:
    """What is held once for all is an anchor for each."""
    text = PROGRAMME.replace("when: 4 uger efter trin_1, count: 2", "when: 3 uger efter temadag")
    family, kommune = with_kommune(founded(text))
    assert starts(family, "temadag") == {"temadag": "2019-04-25"}
    assert visit(family, kommune) == date(2019, 5, 16)
    family.send(3, "planlaeg", dato="2019-05-06")
    family.replan()
    assert visit(family, kommune) == date(2019, 5, 27)


def test_the_days_on_which_it_happened_move_what_hangs_on_it() -> None:
    """Held a week later than planned: what counts from it counts from when it was."""
    family = founded()
    family.now = at("2019-03-25")
    assert family.send(2, "afhold", at("2019-03-21")).replan
    assert family.replan() == [3]
    assert starts(family, "opstart", "temadag") == {"opstart": "2019-03-14", "temadag": "2019-05-02"}


def test_what_a_person_has_fixed_is_never_planned_anew() -> None:
    """Neither a day that was set nor one to which people have been called in; what hangs on it follows it."""
    family = founded()
    family.send(3, "planlaeg", dato="2019-05-06")
    family.send(2, "indkald")
    family.send(2, "flyt", dato="2019-03-20", reason="Strejke")
    assert family.replan() == []
    assert starts(family, "opstart", "temadag") == {"opstart": "2019-03-20", "temadag": "2019-05-06"}


def test_a_moved_day_moves_what_hangs_on_it() -> None:
    """Not yet called in: the theme day follows, with its timers, in one decision of the system."""
    family = founded()
    family.send(2, "ret_dato", dato="2019-03-20")
    assert family.replan() == [3]
    assert starts(family, "temadag") == {"temadag": "2019-05-02"}  # The first of May is closed.
    _, decision = family.decisions[-1]
    assert decision.event.actor == SYSTEM
    assert {timer.generation for timer in decision.arm if timer.rule == "moedet_mangler_dato"} == {2}


def test_what_is_over_stays_where_it_was() -> None:
    """Called off or done: no plan moves it any more."""
    family = founded()
    family.send(3, "aflys", reason="Ingen tid")
    family.send(2, "ret_dato", dato="2019-03-20")
    assert family.replan() == []
    assert starts(family, "temadag") == {"temadag": "2019-04-25"}


def test_the_order_of_the_family_does_not_matter() -> None:
    """Shuffled, the plan is the same."""
    family, _, _ = two_kommuner()
    family.send(2, "ret_dato", dato="2019-03-20")
    programme, others = family.snapshots[1], members(family)

    def planned(some: list[Snapshot]) -> dict[int, Replanned]:
        return {change.snapshot.identity.id: change for change in plan_family(family.compiled, programme, some)}

    expected = planned(others)
    assert len(expected) >= 1
    for seed in range(20):
        random.Random(seed).shuffle(others)
        assert planned(others) == expected


def test_a_shifted_programme_shifts_as_one_but_not_the_law() -> None:
    """Four weeks later: days move by weeks, months by months, the external date not at all."""
    family = founded()
    data: dict[str, Json] = {"data": {SHIFT: 4}}
    event = Event("planlaeg_om", family.now, family.now, SYSTEM, data)
    family.record(1, decide(family.compiled, family.snapshot(1), event, family.now))
    family.replan()
    assert starts(family, "opstart") == {"opstart": "2019-04-11"}
    assert windows(family)["drift"] == ["2019-05-01", "2020-01-31"]
    assert windows(family)["ny_lov"] == ["2019-07-01", "2019-07-01"]
    odd: dict[str, Json] = {"data": {SHIFT: "fire"}}
    family.record(
        1,
        decide(family.compiled, family.snapshot(1), Event("planlaeg_om", *(family.now,) * 2, SYSTEM, odd), family.now),
    )
    family.replan()
    assert starts(family, "opstart") == {"opstart": "2019-03-14"}


def test_a_programme_begins_on_the_day_that_it_dates_in_its_first_month() -> None:
    """Else on the first day of that month; what has no days begins on none."""
    months = PROGRAMME.split("activities:")[0]
    tail = "activities:\n  brev: {title: Brev, kind: planning, level: programme, when: DAY}\n"
    assert first_day(founded(months + tail.replace("DAY", "14. januar 2019")).compiled) == date(2019, 1, 14)
    assert first_day(founded(months + tail.replace("DAY", "14. maj 2019")).compiled) == date(2019, 1, 1)
    open_ended = "format: 1\nworkflow: p\nversion: 1\ntitle: P\nuses: [programramme@1]\nperiod: åben\n"
    assert first_day(founded(open_ended).compiled) is None


def test_an_activity_without_words_of_time_lies_in_its_fase_or_nowhere() -> None:
    """Our proposal goes before the document's words, those before the deadline, that before the fase."""
    tail = """
activities:
  uden: {title: Uden, kind: planning, level: programme}
  i_fasen: {title: I fasen, kind: planning, in: drift / -, level: programme}
  frist: {title: Frist, kind: planning, in: drift / -, level: programme, deadline: senest 3. juni 2019}
  forslag: {title: Forslag, kind: planning, level: programme, when: maj 2019, plan: 2. september 2019}
"""
    family = founded(PROGRAMME.split("activities:")[0] + tail)
    got = {one.identity.key: (str(one.dates.planned_start), str(one.dates.planned_end)) for one in members(family)}
    assert got["uden"] == ("None", "None")
    assert got["i_fasen"] == ("2019-04-01", "2019-12-31")
    assert got["frist"][1] == "2019-06-03"
    assert got["forslag"] == ("2019-09-02", "2019-09-02")


def test_what_is_no_activity_of_the_document_is_left_alone() -> None:
    """A programme without enrolment and faser has a period, and a kommune has no days of its own."""
    text = "format: 1\nworkflow: p\nversion: 1\ntitle: P\nuses: [programramme@1]\nperiod: 2019\n"
    family = founded(text)
    assert windows(family) == {"period": ["2019-01-01", "2019-12-31"], WHOLE: ["2019-01-01", "2019-12-31"]}
    family.now += DAY
    assert family.replan() == []


def test_a_programme_without_a_period_has_no_bounds() -> None:
    """Open ends are normal: nothing is outside, and planning it again changes nothing."""
    text = PROGRAMME.replace("period: januar 2019 til december 2019", "period: åben").split("faser:")[0]
    family = founded(text)
    assert windows(family)["period"] == [None, None]
    before = family.snapshots[1].revision
    family.replan()
    assert family.snapshots[1].revision == before
