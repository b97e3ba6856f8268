"""Reads an instance's whole history as the engine's hindsight looks at it; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...engine.hindsight.past import Past
from ...engine.values import ActorKind, Step, StepKind
from ...storage import HistoryRow, Reader, UnitOfWork

PAGE = 1000


def past_of(uow: UnitOfWork, instance_id: int) -> list[Past]:
    """Give all rows of an instance in order, as they stand inside this transaction."""
    reader, rows = Reader(uow.connection), list[HistoryRow]()
    while page := reader.history(instance_id, rows[-1].seq if rows else 0, PAGE):
        rows += page
    return list(pasts(rows))


def pasts(rows: Iterable[HistoryRow]) -> Iterator[Past]:
    """Read stored rows as hindsight does."""
    for row in rows:
        kind, actor = StepKind(row.kind), ActorKind(row.actor_kind)
        step = Step(
            kind=kind,
            event=row.event,
            region=row.region,
            source=row.from_state,
            dest=row.to_state,
            changes=row.changes,
            undo=row.undo,
            overridden=row.overridden,
            corrects=row.corrects,
        )
        yield Past(row.seq, row.decision_seq, step, actor, row.happened_at, row.recorded_at, row.reason)
