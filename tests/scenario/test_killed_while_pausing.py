"""A process is killed while it pauses a whole programme: either nothing stands still, or everything does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from samskabt.engine.pausing.pauses import PAUSE, is_paused
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine
from samskabt.storage import Store

from .world import ME, World

IDLE = {"clock_stopped", "timer_overdue", "mail_waiting"}


def killed_at(url: str, world: World, statement: int) -> bool:
    """Pause the programme in a process that kills itself before a statement; tell whether it came so far."""
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        heard = [0]

        def hook(moment: str) -> None:
            heard[0] += moment.startswith("before")
            if heard[0] == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            engine = Engine(Store.open(url, hook=hook), world.engine.workflows, clock=world.clock)
            engine.advance(world.programme, PAUSE, reason="Ferie", actor=ME)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_killed_pause_is_whole_or_did_not_happen(open_chosen: Callable[[str], World], tmp_path: Path) -> None:
    """Killed at the 12th, 60th and 200th statement nothing is paused; the last, unkilled, pauses all at once."""
    world = open_chosen("draebt")
    with world.engine.context.store.read() as reader:
        numbers = [one.id for one in reader.instances(world.programme)]

    url = f"sqlite:///{tmp_path / 'draebt.db'}"
    world.clock.move_to(world.clock.now() + timedelta(hours=1))
    for statement in (12, 60, 200, 100_000):
        was_killed = killed_at(url, world, statement)
        standing = {is_paused(world.engine.show(number).data) for number in numbers}
        assert standing == {not was_killed}, statement
        assert {one.code for one in examine(world.engine).findings} <= IDLE
