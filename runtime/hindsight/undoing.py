"""Follows a correction through: what was closed, ended or joined because of what is taken back comes back with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ...engine.civil.instants import local_date
from ...engine.compiled import Compiled
from ...engine.deciding.correct import correct
from ...engine.errors import Refused
from ...engine.hindsight.joins import Life, judged, moved_on, unearned
from ...engine.hindsight.past import Past, decision_of, standing, was_closed
from ...engine.values import SYSTEM, Decision, Event, Identity, Json
from ...storage import UnitOfWork
from ..continuity.following import Because, Following
from .past import past_of

ROLES = "roles"
"""What a leaving undoes besides: the roles that it ends, each [number, its last day before]."""


BACK_IN = Because(joined="I er med i programmet igen", left="en anden har fået din rolle ved mødet")


def remembering_roles(uow: UnitOfWork, identity: Identity, decision: Decision) -> Decision:
    """Write into the row of a leaving which roles it ends, so that taking it back can give them back."""
    on = local_date(decision.event.happened_at)
    ended: list[Json] = [
        [role.id, role.to_on.isoformat() if role.to_on else None]
        for role in uow.registers.roles()
        if role.programme_id == identity.programme_id
        and identity.kommune in (None, role.kommune)
        and role.from_on <= on
        and (role.to_on is None or role.to_on > on)
    ]
    last = decision.steps[-1]
    kept = replace(last, undo={**last.undo, ROLES: ended}) if ended else last
    return replace(decision, steps=(*decision.steps[:-1], kept))


def give_back(
    uow: UnitOfWork, compiled: Compiled, identity: Identity, taken: Sequence[Past], cause: Event
) -> Iterator[tuple[Identity, Decision]]:
    """Give back what a leaving, another end or a choice closed: roles, and what was called off and not touched since.

    Yields what is decided of others, already recorded.
    """
    leaving = [row for row in taken if _leaves(compiled, identity.kind, row)]
    if not leaving:
        return
    on = local_date(leaving[0].happened_at)
    now = cause.recorded_at
    following = Following(lambda _: compiled, uow, (identity.programme_id,), local_date(now), now)
    for row in taken:
        for number, until in _ended_roles(row):
            uow.registers.reopen_role(number, on, until)
    following.tell(BACK_IN)
    event = replace(cause, actor=SYSTEM)
    for one in uow.family(identity.programme_id, frozenset(compiled.workflow.machines)):
        who, since = one.identity, {entry.seq for entry in one.entered.values()}
        is_below = who.id != identity.id and identity.kommune in (None, who.kommune)
        if not is_below or not compiled.is_over(who.kind, one.position):
            continue
        rows = past_of(uow, who.id)
        stand = [row for row in standing(rows) if row.seq in since and row.recorded_at == leaving[0].recorded_at]
        for row in stand:
            if was_closed(compiled, who.kind, row):
                yield who, _undo(uow, compiled, who, decision_of(rows, row.decision), event)
                break


def settle_back(
    uow: UnitOfWork, compiled: Compiled, identity: Identity, cause: Event
) -> Iterator[tuple[Identity, Decision]]:
    """Take back the joins that rested on what was taken back: its own, those above it, and those below it.

    Yields what is decided, already recorded. Raises Refused where somebody below has moved on since such a join.
    """
    event = replace(cause, actor=SYSTEM)
    waiting = [identity.id]
    while waiting:
        for near in _near(uow, compiled, uow.identity(waiting.pop(0))):
            row = _first_unearned(uow, compiled, near, identity, cause)
            if row is not None:
                yield near, _undo(uow, compiled, near, [row], event)
                waiting.append(near.id)


def _first_unearned(
    uow: UnitOfWork, compiled: Compiled, near: Identity, corrected: Identity, cause: Event
) -> Past | None:
    """Find the join that an instance stands by without a reason."""
    rows = past_of(uow, near.id)
    if not judged(compiled, near.kind, rows):
        return None
    snapshot = uow.load(near, compiled.relations.reach(near.kind, None))
    facts = snapshot.facts
    around = [*facts.children, *(one for one in (facts.parent, facts.programme) if one is not None)]
    lives = {one.id: Life(one, past_of(uow, one.id)) for one in around}
    for row in unearned(compiled, snapshot, rows, list(lives.values())):
        region = row.region or ""
        if snapshot.entered[region].seq == row.seq:
            return row
        if near.parent_id == corrected.id:
            raise Refused(cause.name, [moved_on(snapshot, row)])
    return None


def _near(uow: UnitOfWork, compiled: Compiled, identity: Identity) -> Iterator[Identity]:
    """List who may stand by a join that looks at an instance: itself, its parent, and those below it."""
    yield identity
    if identity.parent_id is not None and compiled.relations.waits_for(identity.kind):
        yield uow.identity(identity.parent_id)
    kinds = compiled.relations.waiting_below(identity.kind, compiled.machine(identity.kind).regions)
    for one in uow.relatives.below(identity, kinds) if kinds else ():
        yield uow.identity(one.id)


def _leaves(compiled: Compiled, kind: str, row: Past) -> bool:
    states = compiled.region(kind, row.region).states if row.region else {}
    if row.is_move and row.dest in states and (bool(states[row.dest].leaves) or states[row.dest].final):
        return True
    # A choice ends the activity that it was made in, and an offer that is dropped takes its activities with it.
    firings = compiled.firings(kind, row.step.event) if row.step.event in compiled.machine(kind).events else ()
    return any(firing.move.activity or firing.move.offer == "drop" for firing in firings)


def _ended_roles(row: Past) -> Iterator[tuple[int, date | None]]:
    ended = row.step.undo.get(ROLES)
    for pair in ended if isinstance(ended, list) else ():
        if isinstance(pair, list) and isinstance(pair[0], int):
            yield pair[0], date.fromisoformat(pair[1]) if isinstance(pair[1], str) else None


def _undo(uow: UnitOfWork, compiled: Compiled, who: Identity, rows: Sequence[Past], cause: Event) -> Decision:
    snapshot = uow.load(who, compiled.relations.reach(who.kind, None))
    decision = correct(compiled, snapshot, [row.recorded for row in rows], cause, cause.recorded_at, bore=False)
    uow.record(snapshot, decision)
    return decision
