"""How each key of an extract is compared with our documents; knows no single programme.

An extract calls some things otherwise than we do; `SAID_AS` says which, and `FIELDS` how both are brought to one form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.civil.windows import Precision, Window
from samskabt.engine.definition import Activity, Evaluation, Gate, When
from samskabt.engine.planning.plan import Frame, PlanItem
from samskabt.engine.planning.resolve import resolve

if TYPE_CHECKING:
    from .extracts import Comparison

Tree = Mapping[str, Any]

OURS = frozenset(
    {
        "title",
        "source",
        "sources_more",
        "inferred",
        "note",
        "plan",
        "needs",
        "evaluator",
        "by_mail",
        "stands_for",
        "called",
        "person_title",
    }
    | {"lived_by", "decider", "of", "hearing"}
)
"""Our fields that are about people, sources or the engine; what we write there is never the document's claim."""

SAID_AS: Mapping[str, tuple[str, ...]] = {
    "when": ("date", "window", "when"),
    "otherwise": ("plan_window", "table_window", "sites_text"),
    "who": ("participants",),
    "who_rule": ("participants_rule",),
    "optional": ("optional_participants", "optional"),
    "voluntary": ("optional",),
    "offer": ("option",),
    "seats": ("seats_per_kommune",),
    "channels": ("channel", "channels"),
    "cases": ("n_cases",),
    "after": ("after", "precondition"),
    "held_with": ("with",),
    "activities": ("activity", "activities"),
    "days": ("duration_days",),
    "purposes": ("purpose", "purposes"),
    "repeats": ("recurrence",),
    "target": ("numeric",),
    "own_targets": ("numeric",),
    "composition": ("composition_rule",),
    "is_not": ("not",),
}
"""Our field -> the keys of the extract that say it, where they are called something else."""


Compare = Callable[["Comparison", Tree, Any, Any], tuple[object, object]]


def _same(name: str) -> Compare:
    """Compare a value that both call the same, or ours by another name."""

    def compare(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
        actual = getattr(ours, name)
        return (listed(value), [*actual]) if isinstance(actual, tuple) else (value or "", actual or "")

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


def _participants_inferred(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    roles = item["participants"] if value is True else value
    expected = {f"who.{role}" for role in extract.roles(roles)}
    return expected, {name for name in ours.inferred if name.startswith("who.")}


def _source(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    is_ours = bool(value.get("inferred"))
    return (value["phrase"], is_ours), (ours.source, is_ours and "*" in ours.inferred)


def _sources_more(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """Compare the further phrases; where one is our reading, ``inferred`` says so of them."""
    is_ours = any(one.get("inferred") for one in value)
    return ([one["phrase"] for one in value], is_ours), ([*ours.sources_more], "sources_more" in ours.inferred)


def _count(name: str) -> Compare:
    def compare(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
        count = getattr(ours, name)
        if value is None:
            return None, count
        said = value if isinstance(value, Mapping) else {"exact": value}
        low, high = said.get("exact", said.get("min", 0)), said.get("exact", said.get("max"))
        return (low, high), (count.min, count.max) if count else None

    return compare


def _date(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """A day must resolve to itself; no day, and no window either, must be no date at all."""
    if value is None:
        return "no day", "no day" if item.get("window") or ours.when is None else ours.when.wording
    if "id" not in item:
        return value, day_of(ours.when)
    window = extract.windows.get(extract.key(item["id"]))
    return (value, value, Precision.DAY), window and (window.start, window.end, window.precision)


def _window(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """Compare days, words and precision; a derived window is one that we mark as inferred."""
    if value is None:
        return "no window", "no window" if item.get("date") or ours.when is None else ours.when.wording
    if isinstance(value, str):
        return value, ours.when and ours.when.wording
    if ours.when is None:
        return value["text"], None
    window, when = extract.windows[extract.key(item["id"])], ours.when
    precision = "derived" if when.inferred else window.precision.value
    expected = (value["start"], value["end"], value["precision"], plain(value["text"]))
    return expected, (window.start, window.end, precision, plain(when.wording))


def _either_window(extract: Comparison, item: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """A document that gives two windows: one is ``when``, the other ``otherwise``."""
    days = (value["start"], value["end"])
    said = extract.windows[extract.key(item["id"])]
    both = [(said.start, said.end), days_of(ours.otherwise)]
    return days, days if days in both and both[0] != both[1] else both


def _deadline(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, day_of(ours.deadline)


def _strength(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    if not isinstance(value, Mapping):
        return value, ours.strength
    return {key.replace("å", "aa"): one for key, one in value.items()}, dict(ours.strength)


def _precondition(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """Ids stand in our ``after``; words in ``precondition``."""
    names, words = [], []
    for one in listed(value):
        key, _space, rest = one.partition(" ")
        known = extract.ids.get(key) if key != one or key in extract.ids else None
        names += [known] if known else []
        words += [rest.strip("()") if known else one]
    return (names, " ".join(filter(None, words))), ([*ours.after], ours.precondition)


def _recurrence(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """A rhythm is a rule, a number a year, or words; each stands where the engine can use it."""
    repeats = ours.repeats
    if isinstance(value, Mapping):
        said, per_year = value["times_per_year"], repeats.per_year
        return (said["min"], said["max"], value["strength"]), (per_year.min, per_year.max, repeats.strength)
    if value.startswith("monthly"):
        return "FREQ=MONTHLY", repeats and repeats.rule.partition(";")[0]
    return value, ours.recurrence


def _numeric(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """No number is no target; ``per kommune`` lets each set its own."""
    target = ours.target and {"op": ours.target.op, "value": ours.target.value, "unit": ours.target.unit}
    own = value == "per kommune"
    return (None if own else value, own), (target, bool(ours.own_targets))


def _numbers_otherwise(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    """Both numbers of a contradiction stand in our ``otherwise``."""
    return True, str(value) in re.findall(r"[0-9]+", ours.otherwise)


def _swap(extract: Comparison, item: Tree, _: Any, value: Any) -> tuple[object, object]:
    expected = ({extract.key(item["id"]), *extract.keys(value["with"])}, value["direction"], value["ratio"] or "")
    swaps = [(set(one.activities), one.direction, one.ratio) for one in extract.programme.swaps.values()]
    return expected, expected if expected in swaps else swaps


def _gate(extract: Comparison, item: Tree, _: Any, value: Any) -> tuple[object, object]:
    return extract.key(item["id"]), next(iter(extract.programme.gates[extract.key(value)].before), None)


def _optional(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, ours.voluntary if isinstance(ours, Activity) else ours.optional


def _purpose(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, "; ".join(ours.purposes) if isinstance(ours, Evaluation) else ours.purpose


def _rule(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, ours.note if isinstance(ours, Gate) else ours.rule


def _channel(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return [value], [*ours.channels]


def _presented_at(extract: Comparison, _: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return extract.keys(value["one_of"]), [*ours.presented_at]


def _themes(_: Comparison, __: Tree, ours: Any, value: Any) -> tuple[object, object]:
    return value, {name: [*themes] for name, themes in ours.themes.items()}


def listed(value: Any) -> list[str]:
    """Make one word a list of one, and nothing an empty list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [*value]


def days_of(when: When | None) -> tuple[object, object]:
    """Give the first and last day that a date names; None for none."""
    if when is None:
        return None, None
    frame = Frame(Window(None, None, Precision.OPEN), 0, WorkingCalendar())
    window = resolve([PlanItem("it", when)], frame)["it"].window
    return window.start, window.end


def day_of(when: When | None) -> object:
    """Give the last day that a date names; None for none."""
    return days_of(when)[1]


def plain(text: str) -> str:
    """Leave out how a source joins two months, and its capitals: "Juni-december 2020" is "juni til december 2020"."""
    return " ".join(text.lower().replace(" til ", " ").replace("-", " ").split())


_SAME = """title kind level place topics outputs note recurrence covers_trin sub_tracks does scope by methods purposes
rhythm aka output content adaptable exception levels per_track external count_is decides forms form order exempt
audience channels decided_by mandatory formal basis base n boolean per_site mandate duties financed_by split selected_by
status price_dkk price_rule vat method contents recommended_for burden"""

FIELDS: Mapping[str, Compare] = {
    **{name: _same(name) for name in _SAME.split()},
    "text": _same("title"),
    "participants_rule": _same("who_rule"),
    "composition_rule": _same("composition"),
    "not": _same("is_not"),
    "n_cases": _same("cases"),
    "duration_days": _same("days"),
    **{name: _key(name) for name in ("phase", "track", "part_of", "measured_by", "feeds", "designed_in", "decided_at")},
    **{name: _key(name) for name in ("submitted_to", "contributes")},
    "option": _key("offer"),
    **{name: _keys(name) for name in ("overlaps_with", "before", "activities", "tracks", "after")},
    "with": _keys("held_with"),
    "activity": _keys("activities"),
    **{name: _roles(name) for name in ("facilitator", "presenter", "support", "respondents", "recipients", "members")},
    "planned_by": _roles("planned_by"),
    "participants": _roles("who"),
    "optional_participants": _roles("optional"),
    **{f"{name}_is_inferred": _inferred(name) for name in ("phase", "count", "covers_trin", "level", "before", "base")},
    **{f"{name}_is_inferred": _inferred(name) for name in ("facilitator", "planned_by")},
    "recipients_inferred": _inferred("recipients"),
    "count_is_derived": _inferred("count"),
    "window_is_inferred": _inferred("when"),
    "start_is_inferred": _inferred("when.start"),
    "participants_inferred": _participants_inferred,
    "participants_are_inferred": _participants_inferred,
    "src": _source,
    "src_more": _sources_more,
    "count": _count("count"),
    "seats_per_kommune": _count("seats"),
    "date": _date,
    "window": _window,
    "when": _window,
    "plan_window": _either_window,
    "table_window": _either_window,
    "deadline": _deadline,
    "strength": _strength,
    "precondition": _precondition,
    "recurrence": _recurrence,
    "numeric": _numeric,
    "sites_text": _numbers_otherwise,
    "sites_named": _numbers_otherwise,
    "swap": _swap,
    "gate": _gate,
    "optional": _optional,
    "purpose": _purpose,
    "rule": _rule,
    "channel": _channel,
    "presented_at": _presented_at,
    "themes": _themes,
}
"""How each key of the extract is compared: (extract, its item, our item, its value) -> (expected, actual)."""
