"""Clusters by one rule: no larger than asked, the same whatever the order, nobody lost, and a reason for each."""

from __future__ import annotations

from datetime import date
from itertools import chain, permutations

import pytest
from samskabt.engine.choosing.clusters import By, Cluster, Clusters, Member, cluster
from samskabt.engine.civil.kommune import OSTDANMARK_SINCE
from samskabt.engine.errors import InvalidInput
from samskabt.workflows.kommuner import find_kommune, load_kommuner

ON = date(2020, 3, 2)
NAMES = ("København", "Greve", "Køge", "Odense", "Vejle", "Aarhus", "Aalborg")
EVERYBODY = tuple(Member(kommune) for kommune in load_kommuner())


def members(*names: str, **themes: str) -> list[Member]:
    """Give kommuner by their names, with what some of them have chosen."""
    return [Member(find_kommune(name), tuple(filter(None, themes.get(name, "").split(", ")))) for name in names]


def names(one: Cluster) -> list[str]:
    """Give the names of a cluster's members."""
    return [kommune.name for kommune in one.kommuner]


def everyone_in(found: Clusters) -> list[str]:
    """List the codes of those in a cluster, and of those who are not."""
    inside = chain.from_iterable(one.kommuner for one in found.clusters)
    return sorted([*(kommune.code for kommune in inside), *(one.kommune.code for one in found.left_out)])


def test_neighbours_meet_neighbours() -> None:
    """From east to west, as few pieces as the size allows, and the reason names the regions."""
    found = cluster(members(*NAMES), By.GEOGRAFI, 4, ON)
    assert [names(one) for one in found.clusters] == [
        ["København", "Greve", "Køge", "Odense"],
        ["Vejle", "Aarhus", "Aalborg"],
    ]
    assert found.clusters[1].why == (
        "Vejle, Aalborg og Aarhus ligger i regioner ved siden af hinanden: Syddanmark, Midtjylland og Nordjylland."
    )


def test_a_region_alone_is_named_as_one() -> None:
    """Its kommuner lie in the same region; from 2027 København and Greve do too."""
    pair = members("København", "Greve")
    assert cluster(pair, By.GEOGRAFI, 2, OSTDANMARK_SINCE).clusters[0].title == "Klynge 1: Østdanmark"
    assert cluster(pair, By.GEOGRAFI, 2, ON).clusters[0].title == "Klynge 1: Hovedstaden og Sjælland"


def test_those_who_chose_the_same_meet() -> None:
    """Of several themes the one counts that most have chosen; who is alone meets the others who are."""
    chosen = {"København": "unge, sygedage", "Greve": "sygedage", "Odense": "sygedage", "Vejle": "ledige"}
    found = cluster(members(*NAMES[:5], **chosen), By.TEMA, 4, ON)
    assert [(one.title, names(one)) for one in found.clusters] == [
        ("sygedage", ["København", "Greve", "Odense"]),
        ("Øvrige", ["Køge", "Vejle"]),
    ]
    assert found.clusters[0].why == "Greve, København og Odense har valgt samme tema: sygedage."


def test_a_theme_that_many_chose_becomes_several_clusters() -> None:
    """They are numbered, and differ by one member at most; an odd one out makes three of two."""
    found = cluster(members(*NAMES[:5], **dict.fromkeys(NAMES, "unge")), By.OMRAADE, 2, ON)
    assert [(one.title, len(one.kommuner)) for one in found.clusters] == [
        ("unge (1 af 2)", 3),
        ("unge (2 af 2)", 2),
    ]


def test_mixed_clusters_are_alike() -> None:
    """Of all 98, each cluster of fourteen has kommuner of every region, and as many large ones as the others."""
    found = cluster(EVERYBODY, By.BLANDET, 14, ON)
    regions = [{kommune.region_on(ON) for kommune in one.kommuner} for one in found.clusters]
    assert len(found.clusters) == 7 and {len(each) for each in regions} == {5}
    means = [sum(kommune.population for kommune in one.kommuner) / 14 for one in found.clusters]
    assert max(means) < 2 * min(means)


def test_who_is_exempt_is_left_out_with_the_reason() -> None:
    """And whoever is then alone is told so; without anybody there is nothing."""
    found = cluster(members("København", "Aarhus"), By.GEOGRAFI, 4, ON, {"0101": "Projektet er færdigt", "0147": "x"})
    told = [(one.kommune.name, one.why) for one in found.left_out]
    alone = "Der er ingen andre at danne klynge med efter denne regel."
    assert (found.clusters, told) == ((), [("København", "Projektet er færdigt"), ("Aarhus", alone)])
    assert cluster([], By.TEMA, 4, ON) == Clusters(By.TEMA, (), ())


def test_a_cluster_of_one_is_none() -> None:
    """Whoever asks for it is told the least there is."""
    with pytest.raises(InvalidInput, match="2 members or more, not 1"):
        cluster(EVERYBODY, By.GEOGRAFI, 1, ON)


@pytest.mark.parametrize("by", list(By))
def test_the_order_does_not_matter_and_nobody_is_lost(by: By) -> None:
    """All 98 kommuner in every size, and six of them in every order."""
    for size in range(2, 20):
        found = cluster(EVERYBODY, by, size, ON)
        assert everyone_in(found) == [member.kommune.code for member in EVERYBODY]
        assert all(2 <= len(one.kommuner) <= max(size, 3) for one in found.clusters)
    some = members(*NAMES[:6], København="unge", Vejle="unge", Odense="sygedage, unge")
    answers = {str(cluster(order, by, 3, ON)) for order in permutations(some)}
    assert len(answers) == 1
