"""The exact search behind the selection, against brute force where everything is equal."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.choosing.spread import Item, choose, score

CELLS = st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.integers(1, 2))


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=8), st.data())
def test_no_subset_is_better_even_when_nearly_all_are_equal(
    cells: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    """Two rows, three columns and two sizes: ties everywhere, decided by the keys."""
    items = [Item(str(number), *cell) for number, cell in enumerate(cells)]
    k = data.draw(st.integers(1, len(items)))
    best = min(combinations(items, k), key=lambda some: (score(some), [item.key for item in some]))
    assert choose(data.draw(st.permutations(items)), k) == best


def test_all_items_can_be_chosen() -> None:
    """With as many places as items there is nothing to choose."""
    items = (Item("1", "A", "x", 5), Item("2", "A", "x", 9))
    assert choose(items, 2) == items


def test_places_are_spread_over_rows_before_anything_else() -> None:
    """A wide range of sizes in one row does not outweigh a second row; fewer is better."""
    wide = (Item("1", "A", "x", 1), Item("2", "A", "y", 900))
    assert choose([*wide, Item("3", "B", "x", 2)], 2) == (wide[1], Item("3", "B", "x", 2))
    assert score(wide) == (4, 2, -899)
