"""The commands on workflow documents: list, check, show and diagram need no database."""

from pathlib import Path

import pytest
from samskabt import Settings
from samskabt.cli.session import Session

from ..command_line import PROGRAMME, CommandLine

OWN = """\
format: 1
workflow: mit
version: 1
title: Mit program
period: 2019
uses: [programramme@1, samskabt-styring@1]
roles: {parter: {does: Leder det}}
responsible: {programme: parter, cross: parter, kommune: parter, public: parter}
spor: {proces: {title: Proces}}
faser: {en: {title: Den ene fase, when: maj 2019 til juni 2019}}
activities: {moede: {title: Et møde, kind: meeting, in: en / proces, level: programme}}
"""


def test_the_list_has_the_shipped_programmes(tmp_path: Path) -> None:
    """Key, version and title of all five, as a table and as JSON; no database is made."""
    cli = CommandLine(tmp_path / "none.db")
    assert PROGRAMME in cli("workflow", "list").out
    rows = {row["key"]: row["version"] for row in cli("workflow", "list", "--json").json["workflows"]}
    others = {"fagligheder-beskaeftigelsesomraadet", "flere-i-arbejde", "lab-ud-i-praksis"}
    assert rows == dict.fromkeys({PROGRAMME, "mere-kerneopgave-mindre-bureaukrati", *others}, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_part_is_told_as_a_part_and_a_use_with_its_version(tmp_path: Path) -> None:
    """What a part is, how a programme takes it in, and what of it cannot be seen alone; the version is all it lacks."""
    part, file = tmp_path / "del.yaml", tmp_path / "mit.yaml"
    part.write_text("format: 1\npart: min-del\nversion: 2\ntitle: Min del\nmachines: {}\n", encoding="utf-8")
    cli = CommandLine(tmp_path / "none.db")
    told = cli("workflow", "check", part)
    assert told.code == 0 and "min-del@2 er en del" in told.out and "uses: [min-del@2]" in told.out
    assert cli("workflow", "check", part, "--json").json["about"]
    file.write_text(OWN.replace("programramme@1", "programramme"), encoding="utf-8")
    assert "skriv delen med dens version: programramme@1" in cli("workflow", "check", file).out
    file.write_text(OWN.replace("programramme@1", "Ramme nr. 1"), encoding="utf-8")
    assert "samskabt-styring@1" in cli("workflow", "check", file).out
    file.write_text(OWN, encoding="utf-8")
    assert cli("workflow", "check", file, "--json").json["about"] == ""


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    """file:line:column for each, and exit code 1."""
    file = tmp_path / "mit.yaml"
    file.write_text("format: 1\nworkflow: mit\nversion: 1\ntitel: 3\nperiod: 2019\n", encoding="utf-8")
    answer = CommandLine(tmp_path / "none.db")("workflow", "check", str(file))
    assert answer.code == 1
    assert f"{file}:4:1: titel: nøglen 'titel' kendes ikke; mente du title?" in answer.out
    assert CommandLine(tmp_path / "none.db")("workflow", "check", str(file), "--json").json["ok"] is False


def test_a_good_document_can_be_checked_shown_and_started(tmp_path: Path) -> None:
    """A programme of one's own goes the same way as a shipped one."""
    file = tmp_path / "mit.yaml"
    file.write_text(OWN, encoding="utf-8")
    cli = CommandLine(tmp_path / "own.db")
    checked = cli("workflow", "check", str(file))
    assert checked.code == 0 and "0 fejl" in checked.out, checked.out
    assert "Et møde [moede]" in cli("workflow", "show", "mit", "--file", str(file)).out
    assert cli("start", "mit", "--file", str(file)).code == 0
    assert "Den ene fase" in cli("status").out


def test_the_outline_tells_when_who_and_whose_proposal(tmp_path: Path) -> None:
    """Faser, activities in the words of the document, gates, roles and reminders."""
    out = CommandLine(tmp_path / "none.db")("workflow", "show", PROGRAMME).out
    assert "Forberedelsesfasen: august 2019 til oktober 2019" in out
    assert "Første skridt i samskabt styring [foerste_skridt]: 2 uger efter lokalt_opstartsmoede (vores forslag)" in out
    assert "Krav undervejs" in out and "kan ikke tilsidesættes" in out
    assert "mail til ansvarlig" in out


def test_the_diagram_is_mermaid(tmp_path: Path) -> None:
    """One machine or all; an unknown one lists those there are."""
    cli = CommandLine(tmp_path / "none.db")
    assert cli("workflow", "diagram", PROGRAMME, "--machine", "challenge").out.startswith(
        "%% challenge\nstateDiagram-v2"
    )
    assert cli("workflow", "diagram", PROGRAMME).out.count("stateDiagram-v2") > 4
    answer = cli("workflow", "diagram", PROGRAMME, "--machine", "udfordring")
    assert answer.code == 4 and "challenge" in answer.err


def test_the_database_of_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """--db stands above the environment, which stands above the default."""
    monkeypatch.delenv("SAMSKABT_DB", raising=False)
    session = Session()
    assert session.settings().url == Settings().url
    monkeypatch.setenv("SAMSKABT_DB", "sqlite:///to.db")
    assert session.settings().url == "sqlite:///to.db"
    session.choose("sqlite:///en.db")
    assert session.settings().url == "sqlite:///en.db"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("samskabt-styring@1", "is a part that ships with samskabt, not a programme"),
        (PROGRAMME, "ships with samskabt and is right"),
        ("ikke-her", "unknown file 'ikke-her'"),
    ],
)
def test_a_name_in_the_place_of_a_file_is_told_what_it_is(name: str, words: str, tmp_path: Path) -> None:
    """A part or programme of ours is no file to check: one sentence says so."""
    answer = CommandLine(tmp_path / "none.db")("workflow", "check", name)
    assert answer.code != 0
    assert words in answer.err and answer.err.count("\n") == 1
