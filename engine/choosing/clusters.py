"""How kommuner are put together in clusters (klynger), by one rule and with the reasons; knows no workflow, no store.

The answer depends on who they are and on the day alone, never on their order. No cluster is larger than asked for (but
of an odd number in pairs three go together), and those that one group is split into differ by one member at most.
Whoever would be alone is left out, with the reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from ..civil.danish import join_and, plural, sort_key
from ..civil.kommune import Kommune
from ..errors import InvalidInput

FEWEST = 2
OTHERS = "Øvrige"
ALONE = "Der er ingen andre at danne klynge med efter denne regel."
EAST_TO_WEST = ("Hovedstaden", "Østdanmark", "Sjælland", "Syddanmark", "Midtjylland", "Nordjylland")
"""The regions so that neighbours stand beside each other."""


class By(StrEnum):
    """What clusters are formed by: where they lie, what they work with, which area they belong to, or as alike."""

    GEOGRAFI = "geografi"
    TEMA = "tema"
    OMRAADE = "omraade"
    BLANDET = "blandet"


@dataclass(frozen=True, slots=True)
class Member:
    """A kommune that takes part, and the themes (or areas) that it has chosen."""

    kommune: Kommune
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that is proposed: its name, what it has in common, who is in it in order of their codes, and why."""

    title: str
    theme: str
    kommuner: tuple[Kommune, ...]
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A kommune that is in no cluster, and why."""

    kommune: Kommune
    why: str


@dataclass(frozen=True, slots=True)
class Clusters:
    """What is proposed, and who is in no cluster, in order of their codes."""

    by: By
    clusters: tuple[Cluster, ...]
    left_out: tuple[LeftOut, ...]


def cluster(
    members: Sequence[Member], by: By, size: int, on: date, exempt: Mapping[str, str] | None = None
) -> Clusters:
    """Put the members in clusters of at most ``size``; those who are exempt (code -> reason) are left out.

    Raises InvalidInput for clusters of fewer than two.
    """
    if not isinstance(size, int) or size < FEWEST:
        raise InvalidInput("size", f"a cluster has {FEWEST} members or more, not {size!r}")
    apart = dict(exempt or {})
    with_us = sorted((one for one in members if one.kommune.code not in apart), key=lambda one: one.kommune.code)
    left_out = [LeftOut(one.kommune, apart[one.kommune.code]) for one in members if one.kommune.code in apart]
    groups = list(_groups(with_us, by, size, on))
    left_out += [
        LeftOut(kommune, ALONE) for group in groups if len(group.kommuner) < FEWEST for kommune in group.kommuner
    ]
    formed = tuple(group for group in groups if len(group.kommuner) >= FEWEST)
    return Clusters(by, formed, tuple(sorted(left_out, key=lambda one: one.kommune.code)))


def _groups(members: Sequence[Member], by: By, size: int, on: date) -> Iterator[Cluster]:
    kommuner = [member.kommune for member in members]
    match by:
        case By.GEOGRAFI:
            yield from _by_region(kommuner, size, on)
        case By.TEMA | By.OMRAADE:
            yield from _by_theme(members, size, "tema" if by is By.TEMA else "område")
        case By.BLANDET:
            yield from _mixed(kommuner, size, on)
        case _:
            assert_never(by)


def _by_region(kommuner: Iterable[Kommune], size: int, on: date) -> Iterator[Cluster]:
    """Cut the kommuner from east to west into pieces: those of one region stay together as far as sizes allow."""
    ordered = sorted(kommuner, key=lambda kommune: (EAST_TO_WEST.index(kommune.region_on(on)), kommune.code))
    for number, piece in enumerate(_pieces(ordered, size), 1):
        regions = list(dict.fromkeys(kommune.region_on(on) for kommune in piece))
        near = "ligger i samme region" if len(regions) == 1 else "ligger i regioner ved siden af hinanden"
        why = f"{_names(piece)} {near}: {join_and(regions)}."
        yield _cluster(f"Klynge {number}: {join_and(regions)}", join_and(regions), piece, why)


def _by_theme(members: Sequence[Member], size: int, word: str) -> Iterator[Cluster]:
    """Put those together who have chosen the same; of several themes the one counts that most have chosen."""
    chosen = Counter(theme for member in members for theme in dict.fromkeys(member.themes))
    groups: dict[str, list[Kommune]] = defaultdict(list)
    for member in members:
        groups[min(member.themes, key=lambda theme: (-chosen[theme], theme), default=OTHERS)].append(member.kommune)
    alone = [kommune for theme in sorted(groups) if len(groups[theme]) < FEWEST for kommune in groups[theme]]
    groups = {theme: found for theme, found in groups.items() if len(found) >= FEWEST and theme != OTHERS} | {
        OTHERS: sorted({*alone, *groups.get(OTHERS, ())}, key=lambda kommune: kommune.code)
    }
    for theme, found in sorted(groups.items(), key=lambda item: (item[0] == OTHERS, sort_key(item[0]))):
        pieces = list(_pieces(found, size))
        for number, piece in enumerate(pieces, 1):
            title = theme if len(pieces) == 1 else f"{theme} ({number} af {len(pieces)})"
            same = f"{_names(piece)} har valgt samme {word}: {theme}."
            other = f"{_names(piece)} har hver sit {word} eller har ikke valgt."
            yield _cluster(title, theme, piece, other if theme == OTHERS else same)


def _mixed(kommuner: Sequence[Kommune], size: int, on: date) -> Iterator[Cluster]:
    """Deal the kommuner out, region by region and from large to small, so that every cluster gets some of each."""
    order = sorted(kommuner, key=lambda one: (EAST_TO_WEST.index(one.region_on(on)), -one.population, one.code))
    many = _how_many(len(order), size)
    for number in range(many):
        piece = sorted(order[number::many], key=lambda kommune: kommune.code)
        regions = len({kommune.region_on(on) for kommune in piece})
        why = f"Klyngerne skal ligne hinanden; i denne er {plural(regions, 'region', 'regioner')} med: {_names(piece)}."
        yield _cluster(f"Klynge {number + 1}", "Blandet", piece, why)


def _pieces(kommuner: Sequence[Kommune], size: int) -> Iterator[Sequence[Kommune]]:
    """Cut into as few pieces as the size allows, as equal as can be, the larger ones first."""
    many = _how_many(len(kommuner), size)
    start = 0
    for number in range(many):
        end = start + len(kommuner) // many + (number < len(kommuner) % many)
        yield kommuner[start:end]
        start = end


def _how_many(members: int, size: int) -> int:
    return min(-(-members // size), max(members // FEWEST, 1)) if members else 0


def _cluster(title: str, theme: str, piece: Sequence[Kommune], why: str) -> Cluster:
    return Cluster(title, theme, tuple(sorted(piece, key=lambda kommune: kommune.code)), why)


def _names(kommuner: Iterable[Kommune]) -> str:
    return join_and(sorted((kommune.name for kommune in kommuner), key=sort_key))
