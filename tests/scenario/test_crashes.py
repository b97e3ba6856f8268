"""kill -9: whatever the moment, what was acknowledged is there once, nothing is half-written and no mail is lost."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from samskabt.runtime.engine import connect
from samskabt.runtime.usecases.programmes import Workflows

from .autopsy import autopsy, digest
from .crashing import PHASES, Aim, demo_deaths, migration_death

SEED = 20190814
# No coverage below: a victim that is killed writes no figures, and its keeper walks the demo that test_demo walks.
Say = Callable[[str], None]


@pytest.fixture
def workflows(tmp_path: Path) -> Workflows:
    """Warm this process up, so that what it forks has everything imported and read."""
    with connect(f"sqlite:///{tmp_path / 'warm.db'}") as engine:
        return engine.workflows


@pytest.mark.soak
@pytest.mark.no_cover
@pytest.mark.timeout(1_200)
def test_five_hundred_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, workflows: Workflows, say: Say, soak: bool
) -> None:
    """500 victims of the demo die in every phase; the doctor finds nothing, and every step and mail is there once."""
    kills, migrations = (5_000, 200) if soak else (440, 60)
    phases, statements, counts, wrong = Counter[str](), Counter[str](), Counter[str](), list[str]()
    mails: dict[str, str] = {}
    random = Random(SEED)
    for number in range(migrations):
        death = migration_death(tmp_path / f"new{number}", Aim("", random.randrange(60)))
        assert death is not None, "the migration has fewer statements than it had"
        phases[death.phase] += 1
        wrong += autopsy(death, workflows, thorough=False).wrong
    for number, death in enumerate(demo_deaths(tmp_path, SEED, kills)):
        phases[death.phase] += 1
        statements[death.statement] += 1
        found = autopsy(death, workflows, thorough=number % 4 == 0)
        wrong += found.wrong
        counts += found.counts
        mails |= found.mails
        shutil.rmtree(death.folder)
    unlike = [name for name, content in mails.items() if content != digest(tmp_path / "demo" / "mail" / name)]
    say(
        f"{phases.total()} kills {dict(phases)}, at {len(statements)} statements, {dict(counts)},"
        f" {len(mails)} mails compared, {len(wrong) + len(unlike)} violations, seed {SEED}"
    )
    wrong = wrong[:20]  # enough to begin with
    assert wrong == []
    assert unlike == []
    assert phases.total() == kills + migrations
    assert all(phases[phase] > 0 for phase in PHASES)


@pytest.mark.parametrize(
    ("plant", "says"),
    [("early", "was acknowledged at"), ("lazy", "was delivered, and is lost"), ("half", "is not whole")],
)
def test_a_planted_bug_is_found(tmp_path: Path, workflows: Workflows, plant: str, says: str) -> None:
    """Told before the commit; a mail reported before it is on disk; a mail written under its final name."""
    wrong = [
        line
        for death in demo_deaths(tmp_path, SEED, 24, plant=plant, stops=60)
        for line in autopsy(death, workflows, thorough=False).wrong
    ]
    assert [line for line in wrong if says in line] != []
