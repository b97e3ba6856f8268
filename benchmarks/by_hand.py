"""The reference: one step of the measured workflow as somebody would write it with sqlite3 alone, for it and no other.

The states, the requirement, the reminder and the mail are written into the code. It runs on the tables of samskabt and
with the statements that the store prepares, so that both sides read and write the same rows in the same columns.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from types import ModuleType
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Copenhagen")
STATES = ("klar", *(f"trin_{number}" for number in range(1, 7)))
MOVES = {f"gaa_til_{number}": (STATES[number - 1], STATES[number]) for number in range(1, 7)}
OFFSET = timedelta(weeks=3)
AT = time(9)
LIVE = ("armed", "fired", "skipped")

LOAD = """
SELECT position, entered, data, planned_start, planned_end, precision, actual_start, actual_end, effective_on, fixed_by,
date_reason, revision, head, title, programme_id, kommune FROM instance WHERE id = ?
"""
TIMERS = """
SELECT key, rule, anchor, anchor_value, local_on, local_at, zone, calendar_version, due_at, lateness, generation, status
FROM timer WHERE instance_id = ? AND (status = ? OR status = ? OR status = ?) ORDER BY id
"""
UPDATE = """
UPDATE instance SET position = ?, entered = ?, data = ?, planned_start = ?, planned_end = ?, precision = ?,
actual_start = ?, actual_end = ?, effective_on = ?, fixed_by = ?, date_reason = ?, revision = ?, head = ?
WHERE id = ? AND revision = ?
"""
HISTORY = """
INSERT INTO history (instance_id, seq, kind, event, actor_kind, actor_id, region, from_state, to_state, reason,
overridden, happened_at, recorded_at, corrects, changes, undo, idempotency_key, decision_seq, programme_id, kommune,
prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
CANCEL = """
UPDATE timer SET status = CASE WHEN status = 'armed' THEN 'cancelled' ELSE 'done' END
WHERE instance_id = ? AND key = ? AND (status = ? OR status = ? OR status = ?)
"""
ARM = """
INSERT INTO timer (instance_id, key, rule, anchor, anchor_value, local_on, local_at, zone, calendar_version, due_at,
generation, lateness, status, attempts, kommune) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (instance_id, key) DO UPDATE SET rule = excluded.rule, anchor = excluded.anchor,
anchor_value = excluded.anchor_value, local_on = excluded.local_on, local_at = excluded.local_at, zone = excluded.zone,
calendar_version = excluded.calendar_version, due_at = excluded.due_at,
generation = max(excluded.generation, generation + 1), lateness = excluded.lateness, status = excluded.status,
lease_until = NULL, leased_by = NULL, attempts = excluded.attempts, retry_at = NULL, last_error = NULL,
kommune = excluded.kommune
"""
QUEUE = """
INSERT INTO outbox (instance_id, programme_id, kommune, key, intent, template, role, why, region, entry_seq,
nudge_values, expires_at, uid, sequence, status, queued_at, not_before, attempts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (instance_id, key) DO NOTHING
"""

dumps = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


class ByHand:
    """One connection to a database of samskabt, opened as the store opens its own."""

    def __init__(self, driver: ModuleType, path: str, journal_mode: str, synchronous: str, calendar: str) -> None:
        self._connection = driver.connect(path, isolation_level=None, cached_statements=256)
        for pragma in (f"journal_mode = {journal_mode}", f"synchronous = {synchronous}", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        self._calendar = calendar

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def advance(self, instance_id: int, event: str, note: str, actor: str, now: datetime) -> None:
        """Do one step in one durable transaction; ValueError where it may not be done."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            self._step(instance_id, event, note, actor, now)
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")

    def _step(self, instance_id: int, event: str, note: str, actor: str, now: datetime) -> None:
        run = self._connection.execute
        row = run(LOAD, (instance_id,)).fetchall()[0]
        timers = run(TIMERS, (instance_id, *LIVE)).fetchall()
        position, entered, data = json.loads(row[0]), json.loads(row[1]), json.loads(row[2])
        revision, head, programme_id, kommune = row[11], row[12], row[14], row[15]
        source, dest = MOVES[event]
        if position["trin"] != source:
            raise ValueError(f"{instance_id} stands in {position['trin']}, not in {source}")
        if not (data.get("ansvarlig") and note):
            raise ValueError(f"{instance_id} lacks ansvarlig or notat")

        seq, at = revision + 1, now.isoformat()
        changes = {"data": {"notat": note}}
        undo = {"data": {"notat": data.get("notat")}, "entered": entered["trin"]}
        instant = now.isoformat(timespec="microseconds")
        chained = {
            "instance_id": instance_id, "seq": seq, "kind": "event", "event": event, "actor_kind": "person",
            "actor_id": actor, "region": "trin", "from_state": source, "to_state": dest, "reason": None,
            "overridden": [], "happened_at": instant, "recorded_at": instant, "corrects": None, "changes": changes,
            "undo": undo, "idempotency_key": None, "decision_seq": seq, "programme_id": programme_id,
            "kommune": kommune,
        }  # fmt: skip
        hashed = sha256((head + dumps(chained)).encode()).hexdigest()
        position["trin"], entered["trin"], data["notat"] = dest, [at, seq], note

        state = (dumps(position), dumps(entered), dumps(data), *row[3:11], seq, hashed, instance_id, revision)
        if run(UPDATE, state).rowcount != 1:
            raise ValueError(f"{instance_id} is no longer at {revision}")
        stamp = now.isoformat(" ", "microseconds")[:26]
        run(
            HISTORY,
            (instance_id, seq, "event", event, "person", actor, "trin", source, dest, None, "[]", stamp, stamp, None,
             dumps(changes), dumps(undo), None, seq, programme_id, kommune, head, hashed),
        )  # fmt: skip
        for timer in timers:
            run(CANCEL, (instance_id, timer[0], *LIVE))
        rule, day = f"staar_i_{dest}", now.astimezone(ZONE).date() + OFFSET
        due = datetime.combine(day, AT, ZONE).astimezone(UTC).isoformat(" ", "microseconds")[:26]
        run(
            ARM,
            (instance_id, f"{rule}:trin.{seq}#1", rule, f"trin.{dest}/entered", at, day.isoformat(), "09:00:00.000000",
             ZONE.key, self._calendar, due, 1, "late", "armed", 0, kommune),
        )  # fmt: skip
        values = dumps({"fra_tilstand": source, "praecision": row[5], "tilstand": dest})
        run(
            QUEUE,
            (instance_id, programme_id, kommune, f"{event}:{seq}/flyttet/konsulent", "notice", "flyttet", "konsulent",
             f"trin.{event}", None, None, values, None, None, None, "pending", stamp, stamp, 0),
        )  # fmt: skip
