"""What a programme measures: its indicators (målepunkter) and the criteria that it wants to meet; computes nothing."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from ..base import Bool, Int, Label, Labels, Model, Name, Names
from .items import Level, Sourced

Unit: TypeAlias = Literal["pct", "antal", "minutter", "skala", "boolean"]
"""What a målepunkt is counted in."""


class Target(Model):
    """A number that a criterion wants: ``value`` in ``unit``, reached when ``op`` holds."""

    op: Literal[">=", ">", "<=", "<", "=="] = ">="
    value: float = Field(strict=True, allow_inf_nan=False)
    unit: Literal["pct", "antal", "minutter", "skala"] = "pct"


class Criterion(Sourced):
    """A success criterion: a number over a measure, yes or no, or words that people judge.

    ``measure`` names the målepunkt that it is computed from, ``measured_by`` the evaluation that finds it out. ``base``
    says whom a share is of and ``n`` how many they are; ``group`` counts one group of the measure alone. ``per_site``
    wants it in every kommune ("i alle jobcentre"). ``own_targets`` lets each kommune set its own. ``otherwise`` are
    numbers that the document contradicts itself with.
    """

    title: Label
    target: Target | None = None
    boolean: Bool | None = None
    per_site: Bool | None = None
    own_targets: Bool | None = None
    measure: Name | None = None
    measured_by: Name | None = None
    group: str = ""
    base: str = ""
    n: Int | None = Field(default=None, ge=1)
    purposes: Labels = ()
    otherwise: str = ""


class Measure(Sourced):
    """A målepunkt: what is counted or asked, in which unit, in which evaluations.

    ``share`` counts how many of those asked say yes (``pct``); ``boolean`` is yes or no per kommune. ``better`` says
    which way is an improvement; ``low`` and ``high`` are the ends of a scale. ``groups`` are those that answers are
    counted by. ``anonymous`` answers are registered as counts per group, and of groups under five never shown.
    """

    title: Label
    unit: Unit
    better: Literal["higher", "lower"] = "higher"
    low: Int | None = None
    high: Int | None = None
    instrument: str = ""
    level: Level = "kommune"
    evaluations: Names = ()
    respondents: Names = ()
    groups: Labels = ()
    anonymous: Bool = True
