"""A programme of many kommuner lived through on a real database: places, an uncertain day, prices, and few mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Intent
from samskabt.runtime import views
from samskabt.runtime.doctor import examine
from samskabt.runtime.views.board import board_of
from samskabt.runtime.views.sheet import sheet_of
from samskabt.runtime.views.upcoming import agenda

from .cohort_walks import NAMES, closing, cohort_workflows, end, enrol, open_cohort
from .world import ME, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give the programme, open for enrolment."""
    found = open_cohort(f"sqlite:///{tmp_path / 'mange.db'}", cohort_workflows())
    yield found
    found.engine.close()


def places(world: World) -> dict[str, str]:
    """Say how each kommune stands, in words."""
    return {row.name: row.state_title for row in board_of(world.engine, world.programme).kommuner}


def mails(world: World, template: str) -> list[str]:
    """List the roles that mails of a text went to."""
    return [row.role for row in views.outbox(world.engine, world.programme) if row.template == template]


def test_those_who_enrol_first_are_chosen_and_the_others_wait_in_line(world: World) -> None:
    """Five want three places: choosing proposes, does, and does the same again when a place is free."""
    enrol(world, "Greve", "Aarhus", "Læsø", "Ballerup", "Brøndby")
    closing(world)
    proposal = world.engine.programmes.propose(world.programme)
    assert [one.kommune.name for one in proposal.chosen] == ["Greve", "Aarhus", "Læsø"]
    assert places(world)["Greve"] == "Tilmeldt"
    world.engine.programmes.choose(world.programme, actor=ME)
    assert places(world) == {
        "Greve": "Deltager", "Aarhus": "Deltager", "Læsø": "Deltager",
        "Ballerup": "På venteliste (nr. 1)", "Brøndby": "På venteliste (nr. 2)",
    }  # fmt: skip
    world.engine.programmes.withdraw(world.kommune("Aarhus"), reason="Ny ledelse", actor=ME)
    assert mails(world, "ledig_plads") == ["projektleder"]
    world.engine.programmes.choose(world.programme, actor=ME)
    assert places(world)["Ballerup"] == "Deltager" and places(world)["Brøndby"] == "På venteliste (nr. 1)"


def test_choosing_again_when_nothing_is_free_changes_nobody(world: World) -> None:
    """Those in line stay in line, and get no second mail."""
    enrol(world, *NAMES[:5])
    closing(world)
    world.engine.programmes.choose(world.programme, actor=ME)
    before = places(world)
    assert world.engine.programmes.choose(world.programme, actor=ME).outcomes == ()
    assert places(world) == before and len(mails(world, "paa_venteliste")) == 2


def test_a_form_a_condition_and_a_wave_come_with_the_enrolment(world: World) -> None:
    """They are stored and shown; what the programme does not ask for, and a text that is too long, are refused."""
    (greve,) = enrol(world, "Greve", forbehold=True, boelge="anden", skema_baggrund="Mange unge ledige")
    fields = {field.title: field.text for field in sheet_of(world.engine, greve).fields}
    assert fields["Baggrund"] == "Mange unge ledige" and fields["Bølge"] == "anden"
    assert world.state(greve, "forbehold") == "afventer"
    with pytest.raises(InvalidInput, match="at most 2 lines"):
        world.engine.programmes.enrol(world.programme, "Aarhus", actor=ME, data={"skema_baggrund": "a\nb\nc"})


def test_a_rejection_ends_what_the_kommune_had(world: World) -> None:
    """The process ends with its reason, its meetings are called off and its people get no more mails."""
    (greve,) = enrol(world, "Greve", forbehold=True)
    person = world.engine.people.add("Lokal", "lokal@eksempel.example")
    world.engine.people.assign(person, "chef", programme_id=world.programme, kommune="0253")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    world.do(greve, "forbehold.afvis_politisk", reason="Udvalget sagde nej")
    assert places(world)["Greve"] == "Har trukket sig"
    assert world.state(world.activity("dialog", "Greve")) == "aflyst"


def test_the_network_meeting_waits_for_the_majority_and_says_so(world: World) -> None:
    """Agenda and sheet mark the day; one mail ten working days before; one when it opens too late; then it is held."""
    names = ("Greve", "Aarhus", "Læsø")
    numbers = enrol(world, *names)
    closing(world)
    world.engine.programmes.choose(world.programme, actor=ME)
    world.do(world.programme, "forloeb.luk_tilmelding")
    for number in numbers:
        world.do(number, "fase_opstart.begynd")
    end(world, numbers[0], names[0])
    meeting = world.activity("netvaerk")
    world.live_until(date(2017, 1, 9))
    (row,) = [one for one in agenda(world.engine, world.programme).coming if one.id == meeting]
    assert "mindst 2 af de 3; det gør den i 1. Mangler: Aarhus og Læsø." in row.uncertain
    assert sheet_of(world.engine, meeting).uncertain == row.uncertain
    assert mails(world, "dagen_er_usikker") == ["konsulent"]
    world.live_until(date(2017, 2, 6))
    end(world, numbers[1], names[1])
    assert mails(world, "saet_ny_dato") == ["konsulent"]
    end(world, numbers[2], names[2])
    assert len(mails(world, "saet_ny_dato")) == 1 and sheet_of(world.engine, meeting).uncertain == ""
    world.engine.reschedule(meeting, date(2017, 2, 21), actor=ME)
    world.do(meeting, "indkald")
    world.live_until(date(2017, 2, 22))
    world.do(meeting, "afhold")
    assert mails(world, "dagen_er_usikker") == ["konsulent"]
    phases = {one.key: one.state_title for one in board_of(world.engine, world.programme).phases}
    assert phases["opstart"] == "afsluttet i 3 af 3 kommuner" and phases["udvikling"].startswith("afsluttet i 0 af 3")
    (found,) = [one.faser for one in board_of(world.engine, world.programme).kommuner if one.name == "Greve"]
    assert [cell.state_title for cell in found] == ["Afsluttet", "Venter", "Venter"]
    assert examine(world.engine).findings == ()


def test_a_kommune_that_leaves_may_open_the_gate_after_the_day(world: World) -> None:
    """One of three has finished; two leave in February: the responsible is asked for a new day, once."""
    numbers = enrol(world, *NAMES[:3])
    closing(world)
    for number in numbers:
        world.do(number, "forloeb.vaelg")
        world.do(number, "fase_opstart.begynd")
    end(world, numbers[0], NAMES[0])
    world.live_until(date(2017, 2, 6))
    world.do(numbers[1], "forloeb.traek", reason="Ingen tid")
    assert mails(world, "saet_ny_dato") == []
    world.do(numbers[2], "forloeb.traek", reason="Ingen tid")
    assert mails(world, "saet_ny_dato") == ["konsulent"]


def test_what_taking_part_costs_is_shown(world: World) -> None:
    """The price of the programme, the offers with theirs, and the total; nothing for what is no kommune."""
    (greve,) = enrol(world, "Greve")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    assert sheet_of(world.engine, greve).prices == (
        ("Deltagelse", "170.000 kr."),
        ("I alt", "170.000 kr. ekskl. moms"),
    )
    for offer in ("sager", "analyse"):
        world.do(greve, "forloeb.tilvaelg_tilbud", tilbud=offer)
    prices = dict(sheet_of(world.engine, greve).prices)
    assert prices["Analyse af borgergrupper"] == "afhænger af indholdet"
    assert prices["I alt"] == "265.000 kr. ekskl. moms, dertil det, der ikke har en fast pris"
    assert sheet_of(world.engine, world.programme).prices == ()
    world.do(greve, "forloeb.fravaelg_tilbud", tilbud="sager", reason="For dyrt")
    assert world.state(world.activity("gennemgang", "Greve")) == "udgaaet"


def test_a_choice_ends_the_task_that_it_is_made_in(world: World) -> None:
    """Themes are chosen: the task of choosing them is done, by whoever chose, and what hangs on it is planned anew."""
    (greve,) = enrol(world, "Greve")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    world.do(greve, "forloeb.vaelg_temaer", temaer=["kvalitet"])
    assert world.state(world.activity("temavalg", "Greve")) == "afsluttet"
    world.do(greve, "forloeb.vaelg_temaer", temaer=["styring"])


def test_nobody_is_invited_by_a_gate(world: World) -> None:
    """Inviting before the gate is met is for people to decide: it is not refused, and the day stays marked."""
    (greve,) = enrol(world, "Greve")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    meeting = world.activity("netvaerk")
    world.do(meeting, "indkald")
    invited = [row for row in views.outbox(world.engine, world.programme) if row.intent == Intent.INVITATION]
    assert invited and sheet_of(world.engine, meeting).uncertain
