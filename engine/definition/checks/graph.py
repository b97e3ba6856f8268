"""Questions to small directed graphs: rings, and what can be reached; knows no workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


def find_cycles(edges: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Find rings: each name leads to the next, the last to the first; a ring begins with its smallest name.

    Of rings that share a name one is given: mend it and look again.
    """
    left = {name: sorted(edges[name]) for name in sorted(edges)}
    rings: list[tuple[str, ...]] = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            # graphlib lists each node before the one that leads to it, and the first once more at the end.
            ring: list[str] = error.args[1][:0:-1]
            at = ring.index(min(ring))
            rings.append(tuple(ring[at:] + ring[:at]))
            left = {name: ends for name, ends in left.items() if name not in ring}
        else:
            return tuple(rings)


def reachable(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Give every node that can be reached, the start included."""
    seen = {start}
    waiting = [start]
    while waiting:
        for end in edges.get(waiting.pop(), ()):
            if end not in seen:
                seen.add(end)
                waiting.append(end)
    return frozenset(seen)
