"""Plans a programme and everything dated under it as one: which instances get new days or windows, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from ..civil.danish import plural
from ..civil.instants import iso, local_date
from ..civil.recurrence import occurrences
from ..civil.windows import Precision, Window
from ..compiled import Compiled
from ..definition import Activity, Approval, Evaluation, When
from ..definition.assembling.faser import phases_of
from ..measuring.windows import last_day_open
from ..pausing.pauses import delays
from ..requiring.days import WHOLE, stored_window
from ..values import Data, Json, Snapshot
from ..values.kept import LAST_DAY, SHIFT, WINDOWS, WINDOWS_WHY
from ..values.names import ACTIVITY_KINDS, KOMMUNE, PHASE_REGION, PROGRAMME, ordinal_of
from .landing import Landed, land_each
from .placing import OPEN
from .plan import Frame, PlanItem, Planned
from .reasons import reason, reason_text
from .resolve import resolve

WAVE = "boelge"
"""The kommune's data field that holds the key of the wave that it begins with."""

NO_FASER: Mapping[str, Window] = MappingProxyType({})


Delays = tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Replanned:
    """New days (fields of ``Dates``) and data for one instance of the family."""

    snapshot: Snapshot
    dates: Mapping[str, Json]
    data: Mapping[str, Json]


def plan_family(compiled: Compiled, programme: Snapshot, family: Sequence[Snapshot]) -> tuple[Replanned, ...]:
    """Plan anew, and list what differs from what stands; ``family`` holds the kommuner and all that is dated.

    What has happened and what people have fixed stays. The programme's own items are planned first, then each
    kommune's, which see the programme's and their own: a kommune's rule never hangs on another kommune. What waits for
    the kommuner behind a gate is listed as well, though nothing of it differs: the gate may have opened. So is what
    has reminders that count from the programme's dates, where those have moved.
    """
    planner = _Planner(compiled, _weeks(programme.data))
    common = planner.common(family, delays(programme.data))
    changes = [change for change in (_of_programme(planner, programme),) if change is not None]
    for kommune in (None, *sorted({one.identity.kommune for one in family if one.identity.kommune})):
        own = [one for one in family if one.identity.kommune == kommune]
        paused = [one.data for one in (programme, *own) if one.identity.kind in (PROGRAMME, KOMMUNE)]
        delayed = tuple(sorted(delay for data in paused for delay in delays(data)))
        changes += planner.changes(own, common if kommune else {}, delayed)
    moved = {change.snapshot.identity.id for change in changes}
    is_anchor = any(change.snapshot is programme and WINDOWS in change.data for change in changes)
    waiting = [
        one
        for one in family
        if one.identity.id not in moved
        and (_waits(compiled, one) or (is_anchor and compiled.rules.foreign_anchors(one.identity.kind)))
    ]
    return (*changes, *(Replanned(one, {}, {}) for one in waiting))


def how_often(compiled: Compiled, programme: Data) -> Mapping[str, int]:
    """Count the days of each activity that has a rule, in its window as the programme (its data) is shifted."""
    document = compiled.workflow.programme
    series = {key: one for key, one in document.activities.items() if one.repeats and one.repeats.rule}
    if not series:
        return {}
    planner = _Planner(compiled, _weeks(programme))
    dated: Mapping[str, Activity | Evaluation] = {**document.activities, **document.evaluations}
    items = [PlanItem(key, _when(one), planner.phase_of(one)) for key, one in dated.items()]
    planned = resolve([*planner.anchors(), *items], planner.frame)
    return {key: len(planner.days_of(one, planned[key].window)) for key, one in series.items()}


def first_day(compiled: Compiled) -> date | None:
    """Give the day on which a programme begins by its document, from which every shift is counted; None for none.

    Where the document begins with a month and dates something in it, that is the day: a month moves by whole months
    and a day by whole weeks, and counted from its first they would drift apart by half a month at once.
    """
    planner = _Planner(compiled, 0)
    document = compiled.workflow.programme
    dated: Mapping[str, Activity | Evaluation] = {**document.activities, **document.evaluations}
    items = [PlanItem(key, _when(one), planner.phase_of(one)) for key, one in dated.items()]
    begun = _hull([planned.window for planned in planner.windows.values()]).start
    if begun is None:
        return None
    found = [one.window for one in resolve([*planner.anchors(), *items], planner.frame).values()]
    days = [one.start for one in found if one.start is not None and one.precision is Precision.DAY]
    return min((day for day in days if (day.year, day.month) == (begun.year, begun.month)), default=begun)


def _weeks(programme: Data) -> int:
    shift = programme.get(SHIFT)
    return shift if isinstance(shift, int) else 0


class _Planner:
    """One run of planning: the frame, the phases and the titles that reasons speak of."""

    def __init__(self, compiled: Compiled, weeks: int) -> None:
        self.compiled = compiled
        document = compiled.workflow.programme
        calendar = compiled.calendar
        period = resolve([PlanItem("period", document.period)], Frame(OPEN, weeks, calendar))["period"]
        self.frame = Frame(period.window, weeks, calendar)
        self.weeks = weeks
        phases = [PlanItem(name, when) for name, phase in document.faser.items() if (when := phase.planned)]
        deadline = document.enrolment.deadline
        fixed = [PlanItem("enrolment", deadline, lands_on_working_day=True)] if deadline else []
        self.windows: dict[str, Planned] = {"period": period, **resolve([*phases, *fixed], self.frame)}
        self.titles = document.date_titles

    def common(self, family: Sequence[Snapshot], delayed: Delays) -> dict[str, Window]:
        """Plan the programme's own items: key -> window, for the kommuner's items to hang on."""
        own = [one for one in family if one.identity.kommune is None]
        planned = resolve([*self.anchors(), *self._items(own, delayed)], self.frame)
        return {key: item.window for key, item in planned.items()}

    def changes(self, family: Sequence[Snapshot], common: Mapping[str, Window], delayed: Delays) -> Iterator[Replanned]:
        """Plan one kommune's items (or the programme's own) and list those whose days differ."""
        kommune = next((one for one in family if one.identity.kind == KOMMUNE), None)
        frame, weeks = self._frame_of(kommune)
        faser = self._faser_of(kommune, frame, common)
        phases = {key: planned.window for key, planned in faser.items()}
        items = list(self._items(family, delayed, phases))
        known = {item.key for item in items}
        around = [_standing(key, window) for key, window in {**common, **phases}.items() if key not in known]
        trin = [_standing(key, window) for key, window in _ended_trin(family) if key not in known]
        anchors = [] if common else self.anchors()
        planned = resolve([*anchors, *around, *trin, *items], frame)
        if kommune is not None and (changed := self._windows_of(kommune, faser)) is not None:
            yield changed
        for one in family:
            if one.identity.key not in known:
                continue
            new: dict[str, Json] = {}
            if one.dates.fixed_by is None and self._may_move(one):
                new = _written(self._in_series(one, planned[one.identity.key], phases), self.titles)
                if weeks and new["planned_start"] is not None:
                    new["reason"] = f"{new['reason']} {weeks}".strip()
            is_new = any(getattr(one.dates, name) != _day(value) for name, value in new.items() if name != "reason")
            data = self._last_day(one, planned)
            if is_new or data:
                yield Replanned(one, new if is_new else {}, data)

    def _last_day(self, one: Snapshot, planned: Mapping[str, Planned]) -> dict[str, Json]:
        """Keep the last possible day of a measurement that guards a change, where it has become another."""
        definition = self.compiled.paper.activity(one.identity.key)
        if not isinstance(definition, Evaluation) or definition.before is None or one.dates.actual_end is not None:
            return {}
        change = planned.get(definition.before)
        start = change.window.start if change else None
        last = iso(start - timedelta(days=1)) if start else None
        is_done = self.compiled.is_done(one.identity.kind, one.position)
        return {LAST_DAY: last} if not is_done and one.data.get(LAST_DAY) != last else {}

    def _frame_of(self, kommune: Snapshot | None) -> tuple[Frame, str]:
        """Give the frame that a kommune is planned in, and words for its wave where that begins later."""
        waves = self.compiled.workflow.programme.waves
        wave = waves.get(str(kommune.data.get(WAVE))) if kommune else None
        if wave is None or not wave.weeks:
            return self.frame, ""
        period = self.frame.period
        later = Window(period.shift(wave.weeks * 7).start, period.end, period.precision)
        words = f"Kommunen er med i »{wave.title}«, som ligger {plural(wave.weeks, 'uge', 'uger')} senere."
        return Frame(later, self.weeks + wave.weeks, self.compiled.calendar), words

    def _faser_of(self, kommune: Snapshot | None, frame: Frame, common: Mapping[str, Window]) -> Mapping[str, Planned]:
        """Plan the faser that a kommune goes through at its own pace: key -> planned; those without days are left out.

        What it has begun counts from the day on which it did, what it has ended to that day.
        """
        faser = dict(phases_of(self.compiled.workflow.programme, of_kommune=True)) if kommune else {}
        if kommune is None or not faser:
            return {}
        items = []
        for name, phase in faser.items():
            begun, ended = self._lived(kommune, name)
            when = phase.planned or _rule("åben")
            if ended is not None:
                items.append(PlanItem(name, when, actual=Window(begun or ended, ended, Precision.DAY)))
            elif begun is not None:
                items.append(PlanItem(name, when, actual=Window(begun, None, Precision.DAY)))
            elif phase.planned is not None:
                items.append(PlanItem(name, when))
        around = [_standing(key, window) for key, window in common.items() if key not in faser]
        trin = [_standing(key, window) for key, window in _ended_trin([kommune])]
        found = resolve([*around, *trin, *items], frame)
        return {item.key: found[item.key] for item in items if found[item.key].window != OPEN}

    def _lived(self, kommune: Snapshot, fase: str) -> tuple[date | None, date | None]:
        """Say on which day a kommune began a fase, and on which it ended it; the first is kept in its windows."""
        region = f"{PHASE_REGION}{fase}"
        definition = self.compiled.region(KOMMUNE, region)
        state = kommune.position.get(region, definition.initial)
        if state == definition.initial:
            return None, None
        day = local_date(kommune.entered[region].at)
        if not definition.states[state].final:
            return day, None
        begun, _ = stored_window(kommune.data, fase) or (None, None)
        return (begun if begun is not None and begun <= day else None), day

    def _windows_of(self, kommune: Snapshot, faser: Mapping[str, Planned]) -> Replanned | None:
        """Give a kommune the windows of its faser, where they differ from those that stand."""
        windows: dict[str, Json] = {name: _pair(planned.window) for name, planned in faser.items()}
        if (kommune.data.get(WINDOWS) or {}) == windows:
            return None
        why: dict[str, Json] = {name: _why(planned, self.titles) for name, planned in faser.items()}
        return Replanned(kommune, {}, {WINDOWS: windows or None, WINDOWS_WHY: why or None})

    def anchors(self) -> list[PlanItem]:
        """Let the windows of the programme stand, for others to hang on."""
        return [_standing(name, planned.window) for name, planned in self.windows.items() if name != "period"]

    def _items(
        self, family: Sequence[Snapshot], delayed: Delays, faser: Mapping[str, Window] | None = None
    ) -> Iterator[PlanItem]:
        for one in family:
            definition = self.compiled.paper.activity(one.identity.key)
            if one.identity.kind in ACTIVITY_KINDS and definition is not None:
                yield replace(self._item(one, definition, faser or {}), delays=delayed)

    def _item(
        self, one: Snapshot, definition: Activity | Evaluation | Approval, faser: Mapping[str, Window]
    ) -> PlanItem:
        dates = one.dates
        end = last_day_open(dates) if isinstance(definition, Evaluation) else dates.actual_end
        actual = Window(dates.actual_start, end, Precision.DAY) if dates.actual_start else None
        stays = dates.fixed_by is not None or not self._may_move(one)
        fixed = Window(dates.planned_start, dates.planned_end, Precision.DAY) if stays and dates.planned_start else None
        return PlanItem(
            key=one.identity.key,
            when=_when(definition),
            phase=self.phase_of(definition, faser),
            fixed=fixed,
            actual=actual,
            days=self.compiled.paper.days_of(one.identity.key),
            lands_on_working_day=one.identity.kind in ("meeting", "approval"),
            matches=(definition.matches or "") if isinstance(definition, Evaluation) else "",
            before=(definition.before or "") if isinstance(definition, Evaluation) else "",
        )

    def phase_of(
        self, definition: Activity | Evaluation | Approval, faser: Mapping[str, Window] = NO_FASER
    ) -> Window | None:
        """Give the window of the fase that something belongs to, a kommune's own (``faser``) first."""
        phase = None if isinstance(definition, Approval) else definition.phase
        standing = self.windows[phase].window if phase in self.windows else None
        return faser.get(phase or "", standing)

    def days_of(self, activity: Activity, window: Window, faser: Mapping[str, Window] = NO_FASER) -> tuple[Landed, ...]:
        """List the days of an activity's rule in its window; where that is open, in its fase or in the programme.

        Meetings are held on open days.
        """
        area = self.phase_of(activity, faser) or self.frame.period
        first, last = window.start or area.start, window.end or area.end
        if not (activity.repeats and activity.repeats.rule and first and last):
            return ()
        days = occurrences(activity.repeats.rule, first, last)
        is_meeting = self.compiled.workflow.machine_of(activity.kind) == "meeting"
        within = Window(first, last, Precision.DERIVED)
        return land_each(days, self.compiled.calendar, within) if is_meeting else tuple((day, ()) for day in days)

    def _in_series(self, one: Snapshot, planned: Planned, faser: Mapping[str, Window]) -> Planned:
        """Give one of a series its own day of the rule, off closed days as all meetings are."""
        activity = self.compiled.paper.activity(one.identity.key)
        if not isinstance(activity, Activity) or not activity.repeats or not activity.repeats.rule:
            return planned
        days, number = self.days_of(activity, planned.window, faser), ordinal_of(one.identity.key)
        if number > len(days):
            return replace(planned, reasons=(*planned.reasons, reason("uden_for_raekken", of=len(days))))
        day, moved = days[number - 1]
        window = Window(day, day + timedelta(days=activity.days - 1), Precision.DAY)
        return replace(planned, window=window, reasons=(reason("nummer", number=number, of=len(days)), *moved))

    def _may_move(self, one: Snapshot) -> bool:
        """Tell whether a plan may still move it: it has neither begun nor come to its end."""
        return one.dates.actual_start is None and not self.compiled.is_done(one.identity.kind, one.position)


def _waits(compiled: Compiled, one: Snapshot) -> bool:
    """Tell whether a gate that asks for the kommuner stands in front of something that has not happened yet."""
    if one.identity.kind not in ACTIVITY_KINDS or not compiled.gates.waits_for_kommuner(one.identity.key):
        return False
    return one.dates.actual_start is None and not compiled.is_done(one.identity.kind, one.position)


def _of_programme(planner: _Planner, programme: Snapshot) -> Replanned | None:
    """Give the programme the windows of its period, phases, deadline and external dates."""
    windows: dict[str, Json] = {name: _pair(planned.window) for name, planned in planner.windows.items()}
    for name, external in planner.compiled.workflow.programme.external_dates.items():
        windows[name] = [external.on.isoformat(), external.on.isoformat()]
    windows[WHOLE] = _pair(_hull([planned.window for planned in planner.windows.values()]))
    why: dict[str, Json] = {name: _why(planned, planner.titles) for name, planned in planner.windows.items()}
    dates = _written(planner.windows["period"], planner.titles)
    if programme.data.get(WINDOWS) == windows and programme.dates.planned_start is not None:
        return None
    return Replanned(programme, dates, {WINDOWS: windows, WINDOWS_WHY: why})


def _hull(windows: Sequence[Window]) -> Window:
    """Span from the first known day to the last."""
    starts = [window.start for window in windows if window.start]
    ends = [window.end for window in windows if window.end]
    return Window(min(starts, default=None), max(ends, default=None), Precision.DERIVED)


def _when(definition: Activity | Evaluation | Approval) -> When:
    """Choose the rule to plan by: our proposal where there is one, else the document's words, else the phase."""
    deadline = getattr(definition, "deadline", None)
    in_phase = _rule("i fasen" if getattr(definition, "phase", None) else "åben")
    if definition.plan is not None:
        return definition.plan.model_copy(update={"inferred": True})
    return definition.when or deadline or in_phase


@cache
def _rule(words: str) -> When:
    """Read a rule of our own; every plan asks for the same few some hundred times."""
    return When.model_validate(words)


def _standing(key: str, window: Window) -> PlanItem:
    """Let something planned elsewhere stand as it is, for others to hang on."""
    return PlanItem(key, _rule("åben"), fixed=window)


def _ended_trin(family: Sequence[Snapshot]) -> Iterator[tuple[str, Window]]:
    """List the trin that a kommune has ended, with the day, as anchors (``14 arbejdsdage efter trin_2``)."""
    for one in family:
        if one.identity.kind == KOMMUNE:
            for region, state in one.position.items():
                if state == "afsluttet":
                    day = local_date(one.entered[region].at)
                    yield region, Window(day, day, Precision.DAY)


def _written(planned: Planned, titles: Mapping[str, str]) -> dict[str, Json]:
    start, end = _pair(planned.window)
    precision = planned.window.precision.value
    return {
        "planned_start": start,
        "planned_end": end,
        "precision": precision,
        "reason": _why(planned, titles),
    }


def _why(planned: Planned, titles: Mapping[str, str]) -> str:
    return " ".join(reason_text(reason, titles) for reason in planned.reasons)


def _pair(window: Window) -> list[Json]:
    return [iso(window.start), iso(window.end)]


def _day(value: Json) -> date | Json:
    """Read a written day back; other values stand for themselves."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
