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
    group, name, *rest = path
    for known in _written_names(str(group), str(name)):
        for document in (programme, *reversed(parts)):
            entries = ((document.tree.entries or {}).get(str(group)) or document.tree).entries or {}
            if known in entries and group in (document.tree.entries or {}):
                return document, (group, known, *_written_rest(str(group), entries[known], rest))
    return programme, ()


def _written_names(group: str, name: str) -> Iterator[str]:
    """Give a name, and the shorter ones that it may come from: a reminder of a fase ends with the fase's name."""
    yield name
    while group == "reminders" and "_" in name:
        name = name.rpartition("_")[0]
        yield name


def _written_rest(group: str, node: Node, rest: Sequence[str | int]) -> tuple[str | int, ...]:
    if group == "machines" and len(rest) > 1 and rest[0] == "regions":
        return ("regions", _written_region(node, str(rest[1])), *rest[2:])
    return tuple(rest)


def _written_region(machine: Node, region: str) -> str:
    regions = ((machine.entries or {}).get("regions") or machine).entries or {}
    if region in regions:
        return region
    templates = [name for name, node in regions.items() if _is_template(node)]
    return templates[0] if templates else region


def _is_template(region: Node) -> bool:
    flag = (region.entries or {}).get("phase")
    return flag is not None and flag.scalar is True
