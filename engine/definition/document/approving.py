"""Who approves what, as the document says it: for one paper, for a change, for an adjustment; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...values.names import CHANGE
from .items import Approval
from .work import Activity, Evaluation

if TYPE_CHECKING:
    from ...values import Json
    from ..programme import Programme


def approval_of(programme: Programme, kind: str, key: str, data: Mapping[str, Json]) -> Approval | None:
    """Find what the document says of the approval that an instance is about; ``key`` without its ordinal.

    A change is approved as material changes are, or as adjustments, as its ``vaesentlig`` says.
    """
    if kind != CHANGE:
        return programme.approvals.get(key)
    return next((one for one in programme.approvals.values() if one.of == _kind_of(data)), None)


def decider_title(programme: Programme, approval: Approval) -> str:
    """Name who approves, in the document's words; empty where it does not say."""
    body = programme.bodies.get(approval.decider or "")
    return body.title if body else approval.by or (approval.decider or "").replace("_", " ")


def may_decide(programme: Programme, approval: Approval, who: str) -> bool:
    """Tell whether somebody, as people write it, is the one who approves; whoever it is where nobody is named.

    Who decides on material changes may decide on an adjustment too.
    """
    above = [one for one in programme.approvals.values() if approval.of == "adjustments" and one.of == "changes"]
    names = [name for one in (approval, *above) for name in _names(programme, one)]
    given = _spelt(who)
    return not _names(programme, approval) or any(given.startswith(name) or name.startswith(given) for name in names)


def in_charge(programme: Programme, item: Activity | Evaluation | Approval | None) -> str | None:
    """Name the role that the document puts in charge: who facilitates, who evaluates, who serves the deciding body."""
    match item:
        case None:
            return None
        case Evaluation():
            return item.evaluator
        case Approval():
            body = programme.bodies.get(item.decider or "")
            return body.facilitator if body else None
        case _:
            return item.facilitator


def _kind_of(data: Mapping[str, Json]) -> str:
    return "changes" if data.get("vaesentlig") else "adjustments"


def _names(programme: Programme, approval: Approval) -> list[str]:
    names = (approval.decider or "", decider_title(programme, approval), approval.by)
    return [_spelt(name) for name in names if name]


def _spelt(name: str) -> str:
    return name.replace("_", " ").strip().casefold()
