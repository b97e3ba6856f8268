"""Finishes a draft: joins settle, what is born is born, timers are derived, and the decision is put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ..choosing.frames import OFFER, children_of
from ..civil.instants import local_date
from ..compiled import Compiled
from ..definition import ACTIVITY
from ..pausing.pauses import inherited
from ..planning.family import WAVE
from ..planning.timers import derive, reconcile
from ..values import (
    SYSTEM,
    ActorKind,
    Birth,
    Data,
    Dates,
    Decision,
    Entry,
    Event,
    Facts,
    Identity,
    Intent,
    Json,
    Nudge,
    Position,
    Relative,
    Snapshot,
    Step,
    StepKind,
    Timer,
)
from ..values.kept import DELAYS, ENROLLED, PAUSED, PAUSES
from ..values.names import ACTIVITY_KINDS, KOMMUNE, PROGRAMME, base_key
from .births import Newborn, activities_of, added, offered, to_be_decided
from .draft import Draft
from .effects import notices, opened
from .fields import read_fields
from .records import dates_changed, mapping

PLAN = "planlaeg_om"
"""The system's event that gives an instance the days of a new plan."""

WAKE = "vaek"
"""The system's event that lets an instance look again, because what it hangs under has moved."""


def finish(
    draft: Draft,
    now: datetime,
    retired: str | None = None,
    *,
    silent: bool = False,
    loud: frozenset[str] = frozenset(),
    is_new: bool = False,
) -> Decision:
    """Settle the joins, let what is born be born, derive the timers, and put the decision together.

    An import is silent: it sends nothing, and what is already past is not caught up on. ``loud`` rules fire all the
    same. Nor is what ``is_new``, or gets its first plan, reminded of days that are over: whoever begins a programme
    on a day in the past knows of them.
    """
    draft.settle()
    compiled, snapshot = draft.compiled, draft.snapshot
    births = tuple(_births(draft))
    silent = silent or draft.event.actor.kind is ActorKind.IMPORT
    is_new = is_new or (draft.event.name == PLAN and snapshot.dates == Dates())
    live, wanted = snapshot.timers, derive(draft.view(next(iter(draft.position))), draft.entered)
    timers = reconcile(
        _without(live, retired),
        _without(wanted, retired),
        now,
        silent=silent,
        loud=loud,
        said=snapshot.said,
        rules=compiled.workflow.reminders,
        begun_on=local_date(now) if is_new else None,
    )
    states = [compiled.region(draft.kind, region).states[state] for region, state in draft.entries]
    moved = _moved(draft)
    return Decision(
        event=draft.event,
        steps=tuple(draft.steps),
        position=draft.position,
        entered=draft.entered,
        data=draft.data,
        dates=draft.dates,
        births=births,
        arm=timers.arm,
        cancel=timers.cancel,
        nudges=tuple(_nudges(draft, now)),
        look_again=compiled.relations.waiting_below(draft.kind, moved),
        poke_parent=compiled.relations.waits_for(draft.kind)
        and (bool(moved) or _seen(draft.data) != _seen(snapshot.data)),
        replan=_moves_others(draft, births, moved),
        leaves=any(state.leaves for state in states),
        closes=any(state.closes for state in states),
        pauses=_stillness(draft, draft.position, draft.data) != _stillness(draft, snapshot.position, snapshot.data),
        calls_off=tuple(_called_off(draft)),
        ends=tuple(_ended(draft)),
    )


def _nudges(draft: Draft, now: datetime) -> Iterator[Nudge]:
    """Give the mails of the moves that were made; of an import there are none."""
    event = draft.event
    is_below = event.actor == SYSTEM and event.timer is None  # Closed with what it hung under, which was told.
    for fired in draft.fired if event.actor.kind is not ActorKind.IMPORT else ():
        for nudge in notices(draft, *fired):
            if not is_below or nudge.intent is Intent.CANCELLATION:
                yield nudge
    if event.name == PLAN:
        yield from opened(draft, now)


def nothing(draft: Draft) -> Decision:
    """Decide nothing: the instance stays as it stands."""
    return Decision(draft.event, (), draft.position, draft.entered, draft.data, draft.dates)


def noted(compiled: Compiled, snapshot: Snapshot, event: Event) -> Decision:
    """Write an event into an instance's history that changes nothing of it, such as who took over from whom."""
    draft = Draft(compiled, snapshot, event)
    draft.note(StepKind.EVENT)
    return replace(nothing(draft), steps=tuple(draft.steps))


def _births(draft: Draft) -> Iterator[Birth]:
    """Let be born what the moves name and what the entered states bring."""
    compiled, event = draft.compiled, draft.event
    for firing, _, seq in draft.fired:
        if firing.move.births is not None:
            newborn = _named(draft, firing.move.births, seq)
            yield birth(compiled, newborn, event, _facts_for_children(draft), draft.data)
        if firing.move.offer == "take":
            for newborn in offered(compiled, draft.snapshot, str(event.data[OFFER])):
                yield birth(compiled, newborn, event, _facts_for_children(draft), draft.data)
    for region, state in draft.entries:
        if compiled.region(draft.kind, region).states[state].births == "activities":
            facts = _facts_for_children(draft)
            data = facts.programme.data if facts.programme else draft.data
            for newborn in activities_of(compiled, draft.snapshot.identity, data):
                yield birth(compiled, newborn, event, facts, draft.data)


def _named(draft: Draft, kind: str, seq: int) -> Newborn:
    """Read a newborn out of the event's data: a kommune is known by its code, all others by a running number."""
    event = draft.event
    if kind == ACTIVITY:
        return added(draft.compiled, draft.snapshot, event)
    data = read_fields(draft.compiled.machine(kind).all_fields, event)
    if kind != KOMMUNE:
        data |= to_be_decided(draft.compiled, kind, data)
        title = str(event.data.get("titel") or draft.compiled.machine(kind).title)
        return Newborn(kind, f"{kind}_{seq}", title, draft.snapshot.identity.kommune, data)
    code = str(event.data.get("kommune"))
    data[ENROLLED] = event.happened_at.isoformat()
    data.pop("titel", None)  # The name of the kommune; fields of that name are for what it bears itself.
    return Newborn(kind, code, str(event.data.get("titel") or code), code, data)


def _ended(draft: Draft) -> Iterator[int]:
    """Name the activity that a choice is made in: with the choice it is done."""
    for firing, _, _ in draft.fired:
        for child in draft.snapshot.facts.children if firing.move.activity else ():
            if base_key(child.key) == firing.move.activity and not draft.compiled.is_done(child.kind, child.position):
                yield child.id


def _called_off(draft: Draft) -> Iterator[int]:
    """Name the activities that go with an offer that is dropped."""
    for firing, _, _ in draft.fired:
        if firing.move.offer == "drop":
            key, children = str(draft.event.data[OFFER]), draft.snapshot.facts.children
            yield from (one.id for one in children_of(draft.compiled, key, children))


def birth(compiled: Compiled, newborn: Newborn, event: Event, facts: Facts, above: Data | None = None) -> Birth:
    """Draft the first decision of a newborn: every region in its first state, then joins, births and timers.

    ``above`` is its parent's data: born under something that is paused, it stands still as well.
    """
    machine = compiled.machine(newborn.kind)
    position = {name: region.initial for name, region in machine.regions.items()}
    entered = {name: Entry(event.happened_at, 1) for name in machine.regions}
    identity = Identity(0, newborn.kind, newborn.key, 0, None, newborn.kommune, compiled.workflow.hash)
    data: dict[str, Json] = {name: value for name, value in newborn.data.items() if value is not None}
    if above is not None:
        data |= inherited(above, event.happened_at)
    blank = Snapshot(identity, newborn.title, position, entered, data, newborn.dates, 0, (), facts)
    draft = Draft(compiled, blank, event)
    written: dict[str, Json] = {"position": dict(position)}
    if data:
        written["data"] = dict(data)
    if dates := dates_changed(Dates(), newborn.dates):
        written["dates"] = dates
    draft.steps.append(Step(StepKind.BIRTH, event.name, changes=written))
    draft.entries += position.items()
    first = finish(draft, event.recorded_at, is_new=True)
    return Birth(newborn.kind, newborn.key, newborn.title, newborn.kommune, first)


def _facts_for_children(draft: Draft) -> Facts:
    """Show children, while they are born, their parent, and the programme whose windows their timers hang on."""
    own = Relative.of(draft.snapshot.identity, draft.snapshot.title, draft.position, draft.data, draft.dates)
    return Facts(parent=own, programme=own if draft.kind == PROGRAMME else draft.snapshot.facts.programme)


def _stillness(draft: Draft, position: Position, data: Data) -> tuple[Json, Json, bool]:
    """Give what an instance passes on to everything below: its own pauses, in force and over, and its rest."""
    kind = draft.kind
    states = (draft.compiled.region(kind, region).states[state] for region, state in position.items())
    rests = any(state.rests for state in states)
    return mapping(data.get(PAUSED)).get(kind), mapping(data.get(PAUSES)).get(kind), rests


def _seen(data: Data) -> Data:
    """Give what a parent's joins may look at: that a child stands still is none of it."""
    return {name: value for name, value in data.items() if name not in (PAUSED, PAUSES)}


def _without(timers: Sequence[Timer], key: str | None) -> tuple[Timer, ...]:
    return tuple(timer for timer in timers if timer.key != key)


def _moves_others(draft: Draft, births: Sequence[Birth], moved: Iterable[str]) -> bool:
    """Tell whether days on which others hang may have moved: newborn activities, new days, or a trin that ended."""
    if draft.event.name == PLAN:
        return False
    compiled, snapshot = draft.compiled, draft.snapshot
    if any(birth.kind in ACTIVITY_KINDS or birth.first.replan for birth in births):
        return True
    if draft.data.get(DELAYS) != snapshot.data.get(DELAYS):
        return True
    if draft.kind == KOMMUNE and (
        compiled.gates.watched & set(moved) or draft.data.get(WAVE) != snapshot.data.get(WAVE)
    ):
        return True
    if dates_changed(snapshot.dates, draft.dates) and compiled.paper.is_anchor(snapshot.identity.key):
        return True
    return any(compiled.paper.is_anchor(region) for region in moved)


def _moved(draft: Draft) -> set[str]:
    """Name the regions that entered a state, or were brought back to one by a correction."""
    before = draft.snapshot.position
    moved = {region for region, state in draft.position.items() if before[region] != state}
    moved.update(region for region, _ in draft.entries)
    return moved
