"""Claims about the diagrams: every state and move is drawn, and no word of a definition becomes markup."""

import re

import pytest
from samskabt.engine.definition import Workflow
from samskabt.engine.errors import NotFound
from samskabt.workflows.catalogue import Catalogue
from samskabt.workflows.diagram import label, mermaid

from ..documents import PART, PROGRAMME

HOSTILE = ['a"b', "a\nb", "<b>x</b>", "x --> y", "%% note", "end", "a;b:c", "#quot;", "`x`", "[*]", "}", "<<fork>>"]


def workflow(part: str = PART) -> Workflow:
    """Give the small programme, assembled."""
    return Catalogue((("ramme.yaml", part), ("proeve.yaml", PROGRAMME))).programme("proeve")


def test_each_machine_is_one_diagram() -> None:
    """All machines are drawn one after another; one may be asked for by name."""
    assert mermaid(workflow(), None).count("stateDiagram-v2") == 4
    assert mermaid(workflow(), "moede").count("stateDiagram-v2") == 1
    with pytest.raises(NotFound, match="did you mean: moede"):
        mermaid(workflow(), "moeder")


def test_regions_are_composite_states() -> None:
    """A kommune's two trin stand in one frame each, with ids that are nobody's names."""
    drawn = mermaid(workflow(), "kommune")
    assert re.findall(r'state "(Trin \d)" as r\d+ \{', drawn) == ["Trin 1", "Trin 2"]
    assert drawn.count("[*] -->") == 2 and drawn.count("--> [*]") == 2
    assert "af sig selv" in drawn


def test_a_move_from_everywhere_is_drawn_from_each_open_state() -> None:
    """The star stands for the states that are not final."""
    assert mermaid(workflow(), "moede").count(": Hold") == 2


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    """Whatever a title holds, each line still has the form that we write."""
    part = PART.replace("title: Opgave", f"title: {words!r}").replace(
        "          begynd: venter -> i_gang\n          afslut: i_gang -> afsluttet\n\nreminders",
        f"          begynd: {{move: venter -> i_gang, title: {quoted(words)}}}\n"
        f"          afslut: i_gang -> afsluttet\n        states: {{venter: {quoted(words)}, i_gang: I, afsluttet: "
        f"{{title: {quoted(words)}, final: true}}}}\n\nreminders",
    )
    lines = mermaid(workflow(part), "opgave").splitlines()[2:]
    form = r'    (state "[\w #;.,()/?–-]+" as s\d+|(s\d+|\[\*\]) --> (s\d+|\[\*\])( : [\w #;.,()/?–-]+)?)'
    assert [line for line in lines if not re.fullmatch(form, line)] == []
    assert len(lines) == 7


def quoted(words: str) -> str:
    """Write words as YAML in double quotes."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_danish_letters_are_kept() -> None:
    """æ, ø and å are words, not markup; other signs become codes."""
    assert label("Forløb på <b>æ") == "Forløb på #60;b#62;æ"
