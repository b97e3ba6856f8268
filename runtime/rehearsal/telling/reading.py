"""Reads from a rehearsal's database and notes what it showed; changes nothing and words as little as it can."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ....engine.civil.danish import long_date, plural
from ....engine.civil.instants import local_date
from ....engine.compiled import Compiled
from ....engine.definition import Activity, Evaluation
from ....engine.planning.reasons import WARNING_OPENINGS
from ....engine.planning.timers import applies
from ....engine.reminding.rungs import fallen_out
from ....engine.values import Json, Refusal
from ....engine.values.names import LIFE, base_key
from ....storage import HistoryRow, InstanceView, OutboxView
from ...doctor import examine
from ...simulation import Lived
from ...views.sheet import missing_of
from ...views.words import Words
from ..piloting.cast import expanded
from ..play import Stage
from .values import (
    Collision,
    Held,
    Load,
    Mailbox,
    Month,
    Nobody,
    Override,
    Rehearsal,
    StillOpen,
    Taker,
    Unmet,
    Week,
)

PAGE = 1000
_WINDOWS_END = frozenset({"planned_end", "last_day"})
SHORT_WINDOW = 60
"""Windows of more days than this hold so many open ones that closed weeks do not matter."""


def read(stage: Stage, lived: Lived, seed: int, seconds: float) -> Rehearsal:
    """Put together what a rehearsal that has been lived showed."""
    seen = _seen(stage)
    held = tuple(sorted(seen.held(), key=lambda one: (one.on, one.title, one.kommune or "")))
    diagnosis = examine(stage.engine)
    programme = seen.compiled.workflow.programme
    return Rehearsal(
        key=programme.workflow,
        version=programme.version,
        title=programme.title,
        seed=seed,
        first_on=stage.first,
        last_on=stage.last,
        ended=seen.words.state("programme", LIFE, seen.views[0].position.get(LIFE)),
        kommuner=tuple(seen.takers()),
        months=tuple(_months(held)),
        mailboxes=tuple(seen.mailboxes()),
        collisions=tuple(sorted({*seen.closed(), *seen.same_day(held)}, key=lambda one: (one.on, one.text))),
        unmet=tuple(seen.unmet()),
        before_start=tuple(dict.fromkeys(one.title for one in seen.views if one.id in seen.before_start())),
        overrides=tuple(seen.overrides()),
        loads=tuple(seen.loads(held)),
        nobody=tuple(seen.nobody()),
        still_open=tuple(seen.still_open()),
        findings=tuple(f"{one.code}: {one.text}" for one in diagnosis.findings),
        decisions=len({(row.instance_id, row.decision_seq) for row in seen.history}),
        mails=len({got.message_id for mail in seen.outbox for got in mail.deliveries}),
        failed=lived.failed,
        seconds=seconds,
    )


def _seen(stage: Stage) -> _Seen:
    with stage.engine.context.store.read() as reader:
        views = reader.instances(stage.programme_id)
        history: list[HistoryRow] = []
        after = None
        while page := reader.programme_history(stage.programme_id, after, PAGE):
            history += page
            after = (page[-1].recorded_at, page[-1].instance_id, page[-1].seq)
        outbox: list[OutboxView] = []
        while rows := reader.outbox(stage.programme_id, limit=PAGE, after=outbox[-1].id if outbox else 0):
            outbox += rows
    return _Seen(stage, stage.compiled, Words(stage.compiled), views, tuple(history), tuple(outbox))


@dataclass(frozen=True)
class _Seen:
    """Everything that the database holds of the programme, read once."""

    stage: Stage
    compiled: Compiled
    words: Words
    views: tuple[InstanceView, ...]
    history: tuple[HistoryRow, ...]
    outbox: tuple[OutboxView, ...]

    def kommuner(self) -> Iterator[InstanceView]:
        """List the kommuner that enrolled."""
        yield from (one for one in self.views if one.kind == "kommune")

    def takers(self) -> Iterator[Taker]:
        """Say where each kommune ended."""
        for one in self.kommuner():
            told = self.stage.pilot.notes.no_place.get(one.id)
            yield Taker(one.title, self.words.state("kommune", LIFE, one.position[LIFE]), told)

    def name(self, code: str | None) -> str | None:
        """Name a kommune."""
        return next((one.title for one in self.kommuner() if one.key == code), code)

    def held(self) -> Iterator[Held]:
        """List what took place, with the day that it was planned for at first."""
        planned, before = dict(self._first_plans()), self.before_start()
        for one in self.views:
            dates = one.dates
            if one.id in before:
                continue
            end = dates.actual_end or dates.actual_start
            if dates.actual_start is None or end is None or self.compiled.paper.activity(one.key) is None:
                continue
            yield Held(
                on=dates.actual_start,
                until=end,
                key=one.key,
                title=one.title,
                kind=one.kind,
                kommune=self.name(one.kommune),
                state=self.words.standing(one.kind, one.position),
                planned=planned.get(one.id),
                moved=len(self.stage.pilot.notes.postponed.get(one.id, ())),
            )

    def _first_plans(self) -> Iterator[tuple[int, date]]:
        """Give the last planned day of every instance as its first plan had it."""
        met: set[int] = set()
        for row in self.history:
            days = row.changes.get("dates")
            if row.instance_id not in met and isinstance(days, Mapping) and isinstance(days.get("planned_end"), str):
                met.add(row.instance_id)
                yield row.instance_id, date.fromisoformat(str(days["planned_end"]))

    def before_start(self) -> frozenset[int]:
        """Name what was over on the first day of the rehearsal: it belongs to the document, but is nobody's to do."""
        first, plans = local_date(self.views[0].created_at), dict(self._first_plans())
        dated = (one for one in self.views if self.compiled.paper.activity(one.key) is not None)
        return frozenset(one.id for one in dated if (last := plans.get(one.id)) is not None and last < first)

    def mailboxes(self) -> Iterator[Mailbox]:
        """Count everybody's mails, by week; a digest is one."""
        weeks: dict[int, Counter[date]] = defaultdict(Counter)
        letters = {(got.message_id, got.person_id, got.at) for mail in self.outbox for got in mail.deliveries}
        for _, whose, at in letters:
            weeks[whose][_monday(local_date(at))] += 1
        who = {number: (code, role) for (code, role), number in self.stage.cast.people.items()}
        found = []
        for number, counts in weeks.items():
            code, role = who.get(number, (None, ""))
            week, most = max(counts.items(), key=lambda pair: (pair[1], -pair[0].toordinal()))
            person = self.stage.cast.names.get(number, str(number))
            found.append(Mailbox(person, role, self.name(code), counts.total(), week, most))
        yield from sorted(found, key=lambda one: (-one.most, -one.mails, one.person))

    def closed(self) -> Iterator[Collision]:
        """List what the plan had to move off a closed day, or found no day for."""
        titles = {one.id: (one.title, self.name(one.kommune)) for one in self.views}
        before = self.before_start()
        for row in self.history:
            days = row.changes.get("dates")
            if row.kind != "plan" or not isinstance(days, Mapping) or row.instance_id in before:
                continue
            for sentence in _warnings(days):
                title, kommune = titles[row.instance_id]
                on = _day(days.get("planned_start")) or local_date(row.recorded_at)
                yield Collision("plan", on, f"{_in(title, kommune)}: {sentence}")
        yield from self._windows()

    def _windows(self) -> Iterator[Collision]:
        calendar = self.stage.engine.context.calendar
        for one in self.views:
            start, end = one.dates.planned_start, one.dates.planned_end
            if one.kind != "evaluation" or start is None or end is None or (end - start).days > SHORT_WINDOW:
                continue
            days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
            weekdays = [day for day in days if day.isoweekday() < 6]
            shut = [day for day in weekdays if not calendar.is_open(day)]
            if shut and 3 * len(shut) >= len(weekdays):
                reason = calendar.closed_reason(shut[0])
                name = f" ({reason.name})" if reason else ""
                text = f"{len(shut)} af {plural(len(weekdays), 'hverdag', 'hverdage')} i vinduet er lukket{name}"
                yield Collision("vindue", start, f"{_in(one.title, self.name(one.kommune))}: {text}")
            yield from self._short(one, start, end)

    def _short(self, one: InstanceView, start: date, end: date) -> Iterator[Collision]:
        """List the reminders for which a window has no room: they are not sent."""
        calendar = self.stage.engine.context.calendar
        for rule in self.compiled.workflow.reminders.values():
            is_meant = rule.on == one.kind and rule.anchor in _WINDOWS_END and applies(self.compiled, rule, one.key)
            if is_meant and (out := fallen_out(rule, start, end, calendar)):
                said = plural(len(out), "påmindelse", "påmindelser")
                text = f"vinduet er så kort, at {said} af {len(rule.ladder)} falder fra (»{rule.title}«)"
                yield Collision("kort_vindue", start, f"{_in(one.title, self.name(one.kommune))}: {text}")

    def same_day(self, held: Iterable[Held]) -> Iterator[Collision]:
        """List pairs of meetings on one day to which the same role is asked, in the same kommune or in common."""
        days: dict[date, list[Held]] = defaultdict(list)
        for one in held:
            if one.kind == "meeting":
                days[one.on].append(one)
        for on, found in days.items():
            for number, one in enumerate(found):
                for other in found[number + 1 :]:
                    together = one.kommune == other.kommune or None in (one.kommune, other.kommune)
                    shared = sorted(self._roles(one.key) & self._roles(other.key))
                    if together and shared and not self._is_held_with(one.key, other.key):
                        who = ", ".join(self.words.role(role) for role in shared)
                        pair = f"{_in(one.title, one.kommune)} og {_in(other.title, other.kommune)}"
                        yield Collision("samme_dag", on, f"{pair} ligger samme dag for {who}")

    def _is_held_with(self, one: str, other: str) -> bool:
        """Tell whether the document itself lets two meetings be held together."""
        pairs = ((self.compiled.paper.activity(one), other), (self.compiled.paper.activity(other), one))
        return any(isinstance(found, Activity) and base_key(key) in found.held_with for found, key in pairs)

    def _roles(self, key: str) -> frozenset[str]:
        """Name the roles that take part in an activity or evaluation."""
        found = self.compiled.paper.activity(key)
        if isinstance(found, Evaluation):
            names = [*found.respondents, *([found.evaluator] if found.evaluator else [])]
        elif isinstance(found, Activity):
            names = [*found.who, *(role for role in (found.facilitator, found.presenter) if role)]
        else:
            return frozenset()
        known = {**self.compiled.workflow.roles, **self.compiled.workflow.programme.roles}
        spread = expanded(self.compiled.workflow, names)
        return frozenset(role for role in spread if role not in known or known[role].by_mail)

    def unmet(self) -> Iterator[Unmet]:
        """List what was never possible, and what ended after the day that it had to."""
        notes = self.stage.pilot.notes
        by_id = {one.id: one for one in self.views}
        given_up: set[int] = set()
        for waited in notes.given_up:
            one = by_id[waited.instance_id]
            given_up.add(one.id)
            if one.dates.planned_start is not None and one.dates.planned_start > self.stage.last:
                continue  # it lies after the programme, which is told where the plan is
            since = (waited.since - (one.dates.planned_end or waited.since)).days
            yield self._unmet("aldrig_mulig", one, max(since, 0), self._why(one.kind, waited.missing))
        for failure in notes.failed:
            why = self._why(failure.kind, failure.missing) if failure.missing else ()
            yield Unmet("afvist", "", failure.what, None, 0, why)
        plans, before = dict(self._first_plans()), self.before_start()
        for one in self.views:
            last, born = plans.get(one.id), local_date(one.created_at)
            if one.id in given_up | before or last is None or self.compiled.paper.activity(one.key) is None:
                continue
            if last < born:
                why = (f"Vinduet sluttede {long_date(last)}, men først {long_date(born)} var der nogen til det.",)
                yield self._unmet("for_sent_foedt", one, (born - last).days, why)
                continue
            ended = one.dates.actual_end
            if ended is not None and (ended - last).days > _LEEWAY and one.dates.fixed_by is None:
                yield self._unmet("for_sent", one, (ended - last).days, ())

    def _unmet(self, code: str, one: InstanceView, days: int, why: tuple[str, ...]) -> Unmet:
        return Unmet(code, one.key, one.title, self.name(one.kommune), days, why)

    def _why(self, kind: str, refusals: Iterable[Refusal]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.text for one in missing_of(self.words, kind, refusals)))

    def overrides(self) -> Iterator[Override]:
        """List what went on although something soft was missing."""
        by_id = {one.id: one for one in self.views}
        for one in self.stage.pilot.notes.yielded:
            view = by_id[one.instance_id]
            step = self.words.event(view.kind, one.event)
            yield Override(one.on, view.title, self.name(view.kommune), step, self._why(view.kind, one.missing))

    def loads(self, held: Iterable[Held]) -> Iterator[Load]:
        """Count, for every role, the activities and mails of its holders, by week; a common meeting is one for each."""
        activities: dict[str, Counter[date]] = defaultdict(Counter)
        mails: dict[str, Counter[date]] = defaultdict(Counter)
        for one in held:
            for role in self._roles(one.key):
                activities[role][_monday(one.until)] += 1
        letters = {(mail.nudge.role, got.message_id, got.at) for mail in self.outbox for got in mail.deliveries}
        for role, _, at in letters:
            mails[role][_monday(local_date(at))] += 1
        holders = Counter(role for _, role in self.stage.cast.people)
        for role in sorted({*activities, *mails}):
            mondays = sorted({*activities[role], *mails[role]})
            weeks = tuple(Week(day, activities[role][day], mails[role][day]) for day in mondays)
            title = self.compiled.workflow.person_title(role)
            yield Load(role, title, holders[role], activities[role].total(), mails[role].total(), weeks)

    def nobody(self) -> Iterator[Nobody]:
        """Count the mails that nobody could get, by role and text."""
        lost = Counter(
            (mail.nudge.role, mail.nudge.template) for mail in self.outbox if mail.status in ("held", "dead")
        )
        yield from (Nobody(role, text, count) for (role, text), count in sorted(lost.items()))

    def still_open(self) -> Iterator[StillOpen]:
        """List what has not come to its end."""
        for one in self.views:
            if not self.stage.pilot.is_over(one):
                state = self.words.standing(one.kind, one.position)
                yield StillOpen(one.id, one.kind, one.key, one.title, self.name(one.kommune), state)


_SENTENCE = re.compile(r"\.\s+(?=[A-ZÆØÅ])")
"""Between two sentences; after the full stop of ``den 14. august`` comes a small letter."""

_LEEWAY = 5
"""Days after its last planned day that nobody calls late."""


def _months(held: Iterable[Held]) -> Iterator[Month]:
    months: dict[date, list[Held]] = defaultdict(list)
    for one in held:
        months[one.on.replace(day=1)].append(one)
    yield from (Month(first, tuple(found)) for first, found in sorted(months.items()))


def _warnings(days: Mapping[str, Json]) -> Iterator[str]:
    for sentence in _SENTENCE.split(str(days.get("reason", ""))):
        if sentence.startswith(WARNING_OPENINGS):
            yield sentence.rstrip(".")


def _day(value: Json) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _in(title: str, kommune: str | None) -> str:
    return f"{title} ({kommune})" if kommune else title
