"""Which steps of the system a late registration overtakes: they would not have been taken, had it come in time.

The system's own steps (a timer's move, a plan's date, what was called off because a kommune left) are conclusions from
what was known. What people registered is a fact, and is never undone by another fact: then the late one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..civil.danish import long_date
from ..civil.instants import local_date
from ..compiled import Compiled
from ..compiling import Firing
from ..deciding.correct import CORRECT
from ..errors import Refused
from ..pausing.events import is_builtin
from ..planning.timers import region_of, saying_of
from ..values import SYSTEM, Event, Json, Refusal, Snapshot, StepKind, Strength, TimerStatus
from .past import Past, decision_of, entries, standing, touched


def is_late(compiled: Compiled, snapshot: Snapshot, event: Event) -> bool:
    """Tell whether a person's event happened before its region came to where it stands now.

    At the same instant it did so where it is not possible now, or where the system came there by itself: of two at
    once the person's word counts first.
    """
    if event.timer is not None or event.actor == SYSTEM or is_builtin(compiled, snapshot, event):
        return False  # A pause moves no region, so that nothing stands before or after it.
    return any(
        _comes_late(compiled, snapshot, event, one) for one in compiled.firings(snapshot.identity.kind, event.name)
    )


def overtaken(compiled: Compiled, snapshot: Snapshot, event: Event, rows: Sequence[Past]) -> list[list[Past]]:
    """List the system's decisions that a late event overtakes, newest first; empty where it overtakes none.

    ``rows`` is the instance's whole history. Where nothing but a person's step stands in the way, ``decide`` says so;
    Raises Refused where a person's step stands behind the system's.
    """
    stand = standing(rows)
    chosen: set[int] = set()
    for firing in compiled.firings(snapshot.identity.kind, event.name):
        chosen |= _in_region(compiled, snapshot, event, firing, stand)
    if not chosen:
        return []
    _entangle(chosen, stand, event)
    return [decision_of(stand, number) for number in sorted(chosen, reverse=True)]


def taking_back(compiled: Compiled, snapshot: Snapshot, event: Event) -> Event:
    """Give the event by which the system takes its own steps back: it says which late registration overtook them."""
    firing = compiled.firings(snapshot.identity.kind, event.name)[0]
    day = long_date(local_date(event.happened_at))
    reason = f"»{firing.move.title}« er registreret sent: det skete {day}."
    return Event(CORRECT, event.recorded_at, event.recorded_at, SYSTEM, reason=reason)


def said_before(compiled: Compiled, snapshot: Snapshot, decisions: Sequence[Sequence[Past]]) -> frozenset[str]:
    """Name the reminders that have gone out about states which the system now leaves backwards."""
    regions = {row.step.region for rows in decisions for row in rows if row.is_move}
    rules = compiled.workflow.reminders
    fired = (timer for timer in snapshot.timers if timer.status is TimerStatus.FIRED and timer.rule in rules)
    mails = (timer for timer in fired if rules[timer.rule].fires is None)
    return snapshot.said | {saying_of(timer) for timer in mails if region_of(timer) in regions}


def require_room(event: Event, decisions: Sequence[Sequence[Past]], rows: Sequence[Past]) -> None:
    """Raise Refused where a person registered something in a state in which the instance now did not stand then.

    ``rows`` is the history with the late event, and with what the system did again after it.
    """
    stand = standing(rows)
    for region in {row.region for taken in decisions for row in taken if row.is_move and row.region}:
        moves = entries(stand, region)
        for row in stand:
            is_note = row.region == region and not row.is_move and not row.is_systems
            if is_note and row.happened_at > event.happened_at:
                then = [move.dest for move, since in moves if since <= row.happened_at]
                if then[-1:] != [row.dest]:
                    raise Refused(event.name, [_in_the_way("senere_skridt", row, region)])


def _comes_late(compiled: Compiled, snapshot: Snapshot, event: Event, firing: Firing) -> bool:
    kind, entry, state = snapshot.identity.kind, snapshot.entered[firing.region], snapshot.position[firing.region]
    if event.happened_at != entry.at:
        return event.happened_at < entry.at
    if not compiled.topology(kind, firing.region).may_fire(firing.name, state):
        return True
    own = {rule.fires for rule in compiled.workflow.reminders.values() if rule.on == kind and rule.fires}
    return any(
        one.region == firing.region and one.move.dest == state for name in own for one in compiled.firings(kind, name)
    )


def _in_region(compiled: Compiled, snapshot: Snapshot, event: Event, firing: Firing, stand: Sequence[Past]) -> set[int]:
    """Walk a region's moves backwards to where the event may happen; empty where a person's step comes first."""
    topology = compiled.topology(snapshot.identity.kind, firing.region)
    state, chosen = snapshot.position[firing.region], set[int]()
    moves = entries(stand, firing.region)
    for number, (row, since) in reversed(list(enumerate(moves))):
        is_said = row.step.kind is not StepKind.EVENT and topology.may_fire(firing.name, state)
        if since < event.happened_at or (since == event.happened_at and is_said):
            break
        if not row.is_systems:
            was_possible = any(topology.may_fire(firing.name, one.source or "") for one, _ in moves[: number + 1])
            hides = chosen or not topology.may_fire(firing.name, state)
            if since > event.happened_at and was_possible and hides:
                raise Refused(event.name, [_in_the_way("foer_seneste_skridt", row, firing.region, since)])
            break
        chosen.add(row.decision)
        state = row.source or state
    return chosen if topology.may_fire(firing.name, state) else set()


def _entangle(chosen: set[int], stand: Sequence[Past], event: Event) -> None:
    """Add the system's later decisions on the same regions, fields and days: the newest goes first."""
    while True:
        mine = touched(row for row in stand if row.decision in chosen)
        later = [row for row in stand if row.decision > min(chosen) and row.decision not in chosen]
        new = {row.decision for row in later if touched([row]) & mine}
        if not new:
            return
        for row in later:
            if row.decision in new and not row.is_systems:
                raise Refused(event.name, [_in_the_way("senere_skridt", row, _region(row, stand))])
        chosen |= new


def _region(row: Past, stand: Sequence[Past]) -> str:
    named = (one.step.region for one in decision_of(stand, row.decision) if one.step.region)
    return row.step.region or next(named, "")


def _in_the_way(code: str, row: Past, region: str, since: datetime | None = None) -> Refusal:
    values: dict[str, Json] = {"at": region, "seq": row.seq, "event": row.step.event}
    if since is not None:
        values["last"] = since.isoformat()
    return Refusal(code, "happened_at", Strength.HARD, values)
