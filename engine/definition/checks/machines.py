"""Checks the machines of a workflow as graphs: names, reachable states, dead ends, moves that nobody can tell apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from ...pausing.pauses import PAUSE
from ...values.kept import SYSTEM_FIELDS
from ...values.names import CLUSTER, KOMMUNE, PROGRAMME
from ..machine import ACTIVITY, ANY, FieldDef, Join, Machine, Move, Region
from .graph import find_cycles, reachable
from .names import Finding, Path, unknown, unknowns
from .needs import Bearer, check_needs, fields_of, with_fields
from .scope import Scope


def check_machines(scope: Scope) -> Iterator[Finding]:
    """Find the mistakes of every machine."""
    for name, machine in scope.workflow.machines.items():
        path: Path = ("machines", name)
        if machine.parent is not None:
            yield from unknown((*path, "parent"), "slagsen", machine.parent, scope.workflow.machines)
        if machine.closes is not None:
            yield from unknown((*path, "closes"), "hændelsen", machine.closes, machine.events)
            yield from _closes(path, machine, machine.closes, "closes")
        if machine.settles is not None:
            yield from unknown((*path, "settles"), "hændelsen", machine.settles, machine.events)
            yield from _closes(path, machine, machine.settles, "settles")
        yield from _builtin(path, machine)
        yield from _fields(scope, path, machine)
        for region in machine.regions:
            yield from _region(scope, path, name, region)
        yield from _joins(scope, path, name)
        yield from _together(path, machine)
        if not any(state.final for region in machine.regions.values() for state in region.states.values()):
            yield Finding((*path, "regions"), "no-final-state", "intet slutter her; giv mindst én tilstand final: true")
    parents = {name: frozenset({m.parent} - {None}) for name, m in scope.workflow.machines.items()}
    for ring in find_cycles({name: frozenset(map(str, above)) for name, above in parents.items()}):
        message = f"{' hører under '.join((*ring, ring[0]))}; en af dem skal stå øverst"
        yield Finding(("machines", ring[0], "parent"), "ring", message)


def _closes(path: Path, machine: Machine, event: str, key: str) -> Iterator[Finding]:
    """Check that an instance can be closed by itself: nobody is there to answer what its closing event asks."""
    pairs = machine.events.get(event, ())
    asked = [name for region, move in pairs for name in machine.regions[region].moves[move].wants if name != "reason"]
    if asked:
        message = f"{event} vil have {', '.join(asked)}, men ingen svarer, når programmet lukker; skriv dem under takes"
        yield Finding((*path, key), "cannot-hold", message)


def _builtin(path: Path, machine: Machine) -> Iterator[Finding]:
    """Check that no move takes the name by which everything is paused."""
    for name, region in machine.regions.items():
        if PAUSE in region.moves:
            message = f"{PAUSE} kan alt i forvejen; giv flytningen et andet navn"
            yield Finding((*path, "regions", name, "moves", PAUSE), "reserved-name", message)


def _fields(scope: Scope, path: Path, machine: Machine) -> Iterator[Finding]:
    """Check owners, and that no two fields of an instance share a name: they share one namespace."""
    places: list[tuple[Path, Mapping[str, FieldDef]]] = [((*path, "fields"), machine.fields)]
    places += [((*path, "regions", n, "checklist"), region.checklist) for n, region in machine.regions.items()]
    seen: dict[str, Path] = {}
    for where, fields in places:
        for name, field in fields.items():
            if name in SYSTEM_FIELDS:
                message = f"{name} skriver kun systemet; giv feltet et andet navn"
                yield Finding((*where, name), "reserved-name", message)
            if name in seen:
                other = ".".join(map(str, seen[name][2:]))
                message = f"feltet {name} findes også i {other}; giv det ene et andet navn"
                yield Finding((*where, name), "duplicate-name", message)
            seen.setdefault(name, where)
            if field.owner is not None:
                yield from unknown((*where, name, "owner"), "rollen", field.owner, scope.addressees)
            if field.choice is not None:
                lists = {*scope.workflow.programme.choices, "waves", "offers"}
                yield from unknown((*where, name, "choice"), "valget", field.choice, lists)
            if field.not_before is not None:
                days = {other for other, one in machine.all_fields.items() if one.type == "date" and other != name}
                yield from unknown((*where, name, "not_before"), "datofeltet", field.not_before, days)


def _region(scope: Scope, path: Path, machine: str, name: str) -> Iterator[Finding]:
    found = scope.workflow.machines[machine]
    region = found.regions[name]
    here = (*path, "regions", name)
    yield from unknown((*here, "initial"), "tilstanden", region.initial, region.states)
    for state_name, state in region.states.items():
        if state.births is not None and machine not in (PROGRAMME, KOMMUNE, CLUSTER):
            message = f"kun {PROGRAMME} og {KOMMUNE} har aktiviteter, som kan begynde; slet births"
            yield Finding((*here, "states", state_name, "births"), "cannot-hold", message)
    for move_name, move in region.moves.items():
        where = (*here, "moves", move_name)
        if move.dates == "planned" and "dato" not in move.wants:
            message = "en flytning med dates: planned skal have den nye dag med; skriv wants: dato"
            yield Finding((*where, "dates"), "missing-key", message)
        yield from _move_states(where, region, move)
        yield from _move_names(scope, where, Bearer(machine, name), move)
    yield from _ways(here, region, [join for join in found.joins if join.region == name])


def _move_states(where: Path, region: Region, move: Move) -> Iterator[Finding]:
    named = [source for source in move.sources if source != ANY]
    for index, source in enumerate(move.sources):
        if source == ANY:
            continue
        yield from unknown((*where, "sources", index), "tilstanden", source, region.states)
        # What stays and bears nothing may be noted afterwards: documents come late.
        if source in region.states and region.states[source].final and (move.dest or move.births or move.dates):
            message = f"{source} er en sluttilstand, så intet kan ske derfra; slet final, eller begynd et andet sted"
            yield Finding((*where, "sources", index), "leaves-final", message)
    if move.dest is not None:
        yield from unknown((*where, "dest"), "tilstanden", move.dest, region.states)
    twice = [source for source, count in Counter(named).items() if count > 1]
    if twice or (ANY in move.sources and len(move.sources) > 1):
        message = f"{twice[0] if twice else ANY} står her to gange; hændelsen skal have én vej fra hver tilstand"
        yield Finding((*where, "sources"), "ambiguous", message)


def _move_names(scope: Scope, where: Path, bearer: Bearer, move: Move) -> Iterator[Finding]:
    machine = scope.workflow.machines[bearer.machine]
    fields = fields_of(machine)
    yield from unknowns((*where, "wants"), "feltet", move.wants, fields)
    yield from unknowns((*where, "takes"), "feltet", move.takes, fields)
    for name in sorted(set(move.wants) & set(move.takes)):
        message = f"feltet {name} står både i wants og takes; behold det ét sted"
        yield Finding((*where, "takes", move.takes.index(name)), "duplicate-name", message)
    yield from unknowns((*where, "by"), "rollen", move.by, scope.addressees)
    if move.births is not None:
        yield from unknown((*where, "births"), "slagsen", move.births, bearable(scope, bearer.machine))
    yield from check_needs(scope, (*where, "needs"), move.needs, with_fields(bearer, (*move.wants, *move.takes)))
    for index, notice in enumerate(move.notices):
        here = (*where, "notices", index)
        yield from unknowns((*here, "to"), "rollen", notice.to, scope.addressees)
        if scope.texts is not None:
            yield from unknown((*here, "text"), "teksten", notice.text, scope.texts)


def bearable(scope: Scope, machine: str) -> frozenset[str]:
    """Name what a move of a machine may bear: what stands under it, or an activity that the event names."""
    return scope.children(machine) | ({ACTIVITY} if machine in (PROGRAMME, KOMMUNE, CLUSTER) else frozenset())


def _ways(here: Path, region: Region, joins: list[Join]) -> Iterator[Finding]:
    """Check that every state can be reached, and that only final states have no way out."""
    ways: dict[str, set[str]] = defaultdict(set)
    for move in region.moves.values():
        open_states = [name for name, state in region.states.items() if not state.final]
        for source in open_states if ANY in move.sources else move.sources:
            ways[source] |= {move.dest or source} - {source}
    for join in joins:
        for source in join.sources:
            ways[source] |= {join.dest} - {source}
    if region.initial not in region.states:
        return
    reached = reachable(region.initial, ways)
    for name, state in region.states.items():
        if name not in reached:
            message = f"ingen flytning fører til {name}; skriv en, eller slet tilstanden"
            yield Finding((*here, "states", name), "unreachable-state", message)
        elif not state.final and not ways.get(name):
            message = f"ingen flytning fører væk fra {name}; skriv en, eller gør den til en sluttilstand (final: true)"
            yield Finding((*here, "states", name), "dead-end", message)


def _joins(scope: Scope, path: Path, name: str) -> Iterator[Finding]:
    machine = scope.workflow.machines[name]
    groups: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    places: dict[tuple[str, str, str], int] = {}
    for index, join in enumerate(machine.joins):
        here = (*path, "joins", index)
        yield from unknown((*here, "region"), "regionen", join.region, machine.regions)
        if join.region in machine.regions:
            yield from _join_states(here, machine.regions[join.region], join)
        yield from check_needs(scope, (*here, "when"), join.when, Bearer(name, join.region))
        condition = "|".join(sorted(need.model_dump_json(exclude={"strength", "owner"}) for need in join.when))
        for source in join.sources:
            groups[join.region, condition][source].add(join.dest)
            places.setdefault((join.region, condition, source), index)
    for (region, condition), edges in groups.items():
        for ring in find_cycles({source: frozenset(ends) for source, ends in edges.items()}):
            message = (
                f"{' -> '.join((*ring, ring[0]))} med samme betingelse kommer aldrig til ro; giv dem hver sin when"
            )
            yield Finding((*path, "joins", places[region, condition, ring[0]]), "never-rests", message)


def _join_states(here: Path, region: Region, join: Join) -> Iterator[Finding]:
    yield from unknowns((*here, "sources"), "tilstanden", join.sources, region.states)
    yield from unknown((*here, "dest"), "tilstanden", join.dest, region.states)
    for index, source in enumerate(join.sources):
        if source in region.states and region.states[source].final:
            message = f"{source} er en sluttilstand, så intet kan ske derfra; slet final, eller begynd et andet sted"
            yield Finding((*here, "sources", index), "leaves-final", message)


def _together(path: Path, machine: Machine) -> Iterator[Finding]:
    bare = machine.is_bare
    events = {
        (move if bare else f"{region}.{move}"): region
        for region, found in machine.regions.items()
        for move in found.moves
    }
    for name, together in machine.together.items():
        here = (*path, "together", name)
        if name in events:
            yield Finding(here, "duplicate-name", f"{name} er også navnet på en flytning; giv det ene et andet navn")
        yield from unknowns((*here, "moves"), "flytningen", together.moves, events)
        regions = Counter(events[move] for move in together.moves if move in events)
        for region, count in regions.items():
            if count > 1:
                message = f"to af flytningerne hører til {region}; en hændelse kan flytte en region én gang"
                yield Finding((*here, "moves"), "ambiguous", message)
