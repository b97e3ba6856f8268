"""Ladders and what else reminders say: rungs, ends before the state's own, checklists, answers and months."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Part, Programme, Reminder, assemble
from samskabt.engine.definition.checks import check
from samskabt.engine.definition.checks.scope import Known
from samskabt.engine.definition.reminding.reminders import OWNERS
from samskabt.engine.reminding.rungs import MONTHS_OF_AN_OPEN_END
from samskabt.engine.reminding.settling import ANSWERS_TO, MEASURES, UNTIL_ALL, UNTIL_ONE, is_moot
from samskabt.engine.reminding.status import MOST, status_of
from samskabt.engine.values import Dates, Facts, Intent, Json, Lateness, Nudge, Reach, Relative, TimerStatus
from samskabt.engine.values.names import KOMMUNE, MEETING

from .core_cases import PROGRAMME, Family, alone, at, founded, shipped, tree, with_kommune

MACHINE = """
ting:
  title: Ting
  fields: {dato: {title: Dato, type: date}, slut: {title: Slut, type: date}, svar: Svar}
  regions:
    en:
      title: En
      states: {a: A, b: B, slut: {title: S, final: true}}
      checklist:
        det_ene: {title: Det ene, owner: leder}
        det_andet: Det andet
      moves:
        gaa: {title: G, move: a -> b}
        tjek: {title: T, in: [a, b], takes: [det_ene, det_andet, svar]}
        planlaeg: {title: P, in: [a, b], dates: planned, wants: dato, takes: slut}
        stop: {title: S, move: b -> slut}
    to: {title: To, states: {x: X, y: Y}, moves: {skift: {title: S, move: x -> y}}}
"""
RUNGS = (
    "{offset: 5 arbejdsdage, to: konsulent, text: f}, {offset: 10 arbejdsdage, to: konsulent, text: f}, "
    "{offset: 15 arbejdsdage, to: leder, text: l, lateness: skip}"
)


def thing(more: str, roles: str = "") -> Family:
    """Give a thing with one reminder called ``r`` of state ``en.b``."""
    return alone(MACHINE, reminders=f"{{r: {{title: R, on: ting, during: en.b, {more}}}}}", more=roles)


def days(family: Family, number: int = 1, rule: str = "r") -> list[str]:
    """Give the days of a reminder's armed rungs."""
    timers = family.snapshot(number).timers
    return [str(one.local_on) for one in timers if one.rule == rule and one.status is TimerStatus.ARMED]


def told(family: Family) -> list[tuple[str, str]]:
    """Give text and role of every mail, in the order of time."""
    return [(nudge.template, nudge.role) for nudge in family.outbox.values()]


def test_each_rung_has_its_day_roles_and_text() -> None:
    """All counted from the anchor; each comes on its own day, and what is done stops the rest."""
    family = thing(f"ladder: [{RUNGS}]")
    family.now = at("2019-03-04")
    family.send(1, "en.gaa")
    assert days(family) == ["2019-03-11", "2019-03-18", "2019-03-25"]
    family.tick(at("2019-03-19"))
    assert told(family) == [("f", "konsulent"), ("f", "konsulent")]
    family.tick(at("2019-03-26"))
    assert told(family)[2:] == [("l", "leder")]


def test_late_rungs_are_sent_once_to_each_who_hears_something_of_their_own() -> None:
    """After a standstill the newest to the consultant; what its own rung marks ``skip`` is not caught up on."""
    family = thing(f"ladder: [{RUNGS}]")
    family.now = at("2019-03-04")
    family.send(1, "en.gaa")
    family.now = at("2019-04-30")
    family.tick()
    assert told(family) == [("f", "konsulent")]
    assert [one.lateness for one in family.snapshot(1).timers] == [Lateness.LATE, Lateness.LATE, Lateness.SKIP]


def test_a_late_start_sends_the_newest_rung_of_each() -> None:
    """A state entered long ago, registered now."""
    rungs = RUNGS.replace(", lateness: skip", "")
    family = thing(f"ladder: [{rungs}]")
    family.now = at("2019-04-30")
    family.send(1, "en.gaa", at("2019-03-04"))
    family.tick()
    assert told(family) == [("f", "konsulent"), ("l", "leder")]


def test_nobody_is_asked_to_help_with_what_only_they_were_asked_for() -> None:
    """Where the roles of two rungs are one person, the higher one says nothing, and keeps no fired timer."""
    family = thing(f"ladder: [{RUNGS}]", "roles: {leder: {does: L, stands_for: konsulent}, konsulent: {does: K}}")
    family.now = at("2019-03-04")
    family.send(1, "en.gaa")
    family.tick(at("2019-04-30"))
    assert told(family) == [("f", "konsulent"), ("f", "konsulent")]
    assert [one.status.value for one in family.snapshot(1).timers] == ["fired", "fired", "skipped"]


def test_closed_weeks_count_for_nothing_between_two_rungs() -> None:
    """Two of three fall into the summer: each comes as many open days after the one before as it says."""
    family = thing(f"ladder: [{RUNGS}]")
    family.now = at("2019-06-26")
    family.send(1, "en.gaa")
    assert days(family) == ["2019-07-03", "2019-07-31", "2019-08-07"]
    near = thing("ladder: [{offset: 3 dage, to: k, text: f}, {offset: 5 dage, to: l, text: f}]")
    near.now = at("2019-07-04")
    near.send(1, "en.gaa")
    assert days(near) == ["2019-07-29", "2019-07-30"]


def test_rungs_keep_their_stated_working_days_between_each_other() -> None:
    """The first waits for the end of the summer; the next ones wait as long as ever, not a week."""
    rungs = ", ".join(f"{{offset: {number} arbejdsdage, to: k{number}, text: t{number}}}" for number in (20, 40, 60))
    family = thing(f"ladder: [{rungs}]")
    family.now = at("2019-06-12")
    family.send(1, "en.gaa")
    assert days(family) == ["2019-07-29", "2019-08-26", "2019-09-23"]


def test_what_warns_of_a_day_keeps_its_distances_backwards() -> None:
    """The last warning comes before the closed week, and the one before it as much earlier."""
    rungs = "{offset: 10 arbejdsdage før, to: k, text: f}, {offset: 5 arbejdsdage før, to: l, text: f}"
    family = thing(f"anchor: planned_start, ladder: [{rungs}, {{offset: 1 dag, to: m, text: f}}]")
    family.send(1, "en.planlaeg", dato="2019-10-23")
    family.send(1, "en.gaa")
    assert days(family) == ["2019-10-04", "2019-10-11", "2019-10-24"]


def test_working_days_between_two_days_leave_out_the_first_and_count_the_last() -> None:
    """Easter 2019 lies between the tenth and the twenty-fourth of April; backwards there are none."""
    calendar, first = WorkingCalendar(), date(2019, 4, 10)
    assert calendar.working_days_between(first, date(2019, 4, 24)) == 7
    assert calendar.working_days_between(first, first) == calendar.working_days_between(first, date(2019, 4, 1)) == 0


@pytest.mark.parametrize(
    ("window", "armed"), [(14, ["2019-04-08", "2019-04-10", "2019-04-11"]), (7, ["2019-04-04"]), (3, [])]
)
def test_rungs_that_do_not_fit_into_a_short_window_fall_out(window: int, armed: list[str]) -> None:
    """Two weeks have room for all three; in one week only the last is sent, in three days none."""
    family = founded(PROGRAMME.replace("window: 14", f"window: {window}"))
    number = family.id_of("baseline")
    family.now = at("2019-04-01")
    family.send(number, "aabn")
    assert days(family, number, "svar_mangler") == armed


def test_a_ladder_begins_no_sooner_than_the_fase_that_it_belongs_to() -> None:
    """From the entry where the fase is open, else from its first day, also when that is moved."""
    rule = "ladder: [{offset: 5 arbejdsdage, to: leder, text: t}], not_before: last_fase"
    more = f"\nreminders:\n  r: {{title: R, on: kommune, during: forloeb.deltager, {rule}}}\n"
    family, kommune = with_kommune(founded(PROGRAMME + more))
    assert days(family, kommune) == ["2019-04-08"]
    assert family.compiled.workflow.reminders["r"].not_before == "drift"
    later = PROGRAMME.replace("april 2019 til december 2019", "januar 2019 til december 2019") + more
    open_already, kommune = with_kommune(founded(later))
    assert days(open_already, kommune) == ["2019-02-18"]
    assert (
        thing("offset: 5 dage, to: k, text: t, not_before: last_fase").compiled.workflow.reminders["r"].not_before
        is None
    )


def test_nobody_is_asked_whether_a_meeting_without_a_day_was_held() -> None:
    """Its day is asked for; once it has one, it is asked whether it was held."""
    family = founded()
    number = family.id_of("temadag")
    assert days(family, number, "moedet_mangler_dato") and not days(family, number, "blev_moedet_holdt")
    family.send(number, "planlaeg", dato="2019-05-06")
    assert days(family, number, "blev_moedet_holdt")[0] == "2019-05-07"


def test_a_baseline_that_is_open_is_told_once_before_its_day_and_escalates_to_nobody() -> None:
    """Before it is open its guard climbs; while people answer, one mail says that it is the last chance."""
    family = founded()
    number = family.id_of("baseline")
    assert days(family, number, "baseline_kan_ikke_indhentes") == ["2019-04-08", "2019-04-11"]
    family.now = at("2019-04-01")
    family.send(number, "aabn")
    family.tick(at("2019-04-14"))
    said = [one for (about, _), one in family.outbox.items() if about == number and one.template == "baseline_frist"]
    assert {(one.why, one.values["frist"]) for one in said} == {("baseline_lukker_snart", "2019-04-14")}
    assert "projektleder" not in {one.role for one in said}


def test_the_receipt_of_an_enrolment_is_a_notice() -> None:
    """It answers, asks for nothing, and uses nothing of the week's budget."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    family.send(1, "forloeb.tilmeld_kommune", kommune="0101")
    family.tick(at("2019-01-08"))
    receipts = [one for one in family.outbox.values() if one.template == "tilmelding_modtaget"]
    assert receipts and {one.intent for one in receipts} == {Intent.NOTICE}


def test_before_an_anchor_nothing_is_put_off() -> None:
    """A guard that is pushed by a holiday does not push what comes nearer to the day."""
    rungs = "{offset: 10 arbejdsdage før, to: k, text: f}, {offset: 8 arbejdsdage før, to: l, text: f}"
    family = thing(f"anchor: planned_start, ladder: [{rungs}]")
    family.send(1, "en.planlaeg", dato="2019-04-26")
    family.send(1, "en.gaa")
    assert days(family) == ["2019-04-09", "2019-04-11"]
    nudges = [one for one in family.tick(at("2019-04-10")) if one.nudges]
    assert nudges[0].nudges[0].expires_at is not None


def test_moving_the_anchor_moves_what_is_left() -> None:
    """A new generation for each rung, and what was sent is not sent again of the same day."""
    family = thing(f"anchor: planned_end, ladder: [{RUNGS}]")
    family.send(1, "en.planlaeg", dato="2019-03-04")
    family.send(1, "en.gaa")
    family.tick(at("2019-03-12"))
    family.send(1, "en.planlaeg", dato="2019-04-01")
    assert days(family) == ["2019-04-08", "2019-04-15", "2019-04-25"]


@pytest.mark.parametrize(("event", "given"), [("en.tjek", {"svar": "ja"}), ("to.skift", {})])
def test_a_field_or_a_place_ends_a_reminder(event: str, given: dict[str, str]) -> None:
    """It is taken away when the field is filled in or the state is entered, and never armed afterwards."""
    family = thing("unless: [svar, to.y], offset: 5 dage, to: leder, text: t")
    family.send(1, "en.gaa")
    assert len(days(family)) == 1
    family.send(1, event, **given)
    assert days(family) == []


def test_what_has_gone_out_knows_when_it_is_moot() -> None:
    """The nudge carries what ends it: one of these, or all of those."""
    family = thing("unless: [svar, to.y], offset: straks, to: leder, text: t")
    family.send(1, "en.gaa")
    family.tick(at("2019-01-08"))
    values = next(iter(family.outbox.values())).values
    assert values[UNTIL_ONE] == ["svar", "to.y"]
    assert not is_moot(values, {"to": "x"}, {})
    assert is_moot(values, {"to": "y"}, {})
    assert is_moot(values, {}, {"svar": "ja"})
    assert is_moot({UNTIL_ALL: ["a", "b"]}, {}, {"a": True, "b": True})
    assert not is_moot({UNTIL_ALL: ["a", "b"]}, {}, {"a": True})


def test_a_checklist_is_told_to_those_who_own_its_open_items() -> None:
    """Each their own, with the titles; a role that is named hears of all; ticked items are left out."""
    family = thing(f"about: checklist, offset: 5 dage, to: [{OWNERS}, chef], text: t", "responsible: {programme: boss}")
    family.send(1, "en.gaa")
    family.tick(at("2019-01-20"))
    found = {one.role: (one.values["mangler"], one.values[UNTIL_ALL]) for one in family.outbox.values()}
    assert found == {
        "leder": ("Det ene", ["det_ene"]),
        "boss": ("Det andet", ["det_andet"]),
        "chef": ("Det ene; Det andet", ["det_ene", "det_andet"]),
    }


@pytest.mark.parametrize(("items", "higher"), [("det_ene", []), ("det_ene, det_andet", [("u", "leder")])])
def test_who_owns_all_that_is_open_is_not_told_that_their_reminders_did_not_help(
    items: str, higher: list[tuple[str, str]]
) -> None:
    """A higher rung to the only owner says nothing; where others own some of it, it does."""
    rungs = f"{{offset: 5 dage, to: {OWNERS}, text: t}}, {{offset: 10 dage, to: leder, text: u}}"
    family = thing(f"about: checklist, items: [{items}], ladder: [{rungs}]", "responsible: {programme: boss}")
    family.now = at("2019-03-04")
    family.send(1, "en.gaa")
    family.tick(at("2019-03-12"))
    family.tick(at("2019-03-25"))
    assert [one for one in told(family) if one[0] == "u"] == higher


def test_a_checklist_that_is_done_is_not_told() -> None:
    """Neither the whole, nor the items that the reminder speaks of; owners are asked only where they are meant."""
    family = thing("about: checklist, items: det_ene, offset: 5 dage, to: chef, text: t")
    family.send(1, "en.gaa")
    assert len(days(family)) == 1
    family.send(1, "en.tjek", det_ene=True)
    assert days(family) == []


def status_programme(more: str = "") -> Family:
    """Give a small programme of one kommune with the shipped monthly status."""
    return with_kommune(founded(PROGRAMME + more))[0]


def test_a_status_comes_on_the_first_working_day_of_every_month() -> None:
    """From the month after the programme began until its last one; weekends and the first of May are left out."""
    family = status_programme()
    family.send(1, "forloeb.luk_tilmelding")
    found = [str(one.local_on) for one in family.snapshot(1).timers if one.rule == "maanedlig_status_skal_goeres"]
    assert found[:3] == ["2019-03-01", "2019-04-01", "2019-05-02"]
    assert found[-1] == "2019-12-02"


def test_a_programme_without_an_end_has_a_status_for_a_year() -> None:
    """Nobody plans for ever."""
    machine = MACHINE.replace("ting:", "programme:", 1)
    part = {"format": 1, "part": "del", "version": 1, "title": "Del", "machines": tree(machine)}
    rule = {"title": "R", "on": "programme", "during": "en.b", "anchor": "monthly", "to": "k", "text": "t"}
    document = {"format": 1, "workflow": "prove", "version": 1, "title": "P", "period": "2019"}
    workflow = assemble(Programme.model_validate(document), [Part.model_validate({**part, "reminders": {"r": rule}})])
    family = Family(Compiled(workflow, WorkingCalendar()))
    family.found(plan=False)
    family.send(1, "en.gaa")
    assert len(days(family)) == MONTHS_OF_AN_OPEN_END


def work(number: int, title: str, start: str, kommune: str | None = None, state: str = "planlagt") -> Relative:
    """Give a meeting as a status sees it."""
    first = date.fromisoformat(start)
    dates = Dates(first, first, "day")
    return Relative(number, MEETING, f"m{number}", title, 1, kommune, {"status": state}, {}, dates)


def test_a_status_tells_what_is_late_and_what_comes_next_by_title_kommune_and_day() -> None:
    """Nothing of what is over, nothing further away than a month; with nothing of either there is no mail."""
    kommune = Relative(2, KOMMUNE, "0101", "København", 1, "0101", {"forloeb": "deltager"}, {}, Dates())
    found = [
        work(3, "Workshop", "2019-03-01", kommune="0101"),
        work(4, "Temadag", "2019-05-02"),
        work(5, "Holdt", "2019-03-01", state="fulgt_op"),
        work(6, "Langt ude", "2019-09-01"),
    ]
    facts = Facts(children=(kommune,), activities=tuple(found))
    told = status_of(shipped(), facts, date(2019, 4, 10))
    assert told == {"forsinket": ["Workshop (København), 1.3.2019"], "kommer": ["Temadag, 2.5.2019"]}
    assert status_of(shipped(), facts, date(2020, 4, 10))["kommer"] == ["intet"]
    assert status_of(shipped(), Facts(activities=(found[2],)), date(2019, 4, 10)) == {}
    many = Facts(activities=tuple(work(n, "M", "2019-03-01") for n in range(MOST + 2)))
    late = status_of(shipped(), many, date(2019, 4, 10))["forsinket"]
    assert isinstance(late, list) and late[-1] == "og 2 til"


def test_a_status_with_nothing_to_tell_is_not_sent() -> None:
    """Its timer is kept as skipped."""
    family = status_programme()
    family.send(1, "forloeb.luk_tilmelding")
    for number in [number for number in family.snapshots if family.snapshots[number].identity.kind == MEETING]:
        family.send(number, "aflys", reason="x")
    family.tick(at("2019-03-02"))
    found = [one for one in family.snapshot(1).timers if one.rule == "maanedlig_status_skal_goeres"]
    assert found[0].status in (TimerStatus.SKIPPED, TimerStatus.FIRED)
    assert {Reach.ACTIVITIES, Reach.CHILDREN} <= family.compiled.relations.reach("programme", None)


def answers(family: Family) -> list[Nudge]:
    """List the mails that ask for answers."""
    return [one for one in family.outbox.values() if ANSWERS_TO in one.values]


def test_who_is_asked_for_answers_is_told_by_which_measures_they_answer() -> None:
    """Those of the evaluation that name the role, or nobody; other evaluations' are left out."""
    measures = (
        "\nevaluations:\n  maaling: {title: M, when: maj 2019, window: 14, level: kommune, respondents: leder}"
        "\nmeasures:\n  tid: {title: T, unit: minutter, evaluations: maaling, respondents: leder, low: 0, high: 9}"
        "\n  ro: {title: R, unit: pct, evaluations: maaling, respondents: medarbejder}"
        "\n  alle: {title: A, unit: pct, evaluations: maaling}"
    )
    text = PROGRAMME if "evaluations:" not in PROGRAMME else PROGRAMME.split("evaluations:")[0]
    family, _ = with_kommune(founded(text + measures))
    number = next(one for one, snap in family.snapshots.items() if snap.identity.kind == "evaluation")
    family.tick(at("2019-05-20"))
    found = answers(family)
    assert found and found[0].role == "leder"
    assert found[0].values[MEASURES] == ["tid", "alle"]
    assert found[0].values[ANSWERS_TO] == number


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ladder": [{"offset": "1 dag", "to": "k"}]}, "skriv text"),
        ({"ladder": [{"offset": "1 dag", "to": "k", "text": "t"}], "to": "k"}, "hvert trin sin egen offset"),
        ({"ladder": [{"offset": "1 dag", "to": "k", "text": "t"}], "offset": "2 dage"}, "hvert trin sin egen offset"),
        ({"ladder": [{"offset": "1 dag", "to": "k", "text": "t"}], "fires": "x"}, "enten text"),
        ({"text": "t", "to": "k", "items": ["x"]}, "about: checklist"),
    ],
)
def test_a_ladder_that_says_things_twice_is_a_mistake(more: dict[str, Json], told: str) -> None:
    """With what to write instead."""
    with pytest.raises(ValidationError, match=told):
        Reminder.model_validate({"title": "R", "on": "ting", "during": "en.b", **more})


def test_a_ladder_names_all_its_roles_and_texts() -> None:
    """For whoever asks what a reminder may send."""
    ladder = [{"offset": "1 dag", "to": ["k", "l"]}, {"offset": "2 dage", "to": "l", "text": "u"}]
    rule = Reminder.model_validate({"title": "R", "on": "ting", "during": "en.b", "text": "t", "ladder": ladder})
    assert (rule.roles, rule.texts) == (("k", "l"), ("t", "u"))
    assert (rule.rung(1), rule.rung(2)) == ((("k", "l"), "t"), (("l",), "u"))


WRONG = [
    ("anchor: monthly, to: leder, text: t", "wrong-anchor", ("anchor",)),
    ("to: ejerne, text: t", "unknown-name", ("to", 0)),
    (f"to: {OWNERS}, text: t", "unknown-name", ("to", 0)),
    ("to: leder, text: findes_ikke", "unknown-name", ("text",)),
    ("unless: [formaal, trin_9.i_gang], to: leder, text: t", "unknown-name", ("unless", 1)),
    ("unless: besvaret, to: leder, text: t", "unknown-name", ("unless", 0)),
    ("about: checklist, items: [ukendt], to: leder, text: t", "unknown-name", ("items", 0)),
    (
        "ladder: [{offset: 9 dage, to: leder, text: t}, {offset: 3 dage, to: leder, text: t}]",
        "wrong-order",
        ("ladder", 1, "offset"),
    ),
    ("ladder: [{offset: 200 måneder, to: leder, text: t}]", "too-far", ("ladder", 0, "offset")),
    ("to: leder, text: t, not_before: findes_ikke", "unknown-name", ("not_before",)),
    ("to: leder, text: t, room: 3 dage før", "bad-room", ("room",)),
    ("ladder: [{offset: 9 dage, to: leder, text: t, room: straks}]", "bad-room", ("ladder", 0, "room")),
    ("ladder: [{offset: 2 dage, to: ukendt, text: t}]", "unknown-name", ("ladder", 0, "to", 0)),
]


@pytest.mark.parametrize(("more", "rule", "where"), WRONG)
def test_a_reminder_that_cannot_be_meant_is_found(more: str, rule: str, where: tuple[object, ...]) -> None:
    """At its own place in the document, by its code."""
    text = PROGRAMME + f"\nreminders:\n  r: {{title: R, on: kommune, during: trin_1.i_gang, {more}}}\n"
    found = [
        (one.rule, one.path) for one in check(shipped(text).workflow, Known(texts=frozenset({"t"}))) if "r" in one.path
    ]
    assert (rule, ("reminders", "r", *where)) in found


def test_a_checklist_reminder_stands_where_there_is_a_checklist() -> None:
    """And is right where there is one."""
    line = "reminders:\n  r: {{title: R, on: kommune, during: {}, about: checklist, to: [{}], text: t}}\n"
    for place, codes in (("trin_3.i_gang", ["no-checklist"]), ("trin_2.i_gang", []), ("findes.ikke", ["unknown-name"])):
        text = PROGRAMME + "\n" + line.format(place, OWNERS)
        known = Known(texts=frozenset({"t"}))
        assert [one.rule for one in check(shipped(text).workflow, known) if "r" in one.path] == codes
