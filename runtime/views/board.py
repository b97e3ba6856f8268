"""Where every kommune of a programme stands: the comb of its trin, the faser, what is late and what comes next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ...engine.civil.danish import sort_key
from ...engine.civil.instants import local_date
from ...engine.pausing.pauses import is_paused
from ...engine.requiring.days import stored_window
from ...engine.values import Dates
from ...engine.values.names import ACTIVITY_KINDS, KOMMUNE, PHASE_REGION, PROGRAMME
from ...storage import InstanceView, OutboxView, Reader
from ..cohort.standing import place_in_line, uncertain
from ..hindsight.known import as_of_instant, reading
from .sheet import kommune_name
from .words import Words, dates_text

if TYPE_CHECKING:
    from ..engine import Engine

SOON = 5
"""How many coming activities a status names."""

LATE_AFTER = timedelta(minutes=10)
"""A timer that has been due for longer than this should have fired: the ticker stands still, or it fails."""


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme in the list of all of them."""

    id: int
    key: str
    title: str
    state: str
    state_title: str
    kommuner: int
    overdue: int


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A fase with its window and where it stands."""

    key: str
    title: str
    first_on: date | None
    last_on: date | None
    when: str
    state: str
    state_title: str


@dataclass(frozen=True, slots=True)
class TrinCell:
    """A kommune's trin; where challenges pass through it, how many are in it, beyond it and parked in it."""

    trin: int
    title: str
    state: str
    state_title: str
    in_progress: int
    done: int
    parked: int
    text: str


@dataclass(frozen=True, slots=True)
class FaseCell:
    """A fase that a kommune goes through at its own pace."""

    key: str
    title: str
    state: str
    state_title: str


@dataclass(frozen=True, slots=True)
class KommuneRow:
    """A kommune's process; ``trin`` is empty where the programme does not use the six trin.

    ``faser`` are those that kommuner go through one by one. Who waits in line has its place in ``state_title``.
    """

    id: int
    code: str
    name: str
    state: str
    state_title: str
    trin: tuple[TrinCell, ...]
    faser: tuple[FaseCell, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedRow:
    """An activity or evaluation with its days; ``days`` counts from today, negative when it is past.

    ``uncertain`` says what the gate in front of it lacks, where the planned day and the gate disagree.
    """

    id: int
    key: str
    title: str
    kind: str
    kommune: str | None
    kommune_name: str | None
    state_title: str
    first_on: date | None
    last_on: date | None
    when: str
    days: int
    reason: str
    uncertain: str = ""


@dataclass(frozen=True, slots=True)
class LateTimer:
    """A timer that should have fired by now."""

    instance_id: int
    title: str
    kommune_name: str | None
    rule: str
    rule_title: str
    due_at: datetime
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """Where a programme stands today, or stood on the day that ``as_of`` speaks of."""

    id: int
    key: str
    title: str
    state: str
    state_title: str
    today: date
    when: str
    phases: tuple[PhaseRow, ...]
    kommuner: tuple[KommuneRow, ...]
    overdue: tuple[DatedRow, ...]
    coming: tuple[DatedRow, ...]
    held_mails: int
    dead_mails: int
    late_timers: tuple[LateTimer, ...]
    as_of: str


def programme_rows(engine: Engine, as_of: date | datetime | None = None) -> tuple[ProgrammeRow, ...]:
    """List the programmes of the database, as they stand or stood."""
    then = as_of_instant(as_of, engine.context.clock.now())
    today = local_date(then.at)
    out = []
    with reading(engine.context, then) as reader:
        for one in reader.programmes():
            words = Words(engine.context.compiled(one.workflow_hash))
            family = reader.instances(one.id)
            kommuner = sum(other.kind == KOMMUNE for other in family)
            late = sum(1 for _ in overdue(words, family, today))
            state, title = _life(words, one)
            out.append(ProgrammeRow(one.id, one.key, one.title, state, title, kommuner, late))
    return tuple(out)


def board_of(engine: Engine, programme_id: int, as_of: date | datetime | None = None) -> Board:
    """Say where a programme and each of its kommuner stand, or stood as was known then; NotFound where there is none.

    Of an earlier day timers and mails are not told: their rows say what became of them since.
    """
    then = as_of_instant(as_of, engine.context.clock.now())
    now, today = then.at, local_date(then.at)
    with reading(engine.context, then) as reader:
        one = reader.instance(programme_id)
        family = reader.instances(programme_id)
        timers = reader.timers(programme_id=programme_id, status="armed") if then.is_now else ()
        held = len(every_mail(reader, programme_id, "held")) if then.is_now else 0
        dead = len(every_mail(reader, programme_id, "dead")) if then.is_now else 0
        parked_in = _parked_in(reader, engine, family)
    words = Words(engine.context.compiled(one.workflow_hash))
    by_id = {other.id: other for other in family}
    state, state_title = _life(words, one)
    processes = sorted((x for x in family if x.kind == KOMMUNE), key=lambda x: sort_key(x.title))
    return Board(
        id=one.id,
        key=one.key,
        title=one.title,
        state=state,
        state_title=state_title,
        today=today,
        when=dates_text(one.dates),
        phases=tuple(_phases(words, one, processes)),
        kommuner=tuple(_kommune(words, process, family, parked_in) for process in processes),
        overdue=tuple(overdue(words, family, today)),
        coming=tuple(coming(words, family, today))[:SOON],
        held_mails=held,
        dead_mails=dead,
        late_timers=tuple(
            LateTimer(
                view.instance_id,
                by_id[view.instance_id].title,
                kommune_name(by_id[view.instance_id], family),
                view.timer.rule,
                words.rule(view.timer.rule),
                view.timer.due_at,
                view.attempts,
                view.last_error,
            )
            for view in timers
            if view.timer.due_at < now - LATE_AFTER
        ),
        as_of=then.text,
    )


def coming(words: Words, family: Sequence[InstanceView], today: date) -> Iterator[DatedRow]:
    """List the activities and evaluations that are planned from today on, the nearest first."""
    found = [one for one in family if _is_open(words, one) and (one.dates.planned_start or date.min) >= today]
    for one in sorted(found, key=_by_day):
        yield dated_row(words, one, family, today, one.dates.planned_start)


def overdue(words: Words, family: Sequence[InstanceView], today: date) -> Iterator[DatedRow]:
    """List what should have been done before today and is not registered as done, the oldest first.

    What is paused is late for a reason that everybody knows.
    """
    found = [one for one in family if _is_open(words, one) and one.dates.planned_end and not is_paused(one.data)]
    for one in sorted(found, key=_by_end):
        if one.dates.planned_end and one.dates.planned_end < today:
            yield dated_row(words, one, family, today, one.dates.planned_end)


def under_way(words: Words, family: Sequence[InstanceView], today: date) -> Iterator[DatedRow]:
    """List what has begun by plan, and is to be done by today or later."""
    for one in sorted((one for one in family if _is_open(words, one)), key=_by_end):
        start, end = one.dates.planned_start, one.dates.planned_end
        if start and end and start < today <= end:
            yield dated_row(words, one, family, today, end)


def dated_row(
    words: Words, one: InstanceView, family: Sequence[InstanceView], today: date, day: date | None
) -> DatedRow:
    """Give an activity with its days; ``day`` is the one that is counted to."""
    dates = one.dates
    return DatedRow(
        id=one.id,
        key=one.key,
        title=one.title,
        kind=one.kind,
        kommune=one.kommune,
        kommune_name=kommune_name(one, family),
        state_title=words.standing(one.kind, one.position, one.data),
        first_on=dates.actual_start or dates.planned_start,
        last_on=dates.actual_end or dates.planned_end,
        when=dates_text(dates),
        days=((day or today) - today).days,
        reason=dates.reason,
        uncertain=uncertain(words.compiled, one, family, today),
    )


def _is_open(words: Words, one: InstanceView) -> bool:
    """Tell whether an activity has neither happened nor been called off."""
    is_dated = one.kind in ACTIVITY_KINDS and one.dates.actual_end is None
    return is_dated and not words.compiled.is_done(one.kind, one.position)


def _by_day(one: InstanceView) -> tuple[date, date, int]:
    return one.dates.planned_start or date.max, one.dates.planned_end or date.max, one.id


def _by_end(one: InstanceView) -> tuple[date, int]:
    return one.dates.planned_end or date.max, one.id


def _life(words: Words, one: InstanceView) -> tuple[str, str]:
    return one.position.get(words.life(one.kind), ""), words.standing(one.kind, one.position, one.data)


def _phases(words: Words, one: InstanceView, kommuner: Sequence[InstanceView]) -> Iterator[PhaseRow]:
    faser = words.workflow.programme.faser.items()
    found = [(key, phase, *(stored_window(one.data, key) or (None, None))) for key, phase in faser]
    for key, phase, first, last in sorted(found, key=lambda row: (row[2] or date.max, row[3] or date.max)):
        region = f"{PHASE_REGION}{key}"
        state = one.position.get(region, "")
        when = dates_text(Dates(planned_start=first, planned_end=last, precision="month"))
        title = words.state(one.kind, region, state)
        if phase.level == "kommune":
            title = _how_far(words, region, kommuner)
        yield PhaseRow(key, phase.title, first, last, when, state, title)


def _how_far(words: Words, region: str, kommuner: Sequence[InstanceView]) -> str:
    """Say how many of the kommuner that take part have ended a fase, and how many are in it."""
    machine = words.machine(KOMMUNE)
    states = machine.regions[region].states if machine and region in machine.regions else {}
    part = [one for one in kommuner if one.position.get(words.life(KOMMUNE)) in words.compiled.gates.taking_part]
    done = sum(bool((state := states.get(one.position.get(region, ""))) and state.final) for one in part)
    begun = sum(region in one.entered and one.entered[region].seq > 1 for one in part) - done
    return f"afsluttet i {done} af {len(part)} kommuner" + (f", i gang i {begun}" if begun > 0 else "")


def _kommune(
    words: Words, process: InstanceView, family: Sequence[InstanceView], parked_in: Mapping[int, str]
) -> KommuneRow:
    state, title = _life(words, process)
    machine = words.machine(process.kind)
    below = [one for one in family if one.parent_id == process.id and one.kind not in ACTIVITY_KINDS]
    trin = {name: region for name, region in machine.regions.items() if region.trin} if machine else {}
    cells = []
    for name, region in sorted(trin.items(), key=lambda item: item[1].trin or 0):
        later = [other for other, one in trin.items() if (one.trin or 0) > (region.trin or 0)]
        at = process.position.get(name, region.initial)
        counts = _counts(words, name, later, below, parked_in)
        state_title = words.state(process.kind, name, at)
        text = _count_text(counts) or state_title
        cells.append(TrinCell(region.trin or 0, region.title, at, state_title, *counts, text))
    if place := place_in_line(words.compiled, process, family):
        title = f"{title} (nr. {place})"
    faser = tuple(_faser(words, process))
    return KommuneRow(process.id, process.key, process.title, state, title, tuple(cells), faser)


def _faser(words: Words, process: InstanceView) -> Iterator[FaseCell]:
    for name, phase in words.workflow.programme.faser.items():
        region = f"{PHASE_REGION}{name}"
        if phase.level == KOMMUNE and region in process.position:
            state = process.position[region]
            yield FaseCell(name, phase.title, state, words.state(process.kind, region, state))


def _counts(
    words: Words, trin: str, later: Collection[str], below: Sequence[InstanceView], parked_in: Mapping[int, str]
) -> tuple[int, int, int]:
    """Count the instances that pass through a trin, which is a state of theirs: in it, beyond it, parked in it."""
    inside = beyond = parked = 0
    for one in below:
        machine = words.machine(one.kind)
        region = machine.regions[words.life(one.kind)] if machine else None
        if machine is None or region is None or trin not in region.states:
            continue
        at = one.position.get(words.life(one.kind), "")
        if words.compiled.is_called_off(one.kind, one.position):
            parked += parked_in.get(one.id) == trin
            continue
        inside += at == trin
        beyond += region.states[at].final or (at in later)
    return inside, beyond, parked


def _count_text(counts: tuple[int, int, int]) -> str:
    names = ("i gang", "færdig", "parkeret")
    words = [f"{count} {_many(name, count)}" for name, count in zip(names, counts, strict=True) if count]
    return ", ".join(words)


def _many(name: str, count: int) -> str:
    return {"færdig": "færdige", "parkeret": "parkerede"}.get(name, name) if count > 1 else name


def _parked_in(reader: Reader, engine: Engine, family: Sequence[InstanceView]) -> Mapping[int, str]:
    """Say from which state each parked challenge was parked: instance -> state."""
    out: dict[int, str] = {}
    for one in family:
        if one.kind in ACTIVITY_KINDS or one.kind in (PROGRAMME, KOMMUNE):
            continue
        words = Words(engine.context.compiled(one.workflow_hash))
        region = words.life(one.kind)
        if words.compiled.is_called_off(one.kind, one.position) and region in one.entered:
            rows = reader.history(one.id, one.entered[region].seq - 1, 1)
            out[one.id] = next((row.from_state for row in rows if row.from_state), "")
    return out


def every_mail(reader: Reader, programme_id: int, status: str | None) -> list[OutboxView]:
    """Read a programme's whole outbox (of one status, or all) in the order in which it was queued, page by page."""
    out: list[OutboxView] = []
    while rows := reader.outbox(programme_id, status, 1000, out[-1].id if out else 0):
        out += rows
    return out
