"""Ends what is still open below a kommune or programme that leaves or is finished, each by its own closing event."""

from __future__ import annotations

from dataclasses import replace

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.options import ending_event
from ...engine.values import SYSTEM, Decision, Event, Identity, Snapshot
from ...engine.values.names import KOMMUNE, PROGRAMME
from ...storage import UnitOfWork
from .below import unless_refused
from .following import Because, Following

LEFT = "Kommunen eller programmet er ikke længere med."
CLOSED = {
    PROGRAMME: "Programmet er afsluttet, og dette stod stadig åbent.",
    KOMMUNE: "Kommunen har gennemført, og dette stod stadig åbent.",
}
NO_MORE = Because(joined="du har fået en rolle ved mødet", left="I er ikke længere med i programmet")
ENDED = "Det, som det hørte under, er afsluttet."


def close_what_is_left(uow: UnitOfWork, compiled: Compiled, identity: Identity, decision: Decision) -> None:
    """End everything below; where a kommune or programme has left, its people's roles end that day as well."""
    reason = LEFT if decision.leaves else CLOSED.get(identity.kind, ENDED)
    for one in uow.inside(identity):
        if not compiled.is_done(one.identity.kind, one.position):
            close_one(uow, compiled, one.identity, decision.event, reason)
    if decision.leaves:
        on, now = local_date(decision.event.happened_at), decision.event.recorded_at
        following = Following(lambda _: compiled, uow, (identity.programme_id,), local_date(now), now)
        uow.registers.end_roles(identity.programme_id, identity.kommune, on)
        following.tell(NO_MORE)


def close_one(uow: UnitOfWork, compiled: Compiled, identity: Identity, cause: Event, reason: str) -> None:
    """Settle what has happened already, or call one instance off; what neither can do is left as it stands."""
    machine = compiled.machine(identity.kind)
    for name in filter(None, (machine.settles, machine.closes)):
        snapshot = uow.load(identity, compiled.relations.reach(identity.kind, name))
        if _follow(uow, compiled, snapshot, replace(cause, name=name, actor=SYSTEM, reason=reason)):
            return


def end_one(uow: UnitOfWork, compiled: Compiled, identity: Identity, cause: Event) -> bool:
    """Let an activity be done with what was decided in it; answer whether days of others hang on it."""
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, None))
    name = ending_event(compiled, identity.kind, snapshot.position)
    if name is None:
        return False
    # The system's, as a closing is: whoever chose did not register it, and a choice taken back gives it back.
    ended = _follow(uow, compiled, snapshot, replace(cause, name=name, actor=SYSTEM))
    return ended is not None and ended.replan


def _follow(uow: UnitOfWork, compiled: Compiled, snapshot: Snapshot, event: Event) -> Decision | None:
    """Let an event follow from another, no earlier than the instance came to stand where it does; None if refused."""
    happened = max(event.happened_at, *(entry.at for entry in snapshot.entered.values()))
    event = replace(event, happened_at=happened, data={}, idempotency_key=None)
    decision = unless_refused(compiled, snapshot, event)
    if decision is not None:
        uow.record(snapshot, decision)
    return decision
