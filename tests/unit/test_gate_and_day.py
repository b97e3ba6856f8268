"""A planned day and the gate in front of it that disagree: the gate holds, the day warns, with few mails."""

from __future__ import annotations

from samskabt.engine.deciding.draft import Draft
from samskabt.engine.planning.gates import is_gated, unmet
from samskabt.engine.values import Nudge, Strength, TimerStatus

from .cohort_cases import COHORT, begun, cohort_compiled, end
from .core_cases import Family, at, refused

TOLD, OPENED = "dagen_er_usikker", "saet_ny_dato"


def mails(family: Family, template: str) -> list[Nudge]:
    """List the mails of a text."""
    return [one for one in family.outbox.values() if one.template == template]


def finish(family: Family, *numbers: int) -> None:
    """Let kommuner finish their opstart now, and plan anew as the runtime does."""
    for number in numbers:
        end(family, number)
    assert family.decisions[-1][1].replan
    family.replan()


def test_the_responsible_is_told_once_that_the_day_comes_before_the_gate_is_open() -> None:
    """Ten working days before 17 January: one mail, with the day and who lacks, also when the invitations go out."""
    family, _ = begun(5)
    meeting = family.id_of("netvaerk")
    family.tick(at("2017-01-02"))
    assert mails(family, TOLD) == []
    family.tick(at("2017-01-04"))
    (mail,) = mails(family, TOLD)
    assert mail.role == "konsulent" and mail.values["dato"] == "2017-01-17"
    assert str(mail.values["mangler"]).startswith("»Opstartsfasen« skal stå som »Afsluttet« i mere end halvdelen")
    family.send(meeting, "indkald")
    family.tick(at("2017-01-20"))
    assert len(mails(family, TOLD)) == 1


def test_nobody_is_told_where_the_gate_is_open_in_time() -> None:
    """Three of five are enough: the timer is used up without a mail."""
    family, numbers = begun(5)
    finish(family, *numbers[:3])
    family.tick(at("2017-01-20"))
    assert mails(family, TOLD) == []
    statuses = {one.status for one in family.timers[family.id_of("netvaerk")].values() if "betingelsen" in one.rule}
    assert statuses == {TimerStatus.SKIPPED}


def test_another_day_is_another_mail() -> None:
    """The meeting is moved to February: about that day people are told anew, about the old one never again."""
    family, _ = begun(3)
    meeting = family.id_of("netvaerk")
    family.tick(at("2017-01-04"))
    family.send(meeting, "ret_dato", dato="2017-02-21")
    family.tick(at("2017-02-08"))
    assert [one.values["dato"] for one in mails(family, TOLD)] == ["2017-01-17", "2017-02-21"]


def test_a_month_is_said_as_a_month() -> None:
    """Where the document only says januar 2017, the mail does not make a day of it."""
    family, _ = begun(2, COHORT.replace("when: 17. januar 2017", "when: januar 2017"))
    family.tick(at("2016-12-20"))
    (mail,) = mails(family, TOLD)
    assert "dato" not in mail.values and mail.values["tilstand"] == "afventer"


def test_when_the_gate_opens_after_the_day_a_new_date_is_asked_for_once() -> None:
    """The last one that it takes finishes in February; a further one brings no second mail."""
    family, numbers = begun(5)
    family.tick(at("2017-02-01"))
    finish(family, *numbers[:2])
    assert mails(family, OPENED) == []
    finish(family, numbers[2])
    finish(family, numbers[3])
    (mail,) = mails(family, OPENED)
    assert mail.role == "konsulent" and mail.region == "status"


def test_a_withdrawal_opens_it_as_well() -> None:
    """Two of five have finished; two others leave: two of three."""
    family, numbers = begun(5)
    family.tick(at("2017-02-01"))
    finish(family, *numbers[:2])
    for number in numbers[3:]:
        decision = family.send(number, "forloeb.traek", reason="Ingen tid")
        assert decision.replan
    family.replan()
    assert len(mails(family, OPENED)) == 1


def test_nobody_is_asked_for_a_new_date_where_none_is_needed() -> None:
    """Before the day, after the meeting, or where nobody was told that the day was uncertain."""
    family, numbers = begun(3)
    family.tick(at("2017-01-05"))
    finish(family, *numbers[:2])
    family.send(family.id_of("netvaerk"), "afhold", at("2017-01-05"))
    family.tick(at("2017-02-01"))
    family.replan()
    assert mails(family, OPENED) == []
    quiet, others = begun(3)
    quiet.now = at("2017-02-01")
    finish(quiet, *others)
    assert mails(quiet, OPENED) == []


def test_only_hard_gates_make_a_day_uncertain() -> None:
    """The network meeting has one, the workshop a soft one, the dialogue none."""
    compiled = cohort_compiled()
    assert [is_gated(compiled, key) for key in ("netvaerk", "workshop#2", "dialog")] == [True, False, False]


ORDERED = COHORT.replace(
    "  dialog_foerst:",
    """  efter_moedet:
    {title: Anbefalinger efter mødet, before: anbefalinger, strength: hard, scope: programme,
     needs: {activity: netvaerk, strength: hard}}
  dialog_foerst:""",
).replace("gates:\n", "  anbefalinger: {title: Anbefalinger, kind: meeting, level: programme, when: DAY}\ngates:\n")


def test_what_is_still_to_come_and_planned_in_time_does_not_speak_against_a_day() -> None:
    """The network meeting is held in January: a meeting in March that waits for it is fine, one in December is not."""
    for day, count in (("2017-03-01", 0), ("2016-12-01", 1)):
        family, _ = begun(2, ORDERED.replace("DAY", day))
        number = family.id_of("anbefalinger")
        family.now = at("2016-11-20")
        draft = Draft(family.compiled, family.snapshot(number), family.event("x"))
        assert len(unmet(draft.view("status"))) == count
        family.tick(at("2017-02-20"))
        assert len([one for one in mails(family, TOLD) if one.values["dato"] == day]) == count


def test_a_gate_is_as_strong_as_the_document_says() -> None:
    """A soft or derived gate yields to a reason, also where it counts kommuner; a hard one yields to none."""
    for strength, refuses in (("hard", True), ("soft", False), ("derived", False)):
        between = "\n    scope: programme\n    needs: {kommuner"
        text = COHORT.replace(f"strength: hard{between}", f"strength: {strength}{between}")
        family, _ = begun(3, text)
        meeting = family.id_of("netvaerk")
        assert refused(family, meeting, "afhold") == ["for_faa_kommuner"]
        if refuses:
            assert refused(family, meeting, "afhold", None, override=True, reason="Aftalt") == ["for_faa_kommuner"]
        else:
            family.send(meeting, "afhold", override=True, reason="Aftalt")
            assert family.snapshots[meeting].position["status"] == "afholdt"


def test_a_requirement_of_a_gate_may_say_its_own_strength() -> None:
    """What it says stands, whatever the gate says; else it is the gate's."""
    told = "needs: {activity: dialog}"
    for written, strength, expected in (
        (told, "soft", Strength.SOFT),
        (told, "hard", Strength.HARD),
        ("needs: {activity: dialog, strength: soft}", "hard", Strength.SOFT),
        ("needs: {activity: dialog, strength: hard}", "derived", Strength.HARD),
    ):
        between = "\n    scope: kommune\n    "
        text = COHORT.replace(f"strength: soft{between}{told}", f"strength: {strength}{between}{written}")
        compiled = cohort_compiled(text)
        assert [need.strength for need in compiled.workflow.programme.gates["dialog_foerst"].needs] == [expected]
