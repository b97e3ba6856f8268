"""How a definition states a date: the rule, and the source's own words."""

from __future__ import annotations

from pydantic import model_validator

from .base import Model


class When(Model):
    """A date rule with the source's words; ``shifts`` is false for days that others set."""

    rule: str
    text: str = ""
    shifts: bool = True
    inferred: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        if isinstance(value, str):
            return {"rule": value, "text": value}
        return value
