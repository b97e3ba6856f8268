"""Keeps calendars right when a registration about an invited meeting is taken back: they have seen what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..deciding.draft import Draft
from ..deciding.effects import facts_of, former_day, roles_of, uid_of
from ..deciding.records import mapping
from ..definition import Move, Notice
from ..values import Intent, Nudge, Step
from ..values.kept import SEQUENCE


def calendars_again(draft: Draft, taken: Sequence[Step]) -> tuple[Nudge, ...]:
    """Give the mails that bring calendars back to what holds again, with the next sequence number (RFC 5546).

    Where people are still invited they get the invitation as it was before; where nobody is, it is called off. Nothing
    goes out where what was taken back had told no calendar. Must be called before the draft is finished.
    """
    told = next((step for step in taken if SEQUENCE in mapping(step.changes.get("data"))), None)
    if told is None or told.region is None:
        return ()
    wrong = [firing.move for firing in draft.compiled.firings(draft.kind, told.event) if firing.region == told.region]
    notice = _notice(draft, told.region, wrong)
    if notice is None:
        return ()
    last = draft.data.get(SEQUENCE)
    number = last + 1 if isinstance(last, int) else 0
    draft.data[SEQUENCE] = number
    step = draft.steps[-1]
    data = {**mapping(step.changes.get("data")), SEQUENCE: number}
    draft.steps[-1] = replace(step, changes={**step.changes, "data": data})
    values = {**facts_of(draft), **former_day(draft), "fra_tilstand": told.dest or ""}
    return tuple(
        Nudge(
            key=f"{draft.event.name}:{draft.next_seq - 1}/{notice.text}/{role}",
            intent=notice.intent,
            template=notice.text,
            role=role,
            why=draft.event.name,
            values=values,
            uid=uid_of(draft),
            sequence=number,
        )
        for role in roles_of(draft, notice.to)
    )


def _notice(draft: Draft, region: str, wrong: Iterable[Move]) -> Notice | None:
    """Choose the mail: the wrong one again with what is right, else the one that leads here, else a cancellation."""
    state = draft.position[region]
    topology = draft.compiled.topology(draft.kind, region)
    moves = draft.compiled.region(draft.kind, region).moves
    here = [
        move for name, move in moves.items() if (move.dest or _stays(topology.may_fire(name, state), state)) == state
    ]
    invites = [move for move in here if _of(move, Intent.INVITATION)]
    again = [move for move in wrong if move in invites]
    if found := [*again, *invites]:
        return _of(found[0], Intent.INVITATION)
    calls_off = (_of(move, Intent.CANCELLATION) for name, move in moves.items() if topology.may_fire(name, state))
    return next((notice for notice in calls_off if notice), None)


def _stays(may: bool, state: str) -> str | None:
    return state if may else None


def _of(move: Move, intent: Intent) -> Notice | None:
    return next((notice for notice in move.notices if notice.intent is intent), None)
