"""The autopilot: takes every open instance of any workflow its normal way, each step when its day comes.

It reads the definition and ``engine.options`` and knows no programme. What is missing it mends where a sample answer
can (fields, checklists, children); what it cannot it waits for, and only then lets soft requirements yield.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ....engine.definition.document.items import Choice
from ....engine.values.names import LIFE, PHASE_REGION
from ....storage import InstanceView
from .acting.answers import REASON, choice_of, chosen
from .acting.hand import Hand
from .acting.mending import missing_after
from .course import Course, Step, course_of, enrols
from .desk import Desk
from .habits import Habits
from .notes import Notes
from .timing import Timing

LOOKS_AGAIN = timedelta(days=3)
MOST_PASSES = 6
ALL_IN, ALL_DONE = timedelta(days=28), timedelta(days=37)
"""How long after the last day a kommune, and the programme, waits for what is still open below it."""


@dataclass(slots=True)
class Pilot:
    """Everybody's desk at once: one look a day at all that is open.

    ``only_life`` leaves all alone but the life of the programme and of its kommuner: enrolment, choice and end.
    """

    desk: Desk
    hand: Hand
    habits: Habits
    takes_kommuner: bool = True
    only_life: bool = False
    _courses: dict[str, Course] = field(default_factory=dict)
    _wakes: dict[int, tuple[int, date]] = field(default_factory=dict)

    @property
    def notes(self) -> Notes:
        """Give the log of the rehearsal."""
        return self.desk.notes

    @property
    def timing(self) -> Timing:
        """Give the pace of the rehearsal."""
        return self.desk.timing

    def today(self) -> date:
        """Give the present day in Denmark."""
        return self.desk.today()

    def instances(self) -> tuple[InstanceView, ...]:
        """List the programme's instances, itself first."""
        return self.desk.family.now()

    def round(self) -> None:
        """Look once through everything that is open, and again as long as something led on to something else."""
        for _ in range(MOST_PASSES):
            views = self.instances()
            acted = [view.id for view in views if not self._sleeps(view) and self._look(view, views)]
            if not acted:
                return

    def give_up(self, *, kommuner: bool) -> None:
        """Close what can no longer come to its end, each by its own closing event; at last the kommuner too."""
        for view in reversed(self.instances()):
            machine = self.desk.compiled.machine(view.kind)
            spared = {"programme"} if kommuner else {"programme", "kommune"}
            if view.kind in spared or machine.closes is None or self.is_over(view):
                continue
            if not self.desk.waits_in_line(view):
                waited = self.notes.reason(view.id) or self.notes.wait(view.id, "", self.today(), ())
                self.notes.given_up.append(waited)
            option = self.desk.options(view.id).get(machine.closes)
            if option is not None:
                self.desk.advance(view, option.event, {}, reason=REASON, override=True)
        self._wakes.clear()

    def is_over(self, view: InstanceView) -> bool:
        """Tell whether an instance is done or called off, or stands where its normal course goes no further."""
        if self.desk.compiled.is_over(view.kind, view.position):
            return True
        return not any(self._step(view, region) for region in view.position)

    def _step(self, view: InstanceView, region: str) -> Step | None:
        course = self._courses.get(view.kind)
        if course is None:
            course = self._courses[view.kind] = course_of(
                self.desk.compiled, view.kind, takes_kommuner=self.takes_kommuner
            )
        return course.next(region, view.position[region])

    def _sleeps(self, view: InstanceView) -> bool:
        known = self._wakes.get(view.id)
        return known is not None and known[0] == view.revision and known[1] > self.today()

    def _look(self, view: InstanceView, views: tuple[InstanceView, ...]) -> bool:
        """Do what an instance's day asks for; tell whether anything happened."""
        wake, today = date.max, self.today()
        is_done = self.desk.compiled.is_done(view.kind, view.position)
        if is_done or self.habits.forgets(self.desk.cast.role_of(view), view):
            self._wakes[view.id] = (view.revision, wake)
            return False
        if self.desk.is_late() and self.desk.waits_in_line(view):
            return self._say_no_place_came(view)
        if view.kind == "kommune" and (choosable := self._choosable(view)):
            if self._choose(view, choosable):
                return True
            wake = today + LOOKS_AGAIN
        for region in view.position:
            step = self._step(view, region)
            if step is None or step.event is None or (self.only_life and region != LIFE):
                continue
            due = self._due(view, step, views)
            if due is not None and due <= today:
                if self.hand.take(view, step):
                    return True
                due = today + (timedelta(days=1) if self.desk.is_late() else LOOKS_AGAIN)
            wake = min(wake, due or today + LOOKS_AGAIN)
        self._wakes[view.id] = (view.revision, wake)
        return False

    def _say_no_place_came(self, view: InstanceView) -> bool:
        """Tell a kommune in line that it was not chosen, when a place that opens now would be no use to it."""
        region = self.desk.compiled.region(view.kind, LIFE)
        closes = self.desk.compiled.machine(view.kind).closes
        for option in self.desk.options(view.id).values():
            leaves = option.dest is not None and region.states[option.dest].leaves
            if leaves and option.event != closes and option.may and "reason" not in option.wants:
                self.notes.no_place[view.id] = self.today()
                return self.desk.advance(view, option.event, {})
        self._wakes[view.id] = (view.revision, self.today() + LOOKS_AGAIN)
        return False

    def _choosable(self, view: InstanceView) -> dict[str, Choice]:
        """List what a kommune that takes part has to choose for itself and has not yet."""
        if self.only_life or not self.desk.takes_part(view):
            return {}
        choices = self.desk.compiled.workflow.programme.choices
        return {name: one for name, one in choices.items() if one.by_kommune and not view.data.get(name)}

    def _choose(self, view: InstanceView, choosable: Mapping[str, Choice]) -> bool:
        """Let a kommune choose (focus areas, methods) as soon as the gates before it are open."""
        machine = self.desk.compiled.machine(view.kind)
        for option in self.desk.options(view.id).values():
            name = choice_of(machine, option)
            if name is not None and name in choosable and not missing_after(option):
                return self.desk.advance(view, option.event, chosen(machine, option, name, choosable[name]))
        return False

    def _due(self, view: InstanceView, step: Step, views: tuple[InstanceView, ...]) -> date | None:
        """Say when a step is due; None while it waits for others or for the calendar's own timers."""
        if step.event is not None and self._fires_by_itself(view, step.event) and not self.desk.is_over_time():
            return None
        last = self.desk.compiled.region(view.kind, step.region).states[step.dest].final
        if view.kind in ("programme", "kommune") and step.region == LIFE and last:
            return self._end(view, views)
        if step.region == LIFE and enrols(self.desk.compiled, view):
            return None if self._somebody_waits(views) else self.today()
        late = self.habits.days_late(self.desk.cast.role_of(view), view)
        return self.timing.due(view, step) + timedelta(days=late)

    def _somebody_waits(self, views: tuple[InstanceView, ...]) -> bool:
        """Tell whether enrolment cannot be closed yet: nobody has come, or somebody has no answer."""
        kommuner = [one for one in views if one.kind == "kommune"]
        initial = self.desk.compiled.region("kommune", LIFE).initial
        waits = any(one.position[LIFE] == initial for one in kommuner)
        return (waits or not kommuner) and not self.desk.is_over_time()

    def _end(self, view: InstanceView, views: tuple[InstanceView, ...]) -> date | None:
        """Say when a kommune or the programme may end: when all below it and beside it has, not before its time."""
        below = [one for one in views if one.id != view.id and (view.kommune in (None, one.kommune))]
        is_open = any(not self.is_over(one) for one in below) or any(
            self._is_under_way(view, one) for one in view.position
        )
        if is_open and self.today() <= self.timing.last + (ALL_IN if view.kind == "kommune" else ALL_DONE):
            return None
        return self.timing.last - timedelta(days=14) if view.kind == "kommune" else self.timing.last

    def _is_under_way(self, view: InstanceView, name: str) -> bool:
        """Tell whether a region beside the life has begun, or is a trin or fase that has to, and has not ended."""
        if name == LIFE or (step := self._step(view, name)) is None or step.event is None:
            return False
        region = self.desk.compiled.region(view.kind, name)
        return view.position[name] != region.initial or region.trin is not None or name.startswith(PHASE_REGION)

    def _fires_by_itself(self, view: InstanceView, event: str) -> bool:
        """Tell whether a timer that is armed will take this step."""
        reminders = self.desk.compiled.workflow.reminders.items()
        rules = {name for name, rule in reminders if rule.on == view.kind and rule.fires == event}
        if not rules:
            return False
        with self.desk.engine.context.store.read() as reader:
            return any(one.timer.rule in rules for one in reader.timers(instance_id=view.id, status="armed"))
