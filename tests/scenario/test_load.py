"""A big programme on a file: twelve kommuner with forty challenges each, three solutions each, in two years."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from samskabt.engine.errors import Refused
from samskabt.engine.values import Json
from samskabt.runtime.doctor import examine
from samskabt.runtime.rehearsal.piloting.answers import answers
from samskabt.runtime.rehearsal.piloting.course import course_of
from samskabt.runtime.rehearsal.play import Stage, enrolment, staged
from samskabt.runtime.simulation import TEN
from samskabt.runtime.views.documents import catalogue

KOMMUNER, CHALLENGES, SOLUTIONS = 12, 40, 3
LEAST = 15_000
STEPS = 8
"""Steps that an instance needs about: the work is spread over the two years by them."""
FILE = Path(__file__).parents[1] / "data" / "load" / "belastning.yaml"


class Workload:
    """Everybody's work in two years: on every open day some of the instances that are not done take a step each."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.engine, self.has_begun = stage, stage.engine, False
        self.waiting = deque[tuple[int, str]]()
        self.has_solutions: set[int] = set()
        kinds = ("challenge", "solution")
        self.courses = {kind: course_of(stage.compiled, kind, takes_kommuner=True) for kind in kinds}
        self.described = {kind: self._describing(kind) for kind in kinds}
        self.a_day = KOMMUNER * CHALLENGES * (1 + SOLUTIONS) * STEPS // 330

    def begin(self) -> None:
        """Bring every kommune to where challenges are found, and let it find forty."""
        self.has_begun = True
        with self.engine.context.store.read() as reader:
            kommuner = reader.instances(self.stage.programme_id, "kommune")
        for kommune in (one for one in kommuner if one.position["forloeb"] == "deltager"):
            for event in ("trin_1.begynd", "trin_2.begynd"):
                if event in {option.event for option in self.engine.options(kommune.id)}:
                    self.engine.advance(kommune.id, event)
            for number in range(1, CHALLENGES + 1):
                self.add(kommune.id, "challenge", f"Udfordring {number} ({kommune.title})")

    def add(self, parent: int, kind: str, title: str) -> None:
        """Let somebody find something, and describe it."""
        for number in self.engine.add(parent, kind, title).born.values():
            self.describe(number, kind)
            self.waiting.append((number, kind))

    def day(self) -> None:
        """Take steps; who cannot go on today waits for the next turn, and now and then somebody writes how it goes."""
        for _ in range(min(self.a_day, len(self.waiting))):
            number, kind = self.waiting.popleft()
            region, state = next(iter(self.engine.show(number).position.items()))
            step = self.courses[kind].next(region, state)
            if step is None or step.event is None:
                continue
            if kind == "challenge" and number not in self.has_solutions and state == "trin_3":
                self.has_solutions.add(number)
                for order in range(1, SOLUTIONS + 1):
                    self.add(number, "solution", f"Løsning {order}")
            try:
                self.engine.advance(number, step.event, data=self.filled(kind, step.event))
            except Refused:
                self.describe(number, kind)
            self.waiting.append((number, kind))

    def describe(self, number: int, kind: str) -> None:
        """Write down everything that there is room for."""
        event = self.described[kind]
        self.engine.advance(number, event, data=self.filled(kind, event))

    def filled(self, kind: str, event: str) -> dict[str, Json]:
        """Answer every field that an event takes."""
        compiled = self.stage.compiled
        return answers(compiled.machine(kind), sorted(compiled.takes(kind, event)), self.stage.today(), ())

    def _describing(self, kind: str) -> str:
        """Find the event that moves nothing and takes most."""
        machine = self.stage.compiled.machine(kind)
        stays = [
            event
            for event, ((region, move), *_) in machine.events.items()
            if (found := machine.regions[region].moves[move]).dest is None and not found.births
        ]
        return max(stays, key=lambda event: len(self.stage.compiled.takes(kind, event)))


def live(stage: Stage) -> None:
    """Live the two years: timers and mails at their instants, and work on every open day."""
    work = Workload(stage)
    enrolment(stage, 1)
    begins = date(2024, 2, 6)

    def day() -> None:
        if stage.today() < begins:
            stage.pilot.round()
        elif not work.has_begun:
            work.begin()
        else:
            work.day()
        if stage.today() < stage.last:
            stage.on(stage.today() + timedelta(days=1), TEN, day)

    stage.on(stage.first, TEN, day)
    lived = stage.simulation.run_until(stage.simulation.clock.now() + (stage.last - stage.first))
    assert lived.failed == 0


@pytest.mark.timeout(1200)
def test_two_years_of_twelve_busy_kommuner_are_decided_durably(say: Callable[[str], None], tmp_path: Path) -> None:
    """At least 15,000 decisions are written to a file with the default durability, and the doctor finds nothing."""
    found = catalogue([FILE])
    began = perf_counter()
    with staged(found.programme("belastning"), found, kommuner=KOMMUNER, folder=tmp_path / "last") as stage:
        live(stage)
        seconds = perf_counter() - began
        with stage.engine.context.store.read() as reader:
            counts = reader.counts()
        decisions = stage.decisions()
        say(
            f"{decisions:,} durable decisions ({counts.history:,} rows of history, {sum(counts.outbox.values()):,} "
            f"mails, {sum(counts.timers.values()):,} timers) in {seconds:.1f} s"
        )
        assert counts.instances["challenge"] >= KOMMUNER * CHALLENGES
        assert counts.instances["solution"] >= KOMMUNER * CHALLENGES * SOLUTIONS
        assert decisions >= LEAST
        assert examine(stage.engine).findings == ()
