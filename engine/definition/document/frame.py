"""The frame of a programme document: which kommuner, how they enrol, what it costs and for whom it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ...values import Strength
from ..base import Bool, Int, Label, Labels, Model, Name, one_or_many
from ..dates import When
from .items import Count, Sourced

Selector = Literal["stoerrelse", "geografi", "foerst_til_moelle"]


class Kommuner(Sourced):
    """How many kommuner take part, and how they are chosen; ``capacity`` absent: no kommuner enrol.

    ``strength: soft`` makes the capacity a starting point ("som udgangspunkt op til 10-12") that yields to a reason.
    ``named`` are those that the document names. With ``foerst_til_moelle`` those who come when it is full wait in line.
    """

    capacity: Count | None = None
    strength: Strength | None = None
    text: str = ""
    named: Labels = ()
    invited: str = ""
    select_by: Annotated[
        tuple[Selector, ...], BeforeValidator(one_or_many, json_schema_input_type=tuple[Selector, ...] | Selector)
    ] = ()
    rule: str = ""


class Enrolment(Sourced):
    """Until when, and how, a kommune enrols; ``conditional`` are the words for what it may be subject to later."""

    deadline: When | None = None
    how: str = ""
    conditional: str = ""
    form_fields: Labels = ()
    template: str = ""


class Instalment(Model):
    """A part of the price, due in a year; whole kroner."""

    year: Int = Field(ge=1900, le=2200)
    dkk: Int = Field(ge=0)


class Economy(Sourced):
    """What taking part costs and what the programme itself may spend, in whole kroner."""

    price_dkk: Annotated[Int, Field(ge=0)] | None = None
    vat: str = ""
    instalments: tuple[Instalment, ...] = ()
    covers: Labels = ()
    kommune_pays: Labels = ()
    budget_frame_dkk: Annotated[Int, Field(ge=0)] | None = None
    applied_dkk: Annotated[Int, Field(ge=0)] | None = None
    other_funding: Bool | None = None
    status: str = ""
    financing: str = ""
    financing_source: str = ""
    allocation: str = ""
    allocated_to: Labels = ()
    periodised_in: Name | None = None
    budget_lines: Labels = ()
    frame_pays: Labels = ()
    owners_pay: Labels = ()
    support: Labels = ()
    support_rule: str = ""


class TargetGroup(Sourced):
    """For whom, with which intended effects; ``numbers`` absent: the document gives none."""

    who: Label
    intended_effects: Labels = ()
    numbers: str | None = None
    counts: dict[Name, Int] = {}
    groups: Labels = ()
    secondary: Labels = ()
    excludes: str = ""
    involvement: str = ""


class Wave(Sourced):
    """A group of kommuner that begins later than the first: its items lie ``weeks`` weeks later."""

    title: Label
    weeks: Int = Field(ge=0, le=520)
