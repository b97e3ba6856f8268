"""Groups under five are hidden, and with them everything from which they could be found."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from samskabt.engine.measuring.anonymity import LEAST, Hidden, hide, parts_hidden


def test_large_groups_hide_nothing() -> None:
    """Five answers are enough."""
    assert hide({("0101", "a"): 5, ("0101", "b"): 40, ("0253", ""): 7}) == Hidden()


def test_one_small_group_takes_the_second_smallest_along() -> None:
    """Else it were the sum less the others."""
    assert parts_hidden({"a": 3, "b": 20, "c": 8}) == (frozenset({"a", "c"}), False)


def test_small_groups_that_are_together_too_few_take_another_along() -> None:
    """One and two are three, which is a group under five as well."""
    assert parts_hidden({"a": 1, "b": 2, "c": 9, "d": 12}) == (frozenset({"a", "b", "c"}), False)


def test_two_small_groups_that_are_enough_together_hide_each_other() -> None:
    """Nobody can tell them apart, and the sum stays."""
    assert parts_hidden({"a": 3, "b": 4, "c": 9}) == (frozenset({"a", "b"}), False)


def test_a_small_group_alone_hides_the_sum() -> None:
    """There is nothing to hide it behind."""
    assert parts_hidden({"a": 3}) == (frozenset({"a"}), True)
    assert parts_hidden({"a": 1, "b": 2}) == (frozenset({"a", "b"}), True)


def test_of_a_hidden_kommune_no_group_is_shown() -> None:
    """A small kommune hides the next smallest, with all of its groups; who did not answer is no group."""
    hidden = hide({("A", ""): 3, ("B", "x"): 6, ("B", "y"): 7, ("C", "x"): 30, ("C", "y"): 0})
    assert hidden == Hidden(frozenset({("A", ""), ("B", "x"), ("B", "y")}), frozenset({"A", "B"}), False)


def test_a_small_programme_shows_nothing() -> None:
    """Three kommuner with one answer each have no total either."""
    assert hide({("A", ""): 1, ("B", ""): 1, ("C", ""): 1}).total


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 30), min_size=1))
def test_no_difference_of_shown_numbers_is_a_small_group(sizes: dict[str, int]) -> None:
    """Whatever is shown of a sum, what is left when it is taken away is nothing, or five answers of two groups."""
    hidden, is_sum_hidden = parts_hidden(sizes)
    shown = set(sizes) - hidden
    assert all(sizes[part] >= LEAST for part in shown)
    if is_sum_hidden:
        return
    for many in range(len(shown) + 1):
        for taken in combinations(sorted(shown), many):
            left = [part for part in sizes if part not in taken]
            reckoned = sum(sizes[part] for part in left)
            assert reckoned == 0 or reckoned >= LEAST
            assert not hidden or len([part for part in left if part in hidden]) >= 2
