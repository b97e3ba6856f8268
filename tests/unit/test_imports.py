"""Guards which room imports which, where each library lives, and that the clock is read in one place."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from types import MappingProxyType

import pytest

from ..source import FACE, Module, modules

# Room -> the rooms it may import; the arrows of docs/architecture.md.
ARROWS = MappingProxyType(
    {
        "engine": frozenset[str](),
        "workflows": frozenset({"engine"}),
        "storage": frozenset({"engine"}),
        "notifications": frozenset({"engine"}),
        "runtime": frozenset({"engine", "workflows", "storage", "notifications"}),
        "cli": frozenset({"engine", "runtime", "web"}),
        "web": frozenset({"engine", "runtime"}),
        FACE: frozenset({"engine", "runtime", "cli"}),
    }
)

# Library (or part of the standard library) -> the only places that may import it: a room, a folder or a module.
SHELL = ("runtime/", "notifications/", "storage/")
ANYWHERE = ("",)
HOMES = MappingProxyType(
    {
        "alembic": ("storage/",),
        "apscheduler": ("runtime/ticker.py",),
        "click": ("cli/",),
        "dateutil": ("engine/civil/recurrence.py",),
        "css_inline": ("notifications/writing/",),
        "fastapi": ("web/",),
        "holidays": ("engine/civil/",),
        "icalendar": ("notifications/calendar/",),
        "imaplib": ("notifications/smtp/",),
        "jinja2": ("notifications/writing/", "web/"),
        "logging": (*SHELL, "cli/", "web/"),
        "psycopg": ("storage/",),
        "pydantic": ANYWHERE,
        "pydantic_core": ANYWHERE,
        "pysqlite3": ("storage/",),
        "rich": ("cli/",),
        "ruamel": ("workflows/",),
        "smtplib": ("notifications/smtp/",),
        "sqlalchemy": ("storage/",),
        "sqlite3": ("storage/",),
        "sqlmodel": ("storage/",),
        "starlette": ("web/",),
        "structlog": SHELL,
        "transitions": ("engine/machine.py",),
        "typer": ("cli/",),
        "uvicorn": ("web/",),
        "zoneinfo": ("engine/civil/",),
    }
)

# What the pure core may not even reach for.
NOT_IN_ENGINE = frozenset(
    {"asyncio", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"}
    | {"signal", "socket", "subprocess", "tempfile", "threading", "time", "urllib"}
)

# Alembic runs these as files, not as modules of the package, so a relative import has nothing to be relative to.
RUN_BY_PATH = ("storage/migrations/env.py", "storage/migrations/versions/")

CLOCK = "runtime/clock.py"
CLOCK_CALLS = re.compile(
    r"(^|\.)(datetime|date|func)\.(now|today|utcnow)$|^time\.(time|time_ns|localtime|gmtime|ctime)$"
)
SQL_CLOCK = re.compile(r"\bnow\(\)|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|'now'", re.IGNORECASE)

Finding = tuple[int, str]


def dotted(node: ast.expr) -> str:
    """Write an attribute chain as text; empty where it is not one."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
        case _:
            return ""


def imports(module: Module) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """Give line, absolute name in parts (ours begin with samskabt) and whether it was written relatively."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, tuple(alias.name.split(".")), False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                above = module.parent[: len(module.parent) - node.level + 1]
                base = ("samskabt", *above, *base)
            yield from ((node.lineno, (*base, alias.name), bool(node.level)) for alias in node.names)
        elif isinstance(node, ast.Call) and is_dynamic(node) and (name := constant_name(node)):
            yield node.lineno, tuple(name.split(".")), False


def is_dynamic(call: ast.Call) -> bool:
    """Tell an import that is written as a call."""
    return dotted(call.func).rpartition(".")[2] in {"import_module", "__import__"}


def constant_name(call: ast.Call) -> str:
    """Give the library that a call names outright; empty where the name is computed or relative."""
    match call.args:
        case [ast.Constant(value=str(name)), *_] if not name.startswith("."):
            return name
        case _:
            return ""


def wrong_arrows(module: Module) -> Iterator[Finding]:
    """Find imports between rooms against the directions, and absolute ones inside the package."""
    for line, name, relative in imports(module):
        if name[0] != "samskabt":
            continue
        if not relative and not str(module.path).startswith(RUN_BY_PATH):
            yield line, f"imports {'.'.join(name)} absolutely; between rooms write `from ..room import name`"
        target = name[1] if name[1] in ARROWS else FACE
        allowed = ARROWS[module.room]
        if target not in {module.room, *allowed}:
            yield (
                line,
                f"{module.room} imports {target}, but may import {', '.join(sorted(allowed)) or 'no other room'}; "
                "declare a small Protocol here and let runtime wire it, or move the value to engine",
            )


def strayed_libraries(module: Module) -> Iterator[Finding]:
    """Find libraries outside their home, and libraries that have none."""
    for line, name, _ in imports(module):
        library = name[0]
        if library == "samskabt":
            continue
        homes = HOMES.get(library)
        if homes is None and library not in sys.stdlib_module_names:
            yield line, f"imports {library}, which has no home; give it one in HOMES and in docs/architecture.md"
        elif homes is not None and not str(module.path).startswith(homes):
            yield (
                line,
                f"imports {library}, which lives only in {' or '.join(homes)}; ask that room for a value instead",
            )


def impurities(module: Module) -> Iterator[Finding]:
    """Find what the pure core must not do: clocks, files, chance, processes, logs."""
    if module.room != "engine":
        return
    for line, name, _ in imports(module):
        if name[0] in NOT_IN_ENGINE:
            yield line, f"engine imports {name[0]}; take the value as an argument, the shell reads the world"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called.rpartition(".")[2] in {"now", "today", "utcnow", "uuid1", "uuid4"} or called in {"open", "print"}:
                yield node.lineno, f"engine calls {called}(); take the value as an argument"


def clock_readings(module: Module) -> Iterator[Finding]:
    """Find every reading of the system's clock, in Python and in SQL."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    advice = f"only {CLOCK} reads the clock; take `now` as an argument"
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute() if CLOCK_CALLS.search(dotted(node)):
                yield node.lineno, f"uses {dotted(node)}; {advice}"
            case ast.ImportFrom(module="time", names=names) if {"time", "time_ns"} & {alias.name for alias in names}:
                yield node.lineno, f"imports the clock from time; {advice}"
            case ast.Constant(value=str(text)) if id(node) not in docstrings and SQL_CLOCK.search(text):
                yield node.lineno, f"lets the database read its clock; {advice}"


def readings_outside_the_clock(module: Module) -> Iterator[Finding]:
    """Find readings anywhere but in the one module that may."""
    return iter(()) if str(module.path) == CLOCK else clock_readings(module)


def dynamic_imports(module: Module) -> Iterator[Finding]:
    """Find imports by a computed name, which the other guards cannot see; a library may be asked for by its name."""
    if module.path == PurePosixPath(FACE, "__init__.py"):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and is_dynamic(node) and constant_name(node).split(".")[0] in {"", "samskabt"}:
            yield (
                node.lineno,
                "imports by a name that no guard can follow; write the import inside the function instead",
            )


Guard = Callable[[Module], Iterator[Finding]]
GUARDS: tuple[Guard, ...] = (
    wrong_arrows,
    strayed_libraries,
    impurities,
    readings_outside_the_clock,
    dynamic_imports,
)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_no_module_breaks_the_architecture(guard: Guard) -> None:
    """Every module of the installed package keeps the directions, the homes and the one clock."""
    found = [f"{module.path}:{line}: {text}" for module in modules() for line, text in guard(module)]
    assert not found, "\n" + "\n".join(found)


PLANTED = (
    ("engine/x.py", "from ..storage import Store", wrong_arrows),
    ("engine/civil/x.py", "from ...runtime.clock import Clock", wrong_arrows),
    ("storage/x.py", "from .. import workflows", wrong_arrows),
    ("notifications/x.py", "from samskabt.engine import Snapshot", wrong_arrows),
    ("cli/x.py", "def f():\n    from ..storage.tables import Row", wrong_arrows),
    ("runtime/x.py", "if TYPE_CHECKING:\n    from ..cli import app", wrong_arrows),
    ("runtime/x.py", "import sqlmodel", strayed_libraries),
    ("runtime/ticker.py", "from sqlalchemy.orm import Session", strayed_libraries),
    ("engine/decide.py", "from transitions import Machine", strayed_libraries),
    ("workflows/x.py", "import networkx", strayed_libraries),
    ("engine/x.py", "import random", impurities),
    ("engine/x.py", "def f(clock): return clock.now()", impurities),
    ("engine/x.py", "open('a')", impurities),
    ("storage/x.py", "import datetime\nx = datetime.datetime.now(datetime.UTC)", clock_readings),
    ("storage/x.py", "default = date.today", clock_readings),
    ("storage/x.py", "from time import time", clock_readings),
    ("storage/x.py", "Q = 'UPDATE timer SET due = CURRENT_TIMESTAMP'", clock_readings),
    ("storage/x.py", "server_default=func.now()", clock_readings),
    ("runtime/x.py", "importlib.import_module('samskabt.cli')", dynamic_imports),
    ("runtime/x.py", "importlib.import_module(name)", dynamic_imports),
    ("runtime/x.py", "import_module('pysqlite3.dbapi2')", strayed_libraries),
    ("storage/migrations/env.py", "from samskabt.runtime import settings", wrong_arrows),
)


@pytest.mark.parametrize(("path", "text", "guard"), PLANTED)
def test_the_guards_find_what_they_are_for(path: str, text: str, guard: Guard) -> None:
    """A planted breach of each kind is found, so an empty finding means something."""
    assert list(guard(Module(PurePosixPath(path), text)))


def test_the_guards_let_good_code_pass() -> None:
    """What the architecture allows is no finding."""
    good = Module(
        PurePosixPath("runtime/engine.py"),
        '"""Reads no clock: never CURRENT_TIMESTAMP."""\nfrom ..storage import Store\nfrom . import settings\n'
        "import structlog\nnow = clock.now()\n",
    )
    assert [finding for guard in GUARDS for finding in guard(good)] == []


def test_every_room_has_its_arrows() -> None:
    """A new room is named in ARROWS before it lands."""
    assert {module.room for module in modules()} <= ARROWS.keys()
