"""Claims about the models of a definition: scalars are not coerced, short forms are read, data goes round unchanged."""

from datetime import date, time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from samskabt.engine.definition import Programme, Reminder, Workflow, assemble
from samskabt.engine.definition.base import Bool, Clock, Day, Int, Share
from samskabt.engine.definition.checks import Known
from samskabt.engine.definition.needs import Needs
from samskabt.notifications.standard import STANDARD_TEXTS
from samskabt.notifications.texts import KNOWN_PLACEHOLDERS
from samskabt.workflows.catalogue import Catalogue
from samskabt.workflows.reader import read_document

from ..documents import PART, PROGRAMME


def workflow() -> Workflow:
    """Give the small programme, assembled."""
    return Catalogue((("ramme.yaml", PART), ("proeve.yaml", PROGRAMME))).programme("proeve")


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (Int, ("007", "7", 7.0, True, None)),
        (Bool, ("off", "true", 0, 1, None)),
        (Share, ("0.5", True, float("nan"), 0, 2)),
        (Day, (1711, 20190920, "20190920", "2019-9-2", "2019-02-30", "2019-09-20T00:00", True)),
        (Clock, (900, 9.5, "9:00", "0900", "09:00:30", "24:00", "09:00Z", True)),
    ],
)
def test_scalars_are_not_coerced(kind: Any, refused: tuple[object, ...]) -> None:
    """What pydantic would guess in lax mode is refused."""
    adapter = TypeAdapter(kind)
    for value in refused:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_scalars_are_taken_in_their_one_form() -> None:
    """Days and wall times come from ISO text or from their own types."""
    assert TypeAdapter(Day).validate_python("2019-09-20") == date(2019, 9, 20)
    assert TypeAdapter(Day).validate_python(date(2019, 9, 20)) == date(2019, 9, 20)
    assert TypeAdapter(Clock).validate_python("09:30") == time(9, 30)
    assert TypeAdapter(Clock).validate_json('"09:30"') == time(9, 30)


def test_a_workflow_goes_round_unchanged() -> None:
    """What the database keeps is read back to an equal value with the same hash."""
    first = workflow()
    again = Workflow.model_validate_json(first.canonical)
    assert again == first
    assert (again.hash, again.canonical) == (first.hash, first.canonical)
    assert '"at":"09:30"' in first.canonical


def test_a_workflow_without_parts_goes_round_too() -> None:
    """Empty groups are left out of the canonical form and come back empty."""
    bare = Programme.model_validate({"format": 1, "workflow": "x", "version": 1, "title": "X", "period": "2020"})
    first = assemble(bare, ())
    assert Workflow.model_validate_json(first.canonical).hash == first.hash


def test_every_shipped_programme_is_right() -> None:
    """No name, text or placeholder is unknown, the standard ones included; the data goes round unchanged."""
    catalogue = Catalogue.shipped(Known(frozenset(STANDARD_TEXTS), frozenset(KNOWN_PLACEHOLDERS)))
    assert catalogue.programmes()
    for entry in catalogue.programmes():
        found = catalogue.programme(entry.key, entry.version)
        assert Workflow.model_validate_json(found.canonical).hash == found.hash


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("dated", "dated"),
        (["dated"], "dated"),
        ({"fields": "effekt"}, "fields"),
        ({"strength": "hard", "fields": ["effekt"]}, "fields"),
        ({"own": {"region": "trin_1", "in": "i_gang"}, "owner": "leder"}, "own"),
        ({"need": "deadline", "date": "enrolment"}, "deadline"),
        ({"checklist": None, "strength": "hard"}, "checklist"),
    ],
)
def test_a_requirement_may_be_written_in_short(written: object, tag: str) -> None:
    """A name, a name with parameters, strength before or after it, one for a list."""
    (need,) = TypeAdapter(Needs).validate_python(written)
    assert need.need == tag


def test_a_requirement_cannot_be_renamed_by_its_parameters() -> None:
    """The name that stands first is the requirement's, whatever its parameters claim."""
    with pytest.raises(ValidationError):
        TypeAdapter(Needs).validate_python({"own": {"need": "dated"}})


def test_an_offset_of_many_digits_is_refused() -> None:
    """A number too long for Python's own limits is no crash."""
    with pytest.raises(ValidationError):
        Reminder.model_validate(
            {"title": "X", "on": "a", "during": "b.c", "fires": "d", "offset": "9" * 5000 + " dage"}
        )


def test_reading_gives_the_models() -> None:
    """A part is a part and a programme a programme, told by their first keys."""
    assert type(read_document(("a.yaml", PART))).__name__ == "Part"
    assert type(read_document(("b.yaml", PROGRAMME))).__name__ == "Programme"
