"""What all models of a definition share: frozen, no unknown keys, names that are safe everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

NAME_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
KEY_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=60)]
"""An identifier inside a definition: lower-case ASCII words joined by underscores."""

Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, max_length=80)]
"""The key of a published document: lower-case ASCII words joined by hyphens."""


def _is_filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write the Danish words that people will read")
    return text.strip()


Label = Annotated[str, StringConstraints(max_length=500), AfterValidator(_is_filled)]
"""Danish words that people read."""


class Model(BaseModel):
    """Base of every model of a definition."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)


V = TypeVar("V")


def one_or_many(value: object) -> object:
    """Let authors write one name where a list is meant: ``leder`` for ``[leder]``, ``a, b`` is not split."""
    return [value] if isinstance(value, str | Mapping) else value


def split_arrow(text: str) -> tuple[list[str], str] | None:
    """Read ``a -> b``, ``a, b -> c`` or ``* -> c``; None where there is no arrow."""
    sides = re.split(r"\s*->\s*", text.strip())
    if len(sides) != 2 or not all(sides):
        return None
    return [part.strip() for part in sides[0].split(",") if part.strip()], sides[1]
