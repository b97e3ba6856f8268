"""One instance as people look at it: where it stands, its days and why, its data, and what may happen next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ...engine.choosing.frames import OFFER, taken_of
from ...engine.civil.instants import local_date
from ...engine.deciding.births import addable
from ...engine.definition import ACTIVITY, FieldDef
from ...engine.measuring.values import standing
from ...engine.pausing.pauses import in_force
from ...engine.planning.timers import rung_of
from ...engine.refusals import owner_text, refusal_text
from ...engine.values import Json, Option, Refusal, Strength
from ...engine.values.kept import SYSTEM_FIELDS
from ...engine.values.names import KOMMUNE, base_key
from ...storage import InstanceView, PersonRow, TimerView
from ..cohort.standing import price_lines, uncertain
from ..hindsight.known import as_of_instant, reading
from ..measuring.agreed import terms_of
from ..measuring.views import MeasureRow, Registered, measures_of, registered
from ..posting.telling import Waiting, waiting
from .words import Place, Words, dates_text, field_text

if TYPE_CHECKING:
    from ..engine import Engine


@dataclass(frozen=True, slots=True)
class DatesView:
    """The days of an instance, in words and as data, with the reason why they lie there and who fixed them."""

    text: str
    planned_start: date | None
    planned_end: date | None
    precision: str
    actual_start: date | None
    actual_end: date | None
    reason: str
    fixed_by: str | None


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A pause in force: at which kind of instance it was set, since when, why, by whom, and its expected last day."""

    at_title: str
    since: datetime
    why: str
    by: str
    until: date | None


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field with its stored value, and the value in words."""

    name: str
    title: str
    value: Json
    text: str


@dataclass(frozen=True, slots=True)
class CheckItem:
    """An item of a region's checklist; ``on`` and ``by`` tell when it was ticked, and who did."""

    region: str
    name: str
    title: str
    ticked: bool
    on: date | None
    by: str | None
    note: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class ChildRow:
    """An instance under this one."""

    id: int
    kind: str
    kind_title: str
    key: str
    title: str
    state_title: str
    when: str


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A timer that is armed: what it is for, when it is due, and what it will do."""

    key: str
    rule: str
    title: str
    due_at: datetime
    does: str
    attempts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """An instance as it stands, or stood on the day that ``as_of`` speaks of.

    ``uncertain`` says what speaks against its planned day; ``prices`` what taking part costs a kommune, words and
    amounts, the total last.
    """

    id: int
    kind: str
    kind_title: str
    key: str
    title: str
    programme_id: int
    programme_title: str
    kommune: str | None
    kommune_name: str | None
    parent_id: int | None
    parent_title: str | None
    paused: tuple[PauseRow, ...]
    places: tuple[Place, ...]
    dates: DatesView
    fields: tuple[FieldValue, ...]
    checklist: tuple[CheckItem, ...]
    children: tuple[ChildRow, ...]
    timers: tuple[TimerRow, ...]
    revision: int
    created_at: datetime
    uncertain: str = ""
    prices: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    measures: tuple[MeasureRow, ...] = ()
    registrations: tuple[Registered, ...] = ()
    mails: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field that an event takes, with its type: text, texts, number, bool, date, check or kommuner.

    ``choices`` are the keys that it may hold, each with its title; empty where the document does not limit them.
    """

    name: str
    title: str
    type: str
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing requirement as a sentence, who can mend it, and whether an override with a reason passes it."""

    code: str
    text: str
    owner: str | None
    owner_title: str
    way_out: str
    may_override: bool


@dataclass(frozen=True, slots=True)
class Possible:
    """An event that the instance knows from where it stands; it may happen now when ``missing`` is empty."""

    event: str
    title: str
    region: str
    region_title: str
    from_state: str
    to_state: str | None
    to_title: str
    may: bool
    wants: tuple[FieldView, ...]
    wants_reason: bool
    takes: tuple[FieldView, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Possibilities:
    """What may happen next to an instance."""

    id: int
    title: str
    revision: int
    options: tuple[Possible, ...]


def sheet_of(engine: Engine, instance_id: int, as_of: date | datetime | None = None) -> Sheet:
    """Give an instance as it stands, with its children and armed timers; NotFound where there is none.

    As of an earlier day it is given as it was known then, without timers; InvalidInput before it was born.
    """
    then = as_of_instant(as_of, engine.context.clock.now())
    with reading(engine.context, then) as reader:
        one = reader.instance(instance_id)
        family = {other.id: other for other in reader.instances(one.programme_id)}
        timers = reader.timers(instance_id=instance_id, status="armed") if then.is_now else ()
        people = reader.registers.people()
        measured = reader.registrations.of_instance(instance_id)
        mails = waiting(reader, instance_id) if then.is_now else ()
        agreed = reader.registrations.of_programme(one.programme_id) if measured or one.kind == "evaluation" else ()
    words = Words(engine.context.compiled(one.workflow_hash))
    terms = terms_of(words.workflow.programme, standing(agreed))
    parent = family.get(one.parent_id) if one.parent_id else None
    doubt = uncertain(words.compiled, one, tuple(family.values()), local_date(then.at))
    return Sheet(
        id=one.id,
        kind=one.kind,
        kind_title=words.kind(one.kind),
        key=one.key,
        title=one.title,
        programme_id=one.programme_id,
        programme_title=family[one.programme_id].title,
        kommune=one.kommune,
        kommune_name=kommune_name(one, family.values()),
        parent_id=one.parent_id,
        parent_title=parent.title if parent else None,
        paused=tuple(
            PauseRow(words.kind(pause.at), pause.since, pause.why, person_name(people, pause.by), pause.until)
            for pause in in_force(one.data)
        ),
        places=words.places(one.kind, one.position, one.entered),
        dates=dates_view(one, people),
        fields=tuple(_fields(words, one)),
        checklist=tuple(_checklist(words, one, people)),
        children=tuple(child_row(words, other) for other in family.values() if other.parent_id == one.id),
        timers=tuple(timer_row(words, timer) for timer in timers if doubt or not _warns_of_gate(words, timer)),
        revision=one.revision,
        created_at=one.created_at,
        uncertain=doubt,
        prices=price_lines(words.compiled, one),
        as_of=then.text,
        measures=measures_of(terms, base_key(one.key)) if one.kind == "evaluation" else (),
        registrations=registered(terms, measured, {str(person.id): person.name for person in people}),
        mails=mails,
    )


def possibilities(engine: Engine, instance_id: int) -> Possibilities:
    """List what may happen next to an instance, and in words what is missing for the rest."""
    one = engine.show(instance_id)
    words = Words(engine.context.compiled(one.workflow_hash))
    found = tuple(_possible(words, one, option) for option in engine.options(instance_id))
    return Possibilities(one.id, one.title, one.revision, found)


def missing_of(words: Words, kind: str, refusals: Iterable[Refusal]) -> tuple[Missing, ...]:
    """Say refusals to an event of an instance of this kind as people read them."""
    return tuple(
        Missing(
            code=refusal.code,
            text=refusal_text(refusal, words.workflow, kind),
            owner=refusal.owner,
            owner_title=words.role(refusal.owner),
            way_out=owner_text(refusal),
            may_override=refusal.strength is Strength.SOFT,
        )
        for refusal in refusals
    )


def field_of_event(engine: Engine, instance_id: int, name: str) -> FieldDef:
    """Give the definition of a field that an instance's events may take, whatever kind it belongs to."""
    one = engine.show(instance_id)
    return Words(engine.context.compiled(one.workflow_hash)).field(one.kind, name)


def timer_row(words: Words, view: TimerView) -> TimerRow:
    """Say what a timer is for and what it will do."""
    timer = view.timer
    rule = words.workflow.reminders.get(timer.rule)
    if rule is None:
        does = "ser efter igen"
    elif rule.fires:
        does = "sker af sig selv"
    else:
        does = f"mail til {', '.join(words.role(role) for role in rule.rung(rung_of(timer.key))[0])}"
    due = view.retry_at or timer.due_at
    return TimerRow(timer.key, timer.rule, words.rule(timer.rule), due, does, view.attempts, view.last_error)


def _warns_of_gate(words: Words, view: TimerView) -> bool:
    """Tell whether a timer sends nothing as long as the gate in front of the activity is open."""
    rule = words.workflow.reminders.get(view.timer.rule)
    return rule is not None and rule.only_if == "gate_unmet"


def kommune_name(one: InstanceView, family: Iterable[InstanceView]) -> str | None:
    """Give the name of the kommune that an instance belongs to."""
    names = (other.title for other in family if other.kind == KOMMUNE and other.key == one.kommune)
    return next(names, one.kommune)


def person_name(people: Iterable[PersonRow], actor: str) -> str:
    """Give the name of the person whose number an actor is, or the actor as it was written."""
    return next((one.name for one in people if str(one.id) == actor), actor)


def dates_view(one: InstanceView, people: Iterable[PersonRow]) -> DatesView:
    """Give the days of an instance in words and as data."""
    dates = one.dates
    return DatesView(
        text=dates_text(dates),
        planned_start=dates.planned_start,
        planned_end=dates.planned_end,
        precision=dates.precision,
        actual_start=dates.actual_start,
        actual_end=dates.actual_end,
        reason=dates.reason,
        fixed_by=person_name(people, dates.fixed_by) if dates.fixed_by else None,
    )


def child_row(words: Words, one: InstanceView) -> ChildRow:
    """Say in a line what an instance under another is, and how it stands."""
    state = words.standing(one.kind, one.position, one.data)
    return ChildRow(one.id, one.kind, words.kind(one.kind), one.key, one.title, state, dates_text(one.dates))


def _fields(words: Words, one: InstanceView) -> Iterable[FieldValue]:
    machine = words.machine(one.kind)
    checks = {name for region in machine.regions.values() for name in region.checklist} if machine else set()
    for name, value in one.data.items():
        if name not in checks and name not in SYSTEM_FIELDS and value is not None and value != one.title:
            field = words.field(one.kind, name)
            yield FieldValue(name, field.title, value, field_text(field, value))


def _checklist(words: Words, one: InstanceView, people: Iterable[PersonRow]) -> Iterable[CheckItem]:
    machine = words.machine(one.kind)
    people = tuple(people)
    for region_name, region in machine.regions.items() if machine else ():
        for name, item in region.checklist.items():
            value = one.data.get(name)
            tick = value if isinstance(value, Mapping) else {}
            on, by = tick.get("on"), tick.get("by")
            yield CheckItem(
                region=region_name,
                name=name,
                title=item.title,
                ticked=bool(value),
                on=date.fromisoformat(on) if isinstance(on, str) else None,
                by=person_name(people, str(by)) if by is not None else None,
                note=str(tick.get("note", "")),
                owner=item.owner,
            )


def _choices(words: Words, one: InstanceView, event: str, name: str) -> Mapping[str, str]:
    """List the keys that a field of an event may hold: activities that may be added, offers to take or to drop."""
    known = words.compiled.firings(one.kind, event) if event in words.compiled.machine(one.kind).events else ()
    moves = [firing.move for firing in known]
    if name == "aktivitet" and any(move.births == ACTIVITY for move in moves):
        return {key: activity.title for key, activity in addable(words.compiled, one.kind).items()}
    ways = {move.offer for move in moves} - {None}
    if name != OFFER or not ways:
        return {}
    taken, offers = taken_of(one.data), words.workflow.programme.offers
    return {key: offer.title for key, offer in offers.items() if (key in taken) is ("drop" in ways)}


def _possible(words: Words, one: InstanceView, option: Option) -> Possible:
    kind = one.kind

    def views(names: Iterable[str]) -> tuple[FieldView, ...]:
        found = ((name, words.field(kind, name)) for name in names if name != "reason")
        return tuple(
            FieldView(name, field.title, field.type, _choices(words, one, option.event, name)) for name, field in found
        )

    return Possible(
        event=option.event,
        title=option.title,
        region=option.region,
        region_title=words.region(kind, option.region),
        from_state=option.source,
        to_state=option.dest,
        to_title=words.state(kind, option.region, option.dest),
        may=option.may,
        wants=views(option.wants),
        wants_reason="reason" in option.wants,
        takes=views(option.takes),
        missing=missing_of(words, kind, option.missing),
    )
