"""The events that pause and resume: builtin for every kind, they move no region and write what stands still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..civil.instants import local_date
from ..compiled import Compiled
from ..deciding.fields import read_day, refuse_unknown
from ..errors import InvalidInput, Refused
from ..values import ActorKind, Event, Json, Refusal, Snapshot, Strength
from ..values.kept import DELAYS, PAUSED, PAUSES
from ..values.names import KOMMUNE, PROGRAMME
from .ends import is_end
from .pauses import (
    INHERIT_PAUSE,
    INHERIT_RESUME,
    PAUSE,
    RESUME,
    Pause,
    in_force,
    is_paused,
    own_pause,
    read_spans,
    write_spans,
)

if TYPE_CHECKING:
    from ..deciding.draft import Draft

MOST_WEEKS = 520
MOVABLE = frozenset({PROGRAMME, KOMMUNE})
"""The kinds whose resumption may move the days that were left."""


def is_builtin(compiled: Compiled, snapshot: Snapshot, event: Event) -> bool:
    """Tell whether an event pauses or resumes; a machine's own ``genoptag`` counts while nothing is paused."""
    if event.name in (INHERIT_PAUSE, INHERIT_RESUME):
        return event.actor.kind is ActorKind.SYSTEM
    kind = snapshot.identity.kind
    return event.name == PAUSE or (event.name == RESUME and _means_pause(compiled, kind, snapshot))


def is_known(compiled: Compiled, kind: str, event: object) -> bool:
    """Tell whether people may ask a kind for an event: one of its machine's, or one of these."""
    return isinstance(event, str) and (event in (PAUSE, RESUME) or event in compiled.machine(kind).events)


def standing_still(compiled: Compiled, snapshot: Snapshot, event: Event) -> Refusal | None:
    """Refuse what a paused instance does not do: everything but its ends, and what happened before the pause."""
    pauses = in_force(snapshot.data)
    if not pauses or event.actor.kind is ActorKind.SYSTEM or event.happened_at < pauses[0].since:
        return None
    if is_end(compiled.machine(snapshot.identity.kind), event.name):
        return None
    return paused_refusal(pauses[0])


def paused_refusal(pause: Pause) -> Refusal:
    """Say since when, why, by whom and where it was paused."""
    return _hard("er_sat_i_bero", **pause.written(), hvor=pause.at)


def pause_or_resume(draft: Draft) -> None:
    """Write what a pausing event changes. Raises Refused, InvalidInput, and NotFound for data it does not take."""
    match draft.event.name:
        case name if name == PAUSE:
            _pause(draft)
        case name if name == RESUME:
            _resume(draft)
        case _:
            _inherit(draft)


def _pause(draft: Draft) -> None:
    event, kind = draft.event, draft.kind
    refuse_unknown(event, {"til"})
    given = event.data.get("til")
    until = read_day("til", given) if given is not None else None
    on = local_date(event.happened_at)
    refusals = [] if event.reason else [_hard("mangler_begrundelse")]
    if own_pause(draft.data, kind):
        refusals.append(_hard("er_allerede_i_bero"))
    if draft.compiled.is_done(kind, draft.position):
        region = next(iter(draft.compiled.machine(kind).regions))
        refusals.append(_hard("ikke_muligt_nu", at=region, state=draft.position[region], kind=kind, possible=[]))
    if until is not None and until < on:
        refusals.append(_hard("slut_foer_start", first=on.isoformat(), last=until.isoformat()))
    if refusals:
        raise Refused(event.name, refusals)
    pause = Pause(kind, event.happened_at, event.reason or "", event.actor.id, until)
    _write(draft, kind, pause.written(), None)


def _resume(draft: Draft) -> None:
    event, kind = draft.event, draft.kind
    refuse_unknown(event, {"flyt_uger"} if kind in MOVABLE else set())
    weeks = _weeks(event.data.get("flyt_uger"))
    pause = own_pause(draft.data, kind)
    if pause is None:
        above = in_force(draft.data)
        refusal = _hard("er_sat_i_bero_ovenfra", hvor=above[0].at) if above else _hard("er_ikke_i_bero")
        raise Refused(event.name, [refusal])
    if event.happened_at < pause.since:
        raise Refused(event.name, [_hard("foer_pausen", siden=pause.since.isoformat())])
    kept = draft.data.get(PAUSES)
    before = read_spans(kept.get(kind)) if isinstance(kept, Mapping) else []
    moved: dict[str, Json] = {}
    if weeks:
        listed = draft.data.get(DELAYS)
        earlier = listed if isinstance(listed, list) else []
        moved[DELAYS] = [*earlier, [local_date(event.happened_at).isoformat(), weeks]]
    _write(draft, kind, None, write_spans([*before, (pause.since, event.happened_at)]), moved)


def _inherit(draft: Draft) -> None:
    """Take over what stands above: the pause of that kind in force, and those that are over."""
    data = draft.event.data
    pause, over = data.get(PAUSED), data.get(PAUSES)
    _write(draft, str(data["fra"]), pause, over if isinstance(over, list) else [])


def _write(
    draft: Draft, kind: str, pause: Json, over: list[Json] | None, more: Mapping[str, Json] | None = None
) -> None:
    """Set the pause in force of one kind (None: none), and where given those that are over."""
    new: dict[str, Json] = {**(more or {}), PAUSED: _with(draft.data.get(PAUSED), kind, pause)}
    if over is not None:
        new[PAUSES] = _with(draft.data.get(PAUSES), kind, over)
    draft.write(new)


def _with(held: Json, kind: str, value: Json) -> Json:
    """Give a mapping with one kind's value set, or without it where that is empty; None where nothing is left."""
    out = {**(held if isinstance(held, Mapping) else {}), kind: value}
    return {name: out[name] for name in sorted(out) if out[name]} or None


def _weeks(value: Json) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_WEEKS:
        raise InvalidInput("flyt_uger", f"is a number of weeks from 0 to {MOST_WEEKS}, not {value!r}")
    return value


def _means_pause(compiled: Compiled, kind: str, snapshot: Snapshot) -> bool:
    return is_paused(snapshot.data) or RESUME not in compiled.machine(kind).events


def _hard(code: str, **values: Json) -> Refusal:
    return Refusal(code, "pause", Strength.HARD, values)
