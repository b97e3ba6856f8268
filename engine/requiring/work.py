"""Requirements on the work around an instance: activities, measurements, and who decides an approval."""

from __future__ import annotations

from dataclasses import replace

from ..civil.instants import iso
from ..definition import Activity
from ..definition.document.approving import approval_of, decider_title, may_decide
from ..definition.needs import ActivitiesNeed, ActivityNeed, ApprovalNeed, BaselineNeed
from ..values import Json, Refusal, Relative
from ..values.names import PHASE_REGION, base_key
from .view import View, named, refuse


def activity(need: ActivityNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that an activity has come so far; one that may be absent, or whose choice stands, is not waited for."""
    found = named(need.key, view)
    definition = view.compiled.paper.activity(need.key)
    if isinstance(definition, Activity) and definition.lived_by and _is_chosen(need.key, view):
        return ()
    if not found and isinstance(definition, Activity) and definition.may_be_absent:
        return ()  # Nobody has asked for it, so nobody waits for it.
    title = definition.title if definition else need.key
    behind = [relative for relative in found if relative.position.get("status") not in need.states]
    if behind or not found:
        planned = behind[0].dates.planned_start if behind else None
        states: list[Json] = list(need.states)
        values: dict[str, Json] = {"activity": title, "wanted": states, "planned": iso(planned)}
        owner = need.owner or view.compiled.paper.responsible_for(need.key, view.identity.kommune)
        return (replace(refuse(need, "mangler_aktivitet", view, **values), owner=owner),)
    if need.attended and not any(_came(view.identity.kommune, relative) for relative in found):
        return (refuse(need, "deltog_ikke", view, activity=title),)
    return ()


def _is_chosen(key: str, view: View) -> bool:
    """Tell whether what is chosen in an activity stands in the data of the instance, or of the kommune above it."""
    parent = view.facts.parent
    chosen = view.compiled.paper.chosen_in(key)
    return any(view.data.get(name) or (parent and parent.data.get(name)) for name in chosen)


def _came(kommune: str | None, relative: Relative) -> bool:
    """Tell whether a kommune was there; an activity of its own kommune, or without a list of those who came, counts."""
    came = relative.data.get("fremmoedte")
    return relative.kommune is not None or not isinstance(came, list) or kommune in came


def activities(need: ActivitiesNeed, view: View) -> tuple[Refusal, ...]:
    """Name each activity of the fase that is still open, once, with the role that answers for it."""
    expected = view.compiled.paper.expected_in(view.region.removeprefix(PHASE_REGION))
    behind: dict[str, Relative] = {}
    for one in view.facts.activities:
        is_own = one.kommune == view.identity.kommune and base_key(one.key) in expected
        if is_own and not _is_settled(need, one, view):
            behind.setdefault(base_key(one.key), one)
    return tuple(_left_open(need, key, one, view) for key, one in behind.items())


def _is_settled(need: ActivitiesNeed, one: Relative, view: View) -> bool:
    return one.position.get("status") in need.states or view.compiled.is_called_off(one.kind, one.position)


def _left_open(need: ActivitiesNeed, key: str, one: Relative, view: View) -> Refusal:
    definition = view.compiled.paper.activity(key)
    planned = one.dates.planned_start if one.dates.precision == "day" else None
    states: list[Json] = list(need.states)
    values: dict[str, Json] = {"activity": definition.title if definition else key, "wanted": states}
    owner = need.owner or view.compiled.paper.responsible_for(key, view.identity.kommune)
    return replace(refuse(need, "mangler_aktivitet", view, **values, planned=iso(planned)), owner=owner)


def baseline(need: BaselineNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that a measurement is closed; one that was called off guards nothing any more."""
    behind = [one for one in named(need.key, view) if one.position.get("status") not in need.states]
    definition = view.compiled.paper.activity(need.key)
    title = definition.title if definition else need.key
    return (refuse(need, "baseline_mangler", view, evaluation=title),) if behind else ()


def approval(need: ApprovalNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that there is a hearing, or that whoever decided may do so."""
    programme, who = view.compiled.workflow.programme, view.event.data.get("besluttet_af")
    found = approval_of(programme, view.identity.kind, base_key(view.identity.key), view.data)
    if found is None:
        return ()
    if need.ask == "hearing":
        return () if found.hearing else (refuse(need, "ingen_hoering", view, approval=found.title),)
    if not isinstance(who, str) or not who.strip() or may_decide(programme, found, who):
        return ()
    title = decider_title(programme, found)
    return (refuse(need, "forkert_beslutter", view, approval=found.title, decider=title, who=who.strip()[:100]),)
