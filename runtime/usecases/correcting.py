"""Takes back a wrong registration: finds the decision that made it, has it corrected, records that; knows no rules."""

from __future__ import annotations

from ...engine.compiled import Compiled
from ...engine.deciding.correct import CORRECT, Recorded, correct
from ...engine.errors import NotFound
from ...engine.pausing.ends import may_still_others
from ...engine.values import Actor, Identity, Step, StepKind
from ...storage import HistoryRow, Reader, UnitOfWork
from .context import Context, Outcome
from .handling import Command, follow_up, outcome_of, require_permit, require_revision

MOST_STEPS = 200
"""No single decision writes more history rows than this."""


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
    if context.store.dialect != "sqlite" and _is_of_many(compiled, uow, identity, seq):
        uow.family(identity.programme_id, frozenset(compiled.workflow.machines))
    snapshot = uow.load(identity, compiled.reach(identity.kind, None))
    now = context.clock.now()  # Only now is the instance locked; see ``handle``.
    require_revision(snapshot, expected)
    reader = Reader(uow.connection)
    rows = _decision_of(reader, instance_id, seq)
    bore = any(compiled.bears(identity.kind, row.event, row.to_state) for row in rows)
    taken = [Recorded(row.seq, _step(row)) for row in rows]
    corrected = _is_corrected(reader, rows[-1])
    decision = correct(compiled, snapshot, taken, command.as_event(now), now, bore=bore, corrected=corrected)
    recorded = uow.record(snapshot, decision)
    poked = follow_up(uow, compiled, identity, decision).poked
    return outcome_of(decision, recorded, instance_id, poked)


def _is_of_many(compiled: Compiled, uow: UnitOfWork, identity: Identity, seq: int) -> bool:
    """Tell whether a row made others stand still or go on, which then follow its correction."""
    found = Reader(uow.connection).history(identity.id, seq - 1, 1)
    return any(may_still_others(compiled.machine(identity.kind), row.event) for row in found)


def _decision_of(reader: Reader, instance_id: int, seq: int) -> list[HistoryRow]:
    """Give all rows of the decision that wrote one row; NotFound where there is no such row."""
    found = reader.history(instance_id, seq - 1, 1)
    if seq < 1 or not found or found[0].seq != seq:
        raise NotFound("history row", seq)
    first = found[0].decision_seq
    rows = reader.history(instance_id, first - 1, MOST_STEPS)
    return [row for row in rows if row.decision_seq == first]


def _is_corrected(reader: Reader, last: HistoryRow) -> bool:
    """Tell whether a later row takes back the decision that ends with this one."""
    after = last.seq
    while page := reader.history(last.instance_id, after, MOST_STEPS):
        if any(row.corrects is not None and last.decision_seq <= row.corrects <= last.seq for row in page):
            return True
        after = page[-1].seq
    return False


def _step(row: HistoryRow) -> Step:
    """Read a history row back as the step that it was."""
    return Step(
        kind=StepKind(row.kind),
        event=row.event,
        region=row.region,
        source=row.from_state,
        dest=row.to_state,
        changes=row.changes,
        undo=row.undo,
        overridden=row.overridden,
        corrects=row.corrects,
    )
