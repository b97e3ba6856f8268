"""Lets the system decide what follows from something else, on one instance after another; holds no rules."""

from __future__ import annotations

from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.errors import Refused
from ...engine.values import Decision, Event, Identity, Snapshot
from ...storage import UnitOfWork


def let(uow: UnitOfWork, compiled: Compiled, identity: Identity, event: Event) -> Decision:
    """Let one event happen to an instance in the running transaction; raises Refused as ``decide`` does."""
    snapshot, decision = decided(uow, compiled, identity, event)
    uow.record(snapshot, decision)
    return decision


def decided(uow: UnitOfWork, compiled: Compiled, identity: Identity, event: Event) -> tuple[Snapshot, Decision]:
    """Load an instance and decide one event on it; nothing is recorded. Raises Refused as ``decide`` does."""
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, event.name))
    return snapshot, decide(compiled, snapshot, event, event.recorded_at)


def unless_refused(compiled: Compiled, snapshot: Snapshot, event: Event) -> Decision | None:
    """Decide an event that need not happen: None where it is refused, and what refuses stays as it is."""
    try:
        return decide(compiled, snapshot, event, event.recorded_at)
    except Refused:
        return None
