"""Checks a whole workflow before anything runs on it: names, graphs, requirements and dates; reads no file."""

from ..workflow import Workflow
from .dates import check_dates, date_edges
from .graph import find_cycles
from .machines import check_machines
from .names import Finding, Path, suggest
from .programmes import check_programme
from .scope import Known, Scope

__all__ = ["Finding", "Known", "Path", "check", "date_edges", "find_cycles", "suggest"]


NOTHING_KNOWN = Known()


def check(workflow: Workflow, known: Known = NOTHING_KNOWN) -> tuple[Finding, ...]:
    """Find every mistake of a workflow, warnings among them; ``known`` names what stands outside the definition."""
    scope = Scope(workflow, known)
    return tuple(dict.fromkeys((*check_programme(scope), *check_machines(scope), *check_dates(scope))))
