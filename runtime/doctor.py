"""The doctor: examines a whole database and tells what is not as it must be, with the way out; mends nothing.

It reads page by page, each in a read transaction of its own, so that it neither holds a big database in memory nor
stands in anybody's way: what it says of an instance is true of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from ..engine.compiled import Compiled
from ..engine.errors import StorageError
from ..engine.values import NO_FACTS, Facts, Relative
from ..engine.values.names import ACTIVITY_KINDS
from ..storage import Examination, InstanceView, Reader
from .doctoring.case import UNREADABLE, Case, Finding, found
from .doctoring.house import clock_findings, database_findings, heartbeat_of, letter_findings, workflow_findings
from .doctoring.measured import registration_findings
from .doctoring.past import history_findings, replay_findings
from .doctoring.present import (
    family_findings,
    owner_findings,
    pause_findings,
    position_findings,
    stuck_findings,
)
from .doctoring.promises import mail_findings, timer_findings
from .engine import Engine

PAGE = 50
"""How many instances are examined in one transaction."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor found, and how much there was to look at (``instances``, ``history``, ``timers_armed`` ...)."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def is_well(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings


def examine(engine: Engine) -> Diagnosis:
    """Examine an engine's database at the engine's time; changes nothing, and may run beside a ticker.

    A damaged row becomes a finding and ends the examination of its instance only. Raises StorageError where the
    database cannot be reached at all.
    """
    now = engine.context.clock.now()
    with engine.context.store.read() as reader:
        findings = list(database_findings(Examination(reader.connection)))
    counts: dict[str, int] = {}
    try:
        with engine.context.store.read() as reader:
            house, around, counts = _house(engine, reader, now)
        findings += house
        after = 0
        while numbers := _numbers(engine, after):
            findings += _page(engine, numbers, around)
            after = numbers[-1]
    except StorageError as error:
        # So broken that not even the list of instances can be read: the findings on the database say why.
        findings.append(found("unreadable", None, str(error)))
    return Diagnosis(tuple(findings), counts)


def _house(engine: Engine, reader: Reader, now: datetime) -> tuple[list[Finding], _Round, dict[str, int]]:
    """Examine what belongs to no single instance; give what the instances are examined with, and the counts."""
    workflows: dict[str, Compiled] = {}
    findings = list(workflow_findings(Examination(reader.connection), engine.context.calendar, workflows))
    heartbeat, told = heartbeat_of(reader)
    findings += [*told, *clock_findings(reader.next_due(), heartbeat, now), *letter_findings(reader, now)]
    return findings, _Round(workflows, now, heartbeat), _counts(reader)


@dataclass(frozen=True, slots=True)
class _Round:
    """What is the same for all instances that are examined."""

    workflows: Mapping[str, Compiled]
    now: datetime
    heartbeat: datetime | None


def _counts(reader: Reader) -> dict[str, int]:
    counts = reader.counts()
    out = {"instances": sum(counts.instances.values()), "history": counts.history}
    out["registrations"] = reader.registrations.count()
    out |= {f"timers_{status}": number for status, number in sorted(counts.timers.items())}
    out |= {f"mails_{status}": number for status, number in sorted(counts.outbox.items())}
    return out | {f"letters_{status}": number for status, number in sorted(reader.posted.counts().items())}


def _numbers(engine: Engine, after: int) -> tuple[int, ...]:
    with engine.context.store.read() as reader:
        return Examination(reader.connection).numbers(after, PAGE)


def _page(engine: Engine, numbers: Sequence[int], around: _Round) -> list[Finding]:
    """Examine a page; where something in it cannot even be read, examine its instances one by one."""
    try:
        with engine.context.store.read() as reader:
            cases = _cases(reader, numbers[0], numbers[-1], around)
            return [finding for case in cases for finding in _findings(case)]
    except (*UNREADABLE, StorageError) as error:
        if len(numbers) == 1:
            return [found("unreadable", numbers[0], f"instance {numbers[0]}: {type(error).__name__}: {error}")]
    return [finding for number in numbers for finding in _page(engine, [number], around)]


def _findings(case: Case) -> Iterator[Finding]:
    """Examine one instance: what stands on its own first, then what rests on it being legal."""
    yield from history_findings(case)
    yield from replay_findings(case)
    yield from family_findings(case)
    yield from owner_findings(case)
    yield from mail_findings(case)
    yield from registration_findings(case)
    if case.compiled is None:
        return
    illegal = list(position_findings(case, case.compiled))
    yield from illegal
    yield from pause_findings(case, case.compiled)
    if not illegal:
        yield from timer_findings(case, case.compiled)
        yield from stuck_findings(case, case.compiled)


def _cases(reader: Reader, first: int, last: int, around: _Round) -> Iterator[Case]:
    """Put together what hangs on each instance, from streams that are all in the order of the instances."""
    examination = Examination(reader.connection)
    families = _Families(reader)
    histories = _Stream(examination.histories(first, last))
    timers = _Stream(examination.timers(first, last))
    mails = _Stream(examination.mails(first, last))
    registrations = _Stream(examination.registrations(first, last))
    for kin in examination.kin(first, last):
        number, compiled = kin.instance.id, around.workflows.get(kin.instance.workflow_hash)
        yield Case(
            kin=kin,
            rows=histories.of(number),
            timers=timers.of(number),
            mails=mails.of(number),
            registrations=registrations.of(number),
            compiled=compiled,
            facts=families.facts(kin.instance, compiled),
            children=partial(examination.children, number),
            now=around.now,
            heartbeat=around.heartbeat,
        )


class _Owned(Protocol):
    """A row that belongs to an instance."""

    @property
    def instance_id(self) -> int:
        """Give the instance's number."""


Row = TypeVar("Row", bound=_Owned)


class _Stream(Generic[Row]):
    """Rows in the order of their instances, given out instance by instance."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups = groupby(rows, key=lambda row: row.instance_id)
        self._next: tuple[int, tuple[Row, ...]] | None = (0, ())

    def of(self, number: int) -> tuple[Row, ...]:
        """Give the rows of an instance; they are asked for in the order of the numbers."""
        while self._next is not None and self._next[0] < number:
            group = next(self._groups, None)
            self._next = None if group is None else (group[0], tuple(group[1]))
        return self._next[1] if self._next is not None and self._next[0] == number else ()


class _Families:
    """What timers may hang on beyond their own instance; holds one programme at a time."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: tuple[int, Relative | None, tuple[Relative, ...] | None] = (0, None, None)

    def facts(self, view: InstanceView, compiled: Compiled | None) -> Facts:
        """Give the facts that an instance's timers read: nothing, its programme, or the programme's activities too."""
        if compiled is None or view.kind not in compiled.workflow.machines:
            return NO_FACTS
        foreign = compiled.rules.foreign_anchors(view.kind)
        if not foreign or view.programme_id == view.id:
            return NO_FACTS
        if self._held[0] != view.programme_id:
            self._held = (view.programme_id, self._reader.instance(view.programme_id).relative, None)
        if self._held[2] is None and any(compiled.paper.activity(anchor) for anchor in foreign):
            family = (one for one in self._reader.instances(view.programme_id) if one.kind in ACTIVITY_KINDS)
            self._held = (*self._held[:2], tuple(one.relative for one in family))
        return Facts(programme=self._held[1], activities=self._held[2] or ())
