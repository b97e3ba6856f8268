"""What happened: an instance's history in words, and what one decision led to in the whole programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ...engine.choosing.frames import taken_of
from ...engine.civil.danish import join_and, short_date
from ...engine.civil.instants import local_date
from ...engine.values import ActorKind, Json
from ...storage import HistoryRow, InstanceView, PersonRow, Reader, births_between
from ..hindsight.known import as_of_instant, reading
from .board import every_mail
from .sheet import ChildRow, child_row, kommune_name, person_name
from .upcoming import MailRow, mail_row
from .words import Words, dates_text, field_text, plain, value_text

if TYPE_CHECKING:
    from ..engine import Engine

MOST_TOLD = 200
"""One decision writes fewer rows than this."""


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A row of history in words; ``corrected_by`` is the row that took it back, if one did.

    The system takes its own steps back when a late registration overtakes them. ``days_late`` counts the calendar days
    from when it happened to when it was registered.
    """

    instance_id: int
    seq: int
    kind: str
    event: str
    event_title: str
    what: str
    happened_at: datetime
    recorded_at: datetime
    actor_kind: str
    actor: str
    actor_name: str
    reason: str | None
    overridden: tuple[str, ...]
    overridden_text: str
    corrects: int | None
    corrected_by: int | None
    taken_back_by_system: bool
    days_late: int
    changed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MovedRow:
    """An instance whose days were moved, from when to when (empty: no day), and why (None: nobody has said)."""

    id: int
    key: str
    title: str
    kommune_name: str | None
    was: str
    now: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """What a decision led to: its rows of history, those of others (``titles`` names them), births, days, mails."""

    id: int
    title: str
    revision: int
    story: tuple[StoryRow, ...]
    others: tuple[StoryRow, ...]
    titles: tuple[str, ...]
    born: tuple[ChildRow, ...]
    moved: tuple[MovedRow, ...]
    mails: tuple[MailRow, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """A programme as it stood before a decision; ``pending`` are the numbers of the mails that waited."""

    programme_id: int
    family: Mapping[int, InstanceView]
    pending: frozenset[int]


def story_of(
    engine: Engine,
    instance_id: int,
    *,
    after: int = 0,
    limit: int = 200,
    as_of: date | datetime | None = None,
    by_happened: bool = False,
) -> tuple[StoryRow, ...]:
    """Give an instance's history in words, oldest first; the next page starts after the last ``seq``.

    ``as_of`` gives what was known then. ``by_happened`` puts the page in the order in which things happened.
    """
    then = as_of_instant(as_of, engine.context.clock.now())
    with reading(engine.context, then) as reader:
        one = reader.instance(instance_id)
        rows = reader.history(instance_id, after, limit)
        corrected = _corrections(reader, instance_id, after) if rows else {}
        people = reader.registers.people()
        words = Words(engine.context.compiled(one.workflow_hash))
        about = _abouts(reader, words, one.kind, rows)
    if by_happened:
        rows = tuple(sorted(rows, key=lambda row: (row.happened_at, row.seq)))
    return tuple(_told(words, one, row, people, corrected, about) for row in rows)


def as_of_text(engine: Engine, as_of: date | datetime | None) -> str:
    """Say of which day a page speaks; empty where it is today's."""
    return as_of_instant(as_of, engine.context.clock.now()).text


def before(engine: Engine, programme_id: int | None) -> Before:
    """Look at a programme (None: one that is not there yet) before something is decided in it."""
    if programme_id is None:
        return Before(0, {}, frozenset())
    with engine.context.store.read() as reader:
        family = {one.id: one for one in reader.instances(programme_id)}
        pending = frozenset(mail.id for mail in every_mail(reader, programme_id, "pending"))
    return Before(programme_id, family, pending)


def happened(engine: Engine, then: Before, instance_id: int) -> Happened:
    """Compare a programme with what it was before: what a decision on one instance led to."""
    with engine.context.store.read() as reader:
        one = reader.instance(instance_id)
        family = {other.id: other for other in reader.instances(one.programme_id)}
        rows = {other.id: _new_rows(reader, other, then) for other in family.values() if other.id in then.family}
        rows.setdefault(instance_id, reader.history(instance_id, 0, MOST_TOLD))
        mails = [mail for mail in every_mail(reader, one.programme_id, "pending") if mail.id not in then.pending]
        people = reader.registers.people()
        words = Words(engine.context.compiled(one.workflow_hash))
        about = _abouts(reader, words, one.kind, rows[instance_id])
    own = tuple(_told(words, one, row, people, {}, about) for row in rows.pop(instance_id))
    moves = [(family[number], row) for number, found in rows.items() for row in found if row.region is not None]
    born = [other for other in family.values() if other.id not in then.family and other.id != instance_id]
    return Happened(
        id=one.id,
        title=one.title,
        revision=one.revision,
        story=own,
        others=tuple(_told(words, other, row, people, {}, {}) for other, row in moves),
        titles=tuple(other.title for other, _ in moves),
        born=tuple(child_row(words, other) for other in born),
        moved=tuple(_moved(then.family, family)),
        mails=tuple(mail_row(words, mail, family, people) for mail in mails),
    )


def _new_rows(reader: Reader, one: InstanceView, then: Before) -> tuple[HistoryRow, ...]:
    known = then.family[one.id].revision
    return reader.history(one.id, known, MOST_TOLD) if one.revision > known else ()


def _moved(then: Mapping[int, InstanceView], now: Mapping[int, InstanceView]) -> Iterable[MovedRow]:
    for number, one in now.items():
        was = then.get(number)
        if was is None or dates_text(was.dates) == dates_text(one.dates):
            continue
        name = kommune_name(one, now.values())
        before_text, now_text = dates_text(was.dates), dates_text(one.dates)
        yield MovedRow(one.id, one.key, one.title, name, before_text, now_text, one.dates.reason)


def _corrections(reader: Reader, instance_id: int, after: int) -> Mapping[int, HistoryRow]:
    """Say which rows were taken back, and by which: seq -> the row that did."""
    out: dict[int, HistoryRow] = {}
    while rows := reader.history(instance_id, after, 1000):
        out |= {row.corrects: row for row in rows if row.corrects is not None}
        after = rows[-1].seq
    return out


def _abouts(reader: Reader, words: Words, kind: str, rows: Sequence[HistoryRow]) -> Mapping[int, str]:
    """Say which kommune, activity or offer the rows of a page named: ``seq`` -> titles; history keeps no event's data.

    What was born by it at the same instant tells it, in one query for the page; an offer stands in the data.
    """
    offers = words.workflow.programme.offers
    machine = words.machine(kind)
    known = machine.events if machine else {}
    told: dict[int, list[str]] = {}
    bearing: list[HistoryRow] = []
    for row in rows:
        firings = words.compiled.firings(kind, row.event) if row.kind == "event" and row.event in known else ()
        if any(one.move.offer for one in firings):
            parts = [
                part if isinstance(part, Mapping) else {} for part in (row.changes.get("data"), row.undo.get("data"))
            ]
            now, was = (taken_of(part) for part in parts)
            told[row.seq] = [offers[key].title if key in offers else key for key in sorted({*now} ^ {*was})]
        elif any(one.move.births for one in firings):
            bearing.append(row)
    if bearing:
        days = [row.recorded_at for row in bearing]
        born = births_between(reader.connection, bearing[0].instance_id, min(days), max(days))
        for row in bearing:
            told[row.seq] = [one.title for one in born if (one.at, one.event) == (row.recorded_at, row.event)]
    return {seq: join_and(titles) for seq, titles in told.items() if titles}


def _told(
    words: Words,
    one: InstanceView,
    row: HistoryRow,
    people: Sequence[PersonRow],
    corrected: Mapping[int, HistoryRow],
    about: Mapping[int, str],
) -> StoryRow:
    is_person = row.actor_kind == ActorKind.PERSON
    by = corrected.get(row.seq)
    return StoryRow(
        instance_id=one.id,
        seq=row.seq,
        kind=row.kind,
        event=row.event,
        event_title=words.event(one.kind, row.event),
        what=_what(words, one.kind, row, about.get(row.seq, "")),
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        actor_kind=row.actor_kind,
        actor=row.actor_id,
        actor_name=person_name(people, row.actor_id) if is_person else row.actor_id,
        reason=row.reason,
        overridden=row.overridden,
        overridden_text=", ".join(_counted(code, count) for code, count in Counter(row.overridden).items()),
        corrects=row.corrects,
        corrected_by=by.seq if by else None,
        taken_back_by_system=by is not None and by.actor_kind == ActorKind.SYSTEM,
        days_late=(local_date(row.recorded_at) - local_date(row.happened_at)).days,
        changed=_changed(words, one, row, people),
    )


def _what(words: Words, kind: str, row: HistoryRow, about: str) -> str:
    """Say in one line what a row did, and about what."""
    title = ": ".join(filter(None, (words.event(kind, row.event), about)))
    if row.kind == "birth":
        return f"Oprettet ({title})" if row.event != "start" else "Oprettet"
    if row.region is None:
        return title
    region = words.region(kind, row.region)
    states = [words.state(kind, row.region, state) for state in (row.from_state, row.to_state)]
    move = f"{region}: {states[0]}" if states[0] == states[1] else f"{region}: {states[0]} → {states[1]}"
    if row.kind == "join":
        return f"{move} (af sig selv)"
    return title if states[0] == states[1] else f"{title} ({move})"


def _changed(words: Words, one: InstanceView, row: HistoryRow, people: Sequence[PersonRow]) -> Mapping[str, str]:
    """Say which fields and days a row changed: name in words -> value in words."""
    data, dates = row.changes.get("data"), row.changes.get("dates")
    machine = words.machine(one.kind)
    known = machine.all_fields if machine else {}
    out: dict[str, str] = {}
    for name, value in data.items() if isinstance(data, Mapping) else ():
        if name in known and not (row.kind == "birth" and value == one.title):
            out[known[name].title] = _ticked(value, people, row.actor_id) or field_text(known[name], value)
            out[known[name].title] = out[known[name].title] or "(fjernet)"
    labels = {"planned_start": "Planlagt fra", "planned_end": "Planlagt til", "actual_start": "Skete fra"}
    for name, label in {**labels, "actual_end": "Skete til"}.items():
        if isinstance(dates, Mapping) and name in dates:
            out[label] = value_text(dates[name]) or "(fjernet)"
    return out


def _ticked(value: Json, people: Sequence[PersonRow], actor: str) -> str:
    """Say when an item of a checklist was ticked, and by whom if it was another; empty for what is no tick."""
    if not isinstance(value, Mapping) or not {"on", "by"} <= value.keys():
        return ""
    note = f": {value['note']}" if value.get("note") else ""
    who = "" if value["by"] == actor else f" af {person_name(people, str(value['by']))}"
    return f"flueben {short_date(date.fromisoformat(str(value['on'])))}{who}{note}"


def _counted(code: str, count: int) -> str:
    """Spell a refusal's code as Danish, with how many of them there were."""
    spelt = (
        plain(code).replace("faa", "få").replace("foer", "før").replace("boern", "børn").replace("udloebet", "udløbet")
    )
    return spelt if count == 1 else f"{spelt} ({count})"
