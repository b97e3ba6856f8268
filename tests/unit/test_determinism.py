"""The same input gives the same decision, and history alone gives back where every instance stands."""

from __future__ import annotations

import pickle
import random
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.decide import decide
from samskabt.engine.deciding.replay import replay
from samskabt.engine.definition import Workflow
from samskabt.engine.errors import NotFound, Refused, SamskabtError
from samskabt.engine.options import options
from samskabt.engine.planning.timers import derive
from samskabt.engine.requiring.view import View
from samskabt.engine.values import Dates, Decision, StepKind, TimerStatus
from samskabt.engine.values.names import POKE

from .core_cases import DAY, Family, at, founded, replayed, shipped, shipped_workflow, stands, with_kommune

WORDS = {
    "uden_for_klynger": ["0101"],
    "kommuner": ["0101"],
    "vaesentlig": False,
    "aktivitet": "temadag",
    "titel": "Ventetid",
    "dato": "2019-05-06",
    "aktier": ["borgerne"],
    "kommune": "0147",
    "udbytte": "Meget",
}


@dataclass
class Walk:
    """A programme that lives at random, and what must be true of it after every step."""

    family: Family
    rng: random.Random
    answered: int = 0
    refused: int = 0

    def step(self) -> None:
        """Let some time pass, or somebody do something, or take something back."""
        number = self.rng.choice(list(self.family.snapshots))
        if self.rng.random() < 0.2:
            self.family.tick(self.family.now + self.rng.randint(0, 20) * DAY)
            return
        try:
            if self.rng.random() < 0.15:
                self.family.correct(number, self.rng.choice(self.family.history[number]).decision_seq)
            else:
                self._act(number)
            self.answered += 1
        except Refused:
            self.refused += 1

    def _act(self, number: int) -> None:
        known = options(self.family.compiled, self.family.snapshot(number), self.family.now)
        if not known:
            return
        option = self.rng.choice(known)
        given: dict[str, object] = {name: WORDS.get(name, "ord") for name in option.wants if name != "reason"}
        given |= {name: True for name in option.takes if name == "formaal"}
        if self.rng.random() < 0.9:
            given |= {"override": True, "reason": "fordi"}
        happened = self.family.now - timedelta(hours=self.rng.choice([0, 0, 0, 1, 200]))
        if self.family.send(number, option.event, happened, **given).replan:
            self.family.replan()

    def check(self) -> None:
        """Hold every instance against its history, and its timers against what they derive from."""
        family = self.family
        for number, one in family.snapshots.items():
            assert replayed(family, number) == stands(one)
            assert [row.seq for row in family.history[number]] == list(range(1, one.revision + 1))
            machine = family.compiled.machine(one.identity.kind)
            assert all(state in machine.regions[region].states for region, state in one.position.items())
            self._check_timers(number)

    def _check_timers(self, number: int) -> None:
        family, one = self.family, self.family.snapshot(number)
        view = View(family.compiled, one.identity, "", one.position, one.data, one.dates, one.facts, family.event("x"))
        wanted = {timer.key: timer.due_at for timer in derive(view, one.entered)}
        armed = {timer.key: timer for timer in one.timers if timer.status is TimerStatus.ARMED and timer.rule != POKE}
        assert all(wanted.get(key) == timer.due_at for key, timer in armed.items())
        known = {timer.key for timer in one.timers}
        assert wanted.keys() <= known


@pytest.mark.soak
def test_history_alone_gives_back_every_instance(soak: bool) -> None:
    """Random lives of a programme, corrections and late registrations included: replay agrees after every step."""
    answered = refused = 0
    for seed in range(400 if soak else 6):
        walk = Walk(with_kommune()[0], random.Random(seed))
        for _ in range(60):
            walk.step()
            walk.check()
        answered, refused = answered + walk.answered, refused + walk.refused
    assert answered > 150 and refused > 20


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_the_same_input_gives_the_same_decisions(seed: int) -> None:
    """Two runs of one random life agree in every decision; nothing depends on the process or on what came before."""
    lives = []
    for _ in range(2):
        walk = Walk(with_kommune()[0], random.Random(seed))
        for _ in range(25):
            walk.step()
        lives.append(walk.family.decisions)
    assert lives[0] == lives[1]


def test_deciding_changes_nothing_that_was_given() -> None:
    """The snapshot is the same before and after, and a second answer is the first again."""
    family, kommune = with_kommune()
    snapshot, event = family.snapshot(kommune), family.event("faelles_workshop")
    before = pickle.dumps(snapshot)
    first = decide(family.compiled, snapshot, event, family.now)
    assert decide(family.compiled, snapshot, event, family.now) == first
    assert pickle.dumps(snapshot) == before


def test_a_workflow_read_back_from_its_canonical_form_decides_the_same() -> None:
    """What is pinned in a database decides as what was read from files, whatever the order of its keys."""
    again = Compiled(Workflow.model_validate_json(shipped().workflow.canonical), WorkingCalendar())
    assert again.workflow.hash == shipped().workflow.hash
    lives = []
    for compiled in (shipped(), again):
        family = Family(compiled)
        family.found()
        lives.append(Walk(with_kommune(family)[0], random.Random(3)))
    family, other = lives[0].family, lives[1].family
    for number, name in ((5, "faelles_workshop"), (1, "forloeb.luk_tilmelding")):
        one, two = family.send(number, name), other.send(number, name)
        assert stands(one) == stands(two) and {t.key for t in one.arm} == {t.key for t in two.arm}


def test_a_compiled_workflow_is_equal_in_every_process() -> None:
    """The hash is of the data: two assemblies of the same documents have the same."""
    assert shipped_workflow().hash == shipped().workflow.hash


def test_replay_of_nothing_stands_nowhere() -> None:
    """No rows, no position, no days."""
    nowhere = replay([])
    assert (nowhere.position, nowhere.entered, nowhere.data, nowhere.dates) == ({}, {}, {}, Dates())


def test_replay_reads_a_move_whose_birth_it_has_not_seen() -> None:
    """A history that begins in the middle gives what it can, and reads odd values as nothing."""
    family, kommune = with_kommune()
    rows = [replace(family.history[kommune][1], changes={"data": "x"})]
    assert replay(rows).position == {"forloeb": "deltager"}


def test_every_decision_is_a_value() -> None:
    """Frozen, equal by content, and its rows say why they were written."""
    family = founded()
    family.tick(at("2019-06-01"))
    kinds = {step.kind for _, decision in family.decisions for step in decision.steps}
    assert kinds >= {StepKind.BIRTH, StepKind.PLAN, StepKind.JOIN, StepKind.EVENT}
    decision = family.decisions[0][1]
    assert isinstance(decision, Decision) and replace(decision) == decision
    with pytest.raises(AttributeError):
        decision.replan = True  # type: ignore[misc]


def test_errors_of_the_engine_are_of_one_tree() -> None:
    """Whoever catches ``SamskabtError`` catches them all."""
    family = founded()
    with pytest.raises(SamskabtError):
        family.send(1, "forloeb.afslut")
    with pytest.raises(NotFound):
        family.send(1, "forloeb.findes_ikke")
