"""Taking back a wrong registration: everything as it was, nothing erased, nobody mailed."""

from __future__ import annotations

import pytest
from samskabt.engine.deciding.correct import CORRECT, correct
from samskabt.engine.errors import Refused
from samskabt.engine.values import Actor, ActorKind, Intent, StepKind, Timer, TimerStatus

from .core_cases import DAY, Family, alone, at, founded, replayed, stands, with_challenge, with_kommune


def refused_correction(family: Family, number: int, seq: int, reason: str | None = "forkert") -> list[str]:
    """Try a correction that must be refused, and give the codes."""
    with pytest.raises(Refused) as caught:
        family.correct(number, seq, reason)
    return [refusal.code for refusal in caught.value.refusals]


def test_a_correction_restores_everything_as_it_was() -> None:
    """Position, entry, data and days; the history grows by a row that names the one it takes back."""
    family = founded()
    before = stands(family.snapshots[3])
    family.now += DAY
    family.send(3, "planlaeg", dato="2019-05-06", sted="Odense")
    decision = family.correct(3, 3)
    assert stands(family.snapshots[3]) == before == replayed(family, 3)
    assert [(step.kind, step.corrects) for step in decision.steps] == [(StepKind.CORRECTION, 3)]
    assert [row.seq for row in family.history[3]] == [1, 2, 3, 4]


def test_all_rows_of_a_decision_are_taken_back_newest_first() -> None:
    """Two moves in one event are one registration: both go, in the opposite order."""
    family, kommune = with_kommune()
    before = stands(family.snapshots[kommune])
    family.send(kommune, "faelles_workshop")
    decision = family.correct(kommune, 3)
    assert [step.corrects for step in decision.steps] == [4, 3]
    assert stands(family.snapshots[kommune]) == before == replayed(family, kommune)


def test_an_event_and_the_joins_after_it_go_together() -> None:
    """What followed by itself is taken back with what it followed."""
    family = alone(
        """
        ting:
          title: Ting
          regions:
            en: {title: En, states: {a: A, b: B, c: C}, moves: {gaa: a -> b}}
          joins: [{region: en, move: b -> c, when: {own: {region: en, in: b}}}]
        """
    )
    family.send(1, "gaa")
    assert family.snapshots[1].position == {"en": "c"}
    decision = family.correct(1, 2)
    assert [(step.source, step.dest) for step in decision.steps] == [("c", "b"), ("b", "a")]
    assert replayed(family, 1) == stands(family.snapshots[1])


def test_a_remark_is_taken_back_without_a_move() -> None:
    """Data of an event that moved nothing returns to what it was, also to nothing."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.tjek", formaal=True)
    decision = family.correct(kommune, 3)
    assert "formaal" not in family.snapshots[kommune].data
    assert (decision.steps[0].region, decision.steps[0].dest) == (None, None)


def test_corrections_go_backwards_one_by_one() -> None:
    """After the later one is taken back, the earlier one may be."""
    family, kommune = with_kommune()
    before = stands(family.snapshots[kommune])
    family.send(kommune, "trin_1.begynd")
    family.send(kommune, "trin_1.afslut", override=True, reason="x")
    assert refused_correction(family, kommune, 3) == ["senere_skridt"]
    family.correct(kommune, 4)
    family.correct(kommune, 3)
    assert stands(family.snapshots[kommune]) == before == replayed(family, kommune)


def test_a_correction_is_refused_when_something_was_born() -> None:
    """A challenge has its own life; it is parked, not unborn. So it is with a birth itself."""
    family, kommune = with_kommune()
    with_challenge(family, kommune)
    assert refused_correction(family, kommune, 5) == ["har_faaet_boern"]
    assert refused_correction(family, kommune, 1) == ["har_faaet_boern"]


def test_a_correction_is_refused_when_the_data_was_changed_later() -> None:
    """The later value stands; it must go first. Days are watched like data."""
    family = founded()
    family.send(3, "planlaeg", dato="2019-05-06", sted="Odense")
    family.send(3, "ret_dato", dato="2019-05-07", sted="Vejle")
    with pytest.raises(Refused) as caught:
        family.correct(3, 3)
    assert [one.code for one in caught.value.refusals] == ["senere_aendret"]
    assert caught.value.refusals[0].values["fields"] == ["sted", "planned_start", "planned_end"]


def test_a_correction_wants_a_reason_and_says_everything_at_once() -> None:
    """Every obstacle and the missing reason in one answer."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.send(kommune, "trin_1.afslut", override=True, reason="x")
    assert refused_correction(family, kommune, 3, "") == ["senere_skridt", "mangler_begrundelse"]
    assert refused_correction(family, kommune, 4, None) == ["mangler_begrundelse"]


def test_a_correction_is_not_corrected() -> None:
    """What is right is registered anew."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.correct(kommune, 3)
    assert refused_correction(family, kommune, 4) == ["er_en_rettelse"]


def test_a_correction_is_silent() -> None:
    """No mail, and of the timers of the restored state those that are past are kept as skipped."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.now += 80 * DAY
    family.send(kommune, "trin_1.afslut", override=True, reason="x")
    assert all(timer.status is TimerStatus.CANCELLED for timer in of_rule(family, kommune, "trin_staar_stille"))
    family.now += DAY
    before = {key for key in family.outbox if key[0] == kommune}
    decision = family.correct(kommune, 4)
    assert decision.nudges == () and {timer.status for timer in decision.arm if timer.due_at <= family.now} == {
        TimerStatus.SKIPPED
    }
    family.tick()
    assert {key for key in family.outbox if key[0] == kommune} == before


def of_rule(family: Family, number: int, rule: str) -> list[Timer]:
    """Give an instance's timers of one rule."""
    return [timer for timer in family.timers[number].values() if timer.rule == rule]


def test_restored_timers_keep_their_original_end() -> None:
    """Restoring is not entering: the clock goes on from when the state was first entered."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    before = {timer.key: timer.due_at for timer in family.snapshot(kommune).timers}
    family.now += 10 * DAY
    family.send(kommune, "trin_1.afslut", override=True, reason="x")
    family.now += 10 * DAY
    family.correct(kommune, 4)
    assert {timer.key: timer.due_at for timer in family.snapshot(kommune).timers} == before


def test_an_invitations_sequence_never_goes_back() -> None:
    """Calendars have seen the number; after a correction the next change has one that is higher still."""
    family = founded()
    family.send(2, "indkald")
    family.send(2, "flyt", dato="2019-03-19", reason="Strejke")
    again = family.correct(2, family.history[2][-1].decision_seq)
    assert {nudge.sequence for nudge in again.nudges} == {2}
    assert str(family.snapshots[2].dates.planned_start) == "2019-03-14"
    moved = family.send(2, "flyt", dato="2019-03-20", reason="Strejke")
    assert {nudge.sequence for nudge in moved.nudges} == {3}
    assert replayed(family, 2) == stands(family.snapshots[2])


def test_a_corrected_first_invitation_may_be_taken_back_too() -> None:
    """That the sequence was raised since stands in nobody's way."""
    family = founded()
    family.send(2, "indkald")
    first = family.history[2][-1].decision_seq
    family.send(2, "flyt", dato="2019-03-19", reason="Strejke")
    family.correct(2, family.history[2][-1].decision_seq)
    called_off = family.correct(2, first)
    assert family.snapshots[2].position == {"status": "planlagt"}
    assert family.snapshots[2].data == {"ical_sequence": 3}
    assert {(nudge.intent, nudge.template) for nudge in called_off.nudges} == {(Intent.CANCELLATION, "aflyst")}


def test_calendars_get_the_old_day_back_with_the_next_number() -> None:
    """A corrected move or cancelling of an invited meeting is a new mail about the same appointment."""
    family = founded()
    invited = {nudge.role for nudge in family.send(2, "indkald").nudges}
    family.send(2, "flyt", dato="2019-03-19", reason="Strejke")
    again = family.correct(2, family.history[2][-1].decision_seq)
    assert {nudge.role for nudge in again.nudges} == invited
    assert {(one.intent, one.template, one.sequence, one.uid) for one in again.nudges} == {
        (Intent.INVITATION, "aendret", 2, "meeting-2@samskabt")
    }
    assert {(one.values["dato"], one.values["tidligere"]) for one in again.nudges} == {("2019-03-14", "2019-03-19")}
    family.send(2, "aflys", reason="Strejke")
    back = family.correct(2, family.history[2][-1].decision_seq)
    assert {(one.intent, one.template, one.sequence) for one in back.nudges} == {(Intent.INVITATION, "indkaldelse", 4)}
    assert replayed(family, 2) == stands(family.snapshots[2])


def test_nobody_is_told_of_what_no_calendar_has_seen() -> None:
    """A meeting that was called off before anybody was invited comes back in silence; an import always does."""
    family = founded()
    family.send(2, "aflys", reason="Strejke")
    assert family.correct(2, family.history[2][-1].decision_seq).nudges == ()
    family.send(2, "indkald")
    seq = family.history[2][-1].decision_seq
    event = family.event(CORRECT, reason="forkert", actor=Actor(ActorKind.IMPORT, "regneark"))
    rows = [row.recorded for row in family.history[2] if row.decision_seq == seq]
    assert correct(family.compiled, family.snapshot(2), rows, event, family.now, bore=False).nudges == ()


def test_what_was_registered_on_top_stands_in_the_way() -> None:
    """A challenge was added while trin 2 was in progress: it cannot have waited; a tick may stay."""
    family, kommune = with_kommune()
    begun = len(family.history[kommune]) + 1
    with_challenge(family, kommune)
    rows = [row for row in family.history[kommune] if row.decision_seq == begun]
    event = family.event(CORRECT, reason="forkert")
    later = [row.recorded for row in family.history[kommune] if row.decision_seq > begun]
    with pytest.raises(Refused) as caught:
        taken = [row.recorded for row in rows]
        correct(family.compiled, family.snapshot(kommune), taken, event, family.now, bore=False, later=later)
    assert [(one.code, one.values) for one in caught.value.refusals] == [
        ("senere_skridt", {"at": "trin_2", "seq": later[0].seq})
    ]


def test_a_tick_that_was_set_later_is_in_nobodys_way() -> None:
    """It could have been set while trin 1 was still waiting."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    begun = family.history[kommune][-1].decision_seq
    family.send(kommune, "trin_1.tjek", formaal=True)
    later = [row.recorded for row in family.history[kommune] if row.decision_seq > begun]
    event, taken = (
        family.event(CORRECT, reason="forkert"),
        [row.recorded for row in family.history[kommune]][begun - 1 : begun],
    )
    decision = correct(family.compiled, family.snapshot(kommune), taken, event, family.now, bore=False, later=later)
    assert decision.position["trin_1"] == "venter"


def test_a_pause_that_came_later_is_in_nobodys_way() -> None:
    """It moves no region, so it says nothing about the beginning of trin 1."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    begun = family.history[kommune][-1].decision_seq
    family.send(kommune, "saet_i_bero", reason="Valg")
    rows = [row.recorded for row in family.history[kommune]]
    event, taken, later = family.event(CORRECT, reason="forkert"), rows[begun - 1 : begun], rows[begun:]
    assert later
    decision = correct(family.compiled, family.snapshot(kommune), taken, event, family.now, bore=False, later=later)
    assert decision.position["trin_1"] == "venter"


def test_an_invitation_that_nothing_calls_off_is_taken_back_in_silence() -> None:
    """Where the machine knows no cancellation, there is no mail to send; the number has still been seen."""
    machine = """
    ting:
      title: T
      regions:
        en:
          title: E
          states: {a: A, b: B}
          moves: {kald: {move: a -> b, notices: [{to: leder, text: indkaldelse, intent: invitation}]}}
    """
    family = alone(machine)
    family.send(1, "kald")
    back = family.correct(1, 2)
    assert (back.position, back.nudges) == ({"en": "a"}, ())
    assert family.snapshots[1].data == {"ical_sequence": 0}


def test_the_parent_hears_of_a_corrected_child() -> None:
    """A challenge that was moved by mistake takes the kommune's trin back with it."""
    family, kommune = with_kommune()
    challenges = [with_challenge(family, kommune) for _ in range(2)]
    for number in challenges:
        for event in ("prioriter", "begynd_trin_3"):
            family.send(number, event, override=True, reason="x")
    family.tick()
    for number in challenges:
        family.send(number, "parker", reason="x")
    family.tick()
    assert family.snapshots[kommune].position["trin_3"] == "afsluttet"
    assert family.correct(challenges[0], family.history[challenges[0]][-1].decision_seq).poke_parent
    family.tick()
    assert family.snapshots[kommune].position["trin_3"] == "i_gang"


def test_a_corrected_end_of_a_trin_asks_for_a_new_plan() -> None:
    """The visits that hung on the end of trin 1 have no day any more."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.send(kommune, "trin_1.afslut", override=True, reason="x")
    family.replan()
    visit = family.id_of("besoeg", kommune)
    assert family.snapshots[visit].dates.planned_start is not None
    assert family.correct(kommune, 4).replan
    family.replan()
    assert family.snapshots[visit].dates.planned_start is None


def test_a_late_correction_is_recorded_when_it_was_made() -> None:
    """The row's own time is the correction's; the restored entry keeps the old one."""
    family, kommune = with_kommune()
    entered = family.snapshots[kommune].entered["trin_1"]
    family.send(kommune, "trin_1.begynd")
    family.now = at("2019-06-03")
    decision = family.correct(kommune, 3)
    assert decision.entered["trin_1"] == entered
    assert family.history[kommune][-1].happened_at == at("2019-06-03")
