"""Which mails a decision wants: to which roles, about what, under which key."""

from __future__ import annotations

from collections import Counter

from samskabt.engine.civil.instants import end_of_day
from samskabt.engine.values import Actor, ActorKind, Intent, Nudge

from .core_cases import PROGRAMME, Family, alone, at, founded, with_challenge, with_kommune


def mails(family: Family, number: int, template: str) -> list[Nudge]:
    """Give an instance's mails of one text."""
    return [nudge for (who, _), nudge in family.outbox.items() if who == number and nudge.template == template]


def test_an_invitation_keeps_its_uid_and_its_sequence_rises() -> None:
    """Called in, moved twice, called off: one calendar entry, numbers 0 to 3."""
    family = founded()
    family.send(2, "indkald")
    family.send(2, "flyt", dato="2019-03-19", reason="Strejke")
    family.send(2, "flyt", dato="2019-03-20", reason="Sal")
    family.send(2, "aflys", reason="Sygdom")
    sent = [nudge for (number, _), nudge in family.outbox.items() if number == 2 and nudge.uid]
    assert {nudge.uid for nudge in sent} == {"meeting-2@samskabt"}
    assert sorted({nudge.sequence for nudge in sent if nudge.sequence is not None}) == [0, 1, 2, 3]
    assert {nudge.intent for nudge in sent if nudge.sequence == 3} == {Intent.CANCELLATION}


def test_another_instance_has_another_uid() -> None:
    """The next meeting is an entry of its own."""
    family = founded()
    family.send(2, "indkald")
    family.send(3, "planlaeg", dato="2019-05-06")
    family.send(3, "indkald")
    assert {nudge.uid for nudge in family.outbox.values()} == {"meeting-2@samskabt", "meeting-3@samskabt"}


def test_nobody_uninvited_is_called_off() -> None:
    """A meeting that nobody was called to is called off in silence, and counts no invitation."""
    family = founded()
    assert family.send(3, "aflys", reason="Ingen tid").nudges == ()
    assert "ical_sequence" not in family.snapshots[3].data


def test_an_import_is_silent() -> None:
    """What is taken over from elsewhere sends nothing, and what is past is not caught up on."""
    family = founded()
    family.now = at("2019-02-26")
    decision = family.send(2, "indkald", at("2019-02-01"), actor=Actor(ActorKind.IMPORT, "gammelt system"))
    assert decision.nudges == () and decision.data["ical_sequence"] == 0
    assert {timer.status.value for timer in decision.arm if timer.due_at <= family.now} <= {"skipped"}


def test_an_invitation_goes_to_everyone_who_takes_part_once() -> None:
    """Who it is for, those who may come, facilitator and presenter; roles that stand for others, and no citizens."""
    family = founded()
    roles = [nudge.role for nudge in family.send(2, "indkald").nudges]
    assert roles == ["kommunal_konsulent", "leder", "partskonsulent", "forsker"]


def test_a_change_tells_the_former_day_and_why() -> None:
    """The mail has the new day, the old one, the place and the reason."""
    family = founded()
    family.send(2, "indkald")
    values = family.send(2, "flyt", dato="2019-03-19", reason="Strejke").nudges[0].values
    assert (values["dato"], values["tidligere"], values["grund"]) == ("2019-03-19", "2019-03-14", "Strejke")
    assert (values["sted"], values["tilstand"], values["fra_tilstand"]) == ("København", "indkaldt", "indkaldt")
    assert "tidligere" not in family.send(2, "flyt", dato="2019-03-19", sted="Odense", reason="Ny sal").nudges[0].values


def test_the_place_is_the_instances_own_before_the_documents() -> None:
    """What was written on the meeting wins."""
    family = founded()
    assert family.send(2, "indkald", sted="Odense").nudges[0].values["sted"] == "Odense"


def test_a_notice_that_is_no_invitation_has_no_uid() -> None:
    """Welcome is a mail, not a calendar entry; it is never moot."""
    family, kommune = with_kommune()
    (welcome,) = mails(family, kommune, "velkommen")
    assert (welcome.uid, welcome.sequence, welcome.intent) == (None, None, Intent.NOTICE)
    assert (welcome.region, welcome.entry_seq, welcome.role) == (None, None, "kontaktperson")
    assert welcome.why == "forloeb.vaelg"


def test_a_reminder_is_about_the_state_entry_that_it_was_armed_for() -> None:
    """It says since when, which rung, why it comes and what stops it; it is moot as soon as the region moves on."""
    family, kommune = with_kommune()
    family.send(kommune, "trin_1.begynd")
    family.tick(at("2019-05-01"))
    first, second = mails(family, kommune, "trin_staar_stille")
    assert (first.region, first.entry_seq, first.why) == ("trin_1", 3, "trin_staar_stille")
    assert (first.values["nummer"], second.values["nummer"]) == (1, 2)
    assert first.values["siden"] == "2019-02-04T12:00:00+00:00"
    assert first.values["stopper"] == "Stopper, når trinnet er afsluttet"
    assert first.values["hvorfor"] == "Trinnet står stille" and first.values["trin"] == "trin 1 (Intro og fælles sprog)"


def test_a_reminder_of_a_day_to_come_expires_with_the_day() -> None:
    """Before the meeting it is worth something; a question whether it was held does not expire."""
    family = founded()
    family.send(2, "indkald")
    family.tick(at("2019-03-20"))
    assert {nudge.expires_at for nudge in mails(family, 2, "paamindelse_moede")} == {
        end_of_day(at("2019-03-14").date())
    }
    assert {nudge.expires_at for nudge in mails(family, 2, "blev_det_holdt")} == {None}


def test_a_reminder_of_the_programmes_dates_names_the_day_and_the_fase() -> None:
    """The mail says from which day it counts, and in which fase."""
    family = founded()
    family.send(1, "forloeb.aabn_tilmelding")
    family.tick(at("2019-03-20"))
    (deadline,) = mails(family, 1, "tilmelding_lukker_snart")
    assert (deadline.values["frist"], "fase" in deadline.values) == ("2019-02-01", False)
    assert mails(family, 1, "fase_slutter")[0].values["fase"] == "Startfasen"


def test_who_answers_for_it_is_the_facilitator_or_the_role_of_the_level() -> None:
    """The opening has a facilitator, the theme day its level's role, a challenge the kommune's consultant."""
    family, kommune = with_kommune(founded(PROGRAMME.replace("facilitator: partskonsulent", "facilitator: vaert")))
    challenge = with_challenge(family, kommune)
    family.tick(at("2019-06-20"))
    assert {nudge.role for nudge in mails(family, 2, "indkald_nu")} == {"vaert"}
    assert {nudge.role for nudge in mails(family, 3, "saet_dato")} == {"partskonsulent"}
    assert {nudge.role for nudge in mails(family, challenge, "udfordring_venter")} == {"kommunal_konsulent"}


def test_nobody_answers_where_the_programme_names_nobody() -> None:
    """Without a role for the level no mail is queued, and the timer is done all the same."""
    family = founded(
        PROGRAMME.replace("responsible: {programme: partskonsulent, cross: partskonsulent,", "responsible: {")
    )
    decisions = [decision for decision in family.tick(at("2019-05-20")) if decision.fired]
    assert decisions and mails(family, 3, "saet_dato") == []


def test_the_respondents_of_an_evaluation_take_part_in_it() -> None:
    """``deltagere`` of an evaluation are those who answer; of what is no activity, nobody."""
    rule = "{title: R, on: KIND, during: WHERE, offset: straks, to: deltagere, text: t}"
    evaluation = rule.replace("KIND", "evaluation").replace("WHERE", "status.planlagt")
    programme = rule.replace("KIND", "programme").replace("WHERE", "forloeb.planlagt")
    family = founded(PROGRAMME + f"\nreminders:\n  r: {evaluation}\n  p: {programme}\n")
    family.tick(at("2019-01-20"))
    assert [nudge.role for nudge in mails(family, 4, "t")] == ["kommunal_konsulent", "leder"]
    assert mails(family, 1, "t") == []


def test_two_texts_to_one_role_are_two_mails() -> None:
    """A move may tell the same people two things; neither hides the other."""
    family = alone(
        """
        ting:
          title: Ting
          regions:
            en:
              title: En
              moves:
                gaa:
                  title: Gå
                  move: venter -> i_gang
                  notices: [{to: [leder, leder], text: a}, {to: leder, text: b}]
        """
    )
    family.send(1, "gaa")
    assert [nudge.template for nudge in family.outbox.values()] == ["a", "b"]


def test_no_two_mails_of_a_programmes_life_share_a_key() -> None:
    """Unique per entry, rung, generation and role: what is queued is what was decided."""
    family, kommune = with_kommune()
    for number in (with_challenge(family, kommune), with_challenge(family, kommune)):
        for event in ("prioriter", "begynd_trin_3"):
            family.send(number, event, override=True, reason="x")
    family.send(2, "indkald")
    family.tick(at("2019-03-05"))
    family.send(2, "flyt", dato="2019-04-04", reason="x")
    family.send(2, "flyt", dato="2019-04-09", reason="x")
    family.replan()
    family.tick(at("2019-12-01"))
    decided = Counter((number, nudge.key) for number, decision in family.decisions for nudge in decision.nudges)
    assert decided.keys() == family.outbox.keys() and max(decided.values()) == 1
    assert len(decided) >= 45
