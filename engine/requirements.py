"""Evaluates requirements: each answers with nothing, or with refusals as codes with values; renders no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from typing import assert_never

from .civil.instants import local_date
from .compiled import Compiled, base_key
from .definition import Need
from .definition.needs import (
    ActivityNeed,
    BaselineNeed,
    CapacityNeed,
    ChecklistNeed,
    ChildrenNeed,
    DatedNeed,
    DeadlineNeed,
    FieldsNeed,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .values import Data, Dates, Event, Facts, Identity, Json, Position, Refusal, Relative

WINDOWS = "vinduer"
"""The programme's data field that holds its windows: name -> [first day, last day], each ISO or null."""

WHOLE = "hele"
"""The window that holds the programme's period and all of its faser: no day may be planned outside it."""


LAST_DAY = "senest"
"""The data field of a measurement that guards a change: its last possible day, kept by the planner."""


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


def missing(need: Need, view: View) -> tuple[Refusal, ...]:
    """Say what of one requirement is not fulfilled; nothing when it holds."""
    match need:
        case ChecklistNeed():
            return _checklist(need, view)
        case FieldsNeed():
            absent = [name for name in need.names if not (view.data.get(name) or view.event.data.get(name))]
            return tuple(_refusal(need, "mangler_felt", view, field=name) for name in absent)
        case OwnNeed():
            return _in_states(need, view, view.identity.kind, view.position)
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
        case _ as never:
            assert_never(never)


def holds(needs: Sequence[Need], view: View) -> bool:
    """Tell whether all of a join's conditions hold."""
    return not any(missing(need, view) for need in needs)


def window_of(name: str, view: View) -> tuple[date | None, date | None]:
    """Find the first and last day of a date of the programme: one of its windows, or an activity's own days."""
    programme = view.facts.programme
    data = view.data if view.identity.kind == "programme" else programme.data if programme else {}
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


def iso(day: date | None) -> str | None:
    """Write a day, if there is one, as values of refusals and windows hold it."""
    return day.isoformat() if day else None


def _checklist(need: ChecklistNeed, view: View) -> tuple[Refusal, ...]:
    checklist = view.compiled.region(view.identity.kind, view.region).checklist
    items = need.items or tuple(checklist)
    open_items = [item for item in items if not (view.data.get(item) or view.event.data.get(item))]
    refusals = [_refusal(need, "mangler_flueben", view, field=item) for item in open_items]
    return tuple(
        replace(refusal, owner=refusal.owner or checklist[item].owner)
        for refusal, item in zip(refusals, open_items, strict=True)
    )


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
    elif need.share is not None:
        wanted = max(wanted, ceil(need.share * len(children) - 1e-9))
    if len(good) >= wanted:
        return ()
    states: list[Json] = list(need.states)
    lacking: list[Json] = [*[child.title for child in children if child not in good][:5]]
    fields: list[Json] = list(need.fields) if len(inside) > len(good) else []
    counts: dict[str, Json] = {"have": len(good), "want": wanted, "of": len(children)}
    names: dict[str, Json] = {"kind": need.kind, "region": need.region, "wanted": states}
    more: dict[str, Json] = {"fields": fields, "lacking": lacking}
    return (_refusal(need, "for_faa", view, **counts, **names, **more),)


def _activity(need: ActivityNeed, view: View) -> tuple[Refusal, ...]:
    found = _named(need.key, view)
    activity = view.compiled.activity(need.key)
    title = activity.title if activity else need.key
    behind = [relative for relative in found if relative.position.get("status") not in need.states]
    if behind or not found:
        planned = behind[0].dates.planned_start if behind else None
        states: list[Json] = list(need.states)
        return (_refusal(need, "mangler_aktivitet", view, activity=title, wanted=states, planned=iso(planned)),)
    if need.attended and not any(_came(view.identity.kommune, relative) for relative in found):
        return (_refusal(need, "deltog_ikke", view, activity=title),)
    return ()


def _baseline(need: BaselineNeed, view: View) -> tuple[Refusal, ...]:
    """Ask that a measurement is closed; one that was called off guards nothing any more."""
    behind = [one for one in _named(need.key, view) if one.position.get("status") not in need.states]
    definition = view.compiled.activity(need.key)
    title = definition.title if definition else need.key
    return (_refusal(need, "baseline_mangler", view, evaluation=title),) if behind else ()


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
    return relative.position.get("status") == view.compiled.closed_state(relative.kind)


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
    return (_refusal(need, "ingen_plads", view, capacity=capacity.max, taken=names),)


def _refusal(need: Need, code: str, view: View, **values: Json) -> Refusal:
    """Put a refusal together; the owner is the need's own."""
    return Refusal(code, need.need, need.strength, {**values, "at": view.region}, need.owner)
