"""A stand-in for engine/civil (danish, instants) until those are merged: same names, same answers; nothing else."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Copenhagen")
_WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
_SLUG = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"})


def local(instant: datetime) -> datetime:
    """Give the instant in Danish civil time."""
    return instant.astimezone(ZONE)


def short_date(day: date) -> str:
    """Write ``20.9.2019``, without leading zeros."""
    return f"{day.day}.{day.month}.{day.year}"


def with_week(day: date) -> str:
    """Write ``fredag den 20. september 2019 (uge 38)``."""
    return f"{_WEEKDAYS[day.weekday()]} den {_plain(day)} (uge {day.isocalendar().week})"


def clock(at: time) -> str:
    """Write ``kl. 9.00``."""
    return f"kl. {at.hour}.{at.minute:02d}"


def period(start: date, end: date) -> str:
    """Write both days of a period, a whole month as ``september 2019``."""
    if start.day == 1 and (start.year, start.month) == (end.year, end.month) and end.day >= 28:
        return f"{_MONTHS[end.month - 1]} {end.year}"
    return f"{_plain(start)} til {_plain(end)}"


def slug(text: str) -> str:
    """Give an ASCII name: æ as ae, ø as oe, å as aa, the rest joined by hyphens; empty when nothing is left."""
    composed = unicodedata.normalize("NFC", text).casefold()
    spelled = unicodedata.normalize("NFKD", composed.translate(_SLUG))
    return "-".join(re.findall(r"[a-z0-9]+", spelled.encode("ascii", "ignore").decode().lower()))


def _plain(day: date) -> str:
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"
