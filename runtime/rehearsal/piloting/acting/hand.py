"""Takes one step of one instance: mends, waits, puts off, and only at last lets what is soft yield; knows no pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .....engine.errors import Refused
from .....engine.values import Json, Option, Refusal, Strength
from .....engine.values.names import base_key
from .....storage import InstanceView
from ..course import Step
from ..desk import NEAR_THE_END, Desk
from ..notes import Yielded
from .answers import REASON, answers
from .days import Diary, free_day, many_of, place, room
from .mending import FILLED, mend, missing_after

PATIENCE = timedelta(days=28)
"""How long somebody waits for what is missing before a soft requirement yields; near the end nobody waits."""
PUTS_OFF, MOST_PUT_OFF = timedelta(weeks=3), 3
TELLS = frozenset({"udbytte", "fremmoedte", "antal", "sted", "resultat"})
"""Fields that are answered wherever a step has room for them."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whoever acts for an instance."""

    desk: Desk
    diary: Diary

    def take(self, view: InstanceView, step: Step) -> bool:
        """Take a step, after mending what is missing; tell whether anything happened."""
        assert step.event is not None
        desk = self.desk
        options = desk.options(view.id)
        option = options.get(step.event)
        if option is None:
            desk.notes.wait(view.id, step.event, desk.today(), ())
            return False
        acted = bool(option.missing) and mend(desk, view, option, options)
        if acted:
            option = desk.options(view.id).get(step.event, option)
        if step.move is not None and step.move.dates == "planned":
            return self._go(view, option, override=desk.is_late()) or acted
        missing = missing_after(option)
        if not missing:
            if self._go(view, option, override=False):
                return True
            missing = desk.notes.refused(view.id, step.event)  # what only the attempt shows: people who are elsewhere
        if acted or desk.waits_in_line(view):
            return acted
        waited = desk.notes.wait(view.id, step.event, desk.today(), missing)
        if self._is_patient(view, waited.since):
            return self._put_off(view, step)
        is_soft = bool(missing) and all(one.strength is Strength.SOFT for one in missing)
        if is_soft and self._go(view, option, override=True, missing=missing):
            return True
        return self._put_off(view, step)

    def _is_patient(self, view: InstanceView, since: date) -> bool:
        """Tell whether somebody still waits: what has a day of its own some weeks, all else until the end is near."""
        today = self.desk.today()
        if not self.desk.timing.is_dated(view.kind):
            return today < self.desk.timing.last - NEAR_THE_END * 2
        return not self.desk.is_late() and today - since < PATIENCE

    def _go(self, view: InstanceView, option: Option, *, override: bool, missing: tuple[Refusal, ...] = ()) -> bool:
        """Take a step with sample answers; ``override`` lets what is soft yield, and says so."""
        notes, data = self.desk.notes, self._data(view, option)
        reason = REASON if override or "reason" in option.wants else None
        missing = missing or missing_after(option)
        if not missing and override and self.desk.advance(view, option.event, data, reason=reason):
            notes.taken(view.id, option.event)
            return True
        if not self.desk.advance(view, option.event, data, reason=reason, override=override):
            return False
        missing = missing or (notes.refused(view.id, option.event) if override else ())
        notes.taken(view.id, option.event)
        if override and missing:
            notes.yielded.append(Yielded(view.id, option.event, self.desk.today(), missing))
        return True

    def _data(self, view: InstanceView, option: Option) -> dict[str, Json]:
        """Answer what a step wants, what it misses, and the outcome where it has room for one."""
        lacking = {str(one.values["field"]) for one in option.missing if one.code in FILLED}
        asked = dict.fromkeys([*option.wants, *(name for name in option.takes if name in lacking or name in TELLS)])
        machine = self.desk.compiled.machine(view.kind)
        data = answers(machine, asked, self.desk.today(), self.desk.present(view))
        if "dato" in option.wants:
            data["dato"] = self._day(view, None).isoformat()
        return data

    def _day(self, view: InstanceView, earliest: date | None) -> date:
        """Agree on a day in the window that the plan proposes, on which nobody of those who meet is elsewhere."""
        desk = self.desk
        calendar, last = desk.engine.context.calendar, desk.timing.last
        soonest = desk.today() + timedelta(days=1 if desk.is_late() else 10)
        low, high = room(desk.compiled, desk.family.now()[0], view, earliest, desk.today())
        low = low if low > desk.today() else soonest
        day = self.diary.together(view) if earliest is None else None
        if day is not None and desk.today() < day <= last:
            return day
        spare = max((high - low).days - 5, 0)
        stream = Random(f"{desk.timing.seed}/{view.kommune}/{base_key(view.key)}/dag")
        wanted = low + timedelta(days=round(spare * place(view.key, stream, many_of(desk.compiled, view.key))))
        return free_day(calendar, wanted, self.diary.busy(view), (low, max(low, high)), last)

    def _put_off(self, view: InstanceView, step: Step) -> bool:
        """Give a meeting that cannot be held another day, a few times."""
        desk, dates = self.desk, view.dates
        is_meeting = step.move is not None and step.move.dates == "actual" and dates.planned_end is not None
        days = desk.notes.postponed.setdefault(view.id, []) if is_meeting else []
        until = desk.timing.last - timedelta(days=3)
        if not is_meeting or len(days) >= MOST_PUT_OFF or desk.today() + PUTS_OFF > until:
            return False
        if self._set_day(view, desk.today() + PUTS_OFF):
            days.append(desk.today())
            return True
        return False

    def _set_day(self, view: InstanceView, earliest: date) -> bool:
        """Move a meeting to a later day."""
        desk = self.desk
        try:
            day = self._day(view, earliest)
            desk.engine.reschedule(view.id, day, reason=REASON, override=True, actor=desk.cast.actor(view))
        except Refused as refused:
            desk.notes.wait(view.id, "planlaeg", desk.today(), refused.refusals)
            return False
        return True
