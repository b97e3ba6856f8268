"""Hold the measured coverage against the project's two gates; reads coverage's JSON report and knows no test runner."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class Summary(TypedDict):
    """The figures of one file that the gates use."""

    num_statements: int
    covered_lines: int
    num_branches: int
    covered_branches: int


class FileReport(TypedDict):
    """One file of the report."""

    summary: Summary
    missing_lines: list[int]
    missing_branches: list[list[int]]


@dataclass(frozen=True, slots=True)
class Gate:
    """A room (a path prefix; empty is everything) and the least percentage of its lines and of its branches."""

    room: str
    least: float


GATES = (Gate("engine/", 100.0), Gate("", 95.0))


def percent(covered: int, total: int) -> float:
    """Give the share in percent; nothing to cover is all covered."""
    return 100.0 * covered / total if total else 100.0


def ranges(lines: list[int]) -> str:
    """Write ascending line numbers briefly: 3-5, 9."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][-1] + 1:
            found[-1][1:] = [line]
        else:
            found.append([line])
    return ", ".join("-".join(map(str, pair)) for pair in found)


def check(gate: Gate, files: dict[str, FileReport]) -> tuple[bool, list[str]]:
    """Answer whether the gate holds, and the lines to print."""
    chosen = {path: report for path, report in files.items() if path.startswith(gate.room)}
    sums = [report["summary"] for report in chosen.values()]
    lines = percent(sum(s["covered_lines"] for s in sums), sum(s["num_statements"] for s in sums))
    branches = percent(sum(s["covered_branches"] for s in sums), sum(s["num_branches"] for s in sums))
    holds = bool(chosen) and min(lines, branches) >= gate.least
    text = [
        f"coverage of {gate.room or 'all rooms'}: lines {lines:.2f} %, branches {branches:.2f} % "
        f"(at least {gate.least:g} %) in {len(chosen)} files: {'holds' if holds else 'MISSED'}"
    ]
    if not holds:
        text += [
            f"  {path}: lines {ranges(report['missing_lines']) or 'none'} missed; "
            f"branches {', '.join(f'{start}->{end}' for start, end in report['missing_branches']) or 'none'} missed"
            for path, report in sorted(chosen.items())
            if report["missing_lines"] or report["missing_branches"]
        ]
    return holds, text


def main(arguments: list[str]) -> int:
    """Check every gate; answer 0 when all hold, else 1."""
    files: dict[str, FileReport] = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["files"]
    held = True
    for gate in GATES:
        holds, text = check(gate, files)
        held = held and holds
        print("\n".join(text))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
