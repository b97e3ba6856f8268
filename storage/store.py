"""Opens SQLite or PostgreSQL, holds the connections, and runs transactions; knows no table.

SQLite runs in WAL mode only on a library that is free of the WAL-reset bug (3.7.0 to 3.51.2 can corrupt a database with
two writers): pysqlite3's, or the standard library's when it is new enough; otherwise with a truncated rollback journal.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ..engine.errors import InvalidInput, StorageError, StorageUnavailable
from ..engine.values import Identity
from ..engine.values.names import ACTIVITY_KINDS
from .chain import canonical
from .migrations import BUSY_SECONDS, upgrade_postgres, upgrade_sqlite
from .prepared import Book, Connection, Hook, translated
from .reading import Reader
from .work import UnitOfWork

WAL_IS_SAFE = (3, 51, 3)
MOST_IDENTITIES = 100_000


@dataclass(frozen=True, slots=True)
class Backend:
    """What the store runs on; ``journal_mode`` is None on PostgreSQL."""

    dialect: str
    server_version: str
    journal_mode: str | None
    synchronous: str


@dataclass(frozen=True, slots=True)
class _Engine:
    """How one database is reached: its dialect, how to connect, and how its transactions begin."""

    dialect: Dialect
    connect: Callable[[], Any]
    failures: tuple[type[Exception], ...]
    begin: str
    read: str


class Store:
    """The database: `begin` gives a unit of work, `read` a reader; any number of threads may use it at once."""

    def __init__(
        self, engine: _Engine, *, hook: Hook | None, activity_kinds: frozenset[str], on_trial: bool = False
    ) -> None:
        self._engine = engine
        self._book = Book(engine.dialect, on_trial=on_trial)
        self._hook = hook
        self._activity_kinds = activity_kinds
        self._known: dict[int, Identity] = {}
        self._idle: list[Connection] = []
        self._inherited: list[Connection] = []
        self._process = os.getpid()
        self._is_closed = False

    @classmethod
    def open(
        cls,
        url: str,
        hook: Hook | None = None,
        *,
        activity_kinds: frozenset[str] = ACTIVITY_KINDS,
        module: ModuleType | None = None,
        on_trial: bool = False,
    ) -> Store:
        """Open a database and bring it to this version's schema.

        ``url`` is ``sqlite:///path`` or ``postgresql://user@host/name``. ``hook`` hears every statement as ``before
        <name>`` and ``after <name>``. ``module`` chooses the SQLite library, e.g. the standard library's ``sqlite3``.
        ``on_trial`` says that this process sends to the one address of a trial, whose reader was told what went there.
        Errors: InvalidInput for the url, DatabaseTooNew, NotOurDatabase, StorageUnavailable.
        """
        try:
            parsed = make_url(url)
            name = parsed.get_backend_name()
        except (ArgumentError, NoSuchModuleError) as error:
            raise InvalidInput("url", f"{error}; write sqlite:///path/to/file.db or postgresql://host/name") from error
        match name:
            case "sqlite":
                engine = _sqlite(parsed, module or _sqlite_module(), hook)
            case "postgresql":
                engine = _postgres(parsed, hook)
            case _:
                raise InvalidInput("url", f"{name} is not supported; write sqlite:///path or postgresql://host/name")
        store = cls(engine, hook=hook, activity_kinds=activity_kinds, on_trial=on_trial)
        store._idle.append(store._connected())
        return store

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Run one write transaction: committed when the block ends well, rolled back on any exception.

        A statement that failed dooms the transaction, even if its error was caught: the commit raises it again.
        """
        connection = self._started("begin", self._engine.begin)
        try:
            work = UnitOfWork(connection, self._known, self._activity_kinds)
            yield work
            connection.commit()
        except BaseException:
            self._abandon(connection)
            raise
        self._remember(work.met)
        self._put_back(connection)

    @contextmanager
    def look(self) -> Iterator[UnitOfWork]:
        """Run one read transaction that loads instances as for a decision, without locks; nothing in it is kept."""
        connection = self._started("begin read", self._engine.read)
        try:
            work = UnitOfWork(connection, self._known, self._activity_kinds, locks=False)
            yield work
        finally:
            self._abandon(connection)
        self._remember(work.met)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Run one read transaction, in which everything is seen as of one moment."""
        connection = self._started("begin read", self._engine.read)
        try:
            yield Reader(connection)
        finally:
            self._abandon(connection)

    @contextmanager
    def rehearse(self) -> Iterator[Store]:
        """Lend a store whose transactions are all parts of one write transaction, which is rolled back at the end.

        Nothing that is done with it is kept, and nobody else can write on SQLite while it lasts.
        """
        connection = self._started("begin", self._engine.begin)
        try:
            yield _Rehearsal(self, connection)
        finally:
            self._abandon(connection)

    def hurry(self) -> None:
        """Wait for the disk no more, on the connection at hand: for a database that is thrown away afterwards."""
        connection = self._started("begin read", self._engine.read)
        self._abandon(connection)
        if self.dialect == "sqlite":
            connection.raw.execute("PRAGMA synchronous = OFF")

    @property
    def dialect(self) -> str:
        """Name the database, ``sqlite`` or ``postgresql``, without asking it."""
        return self._engine.dialect.name

    @property
    def backend(self) -> Backend:
        """Ask the database what the store runs on."""
        with self.read() as reader:
            ask = reader.connection.ask
            if self._engine.dialect.name == "sqlite":
                level = ("OFF", "NORMAL", "FULL", "EXTRA")[ask("PRAGMA synchronous")]
                return Backend("sqlite", ask("SELECT sqlite_version()"), ask("PRAGMA journal_mode"), level)
            return Backend("postgresql", ask("SHOW server_version"), None, ask("SHOW synchronous_commit"))

    def close(self) -> None:
        """Close all connections; transactions that are still open close theirs when they end."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().raw.close()

    def __enter__(self) -> Store:
        """Answer the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def _started(self, name: str, sql: str) -> Connection:
        """Begin a transaction on an idle connection, or on a new one."""
        if self._is_closed:
            raise StorageError("the store is closed; open it again")
        if self._process != os.getpid():
            # A forked child must neither use nor close what its parent opened.
            self._inherited, self._idle, self._process = self._idle, [], os.getpid()
        while True:
            try:
                connection, is_new = self._idle.pop(), False
            except IndexError:
                connection, is_new = self._connected(), True
            try:
                connection.say(name, sql)
            except StorageError as error:
                connection.raw.close()
                # The server may have dropped it while it was idle; nothing was done on it, so another one will do.
                if is_new or self._engine.dialect.name == "sqlite" or not isinstance(error, StorageUnavailable):
                    raise
            except BaseException:
                connection.raw.close()
                raise
            else:
                return connection

    def _connected(self) -> Connection:
        """Open a connection."""
        try:
            raw = self._engine.connect()
        except self._engine.failures as error:
            raise translated(error) from error
        return Connection(raw, self._book, self._hook, self._engine.failures)

    def _abandon(self, connection: Connection) -> None:
        """Roll back; a connection that cannot even do that is thrown away."""
        connection.failure = None
        try:
            connection.raw.execute("ROLLBACK")
        except self._engine.failures:
            connection.raw.close()
        else:
            self._put_back(connection)

    def _put_back(self, connection: Connection) -> None:
        """Keep a connection for the next transaction."""
        if self._is_closed:
            connection.raw.close()
        else:
            self._idle.append(connection)

    def _remember(self, met: dict[int, Identity]) -> None:
        """Keep the identities of a committed transaction: they never change."""
        if met:
            if len(self._known) > MOST_IDENTITIES:
                self._known.clear()
            self._known.update(met)


class _Rehearsal(Store):
    """A store on one connection that is in a transaction: what it begins are savepoints in it."""

    def __init__(self, store: Store, connection: Connection) -> None:
        super().__init__(store._engine, hook=store._hook, activity_kinds=store._activity_kinds)
        self._known = dict(store._known)
        self._only = connection

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Do something that may yet fail by itself: then only that is undone."""
        self._only.say("savepoint", "SAVEPOINT rehearsal")
        try:
            work = UnitOfWork(self._only, self._known, self._activity_kinds)
            yield work
            if self._only.failure is not None:
                raise self._only.failure
        except BaseException:
            self._only.failure = None
            self._only.say("undo", "ROLLBACK TO SAVEPOINT rehearsal")
            self._only.say("release", "RELEASE SAVEPOINT rehearsal")
            raise
        self._only.say("release", "RELEASE SAVEPOINT rehearsal")
        self._known.update(work.met)

    @contextmanager
    def look(self) -> Iterator[UnitOfWork]:
        """Look at what was done so far."""
        yield UnitOfWork(self._only, self._known, self._activity_kinds, locks=False)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Read what was done so far."""
        yield Reader(self._only)


def _sqlite_module() -> ModuleType:
    """Choose pysqlite3 when it is there and safe, else the standard library."""
    try:
        from pysqlite3 import dbapi2  # type: ignore[import-untyped]
    except ImportError:
        return sqlite3
    module: ModuleType = dbapi2
    return module if module.sqlite_version_info >= WAL_IS_SAFE else sqlite3


def _sqlite(url: URL, module: ModuleType, hook: Hook | None) -> _Engine:
    """Migrate a SQLite file and say how to connect to it."""
    if not url.database or url.database == ":memory:":
        raise InvalidInput("url", "a database in memory forgets everything; write sqlite:///path/to/file.db")
    path = Path(url.database).absolute()
    upgrade_sqlite(module, path, hook)
    is_safe = module.sqlite_version_info >= WAL_IS_SAFE
    mode, level = ("wal", "FULL") if is_safe else ("truncate", "EXTRA")

    def connect() -> Any:
        raw = module.connect(
            str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            _set_journal(raw, module, mode)
            raw.execute(f"PRAGMA synchronous = {level}")
            raw.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            raw.close()
            raise
        return raw

    make: Callable[..., Dialect] = url.get_dialect()
    dialect = make(json_serializer=canonical)
    return _Engine(dialect, connect, (module.Error,), "BEGIN IMMEDIATE", "BEGIN")


def _set_journal(raw: Any, module: ModuleType, mode: str) -> None:
    """Switch the journal mode if it is another; SQLite does not wait for other connections here, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if raw.execute("PRAGMA journal_mode").fetchone()[0] == mode:
                return
            if raw.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] == mode:
                return
            raise StorageUnavailable(f"SQLite does not take journal mode {mode} here; choose a local disk")
        except module.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _postgres(url: URL, hook: Hook | None) -> _Engine:
    """Migrate a PostgreSQL database and say how to connect to it."""
    try:
        import psycopg
        from psycopg.types.json import set_json_dumps
    except ImportError as error:
        raise StorageUnavailable("PostgreSQL needs psycopg; install samskabt[postgres]") from error
    url = url.set(drivername="postgresql+psycopg")
    upgrade_postgres(url, hook)
    make: Callable[..., Dialect] = url.get_dialect()
    dialect = make(paramstyle="format", json_serializer=canonical)
    positional, named = dialect.create_connect_args(url)

    def connect() -> Any:
        raw = psycopg.connect(*positional, **{"connect_timeout": 10, **named}, autocommit=True)
        try:
            set_json_dumps(canonical, raw)
            raw.execute("SET timezone = 'UTC'")
            raw.execute(f"SET lock_timeout = '{BUSY_SECONDS:.0f}s'")
            # What was acknowledged is durable, whatever the server's default; a stronger one is left alone.
            raw.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
            )
        except BaseException:
            raw.close()
            raise
        return raw

    begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    return _Engine(dialect, connect, (psycopg.Error,), begin, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
