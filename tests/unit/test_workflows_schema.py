"""Claims about the JSON Schema: it is current, takes what the reader takes, and refuses what it can see is wrong."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest
from samskabt.workflows.catalogue import shipped_sources
from samskabt.workflows.reading.yaml_tree import read_tree
from samskabt.workflows.schema import EXPECT_FILE, document_schema, expectations_text, schema_text, shipped_schema

from ..documents import PART, PROGRAMME
from ..schema_reading import faults


def faults_of(name: str, text: str) -> list[str]:
    """Give what the schema has against a document."""
    schema: Mapping[str, Any] = document_schema()
    tree = read_tree(name, text).plain()
    assert isinstance(tree, dict)
    model = "Programme" if "workflow" in tree else "Part"
    return list(faults(schema["$defs"][model], tree, schema))


def test_the_shipped_schema_is_current() -> None:
    """After a change of the models: ``python -m samskabt.workflows.schema``."""
    assert shipped_schema() == schema_text()


def test_the_shipped_schema_of_expectations_is_current() -> None:
    """It is written by the same command as the other."""
    shipped = resources.files("samskabt.workflows").joinpath(EXPECT_FILE).read_text(encoding="utf-8")
    assert shipped == expectations_text()


def test_the_schema_takes_every_shipped_document() -> None:
    """An editor marks nothing in what we ship, short forms included."""
    assert [fault for name, text in shipped_sources() for fault in faults_of(name, text)] == []


def test_the_schema_takes_the_small_documents_with_an_editors_comment() -> None:
    """A file may begin with the line by which an editor finds the schema."""
    comment = "# yaml-language-server: $schema=schema.json\n"
    assert faults_of("a", comment + PART) == faults_of("b", comment + PROGRAMME) == []


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (PART, "gated: true", "gatet: true"),
        (PART, "[checklist, {fields", "[cheklist, {fields"),
        (PART, "begynd: planlagt -> i_gang", "begynd: planlagt til i_gang"),
        (PART, "kommune:\n    title", "Kommune:\n    title"),
        (PART, 'at: "09:30"', "at: 930"),
        (PART, "trin: 2\n", "trin: 7\n"),
        (PROGRAMME, "period:", "periode:"),
        (PROGRAMME, "level: cross", "level: alle"),
        (PROGRAMME, "uses: ramme@1", "uses: ramme"),
        (PROGRAMME, "in: start_fase / proces", "in: start_fase"),
    ],
)
def test_the_schema_sees_mistakes_of_form(text: str, old: str, new: str) -> None:
    """An editor marks wrong keys, words and forms while one writes."""
    assert text.count(old) == 1
    assert faults_of("x", text.replace(old, new)) != []


def test_the_schema_is_a_programme_or_a_part() -> None:
    """The two kinds of document stand beside each other."""
    assert [one["$ref"] for one in document_schema()["oneOf"]] == ["#/$defs/Programme", "#/$defs/Part"]
