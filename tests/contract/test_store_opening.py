"""What every store promises about opening: it migrates by itself, whole or not at all, and touches nothing foreign."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from samskabt.engine.errors import DatabaseTooNew, InvalidInput, NotOurDatabase, StorageError, StorageUnavailable
from samskabt.storage import Store, migrations
from samskabt.storage.tables import METADATA
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from .making import advance, event, found, snapshot_of

OPEN = "import sys; from samskabt.storage import Store; Store.open(sys.argv[1]).close()"


def engine_url(url: str) -> str:
    """Name the driver, for tests that look at the database past the store."""
    return url.replace("postgresql:", "postgresql+psycopg:")


def say(url: str, *statements: str) -> None:
    """Run SQL past the store."""
    engine = create_engine(engine_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def killed(url: str, point: int) -> bool:
    """Open a database in a forked child that kills itself at a point; tell whether it got there."""
    left = point

    def crash(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with warnings.catch_warnings():
        # Python 3.12 and later warn that the child of a process with threads may hang; ours starts none and ends hard.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 1
        try:
            Store.open(url, crash)
            status = 0
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def python(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start another process."""
    return subprocess.Popen([sys.executable, "-W", "error", "-c", script, *arguments], stderr=subprocess.PIPE)


def test_opening_again_finds_what_was_recorded(open_store: Callable[..., Store]) -> None:
    """A second store, and one that is closed and opened again, see the same."""
    first = open_store()
    number = found(first).born[0].id
    advance(first, number)
    first.close()
    assert snapshot_of(open_store(), number).revision == 2


def test_the_migrations_lead_to_the_tables_of_the_models(store_url: str) -> None:
    """Alembic finds no difference between a migrated database and the SQLModel classes."""
    Store.open(store_url).close()
    engine = create_engine(engine_url(store_url), poolclass=NullPool)
    with engine.connect() as connection:
        options = {"version_table": migrations.VERSION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_the_head_that_is_known_without_alembic_is_the_scripts_head() -> None:
    """The constant that spares an ordinary start the import is kept in step."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


def test_an_ordinary_start_does_not_import_alembic(store_url: str) -> None:
    """Opening a database that is up to date is cheap."""
    Store.open(store_url).close()
    script = f"{OPEN}; assert 'alembic' not in sys.modules"
    assert python(script, store_url).communicate()[1] == b""


def test_the_checks_of_the_models_are_in_the_database(tmp_path: Path) -> None:
    """CHECK constraints, which Alembic does not compare, are the same in a migrated file as in the models."""
    Store.open(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    create = create_engine(f"sqlite:///{tmp_path / 'created.db'}", poolclass=NullPool)
    METADATA.create_all(create)
    found_checks = []
    for name in ("migrated.db", "created.db"):
        connection = sqlite3.connect(tmp_path / name)
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%CHECK%'").fetchall()
        lines = {(table, line.strip(" ,\t")) for table, sql in rows for line in sql.splitlines() if "CHECK" in line}
        found_checks.append(lines)
        connection.close()
    assert found_checks[0] == found_checks[1]
    assert len(found_checks[0]) > 15


def test_four_processes_open_an_empty_database_at_once(store_url: str) -> None:
    """One of them creates the tables, and all of them get on."""
    processes = [python(OPEN, store_url) for _ in range(4)]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [(b"", 0)] * 4
    with Store.open(store_url) as store:
        assert advance(store, found(store).born[0].id).revision == 2


def test_a_migration_killed_at_any_statement_leaves_nothing_or_everything(store_url: str) -> None:
    """After kill -9 before and after every statement and the commit, the next process begins as if nothing had been."""
    points = 0
    while killed(store_url, points):
        points += 1
    assert points > 50
    with Store.open(store_url) as store:
        assert advance(store, found(store).born[0].id).revision == 2


def test_a_newer_schema_is_left_to_newer_programs(store_url: str) -> None:
    """A revision that this program does not know stops it, and the message says what to upgrade."""
    Store.open(store_url).close()
    say(store_url, f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew, match=r"schema 9999.*upgrade the program"):
        Store.open(store_url)


def test_tables_of_another_program_are_left_alone(store_url: str) -> None:
    """A database with somebody else's tables of our names is refused and not changed."""
    say(store_url, "CREATE TABLE person (navn TEXT)", "INSERT INTO person VALUES ('Åse')")
    with pytest.raises(NotOurDatabase, match="another"):
        Store.open(store_url)
    say(store_url, "INSERT INTO person VALUES ('Bo')")


def test_a_foreign_file_is_not_touched(tmp_path: Path) -> None:
    """A text file, a damaged file and another program's database keep every byte, and get no companions."""
    foreign = tmp_path / "andet.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE andet (x)")
    connection.close()
    (tmp_path / "tekst.db").write_text("Kære alle,\n" * 500)
    (tmp_path / "kort.db").write_bytes(b"SQLite format 3\0" + b"\1" * 50)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name in before:
        with pytest.raises(NotOurDatabase):
            Store.open(f"sqlite:///{tmp_path / name}")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_reported_and_not_touched(tmp_path: Path, part: float) -> None:
    """A file that lost its end is refused with the sizes, and a restore is suggested."""
    path = tmp_path / "samskabt.db"
    with Store.open(f"sqlite:///{path}") as store:
        found(store)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(NotOurDatabase, match="restore a backup"):
        Store.open(f"sqlite:///{path}")
    assert path.read_bytes() == whole[: int(len(whole) * part)]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that is missing, that is a file, or that takes no files, is said with its path."""
    (tmp_path / "fil").write_text("")
    for place in (tmp_path / "mangler" / "x.db", tmp_path / "fil" / "x.db", Path("/proc/samskabt.db")):
        with pytest.raises(StorageUnavailable, match=place.name):
            Store.open(f"sqlite:///{place}")


def test_a_full_disk_is_reported_and_changes_nothing(tmp_path: Path) -> None:
    """When no page is left the decision fails, the old state stays, and with room again all goes on."""
    with Store.open(f"sqlite:///{tmp_path / 'samskabt.db'}") as store:
        number = found(store).born[0].id
        with pytest.raises(StorageUnavailable, match="disk is full"), store.begin() as work:
            pages = work.connection.ask("PRAGMA page_count")
            work.connection.ask(f"PRAGMA max_page_count = {pages}")
            for _ in range(200):
                work.registers.add_person("Å" * 1000, "aa@example.dk")
        with store.read() as reader:
            assert (reader.registers.people(), reader.instance(number).revision) == ((), 1)
        with store.begin() as work:
            work.connection.ask("PRAGMA max_page_count = 1000000")
        assert advance(store, number).revision == 2


def test_an_unreachable_server_is_reported() -> None:
    """Nobody listens: the error says what to look at."""
    with pytest.raises(StorageUnavailable, match="is the server up"):
        Store.open("postgresql://nobody@127.0.0.1:1/none")


def test_a_server_that_drops_idle_connections_is_not_noticed(postgres_url: str, postgres_server: str) -> None:
    """A connection that died while idle is replaced before the next transaction begins."""
    with Store.open(postgres_url) as store:
        number = found(store).born[0].id
        name = postgres_url.split("/")[3].split("?")[0]
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        say(postgres_server, kill)
        assert advance(store, number).revision == 2


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "samskabt.db", ""])
def test_an_address_that_is_no_database_is_explained(url: str) -> None:
    """Memory, other databases and bare file names are refused with an example."""
    with pytest.raises(InvalidInput, match="sqlite:///path"):
        Store.open(url)


def test_a_closed_store_says_so(store: Store) -> None:
    """Using it afterwards is an error of ours, not of a driver."""
    store.close()
    with pytest.raises(StorageError, match="closed"), store.begin():
        pass


def test_the_journal_is_as_safe_as_the_library_allows(tmp_path: Path) -> None:
    """WAL only where SQLite is free of the WAL-reset bug; else a truncated journal with synchronous=EXTRA."""
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}", module=sqlite3) as store:
        number = found(store).born[0].id
        old = (store.backend.journal_mode, store.backend.synchronous)
        assert old == (("wal", "FULL") if sqlite3.sqlite_version_info >= (3, 51, 3) else ("truncate", "EXTRA"))
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store:
        assert advance(store, number, happening=event(reason="æøå")).revision == 2
        assert store.backend.dialect == "sqlite"
        assert (store.backend.journal_mode, store.backend.synchronous) in {("wal", "FULL"), ("truncate", "EXTRA")}


def test_an_older_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    """The copy is made while the write lock is held, and holds what the file held before the upgrade."""
    path = tmp_path / "samskabt.db"
    target = Path(f"{path}.backup-{migrations.HEAD}")
    with Store.open(f"sqlite:///{path}", module=sqlite3) as store:
        number = found(store).born[0].id
        with store.begin():
            migrations.copy_sqlite(sqlite3, path, target)
    with Store.open(f"sqlite:///{target}") as copy:
        assert snapshot_of(copy, number).revision == 1
    assert sorted(found_.name for found_ in tmp_path.iterdir() if "partial" in found_.name) == []


def test_a_row_that_was_damaged_is_reported(tmp_path: Path) -> None:
    """Bytes that were overwritten in the middle of the file never come back as data."""
    path = tmp_path / "samskabt.db"
    with Store.open(f"sqlite:///{path}") as store:
        number = found(store).born[0].id
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(NotOurDatabase, match="restore a backup"), Store.open(f"sqlite:///{path}") as store:
        advance(store, number)
