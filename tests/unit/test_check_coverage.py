"""Guards the coverage gates themselves: a gate that cannot fail holds nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ..source import ROOT

Figures = tuple[int, int, int, int]


def report(tmp_path: Path, **figures: Figures) -> subprocess.CompletedProcess[str]:
    """Run the gates over a made-up report: room -> statements, covered, branches, covered."""
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    files = {
        f"{room}/x.py": {
            "summary": dict(zip(names, numbers, strict=True)),
            "missing_lines": [3, 4, 5, 9],
            "missing_branches": [[2, 3]],
        }
        for room, numbers in figures.items()
    }
    path = tmp_path / "coverage.json"
    path.write_text(json.dumps({"files": files}), encoding="utf-8")
    script = ROOT / "scripts" / "check_coverage.py"
    return subprocess.run([sys.executable, script, path], capture_output=True, text=True, check=False, timeout=60)


def test_the_gates_hold_at_their_figures(tmp_path: Path) -> None:
    """All of engine and exactly 95 % of the rest is enough."""
    result = report(tmp_path, engine=(10, 10, 10, 10), storage=(90, 85, 90, 85))
    assert (result.returncode, result.stdout.count("holds")) == (0, 2)


@pytest.mark.parametrize(
    ("engine", "storage"),
    [
        pytest.param((100, 100, 1000, 999), (0, 0, 0, 0), id="one branch of engine"),
        pytest.param((1000, 999, 10, 10), (0, 0, 0, 0), id="one line of engine"),
        pytest.param((10, 10, 10, 10), (1000, 1000, 90, 84), id="branches of the rest, though nearly all lines ran"),
    ],
)
def test_the_gates_miss_what_is_too_little(tmp_path: Path, engine: Figures, storage: Figures) -> None:
    """One line or branch too few fails, and the report says which."""
    result = report(tmp_path, engine=engine, storage=storage)
    assert result.returncode == 1
    assert "lines 3-5, 9 missed; branches 2->3 missed" in result.stdout


def test_nothing_measured_is_not_all_covered(tmp_path: Path) -> None:
    """A report without a single file of engine fails, since then the mapping of paths is broken."""
    assert report(tmp_path, storage=(1, 1, 0, 0)).returncode == 1
