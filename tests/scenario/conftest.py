"""Worlds for the scenarios: a fresh programme, or a copy of one whose four kommuner have just been chosen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.workflows.catalogue import Catalogue

from .linked import Stalled, open_linked, stalled
from .world import CHOSEN, PUBLISHED, World, copied, enrol_and_choose, open_world, start


@pytest.fixture(scope="session")
def workflows() -> Workflows:
    """Give the shipped workflows, read once."""
    return Catalogue.shipped()


@pytest.fixture(scope="session")
def chosen_file(workflows: Workflows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Make a database in which four kommuner were chosen on 4 September 2019, and close it."""
    path = tmp_path_factory.mktemp("valgt") / "valgt.db"
    world = enrol_and_choose(start(open_world(f"sqlite:///{path}", workflows, PUBLISHED)))
    world.engine.close()
    return path, world.programme


@pytest.fixture(scope="session")
def stalled_file(
    workflows: Workflows, chosen_file: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> Stalled:
    """Make a database with links in its mails in which trin 1 has lain still in Greve until somebody was reminded."""
    path, programme = tmp_path_factory.mktemp("stille") / "stille.db", chosen_file[1]
    world = open_linked(copied(chosen_file[0], path), workflows, CHOSEN, programme)
    greve, secret = stalled(world)
    world.engine.close()
    return Stalled(path, programme, greve, secret, world.clock.now(), tuple(world.mailer.mails))


@pytest.fixture(scope="session")
def chosen_template(workflows: Workflows, postgres_server: str) -> tuple[str, int]:
    """Make the same on PostgreSQL, as a database that others are copied from, and close it; give its name."""
    name = f"valgt_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = postgres_server.replace("/postgres?", f"/{name}?")
    world = enrol_and_choose(start(open_world(url, workflows, PUBLISHED)))
    world.engine.close()
    return name, world.programme


@pytest.fixture
def chosen_url(chosen_template: tuple[str, int], postgres_server: str) -> Iterator[tuple[str, int]]:
    """Give the address of a copy of it, and its programme."""
    name = f"kopi_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {chosen_template[0]}")
    yield postgres_server.replace("/postgres?", f"/{name}?"), chosen_template[1]
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def open_at(workflows: Workflows, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Open as many worlds as a test likes, each in a file of its own; all are closed at its end."""
    opened: list[World] = []

    def open_(name: str = "ny") -> World:
        opened.append(open_world(f"sqlite:///{tmp_path / name}.db", workflows, PUBLISHED))
        return opened[-1]

    yield open_
    for world in opened:
        world.engine.close()


@pytest.fixture
def world(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give a programme whose kommuner København, Greve, Aarhus and Læsø were chosen this morning."""
    template, programme = chosen_file
    found = open_world(copied(template, tmp_path / "valgt.db"), workflows, CHOSEN, programme)
    yield found
    found.engine.close()


@pytest.fixture
def open_chosen(
    workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path
) -> Iterator[Callable[[str], World]]:
    """Open as many copies of the chosen programme as a test likes, by name; all are closed at its end."""
    opened: list[World] = []

    def open_(name: str) -> World:
        url = copied(chosen_file[0], tmp_path / f"{name}.db")
        opened.append(open_world(url, workflows, CHOSEN, chosen_file[1]))
        return opened[-1]

    yield open_
    for world in opened:
        world.engine.close()
