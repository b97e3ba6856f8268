"""What stands around one instance: its relatives, and the meetings of the same days; changes nothing."""

from .meetings import MeetingRow, meetings_on
from .relatives import Relatives

__all__ = ["MeetingRow", "Relatives", "meetings_on"]
