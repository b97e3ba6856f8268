"""Examines an instance's history: whole, unchanged, in the order of time, and leading to where the instance stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...engine.deciding.replay import Standing, replay
from ...engine.values import Data
from ...storage import GENESIS, HistoryRow, verify_chain
from .case import UNREADABLE, Case, Finding

JITTER = timedelta(minutes=1)
"""Two machines on one database may disagree this much, and waiting for a lock may take part of it."""


def history_findings(case: Case) -> Iterator[Finding]:
    """Check chain, sequence, head, revision and times."""
    rows, view = case.rows, case.instance
    seqs = [row.seq for row in rows]
    gap = next((place for place, seq in enumerate(seqs, start=1) if seq != place), None)
    if gap is not None or not rows:
        yield case.found("history_missing", f"history has no row {gap or 1} (it has {len(rows)} rows)")
    elif (bad := verify_chain(row.columns() for row in rows)) is not None:
        yield case.found("history_edited", f"row {bad} of history does not follow from the rows before it")
    head, last = (rows[-1].hash, rows[-1].seq) if rows else (GENESIS, 0)
    if view.head != head:
        yield case.found("head_wrong", f"its head is {view.head[:12]}, the last row's hash is {head[:12]}")
    if view.revision != last:
        yield case.found("revision_wrong", f"it is at revision {view.revision}, its history ends at row {last}")
    yield from _time_findings(case)


def _time_findings(case: Case) -> Iterator[Finding]:
    """Tell of each kind of impossible time once, at the first row that has it."""
    latest = None
    told: set[str] = set()
    for row in case.rows:
        for code, what in _impossible(row, latest, case.now):
            if code not in told:
                told.add(code)
                yield case.found(code, f"row {row.seq} {what}")
        latest = row.recorded_at if latest is None else max(latest, row.recorded_at)


def _impossible(row: HistoryRow, latest: datetime | None, now: datetime) -> Iterator[tuple[str, str]]:
    happened, recorded = row.happened_at, row.recorded_at
    if happened > recorded:
        yield "happened_later", f"happened at {happened.isoformat()}, after it was recorded at {recorded.isoformat()}"
    if recorded > now + JITTER:
        yield "recorded_in_future", f"was recorded at {recorded.isoformat()}, and it is only {now.isoformat()}"
    if latest is not None and recorded + JITTER < latest:
        yield "recorded_backwards", f"was recorded at {recorded.isoformat()}, before a row of {latest.isoformat()}"


@dataclass(frozen=True, slots=True)
class _Replayed:
    """A history row as replay reads it."""

    seq: int
    kind: str
    region: str | None
    source: str | None
    dest: str | None
    changes: Data
    happened_at: datetime


def standing_of(rows: tuple[HistoryRow, ...]) -> Standing:
    """Replay an instance's history."""
    return replay(
        _Replayed(row.seq, row.kind, row.region, row.from_state, row.to_state, row.changes, row.happened_at)
        for row in rows
    )


def replay_findings(case: Case) -> Iterator[Finding]:
    """Check that history leads to the position, entries, data and dates that are stored."""
    view = case.instance
    try:
        standing = standing_of(case.rows)
    except UNREADABLE as error:
        yield case.found("unreadable", f"its history cannot be replayed ({type(error).__name__}: {error})")
        return
    position = dict(view.position)
    if standing.position != position:
        yield case.found("position_wrong", f"it stands as {position}, its history leads to {standing.position}")
    if standing.entered != dict(view.entered):
        regions = sorted(
            name
            for name in standing.entered.keys() | view.entered.keys()
            if standing.entered.get(name) != view.entered.get(name)
        )
        yield case.found("entered_wrong", f"since when it stands so in {regions} is not what history says")
    if standing.data != dict(view.data):
        names = sorted(
            name for name in standing.data.keys() | view.data.keys() if standing.data.get(name) != view.data.get(name)
        )
        yield case.found("data_wrong", f"its data is not what history says, in {names}")
    if standing.dates != view.dates:
        yield case.found("dates_wrong", f"its days are {view.dates}, history says {standing.dates}")
