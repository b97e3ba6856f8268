"""The registry of requirements: which names a definition may use, with which parameters; evaluates none of them.

A definition writes a requirement as its name (``checklist``) or as its name with parameters
(``{children: {kind: loesning, in: [valgt]}}``). Nothing in a definition is ever executed, imported or evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from ..values import Strength
from .base import Bool, Int, Model, Name, Names, ShareOrName, SomeNames, mistake, one_or_many


class _Need(Model):
    """What every requirement has: its strength, the role that can mend it, and why it is asked (told in mails)."""

    strength: Strength = Strength.SOFT
    owner: Name | None = None
    why: str = ""


class ChecklistNeed(_Need):
    """Every item of the region's checklist (or those named) is ticked by somebody, with a date. Soft by default."""

    need: Literal["checklist"] = "checklist"
    items: Names = ()


class FieldsNeed(_Need):
    """The named fields of the instance (or of the event's data) are filled in."""

    need: Literal["fields"] = "fields"
    names: SomeNames


class OwnNeed(_Need):
    """Another region of the same instance stands in one of the states; the order of trin. Hard by default."""

    need: Literal["own"] = "own"
    strength: Strength = Strength.HARD
    region: Name
    states: SomeNames = Field(alias="in", serialization_alias="in")


class ParentNeed(_Need):
    """The parent's region stands in one of the states. Hard by default."""

    need: Literal["parent"] = "parent"
    strength: Strength = Strength.HARD
    region: Name
    states: SomeNames = Field(alias="in", serialization_alias="in")


class ProgrammeNeed(_Need):
    """The programme's region stands in one of the states. Hard by default."""

    need: Literal["programme"] = "programme"
    strength: Strength = Strength.HARD
    region: Name
    states: SomeNames = Field(alias="in", serialization_alias="in")


class ChildrenNeed(_Need):
    """Enough children of a kind stand in the states: ``at_least`` in number, ``share`` of all, or ``all`` of them.

    A share may be the name of a parameter, whose value the part or the programme gives.

    ``among`` narrows the children that count to those in these states; ``fields`` asks that those that count have them.
    """

    need: Literal["children"] = "children"
    kind: Name
    states: SomeNames = Field(alias="in", serialization_alias="in")
    region: Name = "status"
    among: Names = ()
    at_least: Int = Field(default=1, ge=0)
    share: ShareOrName | None = None
    all: Bool = False
    fields: Names = ()

    @model_validator(mode="after")
    def _one_measure(self) -> ChildrenNeed:
        if self.all and self.share is not None:
            raise mistake("one-of-two", "skriv enten share eller all, ikke begge", "share")
        return self


class ActivityNeed(_Need):
    """The named activity (of the own kommune, else of the programme) has reached one of the states, all of its count.

    ``attended`` asks besides that the own kommune is among those who came (data field ``fremmoedte``).

    Of what need not be held at all (voluntary, of an offer, or op til so many) it holds where nobody has asked for it.
    """

    need: Literal["activity"] = "activity"
    key: Name
    states: SomeNames = Field(default=("afholdt", "fulgt_op", "afsluttet"), alias="in", serialization_alias="in")
    attended: Bool = False


class ActivitiesNeed(_Need):
    """Every activity of the fase that ends (of the own kommune, else of the programme) is held, done or called off.

    It stands before the end of a fase. What need not be held at all (voluntary, or op til so many) is not waited for.
    """

    need: Literal["activities"] = "activities"
    states: SomeNames = Field(default=("afholdt", "fulgt_op", "afsluttet"), alias="in", serialization_alias="in")


class BaselineNeed(_Need):
    """The named measurement is closed: what it measures can never again be measured as it was before the change."""

    need: Literal["baseline"] = "baseline"
    key: Name
    states: SomeNames = Field(default=("lukket", "afrapporteret"), alias="in", serialization_alias="in")


class CapacityNeed(_Need):
    """There is a free place among the programme's kommuner: fewer siblings stand in the states than it has room for."""

    need: Literal["capacity"] = "capacity"
    strength: Strength = Strength.HARD
    region: Name = "forloeb"
    states: SomeNames = Field(default=("deltager",), alias="in", serialization_alias="in")


class KommunerNeed(_Need):
    """Enough of the programme's kommuner have come so far: ``{region: fase_opstart, in: afsluttet, more_than: 0.5}``.

    Only those that take part count: whose ``forloeb`` stands in ``among``, by default in the states that follow being
    chosen and are no way out. Where none takes part it does not hold. ``all`` is the measure where none is given.
    "Hovedparten" is ``more_than: 0.5``.
    """

    need: Literal["kommuner"] = "kommuner"
    strength: Strength = Strength.HARD
    region: Name
    states: SomeNames = Field(alias="in", serialization_alias="in")
    among: Names = ()
    at_least: Int | None = Field(default=None, ge=1)
    share: ShareOrName | None = None
    more_than: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] | None = None
    all: Bool | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> KommunerNeed:
        measures = [self.at_least, self.share, self.more_than, self.all]
        if sum(one is not None for one in measures) > 1:
            raise mistake("one-of-two", "skriv ét af at_least, share, more_than og all", "more_than")
        return self


class DeadlineNeed(_Need):
    """It happened no later than the day that a date of the programme ends on (``enrolment`` or an activity's key)."""

    need: Literal["deadline"] = "deadline"
    strength: Strength = Strength.HARD
    date: Name


class NotBeforeNeed(_Need):
    """It happened after the day that a date of the programme ends on: nobody is chosen before the deadline."""

    need: Literal["not_before"] = "not_before"
    date: Name


class DatedNeed(_Need):
    """The instance itself has a planned day (not only a wide window)."""

    need: Literal["dated"] = "dated"
    strength: Strength = Strength.HARD


class ApprovalNeed(_Need):
    """What the document says of an approval holds: ``hearing`` is foreseen, or the ``decider`` is the right one.

    The decider is read from the event's field ``besluttet_af``; where it is not given, nothing is asked.
    """

    need: Literal["approval"] = "approval"
    strength: Strength = Strength.HARD
    ask: Literal["hearing", "decider"]


Need: TypeAlias = (
    ChecklistNeed
    | FieldsNeed
    | OwnNeed
    | ParentNeed
    | ProgrammeNeed
    | ChildrenNeed
    | ActivityNeed
    | ActivitiesNeed
    | BaselineNeed
    | CapacityNeed
    | KommunerNeed
    | DeadlineNeed
    | NotBeforeNeed
    | DatedNeed
    | ApprovalNeed
)


def _from_sugar(value: object) -> object:
    """Turn ``checklist`` and ``{checklist: {...}}`` into the tagged form."""
    if isinstance(value, str):
        return {"need": value}
    if not isinstance(value, Mapping) or "need" in value:
        return value
    rest = dict(value)
    name = next((key for key in rest if key not in ("strength", "owner", "why")), None)
    if name is None:
        return value
    params = rest.pop(name)
    if isinstance(params, Mapping):
        return {**params, **rest, "need": name}
    if params is None:
        return {**rest, "need": name}
    return {**rest, MAIN_PARAMETER.get(str(name), "value"): params, "need": name}


MAIN_PARAMETER: Mapping[str, str] = {
    "checklist": "items",
    "fields": "names",
    "activity": "key",
    "baseline": "key",
    "deadline": "date",
    "not_before": "date",
    "approval": "ask",
}
"""Which parameter a plain value stands for: ``{fields: [effekt]}``, ``{activity: uddannelsesdag_1}``."""

Tagged = Annotated[Need, Field(discriminator="need")]
NeedItem = Annotated[Tagged, BeforeValidator(_from_sugar)]
Needs = Annotated[tuple[NeedItem, ...], BeforeValidator(one_or_many)]
"""Requirements, of which an author may write a single one without a list."""
