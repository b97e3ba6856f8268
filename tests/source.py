"""Reads the installed package and the repository as text and trees, for the tests that guard the architecture."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import samskabt

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(samskabt.__file__).parent
FACE = "package"

# Made by tools, never by people: no guard looks into them.
MADE = frozenset({"__pycache__", "build", "dist", "htmlcov", "results", "samskabt-demo"})
MADE_FILES = re.compile(r"^\.git$|^\.coverage|\.pyc$|\.db(-\w+)?$")
HIDDEN_BUT_OURS = frozenset({".ci"})


def walk(top: Path) -> Iterator[Path]:
    """Give every file below ``top`` that people wrote, in a steady order; follows links."""
    for folder, names, files in os.walk(top, followlinks=True):
        names[:] = sorted(
            name
            for name in names
            if name not in MADE
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name in HIDDEN_BUT_OURS)
        )
        yield from (Path(folder) / name for name in sorted(files) if not MADE_FILES.search(name))


@dataclass(frozen=True)
class Module:
    """One module; ``path`` is where it stands in the repository (``engine/machine.py``), ``text`` what it says."""

    path: PurePosixPath
    text: str

    @property
    def room(self) -> str:
        """Name the room, the first folder."""
        return self.path.parts[0]

    @cached_property
    def tree(self) -> ast.Module:
        """Parse the text."""
        return ast.parse(self.text, str(self.path))

    @property
    def parent(self) -> tuple[str, ...]:
        """Give the names of the package that holds this module, below samskabt: what one leading dot means here."""
        folders = self.path.parts[:-1]
        return () if folders == (FACE,) else folders


def repository_path(installed: Path) -> PurePosixPath:
    """Tell where an installed file comes from; what lies beside the rooms comes from package/."""
    inside = installed.relative_to(PACKAGE)
    return PurePosixPath(FACE, inside) if len(inside.parts) == 1 else PurePosixPath(inside)


def installed_files() -> dict[PurePosixPath, Path]:
    """Map every file of the installed package, by its path in the repository."""
    return {repository_path(path): path for path in walk(PACKAGE)}


def modules() -> list[Module]:
    """Read every module of the installed package."""
    return [
        Module(where, path.read_text(encoding="utf-8"))
        for where, path in installed_files().items()
        if where.suffix == ".py"
    ]
