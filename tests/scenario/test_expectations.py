"""The language of expectations: approvals, deliverables, klynger, reasons of dates and the office's own choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from samskabt.engine.errors import DefinitionError, NotFound
from samskabt.runtime.rehearsal import try_workflow
from samskabt.workflows.catalogue import BESIDE, shipped_sources
from samskabt.workflows.expectations import shipped_expectations

ONE, TWO = "fagligheder-beskaeftigelsesomraadet", "flere-i-arbejde"
FOUR = "mere-kerneopgave-mindre-bureaukrati"


def expecting(folder: Path, workflow: str, *lines: str) -> Path:
    """Write a file with one case."""
    path = folder / f"{workflow}.expect.yaml"
    case = "\n".join(f"    {line}" for line in ("title: Sag", *lines))
    path.write_text(f"format: 1\nworkflow: {workflow}\ncases:\n  sag:\n{case}\n", encoding="utf-8")
    return path


def test_approvals_deliverables_and_reasons_can_be_expected(tmp_path: Path) -> None:
    """Each goes by its key or title, holds where it is so, and says what was instead where it is not."""
    path = expecting(
        tmp_path,
        FOUR,
        "expect:",
        "  - {item: projektbeskrivelse_med_budget, state: afventer, at: 2015-12-08}",
        "  - {item: Projektbeskrivelse, state: leveret, at: 2015-12-08}",
        "  - {item: projektskitse, on: 2015-12-07, because: står i dokumentet, at: 2015-12-08}",
        "  - {item: projektskitse, because: vores forslag, at: 2015-12-08}",
    )
    found = try_workflow(FOUR, expectations=path)
    assert [(one.line, one.ok) for one in found] == [(7, True), (8, False), (9, True), (10, False)]
    assert (found[1].instead, found[1].text) == ("venter", "8.12.2015: Projektbeskrivelse: leveret")
    assert "Står i dokumentet: mandag den 7. december 2015" in found[3].instead
    assert found[3].text == "8.12.2015: projektskitse: (begrundelse: vores forslag)"


def test_the_office_chooses_as_the_document_says(tmp_path: Path) -> None:
    """With a capacity those who came first; without one all of them; and a step by it is no event of anything."""
    path = expecting(
        tmp_path,
        TWO,
        "when:",
        "  - {at: 2016-09-19, do: forloeb.aabn_tilmelding}",
        '  - {at: 2016-09-20, do: forloeb.tilmeld_kommune, data: {kommune: "0751"}}',
        '  - {at: 2016-09-21, do: forloeb.tilmeld_kommune, data: {kommune: "0253"}}',
        "  - {at: 2016-10-18, do: vaelg_kommuner}",
        "expect: [{kommune: Aarhus, state: deltager}, {kommune: Greve, state: venteliste}]",
    )
    assert [(one.ok, one.instead) for one in try_workflow(TWO, expectations=path)] == [(True, ""), (False, "deltager")]
    four = expecting(tmp_path, FOUR, "given: {kommuner: [Aarhus]}", "expect: [{kommune: Aarhus, state: deltager}]")
    assert [one.ok for one in try_workflow(FOUR, expectations=four)] == [True]


def test_what_people_make_goes_by_its_title_and_its_steps_are_known(tmp_path: Path) -> None:
    """A klynge may take the steps of a klynge; a state or event that nothing has is a mistake all the same."""
    path = expecting(
        tmp_path,
        FOUR,
        "when: [{at: 2016-10-03, do: oplos, item: Klyngen øst}]",
        "expect: [{item: Klyngen øst, state: oplost}, {item: projektbeskrivelse_med_budjet, state: godkendt}]",
    )
    with pytest.raises(DefinitionError) as caught:
        try_workflow(FOUR, expectations=path)
    told = [one.message for one in caught.value.problems]
    assert told[0] == "hændelsen oplos findes ikke; mente du oploes?"
    assert told[1] == "tilstanden oplost findes ikke; mente du oploest?"
    assert "mente du projektbeskrivelse_med_budget" in told[2]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{item: rapport, state: venter, to: leder}", "to siger kun noget sammen med mail"),
        ("{item: rapport, on: 2016-01-01, refused: ingen_plads}", "refused siger kun noget sammen med do"),
        ("{mail: velkommen, because: vores forslag}", "skriv én ting pr. linje"),
    ],
)
def test_what_would_be_ignored_is_a_mistake(tmp_path: Path, line: str, told: str) -> None:
    """A word that says nothing where it stands is told, instead of making an expectation look stricter than it is."""
    with pytest.raises(DefinitionError, match=told):
        try_workflow(FOUR, expectations=expecting(tmp_path, FOUR, f"expect: [{line}]"))


@pytest.mark.parametrize(
    ("key", "case", "right", "wrong"),
    [
        (ONE, "delrapport_2", "before: anbefalinger\n", "before: formidling\n"),
        (TWO, "rammen", "total: 6 ", "total: 7 "),
        (FOUR, "bestyrelsen_foerst", "before: valgfase\n", "before: afslutningsfase\n"),
    ],
)
def test_a_shipped_expectation_fails_when_its_document_no_longer_promises_it(
    tmp_path: Path, key: str, case: str, right: str, wrong: str
) -> None:
    """With one gate or frame of the document changed, its case says at which line, and what happened instead."""
    text = dict(shipped_sources())[f"{key}.yaml"]
    assert text.count(right) == 1
    (tmp_path / f"{key}.yaml").write_text(
        text.replace(right, wrong).replace("version: 1\n", "version: 2\n", 1), encoding="utf-8"
    )
    lines = dict(shipped_expectations())[f"{key}{BESIDE}"].splitlines()
    heads = [number for number, line in enumerate(lines) if line[:2] == "  " and line[2:3].isalpha()]
    first = lines.index(f"  {case}:")
    last = min([number for number in heads if number > first], default=len(lines))
    kept = [*lines[: heads[0]], *lines[first:last]]
    (tmp_path / f"{key}{BESIDE}").write_text("\n".join(kept), encoding="utf-8")
    wrong_ones = [one for one in try_workflow(tmp_path / f"{key}.yaml") if not one.ok]
    assert wrong_ones[0].instead == "det skete uden afvisning"
    assert wrong_ones[0].file == str(tmp_path / f"{key}{BESIDE}")
    assert kept[wrong_ones[0].line - 1].startswith(("      - {at:", "      - at:"))


def test_a_kommune_that_takes_no_part_and_a_workflow_that_there_is_not_are_said_as_that(tmp_path: Path) -> None:
    """Neither is told as a missing file or item."""
    lines = ["when: [{at: 2016-11-01, do: afhold, item: dialogmoede, kommune: Greve}]"]
    lines += ["expect: [{item: dialogmoede, kommune: Greve, state: afholdt}, {item: Klyngen øst, state: dannet}]"]
    found = try_workflow(TWO, expectations=expecting(tmp_path, TWO, *lines))
    absent = "Greve er ikke med; skriv den i given.kommuner, eller lad den tilmelde sig"
    assert [one.instead for one in found] == [absent, absent, "Klyngen øst findes ikke på den dag"]
    with pytest.raises(NotFound, match="programme 'fagligheder'; available: fagligheder-besk"):
        try_workflow("fagligheder")
