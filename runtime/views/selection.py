"""Who is chosen among the enrolled kommuner, or put together, and why, as faces show it; chooses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...engine.choosing.clusters import Clusters
from ...engine.choosing.selection import Choice, Selection, selection_text
from ...engine.civil.danish import number
from ...storage import InstanceView


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A candidate: what it was judged by, its fate and why."""

    code: str
    name: str
    region: str
    size: str
    size_text: str
    population: int
    chosen: bool
    why: str


@dataclass(frozen=True, slots=True)
class SelectionView:
    """A proposal, or what was ``applied``."""

    id: int
    title: str
    applied: bool
    kommuner: tuple[ChoiceRow, ...]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster: its name, what it has in common, its members' codes and names, and why."""

    title: str
    theme: str
    kommuner: tuple[str, ...]
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A kommune that is in no cluster, and why."""

    code: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class ClustersView:
    """Clusters that are proposed, or were ``applied``."""

    id: int
    title: str
    rule: str
    applied: bool
    clusters: tuple[ClusterRow, ...]
    left_out: tuple[LeftOutRow, ...]


def clusters_view(programme: InstanceView, found: Clusters, *, applied: bool) -> ClustersView:
    """Say proposed clusters as faces show them."""
    rows = tuple(
        ClusterRow(
            one.title,
            one.theme,
            tuple(kommune.code for kommune in one.kommuner),
            tuple(kommune.name for kommune in one.kommuner),
            one.why,
        )
        for one in found.clusters
    )
    left_out = tuple(LeftOutRow(one.kommune.code, one.kommune.name, one.why) for one in found.left_out)
    return ClustersView(programme.id, programme.title, found.by.value, applied, rows, left_out)


def selection_view(programme: InstanceView, selection: Selection, *, applied: bool) -> SelectionView:
    """Say a selection in words, the chosen first."""
    return SelectionView(programme.id, programme.title, applied, tuple(_rows(selection)))


def _rows(selection: Selection) -> Iterator[ChoiceRow]:
    for choices, chosen in ((selection.chosen, True), (selection.not_chosen, False)):
        for choice in choices:
            yield _row(choice, chosen)


def _row(choice: Choice, chosen: bool) -> ChoiceRow:
    kommune = choice.kommune
    why = " ".join(selection_text(reason) for reason in choice.reasons)
    words = f"{choice.size} ({number(kommune.population)})"
    return ChoiceRow(kommune.code, kommune.name, choice.region, choice.size, words, kommune.population, chosen, why)
