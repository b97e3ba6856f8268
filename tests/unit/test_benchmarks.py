"""Guards that the benchmark runs, in its quick form, compares equals, and writes what it promises; asserts no times."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..source import ROOT

KEYS = {"name", "value", "unit", "reference", "compared_with", "ratio", "spread", "rounds"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """Run the benchmark once in small; give what it says on the way, and its JSON."""
    folder: Path = tmp_path_factory.mktemp("bench")
    output = folder / "out" / "bench.json"
    command = ["-m", "benchmarks", "--quick", "--json", "--folder", str(folder)]
    # Its figures are nothing that is traced, and what it walks others walk too.
    plain = {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}
    command += ["--output", str(output)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, env=plain)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["out"]
    assert json.loads(done.stdout) == json.loads(output.read_text(encoding="utf-8"))
    return done.stderr, json.loads(done.stdout)


def test_the_benchmark_writes_what_it_promises(run: tuple[str, dict[str, Any]]) -> None:
    """Every figure of the JSON has name, value, unit, reference, ratio, spread and rounds."""
    results = {one["name"]: one for one in run[1]["results"]}
    assert {"durable advances", "advances, synchronous=OFF", "one fsync"} < results.keys()
    assert {"due timers among 1,000 pending", "mails sent to a local sink"} < results.keys()
    assert {"durable advances with 100 instances", "durable advances after 200 steps"} < results.keys()
    assert all(one.keys() == KEYS for one in results.values())
    assert all(one["value"] > 0 for one in results.values() if not one["name"].endswith("more than without"))
    assert all(
        one["ratio"] == pytest.approx(one["value"] / one["reference"]) for one in results.values() if one["ratio"]
    )


def test_both_sides_leave_the_same_rows(run: tuple[str, dict[str, Any]]) -> None:
    """Engine and hand-written code leave equal databases: six steps with a timer and a mail each for five processes."""
    said = [line for line in run[0].splitlines() if line.startswith("both databases hold the same rows")]
    assert len(said) == 2
    assert all("history 42, instance 6" in line and "outbox 30" in line and "timer 35" in line for line in said)


def test_a_row_that_differs_is_found(tmp_path: Path) -> None:
    """Databases that differ in a single value do not pass as equal."""
    for number in (1, 2):
        side = sqlite3.connect(tmp_path / f"{number}.db")
        side.execute("CREATE TABLE history AS SELECT 1 AS seq, ? AS hash", (f"hash {number}",))
        side.commit()
        side.close()
    code = "import sqlite3, sys; from benchmarks.advances import *; compared(sqlite3, *map(Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, str(tmp_path / "1.db"), str(tmp_path / "2.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "the databases differ in history" in done.stderr
