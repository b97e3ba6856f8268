"""Compares a shipped programme with the extract of its document, field by field; knows no single programme.

An extract is a neutral list of what a document says (`tests/data/extracts`). Every key of every item must be one that
is compared here: a key that nobody reads is a difference too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition import Activity, Evaluation, Part, Programme, When, Workflow, assemble
from samskabt.engine.planning.plan import Frame, PlanItem
from samskabt.engine.planning.resolve import resolve

EXTRACTS = Path(__file__).parent / "data" / "extracts"
LISTS = ("tracks", "phases", "activities", "evaluations", "criteria", "monitoring", "roles", "bodies", "approvals",
         "gates", "options", "deliverables")  # fmt: skip
"""The lists of an extract whose members count as items."""

Tree = Mapping[str, Any]


def load(path: Path) -> Any:
    """Read a YAML file as plain data."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def shipped(name: str) -> Any:
    """Read a shipped document as plain data."""
    text = resources.files("samskabt.workflows").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


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
        said = {key: phase.when for key, phase in programme.faser.items()}
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

    def differences(self, section: str, ours: Mapping[str, Any]) -> list[str]:
        """List every difference of a section, each with the item's name."""
        return [line for item in self.extract[section] for line in self.of_item(item, ours.get(self.key(item["id"])))]

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
        for ours_name, theirs in SAID_AS.items():
            value = getattr(ours, ours_name, None)
            silent = not any(item.get(key) for key in theirs)
            if value and silent and not {ours_name, "*"} & set(ours.inferred):
                yield f"{name}.{ours_name}: the extract does not say {value!r}, and we do not mark it as inferred"


SAID_AS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("facilitator", "presenter", "support", "place", "topics", "outputs", "purpose")},
    **{name: (name,) for name in ("covers_trin", "part_of", "precondition", "recurrence", "strength", "deadline")},
    **{name: (name,) for name in ("count", "phase", "track", "rhythm", "methods", "purposes", "respondents")},
    "when": ("date", "window", "when"),
    "optional": ("optional_participants",),
}
"""Our field -> the keys of the extract that say it."""

Compare = Callable[[Comparison, Tree, Any, Any], tuple[object, object]]


def _same(name: str) -> Compare:
    """Compare a value that both call the same, or ours by another name."""

    def compare(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
        actual = getattr(ours, name)
        return ([*value], [*actual]) if isinstance(value, list) else (value or "", actual or "")

    return compare


def _key(name: str) -> Compare:
    def compare(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
        return None if value is None else extract.key(value), getattr(ours, name)

    return compare


def _keys(name: str) -> Compare:
    def compare(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
        return extract.keys(value), [*getattr(ours, name)]

    return compare


def _roles(name: str) -> Compare:
    def compare(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
        actual = getattr(ours, name) or []
        return extract.roles(listed(value)), listed(actual)

    return compare


def _inferred(name: str) -> Compare:
    """``phase_is_inferred: true`` must stand in our ``inferred`` as ``phase``."""

    def compare(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
        return bool(value), name in ours.inferred

    return compare


def _participants_inferred(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
    expected = {f"who.{role}" for role in extract.roles(value)}
    return expected, {name for name in ours.inferred if name.startswith("who.")}


def _source(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    is_ours = bool(value.get("inferred"))
    return (value["phrase"], is_ours), (ours.source, is_ours and "*" in ours.inferred)


def _count(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    if value is None:
        return None, ours.count
    low, high = value.get("exact", value.get("min")), value.get("exact", value.get("max"))
    return (low, high), (ours.count.min, ours.count.max) if ours.count else None


def _date(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """A day must resolve to itself; no day, and no window either, must be no date at all."""
    if value is None:
        return "no day", "no day" if item.get("window") or ours.when is None else ours.when.wording
    window = extract.windows[extract.key(item["id"])]
    return (value, value, Precision.DAY), (window.start, window.end, window.precision)


def _window(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """Compare days, words and precision; a derived window is one that we mark as inferred."""
    if value is None:
        return "no window", "no window" if item.get("date") or ours.when is None else ours.when.wording
    window, when = extract.windows[extract.key(item["id"])], ours.when
    precision = "derived" if when.inferred else window.precision.value
    expected = (value["start"], value["end"], value["precision"], plain(value["text"]))
    return expected, (window.start, window.end, precision, plain(when.wording))


def _deadline(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, day_of(ours.deadline)


def _strength(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    if not isinstance(value, Mapping):
        return value, ours.strength
    return {key.replace("å", "aa"): one for key, one in value.items()}, dict(ours.strength)


def _when(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, ours.when.wording


def listed(value: Any) -> list[str]:
    """Make one word a list of one."""
    return [value] if isinstance(value, str) else [*value]


def day_of(when: When | None) -> object:
    """Give the single day that a date names; None for none."""
    if when is None:
        return None
    frame = Frame(Window(None, None, Precision.OPEN), 0, WorkingCalendar())
    return resolve([PlanItem("it", when)], frame)["it"].window.end


def plain(text: str) -> str:
    """Leave out how a source joins two months: "juni 2020-december 2020" is "juni 2020 til december 2020"."""
    return " ".join(text.replace(" til ", " ").replace("-", " ").split())


FIELDS: Mapping[str, Compare] = {
    **{name: _same(name) for name in ("title", "kind", "level", "place", "purpose", "topics", "outputs", "note")},
    **{name: _same(name) for name in ("precondition", "recurrence", "covers_trin", "sub_tracks", "does", "scope")},
    **{name: _same(name) for name in ("by", "methods", "purposes", "rhythm")},
    **{name: _key(name) for name in ("phase", "track", "part_of")},
    **{name: _keys(name) for name in ("overlaps_with", "before", "activities")},
    **{name: _roles(name) for name in ("facilitator", "presenter", "support", "respondents")},
    **{f"{name}_is_inferred": _inferred(name) for name in ("phase", "count", "covers_trin", "level", "before")},
    "participants": _roles("who"),
    "participants_inferred": _participants_inferred,
    "optional_participants": _roles("optional"),
    "activity": _keys("activities"),
    "src": _source,
    "src_more": _same("sources_more"),
    "count": _count,
    "date": _date,
    "window": _window,
    "deadline": _deadline,
    "strength": _strength,
    "when": _when,
}
"""How each key of the extract is compared: (extract, its item, our item, its value) -> (expected, actual)."""
