"""Makes decisions, timers and mails for the tests of the stores; each call says only what its test is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from samskabt.engine.values import (
    Actor,
    ActorKind,
    Birth,
    Dates,
    Decision,
    Entry,
    Event,
    Identity,
    Intent,
    Json,
    Lateness,
    Nudge,
    Snapshot,
    Step,
    StepKind,
    Timer,
)
from samskabt.storage import KommuneRow, NewLetter, Recorded, RegionSpan, Store

NOW = datetime(2019, 9, 2, 7, 30, 0, 123456, tzinfo=UTC)
TODAY = date(2019, 9, 2)
CONSULTANT = Actor(ActorKind.PERSON, "1")
LEASE = timedelta(minutes=5)
KOMMUNER = (
    KommuneRow("0101", "København", "Københavns Kommune", 632_340, (RegionSpan("Hovedstaden", date(2007, 1, 1)),)),
    KommuneRow("0360", "Lolland", "Lolland Kommune", 41_105, (RegionSpan("Sjælland", date(2007, 1, 1)),)),
)


def event(name: str = "begynd", key: str | None = None, reason: str | None = None) -> Event:
    """Make an event that happened an hour before it was recorded."""
    return Event(name, NOW - timedelta(hours=1), NOW, CONSULTANT, reason=reason, idempotency_key=key)


def birth(
    kind: str, key: str, kommune: str | None = None, data: Mapping[str, Json] | None = None, **more: Any
) -> Birth:
    """Make a birth in state ``venter``; ``more`` are effects of its first decision."""
    first = Decision(
        event=event("opret"),
        steps=(Step(StepKind.BIRTH, "opret", "liv", None, "venter"),),
        position={"liv": "venter"},
        entered={"liv": Entry(NOW, 1)},
        data=data or {},
        dates=Dates(),
        **more,
    )
    return Birth(kind, key, f"{kind} {key}", kommune, first)


def moved(snapshot: Snapshot, dest: str = "i_gang", happening: Event | None = None, **more: Any) -> Decision:
    """Decide that the life cycle moves; ``more`` replaces other parts of the decision."""
    source, seq = snapshot.position["liv"], snapshot.revision + 1
    decision = Decision(
        event=happening or event(),
        steps=(Step(StepKind.EVENT, "begynd", "liv", source, dest),),
        position={**snapshot.position, "liv": dest},
        entered={**snapshot.entered, "liv": Entry(NOW, seq)},
        data=snapshot.data,
        dates=snapshot.dates,
    )
    return replace(decision, **more)


def still(snapshot: Snapshot, **more: Any) -> Decision:
    """Decide nothing but the effects in ``more``."""
    return moved(
        snapshot,
        **{"steps": (), "position": snapshot.position, "entered": snapshot.entered, "data": snapshot.data} | more,
    )


def timer(key: str = "trin_2:1#1", due_at: datetime = NOW, generation: int = 1) -> Timer:
    """Make a timer that waits to remind somebody."""
    return Timer(
        key=key,
        rule=key.split(":")[0],
        anchor="liv",
        anchor_value="2019-09-02",
        local_on=date(2019, 9, 2),
        local_at=time(9, 30),
        zone="Europe/Copenhagen",
        calendar_version="2019-1",
        due_at=due_at,
        lateness=Lateness.MERGE,
        generation=generation,
    )


def nudge(key: str = "mail", region: str | None = None, entry_seq: int | None = None, **more: Any) -> Nudge:
    """Make a mail to the project leaders."""
    return Nudge(key, Intent.NUDGE, "paamindelse", "projektleder", "trin_2", region, entry_seq, **more)


def found(store: Store, *births: Birth, kommuner: bool = True, **more: Any) -> Recorded:
    """Write a programme with these births, its workflow and two kommuner."""
    with store.begin() as work:
        if kommuner:
            work.registers.put_kommuner(KOMMUNER)
        work.registers.put_workflow("hash-1", "fagligheder", 1, 1, "{}", published_at=NOW)
        return work.found_programme(birth("programme", "001", births=births, **more), "hash-1")


def advance(store: Store, instance_id: int, **more: Any) -> Recorded:
    """Load an instance, move it and record that."""
    with store.begin() as work:
        snapshot = work.load(work.identity(instance_id))
        return work.record(snapshot, moved(snapshot, **more))


def snapshot_of(store: Store, instance_id: int) -> Snapshot:
    """Load an instance without changing it."""
    with store.begin() as work:
        return work.load(work.identity(instance_id))


def identity_of(store: Store, instance_id: int) -> Identity:
    """Look up what never changes."""
    with store.begin() as work:
        return work.identity(instance_id)


def letter(key: str, person_id: int, *, shape: str = "mail", not_before: datetime = NOW, **more: Any) -> NewLetter:
    """Make a letter to a person, to be sent today."""
    given: dict[str, Any] = {"send_on": TODAY, "week": "2019-W36", "has_nudge": False, "cut_at": NOW}
    given |= {"message_id": f"<{key}@example.dk>", "not_before": not_before, **more}
    return NewLetter(key=key, person_id=person_id, shape=shape, **given)
