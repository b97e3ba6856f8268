"""When an item happens, as an author states it: rule, source's words, whether it shifts; resolves nothing."""

import datetime as dt
from typing import Annotated

from pydantic import BeforeValidator, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .base import Model
from .date_grammar import DateRuleError, parse_date_rule
from .date_rules import (
    RESERVED_ANCHORS,
    Absolute,
    BetweenRule,
    DateRule,
    DayRule,
    DeadlineRule,
    EndRule,
    InPhaseRule,
    MidwayRule,
    MonthRule,
    OpenRule,
    PartRule,
    Point,
    RangeRule,
    RecurringRule,
    RelativeRule,
    SeasonRule,
    StartRule,
    WithinRule,
    YearRule,
    absolute_window,
    anchors,
    bind_anchor,
)

__all__ = [
    "RESERVED_ANCHORS",
    "Absolute",
    "BetweenRule",
    "DateRule",
    "DateRuleError",
    "DayRule",
    "DeadlineRule",
    "EndRule",
    "InPhaseRule",
    "MidwayRule",
    "MonthRule",
    "OpenRule",
    "PartRule",
    "Point",
    "RangeRule",
    "RecurringRule",
    "RelativeRule",
    "SeasonRule",
    "StartRule",
    "When",
    "WithinRule",
    "YearRule",
    "absolute_window",
    "anchors",
    "bind_anchor",
    "parse_date_rule",
]


def _read(value: object) -> object:
    """Turn words, a date or a bare year, which YAML reads as a number, into a rule; leave the rest."""
    match value:
        case dt.datetime() | bool():
            return value
        case str():
            return parse_date_rule(value)
        case dt.date() | int():
            return parse_date_rule(str(value))
        case _:
            return value


class When(Model):
    """State when an item happens; a plain string or date is taken as the rule.

    ``text`` are the source's own words where they differ from the rule. ``shifts=False`` keeps a date where
    it is when the programme starts at another time (a law's date). ``inferred``: the source does not say.
    """

    rule: Annotated[DateRule, BeforeValidator(_read, json_schema_input_type=DateRule | str | dt.date | int)]
    text: str = ""
    shifts: bool = True
    inferred: bool = False

    @property
    def wording(self) -> str:
        """Return the source's words, or else the author's."""
        return self.text or self.rule.text

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: object) -> object:
        return {"rule": value} if isinstance(value, str | dt.date | int) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Let editors accept the short form too, where a document is written."""
        schema = handler(core_schema)
        if handler.mode != "validation":
            return schema
        plain: JsonSchemaValue = {"type": ["string", "integer"], "examples": ["6 uger efter opstartsmoede"]}
        return {"anyOf": [plain, schema]}
