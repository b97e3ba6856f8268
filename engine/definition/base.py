"""What all models of a definition share: frozen, no unknown keys, safe names, scalars that nothing is coerced into.

Before-validators let authors write short forms, and pydantic validates what they return as Python data, in which its
strict mode refuses the ISO strings of JSON. So the models are lax, and each scalar here says itself what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

NAME_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
KEY_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"

Feature = Literal["conditional", "waves", "offers"]
"""What only some programmes have: enrolment subject to a later approval, waves, offers. ``only_with`` one of them."""

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=60)]
"""An identifier inside a definition: lower-case ASCII words joined by underscores."""

Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, max_length=80)]
"""The key of a published document: lower-case ASCII words joined by hyphens."""

Int = Annotated[int, Field(strict=True)]
"""A whole number; never "007", 1.0 or true."""

Bool = Annotated[bool, Field(strict=True)]
"""true or false; never "off", 0 or 1."""

Share = Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]
"""A part of a whole, above 0 and up to 1."""


def _is_share_or_name(value: object) -> object:
    if isinstance(value, str):
        if re.fullmatch(NAME_PATTERN, value) and len(value) <= 60:
            return value
        raise mistake("bad-name", f"{value[:40]!r} er hverken et tal eller navnet på en parameter, f.eks. godt_i_gang")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise mistake("wrong-type", "her skal stå et tal over 0 og højst 1, eller navnet på en parameter")
    if not 0 < value <= 1:
        raise mistake("out-of-bounds", f"{value} er ikke en andel; den skal være over 0 og højst 1")
    return float(value)


ShareOrName = Annotated[
    float | str,
    BeforeValidator(
        _is_share_or_name,
        json_schema_input_type=Annotated[float, Field(gt=0, le=1)]
        | Annotated[str, Field(pattern=NAME_PATTERN, max_length=60)],
    ),
]
"""A part of a whole, or the name of a parameter that holds one."""


def mistake(rule: str, message: str, at: str = "") -> PydanticCustomError:
    """Make the error of a validator: ``rule`` is its code in reports, ``message`` Danish words for the author.

    ``at`` names the key that is wrong, where the validator sees a whole group of them.
    """
    # pydantic fills braces in from a context; the author's own text may hold some.
    return PydanticCustomError("mistake", "{message}", {"rule": rule, "message": message, "at": at})


def _is_filled(text: str) -> str:
    if not text.strip():
        raise mistake("empty-text", "teksten er tom; skriv de ord, som folk skal læse")
    return text.strip()


def _is_day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise mistake("bad-date", f"{value} findes ikke i kalenderen") from error
    raise mistake("bad-date", "skriv dagen som år-måned-dag, f.eks. 2019-09-20")


def _is_clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    raise mistake("bad-time", "skriv klokkeslættet som timer og minutter, f.eks. 09:00")


Label = Annotated[str, StringConstraints(max_length=500), AfterValidator(_is_filled)]
"""Danish words that people read."""

LongText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_is_filled)]
"""The body of a mail."""

Day = Annotated[date, BeforeValidator(_is_day, json_schema_input_type=date)]
"""A calendar day, from an ISO string; never from a number."""

Clock = Annotated[
    time,
    BeforeValidator(_is_clock, json_schema_input_type=Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]),
    PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str, when_used="json"),
]
"""A wall time in whole minutes, from ``09:00``."""


class Model(BaseModel):
    """Base of every model of a definition; ``written`` are keys that authors write beside the fields."""

    written: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


def one_or_many(value: object) -> object:
    """Let authors write one name where a list is meant: ``leder`` for ``[leder]``, ``a, b`` is not split."""
    return [value] if isinstance(value, str | Mapping) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_many, json_schema_input_type=tuple[Name, ...] | Name)]
"""Names, of which an author may write a single one without a list."""

SomeNames = Annotated[Names, Field(min_length=1)]
"""At least one name."""

Labels = Annotated[tuple[Label, ...], BeforeValidator(one_or_many, json_schema_input_type=tuple[Label, ...] | Label)]
"""Texts, of which an author may write a single one without a list."""

Words = Annotated[tuple[str, ...], BeforeValidator(one_or_many, json_schema_input_type=tuple[str, ...] | str)]
"""Strings that are not names, of which an author may write a single one without a list."""


def split_arrow(text: object) -> tuple[list[str], str] | None:
    """Read ``a -> b``, ``a, b -> c`` or ``* -> c``; None where there is no arrow."""
    if not isinstance(text, str):
        return None
    sides = re.split(r"\s*->\s*", text.strip())
    if len(sides) != 2 or not all(sides):
        return None
    return [part.strip() for part in sides[0].split(",") if part.strip()], sides[1]
