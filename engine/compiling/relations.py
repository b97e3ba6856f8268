"""Which relatives an event reads and which it wakes, so that the store loads and locks no more; reads none itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from ..definition import ACTIVITY, Activity, Need, Workflow
from ..definition.assembling.gating import waiting_on
from ..definition.needs import (
    ActivitiesNeed,
    ActivityNeed,
    BaselineNeed,
    CapacityNeed,
    ChildrenNeed,
    DeadlineNeed,
    KommunerNeed,
    NotBeforeNeed,
    OwnNeed,
    ParentNeed,
    ProgrammeNeed,
)
from ..pausing.ends import leads_to_an_end
from ..values import Reach
from ..values.names import ACTIVITY_KINDS, CLUSTER, KOMMUNE, MEETING, PROGRAMME
from .gates import Gates
from .moves import Firing, invites
from .paper import Paper
from .rules import Rules

Firings = Mapping[tuple[str, str], tuple[Firing, ...]]

_REACH: Mapping[type[object], Reach] = {
    ParentNeed: Reach.PARENT,
    ProgrammeNeed: Reach.PROGRAMME,
    ChildrenNeed: Reach.CHILDREN,
    ActivityNeed: Reach.ACTIVITIES,
    ActivitiesNeed: Reach.ACTIVITIES,
    BaselineNeed: Reach.ACTIVITIES,
    CapacityNeed: Reach.SIBLINGS,
    KommunerNeed: Reach.KOMMUNER,
}


class Relations:
    """Who reads whom in the families of one workflow."""

    def __init__(self, workflow: Workflow, firings: Firings, paper: Paper, gates: Gates, rules: Rules) -> None:
        self._workflow = workflow
        self._firings = firings
        self._paper = paper
        self._gates = gates
        self._rules = rules
        self._reach: dict[tuple[str, str | None], frozenset[Reach]] = {}

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

    @cached_property
    def _awaited(self) -> frozenset[str]:
        joins = (join for machine in self._workflow.machines.values() for join in machine.joins)
        return frozenset(need.kind for join in joins for need in join.when if isinstance(need, ChildrenNeed))

    @cached_property
    def _waiting(self) -> Mapping[tuple[str, str], frozenset[str]]:
        return waiting_on(self._workflow, ACTIVITY_KINDS)

    def _find_reach(self, kind: str, event: str | None) -> set[Reach]:
        machine = self._workflow.machines[kind]
        out = self._read_by([need for join in machine.joins for need in join.when])
        if kind != PROGRAMME:
            foreign = self._rules.foreign_anchors(kind)
            out |= {Reach.PROGRAMME for _ in foreign}
            out |= {Reach.ACTIVITIES for anchor in foreign if self._paper.activity(anchor)}
        events = machine.events if event is None else [event] if event in machine.events else []
        if self._rules.is_monthly(kind) and (event is None or not events):
            out |= {Reach.ACTIVITIES, Reach.CHILDREN}
        if self._gates.watched and kind in ACTIVITY_KINDS and event is not None and not events:
            out |= self._read_by(self._gates.all) | {Reach.PARENT}  # A new plan asks whether a gate has opened.
        for firing in (firing for name in events for firing in self._firings[kind, name]):
            out |= self._read_by_move(kind, firing)
        if kind in self._paper.held_in_clusters:
            out.add(Reach.PARENT)
        return out - {Reach.PROGRAMME} if kind == PROGRAMME else out

    def _read_by_move(self, kind: str, firing: Firing) -> set[Reach]:
        """Say which relatives one move reads: its requirements, what it bears, and what it sends."""
        move, gates = firing.move, self._gates.all
        out = self._read_by(move.needs)
        if move.gated or move.activity is not None:
            out |= {Reach.PARENT for one in gates if isinstance(one, OwnNeed) or self._is_lived(one)}
            out |= self._read_by(gates)
        if kind == MEETING and (move.dates == "planned" or invites(move)):
            out.add(Reach.BOOKINGS)
        if any(notice.only_if for notice in move.notices):
            out.add(Reach.SIBLINGS)
        if move.offer is not None or move.activity is not None:
            out.add(Reach.CHILDREN)
        if move.dates == "planned" or move.births == ACTIVITY or self._bears_by_programme(kind, firing):
            out.add(Reach.PROGRAMME)
        ends = leads_to_an_end(self._workflow.machines[kind].regions[firing.region], move)
        if ends or move.births in (KOMMUNE, CLUSTER, ACTIVITY):
            out.add(Reach.CHILDREN)
        return out

    def _is_lived(self, need: Need) -> bool:
        """Tell whether a requirement asks for an activity that is an event: its outcome is in a kommune's data."""
        found = self._paper.activity(need.key) if isinstance(need, ActivityNeed) else None
        return isinstance(found, Activity) and bool(found.lived_by)

    def _read_by(self, needs: Iterable[Need]) -> set[Reach]:
        """Say which relatives requirements read."""
        out: set[Reach] = set()
        for need in needs:
            if type(need) in _REACH:
                out.add(_REACH[type(need)])
            if isinstance(need, CapacityNeed | DeadlineNeed | NotBeforeNeed):
                out.add(Reach.PROGRAMME)
            if isinstance(need, DeadlineNeed | NotBeforeNeed) and self._paper.activity(need.date):
                out.add(Reach.ACTIVITIES)
        return out

    def _bears_by_programme(self, kind: str, firing: Firing) -> bool:
        """Tell whether something is born of a move whose timers count from the programme's dates."""
        machines = self._workflow.machines
        born = {firing.move.births} - {None, ACTIVITY}
        if firing.move.dest and machines[kind].regions[firing.region].states[firing.move.dest].births:
            return True  # How often something comes again hangs on the programme's dates.
        if firing.move.offer == "take":
            born |= ACTIVITY_KINDS
        joins = (join for one in born if one in machines for join in machines[str(one)].joins)
        waits = any(isinstance(need, ProgrammeNeed) for join in joins for need in join.when)
        return waits or any(self._rules.foreign_anchors(one) for one in born if one is not None)
