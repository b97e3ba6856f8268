"""A workflow made ready for deciding: machines built once, and every question of the core answered by a look-up."""

from __future__ import annotations

from datetime import date, datetime, time

from .civil.calendar import WorkingCalendar
from .civil.instants import to_utc
from .compiling import Firing, Gates, Paper, Relations, Rules, is_done
from .definition import ACTIVITY, Machine, Region, Workflow
from .definition.needs import FieldsNeed
from .errors import NotFound
from .machine import RegionMachine
from .values import Position
from .values.names import KOMMUNE, PROGRAMME


class Compiled:
    """A workflow with its machines built; immutable after the first use, safe to share between threads.

    ``paper`` answers for the document, ``gates`` for what stands before a move, ``rules`` for reminders and
    ``relations`` for who reads whom.
    """

    def __init__(self, workflow: Workflow, calendar: WorkingCalendar) -> None:
        self.workflow = workflow
        self.calendar = calendar
        self.calendar_version = calendar.version
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
        self.paper = Paper(workflow)
        self.gates = Gates(workflow)
        self.rules = Rules(workflow)
        self.relations = Relations(workflow, self._firings, self.paper, self.gates, self.rules)
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

    def bears(self, kind: str, event: str, region: str | None, entered: str | None) -> bool:
        """Tell whether something is born of an event, or of entering a state of a region (None: it enters none)."""
        firings = self._firings.get((kind, event), ())
        if any(firing.move.births is not None or firing.move.offer == "take" for firing in firings):
            return True
        found = self.machine(kind).regions.get(region or "")
        return found is not None and entered in found.states and found.states[entered].births is not None

    def may_move_others(self, kind: str, event: str) -> bool:
        """Tell whether an event may lead to days of other instances being planned anew."""
        if kind in (PROGRAMME, KOMMUNE):
            return True
        known = self._firings.get((kind, event), ())
        sets_days = any(firing.move.dates is not None or firing.move.births == ACTIVITY for firing in known)
        return sets_days or event not in self.machine(kind).events

    def is_called_off(self, kind: str, position: Position) -> bool:
        """Tell whether an instance stands in the state that its closing event leads to."""
        firings = self._firings.get((kind, self.machine(kind).closes or ""), ())
        return bool(firings) and position.get(firings[0].region) == firings[0].move.dest

    def is_over(self, kind: str, position: Position) -> bool:
        """Tell whether an instance has come to its end or was called off."""
        return self.is_done(kind, position) or self.is_called_off(kind, position)

    def is_done(self, kind: str, position: Position) -> bool:
        """Tell whether an instance has come to its end: its first region stands in a final state."""
        return is_done(self.workflow.machines[kind], position)

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
