"""Rehearsal: any workflow lived from the invitation to the end by sample people in virtual time, and what it showed."""

from ...workflows.scripts import Script, read_script
from .running import rehearse
from .telling.values import Rehearsal

__all__ = ["Rehearsal", "Script", "read_script", "rehearse"]
