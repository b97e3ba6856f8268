"""The autopilot: takes every open instance of any workflow its normal way, each step when its day comes.

It reads the definition and ``engine.options`` and knows no programme. What is missing it mends where a sample answer
can (fields, checklists, children); what it cannot it waits for, and only then lets soft requirements yield.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from ....engine.civil.instants import local_date
from ....engine.compiled import Compiled
from ....engine.definition.document.items import Choice
from ....engine.errors import InvalidInput, NotFound, Refused
from ....engine.values import Json, Option, Refusal, Strength
from ....engine.values.names import LIFE, PHASE_REGION, base_key
from ....storage import InstanceView
from ...engine import Engine
from ...simulation import Simulation
from ...usecases.handling import birth_events
from .answers import REASON, answers, choice_of, chosen
from .cast import Cast
from .course import Course, Step, course_of, enrols
from .days import days_taken, free_day, many_of, place, room
from .habits import Habits
from .notes import Failed, Notes, Yielded
from .timing import Timing

PATIENCE = timedelta(days=28)
"""How long somebody waits for what is missing before a soft requirement yields; near the end nobody waits."""
NEAR_THE_END = timedelta(days=21)
LOOKS_AGAIN = timedelta(days=3)
PUTS_OFF, MOST_PUT_OFF = timedelta(weeks=3), 3
CHILDREN = 3
"""How many children of a kind are added where a requirement asks for some."""
MOST_PASSES = 6
ALL_IN, ALL_DONE = timedelta(days=28), timedelta(days=37)
"""How long after the last day a kommune, and the programme, waits for what is still open below it."""


@dataclass(slots=True)
class Pilot:
    """Everybody's desk at once: one look a day at all that is open.

    ``only_life`` leaves all alone but the life of the programme and of its kommuner: enrolment, choice and end.
    """

    engine: Engine
    simulation: Simulation
    compiled: Compiled
    programme_id: int
    cast: Cast
    timing: Timing
    habits: Habits
    notes: Notes = field(default_factory=Notes)
    takes_kommuner: bool = True
    only_life: bool = False
    _courses: dict[str, Course] = field(default_factory=dict)
    _wakes: dict[int, tuple[int, date]] = field(default_factory=dict)
    _taken_days: dict[str | None, set[date]] = field(default_factory=dict)

    def today(self) -> date:
        """Give the present day in Denmark."""
        return local_date(self.simulation.clock.now())

    def instances(self) -> tuple[InstanceView, ...]:
        """List the programme's instances, itself first."""
        with self.engine.context.store.read() as reader:
            return reader.instances(self.programme_id)

    def round(self) -> None:
        """Look once through everything that is open, and again as long as something led on to something else."""
        for _ in range(MOST_PASSES):
            views = self.instances()
            self._taken_days = days_taken(views)
            acted = [view.id for view in views if not self._sleeps(view) and self._look(view, views)]
            if not acted:
                return

    def take_next(self, instance_id: int) -> bool:
        """Take the next step of one instance now, whatever its days say; tell whether anything happened."""
        view = self.engine.show(instance_id)
        steps = (self._step(view, region) for region in view.position)
        return any(self._take(view, step) for step in steps if step is not None and step.event is not None)

    def give_up(self, *, kommuner: bool) -> None:
        """Close what can no longer come to its end, each by its own closing event; at last the kommuner too."""
        for view in reversed(self.instances()):
            machine = self.compiled.machine(view.kind)
            spared = {"programme"} if kommuner else {"programme", "kommune"}
            if view.kind in spared or machine.closes is None or self.is_over(view):
                continue
            if not self._waits_in_line(view):
                waited = self.notes.reason(view.id) or self.notes.wait(view.id, "", self.today(), ())
                self.notes.given_up.append(waited)
            option = self._options(view.id).get(machine.closes)
            if option is not None:
                self._advance(view, option.event, {}, reason=REASON, override=True)
        self._wakes.clear()

    def is_over(self, view: InstanceView) -> bool:
        """Tell whether an instance is done or called off, or stands where its normal course goes no further."""
        if self.compiled.is_over(view.kind, view.position):
            return True
        return not any(self._step(view, region) for region in view.position)

    def _step(self, view: InstanceView, region: str) -> Step | None:
        course = self._courses.get(view.kind)
        if course is None:
            course = self._courses[view.kind] = course_of(self.compiled, view.kind, takes_kommuner=self.takes_kommuner)
        return course.next(region, view.position[region])

    def _sleeps(self, view: InstanceView) -> bool:
        known = self._wakes.get(view.id)
        return known is not None and known[0] == view.revision and known[1] > self.today()

    def _look(self, view: InstanceView, views: tuple[InstanceView, ...]) -> bool:
        """Do what an instance's day asks for; tell whether anything happened."""
        if self.compiled.is_done(view.kind, view.position) or self.habits.forgets(self.cast.role_of(view), view):
            return False
        wake, today = date.max, self.today()
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
                if self._take(view, step):
                    return True
                due = today + (timedelta(days=1) if self._is_late() else LOOKS_AGAIN)
            wake = min(wake, due or today + LOOKS_AGAIN)
        self._wakes[view.id] = (view.revision, wake)
        return False

    def _choosable(self, view: InstanceView) -> dict[str, Choice]:
        """List what a kommune that takes part has to choose for itself and has not yet."""
        if self.only_life or not self._takes_part(view):
            return {}
        choices = self.compiled.workflow.programme.choices
        return {name: one for name, one in choices.items() if one.by_kommune and not view.data.get(name)}

    def _choose(self, view: InstanceView, choosable: Mapping[str, Choice]) -> bool:
        """Let a kommune choose (focus areas, methods) as soon as the gates before it are open."""
        machine = self.compiled.machine(view.kind)
        for option in self._options(view.id).values():
            name = choice_of(machine, option)
            if name is not None and name in choosable and not self._missing(option):
                return self._advance(view, option.event, chosen(machine, option, name, choosable[name]))
        return False

    def _takes_part(self, view: InstanceView) -> bool:
        """Tell whether a kommune has been chosen; whoever has not makes no way of its own."""
        return bool(self.compiled.region(view.kind, LIFE).states[view.position[LIFE]].births)

    def _waits_in_line(self, view: InstanceView) -> bool:
        """Tell whether a kommune waits for a place that may never come; nobody overrides for it."""
        return view.kind == "kommune" and bool(self.compiled.region(view.kind, LIFE).states[view.position[LIFE]].waits)

    def _due(self, view: InstanceView, step: Step, views: tuple[InstanceView, ...]) -> date | None:
        """Say when a step is due; None while it waits for others or for the calendar's own timers."""
        if step.event is not None and self._fires_by_itself(view, step.event) and not self._is_over_time():
            return None
        last = self.compiled.region(view.kind, step.region).states[step.dest].final
        if view.kind in ("programme", "kommune") and step.region == LIFE and last:
            return self._end(view, views)
        if step.region == LIFE and enrols(self.compiled, view):
            return None if self._somebody_waits(views) else self.today()
        late = self.habits.days_late(self.cast.role_of(view), view)
        return self.timing.due(view, step) + timedelta(days=late)

    def _somebody_waits(self, views: tuple[InstanceView, ...]) -> bool:
        """Tell whether enrolment cannot be closed yet: nobody has come, or somebody has no answer."""
        kommuner = [one for one in views if one.kind == "kommune"]
        initial = self.compiled.region("kommune", LIFE).initial
        waits = any(one.position[LIFE] == initial for one in kommuner)
        return (waits or not kommuner) and not self._is_over_time()

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
        region = self.compiled.region(view.kind, name)
        return view.position[name] != region.initial or region.trin is not None or name.startswith(PHASE_REGION)

    def _fires_by_itself(self, view: InstanceView, event: str) -> bool:
        """Tell whether a timer that is armed will take this step."""
        reminders = self.compiled.workflow.reminders.items()
        rules = {name for name, rule in reminders if rule.on == view.kind and rule.fires == event}
        if not rules:
            return False
        with self.engine.context.store.read() as reader:
            return any(one.timer.rule in rules for one in reader.timers(instance_id=view.id, status="armed"))

    def _take(self, view: InstanceView, step: Step) -> bool:
        """Take a step, after mending what is missing; tell whether anything happened."""
        assert step.event is not None
        options = self._options(view.id)
        option = options.get(step.event)
        if option is None or (self._is_late() and self._waits_in_line(view)):  # a place that opens now is no use
            self.notes.wait(view.id, step.event, self.today(), ())
            return False
        acted = bool(option.missing) and self._mend(view, option, options)
        if acted:
            option = self._options(view.id).get(step.event, option)
        if step.move is not None and step.move.dates == "planned":
            return self._go(view, option, override=self._is_late()) or acted
        if not self._missing(option):
            return self._go(view, option, override=False) or acted
        if self._waits_in_line(view):
            return acted
        waited = self.notes.wait(view.id, step.event, self.today(), self._missing(option))
        if acted:
            return True
        if self._is_patient(view, waited.since):
            return self._put_off(view, step)
        is_soft = all(one.strength is Strength.SOFT for one in option.missing)
        if is_soft and self._go(view, option, override=True):
            return True
        return self._put_off(view, step)

    def _missing(self, option: Option) -> tuple[Refusal, ...]:
        """List what an answer in the same step does not fill."""
        filled = {*option.takes, *option.wants}
        return tuple(
            one for one in option.missing if not (one.code in _FILLED and str(one.values.get("field")) in filled)
        )

    def _is_patient(self, view: InstanceView, since: date) -> bool:
        """Tell whether somebody still waits: what has a day of its own some weeks, all else until the end is near."""
        if not self.timing.is_dated(view.kind):
            return self.today() < self.timing.last - NEAR_THE_END * 2
        return not self._is_late() and self.today() - since < PATIENCE

    def _is_late(self) -> bool:
        return self.today() >= self.timing.last - NEAR_THE_END

    def _is_over_time(self) -> bool:
        return self.today() > self.timing.last + timedelta(days=7)

    def _go(self, view: InstanceView, option: Option, *, override: bool) -> bool:
        """Take a step with sample answers; ``override`` lets what is soft yield, and says so."""
        data = self._data(view, option)
        reason = REASON if override or "reason" in option.wants else None
        missing = self._missing(option)
        if not self._advance(view, option.event, data, reason=reason, override=override):
            return False
        self.notes.taken(view.id, option.event)
        if override and missing:
            self.notes.yielded.append(Yielded(view.id, option.event, self.today(), missing))
        return True

    def _data(self, view: InstanceView, option: Option) -> dict[str, Json]:
        """Answer what a step wants, what it misses, and the outcome where it has room for one."""
        lacking = {str(one.values["field"]) for one in option.missing if one.code in _FILLED}
        asked = dict.fromkeys([*option.wants, *(name for name in option.takes if name in lacking or name in _TELLS)])
        data = answers(self.compiled.machine(view.kind), asked, self.today(), self._present(view))
        if "dato" in option.wants:
            data["dato"] = self._day(view, None).isoformat()
        return data

    def _present(self, view: InstanceView) -> list[str]:
        """List the kommuner that come to what is common to them: those that take part."""
        if view.kommune is not None:
            return [view.kommune]
        if "kommune" not in self.compiled.workflow.machines:
            return []
        states = self.compiled.region("kommune", LIFE).states
        with self.engine.context.store.read() as reader:
            kommuner = reader.instances(self.programme_id, "kommune")
        return [one.key for one in kommuner if states[one.position[LIFE]].births]

    def _mend(self, view: InstanceView, option: Option, options: Mapping[str, Option]) -> bool:
        """Do beforehand what a missing requirement asks for; tell whether anything was done."""
        wanted: dict[str, set[str]] = {}
        acted = False
        for one in option.missing:
            name = str(one.values.get("field", ""))
            if one.code in _FILLED and name not in {*option.takes, *option.wants}:
                for other in options.values():
                    if other.dest is None and other.may and name in other.takes and not set(other.wants):
                        wanted.setdefault(other.event, set()).add(name)
                        break
            elif one.code == "for_faa":
                acted |= self._bear(view, one)
        for event, names in wanted.items():
            data = answers(self.compiled.machine(view.kind), sorted(names), self.today(), self._present(view))
            acted |= bool(data) and self._advance(view, event, data)
        return acted

    def _bear(self, view: InstanceView, refusal: Refusal) -> bool:
        """Add children of the kind that a requirement counts, where there are too few of them at all."""
        kind, have, want = str(refusal.values["kind"]), refusal.values.get("of"), refusal.values.get("want")
        with self.engine.context.store.read() as reader:
            family = reader.instances(self.programme_id, kind, view.kommune)
        own = [one for one in family if one.parent_id == view.id]
        alive = [one for one in own if not self.compiled.is_done(kind, one.position)]
        if not isinstance(have, int) or not isinstance(want, int) or alive or kind == "kommune" or len(own) >= 9:
            return False
        events = set(birth_events(self.compiled, view.kind, kind)) & {
            option.event for option in self._options(view.id).values() if option.may
        }
        if not events:
            return False
        title = self.compiled.machine(kind).title
        many = max(want, CHILDREN if self.compiled.machine(kind).parent == "kommune" else 1)
        born = 0
        for number in range(len(own) + 1, len(own) + 1 + many):
            data: dict[str, Json] = {"titel": f"{title} {number} (eksempel)"}
            born += self._advance(view, min(events), data)
        return born > 0

    def _day(self, view: InstanceView, earliest: date | None) -> date:
        """Agree on a free day in the window that the plan proposes."""
        soonest = self.today() + timedelta(days=1 if self._is_late() else 10)
        low, high = room(self.compiled, self.instances()[0], view, earliest, self.today())
        low = low if low > self.today() else soonest
        spare = max((high - low).days - 5, 0)
        stream = Random(f"{self.timing.seed}/{view.kommune}/{base_key(view.key)}/dag")
        return self._free_day(
            view, low + timedelta(days=round(spare * place(view.key, stream, many_of(self.compiled, view.key))))
        )

    def _set_day(self, view: InstanceView, earliest: date, reason: str) -> bool:
        """Move a meeting to a later day."""
        day = self._day(view, earliest)
        try:
            self.engine.reschedule(view.id, day, reason=reason, override=True, actor=self.cast.actor(view))
        except Refused as refused:
            self.notes.wait(view.id, "planlaeg", self.today(), refused.refusals)
            return False
        return True

    def _free_day(self, view: InstanceView, day: date) -> date:
        """Find an open day on which those who meet have no other meeting."""
        busy = self._taken_days.get(None, set()) | self._taken_days.get(view.kommune, set())
        return free_day(self.engine.context.calendar, day, busy, self.timing.last)

    def _put_off(self, view: InstanceView, step: Step) -> bool:
        """Give a meeting that cannot be held another day, a few times."""
        dates = view.dates
        is_meeting = step.move is not None and step.move.dates == "actual" and dates.planned_end is not None
        days = self.notes.postponed.setdefault(view.id, []) if is_meeting else []
        until = self.timing.last - timedelta(days=3)
        if not is_meeting or len(days) >= MOST_PUT_OFF or self.today() + PUTS_OFF > until:
            return False
        if self._set_day(view, self.today() + PUTS_OFF, REASON):
            days.append(self.today())
            return True
        return False

    def _options(self, instance_id: int) -> dict[str, Option]:
        return {option.event: option for option in self.engine.options(instance_id)}

    def _advance(
        self,
        view: InstanceView,
        event: str,
        data: Mapping[str, Json],
        *,
        reason: str | None = None,
        override: bool = False,
    ) -> bool:
        """Let an event happen; what is refused is noted, and what no sample answer fits is left out."""
        try:
            self.engine.advance(
                view.id, event, data=data, actor=self.cast.actor(view), reason=reason, override=override
            )
        except Refused as refused:
            self.notes.wait(view.id, event, self.today(), refused.refusals)
            return False
        except (InvalidInput, NotFound) as error:
            self.notes.failed.append(Failed(self.today(), f"{view.title}: {error}", (), view.kind))
            return False
        return True


_FILLED = frozenset({"mangler_felt", "mangler_flueben", "mangler_oplysning", "mangler_note", "mangler_dag"})
_TELLS = frozenset({"udbytte", "fremmoedte", "antal", "sted", "resultat"})
"""Refusals that an answer fills, and fields that are answered wherever a step has room for them."""
