"""Corrects a wrong registration: a new event takes back what an old one did; nothing is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..compiled import Compiled
from ..definition.needs import CapacityNeed
from ..errors import Refused
from ..hindsight.calendars import calendars_again
from ..requirements import missing
from ..values import ActorKind, Data, Decision, Event, Json, Refusal, Snapshot, Step, StepKind, Strength
from ..values.kept import SEQUENCE
from .draft import Draft
from .finish import finish
from .records import applied, dates_applied, dates_written, entry_read, entry_written, mapping


@dataclass(frozen=True, slots=True)
class Recorded:
    """A step as history holds it, with its sequence number."""

    seq: int
    step: Step


CORRECT = "ret"


def correct(
    compiled: Compiled,
    snapshot: Snapshot,
    rows: Sequence[Recorded],
    event: Event,
    now: datetime,
    *,
    bore: bool,
    corrected: bool = False,
    later: Sequence[Recorded] = (),
    replays: bool = False,
) -> Decision:
    """Take back one decision's steps, newest first; ``rows`` are all of its steps in order.

    Restoring is not entering: regions get their former entry back, timers their original end, and nothing that is
    already past is sent. ``corrected`` tells that history holds a correction of it; ``replays`` that what the system
    does by itself is to happen again from there, at its own time. ``later`` are the steps after it that still stand.
    Calendars that were told what is taken back are told what holds again. Raises Refused when a later step
    builds on it, when something was born of it, when it was corrected before, when its place was given to another
    kommune, or when no reason is given.
    """
    draft = Draft(compiled, snapshot, event)
    refusals = [*_standing_in_the_way(snapshot, rows, bore), *_built_on(draft, rows, later), *_without_reason(event)]
    if corrected:  # What has been registered anew since looks the same, and is somebody else's.
        refusals.append(_hard("er_rettet", first=rows[0].seq))
    if refusals:
        raise Refused(event.name, refusals)
    for row in reversed(rows):
        _take_back(draft, row)
    if full := _without_a_place(draft):
        raise Refused(event.name, full)
    if replays:  # What really happened follows at once, and says what is to be said.
        loud = frozenset(name for name, rule in compiled.workflow.reminders.items() if rule.fires)
        return finish(draft, now, silent=True, loud=loud)
    is_import = event.actor.kind is ActorKind.IMPORT
    calendars = () if is_import else calendars_again(draft, [row.step for row in rows])
    return replace(finish(draft, now, silent=True), nudges=calendars)


def _take_back(draft: Draft, row: Recorded) -> None:
    step, undo = row.step, row.step.undo
    changes: dict[str, Json] = {}
    if data := _kept(mapping(undo.get("data"))):
        changes["data"] = data
    if isinstance(undo.get("dates"), dict):
        changes["dates"] = undo["dates"]
    region, moved = step.region, "entered" in undo
    if moved and region and step.source:
        entry = entry_read(undo["entered"])
        changes["entered"] = entry_written(entry)
        draft.entered[region] = entry
        draft.position[region] = step.source
    draft.data = applied(draft.data, data)
    dates = changes.get("dates")
    if isinstance(dates, dict):
        draft.dates = dates_applied(draft.dates, dates)
    source, dest = (step.dest, step.source) if moved else (None, None)
    draft.steps.append(
        Step(StepKind.CORRECTION, draft.event.name, region if moved else None, source, dest, changes, corrects=row.seq)
    )


def _standing_in_the_way(snapshot: Snapshot, rows: Sequence[Recorded], bore: bool) -> list[Refusal]:
    own = {row.seq for row in rows}
    out = []
    if bore or any(row.step.kind is StepKind.BIRTH for row in rows):
        out.append(_hard("har_faaet_boern", first=min(own)))
    if any(row.step.kind is StepKind.CORRECTION for row in rows):
        out.append(_hard("er_en_rettelse", first=min(own)))
    for row in rows:
        region = row.step.region
        if region and "entered" in row.step.undo and snapshot.entered[region].seq not in own:
            out.append(_hard("senere_skridt", at=region, seq=snapshot.entered[region].seq))
    last: dict[str, Json] = {}
    dates: dict[str, Json] = {}
    for row in rows:
        last |= mapping(row.step.changes.get("data"))
        dates |= mapping(row.step.changes.get("dates"))
    changed: list[Json] = [name for name, value in _kept(last).items() if snapshot.data.get(name) != value]
    standing = dates_written(snapshot.dates)
    changed += [name for name, value in dates.items() if standing.get(name) != value]
    if changed:
        out.append(_hard("senere_aendret", fields=changed))
    return out


def _built_on(draft: Draft, rows: Sequence[Recorded], later: Sequence[Recorded]) -> list[Refusal]:
    """Say what was registered later in a region without moving it, and could not have been from where it comes back to.

    A challenge that was added while trin 2 was in progress needs it to be; a tick does not.
    """
    out = []
    back = {
        row.step.region: row.step.source for row in reversed(rows) if row.step.region and "entered" in row.step.undo
    }
    events = draft.compiled.machine(draft.kind).events
    for row in later:
        region, name = row.step.region, row.step.event
        if region is None or region not in back or row.step.source != row.step.dest or name not in events:
            continue
        topology = draft.compiled.topology(draft.kind, region)
        moves = [one.name for one in draft.compiled.firings(draft.kind, name) if one.region == region]
        if not all(topology.may_fire(move, back[region] or "") for move in moves):
            out.append(_hard("senere_skridt", at=region, seq=row.seq))
    return out[:1]


def _without_a_place(draft: Draft) -> list[Refusal]:
    """Say where a kommune would come back to a place that another one has got in the meantime.

    Of all requirements only this one is judged again: the others were met, or overridden, when it got there.
    """
    back = {region: state for region, state in draft.position.items() if draft.snapshot.position[region] != state}
    return [
        refusal
        for region, state in back.items()
        for move in draft.compiled.region(draft.kind, region).moves.values()
        for need in move.needs
        if isinstance(need, CapacityNeed) and move.dest == state
        for refusal in missing(need, draft.view(region))
        if refusal.strength is Strength.HARD
    ]


def _kept(data: Data) -> dict[str, Json]:
    """Leave out an invitation's sequence: calendars have seen it, so it never goes back (RFC 5546)."""
    return {name: value for name, value in data.items() if name != SEQUENCE}


def _without_reason(event: Event) -> list[Refusal]:
    return [] if event.reason else [_hard("mangler_begrundelse")]


def _hard(code: str, **values: Json) -> Refusal:
    return Refusal(code, "correction", Strength.HARD, values)
