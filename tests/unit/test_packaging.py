"""Guards what ships: packages, data files and the lock; the size and docstrings of modules; no foreign names."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import samskabt
from packaging.requirements import Requirement

from ..source import FACE, ROOT, Module, installed_files, modules, walk

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NO_ROOMS = frozenset({"benchmarks", "scripts", "tests"})
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in NO_ROOMS)

MOST_LINES = 400
MOST_MODULES = 8
# Migrations only ever grow in number.
MAY_GROW = frozenset({PurePosixPath("storage/migrations/versions")})


def room_files() -> dict[PurePosixPath, Path]:
    """Map every file that people wrote in the rooms of the working tree."""
    return {PurePosixPath(path.relative_to(ROOT).as_posix()): path for room in ROOMS for path in walk(ROOT / room)}


def test_pyproject_names_every_package() -> None:
    """Each folder with Python in it is a package of pyproject.toml, mapped to itself."""
    folders = {path.parent for path in room_files() if path.suffix == ".py"}
    names = {("samskabt" if folder == PurePosixPath(FACE) else ".".join(("samskabt", *folder.parts))): str(folder)
             for folder in folders}  # fmt: skip
    setuptools = PROJECT["tool"]["setuptools"]
    assert setuptools["package-dir"] == names
    assert sorted(setuptools["packages"]) == sorted(names)


def test_the_installed_package_is_the_working_tree() -> None:
    """Every file of the rooms ships unchanged, and nothing else does (if not: package-data, or `make test` again)."""
    written, shipped = room_files(), installed_files()
    assert sorted(map(str, shipped.keys() ^ written.keys())) == []
    assert [str(name) for name, path in written.items() if path.read_bytes() != shipped[name].read_bytes()] == []


def test_the_version_stands_in_one_way() -> None:
    """The package and pyproject.toml tell the same version."""
    assert samskabt.__version__ == PROJECT["project"]["version"]


def locked() -> dict[str, str]:
    """Map each locked package to its version."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE))


def wanted() -> Iterator[Requirement]:
    """Give every requirement of pyproject.toml: to run, of all extras, and to build."""
    project = PROJECT["project"]
    extras = (line for lines in project["optional-dependencies"].values() for line in lines)
    for line in (*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]):
        yield Requirement(line)


def test_the_lock_is_in_step_with_pyproject() -> None:
    """Every requirement is locked to a version in its range; if not, run `make lock`."""
    versions = locked()
    names = {requirement: re.sub(r"[-_.]+", "-", requirement.name).lower() for requirement in wanted()}
    wrong = [
        f"{requirement} is locked at {versions.get(name, 'nothing')}: run `make lock`"
        for requirement, name in names.items()
        if not requirement.specifier.contains(versions.get(name, "0"), prereleases=True)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_locked_package_has_hashes() -> None:
    """Nothing is installed by name and version alone."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_module_outgrows_a_reader() -> None:
    """No module is longer than 400 lines; split it by what it knows."""
    long = {str(module.path): lines for module in modules() if (lines := module.text.count("\n")) > MOST_LINES}
    assert long == {}


def test_no_folder_holds_too_many_modules() -> None:
    """No folder has more than eight modules beside its __init__; make a room within the room."""
    count = Counter(module.path.parent for module in modules() if not module.path.name.startswith("__"))
    assert {str(f): n for f, n in count.items() if n > MOST_MODULES and f not in MAY_GROW} == {}


Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def undocumented(module: Module) -> Iterator[str]:
    """Find the module itself, public classes, functions and methods that say nothing about themselves."""
    if not ast.get_docstring(module.tree):
        yield f"{module.path}:1: the module needs one sentence: what it owns and what it must not know"
    waiting: list[ast.Module | ast.ClassDef] = [module.tree]
    while waiting:
        for node in waiting.pop().body:
            if not isinstance(node, Documented) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not any(is_stub(mark) for mark in node.decorator_list):
                yield f"{module.path}:{node.lineno}: {node.name} needs a docstring: one imperative line"
            if isinstance(node, ast.ClassDef):
                waiting.append(node)


def is_stub(decorator: ast.expr) -> bool:
    """Tell an overload or a setter, whose twin carries the docstring."""
    return (isinstance(decorator, ast.Name) and decorator.id in {"overload", "override"}) or (
        isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
    )


def test_everything_public_says_what_it_is_for() -> None:
    """Every module and every public class, function and method has a docstring."""
    found = [line for module in modules() for line in undocumented(module)]
    assert not found, "\n" + "\n".join(found)


# Written in pieces, so that this list is no finding itself.
FOREIGN = {
    "a folder of somebody's machine": ("/wo" "rk/", "/ro" "ot/", "/opt/py" "pi", "/home" "/"),
    "the host of a package registry": ("pypi" ".org", "python" "hosted.org", "npmjs" ".org"),
}  # fmt: skip


@pytest.mark.parametrize("what", FOREIGN)
def test_the_project_speaks_of_itself_alone(what: str) -> None:
    """No file names the machine it was written on or where its packages came from."""
    found = []
    for path in walk(ROOT):
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            found += [f"{path.relative_to(ROOT)}:{number}: {word}" for word in FOREIGN[what] if word in line]
    assert not found, f"{what}:\n" + "\n".join(found)
