"""Exact choice of a spread subset: items in a grid of rows and columns with a size; knows no kommuner and no words.

The best of all subsets of ``k`` items is the first by, in this order: the most even row counts, the most even column
counts, the widest range of sizes, and the lowest keys. Even means the smallest sum of squared counts, which also
fills as many rows as possible. Only counts matter until the last two criteria, so the search goes over counts and
asks of each partial choice whether it can still be completed; it never walks through subsets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

Counts = tuple[int, ...]
Score = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """Something to choose; ``key`` is unique and orders what is otherwise equal."""

    key: str
    row: str
    column: str
    size: int


def score(items: Sequence[Item]) -> Score:
    """Give unevenness of rows, unevenness of columns, and the range of sizes negated: lower is better."""
    sizes = [item.size for item in items]
    rows, columns = Counter(item.row for item in items), Counter(item.column for item in items)
    return _squares(rows.values()), _squares(columns.values()), min(sizes) - max(sizes)


def choose(items: Sequence[Item], k: int) -> tuple[Item, ...]:
    """Choose the best ``k`` of the items, 1 <= k <= len(items), in order of their keys.

    The answer does not depend on the order of the items. The time is polynomial in their number as long as few pairs
    share the widest range.
    """
    ordered = sorted(items, key=lambda item: item.key)
    grid = _Grid(tuple(sorted({item.row for item in items})), tuple(sorted({item.column for item in items})))
    targets = _best_counts(grid.table(ordered), k)
    ends = _widest_ends(grid, targets, ordered, k)
    chosen: list[Item] = []
    for position, item in enumerate(ordered):
        rest = ordered[position + 1 :]
        if any(grid.completes(targets, _with([*chosen, item], pair), rest) for pair in ends):
            chosen.append(item)
    return tuple(chosen)


@dataclass(frozen=True, slots=True)
class _Targets:
    """The counts per row and per column that the best subsets have; every pair of them is possible."""

    pairs: tuple[tuple[Counts, Counts], ...]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Rows and columns by position."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]

    def table(self, items: Iterable[Item]) -> tuple[Counts, ...]:
        """Count the items of each cell."""
        cells = Counter((item.row, item.column) for item in items)
        return tuple(tuple(cells[row, column] for column in self.columns) for row in self.rows)

    def completes(self, targets: _Targets, fixed: Sequence[Item], pool: Sequence[Item]) -> bool:
        """Tell whether ``fixed`` and some of the pool (which may repeat fixed items) make one of the best subsets."""
        keys = {item.key for item in fixed}
        used, left = self.table(fixed), self.table(item for item in pool if item.key not in keys)
        used_columns = tuple(map(sum, zip(*used, strict=True)))
        return any(
            _fits(_minus(rows, tuple(map(sum, used))), _minus(columns, used_columns), left)
            for rows, columns in targets.pairs
        )


def _best_counts(table: tuple[Counts, ...], k: int) -> _Targets:
    """Find all pairs of row and column counts with the most even rows and, given these, the most even columns."""
    rows = list(_most_even(tuple(map(sum, table)), k))
    found: list[tuple[Counts, Counts]] = []
    for columns in sorted(_splits(tuple(map(sum, zip(*table, strict=True))), k), key=_squares):
        if found and _squares(columns) > _squares(found[0][1]):
            break
        found += [(each, columns) for each in rows if _fits(each, columns, table)]
    return _Targets(tuple(found))


def _most_even(limits: Counts, k: int) -> Iterator[Counts]:
    """Give every most even way to take k in all from rows with these limits: level by level, like water."""
    level = 0
    while sum(min(limit, level + 1) for limit in limits) <= k:
        level += 1
        if level > max(limits):
            break
    filled = tuple(min(limit, level) for limit in limits)
    higher = [row for row, limit in enumerate(limits) if limit > level]
    for extra in combinations(higher, k - sum(filled)):
        yield tuple(count + (row in extra) for row, count in enumerate(filled))


def _splits(limits: Counts, k: int) -> Iterator[Counts]:
    """Give every way to take k in all from columns with these limits."""
    if len(limits) == 1:
        if k <= limits[0]:
            yield (k,)
        return
    for first in range(min(limits[0], k) + 1):
        for others in _splits(limits[1:], k - first):
            yield (first, *others)


def _fits(rows: Counts, columns: Counts, table: tuple[Counts, ...]) -> bool:
    """Tell whether cells can be filled within the table to these row and column sums (of equal total).

    By max-flow and min-cut it is enough that every set of columns finds room in the rows.
    """
    if min(rows) < 0 or min(columns) < 0:
        return False
    for size in range(1, len(columns) + 1):
        for some in combinations(range(len(columns)), size):
            room = sum(min(need, sum(cells[c] for c in some)) for need, cells in zip(rows, table, strict=True))
            if sum(columns[c] for c in some) > room:
                return False
    return True


def _widest_ends(grid: _Grid, targets: _Targets, ordered: Sequence[Item], k: int) -> list[tuple[Item, ...]]:
    """Find the pairs of smallest and largest item that the widest of the best subsets contain; () asks for nothing."""
    if k == 1:
        return [()]
    pairs = sorted(combinations(ordered, 2), key=_range, reverse=True)
    found: list[tuple[Item, ...]] = []
    for pair in pairs:
        if not _range(pair) or (found and _range(pair) < _range(found[0])):
            break
        if grid.completes(targets, pair, ordered):
            found.append(pair)
    return found or [()]


def _with(fixed: Sequence[Item], ends: Sequence[Item]) -> list[Item]:
    return [*fixed, *(item for item in ends if item not in fixed)]


def _range(items: Sequence[Item]) -> int:
    return max(item.size for item in items) - min(item.size for item in items)


def _minus(counts: Counts, used: Counts) -> Counts:
    return tuple(count - one for count, one in zip(counts, used, strict=True))


def _squares(counts: Iterable[int]) -> int:
    return sum(count * count for count in counts)
