"""What a kommune chooses: from lists of the document, among offers with prices, and within a frame for trades."""

from __future__ import annotations

import pytest
from samskabt.engine.choosing.frames import price_of, taken_of
from samskabt.engine.choosing.lists import options_of
from samskabt.engine.definition.assembling.features import with_features
from samskabt.engine.errors import InvalidInput, NotFound, Refused
from samskabt.engine.options import ending_event
from samskabt.engine.refusals import refusal_text
from samskabt.engine.values import Json

from .cohort_cases import COHORT, chosen, cohort, cohort_compiled, enrol
from .core_cases import Family, at, refused, shipped_workflow

FOCUS = "forloeb.vaelg_fokusomraader"


def started() -> tuple[Family, int]:
    """Give a kommune that takes part and has had its first dialogue."""
    family = cohort()
    (kommune,) = chosen(family, "0101")
    family.now = at("2016-11-20")
    family.send(family.id_of("dialog", kommune), "afhold")
    return family, kommune


def sentence(family: Family, number: int, event: str, **data: object) -> str:
    """Try an event and give the first refusal in Danish."""
    with pytest.raises(Refused) as caught:
        family.send(number, event, **data)
    return refusal_text(caught.value.refusals[0], family.compiled.workflow, "kommune")


def test_each_kommune_chooses_for_itself_after_the_first_dialogue() -> None:
    """Before it the choice is refused softly, afterwards it stands; what others choose has no event."""
    family = cohort()
    (kommune,) = chosen(family, "0101")
    assert refused(family, kommune, FOCUS, fokusomraader=["unge"]) == ["mangler_aktivitet"]
    other, number = started()
    goals = {"unge": "Ti færre ledige"}
    data = other.send(number, FOCUS, fokusomraader=["unge", "flygtninge"], fokusomraader_maal=goals).data
    assert (data["fokusomraader"], data["fokusomraader_maal"]) == (["unge", "flygtninge"], goals)
    events = other.compiled.machine("kommune").events
    assert "forloeb.vaelg_temaer" in events and "forloeb.vaelg_rammer" not in events
    with pytest.raises(NotFound, match="temaer_maal"):
        other.send(number, "forloeb.vaelg_temaer", temaer=["kvalitet"], temaer_maal={})


def test_what_is_chosen_stands_on_the_list_and_in_the_number() -> None:
    """Something else, too many, twice the same, a goal for what was not chosen: each is said."""
    family, kommune = started()
    assert refused(family, kommune, FOCUS, fokusomraader=["gamle"]) == ["ikke_paa_listen"]
    three = ["unge", "langtidsledige", "flygtninge"]
    assert sentence(family, kommune, FOCUS, fokusomraader=three) == "Vælg 1-2 (Fokusområder); der er valgt 3."
    assert refused(family, kommune, FOCUS, fokusomraader=["unge", "unge"]) == ["valgt_to_gange"]
    goals = {"flygtninge": "Flere i job"}
    codes = refused(family, kommune, FOCUS, fokusomraader=["unge"], fokusomraader_maal=goals)
    assert codes == ["ikke_paa_listen"]
    assert refused(family, kommune, FOCUS) == ["mangler_oplysning"]
    said = sentence(family, kommune, FOCUS, fokusomraader=["gamle"])
    assert said.endswith("Der kan vælges: »unge«, »langtidsledige« og »flygtninge«.")


def test_an_open_list_takes_others_too() -> None:
    """The document says: these themes or quite other ones."""
    family, kommune = started()
    data = family.send(kommune, "forloeb.vaelg_temaer", temaer=["noget helt andet"]).data
    assert data["temaer"] == ["noget helt andet"]


def test_the_activity_that_a_choice_is_made_in_is_done_with_it() -> None:
    """Nobody has to say twice that the themes are chosen; chosen anew, nothing more happens."""
    family, kommune = started()
    task = family.id_of("temavalg", kommune)
    decision = family.send(kommune, "forloeb.vaelg_temaer", temaer=["kvalitet"])
    assert decision.ends == (task,) and family.snapshots[task].position == {"status": "afsluttet"}
    assert family.send(kommune, "forloeb.vaelg_temaer", temaer=["styring"]).ends == ()


def test_what_cannot_be_done_has_no_event_for_it() -> None:
    """A task that is over, and a kommune, which has no days of its own."""
    compiled = cohort_compiled()
    assert ending_event(compiled, "task", {"status": "venter"}) == "afslut"
    assert ending_event(compiled, "meeting", {"status": "planlagt"}) == "afhold"
    assert ending_event(compiled, "task", {"status": "udgaaet"}) is None


def test_goals_are_a_mapping_of_texts() -> None:
    """Anything else is no goal."""
    family, kommune = started()
    for value in ("Ti færre", ["Ti færre"], {"unge": 10}):
        with pytest.raises(InvalidInput, match=r"fokusomraader_maal|is a text"):
            family.send(kommune, FOCUS, fokusomraader=["unge"], fokusomraader_maal=value)


def test_goals_need_a_choice_that_stands() -> None:
    """Where nothing was chosen before, there is nothing to set a goal for."""
    family, kommune = started()
    codes = refused(family, kommune, FOCUS, fokusomraader=None, fokusomraader_maal={"unge": "Ti færre"})
    assert codes == ["mangler_oplysning", "ikke_paa_listen"]


def test_the_form_is_given_with_the_enrolment_and_has_room_for_so_many_lines() -> None:
    """Its entries are fields of the kommune; a text that is too long is refused with its limit."""
    family = cohort()
    fields = family.compiled.machine("kommune").fields
    assert [name for name in fields if name.startswith("skema_")] == [
        "skema_baggrund", "skema_saerlige_forhold_tidsmaessig_placering", "skema_kontaktperson",
    ]  # fmt: skip
    assert (fields["skema_baggrund"].title, fields["skema_baggrund"].lines) == ("Baggrund", 2)
    number = enrol(family, "0101", skema_baggrund="En linje\nog en til", skema_kontaktperson="Chefen")
    assert family.snapshots[number].data["skema_baggrund"] == "En linje\nog en til"
    with pytest.raises(InvalidInput, match="at most 2 lines, not 3"):
        enrol(family, "0147", skema_baggrund="a\nb\nc")


def test_a_form_entry_without_letters_is_no_field() -> None:
    """A line of the form that only holds dots or the kommune itself asks for nothing."""
    fields = cohort_compiled(COHORT.replace("form_fields: [Kommune,", "form_fields: [Kommune, '...',"))
    assert len([name for name in fields.machine("kommune").fields if name.startswith("skema_")]) == 3


def test_a_machine_that_has_nothing_to_gain_or_lose_is_left_as_it_is() -> None:
    """The method's challenge is the same machine before and after."""
    workflow = shipped_workflow()
    challenge = workflow.machines["challenge"]
    assert with_features(challenge, "challenge", workflow.programme) is challenge


def test_an_offer_brings_its_activities_and_its_price() -> None:
    """Taken up, its activity is born in that kommune; the price adds up, and one without a number is told."""
    family, kommune = started()
    before = price_of(family.compiled, family.snapshots[kommune].data)
    assert (before.total, before.taken) == (170_000, ())
    decision = family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert [birth.key for birth in decision.births] == ["gennemgang"] and decision.replan
    family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="analyse")
    price = price_of(family.compiled, family.snapshots[kommune].data)
    assert (price.total, [offer.title for offer in price.unpriced]) == (265_000, ["Analyse af borgergrupper"])
    assert taken_of(family.snapshots[kommune].data) == ("sager", "analyse")


def test_a_gate_may_ask_for_an_activity_only_where_there_is_one() -> None:
    """Who has bought the case review holds the workshop after it; the others do not wait for it."""
    gate = """
  gennemgang_foerst:
    {title: T, before: workshop, strength: soft, scope: kommune, needs: [{activity: gennemgang}, {activity: interview}]}
"""
    family = cohort(COHORT.rstrip("\n") + gate)
    (kommune,) = chosen(family, "0101")
    workshop = family.id_of("workshop", kommune)
    before = waited_for(family, workshop)
    family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert waited_for(family, workshop) == [*before, "Gennemgang af sager"]


def waited_for(family: Family, number: int) -> list[Json]:
    """List the activities that stand in the way of a meeting."""
    with pytest.raises(Refused) as caught:
        family.send(number, "afhold")
    return [one.values["activity"] for one in caught.value.refusals if one.code == "mangler_aktivitet"]


def test_an_offer_is_taken_up_once_and_is_one_of_them() -> None:
    """Twice, one that there is not, or none at all."""
    family, kommune = started()
    family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert refused(family, kommune, "forloeb.tilvaelg_tilbud", tilbud="sager") == ["tilbud_er_valgt"]
    assert refused(family, kommune, "forloeb.tilvaelg_tilbud", tilbud="guld") == ["ikke_paa_listen"]
    assert refused(family, kommune, "forloeb.tilvaelg_tilbud") == ["mangler_oplysning"]
    assert refused(family, kommune, "forloeb.fravaelg_tilbud", tilbud="analyse", reason="x") == ["tilbud_er_ikke_valgt"]


def test_an_offer_that_is_dropped_takes_its_activity_with_it_until_it_has_begun() -> None:
    """Called off with the reason; taken up again it is a new one; once it has begun it stays, and so does the price."""
    family, kommune = started()
    family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    family.send(kommune, "forloeb.fravaelg_tilbud", tilbud="sager", reason="For dyrt")
    assert family.snapshots[family.id_of("gennemgang", kommune)].position == {"status": "udgaaet"}
    assert family.snapshots[kommune].data.get("tilvalg") is None
    decision = family.send(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert [birth.key for birth in decision.births] == ["gennemgang#2"]
    family.send(family.id_of("gennemgang#2", kommune), "begynd")
    said = sentence(family, kommune, "forloeb.fravaelg_tilbud", tilbud="sager", reason="For dyrt")
    assert said == "»Gennemgang af sager« kan ikke fravælges, fordi »Gennemgang af sager« er begyndt."


def test_the_activities_of_an_offer_are_not_added_one_by_one() -> None:
    """They come with the offer, so that the price does."""
    family, kommune = started()
    said = sentence(family, kommune, "forloeb.tilfoej_aktivitet", aktivitet="gennemgang")
    assert said == "»Gennemgang af sager« hører til tilbuddet »Gennemgang af sager«; vælg tilbuddet til."


def test_a_price_that_nothing_gives_is_none() -> None:
    """Neither a number for taking part nor one for an offer: there is no total."""
    compiled = cohort_compiled(COHORT.replace("economy: {price_dkk: 170000, vat: ekskl. moms}", "economy: {}"))
    assert price_of(compiled, {"tilvalg": ["analyse", "ukendt"]}).total is None


def test_activities_are_traded_within_the_frame() -> None:
    """Three workshops are born: one interview fits, a second does not, until a workshop is called off."""
    family, kommune = started()
    family.send(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    said = sentence(family, kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    assert said == (
        "Involvering sker inden for rammen: der kan højst holdes 4 i alt af »Interview« og »Workshop«, og der er 4. "
        "Aflys en af dem, hvis I vil bytte."
    )
    assert refused(family, kommune, "forloeb.tilfoej_aktivitet", aktivitet="workshop") == ["rammen_er_brugt"]
    family.send(family.id_of("workshop", kommune), "aflys", reason="Byttet til et interview")
    family.send(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    family.send(family.id_of("workshop#2", kommune), "aflys", reason="Byttet til et interview")
    family.send(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    family.send(family.id_of("workshop#3", kommune), "aflys", reason="Byttet til et interview")
    assert refused(family, kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview") == ["loftet_er_naaet"]
    assert family.send(kommune, "forloeb.tilfoej_aktivitet", aktivitet="workshop").births[0].key == "workshop#4"


def test_the_lists_that_a_field_may_be_held_to() -> None:
    """A choice of the document, its waves, its offers; a name that is none of them holds nothing."""
    compiled = cohort_compiled()
    assert options_of(compiled, "waves") == ("foerste", "anden") and options_of(compiled, "offers")[0] == "sager"
    assert options_of(compiled, "fokusomraader")[0] == "unge" and options_of(compiled, "ukendt") == ()
