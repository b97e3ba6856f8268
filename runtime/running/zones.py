"""What follows when the rules of a time zone change: promises keep their wall time, and get another instant.

A timer is promised for a local day and time in a zone; the instant is derived from them by the tzdata of that day. When
a newer tzdata says otherwise, the instant of what is armed is derived anew, so that a mail for eight o'clock still
comes at eight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from ...engine.civil.instants import ZONE, to_utc, zone_named
from ...storage import Store, Zoned

NOTE = "zone_rules"
YEARS = 12
PAGE = 500

Zones = Callable[[str], tzinfo]


def fingerprint(zone: tzinfo, year: int) -> str:
    """Sum up a zone's rules in the years that anything is planned for: its offset at noon of every day."""
    first = datetime(year, 1, 1, 12, tzinfo=UTC)
    offsets = (str((first + timedelta(days=day)).astimezone(zone).utcoffset()) for day in range(365 * YEARS))
    return f"{year}:{hashlib.sha256(' '.join(offsets).encode()).hexdigest()[:16]}"


def follow_rules(store: Store, now: datetime, zones: Zones = zone_named) -> int:
    """Derive the instants of armed timers anew if the zone's rules have changed since; answer how many have moved.

    Costs nothing as long as they are the same: only a change, and the first look in a year, reads the timers.
    """
    current = fingerprint(zones(ZONE.key), now.year)
    with store.read() as reader:
        if reader.beats.note(NOTE) == current:
            return 0
    moved = after = 0
    while True:
        with store.begin() as uow:
            zoned = Zoned(uow.connection)
            page = zoned.after(now, after, PAGE)
            for one in page:
                due = to_utc(one.local_on, one.local_at, zones(one.zone))
                if due != one.due_at:
                    zoned.move(one.id, due)
                    moved += 1
            if not page:
                uow.beats.put_note(NOTE, current)
                return moved
        after = page[-1].id
