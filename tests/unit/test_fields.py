"""The data of an event, read by the types of a machine's fields."""

from __future__ import annotations

from datetime import date

import pytest
from samskabt.engine.deciding.fields import LONGEST_TEXT, read_day, read_fields
from samskabt.engine.definition import FieldDef
from samskabt.engine.errors import InvalidInput
from samskabt.engine.values import Event, Json

from .core_cases import PERSON, at

KINDS = ("text", "texts", "number", "bool", "date", "check", "kommuner")
FIELDS = {kind: FieldDef.model_validate({"title": kind, "type": kind}) for kind in KINDS}


def read(kind: str, value: Json) -> Json:
    """Read one value as a field of a kind, said late on 3 March in Copenhagen."""
    event = Event("x", at("2019-03-02", "23:30"), at("2019-03-04"), PERSON, {kind: value, "ukendt": 1})
    return read_fields(FIELDS, event)[kind]


TICKED = {"on": "2019-03-03", "by": "7"}


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("text", "  to ord ", "to ord"),
        ("texts", ["a ", "b"], ["a", "b"]),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("bool", False, False),
        ("date", "2019-10-03", "2019-10-03"),
        ("check", True, TICKED),
        ("check", False, None),
        ("check", " Det gik ", {**TICKED, "note": "Det gik"}),
        ("check", {"on": "2019-02-01"}, {**TICKED, "on": "2019-02-01"}),
        ("check", {"note": "MED"}, {**TICKED, "note": "MED"}),
        ("check", {"on": "2019-02-01", "note": "MED"}, {"on": "2019-02-01", "by": "7", "note": "MED"}),
        ("kommuner", ["0101", "0851"], ["0101", "0851"]),
    ],
)
def test_a_value_is_stored_so(kind: str, value: Json, stored: Json) -> None:
    """Texts are trimmed; a tick says who and for which local day."""
    assert read(kind, value) == stored


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_takes_a_value_away(kind: str) -> None:
    """None is no value of any type."""
    assert read(kind, None) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 3),
        ("text", "x" * (LONGEST_TEXT + 1)),
        ("text", "a\x00b"),
        ("texts", "a"),
        ("texts", [1]),
        ("number", "3"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("bool", 1),
        ("date", "3. oktober"),
        ("date", "2019-02-30"),
        ("date", "20191003"),
        ("date", 20191003),
        ("check", " "),
        ("check", 1),
        ("check", {"by": "9"}),
        ("check", {"on": "i går"}),
        ("kommuner", ["101"]),
        ("kommuner", ["0101\n"]),
        ("kommuner", ["٠١٠١"]),
        ("kommuner", [101]),
        ("kommuner", "0101"),
    ],
)
def test_a_value_of_another_type_is_refused_by_the_fields_name(kind: str, value: Json) -> None:
    """The error names the field and shows what it got."""
    with pytest.raises(InvalidInput) as caught:
        read(kind, value)
    assert caught.value.field == kind


def test_a_day_is_a_day() -> None:
    """ISO text of ten characters, and nothing more."""
    assert read_day("dato", "2019-10-03") == date(2019, 10, 3)
    with pytest.raises(InvalidInput, match="dato"):
        read_day("dato", "2019-W40-4")
