"""Finds what hangs below an instance and lets the system decide something on each of them; holds no rules."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.compiled import Compiled
from ...engine.decide import decide
from ...engine.values import Event, Identity, Snapshot
from ...storage import UnitOfWork


def below(uow: UnitOfWork, compiled: Compiled, identity: Identity) -> Iterator[Snapshot]:
    """List everything below an instance, parents before children; the whole family is locked for it."""
    inside = {identity.id}
    for one in uow.family(identity.programme_id, frozenset(compiled.workflow.machines)):
        if one.identity.parent_id in inside:
            inside.add(one.identity.id)
            yield one


def let(uow: UnitOfWork, compiled: Compiled, identity: Identity, event: Event) -> None:
    """Let one event happen to an instance in the running transaction; raises Refused as ``decide`` does."""
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, event.name))
    uow.record(snapshot, decide(compiled, snapshot, event, event.recorded_at))
