"""The rows of a history as hindsight reads them: which of them still stand, and since when a region stood where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..compiled import Compiled
from ..deciding.correct import Recorded
from ..deciding.records import mapping
from ..values import ActorKind, Data, Json, Step, StepKind


@dataclass(frozen=True, slots=True)
class Past:
    """A row of history: its step, and the decision that wrote it (``decision`` is the number of its first row)."""

    seq: int
    decision: int
    step: Step
    actor_kind: ActorKind
    happened_at: datetime
    recorded_at: datetime
    reason: str | None = None

    @property
    def kind(self) -> StepKind:
        """Say why it was written; this and the next four are what replay reads."""
        return self.step.kind

    @property
    def region(self) -> str | None:
        """Name the region that moved, if any."""
        return self.step.region

    @property
    def source(self) -> str | None:
        """Name the state that it moved from."""
        return self.step.source

    @property
    def dest(self) -> str | None:
        """Name the state that it moved to."""
        return self.step.dest

    @property
    def enters(self) -> str | None:
        """Name the state that it entered; None for what stays where it stands, though its row names a state."""
        return self.step.dest if "entered" in self.step.undo else None

    @property
    def changes(self) -> Data:
        """Give what it changed."""
        return self.step.changes

    @property
    def recorded(self) -> Recorded:
        """Give it as a correction reads it."""
        return Recorded(self.seq, self.step)

    @property
    def is_systems(self) -> bool:
        """Tell whether nobody said so: a timer, a new plan, a join, or something above that was closed."""
        return self.actor_kind is ActorKind.SYSTEM

    @property
    def is_move(self) -> bool:
        """Tell whether a region came to another state by it."""
        return self.step.region is not None and self.step.source != self.step.dest


def standing(rows: Iterable[Past]) -> list[Past]:
    """Leave out what was taken back, and the corrections themselves: what is left is what counts as having happened."""
    rows = list(rows)
    gone = {row.step.corrects for row in rows if row.step.corrects is not None}
    return [row for row in rows if row.seq not in gone and row.step.kind is not StepKind.CORRECTION]


def was_closed(compiled: Compiled, kind: str, row: Past) -> bool:
    """Tell whether the system moved an instance by an event that no timer fires: what it hung under was closed."""
    fires = {rule.fires for rule in compiled.workflow.reminders.values() if rule.on == kind}
    return row.is_systems and row.is_move and row.kind is StepKind.EVENT and row.step.event not in fires


def decision_of(rows: Iterable[Past], number: int) -> list[Past]:
    """Give the rows of one decision."""
    return [row for row in rows if row.decision == number]


def entries(rows: Sequence[Past], region: str) -> list[tuple[Past, datetime]]:
    """List the moves of a region that stand, each with the instant since when the region stood there.

    As in a draft, nothing is entered before what came before it, however early it is said to have happened.
    """
    out: list[tuple[Past, datetime]] = []
    last = rows[0].happened_at
    for row in rows:
        if row.step.region == region and row.is_move:
            last = max(last, row.happened_at)
            out.append((row, last))
    return out


def touched(rows: Iterable[Past]) -> set[tuple[str, str]]:
    """Name what rows changed: regions that moved, fields, and days."""
    out: set[tuple[str, str]] = set()
    for row in rows:
        if row.is_move:
            out.add(("region", row.step.region or ""))
        for part in ("data", "dates"):
            changes: dict[str, Json] = mapping(row.step.changes.get(part))
            out.update((part, name) for name in changes)
    return out
