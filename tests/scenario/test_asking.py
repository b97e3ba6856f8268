"""What do we lack: the library and the command line say what is missing, who can mend it, and draft the mails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from samskabt.engine.errors import NotFound, Refused

from ..command_line import CommandLine, live_programme
from .walks import WHY
from .world import World


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """Give a command line on a programme in October 2019; only for looking."""
    yield live_programme(tmp_path_factory.mktemp("spoerg") / "samskabt.db")


def person(world: World, name: str, role: str, kommune: str | None = "0253") -> None:
    """Give somebody a role in Greve, or in the programme."""
    number = world.engine.people.add(name, f"{name.split()[0].lower()}@eksempel.example")
    world.engine.people.assign(number, role, programme_id=world.programme, kommune=kommune)


def test_every_step_that_waits_tells_what_it_lacks_and_whom_to_ask(world: World) -> None:
    """The leaders of Greve, both by name; a shared mailbox without one; the programme's consultant behind her role."""
    person(world, "Mette Hansen", "leder")
    person(world, "Jonas Holm", "leder")
    person(world, "Jobcenter Greve", "kommunal_konsulent")
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    steps = {step.event: step for step in world.engine.asking.missing(greve)}
    step = steps["trin_1.afslut"]
    assert len(step.missing) == 8 and step.region_title == "Trin 1 (Intro og fælles sprog)"
    drafts = {draft.role: draft for draft in step.drafts}
    assert [one.name for one in drafts["leder"].to] == ["Mette Hansen", "Jonas Holm"]
    assert drafts["leder"].body.startswith("Hej Mette og Jonas\n")
    assert drafts["kommunal_konsulent"].body.startswith("Hej\n")
    assert [one.email for one in drafts["programkonsulent"].to] == ["partskonsulent@eksempel.example"]
    assert "forloeb.traek" not in steps


def test_one_step_tells_also_the_fields_that_it_wants(world: World) -> None:
    """What may happen lacks nothing; asking changes nothing; an event that does not exist is named."""
    greve = world.kommune("Greve")
    before = world.dump()
    assert world.engine.asking.missing(greve, "trin_1.begynd") == ()
    (step,) = world.engine.asking.missing(greve, "forloeb.traek")
    assert ([one.code for one in step.missing], step.drafts) == (["mangler_begrundelse"], ())
    (step,) = world.engine.asking.missing(greve, "trin_1.afslut")
    assert [one.code for one in step.missing] == ["ikke_muligt_nu"]
    with pytest.raises(NotFound, match=r"trin_1\.begynd"):
        world.engine.asking.missing(greve, "trin_1.begyndt")
    assert world.dump() == before


def test_a_refusal_brings_its_drafts(world: World) -> None:
    """Whoever embeds the engine turns what was raised into letters; the programme's go to its own people."""
    person(world, "Anne Berg", "parter", None)
    with pytest.raises(Refused) as caught:
        world.do(world.programme, "forloeb.afslut")
    (draft,) = world.engine.asking.drafts(world.programme, caught.value)
    assert draft.role == "parter" and "Anne Berg" in [one.name for one in draft.to]
    assert "»Afslut programmet«" in draft.body and "»Greve«" in draft.body and "lige nu er det 2 af 6" in draft.body


def test_a_kommune_that_has_left_lacks_nothing(world: World) -> None:
    """Nobody is asked for what does not matter any more."""
    greve = world.kommune("Greve")
    world.do(greve, "trin_1.begynd")
    world.do(greve, "forloeb.traek", reason=WHY)
    assert world.engine.asking.missing(greve) == ()


def test_missing_shows_steps_and_on_request_the_drafts(live: CommandLine) -> None:
    """Without --drafts it says that there are some; with it, to whom, subject and body."""
    out = live("missing", "0101").out
    assert "trin_2.afslut: Afslut trin 2" in out and "Udkast til mails: tilføj --drafts" in out
    assert "Der mangler et flueben ved »Deltagerne er enige om listen af udfordringer«." in out
    drafts = live("missing", "0101", "trin_2.afslut", "--drafts").out
    assert "Udkast til kommunal konsulent: Karen Sørensen <karen@eksempel.example>" in drafts
    assert "Emne: Kan du hjælpe? »Afslut trin 2«, København" in drafts and "    Hej Karen" in drafts
    assert live("missing", "0573", "trin_1.begynd").out.endswith("Det kan ske nu.\n")
    assert "ingen har rollen endnu" in live("missing", "foerste_skridt@0573", "--drafts").out
    assert live("missing", "0360", "forloeb.fravaelg").code == 0


def test_missing_as_json_holds_the_drafts(live: CommandLine) -> None:
    """The keys that the help names, the drafts among them, whether they were asked for or not."""
    answer = live("missing", "0101", "trin_2.afslut", "--json").json
    assert answer.keys() == {"id", "title", "steps"}
    (step,) = answer["steps"]
    assert {one["code"] for one in step["missing"]} == {"mangler_flueben", "for_faa"}
    assert step["drafts"][0]["to"] == [{"name": "Karen Sørensen", "email": "karen@eksempel.example"}]
    done = live("missing", "lokalt_opstartsmoede@0101")
    assert done.code == 0


def test_a_refused_command_points_to_the_drafts(live: CommandLine, tmp_path: Path) -> None:
    """On a screen by a command that shows them, as JSON by the drafts themselves."""
    own = live.copy(tmp_path)
    answer = own("advance", "0101", "trin_2.afslut")
    assert answer.code == 3 and "trin_2.afslut --drafts" in answer.err
    told = own("advance", "0101", "trin_2.afslut", "--json").json
    assert [draft["role"] for draft in told["drafts"]] == ["kommunal_konsulent"]
    plain = own("advance", "0101", "forloeb.traek")
    assert plain.code == 3 and "--drafts" not in plain.err


def test_plans_and_documents_are_shown_as_people_write_them(live: CommandLine, tmp_path: Path) -> None:
    """Rows typed on the command line, shown in the sheet and in the history."""
    own = live.copy(tmp_path)
    rows = ("--data", "trin_2_opgaver=Ydelse: Samler listen: 1.11.2019", "--data", "trin_2_udbytte=En god dag")
    paper = "trin_2_dokumenter=Referat: https://arkiv.dk/12: 2: Styregruppen: 3.10.2019"
    assert own("advance", "0101", "trin_2.noter", *rows, "--data", paper).code == 0
    for out in (own("show", "0101").out, own("history", "0101").out):
        assert "Ydelse: Samler listen (fredag den 1. november 2019 (uge 44))" in out
        approved = "godkendt af Styregruppen torsdag den 3. oktober 2019 (uge 40)"
        assert f"Referat (version 2, {approved}): https://arkiv.dk/12" in out


def test_a_long_list_is_summed_up(live: CommandLine, tmp_path: Path) -> None:
    """A kommune with dozens of challenges shows how many stand where, before it lists them."""
    own = live.copy(tmp_path)
    for place in range(12):
        own("add", "0101", "challenge", f"Bøvl nr. {place}")
    lines = own("show", "0101").out.splitlines()
    (line,) = [line for line in lines if "Udfordring: " in line]
    assert "13 Udpeget" in line and "1 Udvikle løsninger" in line and "1 Parkeret" in line
