"""What a month's status of a programme tells: what is late and what comes next, by title, kommune and day alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ..civil.danish import short_date
from ..compiled import Compiled
from ..values import Facts, Json, Relative
from ..values.names import ACTIVITY_KINDS, APPROVAL, KOMMUNE

MOST = 8
"""So many of each are named; the rest is a number, and stands behind the link."""
AHEAD = timedelta(days=31)


def status_of(compiled: Compiled, facts: Facts, on: date) -> dict[str, Json]:
    """Give what a status says on a day, as lists; nothing where nothing is late and nothing comes within a month."""
    names = {one.key: one.title for one in facts.children if one.kind == KOMMUNE}
    work = [one for one in facts.activities if one.kind in {*ACTIVITY_KINDS, APPROVAL} and _is_open(compiled, one)]
    late = [(end, one) for one in work if (end := one.dates.planned_end) is not None and end < on]
    ahead = [(day, one) for one in work if (day := one.dates.planned_start) is not None and on <= day <= on + AHEAD]
    if not late and not ahead:
        return {}
    return {"forsinket": _told(late, names) or ["intet"], "kommer": _told(ahead, names) or ["intet"]}


def _is_open(compiled: Compiled, one: Relative) -> bool:
    """Tell whether something is still to be done: neither over, nor held, nor called off."""
    return not compiled.is_over(one.kind, one.position) and one.dates.actual_end is None


def _told(found: Iterable[tuple[date, Relative]], names: dict[str, str]) -> list[Json]:
    """Name the first of them by day, and say how many more there are."""
    listed = sorted(found, key=lambda pair: (pair[0], pair[1].title, pair[1].id))
    words = [f"{one.title}{_where(one, names)}, {short_date(day)}" for day, one in listed[:MOST]]
    more = [f"og {len(listed) - MOST} til"] if len(listed) > MOST else []
    return [*words, *more]


def _where(one: Relative, names: dict[str, str]) -> str:
    return f" ({names.get(one.kommune, one.kommune)})" if one.kommune else ""
