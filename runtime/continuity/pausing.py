"""Passes a pause, or its end, on to everything below in the same transaction; the rules stand in engine.pausing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.pausing.pauses import INHERIT_PAUSE, INHERIT_RESUME, Pause, own_pause
from ...engine.values import SYSTEM, Decision, Event, Identity, Json, Refusal
from ...engine.values.kept import PAUSED, PAUSES
from ...engine.values.names import KOMMUNE, PROGRAMME
from ...storage import PersonRow, UnitOfWork
from .below import let


def pass_on(uow: UnitOfWork, compiled: Compiled, identity: Identity, decision: Decision) -> tuple[int, ...]:
    """Let everything below take over what now stands at an instance; each gets a row of history of its own.

    Answers which of it, and of itself, have days planned in the pause.
    """
    kind, cause = identity.kind, decision.event
    pause = own_pause(decision.data, kind) or _rest(compiled, kind, decision)
    over = decision.data.get(PAUSES)
    data: dict[str, Json] = {
        "fra": kind,
        PAUSED: pause.written() if pause else None,
        PAUSES: over.get(kind) if isinstance(over, Mapping) else None,
    }
    name = INHERIT_PAUSE if pause else INHERIT_RESUME
    reason = pause.why if pause else cause.reason
    inside: list[int] = []
    for one in uow.inside(identity):
        if pause and _falls_into(pause, compiled, one.identity.kind, one.position, one.dates.planned_start):
            inside.append(one.identity.id)
        let(uow, compiled, one.identity, Event(name, cause.happened_at, cause.recorded_at, SYSTEM, data, reason))
    if pause and _falls_into(pause, compiled, kind, decision.position, decision.dates.planned_start):
        inside += [identity.id] if kind not in (PROGRAMME, KOMMUNE) else []
    return tuple(sorted(inside))


def with_names(refusals: Iterable[Refusal], people: Iterable[PersonRow]) -> tuple[Refusal, ...]:
    """Put the name of whoever paused in the place of their number, for people to read."""
    names = {str(person.id): person.name for person in people}
    out = []
    for one in refusals:
        by = one.values.get("af")
        out.append(replace(one, values={**one.values, "af": names.get(str(by), by)}) if by else one)
    return tuple(out)


def _rest(compiled: Compiled, kind: str, decision: Decision) -> Pause | None:
    """Give the pause of what is below an instance that is itself put away, such as a parked challenge."""
    for region, state in decision.position.items():
        found = compiled.region(kind, region).states[state]
        if found.rests:
            return Pause(kind, decision.entered[region].at, found.title, SYSTEM.id)
    return None


def _falls_into(pause: Pause, compiled: Compiled, kind: str, position: Mapping[str, str], day: object) -> bool:
    """Tell whether something still open is planned to begin while the pause lasts (or, of an open one, may last)."""
    if day is None or compiled.is_done(kind, position):
        return False
    first = local_date(pause.since)
    return str(first) <= str(day) <= (str(pause.until) if pause.until else "9999")
