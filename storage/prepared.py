"""Statements compiled once per dialect, and the connection they run on; knows no table and no use case.

Building and compiling a statement costs more than running it (docs/decisions/0004), so a Core statement is turned
into its text and its value processors once, through SQLAlchemy's public type API, and runs on the DBAPI connection.
Every statement and commit passes `Connection`, where a hook may watch, or crash, the process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import JSON, Date, Float, Time, TypeEngine
from sqlmodel import UTCDateTime

from ..engine.errors import Conflict, InvalidInput, NotFound, NotOurDatabase, StorageError, StorageUnavailable
from .chain import canonical

Hook: TypeAlias = "Callable[[str], None]"
Row: TypeAlias = "tuple[Any, ...]"
Process: TypeAlias = "Callable[[Any], Any]"
Pick: TypeAlias = "Callable[[Mapping[str, Any]], tuple[Any, ...]]"


def inserting(dialect: str, table: Any) -> Any:
    """Start an INSERT that may say ON CONFLICT, which each dialect spells through its own construct."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


def columns(table: Any, *names: str) -> list[Any]:
    """Pick columns of a table by name."""
    return [table.c[name] for name in names]


class Cursor(Protocol):
    """What we use of a DBAPI cursor."""

    rowcount: int

    def fetchall(self) -> list[Row]:
        """Answer all rows that are left."""


class Raw(Protocol):
    """What we use of a DBAPI connection: both sqlite3's and psycopg's can execute without a cursor of ours."""

    def execute(self, sql: Any, values: Any = ..., /) -> Any:
        """Run a statement."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as text with positional values: which are bound how, and which result columns are read how.

    ``pick`` takes the values in order. Processors are kept only for the places that need one; NULL needs none anywhere.
    """

    name: str
    sql: str
    pick: Pick
    constants: Mapping[str, Any]
    binds: tuple[tuple[int, Process], ...]
    results: tuple[tuple[int, Process], ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """Put the given values in order, as the driver wants them."""
        if self.constants:
            given = {**self.constants, **given}
        ordered = list(self.pick(given))
        for place, process in self.binds:
            value = ordered[place]
            if value is not None:
                ordered[place] = process(value)
        return ordered

    def read(self, row: Row) -> Row:
        """Turn a driver's row into Python values."""
        values = list(row)
        for place, process in self.results:
            value = values[place]
            if value is not None:
                values[place] = process(value)
        return tuple(values)


def prepare(dialect: Dialect, name: str, statement: ClauseElement) -> Prepared:
    """Compile a Core statement for a dialect with positional parameters."""
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    keys: list[str] = compiled.positiontup or []
    found = [compiled.binds[key] for key in keys]
    columns: Iterable[Any] = getattr(statement, "exported_columns", ())
    return Prepared(
        name=name,
        sql=compiled.string,
        pick=_picker(keys),
        constants={key: bind.effective_value for key, bind in zip(keys, found, strict=True) if not bind.required},
        binds=_needed(_binder(dialect, bind.type) for bind in found),
        results=_needed(_reader(dialect, column.type) for column in columns),
    )


def _needed(processes: Iterable[Process | None]) -> tuple[tuple[int, Process], ...]:
    """Number the places and keep those that have a processor."""
    return tuple((place, process) for place, process in enumerate(processes) if process is not None)


def _picker(keys: Sequence[str]) -> Pick:
    """Take the values of some keys in order; several are fetched at once, far faster than one by one."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda given: tuple(given[key] for key in keys)


def _binder(dialect: Dialect, type_: TypeEngine[Any]) -> Process | None:
    """Answer how a type's values are bound; on SQLite, shortcuts write the same texts as SQLAlchemy, but faster."""
    if dialect.name == "sqlite":
        if isinstance(type_, UTCDateTime):
            return instant_text
        if isinstance(type_, Date):
            return date.isoformat
        if isinstance(type_, Time):
            return time_text
        if isinstance(type_, JSON):
            return canonical
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(dialect: Dialect, type_: TypeEngine[Any]) -> Process | None:
    """Answer how a type's values are read; on SQLite, two shortcuts read the same as SQLAlchemy, but faster."""
    if dialect.name == "sqlite":
        if isinstance(type_, UTCDateTime):
            return read_instant
        if isinstance(type_, JSON):
            return read_json
    if isinstance(type_, Float):
        return None  # Both drivers give floats, and SQLAlchemy would ask PostgreSQL's cursor which kind it is.
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def time_text(at: time) -> str:
    """Write a local time as SQLAlchemy 2.1 writes Time on SQLite."""
    return at.isoformat("microseconds")


_scan = json.JSONDecoder().raw_decode


def read_json(text: str) -> Any:
    """Read what ``canonical`` wrote; ValueError for what is no JSON.

    It has no white space around it, and looking for that takes longer than reading the short texts that most are.
    """
    value, end = _scan(text)
    return value if end == len(text) else json.loads(text)


def read_instant(text: str) -> datetime:
    """Read an instant that ``instant_text`` wrote; ValueError for what is none."""
    return datetime.fromisoformat(text + "+00:00")


def instant_text(at: datetime) -> str:
    """Write an aware instant as SQLAlchemy 2.1 writes UTCDateTime on SQLite; ValueError for a naive one."""
    if at.tzinfo is not UTC:
        if at.utcoffset() is None:
            raise ValueError("an instant must have a time zone")
        at = at.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:26]


class Book:
    """The prepared statements of one store: each is built when it is first needed.

    ``on_trial`` says that whatever this process sends goes to the one address of a trial: what went there was told.
    """

    def __init__(self, dialect: Dialect, *, on_trial: bool = False) -> None:
        self._dialect = dialect
        self.on_trial = on_trial
        self.dialect = dialect.name
        self._prepared: dict[Hashable, Prepared] = {}

    def __call__(self, name: str, build: Callable[..., Any], *arguments: Hashable) -> Prepared:
        """Find a statement by its name and arguments, or build and compile it.

        Two threads may build the same one at the same time; either result will do.
        """
        key = (name, arguments) if arguments else name
        found = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = prepare(self._dialect, name, build(*arguments))
        return found


class Connection:
    """A DBAPI connection on which prepared statements run, with errors in our own words."""

    def __init__(self, raw: Raw, book: Book, hook: Hook | None, failures: tuple[type[Exception], ...]) -> None:
        self.raw = raw
        self.book = book
        self.hook = hook
        self.failure: Exception | None = None
        self._failures = failures

    def run(self, statement: Prepared, given: Mapping[str, Any]) -> Cursor:
        """Run a statement and answer its cursor."""
        hook = self.hook
        if hook is not None:
            hook("before " + statement.name)
        try:
            cursor: Cursor = self.raw.execute(statement.sql, statement.values(given))
        except OverflowError as error:
            raise InvalidInput(
                "number", "is larger than a database counts; numbers come from earlier answers"
            ) from error
        except UnicodeEncodeError as error:
            raise InvalidInput("text", "holds half a character, which no database can look for") from error
        except self._failures as error:
            self.failure = translated(error)
            raise self.failure from error
        if hook is not None:
            hook("after " + statement.name)
        return cursor

    def change(self, statement: Prepared, given: Mapping[str, Any]) -> int:
        """Run a statement and answer how many rows it changed."""
        return self.run(statement, given).rowcount

    def rows(self, statement: Prepared, given: Mapping[str, Any]) -> list[Row]:
        """Run a query and answer all its rows."""
        cursor = self.run(statement, given)
        try:
            found: list[Row] = cursor.fetchall()
        except self._failures as error:
            raise translated(error) from error
        return list(map(statement.read, found)) if statement.results else found

    def row(self, statement: Prepared, given: Mapping[str, Any]) -> Row | None:
        """Run a query and answer its first row."""
        # Fetching all of them finishes the statement: an open one would keep SQLite from committing.
        found = self.rows(statement, given)
        return found[0] if found else None

    def ask(self, sql: str) -> Any:
        """Ask the database something about itself and answer its one value."""
        return self.ask_all(sql)[0][0]

    def ask_all(self, sql: str) -> list[Row]:
        """Ask the database something about itself and answer all rows."""
        try:
            found: list[Row] = self.raw.execute(sql).fetchall()
        except self._failures as error:
            raise translated(error) from error
        return found

    def commit(self) -> None:
        """Commit, unless a statement has failed.

        PostgreSQL would silently roll back then, and SQLite would commit the rest: neither is what the caller thinks.
        """
        if self.failure is not None:
            raise self.failure
        self.say("commit", "COMMIT")

    def say(self, name: str, sql: str) -> None:
        """Run a statement of transaction control, which passes the hook as well."""
        hook = self.hook
        if hook is not None:
            hook("before " + name)
        try:
            self.raw.execute(sql)
        except self._failures as error:
            raise translated(error) from error
        if hook is not None:
            hook("after " + name)


_SQLITE = {
    "SQLITE_BUSY": "another program has held the database for too long; try again, or find out who holds it",
    "SQLITE_LOCKED": "another program has held the database for too long; try again, or find out who holds it",
    "SQLITE_FULL": "the disk is full; make room and try again, nothing was changed",
    "SQLITE_READONLY": "the database is read-only; give the program write access to the file and its folder",
    "SQLITE_CANTOPEN": "the database cannot be opened; does its folder exist, and may the program write in it?",
    "SQLITE_IOERR": "the disk could not be read or written; check it, nothing was changed",
    "SQLITE_PERM": "access to the database is denied; give the program access to the file and its folder",
    "SQLITE_AUTH": "access to the database is denied; give the program access to the file and its folder",
}
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def translated(error: Exception) -> Exception:
    """Say a driver's error in our own tree; the way out stands in the message."""
    state = getattr(error, "sqlstate", None)
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        return _from_sqlite(name, error)
    if type(error).__module__.startswith("psycopg"):
        if not state and type(error).__name__ == "DataError":
            # Psycopg itself refuses a NUL character in a text, before the server has seen it.
            return InvalidInput("row", str(error))
        return _from_postgres(state or "", error)
    return StorageError(f"the database refused: {error}")


def _from_sqlite(name: str, error: Exception) -> Exception:
    """Sort an error of SQLite by its extended name."""
    said = str(error)
    # pysqlite3 0.6.1 gives some of them without the extended name, but always says which constraint it was.
    if said.startswith(("UNIQUE", "PRIMARY KEY")):
        return Conflict(f"this was written already ({said}); load it again and decide anew")
    if said.startswith("FOREIGN KEY"):
        return NotFound("reference", said)
    if name.startswith("SQLITE_CONSTRAINT"):
        return InvalidInput("row", str(error))
    if name.startswith(_DAMAGED):
        return NotOurDatabase(f"the file is not a whole database of samskabt ({error}); restore a backup")
    for known, way_out in _SQLITE.items():
        if name.startswith(known):
            return StorageUnavailable(f"{error}: {way_out}")
    return StorageError(f"SQLite refused: {error} [{name}]")


def _from_postgres(state: str, error: Exception) -> Exception:
    """Sort an error of PostgreSQL by its SQLSTATE; without one the connection itself failed."""
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    match state[:2], state:
        case _, "23505":
            return Conflict(f"this was written already ({said}); load it again and decide anew")
        case _, "40001" | "40P01":
            return Conflict(f"two transactions were in each other's way ({said}); load it again and decide anew")
        case _, "23503":
            return NotFound("reference", said)
        case "23" | "22", _:
            return InvalidInput("row", said)
        case _, "25006":
            return StorageUnavailable(f"{said}: the server is read-only; connect to the primary")
        case _, "42501":
            return StorageUnavailable(f"{said}: give the role rights on the schema")
        case _, "55P03":
            return StorageUnavailable(f"{said}: another program has held a row for too long; try again")
        case "53", _:
            return StorageUnavailable(f"{said}: the server is out of disk, memory or connections")
        case (("" | "08" | "57" | "28" | "3D"), _):
            return StorageUnavailable(f"{said}: is the server up, and are host, database and role right?")
        case _:
            return StorageError(f"PostgreSQL refused: {said} [{state}]")
