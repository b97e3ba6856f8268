"""The page that teaches writing a workflow: its blocks are a workflow, and what it says is printed is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from samskabt.engine.errors import DefinitionError
from samskabt.runtime.rehearsal import read_script, rehearse, try_workflow
from samskabt.runtime.views.documents import check_report

from .. import sixth

FRAME_ROLE = '  projektleder: {does: Leder programmet, stands_for: sekretariat, inferred: "*"}\n'


def test_the_blocks_of_the_page_are_the_workflow_its_script_and_its_expectations() -> None:
    """Whoever saves the blocks in order has the files that the tests run."""
    for info, name in (("yaml", sixth.NAME), ("yaml expect", sixth.EXPECT), ("yaml script", "folk.yaml")):
        assert "".join(sixth.blocks(info)) == (sixth.FOLDER / name).read_text(encoding="utf-8")


def test_the_workflow_of_the_page_is_right() -> None:
    """The finished workflow has no mistakes, and nothing to look at."""
    report = check_report(sixth.FOLDER / sixth.NAME)
    assert (report.problems, report.warnings) == ((), ())


@pytest.mark.parametrize("mistake", sixth.mistakes(), ids=lambda one: one.wrong.split()[0])
def test_every_mistake_of_the_page_is_told_as_the_page_shows(mistake: sixth.Mistake, tmp_path: Path) -> None:
    """Each deliberate mistake is named with file, line and way out, word for word as on the page."""
    told = []
    for name in (sixth.NAME, sixth.EXPECT):
        text = (sixth.FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(f"{mistake.right}\n", f"{mistake.wrong}\n"), encoding="utf-8")
        if f"{mistake.right}\n" in text:
            told.append(name)
    assert len(told) == 1
    if told == [sixth.NAME]:
        found = [str(one) for one in check_report(tmp_path / sixth.NAME).problems]
    else:
        with pytest.raises(DefinitionError) as caught:
            try_workflow(tmp_path / sixth.NAME)
        found = [f"samskabt: {one}" for one in caught.value.problems]
    assert "\n".join(found).replace(f"{tmp_path}/", "") == mistake.told


@pytest.mark.parametrize(
    ("right", "wrong", "path", "rule"),
    [
        ("kommune: tovholder, ", "", "responsible", "nobody"),
        (FRAME_ROLE, "", "roles", "nobody"),
        ("when: 3. marts 2027\n", "when: 3. april 2027\n", "activities.opstartsmoede.when", "outside-phase"),
        (
            "plan: april 2027 til maj 2027 ",
            "plan: marts 2027 til maj 2027 ",
            "activities.workshop.plan",
            "outside-phase",
        ),
    ],
)
def test_what_its_author_may_want_to_look_at_is_told_and_hinders_nothing(
    right: str, wrong: str, path: str, rule: str, tmp_path: Path
) -> None:
    """A level that nobody answers for, a role of the frame that is nobody, a day outside its fase: all may run."""
    text = (sixth.FOLDER / sixth.NAME).read_text(encoding="utf-8")
    assert text.count(right) == 1
    (tmp_path / sixth.NAME).write_text(text.replace(right, wrong), encoding="utf-8")
    report = check_report(tmp_path / sixth.NAME)
    assert (report.ok, report.problems) == (True, ())
    assert [(one.path, one.rule) for one in report.warnings] == [(path, rule)]


def test_without_a_frame_one_line_is_told(tmp_path: Path) -> None:
    """Not one for each activity."""
    text = (sixth.FOLDER / sixth.NAME).read_text(encoding="utf-8")
    (tmp_path / sixth.NAME).write_text(text.replace("uses: programramme@1\n", ""), encoding="utf-8")
    (problem,) = check_report(tmp_path / sixth.NAME).problems
    assert "skriv uses: programramme@1" in problem.message


def test_what_the_page_expects_holds() -> None:
    """`workflow test` finds every expectation of the page fulfilled."""
    found = try_workflow(sixth.FOLDER / sixth.NAME)
    assert len(found) == 8
    assert [one.text for one in found if not one.ok] == []


def test_the_workflow_of_the_page_can_be_lived() -> None:
    """Simulated, it comes to its end with nothing open, nothing in collision and nobody who gets no mail."""
    found = rehearse(sixth.FOLDER / sixth.NAME, kommuner=3)
    assert (found.ended, found.still_open, found.findings, found.nobody) == ("Afsluttet", (), (), ())
    assert (found.unmet, found.overrides) == ((), ())


def test_the_script_of_the_page_changes_the_course() -> None:
    """The slow kommune ends its trial late, the forgotten evaluation is told, and the kommune that leaves has left."""
    script = read_script(sixth.FOLDER / "folk.yaml")
    found = rehearse(sixth.FOLDER / sixth.NAME, kommuner=["Aarhus", "Greve", "Odense"], script=script)
    assert {one.name: one.state for one in found.kommuner}["Greve"] == "Har trukket sig"
    assert {(one.code, one.key, one.kommune) for one in found.unmet} >= {
        ("for_sent", "afproevning_af_greb", "Aarhus"),
        ("aldrig_mulig", "slutmaaling", "Odense"),
    }
    assert found.still_open == ()
