"""The canonical form of JSON and of history rows, and the hash that chains them; knows no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

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


_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_mapping
).encode


def canonical(value: object) -> str:
    """Write JSON in its one form: sorted keys, no blanks, no escapes; NaN and infinities raise ValueError."""
    return _encode(value)


def canonical_row(row: Mapping[str, Any]) -> str:
    """Write a history row in its one form; instants become ISO texts in UTC."""
    return _encode({name: _plain(row[name]) for name in CHAINED})


def row_hash(prev_hash: str, row: Mapping[str, Any]) -> str:
    """Hash a history row together with the hash of the one before (`GENESIS` for the first)."""
    return sha256((prev_hash + canonical_row(row)).encode()).hexdigest()


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


def _plain(value: object) -> object:
    """Give what JSON can hold: instants as text, everything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
