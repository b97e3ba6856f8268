"""Of several reminders about one thing in one letter only the most particular is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from samskabt.engine.values import Dates, Intent, Json, Nudge, OutboxRow
from samskabt.runtime.posting.planning.doubles import doubles

from .core_cases import shipped

NOW = datetime(2019, 10, 9, 7, 30, tzinfo=UTC)


def row(
    number: int,
    why: str,
    text: str = "t",
    *,
    about: int = 1,
    region: str | None = "status",
    intent: Intent = Intent.NUDGE,
    **values: Json,
) -> OutboxRow:
    """Give one reminder that waits."""
    nudge = Nudge(f"k{number}", intent, text, "leder", why, region, 1, values)
    return OutboxRow(
        number, 1, about, 9, "evaluation", "Baseline", "Program", None, None, nudge, False, (), "h", Dates(), NOW
    )


TOLD = [
    ([row(1, "svar_mangler"), row(2, "baseline_lukker_snart", "baseline_frist")], {1}),
    ([row(1, "baseline_lukker_snart", "baseline_frist"), row(2, "evaluering_afrapporteres")], {2}),
    ([row(1, "moedet_skal_indkaldes"), row(2, "dagen_kommer_foer_betingelsen")], {1}),
    ([row(1, "trin_staar_stille", nummer=1), row(2, "trin_staar_stille", nummer=2)], {1}),
    ([row(1, "moedet_er_snart"), row(2, "moedet_er_snart")], {2}),
]


@pytest.mark.parametrize(("rows", "left_out"), TOLD)
def test_the_most_particular_is_told(rows: list[OutboxRow], left_out: set[int]) -> None:
    """What cannot be made good, else what stands later in the document, else the higher rung, else the first."""
    assert doubles(rows, {"h": shipped()}) == left_out


APART = [
    [row(1, "moedet_er_snart"), row(2, "moedet_er_snart", about=2)],
    [row(1, "trin_staar_stille", region="trin_1"), row(2, "trin_staar_stille", region="trin_2")],
    [row(1, "tjekliste_trin_1", mangler="Det ene"), row(2, "tjekliste_trin_1", mangler="Det andet")],
    [row(1, "forloeb.vaelg", intent=Intent.NOTICE), row(2, "svar_mangler")],
    [row(1, "ring_i_stedet", region=None), row(2, "svar_mangler")],
    [row(1, "ring_i_stedet"), row(2, "svar_mangler")],
]


@pytest.mark.parametrize("rows", APART)
def test_what_is_about_something_else_is_told_as_well(rows: list[OutboxRow]) -> None:
    """Other things, other steps, other items of a checklist, and what asks for nothing."""
    assert doubles(rows, {"h": shipped()}) == frozenset()


def test_the_same_items_are_named_once() -> None:
    """Somebody with two roles owns them by both."""
    rows = [row(n, "tjekliste_trin_1", mangler=words) for n, words in ((1, "A"), (2, "B"), (3, "A"))]
    assert doubles(rows, {"h": shipped()}) == {3}
