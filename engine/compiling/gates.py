"""Which requirements stand before a move: its own, and the gates of the programme; judges none of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..definition import Move, Need, Workflow
from ..definition.assembling.gating import gates_of, gates_of_clusters
from ..definition.checks.graph import reachable
from ..definition.needs import KommunerNeed
from ..values.names import CLUSTER, KOMMUNE, LIFE, PHASE_REGION, base_key


class Gates:
    """The gates of one workflow, by what they stand before."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow

    def needs(self, key: str, move: Move, region: str = "") -> tuple[Need, ...]:
        """List a move's requirements, the programme's gates in front of a gated one included.

        Those before a fase of a kommune stand before the region of that fase too.
        """
        if move.activity is not None:
            return (*move.needs, *self.before(move.activity))
        if not move.gated:
            return move.needs
        if move.births == CLUSTER:
            return (*move.needs, *self._of_clusters)
        name = region if region.startswith(PHASE_REGION) else base_key(key)
        return tuple(dict.fromkeys((*move.needs, *self.before(name))))

    def before(self, name: str) -> tuple[Need, ...]:
        """List the requirements of the gates before an activity, or the fase that it belongs to, or ``fase_<name>``."""
        return self._gates.get(name, ())

    def waits_for_kommuner(self, key: str) -> bool:
        """Tell whether a gate before an activity asks how far the kommuner are."""
        return any(isinstance(need, KommunerNeed) for need in self.before(base_key(key)))

    @cached_property
    def all(self) -> tuple[Need, ...]:
        """List the requirements of all gates."""
        return tuple(need for gate in self._gates.values() for need in gate)

    @cached_property
    def taking_part(self) -> frozenset[str]:
        """Name the states of a kommune's ``forloeb`` in which it takes part: once chosen, until it leaves."""
        region = self._workflow.machines[KOMMUNE].regions[LIFE]
        ways: dict[str, set[str]] = {}
        for move in region.moves.values():
            for source in move.sources:
                ways.setdefault(source, set()).add(move.dest or source)
        chosen = [name for name, state in region.states.items() if state.births]
        found = {name for start in chosen or [region.initial] for name in reachable(start, ways)}
        return frozenset(name for name in found if not region.states[name].leaves)

    @cached_property
    def watched(self) -> frozenset[str]:
        """Name the regions of kommuner on which gates before something of the programme hang."""
        found = {need.region for need in self.all if isinstance(need, KommunerNeed)}
        return frozenset(found | {LIFE}) if found else frozenset()

    @cached_property
    def _of_clusters(self) -> tuple[Need, ...]:
        return gates_of_clusters(self._workflow, self._gates)

    @cached_property
    def _gates(self) -> Mapping[str, tuple[Need, ...]]:
        return gates_of(self._workflow)
