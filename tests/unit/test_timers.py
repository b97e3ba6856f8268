"""Timers as a function of where an instance stands: when they are due, and what becomes of those that are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.instants import local
from samskabt.engine.decide import decide
from samskabt.engine.definition import Offset
from samskabt.engine.planning.timers import reconcile, rung_of
from samskabt.engine.reminding.rungs import add_offset
from samskabt.engine.values import SYSTEM, Event, Lateness, Timer, TimerStatus
from samskabt.engine.values.names import POKE

from .core_cases import (
    DAY,
    PROGRAMME,
    Family,
    alone,
    at,
    founded,
    stands,
    with_challenge,
    with_kommune,
    with_solution,
)

MACHINE = """
ting:
  title: Ting
  fields: {dato: {title: Dato, type: date}, slut: {title: Slut, type: date}}
  regions:
    en:
      title: En
      states: {a: A, b: B, slut: {title: S, final: true}}
      moves:
        gaa: {title: G, move: a -> b}
        tilbage: {title: T, move: b -> a}
        planlaeg: {title: P, in: [a, b], dates: planned, wants: dato, takes: slut}
        stop: {title: S, move: b -> slut, needs: {own: {region: to, in: y}}}
    to: {title: To, states: {x: X, y: Y}, moves: {skift: {title: S, move: x -> y}}}
"""


def reminder(more: str) -> Family:
    """Give a thing with one reminder called ``r``, to the role ``leder`` unless it fires."""
    mail = "" if "fires" in more else "to: leder, text: t, "
    during = "" if "during" in more else "during: en.b, "
    return alone(MACHINE, reminders=f"{{r: {{title: R, on: ting, {mail}{during}{more}}}}}")


def timers(family: Family, number: int = 1) -> dict[str, Timer]:
    """Give an instance's timers that are not cancelled, by key."""
    return {timer.key: timer for timer in family.snapshot(number).timers}


def dues(family: Family, number: int = 1) -> list[str]:
    """Give the local days and times at which armed timers are due."""
    armed = [timer for timer in timers(family, number).values() if timer.status is TimerStatus.ARMED]
    return [local(timer.due_at).strftime("%Y-%m-%d %H:%M") for timer in armed]


def test_timers_live_as_long_as_the_state() -> None:
    """Armed on entering, cancelled on leaving, armed anew under a new key on entering again."""
    family = reminder("offset: 5 dage")
    assert timers(family) == {}
    family.send(1, "en.gaa")
    assert list(timers(family)) == ["r:en.2#1"]
    assert family.send(1, "en.tilbage").cancel == ("r:en.2#1",)
    assert timers(family) == {}
    family.send(1, "en.gaa")
    assert list(timers(family)) == ["r:en.4#1"]


def test_leaving_a_state_retires_all_its_timers_once() -> None:
    """Those to come and those that have fired; afterwards they are nobody's concern."""
    family = reminder("offset: 5 dage, every: 5 dage, times: 2")
    family.send(1, "en.gaa")
    family.tick(at("2019-01-09"))
    assert set(family.send(1, "en.tilbage").cancel) == {"r:en.2#1", "r:en.2#2"}
    assert [one.status.value for one in family.timers[1].values()] == ["done", "cancelled"]
    assert family.send(1, "to.skift").cancel == ()


def test_a_moved_anchor_arms_again_with_the_next_generation() -> None:
    """The key stays, the generation rises; the same day again changes nothing."""
    family = reminder("anchor: planned_start, offset: 5 dage før")
    family.send(1, "en.gaa")
    assert timers(family) == {}
    family.send(1, "en.planlaeg", dato="2019-05-06")
    assert [(one.key, one.generation, one.local_on) for one in timers(family).values()] == [
        ("r:en.2#1", 1, date(2019, 5, 2))
    ]
    assert family.send(1, "en.planlaeg", dato="2019-05-06").arm == ()
    moved = family.send(1, "en.planlaeg", dato="2019-06-06")
    assert [(timer.generation, timer.status) for timer in moved.arm] == [(2, TimerStatus.ARMED)]
    assert moved.cancel == ()


def test_a_timer_never_fires_again_for_the_same_due_time() -> None:
    """Fired once, it stays fired through every other decision; for a moved anchor it fires again."""
    family = reminder("anchor: planned_start, offset: 5 dage før")
    family.send(1, "en.gaa")
    family.send(1, "en.planlaeg", dato="2019-05-06")
    family.tick(at("2019-05-03"))
    assert family.send(1, "to.skift").arm == ()
    assert family.fire(1, "r:en.2#1").nudges == ()
    family.send(1, "en.planlaeg", dato="2019-06-06")
    family.tick(at("2019-06-04"))
    assert [key for _, key in family.outbox] == ["r:en.2#1/g1/leder", "r:en.2#1/g2/leder"]


def test_an_anchor_that_moves_back_sends_nothing_twice() -> None:
    """What was sent for a later day is not sent again for an earlier one that is already past."""
    family = reminder("anchor: planned_start, offset: 5 dage før")
    family.send(1, "en.gaa")
    family.send(1, "en.planlaeg", dato="2019-05-06")
    family.tick(at("2019-05-03"))
    assert family.send(1, "en.planlaeg", dato="2019-05-03").arm == ()
    assert family.send(1, "to.skift").arm == ()


@pytest.mark.parametrize(
    ("lateness", "status", "mails"),
    [("late", TimerStatus.ARMED, 1), ("merge", TimerStatus.ARMED, 1), ("skip", TimerStatus.SKIPPED, 0)],
)
def test_a_timer_born_too_late_does_as_its_lateness_says(lateness: str, status: TimerStatus, mails: int) -> None:
    """Late and merge are sent at once (merged by the digest), skip is kept as a logged decision."""
    family = reminder(f"offset: 5 dage, lateness: {lateness}")
    family.now = at("2019-02-01")
    armed = family.send(1, "en.gaa", at("2019-01-10")).arm
    assert [(timer.status, timer.lateness) for timer in armed] == [(status, Lateness(lateness))]
    family.tick()
    assert len(family.outbox) == mails
    assert family.send(1, "to.skift").arm == ()


def test_of_several_rungs_that_are_past_only_the_newest_is_sent() -> None:
    """A late registration is no burst: one mail, with the number that it would have had."""
    family = reminder("offset: 5 dage, every: 5 dage, times: 4")
    family.now = at("2019-01-29")
    family.send(1, "en.gaa", at("2019-01-10"))
    statuses = [timer.status.value for timer in timers(family).values()]
    assert statuses == ["skipped", "skipped", "armed", "armed"]
    family.tick()
    assert [key for _, key in family.outbox] == ["r:en.2#3/g1/leder"]


def test_after_a_standstill_only_the_newest_rung_is_sent() -> None:
    """The clock stood still over three rungs: each is marked as fired, one mail goes out."""
    family = reminder("offset: 5 dage, every: 5 dage, times: 4")
    family.send(1, "en.gaa")
    family.now = at("2019-01-20")
    decisions = family.tick()
    assert [len(decision.nudges) for decision in decisions] == [0, 0, 1]
    assert [decision.fired for decision in decisions] == [(f"r:en.2#{rung}",) for rung in (1, 2, 3)]


def test_a_timer_never_fires_early() -> None:
    """A moment before it is due nothing is decided, at the moment it is."""
    family = reminder("offset: 5 dage")
    family.send(1, "en.gaa")
    due = timers(family)["r:en.2#1"].due_at
    family.now = due - timedelta(microseconds=1)
    early = family.fire(1, "r:en.2#1")
    assert (early.fired, early.nudges, early.steps) == ((), (), ())
    family.now = due
    assert family.fire(1, "r:en.2#1").fired == ("r:en.2#1",)


def test_an_unknown_or_cancelled_timer_decides_nothing() -> None:
    """A knock for what is gone is no error."""
    family = reminder("offset: 5 dage")
    family.send(1, "en.gaa")
    family.now += 10 * DAY
    snapshot = family.snapshot(1)
    event = Event("r", family.now, family.now, SYSTEM, timer="r:en.9#1")
    decision = decide(family.compiled, snapshot, event, family.now)
    assert decision.steps == () and stands(decision) == stands(snapshot)


def test_mails_wait_for_an_open_day() -> None:
    """Christmas, weekends and closed weeks are waited out; an event fires on the very day."""
    mail = reminder("offset: 1 dag")
    mail.now = at("2019-12-20")
    mail.send(1, "en.gaa")
    assert dues(mail) == ["2020-01-06 09:00"]
    event = reminder('offset: 1 dag, at: "06:00", fires: en.tilbage')
    event.now = at("2019-12-20")
    event.send(1, "en.gaa")
    assert dues(event) == ["2019-12-21 06:00"]


@pytest.mark.parametrize(
    ("entered", "utc"),
    [("2019-03-29", "2019-03-31T07:00"), ("2019-03-30", "2019-04-01T07:00"), ("2019-10-25", "2019-10-27T08:00")],
)
def test_local_wall_time_holds_across_both_shifts_of_the_clock(entered: str, utc: str) -> None:
    """Nine in the morning is nine in the morning on the last Sundays of March and October."""
    family = reminder('offset: 2 dage, at: "09:00", fires: en.tilbage')
    family.now = at(entered)
    family.send(1, "en.gaa")
    timer = timers(family)["r:en.2#1"]
    assert timer.due_at.strftime("%Y-%m-%dT%H:%M") == utc
    assert (timer.zone, timer.local_at.hour) == ("Europe/Copenhagen", 9)
    assert timer.calendar_version == family.compiled.calendar.version


def test_a_timer_fires_its_event_once_by_the_same_rules() -> None:
    """In the system's name, when it was due, with the rule's words as its reason."""
    family = reminder("offset: 5 dage, fires: en.tilbage")
    family.send(1, "en.gaa")
    decisions = family.tick(at("2019-02-01"))
    assert [decision.position["en"] for decision in decisions] == ["a"]
    event = decisions[0].event
    assert (event.actor, event.reason, event.name) == (SYSTEM, "R", "en.tilbage")
    assert local(event.happened_at).strftime("%d.%m %H:%M") == "07.01 09:00"


def test_a_timer_whose_event_is_refused_is_on_record() -> None:
    """Nothing moves; history says what stood in the way, and it is not tried for ever."""
    family = reminder("offset: 5 dage, fires: en.stop")
    family.send(1, "en.gaa")
    decisions = family.tick(at("2019-02-01"))
    assert [(step.kind.value, step.overridden) for step in decisions[0].steps] == [("timer", ("forkert_tilstand",))]
    assert family.snapshots[1].position["en"] == "b" and len(decisions) == 1
    assert family.send(1, "to.skift").arm == ()


def test_a_fired_event_never_goes_behind_its_regions_last_step() -> None:
    """Entered after its timer was due (a late registration): it happened no earlier than that."""
    family = reminder("anchor: planned_start, offset: straks, fires: en.tilbage")
    family.send(1, "en.planlaeg", dato="2019-02-04")
    family.now = at("2019-03-01")
    family.send(1, "en.gaa", at("2019-02-20"))
    (decision,) = family.tick()
    assert decision.event.happened_at == at("2019-02-20")
    assert decision.position["en"] == "a"


def test_two_regions_share_no_timer() -> None:
    """At birth both stand in their first state by the same row; each has a timer of its own."""
    family = reminder("during: [en.a, to.x], offset: 5 dage")
    assert list(timers(family)) == ["r:en.1#1", "r:to.1#1"]
    assert family.send(1, "en.planlaeg", dato="2019-05-06").arm == ()
    assert family.send(1, "to.skift").cancel == ("r:to.1#1",)


@pytest.mark.parametrize(
    ("anchor", "day"),
    [("planned_start", "2019-05-06"), ("planned_end", "2019-05-10"), ("entered", "2019-01-07"), ("nogets_slut", None)],
)
def test_a_timer_counts_from_its_anchor(anchor: str, day: str | None) -> None:
    """The first or last planned day, the entry's local day; without the day there is no timer."""
    family = reminder(f"anchor: {anchor}, offset: straks")
    family.send(1, "en.planlaeg", dato="2019-05-06", slut="2019-05-10")
    family.send(1, "en.gaa")
    assert [str(timer.local_on) for timer in timers(family).values()] == ([day] if day else [])


def days_of(family: Family, number: int) -> dict[str, str]:
    """Give the local day of the first rung of each of an instance's reminders."""
    return {one.rule: str(one.local_on) for one in reversed(timers(family, number).values())}


def rungs(family: Family, number: int, rule: str) -> list[str]:
    """Give the local days of all rungs of one reminder."""
    return [str(one.local_on) for one in timers(family, number).values() if one.rule == rule]


def test_a_programmes_dates_are_anchors() -> None:
    """A fase by its first day, ``end_of_`` by its last, a deadline by its last day even where it is a month."""
    family = founded(PROGRAMME.replace("deadline: 1. februar 2019", "deadline: senest februar 2019"))
    family.send(1, "forloeb.aabn_tilmelding")
    days = days_of(family, 1)
    assert days["fasen_begynder_indledning"] == "2019-01-01"
    assert days["tilmelding_lukker_snart"] == "2019-02-21"
    assert days["vaelg_kommuner"] == "2019-03-01"
    family.tick()
    ends = [str(timer.local_on) for timer in timers(family).values() if timer.rule == "fasen_slutter_indledning"]
    assert ends == ["2019-04-01", "2019-04-08", "2019-04-15", "2019-04-22", "2019-04-29"]


def test_a_newborns_timers_hang_on_the_programmes_dates() -> None:
    """A kommune that is born of the programme's decision sees its windows already then."""
    more = "\nreminders:\n  r: {title: R, on: kommune, during: forloeb.tilmeldt, anchor: drift, to: leder, text: t}\n"
    family = founded(PROGRAMME + more)
    family.send(1, "forloeb.aabn_tilmelding")
    family.send(1, "forloeb.tilmeld_kommune", kommune="0101")
    assert {timer.rule: str(timer.local_on) for timer in timers(family, family.id_of("0101")).values()}[
        "r"
    ] == "2019-04-01"


def test_nobody_is_reminded_of_what_was_over_at_birth() -> None:
    """Of a day of the programme that has gone by, or since when a newborn stands where it does; not even later."""
    rows = "r: {title: R, on: kommune, during: forloeb.tilmeldt, anchor: drift, to: leder, text: t}"
    still = "s: {title: S, on: kommune, during: forloeb.tilmeldt, offset: straks, to: leder, text: t}"
    family = founded(PROGRAMME + f"\nreminders:\n  {rows}\n  {still}\n")
    family.send(1, "forloeb.aabn_tilmelding")
    for code, when, silent in (("0101", at("2019-01-28"), False), ("0147", at("2019-04-02"), True)):
        family.now = when
        family.send(1, "forloeb.tilmeld_kommune", at("2019-01-28"), kommune=code)
        found = {timer.rule: timer.status for timer in timers(family, family.id_of(code)).values()}
        assert (found["r"] is TimerStatus.SKIPPED) is (found["s"] is TimerStatus.SKIPPED) is silent


def test_a_reminder_may_be_for_some_activities_only() -> None:
    """By kind or by key, the ordinal left out."""
    rule = "{title: R, on: meeting, during: status.afventer, only: [visit, temadag], to: leder, text: t}"
    family, _ = with_kommune(founded(PROGRAMME + f"\nreminders:\n  r: {rule}\n"))
    has = [number for number in family.snapshots if "r" in days_of(family, number)]
    assert [family.snapshots[number].identity.key for number in has] == ["temadag", "besoeg", "besoeg#2"]


def test_pokes_are_consumed_together() -> None:
    """Three children have moved: one decision looks at them all, dated by the latest of them."""
    family, kommune = with_kommune()
    challenges = [with_challenge(family, kommune) for _ in range(3)]
    for number in challenges:
        family.send(number, "prioriter", override=True, reason="x")
    family.tick()
    for number in challenges:
        family.now += DAY
        family.send(number, "begynd_trin_3", override=True, reason="x")
    pokes = [key for key in family.timers[kommune] if key.startswith(POKE)]
    assert len(pokes) == 3
    decision = family.fire(kommune, pokes[0])
    assert set(decision.fired) == set(pokes) and decision.event.happened_at == family.now
    assert decision.position["trin_3"] == "i_gang"
    assert not any(key.startswith(POKE) for key in family.timers[kommune])


def test_a_remark_on_a_child_pokes_only_when_it_changes_something() -> None:
    """Described as before: the parent is left in peace."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    assert family.send(challenge, "beskriv", beskrivelse="Køer").poke_parent
    assert not family.send(challenge, "beskriv", beskrivelse="Køer").poke_parent
    assert not family.send(kommune, "trin_1.tjek", formaal=True).poke_parent


EVENTS: list[tuple[str, str, dict[str, object]]] = [
    ("opstart", "indkald", {}),
    ("opstart", "flyt", {"dato": "2019-03-20", "reason": "Strejke"}),
    ("opstart", "afhold", {"antal": 20}),
    ("temadag", "planlaeg", {"dato": "2019-05-06"}),
    ("baseline", "aabn", {}),
]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=len(EVENTS), max_size=len(EVENTS)))
def test_a_late_registration_ends_where_an_early_one_does(delays: list[int]) -> None:
    """The same things happened on the same days: position, days and live timers are the same in the end."""
    happened = [at("2019-03-04") + number * DAY for number in range(len(EVENTS))]

    def run(late: bool) -> Family:
        family = founded()
        for (key, name, words), when, delay in zip(EVENTS, happened, delays, strict=True):
            family.now = max(family.now, when + (delay * DAY if late else timedelta()))
            family.send(family.id_of(key), name, when, **words)
        family.now = at("2019-05-20")
        return family

    early, late = run(False), run(True)
    for number in early.snapshots:
        assert stands(early.snapshots[number]) == stands(late.snapshots[number])
        assert upcoming(early, number) == upcoming(late, number)


def upcoming(family: Family, number: int) -> dict[str, tuple[datetime, TimerStatus]]:
    """Give the timers of an instance that are still to come."""
    return {key: (one.due_at, one.status) for key, one in timers(family, number).items() if one.due_at > family.now}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("straks", "2020-01-31"),
        ("1 måned", "2020-02-29"),
        ("12 måneder", "2021-01-31"),
        ("2 måneder før", "2019-11-30"),
        ("2 uger", "2020-02-14"),
        ("3 dage før", "2020-01-28"),
        ("1 arbejdsdag", "2020-02-03"),
        ("1 arbejdsdag før", "2020-01-30"),
    ],
)
def test_an_offset_counts_so(words: str, day: str) -> None:
    """A month later is the same day of the month or its last; working days skip weekends."""
    offset = Offset.model_validate(words)
    assert str(add_offset(date(2020, 1, 31), offset, WorkingCalendar())) == day


def test_no_working_days_is_the_day_itself() -> None:
    """Zero working days from a Saturday is that Saturday; twice an offset is counted twice."""
    calendar, saturday = WorkingCalendar(), date(2019, 9, 21)
    assert add_offset(saturday, Offset(amount=0, unit="arbejdsdage"), calendar) == saturday
    assert add_offset(saturday, Offset(amount=2, unit="uger"), calendar, 2) == date(2019, 10, 19)


def timer_of(rung: int, due: datetime, **given: object) -> Timer:
    """Make a timer of the rule ``r``."""
    base = Timer(f"r:en.2#{rung}", "r", "en.b/entered", "x", due.date(), due.time(), "UTC", "", due, Lateness.LATE)
    return replace(base, **given)  # type: ignore[arg-type]


def test_pokes_are_left_alone_by_what_is_derived() -> None:
    """A poke is nobody's reminder: comparing timers neither cancels nor re-arms it."""
    poke = timer_of(1, at("2019-01-02"), key=f"{POKE}:7:3", rule=POKE)
    assert reconcile([poke], [], at("2019-01-03")).cancel == ()


def test_restoring_skips_what_is_past_and_arms_what_is_to_come() -> None:
    """Silent: the newest past rung is skipped too."""
    wanted = [timer_of(1, at("2019-01-02")), timer_of(2, at("2019-01-04"))]
    arm = reconcile([], wanted, at("2019-01-03"), silent=True).arm
    assert [timer.status.value for timer in arm] == ["skipped", "armed"]
    assert [rung_of(timer.key) for timer in arm] == [1, 2]


def test_a_reminder_may_count_from_a_day_of_the_instances_own() -> None:
    """The challenge's own frist: near, passed, gone when it is taken away; a new day arms it anew."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "prioriter", override=True, reason="x", frist="2019-06-14")
    assert rungs(family, challenge, "udfordringens_frist") == ["2019-06-06", "2019-06-17", "2019-07-01"]
    family.send(challenge, "beskriv", frist="2019-06-21")
    assert rungs(family, challenge, "udfordringens_frist") == ["2019-06-14", "2019-06-24", "2019-07-29"]
    family.send(challenge, "beskriv", frist=None)
    assert rungs(family, challenge, "udfordringens_frist") == []


def test_a_frist_that_has_passed_is_told_of_once() -> None:
    """Going on to the next trin afterwards says nothing more of it to the same person; the leader hears it once."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "prioriter", override=True, reason="x", frist="2019-03-01")
    family.tick(at("2019-03-10"))
    family.send(challenge, "begynd_trin_3", override=True, reason="x")
    family.tick(at("2019-03-20"))
    told = [nudge.template for (number, _), nudge in family.outbox.items() if number == challenge]
    assert sorted(told) == ["udfordring_frist", "udfordring_frist_leder", "udfordring_frist_passeret"]


def test_a_test_is_asked_for_on_the_day_it_ends() -> None:
    """The day that was agreed, and a later one when it is moved."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    for event in ("prioriter", "begynd_trin_3"):
        family.send(challenge, event, override=True, reason="x")
    solution = with_solution(family, challenge)
    family.send(solution, "test", hvor="Ydelse", test_til="2019-03-01", maaling_foer="12 minutter")
    assert days_of(family, solution)["testen_slutter"] == "2019-03-01"
    family.send(solution, "beskriv", test_til="2019-03-08")
    family.tick(at("2019-03-08"))
    told = [nudge.template for (number, _), nudge in family.outbox.items() if number == solution]
    assert told == ["testen_slutter"]
