"""A workflow made ready for deciding: machines built once, and every question of the core answered by a look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from operator import attrgetter

from .civil.calendar import WorkingCalendar
from .civil.instants import to_utc
from .definition import (
    ACTIVITY,
    CLUSTER,
    PHASE_REGION,
    Activity,
    Approval,
    Evaluation,
    Machine,
    Move,
    Need,
    Region,
    Reminder,
    Workflow,
)
from .definition.assembling.gating import gates_of, gates_of_clusters, hung_on, is_clustered, waiting_on
from .definition.checks.graph import reachable
from .definition.document.approving import in_charge
from .definition.document.items import Level
from .definition.needs import (
    ActivityNeed,
    BaselineNeed,
    CapacityNeed,
    ChildrenNeed,
    DeadlineNeed,
    FieldsNeed,
    KommunerNeed,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from .definition.workflow import is_own_anchor
from .errors import NotFound
from .machine import RegionMachine
from .pausing.ends import leads_to_an_end
from .values import Intent, Position, Reach

LIFE = "forloeb"

MEETING = "meeting"
"""The kind whose people must be in one place on one day."""

ACTIVITY_KINDS = frozenset({MEETING, "task", "evaluation", "approval", "change"})
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
        anchors = (rule.anchor for rule in self.workflow.reminders.values() if rule.on == kind)
        return frozenset(anchor for anchor in anchors if not is_own_anchor(anchor))

    def activity(self, key: str) -> Activity | Evaluation | Approval | None:
        """Give the activity, evaluation or approval that a key stands for; ``workshop#2`` is the second one."""
        name, programme = base_key(key), self.workflow.programme
        return programme.activities.get(name) or programme.evaluations.get(name) or programme.approvals.get(name)

    def is_clustered(self, activity: Activity) -> bool:
        """Tell whether an activity is held in clusters and not by the programme as one."""
        return is_clustered(self.workflow, activity)

    def days_of(self, key: str) -> int:
        """Give how many calendar days an activity or evaluation lasts."""
        found = self.activity(key)
        if isinstance(found, Evaluation):
            return found.window
        return found.days if isinstance(found, Activity) else 1

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

    def needs(self, key: str, move: Move, region: str = "") -> tuple[Need, ...]:
        """List a move's requirements, the programme's gates in front of a gated one included.

        Those before a fase of a kommune stand before the region of that fase too.
        """
        if move.activity is not None:
            return (*move.needs, *self.gates_before(move.activity))
        if not move.gated:
            return move.needs
        if move.births == CLUSTER:
            return (*move.needs, *self._gates_of_clusters)
        name = region if region.startswith(PHASE_REGION) else base_key(key)
        return tuple(dict.fromkeys((*move.needs, *self.gates_before(name))))

    def gates_before(self, name: str) -> tuple[Need, ...]:
        """List the requirements of the gates before an activity, or the fase that it belongs to, or ``fase_<name>``."""
        return self._gates.get(name, ())

    def waits_for_kommuner(self, key: str) -> bool:
        """Tell whether a gate before an activity asks how far the kommuner are."""
        return any(isinstance(need, KommunerNeed) for need in self.gates_before(base_key(key)))

    def chosen_in(self, activity: str) -> tuple[str, ...]:
        """Name the choices that the kommuner make in an activity."""
        choices = self.workflow.programme.choices.items()
        return tuple(name for name, choice in choices if choice.chosen_in == activity)

    @cached_property
    def taking_part(self) -> frozenset[str]:
        """Name the states of a kommune's ``forloeb`` in which it takes part: once chosen, until it leaves."""
        region = self.workflow.machines["kommune"].regions[LIFE]
        ways: dict[str, set[str]] = {}
        for move in region.moves.values():
            for source in move.sources:
                ways.setdefault(source, set()).add(move.dest or source)
        chosen = [name for name, state in region.states.items() if state.births]
        found = {name for start in chosen or [region.initial] for name in reachable(start, ways)}
        return frozenset(name for name in found if not region.states[name].leaves)

    @cached_property
    def watched(self) -> frozenset[str]:
        """Name the regions of kommuner on which gates before something of the programme hang."""
        needs = (need for gate in self._gates.values() for need in gate if isinstance(need, KommunerNeed))
        found = {need.region for need in needs}
        return frozenset(found | {LIFE}) if found else frozenset()

    def reach(self, kind: str, event: str | None) -> frozenset[Reach]:
        """Say which relatives an event's requirements and the kind's joins and timers read; None: all events."""
        known = self._reach.get((kind, event))
        if known is None:
            known = self._reach[kind, event] = frozenset(self._find_reach(kind, event))
        return known

    def waits_for(self, kind: str) -> bool:
        """Tell whether the parent of such an instance has joins that look at its children of this kind."""
        return kind in self._awaited

    def waiting_below(self, kind: str, regions: Iterable[str]) -> tuple[str, ...]:
        """Name the kinds below such an instance with joins that look at one of these regions of it."""
        return tuple(sorted({one for region in regions for one in self._waiting.get((kind, region), ())}))

    def responsible_for(self, key: str, kommune: str | None) -> str | None:
        """Name the role that answers for an instance: its facilitator or evaluator, else the one of its level."""
        return self.in_charge_of(self.activity(key), kommune)

    def in_charge_of(self, item: Activity | Evaluation | Approval | None, kommune: str | None) -> str | None:
        """Name the role that answers for what the document says; for an approval, who serves the body that decides."""
        level: Level = item.level if item else "kommune" if kommune else "programme"
        return in_charge(self.workflow.programme, item) or self.workflow.programme.responsible.get(level)

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
        sets_days = any(firing.move.dates is not None or firing.move.births == ACTIVITY for firing in known)
        return sets_days or event not in self.machine(kind).events

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
    def _gates_of_clusters(self) -> tuple[Need, ...]:
        return gates_of_clusters(self.workflow, self._gates)

    @cached_property
    def _gates(self) -> Mapping[str, tuple[Need, ...]]:
        return gates_of(self.workflow)

    @cached_property
    def _held_in_clusters(self) -> frozenset[str]:
        """The machines of what is held in clusters: who is called to it stands on the cluster."""
        activities = self.workflow.programme.activities.values()
        return frozenset(self.workflow.machine_of(one.kind) for one in activities if self.is_clustered(one))

    @cached_property
    def _all_gates(self) -> tuple[Need, ...]:
        return tuple(need for gate in self._gates.values() for need in gate)

    @cached_property
    def _awaited(self) -> frozenset[str]:
        joins = (join for machine in self.workflow.machines.values() for join in machine.joins)
        return frozenset(need.kind for join in joins for need in join.when if isinstance(need, ChildrenNeed))

    @cached_property
    def _waiting(self) -> Mapping[tuple[str, str], frozenset[str]]:
        return waiting_on(self.workflow, ACTIVITY_KINDS)

    @cached_property
    def _anchors(self) -> frozenset[str]:
        return hung_on(self.workflow)

    def _find_takes(self, kind: str, event: str) -> set[str]:
        out: set[str] = set()
        for firing in self.firings(kind, event):
            move = firing.move
            out |= {*move.wants, *move.takes}
            out |= {*self.region(kind, firing.region).checklist} if move.births is None else set()
            out |= {name for need in move.needs if isinstance(need, FieldsNeed) for name in need.names}
            if move.births:
                out |= {*(() if move.births == ACTIVITY else self.machine(move.births).all_fields), "titel"}
            if move.dates == "planned" or move.births == ACTIVITY:
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
        if self.watched and kind in ACTIVITY_KINDS and event is not None and not events:
            out |= self._read_by(self._all_gates) | {Reach.PARENT}  # A new plan asks whether a gate has opened.
        for firing in (firing for name in events for firing in self._firings[kind, name]):
            needs = firing.move.needs
            if firing.move.gated or firing.move.activity is not None:
                out |= {Reach.PARENT for one in self._all_gates if isinstance(one, OwnNeed) or self._is_lived(one)}
                needs = (*needs, *self._all_gates)
            out |= self._read_by(needs)
            if kind == MEETING and (firing.move.dates == "planned" or invites(firing.move)):
                out.add(Reach.BOOKINGS)
            if any(notice.only_if for notice in firing.move.notices):
                out.add(Reach.SIBLINGS)
            if firing.move.offer is not None or firing.move.activity is not None:
                out.add(Reach.CHILDREN)
            plans = firing.move.dates == "planned" or firing.move.births == ACTIVITY
            if plans or self._bears_by_programme(kind, firing):
                out.add(Reach.PROGRAMME)
            ends = leads_to_an_end(self.region(kind, firing.region), firing.move)
            if ends or firing.move.births in ("kommune", CLUSTER, ACTIVITY):
                out.add(Reach.CHILDREN)
        if kind in self._held_in_clusters:
            out.add(Reach.PARENT)
        if kind == "programme":
            out.discard(Reach.PROGRAMME)
        return out

    def _is_lived(self, need: Need) -> bool:
        """Tell whether a requirement asks for an activity that is an event: its outcome is in a kommune's data."""
        found = self.activity(need.key) if isinstance(need, ActivityNeed) else None
        return isinstance(found, Activity) and bool(found.lived_by)

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
        born = {firing.move.births} - {None, ACTIVITY}
        if firing.move.dest and self.region(kind, firing.region).states[firing.move.dest].births:
            return True  # How often something comes again hangs on the programme's dates.
        if firing.move.offer == "take":
            born |= ACTIVITY_KINDS
        joins = (join for one in born if one in self.workflow.machines for join in self.machine(str(one)).joins)
        waits = any(isinstance(need, ProgrammeNeed) for join in joins for need in join.when)
        return waits or any(self.foreign_anchors(one) for one in born if one is not None)


_number = attrgetter("number")

_REACH: Mapping[type[object], Reach] = {
    ParentNeed: Reach.PARENT,
    ProgrammeNeed: Reach.PROGRAMME,
    ChildrenNeed: Reach.CHILDREN,
    ActivityNeed: Reach.ACTIVITIES,
    BaselineNeed: Reach.ACTIVITIES,
    CapacityNeed: Reach.SIBLINGS,
    KommunerNeed: Reach.KOMMUNER,
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


def ordinal_of(key: str) -> int:
    """Give which one of its activity a key stands for: ``workshop`` is the first, ``workshop#2`` the second."""
    return int(key.partition("#")[2].rpartition("_")[2] or 1)


def base_key(key: str) -> str:
    """Strip the ordinal: ``workshop#2`` is the second instance of the activity ``workshop``."""
    return key.partition("#")[0]
