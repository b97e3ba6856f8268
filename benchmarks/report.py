"""The figures of a run: how they are summed up, shown on the screen and written as JSON; measures nothing."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: medians of the rounds, and how far the ratios of the rounds lie apart.

    ``ratio`` is the median of value / reference, round by round, so that what else the machine does meets both alike;
    ``spread`` is its least and greatest (of the value itself where there is no reference).
    """

    name: str
    value: float
    unit: str
    reference: float | None
    compared_with: str
    ratio: float | None
    spread: tuple[float, float]
    rounds: int


def figure(
    name: str, unit: str, values: Sequence[float], references: Sequence[float] = (), compared_with: str = ""
) -> Figure:
    """Sum up the rounds of one thing; ``references`` holds its partner for each value, or is empty."""
    ratios = [value / reference for value, reference in zip(values, references, strict=bool(references))]
    spread = ratios or values
    return Figure(
        name=name,
        value=median(values),
        unit=unit,
        reference=median(references) if references else None,
        compared_with=compared_with,
        ratio=median(ratios) if ratios else None,
        spread=(min(spread), max(spread)),
        rounds=len(values),
    )


class Took(Protocol):
    """What one side of a round took, in seconds: of the clock, and of computing."""

    clock: float
    computing: float


def rates(name: str, times: int, mine: Sequence[Took], others: Sequence[Took], compared_with: str) -> list[Figure]:
    """Sum up how often a second something was done, by the clock and by computing alone; each round did it so often."""
    clock, clocks = ([times / one.clock for one in side] for side in (mine, others))
    computing, computings = ([times / one.computing for one in side] for side in (mine, others))
    alone = figure(f"{name}, computing alone", "per CPU s", computing, computings, compared_with)
    return [figure(name, "per s", clock, clocks, compared_with), alone]


def table(figures: Sequence[Figure]) -> str:
    """Write the figures as a table for the screen."""
    rows = [("what", "value", "", "reference", "ratio", "spread", "compared with")]
    for one in figures:
        low, high = (_short(bound) for bound in one.spread)
        reference, ratio = (_short(number) if number is not None else "" for number in (one.reference, one.ratio))
        rows.append((one.name, _short(one.value), one.unit, reference, ratio, f"{low} - {high}", one.compared_with))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    right = (1, 3, 4)
    lines = [
        "  ".join(
            text.rjust(width) if place in right else text.ljust(width) for place, (text, width) in enumerate(cells)
        )
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(line.rstrip() for line in lines)


def as_json(figures: Sequence[Figure], settings: dict[str, object]) -> str:
    """Write the figures as JSON, with what they were measured on."""
    machine = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    content = {"machine": machine, "settings": settings, "results": [asdict(one) for one in figures]}
    return json.dumps(content, indent=2) + "\n"


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}" if abs(number) < 10 else f"{number:.1f}"
