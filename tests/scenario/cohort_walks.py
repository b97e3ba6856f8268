"""Walks through the frame's own kommune, with faser of its own, choices, offers and a waiting list."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from samskabt.runtime.usecases.programmes import Workflows
from samskabt.workflows.catalogue import Catalogue

from .world import ME, Attempt, World, open_world

KEY = "samlet-program"
DOCUMENT = Path(__file__).parents[1] / "data" / f"{KEY}.yaml"
ENROLLING = datetime(2016, 9, 1, 8, tzinfo=UTC)
WHY = "Aftalt med kommunen"
FOCUS = "forloeb.vaelg_fokusomraader"
NAMES = ("Greve", "Aarhus", "Læsø", "Ballerup", "Brøndby", "København")


def cohort_workflows() -> Workflows:
    """Give the shipped workflows and the small one of the tests."""
    return Catalogue.shipped().with_files([DOCUMENT])


def open_cohort(url: str, workflows: Workflows) -> World:
    """Start the programme in a new database, open for enrolment, with everybody's role given to somebody."""
    world = open_world(url, workflows, ENROLLING)
    world.programme = world.engine.programmes.start(KEY, actor=ME).instance_id
    world.do(world.programme, "forloeb.aabn_tilmelding")
    for role in ("konsulent", "projektleder", "kontaktperson", "chef"):
        person = world.engine.people.add(role.capitalize(), f"{role}@eksempel.example")
        world.engine.people.assign(person, role, programme_id=world.programme)
    return world


def enrol(world: World, *names: str, **data: bool | str) -> list[int]:
    """Enrol kommuner, one a day."""
    for name in names:
        world.engine.programmes.enrol(world.programme, name, actor=ME, data=data)
        world.attempts.append(Attempt("programme", KEY, "forloeb.tilmeld_kommune"))
    return [world.kommune(name) for name in names]


def closing(world: World) -> None:
    """Go to the day after the deadline."""
    world.move_to(date(2016, 10, 17))


def end(world: World, kommune: int, name: str) -> None:
    """End the opstart of a kommune in order: its meeting and its task first, where they are not over."""
    for key, event in (("dialog", "afhold"), ("temavalg", "afslut")):
        if world.state(world.activity(key, name)) in ("afventer", "planlagt", "indkaldt", "venter", "i_gang"):
            world.do(world.activity(key, name), event)
    world.do(kommune, "fase_opstart.afslut")


def places(world: World) -> None:
    """Walk enrolment with and without a condition: chosen, in line, declined, gone, rejected and approved."""
    first, second, third, fourth, fifth, sixth = enrol(world, *NAMES)
    assert world.refused(first, "forloeb.vaelg") == {"fristen_er_ikke_udloebet"}
    closing(world)
    for kommune in (first, second, third):
        world.do(kommune, "forloeb.vaelg")
    for kommune in (fourth, fifth, sixth):
        world.do(kommune, "forloeb.saet_paa_venteliste")
    assert world.refused(fourth, "forloeb.vaelg") == {"ingen_plads"}
    assert world.refused(fourth, "forloeb.traek") == {"mangler_begrundelse"}
    world.do(fourth, "forloeb.vaelg", override=True, reason=WHY)
    world.do(fifth, "forloeb.fravaelg")
    world.do(sixth, "forloeb.traek", reason=WHY)
    world.do(first, "forloeb.traek", reason=WHY)
    assert world.refused(second, "forloeb.gennemfoer") == {"stadig_aabent"}
    world.do(second, "forloeb.gennemfoer", override=True, reason=WHY)


def conditions(world: World) -> None:
    """Walk the political approval: rejected wherever the kommune stands, or approved."""
    numbers = enrol(world, *NAMES, forbehold=True)
    plain = enrol(world, "Vejle")[0]
    closing(world)
    world.do(numbers[0], "forloeb.vaelg")
    world.do(numbers[1], "forloeb.saet_paa_venteliste")
    for number in numbers[:3]:
        assert world.refused(number, "forbehold.afvis_politisk") == {"mangler_begrundelse"}
        world.do(number, "forbehold.afvis_politisk", reason="Udvalget sagde nej")
    world.do(numbers[3], "forloeb.traek", reason=WHY)
    world.do(numbers[4], "forloeb.fravaelg")
    world.do(numbers[5], "forbehold.godkend_politisk")
    assert world.refused(plain, "forbehold.godkend_politisk") == {"ikke_muligt_nu"}


def waves(world: World) -> None:
    """Walk the waves from wherever a kommune may be given one."""
    enrolled, waiting, chosen = enrol(world, *NAMES[:3])
    closing(world)
    world.do(waiting, "forloeb.saet_paa_venteliste")
    world.do(chosen, "forloeb.vaelg")
    for number in (enrolled, waiting, chosen):
        assert world.refused(number, "forloeb.saet_boelge", reason=WHY) == {"mangler_oplysning"}
        assert world.refused(number, "forloeb.saet_boelge", boelge="anden") == {"mangler_begrundelse"}
        world.do(number, "forloeb.saet_boelge", boelge="anden", reason=WHY)
    dialogue = world.engine.show(world.activity("dialog", NAMES[2]))
    assert dialogue.dates.planned_start == date(2017, 1, 10)


def a_kommune(world: World) -> None:
    """Walk one kommune from its first fase to its last, with its choices, its offers and its trades."""
    name = NAMES[0]
    (greve,) = enrol(world, name)
    for fase in ("opstart", "udvikling", "justering"):
        assert "forkert_tilstand" in world.refused(greve, f"fase_{fase}.begynd")
    closing(world)
    world.do(greve, "forloeb.vaelg")
    assert world.refused(greve, FOCUS, fokusomraader=["unge"]) == {"mangler_aktivitet"}
    assert world.refused(greve, FOCUS) == {"mangler_oplysning", "mangler_aktivitet"}
    assert world.refused(greve, "forloeb.vaelg_temaer") == {"mangler_oplysning"}
    world.do(greve, "forloeb.vaelg_temaer", temaer=["kvalitet", "noget andet"])
    assert world.refused(world.activity("workshop", name), "afhold") == {"mangler_aktivitet", "forkert_tilstand"}
    world.do(greve, "fase_opstart.begynd")
    assert world.refused(greve, "fase_opstart.afslut") == {"mangler_aktivitet"}
    for fase in ("udvikling", "justering"):
        assert "forkert_tilstand" in world.refused(greve, f"fase_{fase}.begynd")
    world.do(world.activity("dialog", name), "afhold")
    world.do(greve, FOCUS, fokusomraader=["unge"], fokusomraader_maal={"unge": "Ti færre ledige"})
    end(world, greve, name)
    world.do(greve, "fase_udvikling.begynd")
    world.do(world.activity("workshop", name), "afhold")
    offers(world, greve, name)
    assert world.refused(greve, "fase_udvikling.afslut") == {"mangler_aktivitet"}
    world.do(greve, "fase_udvikling.afslut", override=True, reason=WHY)
    world.do(greve, "fase_justering.begynd")
    world.do(greve, "fase_justering.afslut")  # nothing belongs to it
    world.do(greve, "forloeb.gennemfoer", override=True, reason=WHY)


def offers(world: World, kommune: int, name: str) -> None:
    """Walk offers that are taken up and dropped, and trades within the frame."""
    assert world.refused(kommune, "forloeb.tilvaelg_tilbud") == {"mangler_oplysning"}
    world.do(kommune, "forloeb.tilvaelg_tilbud", tilbud="sager")
    assert world.refused(kommune, "forloeb.fravaelg_tilbud", tilbud="sager") == {"mangler_begrundelse"}
    assert world.refused(kommune, "forloeb.fravaelg_tilbud", reason=WHY) == {"mangler_oplysning"}
    world.do(kommune, "forloeb.fravaelg_tilbud", tilbud="sager", reason=WHY)
    assert world.state(world.activity("gennemgang", name)) == "udgaaet"
    assert world.refused(kommune, "forloeb.tilfoej_aktivitet") == {"mangler_oplysning"}
    world.do(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")
    assert world.refused(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview") == {"rammen_er_brugt"}
    world.do(world.activity("workshop#3", name), "aflys", reason="Byttet til et interview")
    world.do(kommune, "forloeb.tilfoej_aktivitet", aktivitet="interview")


def quorum(world: World) -> None:
    """Walk the network meeting: shut, opened by the second of three, or by one that leaves."""
    numbers = enrol(world, *NAMES[:3])
    closing(world)
    for number in numbers:
        world.do(number, "forloeb.vaelg")
        world.do(number, "fase_opstart.begynd")
    meeting = world.activity("netvaerk")
    end(world, numbers[0], NAMES[0])
    assert world.refused(meeting, "afhold", override=True, reason=WHY) == {"for_faa_kommuner"}
    world.do(numbers[1], "forloeb.traek", reason=WHY)
    assert world.refused(meeting, "afhold") == {"for_faa_kommuner"}
    end(world, numbers[2], NAMES[2])
    world.do(meeting, "indkald")
    world.do(meeting, "afhold")
