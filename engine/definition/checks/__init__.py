"""Checks a whole workflow before anything runs on it: names, graphs, requirements and dates; reads no file."""

from ...values.names import PROGRAMME
from ..workflow import Workflow
from .dates import check_dates, date_edges
from .graph import find_cycles
from .machines import check_machines
from .names import Finding, Path, suggest
from .programmes import check_frame, check_programme
from .scope import Known, Scope

__all__ = ["Finding", "Known", "Path", "check", "check_part", "date_edges", "find_cycles", "suggest"]


NOTHING_KNOWN = Known()


def check(workflow: Workflow, known: Known = NOTHING_KNOWN) -> tuple[Finding, ...]:
    """Find every mistake of a workflow, warnings among them; ``known`` names what stands outside the definition.

    Of a programme without a frame only that is told: every name that it uses would be unknown.
    """
    if PROGRAMME not in workflow.machines:
        return tuple(check_frame(Scope(workflow, known)))
    return check_part(workflow, known)


def check_part(workflow: Workflow, known: Known = NOTHING_KNOWN) -> tuple[Finding, ...]:
    """Find what is wrong with a part, put into a programme that may lack the frame around it."""
    scope = Scope(workflow, known)
    return tuple(dict.fromkeys((*check_programme(scope), *check_machines(scope), *check_dates(scope))))
