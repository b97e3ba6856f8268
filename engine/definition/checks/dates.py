"""Checks the dates of a programme: what they hang on, rings among them, and phases outside the period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from ..dates import Absolute, RangeRule, When, absolute_window, anchors
from ..document.items import Approval
from ..document.work import Activity, Evaluation
from ..workflow import Workflow
from .graph import find_cycles
from .names import Finding, Path, unknown
from .scope import Scope


def check_dates(scope: Scope) -> Iterator[Finding]:
    """Find the mistakes of every date rule."""
    for path, when in _written(scope.workflow):
        for name in sorted(anchors(when.rule)):
            yield from unknown(path, "datoen", name, scope.dates)
    edges = date_edges(scope.workflow)
    for ring in find_cycles(edges):
        message = f"datoerne venter på hinanden: {' -> '.join((*ring, ring[0]))}; giv en af dem sin egen dato"
        yield Finding(_path_of(scope.workflow, ring[0]), "ring", message)
    yield from _phases(scope.workflow)
    yield from _outside_phases(scope)


def date_edges(workflow: Workflow) -> Mapping[str, frozenset[str]]:
    """Give, for each item, the items whose days its own day is derived from."""
    items = _items(workflow)
    edges = {key: anchors(when.rule) for key, (_, when) in items.items()}
    for key, one in workflow.programme.evaluations.items():
        related = frozenset(name for name in (one.matches, one.before) if name)
        edges[key] = edges.get(key, frozenset()) | related
    return {key: found & frozenset(items) for key, found in edges.items() if key in items}


def _window(when: When) -> tuple[date | None, date | None]:
    """Give the first and last day that a rule names in the calendar by itself."""
    rule = when.rule
    first, last = (rule.first, rule.last) if isinstance(rule, RangeRule) else (rule, rule)
    start = absolute_window(first).start if isinstance(first, Absolute) else None
    return start, absolute_window(last).end if isinstance(last, Absolute) else None


def _items(workflow: Workflow) -> dict[str, tuple[Path, When]]:
    """Give what dates may hang on and that hangs on others: its place and the rule that is planned by."""
    programme = workflow.programme
    found: dict[str, tuple[Path, When]] = {}
    for key, phase in programme.faser.items():
        if phase.planned is not None:
            found[key] = (("programme", "faser", key, "plan" if phase.plan else "when"), phase.planned)
    for group, items in _dated(workflow):
        for key, item in items.items():
            used = "plan" if item.plan is not None else "when"
            rule = item.plan or item.when
            if rule is not None:
                found[key] = (("programme", group, key, used), rule)
    return found


def _dated(workflow: Workflow) -> tuple[tuple[str, Mapping[str, Activity | Evaluation | Approval]], ...]:
    """Give the groups of what has days of its own and is no fase."""
    programme = workflow.programme
    groups = ("evaluations", programme.evaluations), ("activities", programme.activities)
    return (*groups, ("approvals", programme.approvals))


def _path_of(workflow: Workflow, key: str) -> Path:
    return _items(workflow)[key][0]


def _written(workflow: Workflow) -> Iterator[tuple[Path, When]]:
    """Give every rule of the document with its place."""
    programme = workflow.programme
    yield ("programme", "period"), programme.period
    if programme.enrolment.deadline is not None:
        yield ("programme", "enrolment", "deadline"), programme.enrolment.deadline
    for key, phase in programme.faser.items():
        for field in ("when", "plan", "otherwise"):
            rule = getattr(phase, field)
            if rule is not None:
                yield ("programme", "faser", key, field), rule
    for group, items in _dated(workflow):
        for key, item in items.items():
            for field in ("when", "plan", "otherwise", "deadline"):
                rule = getattr(item, field, None)
                if isinstance(rule, When):
                    yield ("programme", group, key, field), rule


def _phases(workflow: Workflow) -> Iterator[Finding]:
    """Warn where a phase lies outside the programme's period: documents do say so at times."""
    start, end = _window(workflow.programme.period)
    for key, phase in workflow.programme.faser.items():
        if phase.planned is None:
            continue
        first, last = _window(phase.planned)
        path: Path = ("programme", "faser", key, "plan" if phase.plan else "when")
        if first is not None and start is not None and first < start:
            message = f"fasen begynder {first}, før programmet begynder {start}"
            yield Finding(path, "outside-period", message, "warning")
        if last is not None and end is not None and last > end:
            message = f"fasen slutter {last}, efter at programmet er slut {end}"
            yield Finding(path, "outside-period", message, "warning")


def _outside_phases(scope: Scope) -> Iterator[Finding]:
    """Warn where an activity or evaluation is planned outside its phase, as far as both name days of the calendar."""
    faser = scope.workflow.programme.faser
    for key, (path, when) in _items(scope.workflow).items():
        item = scope.items.get(key)
        phase = faser.get(item.phase or "") if item is not None else None
        if item is None or phase is None or phase.planned is None:
            continue
        start, end = _window(phase.planned)
        days = [day for day in _window(when) if day is not None]
        if early := [day for day in days if start is not None and day < start]:
            where = f"{early[0]} ligger før dens fase {item.phase}, der begynder {start}"
        elif late := [day for day in days if end is not None and day > end]:
            where = f"{late[0]} ligger efter dens fase {item.phase}, der slutter {end}"
        else:
            continue
        message = f"{where}; flyt den ene, eller skriv en plan inden for fasen"
        yield Finding(path, "outside-phase", message, "warning")
