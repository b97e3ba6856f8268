"""What a programme measures and wants to meet: by its document, and by what its people have agreed on since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from ...engine.definition import Programme
from ...engine.definition.base import Model
from ...engine.definition.document.measuring import Criterion, Measure
from ...engine.errors import InvalidInput
from ...engine.measuring import Registration, Subject
from ...engine.values import Data, Json

Kind = TypeVar("Kind", bound=Model)


@dataclass(frozen=True, slots=True)
class Terms:
    """The målepunkter and criteria of a programme by their keys; what the document names stands first."""

    measures: Mapping[str, Measure]
    criteria: Mapping[str, Criterion]


def terms_of(programme: Programme, rows: Iterable[Registration]) -> Terms:
    """Put the document's målepunkter and criteria together with the agreements among standing rows, the newest each."""
    measures, criteria = dict(programme.measures), dict(programme.criteria)
    for row in rows:
        if row.subject is Subject.AGREEMENT and row.definition is not None:
            if "measure" in row.definition:
                measures[row.key] = read(Measure, row.definition["measure"])
            else:
                criteria[row.key] = read(Criterion, row.definition["criterion"])
    return Terms(measures, criteria)


def read(kind: type[Kind], given: Json) -> Kind:
    """Read a målepunkt or criterion as a document would write it; InvalidInput names the key that is wrong."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "definition"
        raise InvalidInput(where, str(first["msg"])) from error


def written(agreed: Measure | Criterion) -> Data:
    """Write what was agreed as it is stored."""
    if not isinstance(agreed, Measure | Criterion):
        raise InvalidInput("agreed", f"is a Measure or a Criterion, not {str(agreed)[:40]!r}")
    name = "measure" if isinstance(agreed, Measure) else "criterion"
    return {name: agreed.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def check_names(agreed: Measure | Criterion, terms: Terms, programme: Programme) -> None:
    """Raise InvalidInput where what is agreed on names an evaluation or målepunkt that the programme does not have."""
    if isinstance(agreed, Measure):
        odd = [name for name in agreed.evaluations if name not in programme.evaluations]
    else:
        odd = [name for name in (agreed.measured_by,) if name is not None and name not in programme.evaluations]
        if agreed.measure not in (None, *terms.measures):
            raise InvalidInput("measure", f"is one of {', '.join(terms.measures)}, not {agreed.measure}")
    if odd:
        raise InvalidInput(
            "evaluations", f"are among {', '.join(programme.evaluations)}, not {', '.join(map(str, odd))}"
        )
