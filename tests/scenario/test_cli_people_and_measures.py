"""The commands on people who come and go, on what is measured, and on workflows that are tried before they are used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..command_line import PROGRAMME, CommandLine, live_programme

MEASURE = '{"title": "Har fået nye metoder", "unit": "pct", "groups": ["Medarbejdere", "Ledere"]}'
CRITERION = '{"title": "Tre af fire har fået nye metoder", "measure": "metoder", "target": {"value": 75.0}}'
JUDGED = '{"title": "Planen er lagt", "boolean": true}'
OWN = '{"title": "Kommunens eget mål", "measure": "metoder", "own_targets": true}'


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a command line on a programme in October 2019; only for looking."""
    return live_programme(tmp_path_factory.mktemp("live") / "samskabt.db")


@pytest.fixture
def own(live: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """Give a command line on a copy of that programme, to change it."""
    yield live.copy(tmp_path)


def done(own: CommandLine, *words: object) -> str:
    """Run a command that must succeed, both ways, and give what people read."""
    answer = own(*words)
    assert answer.code == 0, answer.err or answer.out
    return answer.out


def test_what_is_measured_is_registered_corrected_and_shown(own: CommandLine) -> None:
    """Agreed on, registered per group, corrected, and set beside the criteria, as words and as JSON."""
    done(own, "tick")
    for name, text in (("metoder", MEASURE),):
        assert "Registreret" in done(own, "measure", "agree", PROGRAMME, name, text)
    for name, text in (("tre_af_fire", CRITERION), ("plan", JUDGED), ("eget", OWN)):
        done(own, "measure", "agree", PROGRAMME, name, text, "--criterion", "--json")
    where = ("measure", "register", "baseline@0101", "metoder")
    assert "Medarbejdere" in done(own, *where, "--yes", 20, "--n", 40, "--group", "Medarbejdere")
    row = own(*where, "--yes", 3, "--n", 4, "--group", "Ledere", "--json").json
    corrected = done(own, "measure", "correct", row["id"], "--yes", 2, "--n", 4, "--reason", "Talt forkert")
    assert "Registreret" in corrected
    assert "Registreret" in done(own, "measure", "judge", "0101", "plan", "--met", "--note", "Vedtaget")
    assert "Registreret" in done(own, "measure", "aim", "0101", "eget", "40", "--note", "Byrådets mål")
    assert own("measure", "aim", "0101", "eget", "mange").code == 2
    assert "Har fået nye metoder" in done(own, "measure", "results", "--kommune", "København")
    assert own("measure", "results", PROGRAMME, "--json").json["measures"]
    assert "Tre af fire" in done(own, "measure", "criteria")
    assert len(own("measure", "criteria", PROGRAMME, "--as-of", "2019-10-10", "--json").json["criteria"]) == 3
    assert "Medarbejdere" in done(own, "show", "baseline@0101")


def test_nothing_to_measure_is_said(own: CommandLine) -> None:
    """A document without målepunkter and criteria says so."""
    assert "ingen målepunkter" in done(own, "measure", "results")
    assert "ingen succeskriterier" in done(own, "measure", "criteria")


def test_people_are_replaced_absent_busy_and_hand_over(own: CommandLine) -> None:
    """Each of them in words and as JSON; what is open is listed for whoever takes over."""
    done(own, "person", "add", "Ida Holm", "ida@eksempel.example")
    done(own, "person", "add", "Per Lund", "per@eksempel.example", "--json")
    assert "væk til og med" in done(own, "person", "absent", "Ida Holm", "--until", "2019-11-01")
    assert own("person", "absent", "Ida Holm", "--json").json["until"] is None
    assert "until when" in own("person", "absent", "Ida Holm", "--stand-in", "1").err
    assert "er tilbage" in done(own, "person", "absent", "Ida Holm")
    assert "ingen møder" in done(own, "person", "busy", "Ida Holm")
    assert own("person", "busy", "1", "--from", "2019-10-01", "--to", "2020-12-31", "--json").code == 0
    replaced = done(own, "person", "replace", "1", "Ida Holm", "--reason", "Barsel", "--kommune", "0101")
    assert "har overtaget 1 rolle fra" in replaced
    assert own("person", "replace", "1", "Ida Holm", "--role", "kommunal_konsulent", "--json").code in (0, 3, 4)
    pass_on = ("person", "hand-over", "Ida Holm", "Per Lund", "--note", "Ring til Greve først")
    shown = done(own, *pass_on, "--preview")
    assert "Dette sender 1 mail til 1 person. Intet er ændret." in shown and "Ring til Greve først" in shown
    given = done(own, *pass_on)
    assert "Per Lund har overtaget" in given and "Næste skridt" in given
    back = own("person", "hand-over", "Per Lund", "Ida Holm", "--json")
    assert back.code == 0 and back.json["open"]
    assert "Ida Holm" in done(own, "person", "list") and own("person", "list", "--json").json["roles"]


def test_invitations_follow_roles_and_absences(own: CommandLine) -> None:
    """The preview names whom it will mail; a stand-in is named for one absence alone."""
    done(own, "move", "uddannelsesdag_2", "2019-11-20", "--reason", "Aftalt", "--override")
    done(own, "advance", "uddannelsesdag_2", "indkald", "--override", "--reason", "Aftalt")
    done(own, "run", "--once")
    done(own, "person", "add", "Ida Holm", "ida@eksempel.example")
    give = ("person", "assign", "Ida Holm", "kommunal_konsulent", "--kommune", "0360")
    shown = done(own, *give, "--preview")
    assert "Dette sender 1 mail til 1 person. Intet er ændret." in shown and "Ida Holm" in shown
    assert own(*give, "--preview", "--json").json["planned"][0]["template"] == "indkaldelse"
    assert "Ida Holm er nu" in done(own, *give)
    shown = done(own, "person", "replace", "Karen Sørensen", "Ida Holm", "--kommune", "0101", "--preview")
    assert "Karen Sørensen" in shown and "Du skal ikke med" in shown
    done(own, "person", "assign", "Ida Holm", "kommunal_konsulent", "--kommune", "0101")
    away = ("person", "absent", "Karen Sørensen", "--stand-in", "Ida Holm")
    assert own(*away).code == 2
    assert "Imens tager Ida Holm over." in done(own, *away, "--until", "2019-11-25")
    left = done(own, "person", "leave", "Ida Holm", "--kommune", "0360", "--reason", "Nyt job")
    assert "Ida Holm har ikke længere 1 rolle." in left
    assert own("person", "leave", "Ida Holm", "--kommune", "0360", "--json").json["roles"] == []


def test_a_kommune_is_paused_and_resumed(own: CommandLine) -> None:
    """Paused with a reason, marked, and resumed; a second pause is refused in words."""
    assert "i bero" in done(own, "pause", "0101", "--reason", "Fusion af to centre").lower()
    assert "bero" in done(own, "status")
    assert own("pause", "0101", "--reason", "Igen").code == 3
    done(own, "resume", "0101", "--move", "2")
    assert own("history", "0101", "--json").code == 0


def test_a_workflow_is_tried_before_it_is_used(own: CommandLine, tmp_path: Path) -> None:
    """Simulated and tested, in words and as JSON, with the mails in a folder."""
    key = "fagligheder-beskaeftigelsesomraadet"
    assert "Måned for måned" in done(own, "simulate", key, "--out", tmp_path / "ud")
    assert own("simulate", key, "--json").json["decisions"] > 100
    assert "0 afvigelser" in done(own, "workflow", "test", "lab-ud-i-praksis")
    assert own("workflow", "test", "lab-ud-i-praksis", "--json").code == 0
    assert own("workflow", "test", "findes-ikke").code != 0
