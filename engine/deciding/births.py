"""Which instances are born, under whom and as what; their first decision is drafted by ``decide``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..compiled import Compiled, base_key
from ..values import Data, Snapshot

LEVELS_OF_PROGRAMME = frozenset({"programme", "cross", "public"})


@dataclass(frozen=True, slots=True)
class Newborn:
    """An instance to be born: its kind, its key under its parent, its words and what is known of it."""

    kind: str
    key: str
    title: str
    kommune: str | None
    data: Data = field(default_factory=dict)


def activities_of(compiled: Compiled, parent_kind: str, kommune: str | None) -> Iterator[Newborn]:
    """List the activities and evaluations of a programme's or a kommune's level, each as often as the document counts.

    Where the document gives a range or no number at all, the least (at least one) are born; people add the rest.
    """
    programme = compiled.workflow.programme
    is_here = (lambda level: level == "kommune") if parent_kind == "kommune" else LEVELS_OF_PROGRAMME.__contains__
    for key, activity in programme.activities.items():
        if not is_here(activity.level) or activity.lived_by or activity.offer:
            continue
        many = max(1, activity.count.min) if activity.count else 1
        kind = compiled.workflow.machine_of(activity.kind)
        for number in range(1, many + 1):
            title = activity.title if many == 1 else f"{activity.title} ({number} af {many})"
            yield Newborn(kind, key if number == 1 else f"{key}#{number}", title, kommune)
    for key, evaluation in programme.evaluations.items():
        if is_here(evaluation.level):
            yield Newborn("evaluation", key, evaluation.title, kommune)


def offered(compiled: Compiled, kommune: Snapshot, offer: str) -> Iterator[Newborn]:
    """List the activities of an offer that a kommune takes up; taken up again, they are new ones."""
    for key, activity in compiled.workflow.programme.activities.items():
        if activity.offer != offer:
            continue
        former = [child.key for child in kommune.facts.children if base_key(child.key) == key]
        many = max(1, activity.count.min) if activity.count else 1
        for number in range(len(former) + 1, len(former) + many + 1):
            kind = compiled.workflow.machine_of(activity.kind)
            yield Newborn(kind, key if number == 1 else f"{key}#{number}", activity.title, kommune.identity.kommune)
