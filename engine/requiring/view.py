"""What a requirement may look at, and how it says no: a code, values and who can mend it; judges nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..compiled import Compiled
from ..definition import Need
from ..definition.needs import CapacityNeed, ChildrenNeed, DeadlineNeed, NotBeforeNeed, ParentNeed, ProgrammeNeed
from ..values import Data, Dates, Event, Facts, Identity, Json, Position, Refusal, Relative
from ..values.names import KOMMUNE, base_key


@dataclass(frozen=True, slots=True)
class View:
    """What a requirement may look at: the instance as it stands within the decision, its facts and the event."""

    compiled: Compiled
    identity: Identity
    region: str
    position: Position
    data: Data
    dates: Dates
    facts: Facts
    event: Event
    title: str = ""


def refuse(need: Need, code: str, view: View, **values: Json) -> Refusal:
    """Put a refusal together; the owner is the need's own, or else who answers for where it must be mended."""
    owner = need.owner or _answers(need, view)
    why: dict[str, Json] = {"why": need.why} if need.why else {}
    return Refusal(code, need.need, need.strength, {**values, **why, "at": view.region}, owner)


def _answers(need: Need, view: View) -> str | None:
    """Name the role that answers for the level at which a requirement is met: the programme's or the kommune's."""
    if isinstance(need, NotBeforeNeed):
        return None  # It takes time, and nobody can bring that.
    at_programme = isinstance(need, ProgrammeNeed | CapacityNeed | DeadlineNeed)
    if at_programme or (isinstance(need, ChildrenNeed) and need.kind == KOMMUNE):
        return view.compiled.paper.responsible_for("", None)
    if isinstance(need, ChildrenNeed | ParentNeed):
        return view.compiled.paper.responsible_for("", view.identity.kommune)
    return view.compiled.paper.responsible_for(view.identity.key, view.identity.kommune)


def named(key: str, view: View) -> list[Relative]:
    """Find the instances of an activity: those of the own kommune, or else the programme's; called off ones count not.

    What the programme holds for all of them waits for the activity of every kommune.
    """
    found = [one for one in view.facts.activities if base_key(one.key) == key and not _is_called_off(one, view)]
    if view.identity.kommune is None:
        return found
    own = [relative for relative in found if relative.kommune == view.identity.kommune]
    return own or [relative for relative in found if relative.kommune is None]


def _is_called_off(relative: Relative, view: View) -> bool:
    return view.compiled.is_called_off(relative.kind, relative.position)
