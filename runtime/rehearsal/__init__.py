"""Rehearsal: any workflow lived from the invitation to the end by sample people in virtual time, and what it showed."""

from ...workflows.scripts import Script, read_script
from .expecting import Checked
from .running import rehearse, try_workflow
from .telling.values import Rehearsal

__all__ = ["Checked", "Rehearsal", "Script", "read_script", "rehearse", "try_workflow"]
