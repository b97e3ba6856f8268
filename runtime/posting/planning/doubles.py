"""Which of several reminders about one thing is told, where they would stand in one letter; drops nothing itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ....engine.compiled import Compiled
from ....engine.values import Intent, OutboxRow
from ....notifications.writing.digest import CANNOT_WAIT

SAID = "en anden påmindelse i samme mail siger det vigtigste om det"


def doubles(rows: Sequence[OutboxRow], workflows: Mapping[str, Compiled]) -> frozenset[int]:
    """Number the reminders of a letter that another one in it makes superfluous; ``workflows`` are by their hash.

    Of what is about one state of one thing the most particular is told: what cannot be made good, else the reminder
    that stands last in the document (general ones stand first, a programme's own after those of its parts), else the
    higher rung. Those that name what is missing are each told, unless they name the same.
    """
    about = defaultdict[tuple[int, str | None], list[OutboxRow]](list)
    for row in rows:
        known = workflows[row.workflow_hash].workflow.reminders
        if row.nudge.intent is Intent.NUDGE and row.nudge.region is not None and row.nudge.why in known:
            about[row.instance_id, row.nudge.region].append(row)
    return frozenset(number for found in about.values() if len(found) > 1 for number in _beaten(found, workflows))


def _beaten(found: Sequence[OutboxRow], workflows: Mapping[str, Compiled]) -> frozenset[int]:
    """Number all but the best of the reminders about one thing."""
    order = {name: number for number, name in enumerate(workflows[found[0].workflow_hash].workflow.reminders)}

    def weight(row: OutboxRow) -> tuple[bool, int, int]:
        return row.nudge.template in CANNOT_WAIT, order[row.nudge.why], _rung(row)

    best = max(found, key=lambda row: (weight(row), -row.id))
    told = {_missing(best)}
    beaten = set()
    for row in found:
        if row is best:
            continue
        if weight(row) == weight(best) and _missing(row) not in told:
            told.add(_missing(row))
        else:
            beaten.add(row.id)
    return frozenset(beaten)


def _rung(row: OutboxRow) -> int:
    number = row.nudge.values.get("nummer")
    return number if isinstance(number, int) else 0


def _missing(row: OutboxRow) -> str:
    return str(row.nudge.values.get("mangler", ""))
