"""The one path of every change: load, decide, record, plan anew; people, timers and scripts all take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.deciding.finish import PLAN, WAKE
from ...engine.errors import Conflict, NotFound, Refused
from ...engine.pausing.ends import may_still_others
from ...engine.pausing.events import is_known
from ...engine.pausing.pauses import PAUSE, RESUME
from ...engine.planning.family import plan_family
from ...engine.requirements import may_be_woken
from ...engine.values import (
    SYSTEM,
    Actor,
    ActorKind,
    Decision,
    Event,
    Identity,
    Json,
    Reach,
    Refusal,
    Snapshot,
    Strength,
)
from ...engine.values.names import ACTIVITY_KINDS, DELIVERABLE, KOMMUNE, PROGRAMME
from ...storage import Recorded, UnitOfWork
from ..continuity.below import decided, let
from ..continuity.bookings import bookings_of
from ..continuity.closing import close_one, close_what_is_left, end_one
from ..continuity.pausing import pass_on
from ..hindsight.late import replay_system, take_back_overtaken
from ..hindsight.undoing import remembering_roles
from .asked import require_actor, require_data, require_instant, require_key, require_reason
from .context import Context, Outcome
from .repeating import fingerprint, first_outcome, remembering

FAMILY = ACTIVITY_KINDS | {PROGRAMME, KOMMUNE, DELIVERABLE}
DROPPED = "Tilbuddet er valgt fra."


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for: an event with its data, by whom, and when it happened (None: now)."""

    event: str
    actor: Actor
    data: Mapping[str, Json]
    reason: str | None = None
    override: bool = False
    happened_at: datetime | None = None
    idempotency_key: str | None = None
    timer: str | None = None

    def as_event(self, now: datetime) -> Event:
        """Give the event as it is decided upon at ``now``."""
        happened = now if self.happened_at is None else require_instant("happened_at", self.happened_at)
        reason, key = require_reason(self.reason), require_key("idempotency_key", self.idempotency_key)
        actor, data = require_actor(self.actor), require_data(self.data)
        return Event(self.event, happened, now, actor, data, reason, self.override, self.timer, key)


def handle(
    context: Context, uow: UnitOfWork, instance_id: int, command: Command, expected_revision: int | None = None
) -> Outcome:
    """Decide one command on one instance and record it, with all that follows, in the given transaction.

    A command whose idempotency key was seen is not decided again: it gets the first outcome. Raises Conflict when the
    instance is no longer at ``expected_revision``, Refused, NotFound and InvalidInput as ``decide`` does.
    """
    identity = uow.identity(instance_id)
    compiled = context.compiled(identity.workflow_hash, uow)
    require_permit(context, command, identity)
    if command.timer is None:
        # The system's own events (a new plan, a poke) are nobody's to ask for.
        require_event(compiled, identity.kind, command.event)
        command = _with_kommune(uow, compiled, identity, command)
    snapshot = _load(context, uow, compiled, identity, command)
    # Only now is the instance locked. Whoever waited for the lock must neither miss the key of the one before, nor
    # come with an instant that lies before what that one did.
    now = context.clock.now()
    event = command.as_event(now)
    asked = fingerprint(event.data, event.reason, command.happened_at) if event.idempotency_key else ""
    if event.idempotency_key:
        before = first_outcome(uow, identity, event.name, event.idempotency_key, asked)
        if before is not None:
            return before
    require_revision(snapshot, expected_revision)
    hindsight = take_back_overtaken(uow, compiled, snapshot, event)
    snapshot = _with_bookings(context, uow, compiled, hindsight.snapshot, command)
    decision = decide(compiled, snapshot, event, now)
    decision = remembering_roles(uow, identity, decision) if decision.leaves else decision
    decision = remembering(decision, asked) if event.idempotency_key else decision
    recorded = uow.record(snapshot, decision)
    others = replay_system(uow, compiled, hindsight, decision)
    poked = [number for other in others for number in wake(uow, compiled, identity, other)]
    replans = any(one.replan for one in (decision, *others))
    whole = decision if replans == decision.replan else replace(decision, replan=replans)
    followed = follow_up(uow, compiled, identity, whole)
    outcome = outcome_of(decision, recorded, instance_id, (*poked, *followed.poked))
    return replace(outcome, in_pause=followed.in_pause, kind=identity.kind)


def _with_bookings(
    context: Context, uow: UnitOfWork, compiled: Compiled, snapshot: Snapshot, command: Command
) -> Snapshot:
    """Show a meeting whose day is being set what else its people have on that day."""
    if command.timer is not None or Reach.BOOKINGS not in compiled.relations.reach(
        snapshot.identity.kind, command.event
    ):
        return snapshot
    booked = bookings_of(uow, partial(context.compiled, uow=uow), snapshot, require_data(command.data))
    return replace(snapshot, facts=replace(snapshot.facts, bookings=booked))


def outcome_of(decision: Decision, recorded: Recorded, instance_id: int, also: tuple[int, ...] = ()) -> Outcome:
    """Sum a recorded decision up; ``also`` were poked by what followed from it."""
    born = {one.key: one.id for one in recorded.born}
    events = tuple({step.event: None for step in decision.steps})
    poked = tuple(dict.fromkeys([*([] if recorded.poked is None else [recorded.poked]), *also]))
    return Outcome(instance_id, recorded.revision, dict(decision.position), events, born, poked, decision.fired)


def replan(uow: UnitOfWork, compiled: Compiled, programme_id: int, cause: Event) -> None:
    """Plan the whole family anew and record every day that moved, parents before children."""
    family = uow.family(programme_id, FAMILY)
    programme = next(one for one in family if one.identity.kind == PROGRAMME)
    rest = [one for one in family if one is not programme]
    changes = sorted(plan_family(compiled, programme, rest), key=lambda change: change.snapshot.identity.id)
    for change in changes:
        data: dict[str, Json] = {"dates": dict(change.dates), "data": dict(change.data)}
        event = Event(PLAN, cause.happened_at, cause.recorded_at, SYSTEM, data, cause.reason)
        identity = change.snapshot.identity
        wake(uow, compiled, identity, let(uow, compiled, identity, event))


def _with_kommune(uow: UnitOfWork, compiled: Compiled, identity: Identity, command: Command) -> Command:
    """Give a kommune that is to be born its name; NotFound where no kommune has that code, whoever asks for it."""
    code = command.data.get("kommune") if isinstance(command.data, Mapping) else None
    if command.event in (PAUSE, RESUME):
        return command
    births = {firing.move.births for firing in compiled.firings(identity.kind, command.event)}
    if KOMMUNE not in births or not isinstance(code, str) or not code.strip():
        return command
    names = {row.code: row.name for row in uow.registers.kommuner()}
    if code.strip() not in names:
        raise NotFound("kommune code", code[:40], list(names))
    return replace(command, data={"titel": names[code.strip()], **command.data})


def _load(context: Context, uow: UnitOfWork, compiled: Compiled, identity: Identity, command: Command) -> Snapshot:
    """Load an instance with what its event reads; where days of others may move, lock the whole family first.

    Before something that happened earlier is decided, the system may have to take back any step of its own.
    """
    is_earlier = command.happened_at is not None and command.timer is None
    may_move = is_earlier or compiled.may_move_others(identity.kind, command.event)
    if context.store.dialect != "sqlite" and may_move:
        uow.family(identity.programme_id, FAMILY)
    if context.store.dialect != "sqlite" and may_still_others(compiled.machine(identity.kind), command.event):
        uow.family(identity.programme_id, frozenset(compiled.workflow.machines))
    return uow.load(
        identity, compiled.relations.reach(identity.kind, None if command.timer or is_earlier else command.event)
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """What a decision led to beyond its own instance: who was poked, and what has days planned in a pause it set."""

    poked: tuple[int, ...] = ()
    in_pause: tuple[int, ...] = ()


def wake(uow: UnitOfWork, compiled: Compiled, identity: Identity, decision: Decision) -> tuple[int, ...]:
    """Let those below whose joins wait for where this now stands take them; answer who was poked by that.

    They are found by one query; only those that may move are loaded, and those that stay write nothing.
    """
    poked: list[int] = []
    cause = decision.event
    actor = cause.actor if cause.actor.kind is ActorKind.IMPORT else SYSTEM
    for one in uow.relatives.below(identity, decision.look_again) if decision.look_again else ():
        if not may_be_woken(compiled, one, identity, decision.position):
            continue
        child = uow.identity(one.id)
        event = Event(WAKE, cause.happened_at, cause.recorded_at, actor)
        snapshot, woken = decided(uow, compiled, child, event)
        if woken.steps:
            recorded = uow.record(snapshot, woken)
            poked += [] if recorded.poked is None else [recorded.poked]
            poked += follow_up(uow, compiled, child, woken).poked
    return tuple(poked)


def follow_up(uow: UnitOfWork, compiled: Compiled, identity: Identity, decision: Decision) -> Followed:
    """Do in the same transaction what a decision asks for beyond its own instance."""
    poked = wake(uow, compiled, identity, decision)
    if decision.leaves or decision.closes:
        close_what_is_left(uow, compiled, identity, decision)
    for number in decision.calls_off:
        close_one(uow, compiled, uow.identity(number), decision.event, DROPPED)
    moved = [end_one(uow, compiled, uow.identity(number), decision.event) for number in decision.ends]
    in_pause = pass_on(uow, compiled, identity, decision) if decision.pauses else ()
    if decision.replan or any(moved):
        replan(uow, compiled, identity.programme_id, decision.event)
    return Followed(poked, in_pause)


def planned_event(compiled: Compiled, snapshot: Snapshot) -> str:
    """Find the event that sets a new day where an instance stands now; InvalidInput where there is none."""
    machine = compiled.machine(snapshot.identity.kind)
    for name in machine.events:
        for firing in compiled.firings(snapshot.identity.kind, name):
            topology = compiled.topology(snapshot.identity.kind, firing.region)
            if firing.move.dates == "planned" and topology.may_fire(firing.name, snapshot.position[firing.region]):
                return name
    region, state = next(iter(snapshot.position.items()))
    topology = compiled.topology(snapshot.identity.kind, region)
    moves = compiled.region(snapshot.identity.kind, region).moves
    possible: list[Json] = [name for name in moves if topology.may_fire(name, state)]
    values: dict[str, Json] = {"at": region, "state": state, "kind": snapshot.identity.kind, "possible": possible}
    raise Refused("planlaeg", [Refusal("ikke_muligt_nu", "state", Strength.HARD, values)])


def birth_events(compiled: Compiled, parent_kind: str, kind: str) -> Iterator[str]:
    """List the events of a parent that bear a child of this kind."""
    for name in compiled.machine(parent_kind).events:
        if any(firing.move.births == kind for firing in compiled.firings(parent_kind, name)):
            yield name


def require_permit(context: Context, command: Command, identity: Identity) -> None:
    """Raise Refused where the actor may not do this here."""
    refused = context.permit.refusal(command.actor, command.event, identity)
    if refused is not None:
        raise Refused(command.event, [refused])


def require_revision(snapshot: Snapshot, expected: int | None) -> None:
    """Raise Conflict where an instance is not at the revision that somebody saw (None: whichever it is at)."""
    if expected not in (None, snapshot.revision):
        raise Conflict(
            f"instance {snapshot.identity.id} is at revision {snapshot.revision}, not {expected}: somebody was first;"
            " look at it again and repeat the step if it still fits"
        )


def require_event(compiled: Compiled, kind: str, event: str) -> None:
    """Raise NotFound, with what there is, for an event that the kind does not know."""
    if not is_known(compiled, kind, event):
        raise NotFound("event", event, sorted({*compiled.machine(kind).events, PAUSE, RESUME}))
