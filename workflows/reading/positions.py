"""Finds where in a document a model's path was written, undoing the short forms that authors use; judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .yaml_tree import Mark, Node

KEY = "[key]"
"""What pydantic appends to a path to speak of a mapping's key instead of its value."""

_WRITTEN_AS = {
    "sources": ("move", "in"),
    "dest": ("move", "in"),
    "phase": ("in",),
    "track": ("in",),
    "states": ("in",),
}
"""A model's field -> the keys that authors may write instead of it."""

_LISTS_OF_NEEDS = frozenset({"needs", "when"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its value, the key that holds it, and the path in the author's own keys."""

    value: Mark
    key: Mark
    path: tuple[str, ...]
    found: bool

    @property
    def text(self) -> str:
        """Give the path as people read it: ``activities.opstartsmoede.who.0``."""
        return ".".join(self.path)


def locate(root: Node, loc: Sequence[str | int]) -> Place:
    """Follow a model's path through the tree, as far as it was written; the rest falls back to what holds it."""
    node, key, outer, found = root, root.mark, root, True
    path: list[str] = []
    for position, part in enumerate(loc):
        if part == KEY:
            return Place(key, key, tuple(path), found)
        step = _step(node, part) or (_step(outer, part) if outer is not node else None)
        if step is None:
            found = position == len(loc) - 1 and found and not isinstance(part, str)
            continue
        outer = node if _is_tag(loc, position) else step.node
        node, key, found = step.node, step.key, True
        path.append(step.name)
    return Place(node.mark, key, tuple(path), found)


@dataclass(frozen=True, slots=True)
class _Step:
    node: Node
    key: Mark
    name: str


def _step(node: Node, part: str | int) -> _Step | None:
    """Go one part down; None where the author wrote a short form that has no such part."""
    if isinstance(part, int):
        if node.items is None or part >= len(node.items):
            return None
        item = node.items[part]
        return _Step(item, item.mark, str(part))
    if node.entries is None:
        return None
    for name in _names(part):
        if name in node.entries:
            return _Step(node.entries[name], node.keys[name], name)
    return None


def _names(part: str) -> Iterator[str]:
    yield part
    yield from _WRITTEN_AS.get(part, ())


def _is_tag(loc: Sequence[str | int], position: int) -> bool:
    """Tell whether a part is a requirement's name, beside which its strength and owner may stand."""
    return position >= 2 and isinstance(loc[position - 1], int) and loc[position - 2] in _LISTS_OF_NEEDS


@dataclass(frozen=True, slots=True)
class Named:
    """A document's tree with the name of its file."""

    name: str
    tree: Node


def find_home(
    path: Sequence[str | int], programme: Named, parts: Sequence[Named]
) -> tuple[Named, tuple[str | int, ...]]:
    """Say which document wrote what a workflow's path leads to, and by which path there.

    What assembling repeats for each fase is led back to the one that the author wrote.
    """
    if not path or path[0] == "programme":
        return programme, tuple(path[1:])
    for document in (programme, *reversed(parts)):
        written = _written_path(document.tree, path)
        if written is not None:
            return document, written
    return programme, ()


def _written_path(tree: Node, path: Sequence[str | int]) -> tuple[str | int, ...] | None:
    """Give the path by which a document wrote it, or None where it did not."""
    group, name, *rest = path
    entries = (tree.entries or {}).get(str(group), tree).entries or {}
    known = str(name)
    while known not in entries:
        shorter = known.rpartition("_")[0]  # a reminder of a fase bears the fase's name at its end
        if group != "reminders" or not shorter:
            return None
        known = shorter
    if group == "machines" and len(rest) > 1 and rest[0] == "regions":
        rest[1] = _written_region(entries[known], str(rest[1]))
    return (group, known, *rest)


def _written_region(machine: Node, region: str) -> str:
    regions = ((machine.entries or {}).get("regions") or machine).entries or {}
    if region in regions:
        return region
    templates = [name for name, node in regions.items() if _is_template(node)]
    return templates[0] if templates else region


def _is_template(region: Node) -> bool:
    flag = (region.entries or {}).get("phase")
    return flag is not None and flag.scalar is True
