"""Approvals, proposed changes, clusters and deliverables as instances: who decides, on what day, and what waits."""

from __future__ import annotations

from datetime import date

import pytest
from samskabt.engine.definition.checks import check
from samskabt.engine.errors import Refused
from samskabt.engine.refusals import refusal_text

from .core_cases import PROGRAMME, Family, at, founded, refused, shipped_workflow, with_kommune

PAPERS = """
bodies:
  bestyrelse: {title: Bestyrelsen, facilitator: sekretariat}
approvals:
  beskrivelse: {title: Projektbeskrivelse, decider: bestyrelse, of: once, when: 14. maj 2019, hearing: true}
  regnskab: {title: Regnskab, by: bestyrelsen, of: once}
  projekt: {title: Kommunens projekt, decider: partskonsulent, of: kommune}
  aftale: {title: Aftale med konsulenten, decider: partskonsulent, of: once, status: indgået}
  rammen: {title: Væsentlige ændringer, decider: bestyrelse, of: changes}
  justering: {title: Justeringer, decider: partskonsulent, of: adjustments}
deliverables:
  - {title: Rapport, source: en rapport}
  - {title: Kompetenceprofiler, optional: true}
roles:
  sekretariat: {does: Betjener bestyrelsen}
"""
ACTS = """
  klyngemoede: {title: Klyngemøde, kind: cluster_meeting, in: drift / -, level: cross, who: projektkommune, count: 2}
  arbejde: {title: Arbejdet, kind: planning, in: drift / -, level: programme}
evaluations:
"""
GATES = """
  foer_start: {title: Godkendt, before: arbejde, strength: hard, scope: programme,
               needs: {activity: {key: beskrivelse, in: godkendt}, strength: hard}}
  foer_projekt: {title: Godkendt, before: projekt, strength: soft, scope: kommune,
                 needs: {activity: {key: beskrivelse, in: godkendt}, strength: soft}}
  foer_klynger: {title: Godkendt, before: klyngemoede, strength: hard, scope: programme,
                 needs: {activity: {key: regnskab, in: godkendt}, strength: hard}}
"""
TEXT = PROGRAMME.replace("roles:\n", PAPERS, 1).replace("\nevaluations:\n", ACTS) + GATES.strip("\n") + "\n"
FORM = "forloeb.dan_klynge"


def papers() -> Family:
    """Give a programme with something to approve, to deliver and to meet about."""
    return founded(TEXT)


def said(family: Family, number: int, name: str, **given: object) -> list[str]:
    """Send what is refused, and give the sentences."""
    with pytest.raises(Refused) as caught:
        family.send(number, name, **given)
    kind = family.snapshots[number].identity.kind
    return [refusal_text(one, family.compiled.workflow, kind) for one in caught.value.refusals]


def proposed(family: Family, *, material: bool) -> int:
    """Propose a change and give its number."""
    family.send(1, "forloeb.foreslaa_aendring", titel="Et år mere", vaesentlig=material, begrundelse="Forsinket")
    return max(family.children(1, "change"))


def test_what_is_approved_once_is_born_with_the_programme_and_with_each_kommune() -> None:
    """Each paper that somebody waits for is an instance; what is settled, and what is approved case by case, is not."""
    family, kommune = with_kommune(papers())
    keys = [family.snapshots[number].identity.key for number in family.children(1, "approval")]
    own = [family.snapshots[number].identity.key for number in family.children(kommune, "approval")]
    assert (keys, own) == (["beskrivelse", "regnskab"], ["projekt"])
    assert family.snapshots[family.id_of("beskrivelse")].data == {"besluttes_af": "Bestyrelsen"}


def test_an_approval_has_the_day_that_the_document_gives() -> None:
    """It is planned as activities are; without a day it is open."""
    family = papers()
    dates = family.snapshots[family.id_of("beskrivelse")].dates
    assert (dates.planned_start, dates.reason) == (date(2019, 5, 14), "Står i dokumentet: tirsdag den 14. maj 2019.")
    assert family.snapshots[family.id_of("regnskab")].dates.planned_start is None


def test_a_gate_waits_for_an_approval() -> None:
    """What stands behind it is refused until it is given, and the sentence says what is missing."""
    family = papers()
    start = family.id_of("arbejde")
    sentence = "»Projektbeskrivelse« er ikke godkendt endnu. Den er planlagt til tirsdag den 14. maj 2019."
    assert said(family, start, "begynd") == [sentence]
    family.send(family.id_of("beskrivelse"), "godkend")
    family.send(start, "begynd")


def test_a_gate_may_stand_before_an_approval() -> None:
    """A kommune's project is not approved before the whole of it; the checker finds nothing wrong with that."""
    family, kommune = with_kommune(papers())
    (project,) = family.children(kommune, "approval")
    assert refused(family, project, "godkend") == ["mangler_aktivitet"]
    family.send(family.id_of("beskrivelse"), "godkend")
    family.send(project, "godkend")
    assert [one for one in check(shipped_workflow(TEXT)) if one.severity == "error" and "gates" in one.path] == []


def test_a_rejected_paper_is_taken_up_again_on_another_day() -> None:
    """It counts a round; its former day is no longer when it was settled."""
    family = papers()
    number = family.id_of("beskrivelse")
    family.send(number, "forelaeg", dato="2019-05-14")
    family.send(number, "afvis", reason="Budgettet mangler")
    assert family.snapshots[number].dates.actual_end == date(2019, 1, 2)
    family.send(number, "forelaeg_igen", dato="2019-06-11", reason="Med budget")
    one = family.snapshots[number]
    assert (one.position["status"], one.data["runder"], one.dates.actual_end) == ("paa_moede", 1, None)
    family.send(number, "godkend", besluttet_af="bestyrelsen")


def test_written_hearing_is_only_where_the_document_foresees_it() -> None:
    """And then those who decide hear of it; silence until the day approves nothing, but reminds the secretary."""
    family = papers()
    one, other = family.id_of("beskrivelse"), family.id_of("regnskab")
    sentence = "»Regnskab« kan ikke sendes i skriftlig høring efter programmets dokument. Sæt det på et møde."
    assert said(family, other, "send_i_hoering", dato="2019-04-01") == [sentence]
    decision = family.send(one, "send_i_hoering", dato="2019-04-01")
    assert [(nudge.template, nudge.role) for nudge in decision.nudges] == [("hoering_begyndt", "bestyrelse")]
    family.tick(at("2019-04-10"))
    mails = [(nudge.template, nudge.role) for (number, _), nudge in family.outbox.items() if number == one]
    assert mails[1:] == [
        ("hoering_slutter_snart", "bestyrelse"),
        ("hoering_slutter_snart", "sekretariat"),
        *[("hoering_er_slut", "sekretariat")] * 2,
    ]
    assert family.snapshots[one].position["status"] == "i_hoering"


def test_only_the_right_one_approves() -> None:
    """Written as a key, a title or in the definite; where the document names nobody of ours, its words count."""
    family = papers()
    one, other = family.id_of("beskrivelse"), family.id_of("regnskab")
    sentence = "»Projektbeskrivelse« besluttes af Bestyrelsen; Partskonsulenten kan ikke beslutte det."
    assert said(family, one, "godkend", besluttet_af="Partskonsulenten") == [sentence]
    family.send(one, "godkend", besluttet_af="BESTYRELSE")
    assert refused(family, other, "afvis", besluttet_af="en kommune", reason="x") == ["forkert_beslutter"]
    family.send(other, "afvis", besluttet_af="bestyrelsen", reason="x")


def test_a_material_change_is_not_decided_by_those_who_lead() -> None:
    """The refusal names the body; the body itself decides, and history keeps who did."""
    family = papers()
    number = proposed(family, material=True)
    assert family.snapshots[number].data["besluttes_af"] == "Bestyrelsen"
    sentence = "»Væsentlige ændringer« besluttes af Bestyrelsen; partskonsulent kan ikke beslutte det."
    assert said(family, number, "godkend", besluttet_af="partskonsulent") == [sentence]
    assert refused(family, number, "send_i_hoering", dato="2019-04-01") == ["ingen_hoering"]
    family.send(number, "forelaeg", dato="2019-04-01")
    family.send(number, "godkend", besluttet_af="Bestyrelsen")
    assert family.snapshots[number].data["besluttet_af"] == "Bestyrelsen"


def test_an_adjustment_is_decided_where_it_belongs_or_above() -> None:
    """The role may, and so may the body that decides on more than that; nobody else."""
    family = papers()
    for who in ("partskonsulent", "Bestyrelsen"):
        family.send(proposed(family, material=False), "godkend", besluttet_af=who)
    number = proposed(family, material=False)
    assert refused(family, number, "afvis", besluttet_af="En kommune", reason="x") == ["forkert_beslutter"]
    assert refused(family, number, "godkend") == ["mangler_oplysning"]


def test_without_words_about_changes_whoever_decides_is_recorded() -> None:
    """A document that says nothing of who may change it holds nobody up."""
    family = founded()
    family.send(proposed(family, material=True), "send_i_hoering", dato="2019-04-01")
    family.send(proposed(family, material=True), "godkend", besluttet_af="Projektlederen")


def test_a_change_that_nobody_decides_on_is_asked_for() -> None:
    """Those who answer for the programme hear of it, three times at most, then the project leader, once."""
    family = papers()
    number = proposed(family, material=False)
    family.tick(at("2019-06-01"))
    told = [mail.template for (one, _), mail in family.outbox.items() if one == number]
    assert told == ["aendring_venter"] * 3 + ["ikke_afgjort"]


def test_deliverables_are_born_with_the_programme_and_come_to_an_end() -> None:
    """Each has a number, and is approved after it was delivered; one that was sent back counts a round."""
    family = papers()
    first, second = family.children(1, "deliverable")
    assert family.snapshots[second].title == "Kompetenceprofiler (valgfri)"
    assert [family.snapshots[one].identity.key for one in (first, second)] == ["leverance_1", "leverance_2"]
    family.send(first, "lever", dokumenter=["Sag 19/1"], udgave="1.0")
    family.send(first, "send_tilbage", reason="Kapitel 3 mangler")
    family.send(first, "lever", udgave="1.1")
    family.send(first, "godkend")
    assert family.snapshots[first].data == {"dokumenter": ["Sag 19/1"], "udgave": "1.1", "runder": 1}


def clustered() -> tuple[Family, int]:
    """Give a programme with a cluster of two kommuner."""
    family, _ = with_kommune(papers())
    with_kommune(family, "0147")
    family.send(family.id_of("regnskab"), "godkend")
    family.send(1, FORM, titel="Øst", kommuner=["0101", "0147"], tema="Sygedage")
    return family, family.children(1, "cluster")[0]


def test_a_cluster_bears_its_own_meetings() -> None:
    """The programme has none; those of each cluster have keys of their own, and are planned like all others."""
    family, cluster = clustered()
    family.send(1, FORM, titel="Igen", kommuner=["0101"], override=True, reason="To temaer")
    numbers = [one for parent in family.children(1, "cluster") for one in family.children(parent, "meeting")]
    keys = [family.snapshots[one].identity.key for one in numbers]
    assert len(set(keys)) == 4 and {key.partition("#")[0] for key in keys} == {"klyngemoede"}
    assert family.decisions[-1][1].steps and set(family.replan()) == set(numbers)
    assert family.snapshots[family.children(cluster, "meeting")[0]].data == {}


def test_a_cluster_waits_for_what_its_meetings_wait_for() -> None:
    """The gate in front of the meetings stands in front of the clusters."""
    family, _ = with_kommune(papers())
    assert refused(family, 1, FORM, titel="Øst", kommuner=["0101"]) == ["mangler_aktivitet"]


def test_a_cluster_is_made_of_those_who_take_part_and_are_in_no_other() -> None:
    """Who is not in the programme cannot be in it; who is in another may be, with a reason."""
    family, _ = clustered()
    assert refused(family, 1, FORM, titel="Vest", kommuner=["0851"]) == ["ikke_med_i_programmet"]
    assert refused(family, 1, FORM, titel="Vest", kommuner=["0147"]) == ["allerede_i_klynge"]
    sentences = said(family, 1, FORM, titel="Vest", kommuner=["0851", "0147"])
    assert sentences[1] == "Kommune 0147 er allerede med i en anden klynge."


def test_a_meeting_more_is_added_to_the_cluster_alone() -> None:
    """Its members are called to it; under the programme there is no such activity."""
    family, cluster = clustered()
    assert refused(family, cluster, "tilfoej_moede", aktivitet="klyngemoede") == ["loftet_er_naaet"]
    family.send(family.children(cluster, "meeting")[0], "aflys", reason="x")
    family.send(cluster, "tilfoej_moede", aktivitet="klyngemoede", dato="2019-05-06")
    assert refused(family, 1, "forloeb.tilfoej_aktivitet", aktivitet="klyngemoede") == ["andet_niveau"]
    family.send(cluster, "ret_medlemmer", kommuner=["0147"], reason="København er gået ud")
    meeting = max(family.children(cluster, "meeting"))
    invited = family.send(meeting, "indkald").nudges
    assert {tuple(nudge.values["kommuner"]) for nudge in invited} == {("0147",)}  # type: ignore[arg-type]


def test_kommuner_are_held_apart_from_clusters_with_a_reason() -> None:
    """Where the purpose is better met in another way, nobody asks again."""
    family, _ = with_kommune(papers())
    assert refused(family, 1, "forloeb.undtag_fra_klynger", uden_for_klynger=["0101"]) == ["mangler_begrundelse"]
    family.send(1, "forloeb.undtag_fra_klynger", uden_for_klynger=["0101"], reason="Projektet er færdigt")
    assert family.snapshots[1].data["uden_for_klynger"] == ["0101"]


def test_the_requirement_of_approvals_belongs_to_what_is_approved() -> None:
    """Elsewhere it could never be met, and the author hears so."""
    workflow = shipped_workflow(TEXT)
    meeting = workflow.machines["meeting"]
    region = meeting.regions["status"]
    wrong = region.moves["afhold"].model_copy(
        update={"needs": workflow.machines["approval"].regions["status"].moves["godkend"].needs}
    )
    moves = {**region.moves, "afhold": wrong}
    machine = meeting.model_copy(update={"regions": {"status": region.model_copy(update={"moves": moves})}})
    found = check(workflow.model_copy(update={"machines": {**workflow.machines, "meeting": machine}}))
    assert [one.rule for one in found if "approval" in one.message] == ["cannot-hold"]
