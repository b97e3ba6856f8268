"""Puts the values of parameters where requirements ask for them by name; knows no programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..machine import Machine
from ..needs import Need
from ..programme import Programme


def asked_for(machines: Mapping[str, Machine], programme: Programme) -> set[str]:
    """Name the parameters that somebody asks for."""
    needs = [need for machine in machines.values() for need in _needs_of(machine)]
    needs += [need for gate in programme.gates.values() for need in gate.needs]
    return {name for need in needs if (name := _asks_for(need))}


def with_gate_values(programme: Programme, values: Mapping[str, float]) -> Programme:
    """Give a programme whose gates hold the values of their parameters."""
    gates = {
        name: gate.model_copy(update={"needs": _valued(gate.needs, values)}) for name, gate in programme.gates.items()
    }
    return programme.model_copy(update={"gates": gates})


def _needs_of(machine: Machine) -> Iterator[Need]:
    """List every requirement of a machine."""
    for region in machine.regions.values():
        for move in region.moves.values():
            yield from move.needs
    for join in machine.joins:
        yield from join.when


def _asks_for(need: Need) -> str | None:
    """Name the parameter whose value a requirement wants."""
    share = getattr(need, "share", None)
    return share if isinstance(share, str) else None


def _valued(needs: tuple[Need, ...], values: Mapping[str, float]) -> tuple[Need, ...]:
    """Put values in the place of the names of parameters; a name without a value stays, for the checks to find."""
    return tuple(
        need.model_copy(update={"share": values[name]}) if (name := _asks_for(need) or "") in values else need
        for need in needs
    )


def with_values(machine: Machine, values: Mapping[str, float]) -> Machine:
    """Give a machine whose requirements hold the values of their parameters."""
    if not any(_asks_for(need) for need in _needs_of(machine)):
        return machine
    regions = {
        name: region.model_copy(
            update={
                "moves": {
                    key: move.model_copy(update={"needs": _valued(move.needs, values)})
                    for key, move in region.moves.items()
                }
            }
        )
        for name, region in machine.regions.items()
    }
    joins = tuple(join.model_copy(update={"when": _valued(join.when, values)}) for join in machine.joins)
    fields = {name: getattr(machine, name) for name in Machine.model_fields}
    return Machine(**{**fields, "regions": regions, "joins": joins})
