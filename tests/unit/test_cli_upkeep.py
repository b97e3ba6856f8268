"""How demo and doctor are wired: what they are asked, what of their answers is shown, and the exit codes."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from ..command_line import PROGRAMME, CommandLine


@dataclass(frozen=True)
class Finding:
    """What the doctor finds."""

    code: str
    instance_id: int | None
    text: str


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor answers."""

    findings: tuple[Finding, ...]
    counts: dict[str, int]


class Report:
    """What the demo answers."""

    def lines(self) -> Iterator[str]:
        """Tell the story."""
        yield "Fire kommuner gennemførte."


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, function: str, answer: object) -> None:
    """Let a module of the runtime answer something else for one test."""
    module = ModuleType(f"samskabt.runtime.{name}")
    setattr(module, function, answer)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.parametrize(("findings", "code"), [((), 0), ((Finding("hul", 7, "Der mangler en række."),), 1)])
def test_the_doctor_ends_with_1_when_something_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, findings: tuple[Finding, ...], code: int
) -> None:
    """Findings are listed with instance and code; the counts are always told."""
    stand_in(monkeypatch, "doctor", "examine", lambda engine: Diagnosis(findings, {"instances": engine.show(1).id}))
    cli = CommandLine(tmp_path / "x.db")
    cli("start", PROGRAMME)
    answer = cli("doctor")
    assert answer.code == code and "instances  1" in answer.out
    assert all(one.text in answer.out and one.code in answer.out for one in findings)
    assert [one["code"] for one in cli("doctor", "--json").json["findings"]] == [one.code for one in findings]


def test_the_demo_gets_its_folder_and_seed_and_tells_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress goes to stderr and only to a terminal; stdout holds the report."""
    asked: list[tuple[Path, int]] = []

    def run(folder: Path, seed: int, progress: Callable[[int, int, str], None]) -> Report:
        asked.append((folder, seed))
        progress(1, 2, "uge 38 [rød]")
        return Report()

    stand_in(monkeypatch, "demo", "run", run)
    answer = CommandLine(tmp_path / "x.db")("demo", "--dir", str(tmp_path / "d"), "--seed", "7")
    assert answer.code == 0 and asked == [(tmp_path / "d", 7)]
    assert answer.out == "Fire kommuner gennemførte.\n" and answer.err == ""
