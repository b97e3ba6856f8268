"""The forms a date may take in a workflow, as frozen values; knows not how they are written or resolved."""

import datetime as dt
from typing import Annotated, Literal, Self, assert_never

from pydantic import BeforeValidator, Field, model_validator

from ..civil.windows import (
    Part as PartName,
)
from ..civil.windows import (
    Season as SeasonName,
)
from ..civil.windows import (
    Window,
    day_window,
    month_window,
    part_window,
    season_window,
    year_window,
)
from .base import Model

RESERVED_ANCHORS = frozenset({"start", "slut", "midtvejs"})
"""Anchors that mean the programme's own period; no item may bear these keys."""

DayUnit = Literal["dage", "arbejdsdage", "uger", "maaneder"]
Pace = Literal["dage", "uger", "maaneder", "kvartaler"]
Direction = Literal["foer", "efter"]


def _iso_date(value: object) -> object:
    # Below a before-validator pydantic validates JSON as Python input, where strict mode refuses ISO strings.
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value


IsoDate = Annotated[dt.date, Field(strict=True), BeforeValidator(_iso_date, json_schema_input_type=dt.date)]
Year = Annotated[int, Field(ge=1900, le=2200)]
MonthNumber = Annotated[int, Field(ge=1, le=12)]


class _Rule(Model):
    text: str = Field(default="", description="The source's own words.")


class DayRule(_Rule):
    """One day: "20. september 2019"."""

    rule: Literal["day"] = "day"
    date: IsoDate


class MonthRule(_Rule):
    """One month: "september 2019"."""

    rule: Literal["month"] = "month"
    year: Year
    month: MonthNumber


class SeasonRule(_Rule):
    """Three months: foraar 3-5, sommer 6-8, efteraar 9-11, vinter 12-2 (the year is December's)."""

    rule: Literal["season"] = "season"
    year: Year
    season: SeasonName


class PartRule(_Rule):
    """Primo, medio or ultimo of a month or, without a month, of a year."""

    rule: Literal["part"] = "part"
    part: PartName
    year: Year
    month: MonthNumber | None = None


class YearRule(_Rule):
    """A whole year: "2019"."""

    rule: Literal["year"] = "year"
    year: Year


class StartRule(_Rule):
    """The first day of the programme: "ved projektopstart"."""

    rule: Literal["start"] = "start"


class EndRule(_Rule):
    """The last day of the programme: "ved projektafslutning"."""

    rule: Literal["slut"] = "slut"


class RelativeRule(_Rule):
    """So long before another item starts or after it ends; the anchor "" is the item that bears the rule."""

    rule: Literal["relative"] = "relative"
    amount: int = Field(ge=0, le=12_000)
    unit: DayUnit
    direction: Direction
    anchor: str


Absolute = DayRule | MonthRule | SeasonRule | PartRule | YearRule
Point = Annotated[Absolute | StartRule | EndRule | RelativeRule, Field(discriminator="rule")]


class RangeRule(_Rule):
    """From the start of one point to the end of another; one may be absent ("frem til medio 2018")."""

    rule: Literal["range"] = "range"
    first: Point | None = None
    last: Point | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.first is None and self.last is None:
            raise ValueError("en periode skal have en start eller en slutning")
        if isinstance(self.first, Absolute) and isinstance(self.last, Absolute):
            start, end = absolute_window(self.first).start, absolute_window(self.last).end
            if start is not None and end is not None and start > end:
                raise ValueError(f"perioden slutter {end}, før den begynder {start}")
        return self


class BetweenRule(_Rule):
    """The days after one item and before another, neither included; one of the two may be absent."""

    rule: Literal["between"] = "between"
    after: str | None = None
    before: str | None = None

    @model_validator(mode="after")
    def _has_an_anchor(self) -> Self:
        if self.after is None and self.before is None:
            raise ValueError("skriv, hvad det er efter eller før")
        return self


class MidwayRule(_Rule):
    """The middle of the programme or, with both anchors, of the time between two items."""

    rule: Literal["midway"] = "midway"
    after: str | None = None
    before: str | None = None

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.after is None) != (self.before is None):
            raise ValueError("midtvejs ligger mellem to aktiviteter, eller midt i hele programmet")
        return self


class InPhaseRule(_Rule):
    """Some time in the phase of the item."""

    rule: Literal["in_phase"] = "in_phase"


WithinRule = RangeRule | BetweenRule | InPhaseRule | MonthRule | SeasonRule | PartRule | YearRule
Within = Annotated[WithinRule, Field(discriminator="rule")]


class RecurringRule(_Rule):
    """Again and again; without a unit nobody says how often ("løbende"), without ``within`` in its phase.

    ``count`` is how many times at most, ``count_min`` at least ("2-3 gange").
    """

    rule: Literal["recurring"] = "recurring"
    every: int = Field(default=1, ge=1, le=4_000)
    unit: Pace | None = None
    within: Within | None = None
    count: int | None = Field(default=None, ge=1, le=1000)
    count_min: int | None = Field(default=None, ge=1, le=1000)

    @model_validator(mode="after")
    def _counts_upwards(self) -> Self:
        if self.count_min is not None and (self.count is None or self.count_min > self.count):
            raise ValueError("det mindste antal gange skal stå før det største")
        return self


class DeadlineRule(_Rule):
    """On a point or before it: "senest 2. september 2019"."""

    rule: Literal["deadline"] = "deadline"
    by: Point


class OpenRule(_Rule):
    """Nothing is given, or it happens when needed: "efter behov"."""

    rule: Literal["open"] = "open"


DateRule = Annotated[
    Absolute
    | StartRule
    | EndRule
    | RelativeRule
    | RangeRule
    | BetweenRule
    | MidwayRule
    | InPhaseRule
    | RecurringRule
    | DeadlineRule
    | OpenRule,
    Field(discriminator="rule"),
]


def absolute_window(rule: Absolute, text: str = "") -> Window:
    """Return the days that the rule names in the calendar, unshifted."""
    match rule:
        case DayRule():
            return day_window(rule.date, text)
        case MonthRule():
            return month_window(rule.year, rule.month, text)
        case SeasonRule():
            return season_window(rule.year, rule.season, text)
        case PartRule():
            return part_window(rule.part, rule.year, rule.month, text)
        case YearRule():
            return year_window(rule.year, text)
        case _ as never:
            assert_never(never)


def anchors(rule: DateRule) -> frozenset[str]:
    """Return the keys of the other items that the rule hangs on, without the programme's own period."""
    return frozenset(_named(rule)) - RESERVED_ANCHORS - {""}


def bind_anchor(rule: DateRule, key: str) -> DateRule:
    """Return the rule with the item itself (anchor "") replaced by a key, for what follows some meeting."""
    match rule:
        case RelativeRule(anchor=""):
            return rule.model_copy(update={"anchor": key})
        case RangeRule():
            ends = {"first": _bound(rule.first, key), "last": _bound(rule.last, key)}
            return rule.model_copy(update=ends)
        case DeadlineRule():
            return rule.model_copy(update={"by": _bound(rule.by, key)})
        case RecurringRule():
            return rule.model_copy(update={"within": _bound(rule.within, key)})
        case _:
            return rule


def _bound(rule: DateRule | None, key: str) -> DateRule | None:
    return None if rule is None else bind_anchor(rule, key)


def _named(rule: DateRule | None) -> tuple[str, ...]:
    match rule:
        case RelativeRule():
            return (rule.anchor,)
        case RangeRule():
            return (*_named(rule.first), *_named(rule.last))
        case BetweenRule() | MidwayRule():
            return tuple(name for name in (rule.after, rule.before) if name is not None)
        case RecurringRule():
            return _named(rule.within)
        case DeadlineRule():
            return _named(rule.by)
        case _:
            return ()
