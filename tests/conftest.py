"""What every test shares: a place for sockets, and whether the long forms are asked for; knows no room."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest


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
    return os.environ.get("SAMSKABT_SOAK") == "1"
