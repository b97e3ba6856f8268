"""Mistakes as values, and the words that offer a near name; reads no model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

SHOWN = 30
"""How many names a message lists at most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake of a workflow: where in its models, which rule, and Danish words for the author."""

    path: Path
    rule: str
    message: str
    severity: Literal["error", "warning"] = "error"


def suggest(word: str, names: Iterable[str]) -> str:
    """Offer near names, or else the first of those that exist: ``mente du leder?`` or ``vælg mellem a, b``."""
    known = sorted(set(names))
    if not known:
        return "der er ingen at vælge imellem"
    near = get_close_matches(word, known, n=3) if len(word) <= 100 else []
    if near:
        return f"mente du {' eller '.join(near)}?"
    more = f" og {len(known) - SHOWN} til" if len(known) > SHOWN else ""
    return f"vælg mellem {', '.join(known[:SHOWN])}{more}"


def unknown(path: Path, what: str, name: str, names: Iterable[str]) -> Iterator[Finding]:
    """Find a name that is not among those that exist; ``what`` is its kind in Danish, e.g. ``rollen``."""
    known = frozenset(names)
    if name not in known:
        yield Finding(path, "unknown-name", f"{what} {name} findes ikke; {suggest(name, known)}")


def unknowns(path: Path, what: str, written: Iterable[str], names: Iterable[str]) -> Iterator[Finding]:
    """Find the names of a list that do not exist."""
    known = frozenset(names)
    for index, name in enumerate(written):
        yield from unknown((*path, index), what, name, known)
