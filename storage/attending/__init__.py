"""Who comes and who came, replies that a person must look at, and the addresses of calendar feeds."""

from .reading import AddressRow, AttendanceReader, FeedMeeting, Invited, ReplyRow
from .tables import MOST_OF_MEETING, MOST_OF_SENDER
from .writing import Attendances

__all__ = [
    "MOST_OF_MEETING",
    "MOST_OF_SENDER",
    "AddressRow",
    "AttendanceReader",
    "Attendances",
    "FeedMeeting",
    "Invited",
    "ReplyRow",
]
