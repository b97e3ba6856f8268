"""Invitations as RFC 5545, the replies to them, and feeds; pure, knows no database, clock or mail server."""

from .events import CalendarEvent, Organizer
from .feed import feed
from .invitation import calendar_file, export_file
from .replies import Reply, read_reply

__all__ = ["CalendarEvent", "Organizer", "Reply", "calendar_file", "export_file", "feed", "read_reply"]
