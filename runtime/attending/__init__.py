"""Who comes to meetings and who came: answers from calendars, links and commands; calendar feeds."""

from .answering import Wanted, give_answer
from .attendance import Attendance
from .objecting import ASKS_FOR_ANSWER, CalendarPost, answered
from .views import AttendanceView, AttendeeView, FeedFile, Received

__all__ = [
    "ASKS_FOR_ANSWER",
    "Attendance",
    "AttendanceView",
    "AttendeeView",
    "CalendarPost",
    "FeedFile",
    "Received",
    "Wanted",
    "answered",
    "give_answer",
]
