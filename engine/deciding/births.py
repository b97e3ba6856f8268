"""Which instances are born, under whom and as what; their first decision is drafted by ``decide``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..choosing.frames import frame_of, frame_refusals
from ..compiled import Compiled, base_key
from ..definition import Activity
from ..values import Data, Dates, Event, Json, Refusal, Relative, Snapshot, Strength
from .fields import PLAN_FIELDS, read_day, read_fields

LEVELS_OF_PROGRAMME = frozenset({"programme", "cross", "public"})


@dataclass(frozen=True, slots=True)
class Newborn:
    """An instance to be born: its kind, its key under its parent, its words, what is known of it, and its days."""

    kind: str
    key: str
    title: str
    kommune: str | None
    data: Data = field(default_factory=dict)
    dates: Dates = field(default_factory=Dates)


def activities_of(compiled: Compiled, parent_kind: str, kommune: str | None) -> Iterator[Newborn]:
    """List the activities and evaluations of a programme's or a kommune's level, each as often as the document counts.

    Where the document gives a range or no number at all, the least (at least one) are born; people add the rest. Of
    what is voluntary, or may be held no times at all, none is born by itself.
    """
    programme = compiled.workflow.programme
    is_here = (lambda level: level == "kommune") if parent_kind == "kommune" else LEVELS_OF_PROGRAMME.__contains__
    for key, activity in programme.activities.items():
        if not is_here(activity.level) or activity.lived_by or activity.offer:
            continue
        many = _how_many(activity)
        kind = compiled.workflow.machine_of(activity.kind)
        for number in range(1, many + 1):
            title = activity.title if many == 1 else f"{activity.title} ({number} af {many})"
            yield Newborn(kind, key if number == 1 else f"{key}#{number}", title, kommune)
    for key, evaluation in programme.evaluations.items():
        if is_here(evaluation.level):
            yield Newborn("evaluation", key, evaluation.title, kommune)


def offered(compiled: Compiled, kommune: Snapshot, offer: str) -> Iterator[Newborn]:
    """List the activities of an offer that a kommune takes up; taken up again, they are new ones."""
    for key, activity in compiled.workflow.programme.activities.items():
        if activity.offer != offer:
            continue
        former = max((_number(child.key) for child in _of(kommune, key)), default=0)
        many = max(1, activity.count.min) if activity.count else 1
        for number in range(former + 1, former + many + 1):
            kind = compiled.workflow.machine_of(activity.kind)
            yield Newborn(kind, key if number == 1 else f"{key}#{number}", activity.title, kommune.identity.kommune)


def added(compiled: Compiled, parent: Snapshot, event: Event) -> Newborn:
    """Give the activity that an event adds beyond those that were born by themselves: ``key#n``, n the next number.

    A day that came with it is a day that a person set.
    """
    key = str(event.data["aktivitet"])
    activity = addable(compiled, parent.identity.kind)[key]
    number = 1 + max((_number(child.key) for child in _of(parent, key)), default=0)
    title = str(event.data.get("titel") or (activity.title if number == 1 else f"{activity.title} ({number})"))
    kind = compiled.workflow.machine_of(activity.kind)
    ordinal = key if number == 1 else f"{key}#{number}"
    fields = compiled.machine(kind).all_fields
    data = {name: value for name, value in read_fields(fields, event).items() if name not in PLAN_FIELDS}
    return Newborn(kind, ordinal, title, parent.identity.kommune, data, _days(compiled, event, key))


def adding_refusals(compiled: Compiled, parent: Snapshot, event: Event) -> list[Refusal]:
    """Say why an activity cannot be added here: no such activity, of another level, or as many as the document allows.

    The document's ceiling ("op til 3") holds; one that is its starting point ("som udgangspunkt") yields to a reason.
    """
    key = event.data.get("aktivitet")
    if not isinstance(key, str) or not key:
        return []  # ``wants`` asks for it.
    here = addable(compiled, parent.identity.kind)
    if key not in here:
        return [_unknown(compiled, key, here)]
    if frame_of(compiled, key):
        return list(frame_refusals(compiled, key, parent.facts.children))
    activity = here[key]
    held = [child for child in _of(parent, key) if child.position.get("status") != compiled.closed_state(child.kind)]
    if activity.count is None or len(held) < activity.count.max:
        return []
    strength = Strength.SOFT if "udgangspunkt" in activity.count_is.lower() else Strength.HARD
    values: dict[str, Json] = {"activity": activity.title, "most": activity.count.max, "have": len(held)}
    return [Refusal("loftet_er_naaet", "count", strength, values)]


def addable(compiled: Compiled, parent_kind: str) -> Mapping[str, Activity]:
    """Give the activities that may be added under a programme or a kommune: those of any level named for them.

    Those of an offer come with it, when a kommune takes it up.
    """
    wanted = frozenset({"kommune"}) if parent_kind == "kommune" else LEVELS_OF_PROGRAMME
    activities = compiled.workflow.programme.activities.items()
    return {
        key: one for key, one in activities if not (one.lived_by or one.offer) and wanted & {one.level, *one.levels}
    }


def planned_days(compiled: Compiled, event: Event, key: str) -> tuple[date, date]:
    """Read the first and last day that an event plans for an activity; without a last day it has its usual length."""
    first = read_day("dato", event.data["dato"])
    if event.data.get("slut"):
        return first, read_day("slut", event.data["slut"])
    return first, first + timedelta(days=compiled.days_of(key) - 1)


def _how_many(activity: Activity) -> int:
    """Say how many of an activity are born by themselves."""
    if activity.voluntary:
        return 0
    return activity.count.min if activity.count else 1


def _unknown(compiled: Compiled, key: str, here: Mapping[str, Activity]) -> Refusal:
    elsewhere = compiled.workflow.programme.activities.get(key)
    values: dict[str, Json] = {"key": key[:60], "known": list(here)}
    if elsewhere is None or elsewhere.lived_by:
        return Refusal("ukendt_aktivitet", "aktivitet", Strength.HARD, values)
    return Refusal("andet_niveau", "aktivitet", Strength.HARD, {**values, "activity": elsewhere.title})


def _of(parent: Snapshot, key: str) -> list[Relative]:
    return [child for child in parent.facts.children if base_key(child.key) == key]


def _number(key: str) -> int:
    """Give which one of its activity a key stands for: ``workshop`` is the first, ``workshop#2`` the second."""
    return int(key.partition("#")[2] or 1)


def _days(compiled: Compiled, event: Event, key: str) -> Dates:
    if not event.data.get("dato"):
        return Dates()
    first, last = planned_days(compiled, event, key)
    return Dates(first, last, "day", fixed_by=event.actor.id, reason=event.reason or "")
