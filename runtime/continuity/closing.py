"""Ends what is still open below a kommune or programme that leaves or is finished, each by its own closing event."""

from __future__ import annotations

from dataclasses import replace

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.errors import Refused
from ...engine.values import SYSTEM, Decision, Event, Identity, Snapshot
from ...storage import UnitOfWork
from .below import below, let

LEFT = "Kommunen eller programmet er ikke længere med."
CLOSED = {
    "programme": "Programmet er afsluttet, og dette stod stadig åbent.",
    "kommune": "Kommunen har gennemført, og dette stod stadig åbent.",
}
ENDED = "Det, som det hørte under, er afsluttet."


def close_what_is_left(uow: UnitOfWork, compiled: Compiled, identity: Identity, decision: Decision) -> None:
    """End everything below; where a kommune or programme has left, its people's roles end that day as well."""
    cause = decision.event
    reason = LEFT if decision.leaves else CLOSED.get(identity.kind, ENDED)
    for one in below(uow, compiled, identity):
        _close(uow, compiled, one, replace(cause, actor=SYSTEM, data={}, reason=reason, idempotency_key=None))
    if decision.leaves:
        uow.registers.end_roles(identity.programme_id, identity.kommune, local_date(cause.happened_at))


def _close(uow: UnitOfWork, compiled: Compiled, one: Snapshot, cause: Event) -> None:
    """Call one instance off, or settle what has happened already; what neither can do is left as it stands."""
    kind = one.identity.kind
    machine = compiled.machine(kind)
    if compiled.is_done(kind, one.position):
        return
    latest = max(cause.happened_at, *(entry.at for entry in one.entered.values()))
    for name in (machine.closes, machine.settles):
        if name is None:
            continue
        try:
            let(uow, compiled, one.identity, replace(cause, name=name, happened_at=latest))
        except Refused:
            continue
        return
