"""What stands around one instance: its relatives, and the meetings of the same days; changes nothing."""

from .births import BirthRow, births_between
from .meetings import MeetingRow, meetings_on
from .relatives import Relatives

__all__ = ["BirthRow", "MeetingRow", "Relatives", "births_between", "meetings_on"]
