"""The choice of kommuner against brute force, and the truth of its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.choosing.queueing import first_come
from samskabt.engine.choosing.selection import (
    TERCILES_2020,
    Choice,
    Criterion,
    ReasonCode,
    Selection,
    SizeLimits,
    select,
    selection_text,
)
from samskabt.engine.civil.kommune import Kommune, dated_regions
from samskabt.engine.errors import InvalidInput
from samskabt.workflows.kommuner import find_kommune, load_kommuner

KOMMUNER = load_kommuner()
BOTH = frozenset(Criterion)
IN_2019 = date(2019, 9, 3)
CRITERIA = st.sampled_from([BOTH, frozenset({Criterion.GEOGRAFI}), frozenset({Criterion.STOERRELSE})])


@st.composite
def fields(draw: st.DrawFn) -> list[Kommune]:
    """Draw one to nine kommuner in any order, real ones or ones with few sizes and regions, so that much is equal."""
    if draw(st.booleans()):
        return draw(st.lists(st.sampled_from(KOMMUNER), min_size=1, max_size=9, unique=True))
    regions = st.sampled_from(["Hovedstaden", "Sjælland", "Syddanmark", "Nordjylland"])
    populations = st.sampled_from([9_000, 10_000, 40_000, 60_000, 200_000])
    drawn = draw(st.lists(st.tuples(regions, populations), min_size=1, max_size=9))
    made = [
        Kommune(f"{number:04}", f"By {number}", f"By {number} Kommune", population, dated_regions(region))
        for number, (region, population) in enumerate(drawn)
    ]
    return draw(st.permutations(made))


def by_brute_force(field: Sequence[Kommune], capacity: int, by: frozenset[Criterion], on: date) -> tuple[str, ...]:
    """Judge every subset by the four criteria of the rule, and take the best."""

    def judged(some: Sequence[Kommune]) -> tuple[int, int, int, list[str]]:
        regions = Counter(kommune.region_on(on) for kommune in some)
        classes = Counter(TERCILES_2020.of(kommune.population) for kommune in some)
        populations = [kommune.population for kommune in some]
        return (
            sum(n * n for n in regions.values()) if Criterion.GEOGRAFI in by else 0,
            sum(n * n for n in classes.values()) if Criterion.STOERRELSE in by else 0,
            min(populations) - max(populations) if Criterion.STOERRELSE in by else 0,
            sorted(kommune.code for kommune in some),
        )

    return tuple(judged(min(combinations(field, min(capacity, len(field))), key=judged))[3])


def named(names: str, capacity: int, by: frozenset[Criterion] = BOTH, on: date = IN_2019) -> Selection:
    """Select among named kommuner."""
    return select([find_kommune(name, KOMMUNER) for name in names.split()], capacity, by, on)


def sentences(choice: Choice) -> list[str]:
    """Say the reasons of a choice."""
    return [selection_text(reason) for reason in choice.reasons]


@settings(deadline=None)
@given(fields(), st.integers(1, 9), CRITERIA, st.sampled_from([IN_2019, date(2027, 1, 1)]))
def test_the_choice_is_the_best_of_all_subsets(
    field: list[Kommune], capacity: int, by: frozenset[Criterion], on: date
) -> None:
    """Brute force over every subset finds nothing better, in any order of input."""
    assert select(field, capacity, by, on).codes == by_brute_force(field, capacity, by, on)


@settings(deadline=None)
@given(fields(), st.integers(1, 9), CRITERIA)
def test_everybody_is_chosen_or_not_and_told_why(field: list[Kommune], capacity: int, by: frozenset[Criterion]) -> None:
    """Both parts together are the field; each has a reason whose sentence names no empty value."""
    selection = select(field, capacity, by, IN_2019)
    everybody = [*selection.chosen, *selection.not_chosen]
    assert sorted(choice.kommune.code for choice in everybody) == sorted(kommune.code for kommune in field)
    assert len(selection.chosen) == min(capacity, len(field))
    said = [sentence for choice in everybody for sentence in sentences(choice)]
    assert all(choice.reasons for choice in everybody)
    assert not [sentence for sentence in said if not sentence.endswith(".") or "  " in sentence or " ." in sentence]


@settings(deadline=None)
@given(fields(), st.integers(1, 5))
def test_the_exchange_that_a_reason_names_costs_what_it_says(field: list[Kommune], capacity: int) -> None:
    """Making the named exchange changes the distance in population exactly as the sentence has it."""
    selection = select(field, capacity, BOTH, IN_2019)
    chosen = {choice.kommune.name: choice.kommune.population for choice in selection.chosen}
    for choice in selection.not_chosen:
        values = choice.reasons[-1].values
        after = {name: n for name, n in chosen.items() if name != values["other"]}
        after[choice.kommune.name] = choice.kommune.population
        if choice.reasons[-1].code is ReasonCode.MINDRE_SPAENDVIDDE:
            assert values["distance"] == max(after.values()) - min(after.values())
            assert values["distance_now"] == max(chosen.values()) - min(chosen.values())
        if choice.reasons[-1].code is ReasonCode.LAVERE_KODE_GIK_FORUD:
            assert str(values["other_code"]) < str(values["code"])


def test_four_of_all_98_are_spread_over_regions_and_sizes_at_once() -> None:
    """Four regions, all three sizes, the largest and the smallest kommune of the country; well under a second."""
    started = process_time()
    selection = select(KOMMUNER[::-1], 4, BOTH, IN_2019)
    assert process_time() - started < 1
    assert [choice.kommune.name for choice in selection.chosen] == ["København", "Greve", "Middelfart", "Læsø"]
    assert len({choice.region for choice in selection.chosen}) == 4
    assert {choice.size for choice in selection.chosen} == {"lille", "mellemstor", "stor"}


def test_half_of_all_98_are_chosen_as_exactly() -> None:
    """49 places: every region gets ten, or all it has, or nine; far beyond brute force."""
    selection = select(KOMMUNER, 49, BOTH, IN_2019)
    regions = Counter(choice.region for choice in selection.chosen)
    assert sorted(regions.values()) == [9, 10, 10, 10, 10]
    assert sorted(Counter(choice.size for choice in selection.chosen).values()) == [16, 16, 17]


def test_fewer_than_there_are_places_are_all_chosen() -> None:
    """All get in, and the reason says that nobody had to be chosen; an empty field gives an empty choice."""
    selection = named("Lejre Aarhus Vejle", 4)
    assert selection.codes == ("0350", "0630", "0751")
    assert selection.not_chosen == ()
    assert sentences(selection.chosen[0]) == ["Lejre er med, fordi der er plads til alle (tilmeldte: 3, pladser: 4)."]
    assert select([], 4, BOTH, IN_2019) == Selection((), ())


def test_reasons_are_said_in_danish() -> None:
    """A field of five for three places, a chosen one and another sentence by sentence."""
    selection = named("Læsø Aalborg Horsens Skive Odder", 3)
    assert [choice.kommune.name for choice in selection.chosen] == ["Skive", "Læsø", "Aalborg"]
    assert sentences(selection.chosen[1]) == [
        "Læsø er valgt fra Region Nordjylland ligesom Aalborg, fordi pladserne er fordelt så jævnt på regionerne, "
        "som de tilmeldte tillader.",
        "Læsø er den eneste valgte blandt de små kommuner (1.786 indbyggere).",
        "Læsø har færrest indbyggere af alle tilmeldte (1.786).",
    ]
    assert sentences(selection.not_chosen[0]) == [
        "Region Midtjylland er allerede repræsenteret af Skive.",
        "Med Horsens i stedet for Aalborg ville forskellen i indbyggertal mellem den mindste og den største valgte "
        "være 89.180 i stedet for 215.289.",
    ]


def test_every_kind_of_reason_is_given_somewhere() -> None:
    """No code exists only on paper."""
    cases = [
        named("Lejre", 4),
        named("Læsø Aalborg Horsens Skive Odder", 3),
        named("København Frederiksberg Ballerup Greve Aarhus Vejle", 2),
        select(KOMMUNER, 12, BOTH, IN_2019),
        first_come(KOMMUNER[:3], 2, IN_2019, ruled=True),
        first_come(KOMMUNER[:3], 2, IN_2019, ruled=False),
    ]
    given_codes = {
        reason.code for case in cases for choice in (*case.chosen, *case.not_chosen) for reason in choice.reasons
    }
    assert given_codes == set(ReasonCode)


def test_geography_means_the_regions_of_the_day() -> None:
    """With Østdanmark, København and Roskilde no longer stand for two regions, and Odense takes a place."""
    assert named("København Roskilde Odense", 2, on=date(2026, 12, 31)).codes == ("0101", "0265")
    assert named("København Roskilde Odense", 2, on=date(2027, 1, 1)).codes == ("0101", "0461")


def test_only_the_named_criteria_count() -> None:
    """By size alone regions are not mentioned; by geography alone populations are not."""
    by_size = named("København Frederiksberg Læsø Skive", 2, frozenset({Criterion.STOERRELSE}))
    by_place = named("København Frederiksberg Læsø Skive", 3, frozenset({Criterion.GEOGRAFI}))
    assert by_size.codes == ("0101", "0825")
    assert not any("Region" in text for choice in by_size.chosen + by_size.not_chosen for text in sentences(choice))
    assert by_place.codes == ("0101", "0779", "0825")
    assert not any("indbygg" in text for choice in by_place.chosen for text in sentences(choice))


def test_the_size_limits_are_the_terciles_of_2020() -> None:
    """33 small, 32 medium and 33 large kommuner, cut at populations that exist."""
    classes = Counter(TERCILES_2020.of(kommune.population) for kommune in KOMMUNER)
    assert classes == {"lille": 33, "mellemstor": 32, "stor": 33}
    assert {TERCILES_2020.small_below, TERCILES_2020.large_from} <= {kommune.population for kommune in KOMMUNER}


def test_other_size_limits_can_be_given() -> None:
    """Where large begins at 200,000 inhabitants, only four kommuner are large."""
    sizes = SizeLimits(small_below=20_000, large_from=200_000)
    selection = select(KOMMUNER, 98, BOTH, IN_2019, sizes)
    assert sum(choice.size == "stor" for choice in selection.chosen) == 4
    with pytest.raises(InvalidInput, match="small must end first"):
        SizeLimits(small_below=5, large_from=4)


def test_questions_without_sense_are_refused() -> None:
    """No places, no criterion, and a kommune that is enrolled twice."""
    with pytest.raises(InvalidInput, match="at least 1"):
        named("Lejre", 0)
    with pytest.raises(InvalidInput, match="stoerrelse, geografi"):
        named("Lejre", 1, frozenset())
    with pytest.raises(InvalidInput, match="twice"):
        named("Lejre Aarhus Lejre", 1)
