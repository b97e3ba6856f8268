"""A calendar that is subscribed to: many meetings in one file, the same bytes for the same meetings."""

from __future__ import annotations

from collections.abc import Sequence

from .events import LANGUAGE, CalendarEvent, calendar_of

REFRESH = "PT6H"
"""How often a calendar is asked to look again; some look more seldom all the same."""


def feed(events: Sequence[CalendarEvent], name: str) -> bytes:
    """Write a feed with a name that calendars show; nobody is asked for an answer in it."""
    spoken = {"LANGUAGE": LANGUAGE}
    head = {
        "NAME": (name, spoken),
        "X-WR-CALNAME": (name, {}),
        "REFRESH-INTERVAL": (REFRESH, {"VALUE": "DURATION"}),
        "X-PUBLISHED-TTL": (REFRESH, {}),
        "X-WR-TIMEZONE": ("Europe/Copenhagen", {}),
    }
    return calendar_of(events, head=head)
