"""Fills a database with far more than the engine would write in reasonable time; what it writes, the doctor accepts.

Rows are copied in bulk from instances that the engine bore, with hashes of their own, so that they are as the engine
would have left them: only the parent's history does not tell of their births.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from samskabt.storage import HistoryRow, canonical, row_hash

CHUNK = 20_000
Say = Callable[[str], None]


def copies(driver: ModuleType, path: Path, like: int, history: tuple[HistoryRow, ...], number: int, say: Say) -> None:
    """Write ``number`` instances more like one, each with the same history (all of it is given) and timers."""
    with _bulk(driver, path) as connection:
        first = connection.execute("SELECT max(id) FROM instance").fetchone()[0] + 1
        own = f"SELECT * FROM instance WHERE id = {like}"
        _insert(connection, "instance", _instances(_dict(connection, own), history, first, number), number, say)
        _insert(connection, "history", _histories(history, first, number), number * len(history), say)
        names = _columns(connection, "timer", "id", "instance_id")
        connection.execute(
            f"INSERT INTO timer (instance_id, {', '.join(names)}) "
            f"SELECT copy.id, {', '.join(f'timer.{name}' for name in names)} FROM instance AS copy, timer "
            f"WHERE copy.id >= {first} AND timer.instance_id = {like} ORDER BY copy.id, timer.id"
        )
        say(f"timers: {connection.execute('SELECT count(*) FROM timer').fetchone()[0]:,}")


def lengthened(driver: ModuleType, path: Path, last: HistoryRow, rows: int) -> None:
    """Repeat an instance's last decision (of one row, after which nothing is different) until it has so many rows."""
    with _bulk(driver, path) as connection:
        longer = list(islice(_repeated(last), rows - last.seq))
        _insert(connection, "history", iter(longer), len(longer), lambda _: None)
        head = longer[-1] if longer else {"seq": last.seq, "hash": last.hash}
        given = (head["seq"], head["hash"], last.instance_id)
        connection.execute("UPDATE instance SET revision = ?, head = ? WHERE id = ?", given)


def _instances(
    like: dict[str, Any], history: tuple[HistoryRow, ...], first: int, number: int
) -> Iterator[dict[str, Any]]:
    for place in range(number):
        key = f"{like['kind']}_kopi_{place}"
        yield like | {"id": first + place, "key": key, "head": _chained(history, first + place)[-1]["hash"]}


def _histories(history: tuple[HistoryRow, ...], first: int, number: int) -> Iterator[dict[str, Any]]:
    for place in range(number):
        yield from _chained(history, first + place)


def _chained(history: tuple[HistoryRow, ...], instance_id: int) -> list[dict[str, Any]]:
    """Give a history as that of another instance."""
    rows: list[dict[str, Any]] = []
    for row in history:
        own = row.columns() | {"instance_id": instance_id}
        rows.append(_hashed(own, rows[-1]["hash"] if rows else row.prev_hash))
    return rows


def _repeated(last: HistoryRow) -> Iterator[dict[str, Any]]:
    row = last.columns()
    while True:
        seq = row["seq"] + 1
        row = _hashed(row | {"seq": seq, "decision_seq": seq}, row["hash"])
        yield row


def _hashed(row: dict[str, Any], previous: str) -> dict[str, Any]:
    return row | {"prev_hash": previous, "hash": row_hash(previous, row)}


def _insert(connection: Any, table: str, rows: Iterator[dict[str, Any]], number: int, say: Say) -> None:
    """Insert rows, chunk by chunk, and say how far it is."""
    done = 0
    while chunk := list(islice(rows, CHUNK)):
        places = ", ".join("?" * len(chunk[0]))
        sql = f"INSERT INTO {table} ({', '.join(chunk[0])}) VALUES ({places})"
        connection.executemany(sql, [[_bound(value) for value in row.values()] for row in chunk])
        done += len(chunk)
        say(f"{table}: {done:,} of {number:,}")


def _bound(value: Any) -> Any:
    """Write a value as the store does."""
    if isinstance(value, dict | list | tuple):
        return canonical(value)
    return value.isoformat(" ", "microseconds")[:26] if hasattr(value, "isoformat") else value


def _columns(connection: Any, table: str, *without: str) -> list[str]:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return [name for name in names if name not in without]


def _dict(connection: Any, sql: str) -> dict[str, Any]:
    cursor = connection.execute(sql)
    return dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))


@contextmanager
def _bulk(driver: ModuleType, path: Path) -> Iterator[Any]:
    """Open a database for writing much at once; nothing of it is durable until it is closed."""
    connection = driver.connect(str(path), isolation_level=None)
    try:
        for pragma in ("synchronous = OFF", "cache_size = -262144", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def progress(what: str) -> Say:
    """Say on the error stream how far something long is."""

    def say(how_far: str) -> None:
        print(f"{what}: {how_far}", file=sys.stderr, flush=True)

    return say
