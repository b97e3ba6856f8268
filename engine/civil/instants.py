"""The one place where local wall time and UTC instants meet; knows no working days and reads no clock.

Aware datetimes of one zone subtract and compare as wall time in Python, so every result that may be computed with
is in UTC; only ``local`` gives wall time, for showing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ..errors import InvalidInput

ZONE = ZoneInfo("Europe/Copenhagen")


def zone_named(name: str) -> tzinfo:
    """Give a zone of the installed tzdata by its name; raises InvalidInput where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as problem:
        raise InvalidInput("zone", f"{name} is no zone of the installed tzdata; install or renew it") from problem


def to_utc(day: date, at: time, zone: tzinfo = ZONE) -> datetime:
    """Give the UTC instant of a local wall time.

    A time in the gap in March shifts forward by the gap (2.30 becomes 3.30); a time in the fold in October is its
    first occurrence, whatever ``at.fold`` says. Raises InvalidInput for a datetime as day, a time that carries a
    zone of its own, and instants beyond the range of datetime.
    """
    if at.tzinfo is not None:
        raise InvalidInput("at", f"{at!r} carries a zone; give the local wall time without one")
    # PEP 495: in a gap, fold=0 means the offset from before it, which lands as far after the gap as asked.
    wall = datetime.combine(require_date(day), at.replace(fold=0), tzinfo=zone)
    try:
        return wall.astimezone(UTC)
    except OverflowError as problem:
        raise InvalidInput("day", f"{day} is beyond the days that can be computed with") from problem


def local(instant: datetime, zone: tzinfo = ZONE) -> datetime:
    """Show an instant as local wall time; for reading, never for arithmetic or comparison."""
    try:
        return require_aware(instant).astimezone(zone)
    except OverflowError as problem:
        raise InvalidInput("instant", f"{instant} is beyond the days that can be computed with") from problem


def local_date(instant: datetime, zone: tzinfo = ZONE) -> date:
    """Give the local calendar day in which an instant falls."""
    return local(instant, zone).date()


def end_of_day(day: date, zone: tzinfo = ZONE) -> datetime:
    """Give the UTC instant at which a local day is over: the next local midnight.

    A frist on a day is kept by everything strictly before this instant.
    """
    if require_date(day) == date.max:
        raise InvalidInput("day", f"{day} is beyond the days that can be computed with")
    return to_utc(day + timedelta(days=1), time(), zone)


def require_aware(instant: datetime) -> datetime:
    """Return the instant as it is; raise InvalidInput when it is naive, for nobody knows when that was."""
    if not isinstance(instant, datetime):
        raise InvalidInput("instant", f"{instant!r} is no instant; give a datetime with a zone, such as UTC")
    if instant.utcoffset() is None:
        raise InvalidInput("instant", f"{instant!r} is naive; give a datetime with a zone, such as UTC")
    return instant


def require_date(day: date) -> date:
    """Return the day as it is; raise InvalidInput for a datetime, which is a date to Python but not a day."""
    if isinstance(day, datetime):
        raise InvalidInput("day", f"{day!r} is an instant; give a date, such as local_date(instant)")
    return day


def iso(day: date | None) -> str | None:
    """Write a day, if there is one, as values of refusals and windows hold it."""
    return day.isoformat() if day else None
