"""Rehearsals: every shipped workflow comes to its end by the autopilot alone, and what a script changes is told."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from samskabt.engine.errors import DefinitionError, InvalidInput, NotFound
from samskabt.runtime.rehearsal import Rehearsal, read_script, rehearse, try_workflow
from samskabt.runtime.rehearsal.telling.words import lines
from samskabt.runtime.views.documents import catalogue
from samskabt.workflows.catalogue import BESIDE, shipped_sources
from samskabt.workflows.expectations import shipped_expectations

from ..tracing import first_traced

KEYS = sorted({one.key for one in catalogue().programmes()})
SIMPLE = "forenklet-beskaeftigelsesindsats"
MANY = "flere-i-arbejde"

Lived = Callable[[str], Rehearsal]

once_lived = pytest.mark.xdist_group("rehearsal")
"""What looks at the same rehearsals is tried by the same worker."""


@pytest.fixture(scope="module")
def lived() -> Lived:
    """Rehearse a shipped workflow, once for all tests; three kommuner are enough to see everything."""
    documents = catalogue()

    @cache
    def once(key: str) -> Rehearsal:
        if key == SIMPLE:
            return rehearse(key, kommuner=["Aarhus", "Greve"])
        return rehearse(key, kommuner=3 if documents.programme(key).programme.kommuner.capacity else None)

    return once


@pytest.fixture(scope="module")
def simple(lived: Lived) -> Rehearsal:
    """Rehearse programme 000 with two kommuner."""
    return lived(SIMPLE)


@once_lived
@pytest.mark.timeout(600)
@pytest.mark.parametrize("key", KEYS)
def test_every_shipped_workflow_is_lived_to_its_end(key: str, lived: Lived, say: Callable[[str], None]) -> None:
    """From the invitation to the end nothing breaks, nothing stays open, and no mail goes to nobody."""
    found = lived(key)
    say(f"{key}: {found.decisions} decisions, {found.mails} mails, {found.seconds:.1f} s")
    assert (found.still_open, found.nobody, found.failed, found.findings) == ((), (), 0, ())
    assert found.ended == "Afsluttet"
    assert found.months
    assert all(len(line) < 1000 for line in lines(found))


@once_lived
def test_a_consultant_of_all_kommuner_is_in_one_place_at_a_time(lived: Lived) -> None:
    """No day has meetings in two kommuner where one person holds them all, and all of them are held."""
    found = lived(MANY)
    local = [one for month in found.months for one in month.held if one.kind == "meeting" and one.kommune]
    places = Counter(on for on, _ in {(one.on, one.kommune) for one in local})
    assert local
    assert [on for on, count in places.items() if count > 1] == []
    assert [one for one in found.unmet if one.code == "aldrig_mulig"] == []
    assert [one for one in found.overrides if "optaget" in " ".join(one.why)] == []


@once_lived
def test_what_the_document_lets_be_held_together_is_held_on_one_day(lived: Lived) -> None:
    """The last meeting of 002 lies with the workshop that it is held with, and that is no collision."""
    held = {(one.key, one.kommune): one.on for month in lived(MANY).months for one in month.held}
    pairs = [(on, held["opfoelgningsworkshop", who]) for (key, who), on in held.items() if key == "afsluttende_moede"]
    assert len(pairs) == 3
    assert all(one == other for one, other in pairs)
    assert not [one for one in lived(MANY).collisions if one.code == "samme_dag"]


def test_who_waits_in_vain_is_told_so_near_the_end(tmp_path: Path) -> None:
    """A kommune in line for which no place came free is not chosen; the report says until when it waited."""
    path = tmp_path / "smal.yaml"
    text = dict(shipped_sources())[f"{MANY}.yaml"]
    text = text.replace(f"workflow: {MANY}", "workflow: smal").replace("capacity: op til 12", "capacity: op til 1")
    path.write_text(text, encoding="utf-8")
    found = rehearse(path, kommuner=["Greve", "Aarhus"])
    assert sorted(one.state for one in found.kommuner) == ["Gennemført", "Ikke valgt"]
    told = [one.no_place_on for one in found.kommuner if one.state == "Ikke valgt"]
    assert told[0] is not None
    assert date(2018, 1, 10) <= told[0] < found.last_on
    assert any("(på venteliste til 1" in line for line in lines(found))


@once_lived
def test_what_lies_before_the_programme_is_nobodys_fault(lived: Lived) -> None:
    """An item that was over before the first day is counted in one line, and nothing is said to be missed."""
    found = lived("fagligheder-beskaeftigelsesomraadet")
    assert found.before_start == ("Første drøftelse i Fremfærd Borger",)
    assert found.unmet == ()
    assert [line for line in lines(found) if "Fremfærd Borger" in line and "Før start: 1" not in line] == []


@once_lived
def test_a_rehearsal_of_000_overrides_nothing(simple: Rehearsal) -> None:
    """The method can be followed to the letter: both kommuner come through, and nothing yields."""
    assert [one.state for one in simple.kommuner] == ["Gennemført", "Gennemført"]
    assert (simple.overrides, simple.unmet) == ((), ())


@once_lived
def test_the_course_holds_the_days_of_the_document(simple: Rehearsal) -> None:
    """What the document dates is held on its day; what collides with the period is told."""
    held = {(one.key, one.kommune): one.on for month in simple.months for one in month.held}
    assert held["opstartsmoede", None] == date(2019, 9, 20)
    assert held["uddannelsesdag_1", None] == date(2019, 10, 3)
    assert ("foerste_skridt", "Aarhus") in held
    assert any("Invitation" in one.text and one.on == date(2019, 8, 14) for one in simple.collisions)


SHORT = """
format: 1
workflow: kort
version: 1
title: Kort
uses: [programramme@1]
period: januar 2019 til marts 2019
roles: {leder: {does: Svarer}, evaluator: {does: Spørger}, projektleder: {does: Leder}}
responsible: {programme: projektleder}
faser: {fasen: {title: Fasen, when: januar 2019 til marts 2019}}
evaluations:
  maaling: {title: Måling, when: 4. februar 2019, window: 7, level: programme, by: Os, evaluator: evaluator,
            respondents: leder}
"""


def test_a_window_too_short_for_its_reminders_is_told(tmp_path: Path) -> None:
    """How many fall out, and of which reminder; those who are asked get the opening and the last one alone."""
    path = tmp_path / "kort.yaml"
    path.write_text(SHORT, encoding="utf-8")
    found = [one for one in rehearse(path).collisions if one.code == "kort_vindue"]
    said = "Måling: vinduet er så kort, at 2 påmindelser af 3 falder fra (»Der mangler svar på evalueringen«)"
    assert [(one.on, one.text) for one in found] == [(date(2019, 2, 4), said)]


@once_lived
def test_the_load_adds_up(simple: Rehearsal) -> None:
    """Mails by person, by role and in all are the same mails; a role's weeks sum to its total."""
    assert sum(one.mails for one in simple.mailboxes) == simple.mails == sum(one.mails for one in simple.loads)
    assert "KLK-konsulent" in {load.title for load in simple.loads}
    assert "KLK-konsulent (programmet)" in {one.person for one in simple.mailboxes}
    for load in simple.loads:
        assert sum(week.activities for week in load.weeks) == load.activities


@once_lived
@pytest.mark.no_cover
def test_the_same_seed_gives_the_same_rehearsal(simple: Rehearsal) -> None:
    """Played again nothing differs but the time it took."""
    again = rehearse(SIMPLE, kommuner=["Aarhus", "Greve"])
    assert dataclasses.replace(again, seconds=0) == dataclasses.replace(simple, seconds=0)


def test_a_script_makes_people_late_and_lets_a_kommune_leave(tmp_path: Path) -> None:
    """Whoever is late ends late; who withdraws has left; what is refused is told with its reason."""
    path = tmp_path / "folk.yaml"
    path.write_text(
        """\
format: 1
people: [{role: kommunal_konsulent, kommune: "0253", days_late: 14}]
events:
  - {at: 2019-11-25, do: forloeb.traek, kommune: Aarhus, reason: Ny ledelse}
  - {at: 2019-09-11, do: afhold, item: foerste_skridt, kommune: Greve}
""",
        encoding="utf-8",
    )
    found = rehearse(SIMPLE, kommuner=["Aarhus", "Greve"], script=read_script(path))
    assert {one.name: one.state for one in found.kommuner} == {"Aarhus": "Har trukket sig", "Greve": "Gennemført"}
    assert any(one.code == "afvist" and "foerste_skridt" in one.title and one.why for one in found.unmet)
    assert any(one.code == "for_sent" and one.kommune == "Greve" for one in found.unmet)
    assert found.still_open == ()


@once_lived
def test_a_rehearsal_keeps_its_files_where_it_is_told(tmp_path: Path, lived: Lived) -> None:
    """With a folder, database and mails stay there, and nothing else differs; a second one does not write over them."""
    kept = rehearse("mere-kerneopgave-mindre-bureaukrati", folder=tmp_path / "ud")
    assert kept.mails == lived("mere-kerneopgave-mindre-bureaukrati").mails
    assert (tmp_path / "ud" / "samskabt.db").exists()
    with pytest.raises(InvalidInput, match="already holds"):
        rehearse("mere-kerneopgave-mindre-bureaukrati", folder=tmp_path / "ud")


def test_what_cannot_be_played_is_said_before_anything_is(tmp_path: Path) -> None:
    """A wrong key, kommune or document, and an event before the first day, end with the way out."""
    with pytest.raises(NotFound, match="forenklet"):
        rehearse("forenklet")
    with pytest.raises(NotFound, match="Aarhus"):
        rehearse(SIMPLE, kommuner=["Aarhuss"])
    wrong = tmp_path / "x.yaml"
    wrong.write_text("format: 1\nworkflow: x\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="title"):
        rehearse(wrong)
    script = tmp_path / "s.yaml"
    script.write_text("format: 1\npeople: [{role: leder, days_lat: 3}]\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"s\.yaml:2:24.*mente du days_late"):
        read_script(script)


@pytest.mark.parametrize("key", first_traced(sorted(name.removesuffix(BESIDE) for name, _ in shipped_expectations())))
def test_what_is_expected_of_shipped_workflows_holds(key: str) -> None:
    """Every shipped file of expectations is run, and all of it holds."""
    found = try_workflow(key)
    assert found
    assert [f"{one.text}: {one.instead}" for one in found if not one.ok] == []


def test_expectations_are_no_documents() -> None:
    """The files beside the workflows are not taken for workflows."""
    assert not [name for name, _ in shipped_sources() if name.endswith(BESIDE)]


def test_what_does_not_hold_is_told_with_what_was_instead(tmp_path: Path) -> None:
    """A wrong date, state, mail and refusal each say what was found, and where the expectation stands."""
    path = tmp_path / "x.expect.yaml"
    path.write_text(
        f"""\
format: 1
workflow: {SIMPLE}
cases:
  alt_er_galt:
    title: Alt er galt
    given: {{kommuner: [Aarhus]}}
    when:
      - {{at: 2019-09-09, do: afhold, item: opstartsmoede, refused: mangler_flueben}}
    expect:
      - {{item: opstartsmoede, on: 2019-09-21}}
      - {{kommune: Aarhus, state: tilmeldt}}
      - {{mail: velkommen, to: parter, kommune: Aarhus}}
      - {{mail: velkommen, never: true}}
      - {{mail: velkommen, on: 2019-09-01}}
      - {{mail: proces_afsluttet}}
      - {{item: foerste_skridt, kommune: Aarhus, do: afhold, refused: ingen_plads}}
""",
        encoding="utf-8",
    )
    found = try_workflow(SIMPLE, expectations=path)
    assert [one.ok for one in found] == [False] * 8
    assert [one.line for one in found] == [8, *range(10, 17)]
    assert "20.9.2019" in found[1].instead
    assert (found[2].instead, found[6].instead) == ("deltager", "den kom ikke")
    assert found[7].instead.startswith("mangler_aktivitet (»Udpegning af kommunale konsulenter")
    assert "baseline_mangler (»Baseline" in found[7].instead
    assert found[3].instead == "den gik til kommunal_konsulent og leder"


def test_mistakes_in_expectations_are_named_with_line_and_way_out(tmp_path: Path) -> None:
    """Unknown items, events, states, regions, texts, roles, codes and kommuner are all told at once."""
    path = tmp_path / "x.expect.yaml"
    path.write_text(
        f"""\
format: 1
workflow: {SIMPLE}
cases:
  navne:
    title: Navne
    given: {{kommuner: [Aarhuss]}}
    when:
      - {{at: 2019-09-09, do: afholdt, item: opstartsmoede, refused: mangler_fluben}}
    expect:
      - {{item: opstartmoede, on: 2019-09-21}}
      - {{kommune: Aarhus, region: trin_7, state: venter}}
      - {{kommune: Aarhus, state: ventr}}
      - {{mail: velkomen, to: leder}}
      - {{mail: velkommen, to: ledr}}
""",
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError) as caught:
        try_workflow(SIMPLE, expectations=path)
    told = [(one.line, one.message.partition("findes ikke; ")[2][:22]) for one in caught.value.problems]
    assert [line for line, _ in told] == [6, 8, 8, 10, 11, 12, 13, 14]
    assert all(rest.startswith(("mente du", "vælg mellem")) for _, rest in told)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("{item: opstartsmoede}", "one-of-many"),
        ("{do: forloeb.traek, kommune: Aarhus}", "missing-key"),
        ("{item: opstartsmoede, onn: 2019-09-20}", "unknown-key"),
    ],
)
def test_an_expectation_asks_one_thing(tmp_path: Path, line: str, rule: str) -> None:
    """What asks nothing, or too much, is told at its line."""
    path = tmp_path / "x.expect.yaml"
    path.write_text(f"format: 1\nworkflow: a\ncases:\n  b:\n    title: B\n    expect:\n      - {line}\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        try_workflow(SIMPLE, expectations=path)
    assert next((one.line, one.rule) for one in caught.value.problems) == (7, rule)


def test_a_workflow_without_expectations_says_where_to_write_them(tmp_path: Path) -> None:
    """The message names the file that would be read."""
    path = tmp_path / "y.yaml"
    path.write_text((Path(__file__).parents[1] / "data" / "load" / "belastning.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(NotFound, match=r"y\.expect\.yaml"):
        try_workflow(path)
