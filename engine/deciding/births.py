"""Which instances are born, under whom and as what; their first decision is drafted by ``decide``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..choosing.frames import frame_of, frame_refusals
from ..compiled import Compiled
from ..definition import Activity
from ..definition.document.approving import approval_of, decider_title
from ..planning.family import how_often
from ..values import Data, Dates, Event, Identity, Json, Refusal, Relative, Snapshot, Strength
from ..values.names import APPROVAL, CHANGE, CLUSTER, DELIVERABLE, KOMMUNE, PROGRAMME, base_key, ordinal_of
from .fields import PLAN_FIELDS, read_day, read_fields

_LEVELS: Mapping[str, frozenset[str]] = {
    PROGRAMME: frozenset({"programme", "cross", "public"}),
    KOMMUNE: frozenset({"kommune"}),
}


@dataclass(frozen=True, slots=True)
class Newborn:
    """An instance to be born: its kind, its key under its parent, its words, what is known of it, and its days."""

    kind: str
    key: str
    title: str
    kommune: str | None
    data: Data = field(default_factory=dict)
    dates: Dates = field(default_factory=Dates)


def activities_of(compiled: Compiled, parent: Identity, programme_data: Data) -> Iterator[Newborn]:
    """List what a programme, a kommune or a cluster has to do: activities, evaluations, approvals and deliverables.

    What comes again by a rule is born once for each of its days. Where the document gives a range or no number at all,
    the least (at least one) are born; people add the rest. Of what is voluntary, or may be held no times at all, none
    is born by itself.
    """
    programme, kommune = compiled.workflow.programme, parent.kommune
    often = how_often(compiled, programme_data)
    for key, activity in addable(compiled, parent.kind).items():
        if parent.kind != CLUSTER and activity.level not in _LEVELS[parent.kind]:
            continue
        many = _how_many(activity, often.get(key, 0))
        kind = compiled.workflow.machine_of(activity.kind)
        for number in range(1, many + 1):
            title = activity.title if many == 1 else f"{activity.title} ({number} af {many})"
            yield Newborn(kind, _ordinal(key, number, parent), title, kommune)
    if parent.kind == CLUSTER:
        return
    levels = _LEVELS[parent.kind]
    for key, evaluation in programme.evaluations.items():
        if evaluation.level in levels:
            yield Newborn("evaluation", key, evaluation.title, kommune)
    for key, approval in programme.approvals.items():
        if APPROVAL in compiled.workflow.machines and approval.is_lived and approval.level in levels:
            yield Newborn(APPROVAL, key, approval.title, kommune, _decider(compiled, APPROVAL, key, {}))
    if parent.kind == PROGRAMME and DELIVERABLE in compiled.workflow.machines:
        for number, deliverable in enumerate(programme.deliverables, 1):
            title = f"{deliverable.title} (valgfri)" if deliverable.optional else deliverable.title
            yield Newborn(DELIVERABLE, f"leverance_{number}", title, None)


def to_be_decided(compiled: Compiled, kind: str, data: Data) -> dict[str, Json]:
    """Give what a newborn is born with beside the event's own words: who decides on a change."""
    return _decider(compiled, kind, "", data) if kind == CHANGE else {}


def offered(compiled: Compiled, kommune: Snapshot, offer: str) -> Iterator[Newborn]:
    """List the activities of an offer that a kommune takes up; taken up again, they are new ones."""
    for key, activity in compiled.workflow.programme.activities.items():
        if activity.offer != offer:
            continue
        former = max((ordinal_of(child.key) for child in _of(kommune, key)), default=0)
        many = max(1, activity.count.min) if activity.count else 1
        for number in range(former + 1, former + many + 1):
            kind = compiled.workflow.machine_of(activity.kind)
            yield Newborn(kind, key if number == 1 else f"{key}#{number}", activity.title, kommune.identity.kommune)


def added(compiled: Compiled, parent: Snapshot, event: Event) -> Newborn:
    """Give the activity that an event adds beyond those that were born by themselves, with the next number.

    A day that came with it is a day that a person set.
    """
    key = str(event.data["aktivitet"])
    activity = addable(compiled, parent.identity.kind)[key]
    number = 1 + max((ordinal_of(child.key) for child in _of(parent, key)), default=0)
    title = str(event.data.get("titel") or (activity.title if number == 1 else f"{activity.title} ({number})"))
    kind = compiled.workflow.machine_of(activity.kind)
    ordinal = _ordinal(key, number, parent.identity)
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
    held = [child for child in _of(parent, key) if not compiled.is_called_off(child.kind, child.position)]
    if activity.count is None or len(held) < activity.count.max:
        return []
    strength = Strength.SOFT if "udgangspunkt" in activity.count_is.lower() else Strength.HARD
    values: dict[str, Json] = {"activity": activity.title, "most": activity.count.max, "have": len(held)}
    return [Refusal("loftet_er_naaet", "count", strength, values)]


def clustering_refusals(compiled: Compiled, programme: Snapshot, event: Event) -> list[Refusal]:
    """Say why these kommuner cannot be a cluster: some are not in the programme, or in another cluster already."""
    wanted, children = event.data.get("kommuner"), programme.facts.children
    codes = [code for code in wanted if isinstance(code, str)] if isinstance(wanted, list) else []
    here = {one.key: one for one in children if one.kind == KOMMUNE and not compiled.is_done(KOMMUNE, one.position)}
    clusters = [one for one in children if one.kind == CLUSTER and not compiled.is_done(CLUSTER, one.position)]
    taken = {code for cluster in clusters for code in _codes(cluster.data.get("kommuner"))}
    absent: list[Json] = [code for code in codes if code not in here]
    busy: list[Json] = [here[code].title for code in codes if code in here and code in taken]
    found = (
        Refusal("ikke_med_i_programmet", "kommuner", Strength.HARD, {"lacking": absent}),
        Refusal("allerede_i_klynge", "kommuner", Strength.SOFT, {"lacking": busy}),
    )
    return [refusal for refusal in found if refusal.values["lacking"]]


def addable(compiled: Compiled, parent_kind: str) -> Mapping[str, Activity]:
    """Give the activities that may be added under a programme, a kommune or a cluster, at any level named for them.

    What is held in clusters is added there and nowhere else. Those of an offer come with it, when it is taken up.
    """
    activities = compiled.workflow.programme.activities.items()
    known = {key: one for key, one in activities if not (one.lived_by or one.offer)}
    if parent_kind == CLUSTER:
        return {key: one for key, one in known.items() if compiled.paper.is_clustered(one)}
    wanted = _LEVELS[parent_kind]
    return {
        key: one
        for key, one in known.items()
        if wanted & {one.level, *one.levels} and not compiled.paper.is_clustered(one)
    }


def planned_days(compiled: Compiled, event: Event, key: str) -> tuple[date, date]:
    """Read the first and last day that an event plans for an activity; without a last day it has its usual length."""
    first = read_day("dato", event.data["dato"])
    if event.data.get("slut"):
        return first, read_day("slut", event.data["slut"])
    return first, first + timedelta(days=compiled.paper.days_of(key) - 1)


def _how_many(activity: Activity, days: int) -> int:
    """Say how many of an activity are born by themselves: one for each day of its rule, never more than its count."""
    if activity.voluntary:
        return 0
    if days:
        return min(days, activity.count.max) if activity.count else days
    return activity.count.min if activity.count else 1


def _unknown(compiled: Compiled, key: str, here: Mapping[str, Activity]) -> Refusal:
    elsewhere = compiled.workflow.programme.activities.get(key)
    values: dict[str, Json] = {"key": key[:60], "known": list(here)}
    if elsewhere is None or elsewhere.lived_by:
        return Refusal("ukendt_aktivitet", "aktivitet", Strength.HARD, values)
    offer = compiled.workflow.programme.offers.get(elsewhere.offer or "")
    if offer is not None:
        values = {"activity": elsewhere.title, "offer": offer.title}
        return Refusal("hoerer_til_tilbud", "aktivitet", Strength.HARD, values)
    return Refusal("andet_niveau", "aktivitet", Strength.HARD, {**values, "activity": elsewhere.title})


def _of(parent: Snapshot, key: str) -> list[Relative]:
    return [child for child in parent.facts.children if base_key(child.key) == key]


def _ordinal(key: str, number: int, parent: Identity) -> str:
    """Give the key of the so manieth of an activity; those of different clusters must not be taken for each other."""
    if parent.kind == CLUSTER:
        return f"{key}#{parent.key.rpartition('_')[2]}_{number}"
    return key if number == 1 else f"{key}#{number}"


def _decider(compiled: Compiled, kind: str, key: str, data: Data) -> dict[str, Json]:
    approval = approval_of(compiled.workflow.programme, kind, key, data)
    title = decider_title(compiled.workflow.programme, approval) if approval else ""
    return {"besluttes_af": title} if title else {}


def _codes(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _days(compiled: Compiled, event: Event, key: str) -> Dates:
    if not event.data.get("dato"):
        return Dates()
    first, last = planned_days(compiled, event, key)
    return Dates(first, last, "day", fixed_by=event.actor.id, reason=event.reason or "")
