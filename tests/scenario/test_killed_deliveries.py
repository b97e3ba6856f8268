"""kill -9 over ticking, claiming, sending and marking, among processes: nothing is lost, early or there twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from samskabt.runtime.usecases.programmes import Workflows

from ..mailserver import Certificates, make_certificates
from .killing import Sink, sink_at
from .ward import Ward, settle_ward

SEED = 20191128
pytestmark = [pytest.mark.no_cover, pytest.mark.xdist_group("kills")]
# No coverage: a victim writes no figures.
Say = Callable[[str], None]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give certificates, good and bad."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def sink(tmp_path: Path, certificates: Certificates) -> Iterator[Sink]:
    """Run a mail server in a process of its own."""
    with sink_at(tmp_path / "book.jsonl", certificates) as found:
        yield found


@pytest.fixture(scope="module")
def ward_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make the SQLite database that every ward on it is a copy of."""
    path = tmp_path_factory.mktemp("ward") / "ward.db"
    return path, settle_ward(f"sqlite:///{path}", workflows)


@pytest.fixture(scope="module")
def ward_name(workflows: Workflows, postgres_server: str) -> tuple[str, int]:
    """Make the same on PostgreSQL, as a template."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ward")
    return "ward", settle_ward(postgres_server.replace("/postgres?", "/ward?"), workflows)


@pytest.fixture(params=["sqlite", "postgresql"])
def ward_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Give a copy of the ward's database of each kind, and the programme's number."""
    if request.param == "sqlite":
        path, programme = request.getfixturevalue("ward_file")
        shutil.copyfile(path, tmp_path / "ward.db")
        yield f"sqlite:///{tmp_path / 'ward.db'}", programme
        return
    name, programme = request.getfixturevalue("ward_name")
    server: str = request.getfixturevalue("postgres_server")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE victims TEMPLATE {name}")
    yield server.replace("/postgres?", "/victims?"), programme
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE victims WITH (FORCE)")


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("processes", [1, 2, 4])
def test_kills_among_several_processes_lose_nothing(
    ward_url: tuple[str, int],
    processes: int,
    workflows: Workflows,
    sink: Sink,
    certificates: Certificates,
    say: Say,
    soak: bool,
) -> None:
    """Timers fire once and not early, every mail arrives, and comes twice only where its sender may have sent it."""
    url, programme = ward_url
    ward = Ward(url, workflows, programme, sink, sink.settings(certificates))
    toll = ward.run(processes, 170 if soak else 8, f"{SEED}/{processes}")
    say(
        f"{processes} processes, {toll.places.total()} kills {dict(sorted(toll.places.items()))}, at"
        f" {len(toll.steps)} different steps, {dict(sorted(toll.counts.items()))}, {len(toll.wrong)} violations,"
        f" seed {SEED}"
    )
    assert toll.wrong[:20] == []
    assert toll.counts["fired"] > 5 and toll.counts["taken"] > 10


@pytest.mark.parametrize(
    ("plant", "says"), [("mark first", "was noted as sent, and is lost"), ("no fence", "0 who died may have sent it")]
)
def test_a_planted_bug_is_found(
    ward_file: tuple[Path, int],
    plant: str,
    says: str,
    workflows: Workflows,
    sink: Sink,
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """A letter that is marked before it is sent; a report that is believed though another has the letter by now."""
    shutil.copyfile(ward_file[0], tmp_path / "ward.db")
    url = f"sqlite:///{tmp_path / 'ward.db'}"
    ward = Ward(url, workflows, ward_file[1], sink, sink.settings(certificates), plant)
    toll = ward.run(4, 16, f"{SEED}/{plant}")
    assert [line for line in toll.wrong if says in line] != []
