"""What a workflow is: frozen models of the published document and the checks of its graph."""

from .dates import When
from .document.items import Approval, Phase
from .document.work import Activity, Evaluation, Gate
from .machine import ACTIVITY, ANY, FieldDef, Join, Machine, Move, Notice, Region, State, Together
from .needs import Need
from .programme import Programme, TextDef
from .reminding.reminders import Offset, Reminder
from .workflow import Part, Workflow, assemble

__all__ = [
    "ACTIVITY",
    "ANY",
    "Activity",
    "Approval",
    "Evaluation",
    "FieldDef",
    "Gate",
    "Join",
    "Machine",
    "Move",
    "Need",
    "Notice",
    "Offset",
    "Part",
    "Phase",
    "Programme",
    "Region",
    "Reminder",
    "State",
    "TextDef",
    "Together",
    "When",
    "Workflow",
    "assemble",
]
