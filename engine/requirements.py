"""Evaluates requirements: each answers with nothing, or with refusals as codes with values; renders no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor
from typing import assert_never

from .civil.instants import iso, local_date
from .compiled import Compiled
from .definition import Activity, Need
from .definition.document.approving import approval_of, decider_title, may_decide
from .definition.needs import (
    ActivityNeed,
    ApprovalNeed,
    BaselineNeed,
    CapacityNeed,
    ChecklistNeed,
    ChildrenNeed,
    DatedNeed,
    DeadlineNeed,
    FieldsNeed,
    KommunerNeed,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .values import Data, Dates, Event, Facts, Identity, Json, Position, Refusal, Relative
from .values.kept import WINDOWS
from .values.names import KOMMUNE, LIFE, base_key

MOST_NAMED = 5
"""So many of the children that lack something are named; a list may be long."""
HALF = 0.5
TINY = 1e-9

WHOLE = "hele"
"""The window that holds the programme's period and all of its faser: no day may be planned outside it."""


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


def missing(need: Need, view: View) -> tuple[Refusal, ...]:
    """Say what of one requirement is not fulfilled; nothing when it holds."""
    match need:
        case ChecklistNeed():
            return _checklist(need, view)
        case FieldsNeed():
            absent = [name for name in need.names if not (view.data.get(name) or view.event.data.get(name))]
            return tuple(_unfilled(need, name, view) for name in absent)
        case OwnNeed():
            return _own(need, view)
        case ParentNeed():
            parent = view.facts.parent
            return _in_states(need, view, parent.kind, parent.position) if parent else ()
        case ProgrammeNeed():
            programme = view.facts.programme
            return _in_states(need, view, "programme", programme.position) if programme else ()
        case ChildrenNeed():
            return _children(need, view)
        case ActivityNeed():
            return _activity(need, view)
        case BaselineNeed():
            return _baseline(need, view)
        case CapacityNeed():
            return _capacity(need, view)
        case KommunerNeed():
            return _kommuner(need, view)
        case DeadlineNeed():
            last = window_of(need.date, view)[1]
            happened = local_date(view.event.happened_at)
            late = last is not None and happened > last
            return (_refusal(need, "fristen_er_overskredet", view, date=need.date, last=iso(last)),) if late else ()
        case NotBeforeNeed():
            last = window_of(need.date, view)[1]
            early = last is not None and local_date(view.event.happened_at) <= last
            return (_refusal(need, "fristen_er_ikke_udloebet", view, date=need.date, last=iso(last)),) if early else ()
        case DatedNeed():
            dated = view.dates.planned_start is not None and view.dates.precision == "day"
            return () if dated else (_refusal(need, "mangler_dato", view),)
        case ApprovalNeed():
            return _approval(need, view)
        case _ as never:
            assert_never(never)


def may_be_woken(compiled: Compiled, one: Relative, above: Identity, position: Position) -> bool:
    """Tell whether a join of an instance asks for what now stands above it; its other conditions are not looked at.

    ``above`` is its parent or its programme, and ``position`` where that stands.
    """
    for join in compiled.machine(one.kind).joins:
        looks = [need for need in join.when if _looks_at(need, one, above)]
        if looks and one.position[join.region] in join.sources and all(_stands(need, position) for need in looks):
            return True
    return False


def _looks_at(need: Need, one: Relative, above: Identity) -> bool:
    if isinstance(need, ProgrammeNeed):
        return above.kind == "programme"
    return isinstance(need, ParentNeed) and one.parent_id == above.id


def _stands(need: Need, position: Position) -> bool:
    return isinstance(need, ParentNeed | ProgrammeNeed) and position.get(need.region) in need.states


def holds(needs: Sequence[Need], view: View) -> bool:
    """Tell whether all of a join's conditions hold."""
    return not any(missing(need, view) for need in needs)


def window_of(name: str, view: View) -> tuple[date | None, date | None]:
    """Find the first and last day of a date of the programme: one of its windows, or an activity's own days.

    A kommune's own windows, those of its faser, come before the programme's.
    """
    programme = view.facts.programme
    for data in (view.data, programme.data if programme else {}):
        stored = stored_window(data, name)
        if stored is not None:
            return stored
    for relative in _named(name, view):
        dates = relative.dates
        return dates.actual_start or dates.planned_start, dates.actual_end or dates.planned_end
    return None, None


def stored_window(data: Data, name: str) -> tuple[date | None, date | None] | None:
    """Find a window among those that a programme's data hold; None where it holds none of that name."""
    windows = data.get(WINDOWS)
    return read_window(windows[name]) if isinstance(windows, Mapping) and name in windows else None


def read_window(value: Json) -> tuple[date | None, date | None]:
    """Read a stored window, ``[first day, last day]``."""
    if not isinstance(value, list) or len(value) != 2:
        return None, None
    first, last = (date.fromisoformat(day) if isinstance(day, str) else None for day in value)
    return first, last


def _checklist(need: ChecklistNeed, view: View) -> tuple[Refusal, ...]:
    checklist = view.compiled.region(view.identity.kind, view.region).checklist
    items = need.items or tuple(checklist)
    open_items = [item for item in items if not (view.data.get(item) or view.event.data.get(item))]
    refusals = [_refusal(need, "mangler_flueben", view, field=item) for item in open_items]
    return tuple(
        replace(refusal, owner=need.owner or checklist[item].owner or refusal.owner)
        for refusal, item in zip(refusals, open_items, strict=True)
    )


def _unfilled(need: FieldsNeed, name: str, view: View) -> Refusal:
    refusal = _refusal(need, "mangler_felt", view, field=name)
    field = view.compiled.machine(view.identity.kind).all_fields.get(name)
    return replace(refusal, owner=need.owner or (field.owner if field else None) or refusal.owner)


def _own(need: OwnNeed, view: View) -> tuple[Refusal, ...]:
    """Look at a region of the instance; an activity of a kommune stands behind its kommune's, where it has none."""
    parent = view.facts.parent
    if need.region not in view.position and parent is not None and need.region in parent.position:
        return _in_states(need, view, parent.kind, parent.position)
    return _in_states(need, view, view.identity.kind, view.position)


def _in_states(
    need: OwnNeed | ParentNeed | ProgrammeNeed, view: View, kind: str, position: Position
) -> tuple[Refusal, ...]:
    state = position.get(need.region)
    if state in need.states:
        return ()
    states: list[Json] = list(need.states)
    return (_refusal(need, "forkert_tilstand", view, kind=kind, region=need.region, state=state, wanted=states),)


def _children(need: ChildrenNeed, view: View) -> tuple[Refusal, ...]:
    children = [child for child in view.facts.children if child.kind == need.kind]
    if need.among:
        children = [child for child in children if child.position.get(need.region) in need.among]
    inside = [child for child in children if child.position.get(need.region) in need.states]
    good = [child for child in inside if all(child.data.get(name) for name in need.fields)]
    wanted = need.at_least
    if need.all:
        wanted = max(wanted, len(children))
    elif isinstance(need.share, float):
        wanted = max(wanted, ceil(need.share * len(children) - TINY))
    if len(good) >= wanted:
        return ()
    states: list[Json] = list(need.states)
    met = {child.id for child in good}
    others = [child for child in children if child.id not in met]
    lacking: list[Json] = [*[child.title for child in others][:MOST_NAMED]]
    fields: list[Json] = list(need.fields) if len(inside) > len(good) else []
    counts: dict[str, Json] = {"have": len(good), "want": wanted, "of": len(children)}
    names: dict[str, Json] = {"kind": need.kind, "region": need.region, "wanted": states}
    more: dict[str, Json] = {"fields": fields, "lacking": lacking, "more": len(others) - len(lacking)}
    return (_refusal(need, "for_faa", view, **counts, **names, **more),)


def _activity(need: ActivityNeed, view: View) -> tuple[Refusal, ...]:
    found = _named(need.key, view)
    activity = view.compiled.paper.activity(need.key)
    if isinstance(activity, Activity) and activity.lived_by and _is_chosen(need.key, view):
        return ()
    if not found and isinstance(activity, Activity) and activity.may_be_absent:
        return ()  # Nobody has asked for it, so nobody waits for it.
    title = activity.title if activity else need.key
    behind = [relative for relative in found if relative.position.get("status") not in need.states]
    if behind or not found:
        planned = behind[0].dates.planned_start if behind else None
        states: list[Json] = list(need.states)
        values: dict[str, Json] = {"activity": title, "wanted": states, "planned": iso(planned)}
        owner = need.owner or view.compiled.paper.responsible_for(need.key, view.identity.kommune)
        return (replace(_refusal(need, "mangler_aktivitet", view, **values), owner=owner),)
    if need.attended and not any(_came(view.identity.kommune, relative) for relative in found):
        return (_refusal(need, "deltog_ikke", view, activity=title),)
    return ()


def _baseline(need: BaselineNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that a measurement is closed; one that was called off guards nothing any more."""
    behind = [one for one in _named(need.key, view) if one.position.get("status") not in need.states]
    definition = view.compiled.paper.activity(need.key)
    title = definition.title if definition else need.key
    return (_refusal(need, "baseline_mangler", view, evaluation=title),) if behind else ()


def _is_chosen(key: str, view: View) -> bool:
    """Tell whether what is chosen in an activity stands in the data of the instance, or of the kommune above it."""
    parent = view.facts.parent
    chosen = view.compiled.paper.chosen_in(key)
    return any(view.data.get(name) or (parent and parent.data.get(name)) for name in chosen)


def _named(key: str, view: View) -> list[Relative]:
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


def _came(kommune: str | None, relative: Relative) -> bool:
    """Tell whether a kommune was there; an activity of its own kommune, or without a list of those who came, counts."""
    came = relative.data.get("fremmoedte")
    return relative.kommune is not None or not isinstance(came, list) or kommune in came


def _capacity(need: CapacityNeed, view: View) -> tuple[Refusal, ...]:
    capacity = view.compiled.workflow.programme.kommuner.capacity
    taken = [sibling for sibling in view.facts.siblings if sibling.position.get(need.region) in need.states]
    if capacity is None or len(taken) < capacity.max:
        return ()
    names: list[Json] = [sibling.title for sibling in taken]
    strength = view.compiled.workflow.programme.kommuner.strength or need.strength
    full = _refusal(need, "ingen_plads", view, capacity=capacity.max, taken=names)
    return (replace(full, strength=strength),)


def taking_part(need: KommunerNeed, view: View) -> list[Relative]:
    """List the kommuner that count: those that were chosen and have not left, in the order of their numbers."""
    among = need.among or view.compiled.gates.taking_part
    kommuner = list(view.facts.kommuner)
    if view.identity.kind == KOMMUNE:
        title = view.title or view.identity.key
        kommuner.append(Relative.of(view.identity, title, view.position, view.data, view.dates))
    return [one for one in kommuner if one.position.get(LIFE) in among]


def _kommuner(need: KommunerNeed, view: View) -> tuple[Refusal, ...]:
    """Count how many of those that take part have come so far; where nobody does, it does not hold."""
    found = taking_part(need, view)
    behind = [one for one in found if one.position.get(need.region) not in need.states]
    wanted = max(1, _wanted(need, len(found)))
    have = len(found) - len(behind)
    if have >= wanted:
        return ()
    counts: dict[str, Json] = {"have": have, "want": wanted, "of": len(found)}
    states: list[Json] = list(need.states)
    lacking: list[Json] = [one.title for one in behind]
    more: dict[str, Json] = {"region": need.region, "wanted": states, "lacking": lacking}
    if need.more_than == HALF:
        more["majority"] = True
    return (_refusal(need, "for_faa_kommuner", view, **counts, **more),)


def _wanted(need: KommunerNeed, many: int) -> int:
    """Say how many it takes; a part that is exactly met is not more than that part."""
    if need.at_least is not None:
        return need.at_least
    if need.share is not None:
        return ceil(float(need.share) * many - TINY)
    if need.more_than is not None:
        return floor(need.more_than * many + TINY) + 1
    return many


def _approval(need: ApprovalNeed, view: View) -> tuple[Refusal, ...]:
    programme, who = view.compiled.workflow.programme, view.event.data.get("besluttet_af")
    approval = approval_of(programme, view.identity.kind, base_key(view.identity.key), view.data)
    if approval is None:
        return ()
    if need.ask == "hearing":
        return () if approval.hearing else (_refusal(need, "ingen_hoering", view, approval=approval.title),)
    if not isinstance(who, str) or not who.strip() or may_decide(programme, approval, who):
        return ()
    title = decider_title(programme, approval)
    return (_refusal(need, "forkert_beslutter", view, approval=approval.title, decider=title, who=who.strip()[:100]),)


def _refusal(need: Need, code: str, view: View, **values: Json) -> Refusal:
    """Put a refusal together; the owner is the need's own, or else who answers for where it must be mended."""
    owner = need.owner or _answers(need, view)
    why: dict[str, Json] = {"why": need.why} if need.why else {}
    return Refusal(code, need.need, need.strength, {**values, **why, "at": view.region}, owner)


def _answers(need: Need, view: View) -> str | None:
    """Name the role that answers for the level at which a requirement is met: the programme's or the kommune's."""
    if isinstance(need, NotBeforeNeed):
        return None  # It takes time, and nobody can bring that.
    at_programme = isinstance(need, ProgrammeNeed | CapacityNeed | DeadlineNeed)
    if at_programme or (isinstance(need, ChildrenNeed) and need.kind == "kommune"):
        return view.compiled.paper.responsible_for("", None)
    if isinstance(need, ChildrenNeed | ParentNeed):
        return view.compiled.paper.responsible_for("", view.identity.kommune)
    return view.compiled.paper.responsible_for(view.identity.key, view.identity.kommune)
