"""Claims about the catalogue: versions, parts, pins that no change passes, and files that people give."""

import json
from pathlib import Path

import pytest
from samskabt.engine.errors import DefinitionError, NotFound
from samskabt.workflows import publish
from samskabt.workflows.catalogue import Catalogue, document_hash, shipped_pins, shipped_sources
from samskabt.workflows.reader import read_document

from ..documents import PART, PROGRAMME

SECOND = PROGRAMME.replace("version: 1", "version: 2").replace("title: Prøve", "title: Prøve igen")
SOURCES = (("ramme.yaml", PART), ("proeve.yaml", PROGRAMME), ("proeve-2.yaml", SECOND))
PINS = {"proeve@1": document_hash(read_document(("proeve.yaml", PROGRAMME)))}


def test_the_newest_version_is_given_unless_one_is_named() -> None:
    """Both versions stand side by side; running programmes go on with theirs."""
    catalogue = Catalogue(SOURCES)
    assert [(one.key, one.version, one.title) for one in catalogue.programmes()] == [
        ("proeve", 1, "Prøve"),
        ("proeve", 2, "Prøve igen"),
    ]
    assert catalogue.programme("proeve").programme.version == 2
    assert catalogue.programme("proeve", 1).programme.version == 1


def test_an_unknown_programme_or_version_lists_those_that_there_are() -> None:
    """The error offers the way out."""
    with pytest.raises(NotFound, match="did you mean: proeve"):
        Catalogue(SOURCES).programme("prove")
    with pytest.raises(NotFound, match="proeve@2"):
        Catalogue(SOURCES).programme("proeve", 3)


def test_a_published_version_may_not_change() -> None:
    """A changed title is refused at the version's line, with the way out; a comment changes nothing."""
    changed = PROGRAMME.replace("title: Prøve", "title: Prøver")
    with pytest.raises(DefinitionError, match=r"skriv version: 2 i en ny fil, og behold den gamle") as caught:
        Catalogue((("ramme.yaml", PART), ("proeve.yaml", changed)), PINS).programmes()
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.rule) == (3, 10, "published-changed")
    commented = "# yaml-language-server: $schema=schema.json\n" + PROGRAMME
    assert Catalogue((("ramme.yaml", PART), ("proeve.yaml", commented)), PINS).programme("proeve").key == "proeve"


def test_two_files_may_not_say_different_things_of_one_version() -> None:
    """The same text twice is one document; another text is refused, and names the other file."""
    twice = (*SOURCES, ("kopi.yaml", PROGRAMME))
    assert len(Catalogue(twice).programmes()) == 2
    other = (*SOURCES, ("kopi.yaml", PROGRAMME.replace("title: Prøve", "title: Andet")))
    with pytest.raises(DefinitionError, match=r"kopi\.yaml.*findes også i proeve\.yaml.*duplicate-version"):
        Catalogue(other).programmes()


def test_files_and_folders_can_be_added(tmp_path: Path) -> None:
    """Of a folder every YAML file is read; a missing one is named."""
    (tmp_path / "ramme.yaml").write_text(PART, encoding="utf-8")
    (tmp_path / "proeve.yml").write_text(PROGRAMME, encoding="utf-8")
    (tmp_path / "noter.txt").write_text("nej", encoding="utf-8")
    assert Catalogue(()).with_files([tmp_path]).programme("proeve").key == "proeve"
    with pytest.raises(NotFound):
        Catalogue(()).with_files([tmp_path / "nej.yaml"])


def test_a_file_is_checked_with_its_parts(tmp_path: Path) -> None:
    """All problems of a draft come back as values, its warnings apart; a right file has none."""
    catalogue = Catalogue(SOURCES[:1])
    draft = tmp_path / "udkast.yaml"
    draft.write_text(PROGRAMME.replace("2019-09-02 til 2020-01-31", "2019-08-01 til 2020-01-31"), encoding="utf-8")
    assert catalogue.check_file(draft) == ()
    assert [one.rule for one in catalogue.warnings(draft)] == ["outside-period"]
    draft.write_text(PROGRAMME.replace("kind: survey", "kind: survy"), encoding="utf-8")
    assert [(one.file, one.rule) for one in catalogue.check_file(draft)] == [(str(draft), "unknown-name")]


def test_a_part_is_checked_by_itself(tmp_path: Path) -> None:
    """A dead end of a part shows without any programme; names that other parts may give are left alone."""
    part = tmp_path / "del.yaml"
    part.write_text(PART.replace("            move: i_gang -> slut\n", "            in: i_gang\n"), encoding="utf-8")
    rules = [one.rule for one in Catalogue(()).check_file(part)]
    assert rules == ["dead-end", "unreachable-state"]
    part.write_text(PART, encoding="utf-8")
    assert Catalogue(()).check_file(part) == ()


def test_every_shipped_document_is_pinned() -> None:
    """A shipped version that is not in published.json, or differs from it, would change under running programmes."""
    models = [read_document(source) for source in shipped_sources()]
    pins = {
        f"{getattr(one, 'workflow', '') or getattr(one, 'part', '')}@{one.version}": document_hash(one)
        for one in models
    }
    assert pins == dict(shipped_pins())


def test_publishing_pins_new_versions_only() -> None:
    """A new version gets its pin; a changed one is refused, unless no release has held it."""
    pins = publish.pins_of(SOURCES, PINS)
    assert list(pins) == ["proeve@1", "proeve@2", "ramme@1"] and pins["proeve@1"] == PINS["proeve@1"]
    changed = (("proeve.yaml", PROGRAMME.replace("title: Prøve", "title: Prøver")),)
    with pytest.raises(DefinitionError, match="published-changed"):
        publish.pins_of(changed, PINS)
    assert publish.pins_of(changed, PINS, unreleased=True)["proeve@1"] != PINS["proeve@1"]


def test_the_command_prints_nothing_where_all_is_pinned(capsys: pytest.CaptureFixture[str]) -> None:
    """Run on the shipped documents it changes nothing and says nothing."""
    assert publish.main([]) == 0
    assert capsys.readouterr().out == ""


def test_the_pins_are_canonical_hashes() -> None:
    """Each pin is 64 hexadecimal digits under key@version."""
    assert all(len(value) == 64 and "@" in pin for pin, value in shipped_pins().items())
    assert json.loads(json.dumps(dict(shipped_pins()))) == dict(shipped_pins())


def test_a_changed_version_is_told_beside_the_other_mistakes(tmp_path: Path) -> None:
    """Whoever has changed a published version hears of that, and of the misspelt name in the change too."""
    path = tmp_path / "proeve.yaml"
    path.write_text(PROGRAMME.replace("kind: survey", "kind: maal"), encoding="utf-8")
    found = Catalogue((("ramme.yaml", PART),), PINS).check_file(path)
    assert [problem.rule for problem in found] == ["published-changed", "unknown-name"]
    path.write_text(PROGRAMME.replace("price_dkk", "pris").replace("kind: survey", "kind: [maal]"), encoding="utf-8")
    assert "published-changed" not in [one.rule for one in Catalogue((("ramme.yaml", PART),), PINS).check_file(path)]
