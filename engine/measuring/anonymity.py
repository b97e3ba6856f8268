"""Which numbers of anonymous answers must not be shown; knows no measure and no words.

A group under five is never shown, and no sum from which it could be found by subtraction (decision 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

LEAST = 5
"""The smallest number of answers that is shown."""

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be shown of one measure in one window: cells (kommune, group), whole kommuner, the total."""

    cells: frozenset[tuple[str, str]] = frozenset()
    kommuner: frozenset[str] = frozenset()
    total: bool = False


def hide(sizes: Mapping[tuple[str, str], int]) -> Hidden:
    """Decide what to hide among the answers of groups in kommuner: (kommune, group) -> number of answers.

    The groups of a kommune add up to the kommune, the kommuner to the total. Of a hidden kommune no group is shown,
    since together they would tell it.
    """
    answered = {cell: size for cell, size in sizes.items() if size > 0}
    wholes: dict[str, int] = {}
    for (kommune, _), size in answered.items():
        wholes[kommune] = wholes.get(kommune, 0) + size
    kommuner, total = parts_hidden(wholes)
    cells = {cell for cell in answered if cell[0] in kommuner}
    for kommune in wholes:
        groups = {cell: size for cell, size in answered.items() if cell[0] == kommune}
        cells |= parts_hidden(groups)[0]
    return Hidden(frozenset(cells), frozenset(kommuner), total)


def parts_hidden(sizes: Mapping[Part, int]) -> tuple[frozenset[Part], bool]:
    """Decide which parts of a sum to hide, and whether the sum itself: part -> number of answers.

    Whoever knows the sum and the parts that are shown knows the hidden ones together. So at least two are hidden, the
    next smallest beside a single small one, and together they are at least ``LEAST``; else the sum is hidden too.
    """
    order = sorted(sizes, key=lambda part: (sizes[part], str(part)))
    hidden = [part for part in order if sizes[part] < LEAST]
    rest = order[len(hidden) :]
    while hidden and (len(hidden) < 2 or sum(sizes[part] for part in hidden) < LEAST):
        if not rest:
            return frozenset(hidden), True
        hidden.append(rest.pop(0))
    return frozenset(hidden), False
