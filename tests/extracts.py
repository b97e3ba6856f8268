"""Compares a shipped programme with the extract of its document, field by field; knows no single programme.

An extract is a neutral list of what a document says (`tests/data/extracts`). Every key of every item must be one that
is compared here: a key that nobody reads is a difference too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition import Activity, Evaluation, Part, Programme, Workflow, assemble
from samskabt.engine.planning.plan import Frame, PlanItem
from samskabt.engine.planning.resolve import resolve

from .extract_fields import FIELDS, OURS, SAID_AS, Tree, day_of, days_of, listed, plain

__all__ = [
    "EXTRACTS",
    "LISTS",
    "Comparison",
    "day_of",
    "days_of",
    "load",
    "nothing_differs",
    "plain",
    "shipped_workflow",
]

EXTRACTS = Path(__file__).parent / "data" / "extracts"
LISTS = ("tracks", "phases", "activities", "evaluations", "criteria", "monitoring", "roles", "bodies", "approvals",
         "gates", "options", "deliverables")  # fmt: skip
"""The lists of an extract whose members count as items."""

SECTIONS = {"tracks": "spor", "phases": "faser", "options": "offers"}
"""Where a programme keeps a section of the extract, where it has another name there."""


def load(path: Path) -> Any:
    """Read a YAML file as plain data."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def shipped(name: str) -> Any:
    """Read a shipped document as plain data."""
    text = resources.files("samskabt.workflows").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def nothing_differs(differences: list[str]) -> bool:
    """Fail with every difference, one a line."""
    assert not differences, "\n" + "\n".join(differences)
    return True


def shipped_workflow(name: str) -> Workflow:
    """Assemble a shipped programme with the parts that it uses."""
    programme = Programme(**shipped(name))
    return assemble(programme, [Part(**shipped(use.key)) for use in programme.uses])


@dataclass(frozen=True)
class Comparison:
    """An extract beside our programme: ``ids`` maps its ids to our keys, ``words`` its participants to our roles.

    ``said_otherwise`` maps (id, key) to our value where the extract's own words do not fit for people.
    """

    extract: Tree
    programme: Programme
    ids: Mapping[str, str]
    words: Mapping[str, str]
    said_otherwise: Mapping[tuple[str, str], object] = field(default_factory=dict)

    @cached_property
    def windows(self) -> Mapping[str, Window]:
        """Resolve what the document says of every phase, activity and evaluation: key -> window, unshifted."""
        programme = self.programme
        frame = Frame(Window(None, None, Precision.OPEN), 0, WorkingCalendar())
        period = resolve([PlanItem("period", programme.period)], frame)["period"].window
        dated: dict[str, Activity | Evaluation] = {**programme.activities, **programme.evaluations}
        said = {key: phase.when for key, phase in programme.faser.items() if phase.when is not None}
        said |= {key: item.when for key, item in dated.items() if item.when is not None}
        items = [PlanItem(key, when) for key, when in said.items()]
        planned = resolve(items, Frame(period, 0, WorkingCalendar()))
        return {"period": period, **{key: item.window for key, item in planned.items()}}

    def key(self, extract_id: str) -> str:
        """Give our key for an id of the extract."""
        return self.ids[extract_id]

    def keys(self, ids: str | Sequence[str]) -> list[str]:
        """Give our keys for one id or several."""
        return [self.key(one) for one in listed(ids)]

    def roles(self, words: Sequence[str]) -> list[str]:
        """Give our roles for the extract's participants."""
        return [self.words.get(word, word) for word in words]

    def sections(self, *uncounted: str, **counted: int) -> list[str]:
        """List every difference of some sections, and where we hold another number of items (``activities=23``)."""
        found: list[str] = []
        for section in (*uncounted, *counted):
            ours: Mapping[str, Any] = getattr(self.programme, SECTIONS.get(section, section))
            found += self.differences(section, ours)
            if counted.get(section, len(ours)) != len(ours):
                found.append(f"{section}: we hold {len(ours)}, not {counted[section]}")
        return found

    def differences(self, section: str, ours: Mapping[str, Any]) -> list[str]:
        """List every difference of a section, each with the item's name."""
        return [line for item in self.extract[section] for line in self.of_item(item, ours.get(self.key(item["id"])))]

    def deliveries(self) -> list[str]:
        """List every difference of the approvals and the deliverables, which have no ids."""
        return [
            *self.in_order(self.extract["approvals"], self.programme.approvals.values()),
            *self.in_order(self.extract["deliverables"], self.programme.deliverables),
        ]

    def principles(self) -> list[str]:
        """List every difference of the principles."""
        return self.in_order(self.extract["programme"]["principles"], self.programme.principles.values())

    def unnamed(self, items: int, more: Sequence[Tree] = ()) -> list[str]:
        """List the ids without one of our keys, and keys without an id; ``items`` is how many the lists must hold.

        ``more`` are items with ids beside those of the lists.
        """
        found = [item for name in LISTS for item in self.extract[name]]
        ids = [item["id"] for item in (*found, *more) if "id" in item]
        counted = [] if len(found) == items else [f"the extract has {len(found)} items, not {items}"]
        twice = [one for one in self.ids if ids.count(one) > 1]
        return [*counted, *sorted({*ids} ^ self.ids.keys()), *twice]

    def ours_alone(self, ours: Mapping[str, Any]) -> set[str]:
        """Name our items that the extract lacks and that do not say themselves that they are ours."""
        return {name for name, one in ours.items() if name not in self.ids.values() and "*" not in one.inferred}

    def notes(self) -> list[str]:
        """List the ambiguities that our notes do not tell, in the same order and words."""
        said = [
            self.said_otherwise.get(("notes", str(at)), text) for at, text in enumerate(self.extract["ambiguities"])
        ]
        return [f"{a!r} is told as {b!r}" for a, b in zip_longest(said, self.programme.notes) if a != b]

    def in_order(self, items: Sequence[Tree], ours: Iterable[Any]) -> list[str]:
        """List every difference of items without ids, compared in the document's order; a missing one is told too."""
        pairs = [*zip_longest(items, ours)]
        extra = [f"{one!r}: not in the extract" for item, one in pairs if item is None]
        known = [(item, one) for item, one in pairs if item is not None]
        return [*extra, *(line for item, one in known for line in self.of_item(item, one, _name_of(item)))]

    def head(self, ours: Mapping[str, object]) -> list[str]:
        """List every difference of the programme's head: ``ours`` gives our value for each path of the extract.

        A path is ``economy.price_dkk``; the phrase of a source is ``economy.src``. Principles are items of their own.
        """
        said = dict(_leaves({key: value for key, value in self.extract["programme"].items() if key != "principles"}))
        said = {path: self.said_otherwise.get(("programme", path), value) for path, value in said.items()}
        unread = [f"{path}: nothing compares this" for path in said.keys() - ours.keys()]
        unsaid = [f"{path}: the extract has no such path" for path in ours.keys() - said.keys()]
        both = [(path, said[path], _bare(ours[path])) for path in said if path in ours]
        return sorted(
            [*unread, *unsaid, *(f"{path}: the extract says {a!r}, we say {b!r}" for path, a, b in both if a != b)]
        )

    def usual_head(self) -> dict[str, object]:
        """Give our values of what every head says: names, owners, period, purpose and the source."""
        it, (start, end) = self.programme, days_of(self.programme.period)
        return {
            "id": it.workflow,
            "title": it.title,
            "document_date": it.document_date,
            "family": it.family,
            "owners": it.owners,
            "uses_six_trin": "samskabt-styring" in [use.key for use in it.uses],
            "period.start": start,
            "period.end": end,
            "period.precision": self.windows["period"].precision,
            "period.text": it.period.wording,
            "purpose": it.purpose,
            "src": it.source,
        }

    def of_item(self, item: Tree, ours: Any, name: str = "") -> Iterator[str]:
        """List the differences of one item."""
        name = name or f"{item['id']} ({self.ids.get(item['id'])})"
        if ours is None:
            yield f"{name}: not in our programme"
            return
        for key, value in item.items():
            if key == "id":
                continue
            if key not in FIELDS:
                yield f"{name}.{key}: nothing compares this key"
                continue
            expected, actual = FIELDS[key](self, item, ours, value)
            expected = self.said_otherwise.get((item.get("id", name), key), expected)
            if expected != actual:
                yield f"{name}.{key}: the extract says {expected!r}, we say {actual!r}"
        yield from self._unsaid(item, ours, name)

    def _unsaid(self, item: Tree, ours: Any, name: str) -> Iterator[str]:
        """List what we say and the extract does not, unless we mark it as inferred."""
        for ours_name, about in type(ours).model_fields.items():
            value = getattr(ours, ours_name)
            said = any(item.get(key) for key in SAID_AS.get(ours_name, (ours_name,)))
            if (
                value
                and value != about.default
                and not said
                and ours_name not in OURS
                and not _is_marked(ours_name, ours)
            ):
                yield f"{name}.{ours_name}: the extract does not say {value!r}, and we do not mark it as inferred"


def _is_marked(name: str, ours: Any) -> bool:
    """Tell whether a field is marked as inferred, as a whole or with the whole item."""
    return bool({name, "*"} & set(ours.inferred))


def _name_of(item: Tree) -> str:
    return str(item.get("id") or item.get("title") or item["text"])


def _bare(value: object) -> object:
    """Give a value as plain data: lists for tuples, None for what says nothing."""
    if isinstance(value, tuple | list):
        return [*value] or None
    return None if value == "" or value == {} else value


def _leaves(tree: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every value of a tree with its path; a list of words is one value."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key == "src":
                yield f"{path}src", value["phrase"]
            else:
                yield from _leaves(value, f"{path}{key}.")
    elif isinstance(tree, list) and any(isinstance(one, Mapping) for one in tree):
        for index, one in enumerate(tree):
            yield from _leaves(one, f"{path}{index}.")
    else:
        yield path.removesuffix("."), _bare(tree)
