"""The time zone as every calendar carries it; its rules are those of the EU since 1996, written down once."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from ...engine.civil.instants import ZONE

ZONE_ID = ZONE.key
"""What ``TZID`` says; calendars know it even where they do not read the definition."""

_WINTER, _SUMMER = timedelta(hours=1), timedelta(hours=2)


def definition() -> Timezone:
    """Write the definition out: summer time from the last Sunday of March until the last of October."""
    zone = Timezone()
    zone.add("TZID", ZONE_ID)
    zone.add_component(_part(TimezoneDaylight(), "CEST", (_WINTER, _SUMMER), datetime(1996, 3, 31, 2), 3))
    zone.add_component(_part(TimezoneStandard(), "CET", (_SUMMER, _WINTER), datetime(1996, 10, 27, 3), 10))
    return zone


def _part(
    part: TimezoneDaylight | TimezoneStandard,
    name: str,
    offsets: tuple[timedelta, timedelta],
    begins: datetime,
    month: int,
) -> TimezoneDaylight | TimezoneStandard:
    part.add("TZNAME", name)
    part.add("TZOFFSETFROM", offsets[0])
    part.add("TZOFFSETTO", offsets[1])
    part.add("DTSTART", begins)
    part.add("RRULE", vRecur({"FREQ": ["YEARLY"], "BYMONTH": [month], "BYDAY": ["-1SU"]}))
    return part
