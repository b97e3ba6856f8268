"""Takes back a wrong registration, with all that rested on it: finds the decision, has it corrected, records that."""

from __future__ import annotations

from ...engine.deciding.correct import CORRECT, correct
from ...engine.errors import NotFound
from ...engine.hindsight.past import decision_of, standing
from ...engine.values import Actor
from ...storage import UnitOfWork
from ..continuity.pausing import pass_on
from ..hindsight.past import past_of
from ..hindsight.undoing import give_back, settle_back
from .context import Context, Outcome
from .handling import Command, outcome_of, replan, require_permit, require_revision, wake


def take_back(
    context: Context, uow: UnitOfWork, instance_id: int, seq: int, reason: str, actor: Actor, expected: int | None
) -> Outcome:
    """Take back the decision that wrote history row ``seq``, with all that follows.

    Raises NotFound where there is no such row, Conflict where the instance is not at the ``expected`` revision,
    Refused as ``correct`` does.
    """
    identity, command = uow.identity(instance_id), Command(CORRECT, actor, {}, reason)
    require_permit(context, command, identity)
    compiled = context.compiled(identity.workflow_hash, uow)
    if context.store.dialect != "sqlite":  # What follows may reach anybody, and parents are locked before children.
        uow.family(identity.programme_id, frozenset(compiled.workflow.machines))
    snapshot = uow.load(identity, compiled.relations.reach(identity.kind, None))
    now = context.clock.now()  # Only now is the instance locked; see ``handle``.
    require_revision(snapshot, expected)
    rows = past_of(uow, instance_id)
    if not isinstance(seq, int) or not 1 <= seq <= len(rows):
        raise NotFound("history row", seq)
    decided = decision_of(rows, rows[seq - 1].decision)
    gone = {row.step.corrects for row in rows}
    taken = [row for row in decided if row.seq not in gone]
    corrected, taken = not taken, taken or decided
    bore = any(compiled.bears(identity.kind, row.step.event, row.region, row.enters) for row in taken)
    later = [row.recorded for row in standing(rows) if row.decision > taken[0].decision]
    event, recorded = command.as_event(now), [row.recorded for row in taken]
    decision = correct(compiled, snapshot, recorded, event, now, bore=bore, corrected=corrected, later=later)
    written = uow.record(snapshot, decision)
    followed = [(identity, decision), *give_back(uow, compiled, identity, taken, event)]
    followed += settle_back(uow, compiled, identity, event)
    poked = [one.parent_id for one, other in followed[1:] if other.poke_parent and one.parent_id is not None]
    poked += [number for one, other in followed for number in wake(uow, compiled, one, other)]
    for one, other in followed:
        if other.pauses:
            pass_on(uow, compiled, one, other)
    if any(other.replan for _, other in followed):
        replan(uow, compiled, identity.programme_id, decision.event)
    return outcome_of(decision, written, instance_id, tuple(poked))
