"""Answers a command that was asked before under the same idempotency key: with its first outcome; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from ...engine.errors import Conflict
from ...engine.values import Decision, Identity, Json, StepKind
from ...storage import HistoryRow, Reader, UnitOfWork
from .context import Outcome

ASKED = "bedt_om"
"""What the first row of a decision with a key keeps: a fingerprint of what was asked for under it."""


def fingerprint(data: Mapping[str, Json], reason: str | None, happened_at: datetime | None) -> str:
    """Sum up what somebody asks for, so that it is known again; who asks, and whether with an override, is left out."""
    at = happened_at.astimezone(UTC).isoformat() if happened_at is not None else None
    written = json.dumps([dict(data), reason, at], sort_keys=True, ensure_ascii=False, default=str)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def remembering(decision: Decision, asked: str) -> Decision:
    """Write a fingerprint into the first row of a decision; one that writes no row is not remembered."""
    if not decision.steps:
        return decision
    first = decision.steps[0]
    return replace(decision, steps=(replace(first, undo={**first.undo, ASKED: asked}), *decision.steps[1:]))


def first_outcome(uow: UnitOfWork, identity: Identity, event: str, key: str, asked: str) -> Outcome | None:
    """Give what the command with this key led to, as it stood then; None where the key is new.

    Raises Conflict where the key was used for another event, or for the same with other data (``asked`` is the
    fingerprint): then one of the two would be lost without a word.
    """
    revision = uow.seen(identity.id, key)
    if revision is None:
        return None
    rows = Reader(uow.connection).history(identity.id, 0, revision)
    decision = [row for row in rows if row.decision_seq == rows[-1].decision_seq]
    if decision[0].event != event:
        raise Conflict(
            f"the idempotency key {key[:60]!r} was used for {decision[0].event} of instance {identity.id};"
            f" give {event} a key of its own"
        )
    if decision[0].undo.get(ASKED, asked) != asked:
        raise Conflict(
            f"the idempotency key {key[:60]!r} was used for {event} of instance {identity.id} with other data;"
            " repeat it as it was, or give it a key of its own"
        )
    events = tuple(dict.fromkeys(row.event for row in decision))
    return Outcome(identity.id, revision, _position(rows), events, _born(uow, identity, decision))


def _position(rows: Sequence[HistoryRow]) -> dict[str, str]:
    """Read off where the instance stood after these rows."""
    position: dict[str, str] = {}
    for row in rows:
        if row.kind == StepKind.BIRTH and isinstance(born := row.changes.get("position"), dict):
            position |= {region: str(state) for region, state in born.items()}
        if row.region and row.to_state:
            position[row.region] = row.to_state
    return position


def _born(uow: UnitOfWork, identity: Identity, decision: Sequence[HistoryRow]) -> dict[str, int]:
    """Find the children of a decision: born of its event at its instant, and of numbered ones those of its rows."""
    first, seqs, reader = decision[0], {row.seq for row in decision}, Reader(uow.connection)
    out = {}
    for one in reader.instances(identity.programme_id):
        if one.parent_id != identity.id or one.created_at != first.recorded_at:
            continue
        _, is_numbered, seq = one.key.partition(f"{one.kind}_")
        if reader.history(one.id, 0, 1)[0].event == first.event and (not is_numbered or int(seq) in seqs):
            out[one.key] = one.id
    return out
