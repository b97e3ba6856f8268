"""Brings a database to this version's schema: looks first, takes a lock, makes a backup, migrates in one transaction.

Whatever is not ours is refused before a byte of it is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...engine.errors import DatabaseTooNew, NotOurDatabase, StorageError, StorageUnavailable
from ..prepared import Hook, translated

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.engine import Connection as SqlConnection

# Known without importing Alembic, which an ordinary start does not need; a test compares it with the scripts.
HEAD = "0010"
VERSION_TABLE = "samskabt_version"
OWNER = "samskabt"
BUSY_SECONDS = 30.0
# Any number will do, as long as every samskabt takes the same one.
ADVISORY_LOCK = 7_365_107_511


def upgrade_sqlite(module: ModuleType, path: Path, hook: Hook | None = None) -> None:
    """Create or migrate a SQLite file; an existing older one is first copied to ``<file>.backup-<revision>``.

    Errors: NotOurDatabase for a foreign or truncated file, DatabaseTooNew, StorageUnavailable.
    """
    try:
        if path.exists() and path.stat().st_size:
            found = _look(module, path)
            if found == HEAD:
                return
            _refuse_newer(found)
        _migrate_sqlite(module, path, hook)
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}; choose a folder that the program may write in") from error
    except module.Error as error:
        raise _named(path, translated(error)) from error


def upgrade_postgres(url: URL, hook: Hook | None = None) -> None:
    """Create or migrate the tables in a PostgreSQL database, in the first schema of its search path.

    Errors: NotOurDatabase when tables of our names belong to somebody else, DatabaseTooNew, StorageUnavailable.
    """
    import psycopg
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    try:
        with engine.begin() as connection:
            if _postgres_revision(connection) == HEAD:
                return
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            found = _postgres_revision(connection)
            if found != HEAD:
                _refuse_newer(found)
                _run_alembic(connection, hook)
                _call(hook, "before migrate commit")
    except DBAPIError as error:
        cause = error.orig if isinstance(error.orig, psycopg.Error) else error
        raise translated(cause) from error
    _call(hook, "after migrate commit")


def _look(module: ModuleType, path: Path) -> str | None:
    """Answer the revision of an existing file without changing it; None if it holds nothing yet."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _look_at(module, uri, path)
    except module.OperationalError:
        # A crash may have left a journal that must be rolled back first, which a reader without rights cannot do.
        if not any(Path(f"{path}{suffix}").exists() for suffix in ("-journal", "-wal")):
            raise
        return _look_at(module, uri.replace("mode=ro", "mode=rw"), path)


def _look_at(module: ModuleType, uri: str, path: Path) -> str | None:
    """Read owner, revision and length of a file in one read transaction."""
    with closing(module.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        revision = _sqlite_revision(connection, path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        # In WAL mode the last pages may still be in the log. The file is never opened by hand: closing it would drop
        # the locks that this process holds on it (POSIX).
        in_log = Path(f"{path}-wal").exists() and Path(f"{path}-wal").stat().st_size
        if not in_log and path.stat().st_size < pages * size:
            said = f"{path} is truncated: it holds {path.stat().st_size} of {pages * size} bytes"
            raise NotOurDatabase(f"{said}; restore a backup")
        return revision


def _sqlite_revision(connection: Any, path: Path) -> str | None:
    """Answer the revision of an open database, None if it is empty; refuse one that is not ours."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return None
    owner = None
    if {VERSION_TABLE, "meta"} <= names:
        owner = connection.execute("SELECT value FROM meta WHERE key = 'owner'").fetchone()
    if owner != (OWNER,):
        raise NotOurDatabase(f"{path} is a database of another program; choose another file, this one is untouched")
    found = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    return str(found[0]) if found else None


def _migrate_sqlite(module: ModuleType, path: Path, hook: Hook | None) -> None:
    """Take the write lock, look again (another process may have been first), copy, migrate, commit."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    def connect() -> Any:
        return module.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, module=module)
    try:
        with engine.connect() as connection, _watched(connection, hook):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            raw = connection.connection.dbapi_connection
            found = _sqlite_revision(raw, path)
            if found == HEAD:
                return
            _refuse_newer(found)
            if found is not None:
                copy_sqlite(module, path, Path(f"{path}.backup-{found}"))
            _run_alembic(connection, None)
            _call(hook, "before migrate commit")
            connection.commit()
    except DBAPIError as error:
        cause = error.orig if isinstance(error.orig, Exception) else error
        raise _named(path, translated(cause)) from error
    _call(hook, "after migrate commit")


def copy_sqlite(module: ModuleType, path: Path, target: Path) -> None:
    """Copy the database with SQLite's backup, whole or not at all; the write lock lets readers in."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with (
        closing(module.connect(uri, uri=True, timeout=BUSY_SECONDS)) as source,
        closing(module.connect(str(partial))) as copy,
    ):
        source.backup(copy)
    partial.replace(target)


def _postgres_revision(connection: SqlConnection) -> str | None:
    """Answer the revision of the current schema, None if it has none of our tables; refuse others' tables."""
    from ..tables import METADATA

    found = set(
        connection.exec_driver_sql(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
        ).scalars()
    )
    if VERSION_TABLE in found:
        return str(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar_one())
    foreign = found & set(METADATA.tables)
    if foreign:
        raise NotOurDatabase(
            f"tables of another program are in the way: {', '.join(sorted(foreign))}; use a schema of its own"
        )
    return None


def _refuse_newer(found: str | None) -> None:
    """Raise unless the revision is one that this program knows."""
    if found is None:
        return
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).parent))
    if found not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseTooNew(
            f"the database has schema {found}, this program knows up to {HEAD}; upgrade the program, or restore the "
            f"copy that was made before the upgrade (.backup-{HEAD})"
        )


def _run_alembic(connection: SqlConnection, hook: Hook | None) -> None:
    """Run the missing migrations in the open transaction of this connection."""
    from alembic import command
    from alembic.config import Config

    from ..tables import METADATA

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes.update(connection=connection, metadata=METADATA, version_table=VERSION_TABLE)
    with _watched(connection, hook):
        command.upgrade(config, "head")


@contextmanager
def _watched(connection: SqlConnection, hook: Hook | None) -> Iterator[None]:
    """Let the hook see every statement of a migration as ``before migrate`` and ``after migrate``."""
    from sqlalchemy import event

    if hook is None:
        yield
        return

    def before(*_: object) -> None:
        hook("before migrate")

    def after(*_: object) -> None:
        hook("after migrate")

    event.listen(connection, "before_cursor_execute", before)
    event.listen(connection, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "after_cursor_execute", after)


def _call(hook: Hook | None, point: str) -> None:
    """Pass a crash point."""
    if hook is not None:
        hook(point)


def _named(path: Path, error: Exception) -> Exception:
    """Put the file's name before a translated message."""
    return type(error)(f"{path}: {error}") if isinstance(error, StorageError) else error
