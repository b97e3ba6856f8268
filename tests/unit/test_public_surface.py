"""Guards what `import samskabt` promises to users, and that it costs nothing until it is used."""

import ast
import subprocess
import sys

import pytest
import samskabt

from ..source import PACKAGE

HEAVY = ("alembic", "apscheduler", "psycopg", "rich", "sqlalchemy", "sqlmodel", "structlog", "typer")

SURFACE = [
    "Actor",
    "ActorKind",
    "Conflict",
    "DatabaseTooNew",
    "DefinitionError",
    "DeliveryFailed",
    "Engine",
    "InvalidInput",
    "NotFound",
    "NotOurDatabase",
    "NotStable",
    "Refused",
    "Rehearsal",
    "SamskabtError",
    "Settings",
    "StorageError",
    "StorageUnavailable",
    "VirtualClock",
    "connect",
    "rehearse",
    "__version__",
]


def test_the_public_surface_is_what_users_were_told() -> None:
    """Adding or removing a public name is a decision: it changes this list and the change log."""
    assert dir(samskabt) == sorted(SURFACE) == sorted(samskabt.__all__)


def test_every_public_name_can_be_loaded() -> None:
    """No entry of the table points at a module or a name that is not there."""
    assert [name for name in samskabt.__all__ if getattr(samskabt, name) is None] == []


def test_type_checkers_see_the_same_names() -> None:
    """The imports for type checkers and the table of lazy names say the same."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    guarded = [node for node in tree.body if isinstance(node, ast.If)]
    told = {
        alias.name
        for block in guarded
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told | {"__version__"} == set(samskabt.__all__)


def test_an_unknown_name_is_refused_with_what_there_is() -> None:
    """A misspelt name raises AttributeError and lists the public surface."""
    with pytest.raises(AttributeError, match=r"no 'Refusd'; it has .*Refused"):
        _ = samskabt.Refusd  # type: ignore[attr-defined]


@pytest.mark.parametrize("imported", ["samskabt", "samskabt.engine"])
def test_the_core_loads_nothing_heavy(imported: str) -> None:
    """Importing the package or its core loads no database, scheduler, log or command line."""
    code = f"import sys, {imported}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    result = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.split() == []
