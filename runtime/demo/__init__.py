"""The main job in virtual time: a whole programme lived by sample people, from the invitation to the last day."""

from .report import DemoReport
from .script import run

__all__ = ["DemoReport", "run"]
