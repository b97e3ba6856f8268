"""What all use cases share: the store, the clock, the workflows made ready, the permission; holds no rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from ...engine.civil.calendar import WorkingCalendar
from ...engine.compiled import Compiled
from ...engine.definition import Workflow
from ...engine.errors import StorageError
from ...engine.values import Position
from ...storage import Store, UnitOfWork

if TYPE_CHECKING:
    from ..clock import Clock
    from ..permission import Permit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a use case led to: the instance as it stands now, what was born (key -> number) and who was poked.

    ``fired`` are the timers that it used up: none when somebody else was first. ``in_pause`` are the instances
    with days planned in a pause that it set: they stay where they are until somebody moves them.
    """

    instance_id: int
    revision: int
    position: Position
    events: tuple[str, ...] = ()
    born: dict[str, int] = field(default_factory=dict)
    poked: tuple[int, ...] = ()
    fired: tuple[str, ...] = ()
    in_pause: tuple[int, ...] = ()
    kind: str = ""


class Context:
    """Store, clock, calendar and permission, with every workflow compiled once by its hash.

    ``knocks`` are called after commits, by tickers of the same process that want to be woken.
    """

    def __init__(self, store: Store, clock: Clock, calendar: WorkingCalendar, permit: Permit) -> None:
        self.store, self.clock, self.calendar, self.permit = store, clock, calendar, permit
        self.knocks: list[Callable[[], None]] = []
        self._compiled: dict[str, Compiled] = {}
        self._lock = Lock()

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """Open the one write transaction of a use case."""
        return self.store.begin()

    def knock(self) -> None:
        """Wake whoever ticks in this process: something was committed that may be due already."""
        for knock in tuple(self.knocks):
            knock()

    def compiled(self, workflow_hash: str, uow: UnitOfWork | None = None) -> Compiled:
        """Give the compiled workflow that a hash stands for, read from the database the first time."""
        known = self._compiled.get(workflow_hash)
        if known is not None:
            return known
        if uow is not None:
            document = uow.registers.workflow(workflow_hash)
        else:
            with self.store.read() as reader:
                document = reader.registers.workflow(workflow_hash)
        workflow = Workflow.model_validate_json(document)
        if workflow.hash != workflow_hash:
            raise StorageError(f"the stored workflow {workflow.key} is not the one published; restore a backup")
        return self.keep(workflow)

    def keep(self, workflow: Workflow) -> Compiled:
        """Compile a workflow, once; threads that come at the same time share one."""
        with self._lock:
            known = self._compiled.get(workflow.hash)
            if known is None:
                known = self._compiled[workflow.hash] = Compiled(workflow, self.calendar)
        return known
