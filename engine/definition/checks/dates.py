"""Checks the dates of a programme: what they hang on, rings among them, and phases outside the period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import UnionType
from typing import Protocol

from .. import dates
from ..dates import When
from ..workflow import Workflow
from .graph import find_cycles
from .names import Finding, Path, unknown
from .scope import PERIOD_ANCHORS, Scope


def check_dates(scope: Scope) -> Iterator[Finding]:
    """Find the mistakes of every date rule."""
    for path, when in _written(scope.workflow):
        for name in sorted(_anchors(when)):
            yield from unknown(path, "datoen", name, scope.dates)
    edges = date_edges(scope.workflow)
    for ring in find_cycles(edges):
        message = f"datoerne venter på hinanden: {' -> '.join((*ring, ring[0]))}; giv en af dem sin egen dato"
        yield Finding(_path_of(scope.workflow, ring[0]), "ring", message)
    yield from _phases(scope.workflow)


def date_edges(workflow: Workflow) -> Mapping[str, frozenset[str]]:
    """Give, for each item, the items whose days its own day is derived from."""
    items = _items(workflow)
    return {key: _anchors(when) & frozenset(items) for key, (_, when) in items.items()}


def _anchors(when: When) -> frozenset[str]:
    """Name what a rule hangs on: the one place that asks the date module, which may be without rules."""
    ask: Callable[[object], Iterable[str]] | None = getattr(dates, "anchors", None)
    return frozenset(ask(when.rule)) - PERIOD_ANCHORS if ask is not None else frozenset()


class _Days(Protocol):
    """The days that a rule means, both included."""

    start: date | None
    end: date | None


def _window(when: When) -> tuple[date | None, date | None]:
    """Give the days that a rule names in the calendar by itself: the one place that asks the date module for them."""
    ask: Callable[[object], _Days] | None = getattr(dates, "absolute_window", None)
    absolute: type[object] | UnionType | None = getattr(dates, "Absolute", None)
    if ask is None or absolute is None:
        return None, None
    rule: object = when.rule
    first, last = getattr(rule, "first", rule), getattr(rule, "last", rule)
    start = ask(first).start if isinstance(first, absolute) else None
    return start, ask(last).end if isinstance(last, absolute) else None


def _items(workflow: Workflow) -> dict[str, tuple[Path, When]]:
    """Give what dates may hang on and that hangs on others: its place and the rule that is planned by."""
    programme = workflow.programme
    found: dict[str, tuple[Path, When]] = {}
    for key, phase in programme.faser.items():
        found[key] = (("programme", "faser", key, "when"), phase.when)
    for group, items in (("evaluations", programme.evaluations), ("activities", programme.activities)):
        for key, item in items.items():
            used = "plan" if item.plan is not None else "when"
            rule = item.plan or item.when
            if rule is not None:
                found[key] = (("programme", group, key, used), rule)
    return found


def _path_of(workflow: Workflow, key: str) -> Path:
    return _items(workflow)[key][0]


def _written(workflow: Workflow) -> Iterator[tuple[Path, When]]:
    """Give every rule of the document with its place."""
    programme = workflow.programme
    yield ("programme", "period"), programme.period
    if programme.enrolment.deadline is not None:
        yield ("programme", "enrolment", "deadline"), programme.enrolment.deadline
    for key, phase in programme.faser.items():
        yield ("programme", "faser", key, "when"), phase.when
    for group, items in (("evaluations", programme.evaluations), ("activities", programme.activities)):
        for key, item in items.items():
            for field in ("when", "plan", "deadline"):
                rule = getattr(item, field, None)
                if isinstance(rule, When):
                    yield ("programme", group, key, field), rule


def _phases(workflow: Workflow) -> Iterator[Finding]:
    """Warn where a phase lies outside the programme's period: documents do say so at times."""
    start, end = _window(workflow.programme.period)
    for key, phase in workflow.programme.faser.items():
        first, last = _window(phase.when)
        path: Path = ("programme", "faser", key, "when")
        if first is not None and start is not None and first < start:
            message = f"fasen begynder {first}, før programmet begynder {start}"
            yield Finding(path, "outside-period", message, "warning")
        if last is not None and end is not None and last > end:
            message = f"fasen slutter {last}, efter at programmet er slut {end}"
            yield Finding(path, "outside-period", message, "warning")
