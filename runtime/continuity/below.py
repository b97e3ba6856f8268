"""Lets the system decide something on one of those that hang below an instance; holds no rules."""

from __future__ import annotations

from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.values import Event, Identity
from ...storage import UnitOfWork


def let(uow: UnitOfWork, compiled: Compiled, identity: Identity, event: Event) -> None:
    """Let one event happen to an instance in the running transaction; raises Refused as ``decide`` does."""
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, event.name))
    uow.record(snapshot, decide(compiled, snapshot, event, event.recorded_at))
