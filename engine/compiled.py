"""A workflow made ready for deciding: machines built once, and every question of the core answered by a look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from operator import attrgetter

from .civil.calendar import WorkingCalendar
from .civil.instants import to_utc
from .definition import Activity, Evaluation, Machine, Move, Need, Region, Reminder, Workflow
from .definition.dates import anchors
from .definition.machine import ANY
from .definition.needs import (
    ActivityNeed,
    CapacityNeed,
    ChildrenNeed,
    DeadlineNeed,
    FieldsNeed,
    NotBeforeNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .definition.workflow import OWN_ANCHORS
from .errors import NotFound
from .machine import RegionMachine
from .pausing.pauses import PAUSE, RESUME
from .values import Intent, Position, Reach

MEETING = "meeting"
"""The kind whose people must be in one place on one day."""

ACTIVITY_KINDS = frozenset({MEETING, "task", "evaluation"})
"""The kinds that hang under a programme or a kommune and have days of their own."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One move that an event fires in one region."""

    region: str
    name: str
    move: Move


@dataclass(frozen=True, slots=True)
class Rule:
    """A reminder as it stands for one of its places; ``number`` keeps the order of the document."""

    number: int
    name: str
    place: str
    reminder: Reminder


class Compiled:
    """A workflow with its machines built; immutable after the first use, safe to share between threads."""

    def __init__(self, workflow: Workflow, calendar: WorkingCalendar) -> None:
        self.workflow = workflow
        self.calendar = calendar
        self._machines = {
            (kind, name): RegionMachine(region)
            for kind, machine in workflow.machines.items()
            for name, region in machine.regions.items()
        }
        self._firings = {
            (kind, event): tuple(Firing(region, name, machine.regions[region].moves[name]) for region, name in pairs)
            for kind, machine in workflow.machines.items()
            for event, pairs in machine.events.items()
        }
        self.calendar_version = calendar.version
        self._reminders = _by_place(workflow)
        self._reach: dict[tuple[str, str | None], frozenset[Reach]] = {}
        self._takes: dict[tuple[str, str], frozenset[str]] = {}
        self._due: dict[tuple[date, time], datetime] = {}

    def machine(self, kind: str) -> Machine:
        """Give the machine of a kind; NotFound lists the kinds that the workflow has."""
        try:
            return self.workflow.machines[kind]
        except KeyError:
            raise NotFound("kind", kind, self.workflow.machines) from None

    def region(self, kind: str, region: str) -> Region:
        """Give a region of a kind's machine."""
        return self.workflow.machines[kind].regions[region]

    def topology(self, kind: str, region: str) -> RegionMachine:
        """Give the ready machine of one region."""
        return self._machines[kind, region]

    def firings(self, kind: str, event: str) -> tuple[Firing, ...]:
        """List the moves that an event fires, in order; NotFound lists the events of the kind."""
        found = self._firings.get((kind, event))
        if found is None:
            raise NotFound("event", event, sorted(self.machine(kind).events))
        return found

    def reminders(self, kind: str, position: Position) -> Sequence[Rule]:
        """List the timer rules of the states that an instance stands in, in the order of the document.

        Of an instance that has come to its end only its first region counts: a kommune that has left with trin 1 in
        progress is not reminded of it for ever.
        """
        places = list(position.items())
        if len(places) > 1 and self.is_done(kind, position):
            ended = next(iter(self.machine(kind).regions))
            places = [(ended, position[ended])]
        found = [rule for place in places for rule in self._reminders.get((kind, *place), ())]
        return sorted(found, key=_number) if len(position) > 1 else found

    def foreign_anchors(self, kind: str) -> frozenset[str]:
        """Name the dates of the programme and of other activities that the reminders of a kind count from."""
        return frozenset(rule.anchor for rule in self.workflow.reminders.values() if rule.on == kind) - OWN_ANCHORS

    def activity(self, key: str) -> Activity | Evaluation | None:
        """Give the activity or evaluation that an instance's key stands for; ``workshop#2`` is the second one."""
        name = base_key(key)
        return self.workflow.programme.activities.get(name) or self.workflow.programme.evaluations.get(name)

    def days_of(self, key: str) -> int:
        """Give how many calendar days an activity or evaluation lasts."""
        found = self.activity(key)
        return 1 if found is None else found.window if isinstance(found, Evaluation) else found.days

    def due_at(self, day: date, at: time) -> datetime:
        """Give the UTC instant at which a timer of a local day and time is due; reminders share days and times."""
        known = self._due.get((day, at))
        if known is None:
            known = self._due[day, at] = to_utc(day, at)
        return known

    def takes(self, kind: str, event: str) -> frozenset[str]:
        """Name the fields that an event's data may hold."""
        known = self._takes.get((kind, event))
        if known is None:
            known = self._takes[kind, event] = frozenset(self._find_takes(kind, event))
        return known

    def needs(self, key: str, move: Move) -> tuple[Need, ...]:
        """List a move's requirements, the programme's gates in front of a gated one included."""
        if not move.gated:
            return move.needs
        return (*move.needs, *self.gates_before(base_key(key)))

    def gates_before(self, activity: str) -> tuple[Need, ...]:
        """List the requirements of the gates that stand before an activity, or before the fase that it belongs to."""
        return self._gates.get(activity, ())

    def reach(self, kind: str, event: str | None) -> frozenset[Reach]:
        """Say which relatives an event's requirements and the kind's joins and timers read; None: all events."""
        known = self._reach.get((kind, event))
        if known is None:
            known = self._reach[kind, event] = frozenset(self._find_reach(kind, event))
        return known

    def waits_for(self, kind: str) -> bool:
        """Tell whether the parent of such an instance has joins that look at its children of this kind."""
        return kind in self._awaited

    def is_anchor(self, name: str) -> bool:
        """Tell whether the days of others hang on this activity, evaluation, fase or trin."""
        return base_key(name) in self._anchors

    def bears(self, kind: str, event: str, state: str | None) -> bool:
        """Tell whether something is born of an event, or of entering a state in any region."""
        named = any(firing.move.births for firing in self._firings.get((kind, event), ()))
        regions = self.machine(kind).regions.values()
        return named or any(state in region.states and region.states[state].births for region in regions)

    def may_move_others(self, kind: str, event: str) -> bool:
        """Tell whether an event may lead to days of other instances being planned anew."""
        if kind in ("programme", "kommune"):
            return True
        known = self._firings.get((kind, event), ())
        return any(firing.move.dates is not None for firing in known) or event not in self.machine(kind).events

    def may_still_others(self, kind: str, event: str) -> bool:
        """Tell whether an event may let everything below stand still, go on, or end."""
        if event in (PAUSE, RESUME):
            return True
        firings = self._firings.get((kind, event), ())
        return any(self.ends(kind, one) or self._rests(kind, one) for one in firings)

    def is_end(self, kind: str, event: str) -> bool:
        """Tell whether an event calls off, withdraws or closes: what a paused instance may still do."""
        machine = self.machine(kind)
        if event in (machine.closes, machine.settles):
            return True
        return any(self.ends(kind, firing) for firing in self._firings.get((kind, event), ()))

    def _rests(self, kind: str, firing: Firing) -> bool:
        """Tell whether a move leads to, or may lead from, a state in which everything below rests."""
        states = self.region(kind, firing.region).states
        named = (firing.move.dest, *firing.move.sources)
        return any(states[name].rests for name in named if name in states) or (
            ANY in firing.move.sources and any(state.rests for state in states.values())
        )

    def ends(self, kind: str, firing: Firing) -> bool:
        """Tell whether a move leads to where everything below is ended."""
        state = self.region(kind, firing.region).states.get(firing.move.dest or "")
        return state is not None and bool(state.leaves or state.closes)

    def closed_state(self, kind: str) -> str | None:
        """Name the state in which an instance stands that was called off, where the kind has one."""
        machine = self.machine(kind)
        firings = self._firings.get((kind, machine.closes or ""), ())
        return firings[0].move.dest if firings else None

    def is_done(self, kind: str, position: Mapping[str, str]) -> bool:
        """Tell whether an instance has come to its end: its first region stands in a final state."""
        region, machine = next(iter(self.workflow.machines[kind].regions.items()))
        return machine.states[position[region]].final

    @cached_property
    def _gates(self) -> Mapping[str, tuple[Need, ...]]:
        out: dict[str, tuple[Need, ...]] = {}
        for gate in self.workflow.programme.gates.values():
            for key, activity in self.workflow.programme.activities.items():
                at_level = (activity.level == "kommune") == (gate.scope == "kommune") or key in gate.before
                if key in gate.before or (activity.phase in gate.before and at_level):
                    out[key] = (*out.get(key, ()), *gate.needs)
        return out

    @cached_property
    def _awaited(self) -> frozenset[str]:
        joins = (join for machine in self.workflow.machines.values() for join in machine.joins)
        return frozenset(need.kind for join in joins for need in join.when if isinstance(need, ChildrenNeed))

    @cached_property
    def _anchors(self) -> frozenset[str]:
        programme = self.workflow.programme
        dated: list[Activity | Evaluation] = [*programme.activities.values(), *programme.evaluations.values()]
        rules = [rule for item in dated for rule in (item.when, item.plan) if rule is not None]
        rules += [when for phase in programme.faser.values() if (when := phase.planned)]
        return frozenset(name for rule in rules for name in anchors(rule.rule))

    def _find_takes(self, kind: str, event: str) -> set[str]:
        out: set[str] = set()
        for firing in self.firings(kind, event):
            move = firing.move
            out |= {*move.wants, *move.takes, *self.region(kind, firing.region).checklist}
            out |= {name for need in move.needs if isinstance(need, FieldsNeed) for name in need.names}
            if move.births:
                out |= {*self.machine(move.births).all_fields, "titel"}
            if move.dates == "planned":
                out |= {"dato", "slut"}
        return out - {"reason"}

    def _find_reach(self, kind: str, event: str | None) -> set[Reach]:
        machine = self.machine(kind)
        out = self._read_by([need for join in machine.joins for need in join.when])
        if kind != "programme":
            foreign = self.foreign_anchors(kind)
            out |= {Reach.PROGRAMME for _ in foreign}
            out |= {Reach.ACTIVITIES for anchor in foreign if self.activity(anchor)}
        events = machine.events if event is None else [event] if event in machine.events else []
        for firing in (firing for name in events for firing in self._firings[kind, name]):
            needs = firing.move.needs
            if firing.move.gated:
                needs = (*needs, *(need for gate in self._gates.values() for need in gate))
            out |= self._read_by(needs)
            if kind == MEETING and (firing.move.dates == "planned" or invites(firing.move)):
                out.add(Reach.BOOKINGS)
            if firing.move.dates == "planned" or self._bears_by_programme(kind, firing):
                out.add(Reach.PROGRAMME)
            if firing.move.births == "kommune" or self.ends(kind, firing):
                out.add(Reach.CHILDREN)
        if kind == "programme":
            out.discard(Reach.PROGRAMME)
        return out

    def _read_by(self, needs: Iterable[Need]) -> set[Reach]:
        """Say which relatives requirements read."""
        out: set[Reach] = set()
        for need in needs:
            if type(need) in _REACH:
                out.add(_REACH[type(need)])
            if isinstance(need, CapacityNeed | DeadlineNeed | NotBeforeNeed):
                out.add(Reach.PROGRAMME)
            if isinstance(need, DeadlineNeed | NotBeforeNeed) and self.activity(need.date):
                out.add(Reach.ACTIVITIES)
        return out

    def _bears_by_programme(self, kind: str, firing: Firing) -> bool:
        """Tell whether something is born of a move whose timers count from the programme's dates."""
        born = {firing.move.births} if firing.move.births else set()
        if firing.move.dest and self.region(kind, firing.region).states[firing.move.dest].births:
            born |= ACTIVITY_KINDS
        return any(self.foreign_anchors(one) for one in born)


_number = attrgetter("number")

_REACH: Mapping[type[object], Reach] = {
    ParentNeed: Reach.PARENT,
    ProgrammeNeed: Reach.PROGRAMME,
    ChildrenNeed: Reach.CHILDREN,
    ActivityNeed: Reach.ACTIVITIES,
    CapacityNeed: Reach.SIBLINGS,
}


def invites(move: Move) -> bool:
    """Tell whether a move sends invitations."""
    return any(notice.intent is Intent.INVITATION for notice in move.notices)


def _by_place(workflow: Workflow) -> dict[tuple[str, str, str], tuple[Rule, ...]]:
    """Sort the reminders by kind, region and state: an instance stands in few of all the states."""
    out: dict[tuple[str, str, str], tuple[Rule, ...]] = {}
    places = ((name, place, rule) for name, rule in workflow.reminders.items() for place in rule.during)
    for number, (name, place, rule) in enumerate(places):
        region, _, state = place.partition(".")
        key = (rule.on, region, state)
        out[key] = (*out.get(key, ()), Rule(number, name, place, rule))
    return out


def base_key(key: str) -> str:
    """Strip the ordinal: ``workshop#2`` is the second instance of the activity ``workshop``."""
    return key.partition("#")[0]
