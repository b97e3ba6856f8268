"""The history rows of a decision, their canonical form, and the hash that chains them; knows no database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from json import encoder as json_encoder
from types import MappingProxyType
from typing import Any

from ..engine.values import Decision, Identity

GENESIS = "0" * 64

# Every column of a history row but the two hashes: what was said cannot be changed unnoticed.
CHAINED = (
    "instance_id",
    "seq",
    "kind",
    "event",
    "actor_kind",
    "actor_id",
    "region",
    "from_state",
    "to_state",
    "reason",
    "overridden",
    "happened_at",
    "recorded_at",
    "corrects",
    "changes",
    "undo",
    "idempotency_key",
    "decision_seq",
    "programme_id",
    "kommune",
)


def _mapping(value: object) -> dict[str, Any]:
    """Let read-only mappings be written as objects."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def encoder() -> Callable[[object], str]:
    """Set the encoder up once, for ``JSONEncoder.encode`` of CPython 3.11 builds its C encoder anew at every call."""
    plain = json.JSONEncoder(
        sort_keys=True,
        check_circular=False,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=_mapping,
    )
    make = getattr(json_encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    chunks = make(None, _mapping, json_encoder.encode_basestring, None, ":", ",", True, False, False)
    return lambda value: "".join(chunks(value, 0))


_encode = encoder()


def canonical(value: object) -> str:
    """Write JSON in its one form: sorted keys, no blanks, no escapes; NaN and infinities raise ValueError."""
    # Most JSON columns are empty most of the time, and setting the encoder up costs more than the answer.
    if not value:
        kind = type(value)
        if kind is dict or kind is MappingProxyType:
            return "{}"
        if kind is tuple or kind is list:
            return "[]"
    return _encode(value)


def canonical_row(row: Mapping[str, Any]) -> str:
    """Write a history row in its one form; instants become ISO texts in UTC."""
    chained = {name: row[name] for name in CHAINED}
    chained.update(happened_at=_iso(row["happened_at"]), recorded_at=_iso(row["recorded_at"]))
    return _encode(chained)


def row_hash(prev_hash: str, row: Mapping[str, Any]) -> str:
    """Hash a history row together with the hash of the one before (`GENESIS` for the first)."""
    return _chain(prev_hash, canonical_row(row))


def history_rows(identity: Identity, revision: int, head: str, decision: Decision) -> list[dict[str, Any]]:
    """Give the rows of a decision's steps, each chained to the one before."""
    event = decision.event
    happened_at, recorded_at = event.happened_at, event.recorded_at
    happened = _iso(happened_at)
    recorded = happened if recorded_at is happened_at else _iso(recorded_at)
    rows: list[dict[str, Any]] = []
    for offset, step in enumerate(decision.steps, start=1):
        row: dict[str, Any] = {
            "instance_id": identity.id,
            "seq": revision + offset,
            "kind": step.kind.value,
            "event": step.event,
            "actor_kind": event.actor.kind.value,
            "actor_id": event.actor.id,
            "region": step.region,
            "from_state": step.source,
            "to_state": step.dest,
            "reason": event.reason,
            "overridden": step.overridden,
            "happened_at": happened,
            "recorded_at": recorded,
            "corrects": step.corrects,
            "changes": step.changes,
            "undo": step.undo,
            "idempotency_key": event.idempotency_key if offset == 1 else None,
            "decision_seq": revision + 1,
            "programme_id": identity.programme_id,
            "kommune": identity.kommune,
        }
        hashed = _chain(head, _encode(row))
        row.update(happened_at=happened_at, recorded_at=recorded_at, prev_hash=head, hash=hashed)
        head = hashed
        rows.append(row)
    return rows


def _chain(prev_hash: str, text: str) -> str:
    return sha256((prev_hash + text).encode()).hexdigest()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def verify_chain(rows: Iterable[Mapping[str, Any]]) -> int | None:
    """Answer the number of the first bad row of one instance's whole history in order, or None when all is well.

    A gap counts as bad, as does a row whose stored hashes do not follow from its contents. That rows were cut off at
    the end shows only against ``head`` of the instance, which is the hash of the last row.
    """
    previous, expected = GENESIS, 1
    for row in rows:
        if row["seq"] != expected or row["prev_hash"] != previous or row["hash"] != row_hash(previous, row):
            return expected
        previous, expected = row["hash"], expected + 1
    return None
