"""Pauses: what is refused meanwhile, which clocks freeze and which run, and what a resumption brings back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from samskabt.engine.decide import decide
from samskabt.engine.deciding.finish import noted
from samskabt.engine.definition.checks import check_part
from samskabt.engine.errors import InvalidInput, NotFound, Refused
from samskabt.engine.options import options
from samskabt.engine.pausing.ends import may_still_others
from samskabt.engine.pausing.events import is_known
from samskabt.engine.pausing.pauses import (
    INHERIT_PAUSE,
    INHERIT_RESUME,
    PAUSE,
    PAUSE_IS_OVER,
    RESUME,
    in_force,
    inherited,
    spans,
)
from samskabt.engine.planning.timers import reminder_of
from samskabt.engine.refusals import refusal_text
from samskabt.engine.values import SYSTEM, Actor, ActorKind, Data, Decision, Event, Refusal, Strength, TimerStatus
from samskabt.engine.values.kept import DELAYS, PAUSED, PAUSES

from .core_cases import Family, alone, at, refused, replayed, shipped, stands, with_challenge, with_kommune
from .test_timers import MACHINE, dues, reminder, timers

WHY = "Ny forvaltning"


def running(more: str = "offset: 10 dage") -> Family:
    """Give a thing that entered its state on Friday 1 March 2019, with one reminder."""
    family = reminder(more)
    family.now = at("2019-03-01", "08:00")
    family.send(1, "en.gaa")
    return family


def pause(family: Family, number: int = 1, happened: datetime | None = None, **given: object) -> Decision:
    """Pause an instance, with a reason unless another is given."""
    return family.send(number, PAUSE, happened, **{"reason": WHY, **given})


def told(family: Family, number: int, name: str, **given: object) -> list[str]:
    """Give the sentences of a refused event."""
    with pytest.raises(Refused) as caught:
        family.send(number, name, **given)
    kind = family.snapshots[number].identity.kind
    return [refusal_text(one, family.compiled.workflow, kind) for one in caught.value.refusals]


def test_a_pause_moves_no_region_and_stands_in_the_history() -> None:
    """Who, why, since when and until when are kept; the regions stand where they stood; replay agrees."""
    family = running()
    before = family.snapshots[1].position
    decision = pause(family, til="2019-04-01")
    assert decision.pauses and family.snapshots[1].position == before
    (held,) = in_force(family.snapshots[1].data)
    assert (held.at, held.why, held.by, str(held.until)) == ("ting", WHY, "7", "2019-04-01")
    assert replayed(family, 1) == stands(family.snapshots[1])


def test_a_paused_thing_refuses_people_and_says_why() -> None:
    """The sentence holds the day, the reason, who paused it, the expected end and the way out."""
    family = running()
    pause(family, til="2019-04-01")
    family.now += timedelta(days=2)
    (sentence,) = told(family, 1, "en.tilbage")
    assert sentence.startswith("»Ting« er sat i bero siden fredag den 1. marts 2019")
    assert all(word in sentence for word in (WHY, "af 7", "1. april 2019", "Genoptag først"))


def test_what_happened_before_the_pause_can_still_be_registered() -> None:
    """A late registration with a day before the pause passes; one of the pause itself does not."""
    family = running()
    family.now = at("2019-03-10")
    pause(family)
    family.now = at("2019-03-12")
    assert refused(family, 1, "en.tilbage", at("2019-03-11")) == ["er_sat_i_bero"]
    family.send(1, "en.tilbage", at("2019-03-09"))
    assert family.snapshots[1].position["en"] == "a"


def test_a_pause_asks_for_a_reason_and_for_a_day_ahead() -> None:
    """Without a reason, with an end before its beginning, twice, or with data that it does not take: refused."""
    family = running()
    assert refused(family, 1, PAUSE, til="2019-02-01") == ["mangler_begrundelse", "slut_foer_start"]
    with pytest.raises(NotFound):
        family.send(1, PAUSE, reason=WHY, sted="Her")
    with pytest.raises(InvalidInput):
        family.send(1, PAUSE, reason=WHY, til="næste uge")
    pause(family)
    assert refused(family, 1, PAUSE, reason=WHY) == ["er_allerede_i_bero"]


def test_what_has_ended_cannot_be_paused() -> None:
    """There is nothing left that could stand still."""
    family = running()
    family.send(1, "to.skift")
    family.send(1, "en.stop")
    assert refused(family, 1, PAUSE, reason=WHY) == ["ikke_muligt_nu"]


def test_only_what_is_paused_can_be_resumed() -> None:
    """Not what runs, and not before the pause began; the sentences say so."""
    family = running()
    assert told(family, 1, RESUME) == ["Det er ikke sat i bero, så der er intet at genoptage."]
    family.now += timedelta(days=3)
    pause(family)
    assert refused(family, 1, RESUME, at("2019-03-02")) == ["foer_pausen"]
    with pytest.raises(NotFound):
        family.send(1, RESUME, flyt_uger=2)


def test_a_clock_that_counts_from_the_state_freezes() -> None:
    """Ten days of which four had gone: after a pause of twenty days six are left."""
    family = running()
    assert dues(family) == ["2019-03-11 09:00"]
    family.now = at("2019-03-05")
    pause(family)
    assert dues(family) == []
    family.now = at("2019-03-25")
    family.send(1, RESUME)
    assert dues(family) == ["2019-04-01 09:00"]  # The 31st is a Sunday.
    assert spans(family.snapshots[1].data) == ((at("2019-03-05"), at("2019-03-25")),)


def test_two_pauses_add_up_and_what_overlaps_counts_once() -> None:
    """A second pause freezes what the first had moved; a pause from above in the same days moves nothing more."""
    family = running()
    for begin, end in (("2019-03-05", "2019-03-08"), ("2019-03-12", "2019-03-15")):
        family.now = at(begin)
        pause(family)
        inherit(family, "programme", {"siden": at(begin).isoformat(), "fordi": WHY, "af": "7"}, [])
        family.now = at(end)
        family.send(1, RESUME)
        inherit(family, "programme", None, [[at("2019-03-05").isoformat(), at(end).isoformat()]])
    assert dues(family) == ["2019-03-21 09:00"]


def test_what_was_sent_before_a_pause_is_not_sent_again() -> None:
    """The first rung stays spent; the second comes as many days later as the pause lasted."""
    family = running("offset: 10 dage, every: 10 dage, times: 2")
    family.tick(at("2019-03-12"))
    assert len(family.outbox) == 1
    pause(family)
    family.tick(at("2019-05-01"))
    family.send(1, RESUME)
    assert len(family.outbox) == 1
    assert dues(family) == ["2019-05-10 09:00"]  # 21 March, fifty days later, and the next working day.


def test_a_late_registered_pause_arms_again_what_it_made_moot() -> None:
    """A mail of the days that turn out to be a pause does not count: its clock had stood still."""
    family = running()
    family.tick(at("2019-03-15"))
    pause(family, 1, at("2019-03-05"))
    assert dues(family) == []
    family.send(1, RESUME)
    assert dues(family) == ["2019-03-21 09:00"]


def test_a_clock_that_counts_from_a_day_does_not_move() -> None:
    """While it is paused nothing is sent; what fell into the pause is caught up once when it is resumed."""
    family = running("anchor: planned_end, offset: 1 dag, every: 5 dage, times: 3")
    family.send(1, "en.planlaeg", dato="2019-03-11")
    pause(family)
    family.tick(at("2019-03-20"))
    assert not family.outbox
    family.send(1, RESUME)
    family.tick()
    assert [key for _, key in family.outbox] == ["r:en.2#2/g2/leder"]
    assert dues(family) == ["2019-03-22 09:00"]


def test_a_skipped_reminder_is_not_caught_up_after_a_pause() -> None:
    """What is too late to be said is not said when the pause is over."""
    family = running("anchor: planned_start, offset: 3 dage før, lateness: skip")
    family.send(1, "en.planlaeg", dato="2019-03-11")
    pause(family)
    family.now = at("2019-03-20")
    family.send(1, RESUME)
    family.tick()
    assert not family.outbox
    assert [timer.status for timer in timers(family).values()] == [TimerStatus.SKIPPED]


def test_a_rule_that_fires_waits_for_the_resumption() -> None:
    """What the calendar should have moved during the pause moves when it is over, and happened then."""
    family = running("anchor: planned_start, fires: en.tilbage")
    family.send(1, "en.planlaeg", dato="2019-03-11")
    pause(family)
    family.tick(at("2019-03-20"))
    assert family.snapshots[1].position["en"] == "b"
    family.send(1, RESUME)
    family.tick(at("2019-03-21"))
    assert family.snapshots[1].position["en"] == "a"
    assert family.snapshots[1].entered["en"].at == at("2019-03-20")


def test_a_reminder_may_run_through_a_pause_and_says_so() -> None:
    """A deadline that cannot be made good again is told although everything else stands still."""
    family = running("in_pause: true, offset: 10 dage")
    pause(family)
    family.tick(at("2019-03-20"))
    (mail,) = family.outbox.values()
    assert mail.values["hvorfor"] == "R; fristen løber, selv om det er sat i bero"
    assert mail.values[PAUSED] == "i_pausen"


def test_the_expected_end_of_a_pause_is_said_once() -> None:
    """One reminder on the day on which it should be over, and none once it has been resumed."""
    family, kommune = with_kommune()
    pause(family, kommune, til="2019-03-01")
    family.tick(at("2019-03-20"))
    found = [mail for (number, _), mail in family.outbox.items() if number == kommune and mail.why == PAUSE_IS_OVER]
    assert [(mail.template, mail.values["dato"], mail.values[PAUSED]) for mail in found] == [
        (PAUSE_IS_OVER, "2019-03-01", "om_pausen")
    ]
    assert reminder_of(family.compiled, PAUSE_IS_OVER).title == "Pausen skulle være slut"
    family.send(kommune, RESUME)
    assert all(timer.rule != PAUSE_IS_OVER for timer in timers(family, kommune).values())


def inherit(family: Family, kind: str, held: Data | None, over: list[object], number: int = 1) -> Decision:
    """Pass a pause of something above on, as the use case does."""
    data = {"fra": kind, PAUSED: held, PAUSES: over}
    name = INHERIT_PAUSE if held else INHERIT_RESUME
    event = Event(name, family.now, family.now, SYSTEM, data, WHY)  # type: ignore[arg-type]
    return family.record(number, decide(family.compiled, family.snapshot(number, name), event, family.now))


def test_an_own_pause_outlives_that_of_the_parent() -> None:
    """Both are kept apart; it stands still until both are over, and only the own one can be resumed here."""
    family, kommune = with_kommune()
    since = family.now.isoformat()
    inherit(family, "programme", {"siden": since, "fordi": WHY, "af": "7"}, [], kommune)
    assert told(family, kommune, RESUME) == ["Pausen er sat på »Program«; genoptag den dér."]
    family.now = at("2019-02-10")
    pause(family, kommune)
    family.now = at("2019-02-20")
    inherit(family, "programme", None, [[since, family.now.isoformat()]], kommune)
    assert [one.at for one in in_force(family.snapshots[kommune].data)] == ["kommune"]
    assert refused(family, kommune, "trin_1.begynd") == ["er_sat_i_bero"]
    family.now = at("2019-02-28")
    family.send(kommune, RESUME)
    assert spans(family.snapshots[kommune].data) == ((at("2019-02-04"), at("2019-02-28")),)
    family.send(kommune, "trin_1.begynd")


def test_people_cannot_pass_a_pause_on() -> None:
    """The events that pass it on are the system's own."""
    family = running()
    with pytest.raises(NotFound):
        family.send(1, INHERIT_PAUSE, fra="programme")


def test_what_is_inherited_twice_is_written_once() -> None:
    """The same pause from above changes nothing the second time: no row of history."""
    family, kommune = with_kommune()
    held: Data = {"siden": family.now.isoformat(), "fordi": WHY, "af": "7"}
    assert len(inherit(family, "programme", held, [], kommune).steps) == 1
    assert inherit(family, "programme", held, [], kommune).steps == ()


def test_a_paused_instance_offers_its_ends_and_nothing_else() -> None:
    """A kommune may be resumed, withdraw or come through; what only its parent can resume offers its ends."""
    family, kommune = with_kommune()
    pause(family, kommune)
    offered = [one.event for one in options(family.compiled, family.snapshot(kommune), family.now)]
    assert offered == [RESUME, "forloeb.traek", "forloeb.gennemfoer"]
    (visit, *_) = family.children(kommune, "meeting")
    inherit(family, "kommune", {"siden": family.now.isoformat(), "fordi": WHY, "af": "7"}, [], visit)
    assert [one.event for one in options(family.compiled, family.snapshot(visit), family.now)] == ["aflys"]
    family.send(visit, "aflys", reason="Vi kommer ikke")
    family.send(kommune, "forloeb.traek", reason="Ingen kræfter")


def test_a_parked_challenge_is_taken_up_again_by_its_own_move() -> None:
    """``genoptag`` means what the machine says where nothing is paused, and the resumption where something is."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    parked = family.send(challenge, "parker", reason="Ikke nu")
    assert parked.pauses
    taken = family.send(challenge, RESUME)
    assert taken.pauses and family.snapshots[challenge].position["status"] == "udpeget"
    pause(family, challenge)
    family.send(challenge, RESUME)
    assert family.snapshots[challenge].position["status"] == "udpeget"
    assert not in_force(family.snapshots[challenge].data)


def test_a_rest_counts_as_a_pause_for_what_is_below() -> None:
    """The days for which a challenge was parked are kept, so that its solutions' clocks stand still for so long."""
    family, kommune = with_kommune()
    challenge = with_challenge(family, kommune)
    family.send(challenge, "parker", reason="Ikke nu")
    family.now += timedelta(days=30)
    family.send(challenge, RESUME)
    assert spans(family.snapshots[challenge].data) == ((at("2019-02-04"), at("2019-03-06")),)


def test_a_child_born_into_a_pause_stands_still() -> None:
    """What was found before the pause and is registered during it takes the pause over; what is born after does not."""
    family, kommune = with_kommune()
    family.send(kommune, "faelles_workshop")
    family.now = at("2019-02-10")
    pause(family, kommune)
    family.send(kommune, "trin_2.tilfoej_udfordring", at("2019-02-08"), titel="Ventetid")
    (child,) = family.children(kommune, "challenge")
    assert [one.at for one in in_force(family.snapshots[child].data)] == ["kommune"]
    data: Data = {PAUSES: {"kommune": [[at("2019-02-10").isoformat(), at("2019-02-20").isoformat()]]}}
    assert inherited(data, at("2019-02-12")) == data
    assert inherited(data, at("2019-03-01")) == {}


def test_a_correction_takes_a_pause_back() -> None:
    """The pause never was: nothing is in force and nothing is counted, and the timer is armed as before."""
    family = running()
    decision = pause(family)
    seq = family.snapshots[1].revision
    corrected = family.correct(1, seq)
    assert decision.pauses and corrected.pauses
    assert family.snapshots[1].data == {} and dues(family) == ["2019-03-11 09:00"]
    assert replayed(family, 1) == stands(family.snapshots[1])


def test_weeks_given_at_the_resumption_are_kept_and_plan_anew() -> None:
    """A kommune's resumption may say by how many weeks what is left moves; the plan follows."""
    family, kommune = with_kommune()
    pause(family, kommune)
    for wrong in (-1, "to", True, 5000):
        with pytest.raises(InvalidInput):
            family.send(kommune, RESUME, flyt_uger=wrong)
    family.now = at("2019-03-01")
    assert family.send(kommune, RESUME, flyt_uger=4).replan
    pause(family, kommune)
    assert not family.send(kommune, RESUME).replan
    pause(family, kommune)
    assert family.send(kommune, RESUME, flyt_uger=1).replan
    assert family.snapshots[kommune].data[DELAYS] == [["2019-03-01", 4], ["2019-03-01", 1]]


def test_a_delay_moves_what_is_left_once() -> None:
    """What hangs on a day before the resumption moves by the weeks; what hangs on a later day follows that day."""
    family, kommune = with_kommune()
    family.send(kommune, "faelles_workshop")
    family.send(kommune, "trin_1.afslut", override=True, reason="Klar")
    family.replan()
    visits, (plan,) = family.children(kommune, "meeting"), family.children(kommune, "task")
    before = {number: family.snapshots[number].dates.planned_start for number in (*visits, plan)}
    pause(family, kommune)
    family.now = at("2019-03-01")
    family.send(kommune, RESUME, flyt_uger=4)
    family.replan()
    for number, day in before.items():
        moved = family.snapshots[number].dates
        assert day and moved.planned_start == day + timedelta(weeks=4), family.snapshots[number].identity.key
    assert "Flyttet 4 uger frem efter en pause." in family.snapshots[visits[0]].dates.reason
    family.send(kommune, "trin_1.genaabn", reason="Nye folk")
    family.now = at("2019-03-10")
    family.send(kommune, "trin_1.afslut", override=True, reason="Klar")
    family.replan()
    assert str(family.snapshots[visits[0]].dates.planned_start) == "2019-04-08"  # Four weeks later, and no more.


def test_days_that_people_have_set_stay() -> None:
    """A delay moves proposals only."""
    family, kommune = with_kommune()
    visit = family.children(kommune, "meeting")[0]
    family.send(visit, "planlaeg", dato="2019-05-07")
    pause(family, kommune)
    family.send(kommune, RESUME, flyt_uger=4)
    family.replan()
    assert str(family.snapshots[visit].dates.planned_start) == "2019-05-07"


def test_a_paused_programme_delays_its_own_and_everybody_elses_days() -> None:
    """Resumed with weeks, it moves what is not fixed at every level; what has no day stays without one."""
    family, _ = with_kommune()
    before = {number: one.dates.planned_start for number, one in family.snapshots.items()}
    pause(family, 1)
    family.send(1, RESUME, flyt_uger=2)
    family.replan()
    day, (opstart,) = before, [number for number in before if family.snapshots[number].identity.key == "opstart"]
    was = day[opstart]
    assert was and family.snapshots[opstart].dates.planned_start == was + timedelta(weeks=2)


def test_the_system_goes_on_while_people_are_refused() -> None:
    """An import is refused like a person; the system's own events are not."""
    family = running()
    pause(family)
    importer = Actor(ActorKind.IMPORT, "arkiv")
    assert refused(family, 1, "en.tilbage", actor=importer) == ["er_sat_i_bero"]
    family.send(1, "en.tilbage", actor=SYSTEM)


def test_every_sentence_of_pauses_is_danish() -> None:
    """Each code has words, also where values are few."""
    family = alone(MACHINE)
    codes = ("er_sat_i_bero", "er_allerede_i_bero", "er_ikke_i_bero", "foer_pausen", "er_sat_i_bero_ovenfra")
    values = {"siden": "2019-03-01T12:00:00+00:00", "fordi": WHY, "hvor": "ukendt"}
    for code in codes:
        text = refusal_text(Refusal(code, "pause", Strength.HARD, values), family.compiled.workflow, "ting")
        assert text.endswith(".") and "None" not in text


def test_what_lets_others_stand_still_is_known_before_it_happens() -> None:
    """Pausing, parking, taking up again and ending do; working does not. So a store can lock the family first."""
    machines = shipped().workflow.machines
    asked = [(kind, event) for kind in ("challenge", "kommune") for event in (PAUSE, RESUME)]
    asked += [("challenge", "parker"), ("kommune", "forloeb.traek"), ("kommune", "forloeb.gennemfoer")]
    assert all(may_still_others(machines[kind], event) for kind, event in asked)
    assert not may_still_others(machines["challenge"], "prioriter")
    assert not may_still_others(machines["meeting"], "aflys")
    anywhere = alone(RESTING).compiled.machine("ting")
    assert may_still_others(anywhere, "en.vaek") and not may_still_others(anywhere, "to.skift")


RESTING = MACHINE.replace("b: B,", "b: {title: B, rests: true},").replace(
    "gaa: {title: G, move: a -> b}", "gaa: {title: G, move: a -> b}\n        vaek: {title: V, move: '* -> slut'}"
)


def test_people_may_ask_every_kind_to_be_paused() -> None:
    """The builtin events are known beside those of the machine; what nobody knows is not."""
    compiled = shipped()
    assert all(is_known(compiled, "task", event) for event in (PAUSE, RESUME, "begynd"))
    assert not is_known(compiled, "task", INHERIT_PAUSE) and not is_known(compiled, "task", 7)


def test_a_note_changes_nothing() -> None:
    """It stands in the history with its reason, and the instance as before."""
    family = running()
    event = family.event("udskift_person", reason="Barsel")
    decision = noted(family.compiled, family.snapshot(1), event)
    before = family.snapshots[1]
    family.record(1, decision)
    assert [step.event for step in decision.steps] == ["udskift_person"]
    assert (family.snapshots[1].position, family.snapshots[1].data) == (before.position, before.data)


def test_a_workflow_may_not_take_the_name_of_a_pause() -> None:
    """A move called ``saet_i_bero`` is refused, and so is an event to settle with that does not exist."""
    wrong = MACHINE.replace("tilbage:", f"{PAUSE}:").replace("  title: Ting\n", "  title: Ting\n  settles: intet\n")
    found = {one.rule: ".".join(map(str, one.path)) for one in check_part(alone(wrong).compiled.workflow)}
    assert found["reserved-name"] == f"machines.ting.regions.en.moves.{PAUSE}"
    assert found["unknown-name"] == "machines.ting.settles"


def test_an_end_that_everything_has_reached_asks_nothing() -> None:
    """A kommune whose activities are all called off comes through without a word about them."""
    family, kommune = with_kommune()
    for child in (*family.children(kommune, "meeting"), *family.children(kommune, "task")):
        event = "aflys" if family.snapshots[child].identity.kind == "meeting" else "udgaar"
        family.send(child, event, reason="Ikke i år")
    assert refused(family, kommune, "forloeb.gennemfoer") == ["forkert_tilstand"]
