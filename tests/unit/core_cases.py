"""Small workflows, and a family kept in memory: every snapshot comes from decisions that were applied, none by hand.

``Family`` does what a store must do with a decision and nothing else, so it doubles as the reference for storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import cast

import pytest
from ruamel.yaml import YAML
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.decide import decide, found
from samskabt.engine.deciding.births import Newborn
from samskabt.engine.deciding.correct import CORRECT, Recorded, correct
from samskabt.engine.deciding.finish import PLAN, WAKE, birth
from samskabt.engine.deciding.replay import Standing, replay
from samskabt.engine.definition import Part, Programme, Workflow, assemble
from samskabt.engine.errors import Refused
from samskabt.engine.options import ending_event
from samskabt.engine.planning.family import plan_family
from samskabt.engine.requirements import may_be_woken
from samskabt.engine.values import (
    SYSTEM,
    Actor,
    ActorKind,
    Birth,
    Dates,
    Decision,
    Event,
    Facts,
    Identity,
    Json,
    Lateness,
    Nudge,
    Reach,
    Relative,
    Snapshot,
    StepKind,
    Timer,
    TimerStatus,
)
from samskabt.engine.values.names import ACTIVITY_KINDS, POKE

PERSON = Actor(ActorKind.PERSON, "7")
DAY = timedelta(days=1)

PROGRAMME = """
format: 1
workflow: lille-program
version: 1
title: Lille program
uses: [programramme@1, samskabt-styring@1]
period: januar 2019 til december 2019
external_dates:
  ny_lov: {title: Ny lov, on: 2019-07-01}
kommuner: {capacity: 2}
enrolment: {deadline: 1. februar 2019}
roles:
  projektkommune: {does: Deltager, stands_for: [kommunal_konsulent, leder]}
  borger: {does: Inddrages, by_mail: false}
  partskonsulent: {does: Underviser}
responsible: {programme: partskonsulent, cross: partskonsulent, kommune: kommunal_konsulent}
faser:
  indledning: {title: Startfasen, when: januar 2019 til marts 2019}
  drift: {title: Driftsfasen, when: april 2019 til december 2019}
activities:
  opstart:
    {title: Opstartsmøde, kind: meeting, in: indledning / -, level: programme, when: 14. marts 2019, place: København,
     who: [projektkommune, borger], optional: leder, facilitator: partskonsulent, presenter: forsker}
  temadag: {title: Temadag, kind: theme_day, in: drift / -, level: cross, when: 6 uger efter opstart,
            who: projektkommune}
  tilmelding: {title: Tilmelding, kind: enrolment, in: indledning / -, level: kommune,
               lived_by: forloeb.tilmeld_kommune}
  besoeg: {title: Besøg, kind: visit, in: drift / -, level: kommune, when: 4 uger efter trin_1, count: 2}
  plan: {title: Handleplan, kind: planning, in: drift / -, level: kommune, when: 2 uger efter besoeg}
evaluations:
  baseline: {title: Baseline, when: 1. april 2019, window: 14, level: programme, by: Evaluator,
             respondents: projektkommune}
gates:
  foer_plan: {title: Besøg før handleplan, before: plan, needs: [{activity: besoeg}], strength: soft, scope: kommune}
"""


def tree(text: str) -> dict[str, object]:
    """Read YAML as plain data."""
    return cast(dict[str, object], YAML(typ="safe", pure=True).load(text))


@cache
def shipped_part(name: str) -> Part:
    """Read a part that the package ships."""
    text = resources.files("samskabt.workflows").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Part.model_validate(tree(text))


def shipped_workflow(text: str = PROGRAMME) -> Workflow:
    """Put a document on the shipped frame and the shipped method."""
    parts = [shipped_part("programramme"), shipped_part("samskabt-styring")]
    return assemble(Programme.model_validate(tree(text)), parts)


@cache
def shipped(text: str = PROGRAMME) -> Compiled:
    """Make a document on the shipped parts ready for deciding."""
    return Compiled(shipped_workflow(text), WorkingCalendar())


def small(machines: str, *, reminders: str = "{}", more: str = "", period: str = "2019") -> Compiled:
    """Make a workflow of one part from YAML: the machines, the reminders, and more of the programme document."""
    part = {"format": 1, "part": "del", "version": 1, "title": "Del"}
    part |= {"machines": tree(machines), "reminders": tree(reminders)}
    document = {"format": 1, "workflow": "prove", "version": 1, "title": "Prøve", "period": period}
    document |= tree(more) if more else {}
    workflow = assemble(Programme.model_validate(document), [Part.model_validate(part)])
    return Compiled(workflow, WorkingCalendar())


def at(day: str, clock: str = "12:00") -> datetime:
    """Give an instant in UTC: ``at("2019-03-01")`` is noon."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=UTC)


@dataclass(frozen=True)
class HistoryRow:
    """A step as it was recorded; what replay and corrections read."""

    seq: int
    recorded: Recorded
    kind: StepKind
    region: str | None
    source: str | None
    dest: str | None
    changes: Mapping[str, Json]
    happened_at: datetime
    decision_seq: int


@dataclass
class Family:
    """A programme and everything under it, in memory.

    ``decisions`` are all that were recorded, with the number of their instance; ``outbox`` holds the mails by
    (number, key): one key is queued once.
    """

    compiled: Compiled
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    timers: dict[int, dict[str, Timer]] = field(default_factory=dict)
    history: dict[int, list[HistoryRow]] = field(default_factory=dict)
    bore: set[tuple[int, int]] = field(default_factory=set)
    outbox: dict[tuple[int, str], Nudge] = field(default_factory=dict)
    decisions: list[tuple[int, Decision]] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: at("2019-01-02"))

    def found(self, data: Mapping[str, Json] | None = None, plan: bool = True) -> int:
        """Bring the programme into the world and plan it; answers its number."""
        born = found(self.compiled, self.event("grundlaeg"), "Programmet", data or {})
        number = self.bear(born, None)
        if plan:
            self.replan()
        return number

    def event(self, name: str, happened: datetime | None = None, **given: object) -> Event:
        """Make a person's event of now."""
        return replace(Event(name, happened or self.now, self.now, PERSON), **given)  # type: ignore[arg-type]

    def id_of(self, key: str, parent: int | None = None) -> int:
        """Find the number of an instance by its key (under a parent)."""
        return next(
            number
            for number, one in self.snapshots.items()
            if one.identity.key == key and parent in (None, one.identity.parent_id)
        )

    def children(self, parent: int, kind: str) -> list[int]:
        """List the numbers of an instance's children of a kind."""
        found = self.snapshots.items()
        return [number for number, one in found if one.identity.parent_id == parent and one.identity.kind == kind]

    def snapshot(self, number: int, event: str | None = None) -> Snapshot:
        """Give an instance with its timers and the facts within the event's reach (None: of all its events)."""
        one = self.snapshots[number]
        retired = (TimerStatus.CANCELLED, TimerStatus.DONE)
        timers = [timer for timer in self.timers[number].values() if timer.status not in retired]
        facts = self._facts(one, self.compiled.relations.reach(one.identity.kind, event))
        return replace(one, timers=tuple(timers), facts=facts)

    def send(self, number: int, name: str, happened: datetime | None = None, /, **given: object) -> Decision:
        """Let a person's event be decided and recorded; words that are no part of an event are its data."""
        known = {key: value for key, value in given.items() if key in ("reason", "override", "actor")}
        data = {key: value for key, value in given.items() if key not in known}
        event = self.event(name, happened, data=data, **known)
        return self.record(number, decide(self.compiled, self.snapshot(number, name), event, self.now))

    def correct(self, number: int, seq: int, reason: str | None = "forkert registreret") -> Decision:
        """Take back the decision whose first step has this number."""
        rows = [row.recorded for row in self.history[number] if row.decision_seq == seq]
        event = self.event(CORRECT, reason=reason)
        snapshot = self.snapshot(number)
        bore = (number, seq) in self.bore
        before = {row.recorded.step.corrects for row in self.history[number]} & {row.seq for row in rows}
        decision = correct(self.compiled, snapshot, rows, event, self.now, bore=bore, corrected=bool(before))
        return self.record(number, decision)

    def tick(self, until: datetime | None = None) -> list[Decision]:
        """Let every due timer fire, the earliest first, until none is due; with ``until`` time passes on the way."""
        out = []
        end = until or self.now
        while due := self._next_due(end):
            number, timer = due
            self.now = max(self.now, timer.due_at)
            out.append(self.fire(number, timer.key))
        self.now = end
        return out

    def fire(self, number: int, key: str) -> Decision:
        """Hand one timer in, due or not."""
        timer = self.timers[number][key]
        event = Event(timer.rule, timer.due_at, self.now, SYSTEM, timer=key)
        if event.happened_at > self.now:
            event = replace(event, happened_at=self.now)
        return self.record(number, decide(self.compiled, self.snapshot(number), event, self.now))

    def replan(self) -> list[int]:
        """Plan the family anew and record what moved; answers the numbers of those that did."""
        root, *others = self.snapshots.values()
        wanted = [one for one in others if one.identity.kind in {"kommune", *ACTIVITY_KINDS}]
        moved = []
        for change in plan_family(self.compiled, root, wanted):
            number = change.snapshot.identity.id
            data: dict[str, Json] = {"dates": dict(change.dates), "data": dict(change.data)}
            event = Event(PLAN, self.now, self.now, SYSTEM, data)
            self.record(number, decide(self.compiled, self.snapshot(number), event, self.now))
            moved.append(number)
        return moved

    def record(self, number: int, decision: Decision) -> Decision:
        """Apply a decision: state, history, timers, mails, births, and the poke of the parent."""
        one = self.snapshots[number]
        self.decisions.append((number, decision))
        first = one.revision + 1
        for seq, step in enumerate(decision.steps, first):
            row = HistoryRow(
                seq,
                Recorded(seq, step),
                step.kind,
                step.region,
                step.source,
                step.dest,
                step.changes,
                decision.event.happened_at,
                first,
            )
            self.history[number].append(row)
        if decision.steps:
            stands = (dict(decision.position), dict(decision.entered), dict(decision.data), decision.dates)
            one = Snapshot(one.identity, one.title, *stands, one.revision + len(decision.steps))
            self.snapshots[number] = one
        self._apply_timers(number, decision)
        for nudge in decision.nudges:
            self.outbox.setdefault((number, nudge.key), nudge)
        for born in decision.births:
            self.bore.add((number, first))
            self.bear(born, one.identity)
        for child in decision.calls_off:
            closes = self.compiled.machine(self.snapshots[child].identity.kind).closes or ""
            self.send(child, closes, decision.event.happened_at, actor=SYSTEM, reason="Er valgt fra")
        for child in decision.ends:
            below = self.snapshots[child]
            ending = ending_event(self.compiled, below.identity.kind, below.position)
            assert ending is not None
            self.send(child, ending, decision.event.happened_at, override=True, reason="Valget er truffet")
        if decision.poke_parent and one.identity.parent_id is not None:
            self._poke(one.identity.parent_id, number, one.revision, decision.event)
        self._wake(number, decision)
        return decision

    def snapshots_as_relatives(self, kind: str | None = None) -> list[Relative]:
        """Give every instance (of a kind) as its relatives see it."""
        return [_relative(one) for one in self.snapshots.values() if kind in (None, one.identity.kind)]

    def _wake(self, number: int, decision: Decision) -> None:
        """Let those below look again that wait for where this one stands now."""
        above = self.snapshots[number].identity
        for other, one in list(self.snapshots.items()) if decision.look_again else ():
            is_below = number in (one.identity.programme_id, one.identity.parent_id) and other != number
            waits = is_below and one.identity.kind in decision.look_again
            if waits and may_be_woken(self.compiled, _relative(one), above, decision.position):
                event = Event(WAKE, decision.event.happened_at, decision.event.recorded_at, SYSTEM)
                woken = decide(self.compiled, self.snapshot(other, WAKE), event, self.now)
                if woken.steps:
                    self.record(other, woken)

    def _apply_timers(self, number: int, decision: Decision) -> None:
        timers = self.timers[number]
        for key in decision.cancel:
            was_armed = timers[key].status is TimerStatus.ARMED
            timers[key] = replace(timers[key], status=TimerStatus.CANCELLED if was_armed else TimerStatus.DONE)
        for key in decision.fired:
            if timers[key].rule == POKE:
                del timers[key]
            else:
                timers[key] = replace(timers[key], status=TimerStatus.FIRED)
        for timer in decision.arm:
            before = timers.get(timer.key)
            lowest = before.generation + 1 if before else 1
            timers[timer.key] = replace(timer, generation=max(timer.generation, lowest))

    def bear(self, born: Birth, parent: Identity | None) -> int:
        """Insert an instance, then apply its first decision as any other; answers its number."""
        number = len(self.snapshots) + 1
        programme = parent.programme_id if parent else number
        workflow = self.compiled.workflow.hash
        above = parent.id if parent else None
        identity = Identity(number, born.kind, born.key, programme, above, born.kommune, workflow)
        self.snapshots[number] = Snapshot(identity, born.title, {}, {}, {}, Dates(), 0)
        self.timers[number], self.history[number] = {}, []
        self.record(number, born.first)
        return number

    def _poke(self, parent: int, child: int, revision: int, event: Event) -> None:
        due = event.recorded_at
        key = f"{POKE}:{child}:{revision}"
        value = event.happened_at.isoformat()
        poke = Timer(key, POKE, POKE, value, due.date(), due.time(), "UTC", "", due, Lateness.LATE)
        self.timers[parent].setdefault(key, poke)

    def _next_due(self, until: datetime) -> tuple[int, Timer] | None:
        armed = [
            (timer.due_at, number, timer)
            for number, timers in self.timers.items()
            for timer in timers.values()
            if timer.status is TimerStatus.ARMED and timer.due_at <= until
        ]
        found = min(armed, key=lambda one: one[:2], default=None)
        return found and (found[1], found[2])

    def _facts(self, one: Snapshot, reach: frozenset[Reach]) -> Facts:
        identity = one.identity
        others = [_relative(other) for number, other in self.snapshots.items() if number != identity.id]
        parent = next((other for other in others if other.id == identity.parent_id), None)
        programme = _relative(self.snapshots[identity.programme_id])
        siblings = [other for other in others if other.parent_id == identity.parent_id and other.kind == identity.kind]
        return Facts(
            parent=parent if Reach.PARENT in reach else None,
            programme=programme if Reach.PROGRAMME in reach else None,
            children=tuple(o for o in others if o.parent_id == identity.id) if Reach.CHILDREN in reach else (),
            siblings=tuple(siblings) if Reach.SIBLINGS in reach else (),
            activities=tuple(self._activities(identity)) if Reach.ACTIVITIES in reach else (),
            kommuner=tuple(o for o in others if o.kind == "kommune") if Reach.KOMMUNER in reach else (),
        )

    def _activities(self, identity: Identity) -> list[Relative]:
        found = [_relative(one) for one in self.snapshots.values() if one.identity.kind in ACTIVITY_KINDS]
        return [one for one in found if identity.kommune is None or one.kommune in (None, identity.kommune)]


def _relative(one: Snapshot) -> Relative:
    who = one.identity
    return Relative(who.id, who.kind, who.key, one.title, who.parent_id, who.kommune, one.position, one.data, one.dates)


def alone(machines: str, *, reminders: str = "{}", more: str = "", data: Mapping[str, Json] | None = None) -> Family:
    """Give a family of one instance, number 1: a ``ting`` of a small workflow."""
    family = Family(small(machines, reminders=reminders, more=more))
    newborn = Newborn("ting", "ting", "Tingen", None, data or {})
    family.bear(birth(family.compiled, newborn, family.event("foed"), Facts()), None)
    return family


def refused(family: Family, number: int, name: str, happened: datetime | None = None, /, **given: object) -> list[str]:
    """Send an event that must be refused, see that nothing changed, and give the codes."""
    before = (family.snapshots[number], list(family.history[number]), len(family.snapshots))
    with pytest.raises(Refused) as caught:
        family.send(number, name, happened, **given)
    assert before == (family.snapshots[number], family.history[number], len(family.snapshots))
    return [refusal.code for refusal in caught.value.refusals]


def founded(text: str = PROGRAMME) -> Family:
    """Give a planned programme on the shipped parts."""
    family = Family(shipped(text))
    family.found()
    return family


def with_kommune(family: Family | None = None, code: str = "0101") -> tuple[Family, int]:
    """Give a programme in which a kommune takes part, on 4 February 2019, and the number of the kommune."""
    family = family or founded()
    if family.snapshots[1].position["forloeb"] == "planlagt":
        family.send(1, "forloeb.aabn_tilmelding")
    enrolled = family.send(1, "forloeb.tilmeld_kommune", at("2019-01-02"), kommune=code, titel=f"Kommune {code}")
    assert enrolled.births
    kommune = family.id_of(code)
    family.now = max(family.now, at("2019-02-04"))
    family.send(kommune, "forloeb.vaelg")
    family.replan()
    return family, kommune


def with_challenge(family: Family, kommune: int, title: str = "Ventetid") -> int:
    """Bring a kommune to trin 2 if it is not there yet, and add a challenge; answers its number."""
    if family.snapshots[kommune].position["trin_2"] == "venter":
        family.send(kommune, "faelles_workshop")
    born = family.send(kommune, "trin_2.tilfoej_udfordring", titel=title)
    assert len(born.births) == 1
    return max(family.children(kommune, "challenge"))


def with_solution(family: Family, challenge: int, title: str = "Ét skema") -> int:
    """Give a challenge a chosen solution with effect, sign and instrument; answers its number."""
    family.send(challenge, "tilfoej_loesning", titel=title)
    solution = max(family.children(challenge, "solution"))
    family.send(solution, "vaelg", effekt="Kortere vej", tegn="Færre skemaer", maalemetode="Registrering")
    return solution


def replayed(family: Family, number: int) -> Standing:
    """Replay an instance's history from its rows alone."""
    return replay(family.history[number])


def stands(one: Snapshot | Decision) -> Standing:
    """Give where an instance stands, in the form that replay gives."""
    return Standing(dict(one.position), dict(one.entered), dict(one.data), one.dates)
