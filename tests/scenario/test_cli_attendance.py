"""The commands on attendance and calendars: what they show, what they change, how they refuse."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ..calendars import sheet
from ..command_line import CommandLine, live_programme

MEETING = "lokalt_opstartsmoede@0101"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a command line on a programme in October 2019; only for looking."""
    return live_programme(tmp_path_factory.mktemp("live") / "samskabt.db")


@pytest.fixture
def own(live: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """Give a command line on a copy of that programme, to change it."""
    yield live.copy(tmp_path)


def test_attendance_shows_notes_and_refuses(own: CommandLine) -> None:
    """A meeting by its key alone; an answer is noted, a stranger refused in Danish, who came not before the day."""
    assert "ikke for nogen" in own("attendance", MEETING).out
    own("person", "add", "Anne Leder", "anne@eksempel.example")
    assert own("person", "assign", "anne@eksempel.example", "leder", "--from", "2019-08-01").code == 0
    shown = own("attendance", MEETING, "--json").json
    assert shown["people"] and own("attendance", MEETING).code == own("attendance", "show", MEETING).code == 0
    number = str(shown["people"][0]["person_id"])
    said = own("attendance", "answer", MEETING, number, "kommer", "--json")
    assert (said.json["state"], said.json["way"]) == ("kommer", "kommando")
    assert "Kommer måske" in own("attendance", "answer", MEETING, number, "maaske").out
    for word, state in (("ja", "kommer"), ("nej", "kommer_ikke"), ("Kommer ikke", "kommer_ikke"), ("Måske", "maaske")):
        assert own("attendance", "answer", MEETING, number, word, "--json").json["answer"] == state
    own("person", "add", "Fremmed", "fremmed@eksempel.example")
    refused = own("attendance", "answer", MEETING, "fremmed@eksempel.example", "kommer")
    assert refused.code == 3 and "ikke blandt dem" in refused.err
    assert own("attendance", "came", MEETING, number).code == 3
    assert own("attendance", "came", MEETING).code == own("attendance", "answer", MEETING, number, "jo").code == 2
    assert "ingen svar" in own("attendance", "replies").out
    assert own("attendance", "replies", "--json").json == {"replies": []}
    assert own("attendance", "replies", "--settle", "7").code == 4


def test_calendar_exports_and_gives_out_addresses(own: CommandLine) -> None:
    """A meeting as a file; a secret for a person or a programme, told once, and revoked."""
    assert own("calendar", "export", MEETING).code == 2
    own("move", MEETING, "2019-10-24", "--reason", "Aftalt")
    found = sheet(own("calendar", "export", MEETING).out.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert found.value("METHOD") == "PUBLISH"
    made = own("calendar", "address", "1", "--json").json
    assert made["person_id"] == 1 and len(made["secret"]) >= 43
    assert "vises kun nu" in (bare := own("calendar", "address", "1", "--programme").out) and "SAMSKABT_WEB_URL" in bare
    at = replace(own, environment={"SAMSKABT_WEB_URL": "https://svar.example"})
    assert re.match(r"https://svar\.example/kalender/[\w-]{43}\.ics\n", at("calendar", "address", "1").out)
    assert own("calendar", "revoke", "1", "--json").json == {"person_id": 1, "programme_id": None, "revoked": 2}
    assert "Tilbagekaldt: 1" in own("calendar", "revoke", "forenklet-beskaeftigelsesindsats").out
