"""Checks what a caller hands over, before anything is asked of the database: texts, numbers, instants, who acts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from ...engine.civil.instants import require_aware
from ...engine.deciding.fields import LONGEST_TEXT, UNSTORABLE
from ...engine.errors import InvalidInput
from ...engine.values import Actor, Json

LONGEST_NAME = 500
"""The longest title, name or key: they stand in lists, in subjects and in indexes."""

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No programme began before this; what is dated earlier is a slip of the keyboard, and no calendar knows it."""


def require_text(name: str, value: object, most: int = LONGEST_TEXT) -> str:
    """Give a text without the blanks around it.

    Raises InvalidInput for what no database can keep: another type, a NUL, half a surrogate pair, a whole book.
    """
    if not isinstance(value, str) or len(value) > most or UNSTORABLE.search(value):
        raise InvalidInput(name, f"is a text of at most {most} characters, not {str(value)[:40]!r}")
    return value.strip()


def require_line(name: str, value: object) -> str:
    """Give a title or a name: one line, with something on it."""
    text = require_text(name, value, LONGEST_NAME)
    if not text or _BREAKS.search(text):
        raise InvalidInput(name, f"is a single line that says something, not {text[:40]!r}")
    return text


def require_key(name: str, value: object) -> str | None:
    """Give a key as it is, or None where there is none: it is compared, so nothing is taken off it."""
    if value is None:
        return None
    require_text(name, value, LONGEST_NAME)
    return str(value)


def require_count(name: str, value: object) -> int:
    """Give a whole number from 0 on, no larger than any database counts."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise InvalidInput(name, f"is a whole number from 0 on, not {str(value)[:40]!r}")
    return value


def require_actor(actor: object) -> Actor:
    """Give the actor; its id is written into the chain of history, which is read back as text."""
    if not isinstance(actor, Actor):
        raise InvalidInput("actor", f"is an Actor such as Actor(ActorKind.PERSON, '7'), not {actor!r}")
    require_line("actor id", actor.id)
    return actor


def require_instant(name: str, instant: datetime) -> datetime:
    """Give an instant in UTC; InvalidInput where it is naive, or lies before every programme."""
    aware = require_aware(instant)
    if aware.year < EARLIEST.year or aware.year >= datetime.max.year:
        raise InvalidInput(name, f"{instant!r} lies before {EARLIEST.year} or at the end of time; look at the year")
    return aware.astimezone(UTC)


def require_data(data: object) -> dict[str, Json]:
    """Give an event's data: blanks are no answer, so what is stored without them must not count as given before."""
    if not isinstance(data, Mapping):
        raise InvalidInput("data", f"is a mapping of fields to values, not {str(data)[:40]!r}")
    return {str(name): value.strip() if isinstance(value, str) else value for name, value in data.items()}


def require_day(name: str, day: date) -> str:
    """Give a day as ISO text; InvalidInput for an instant, which is no day, and for everything else that is none."""
    if isinstance(day, datetime):
        raise InvalidInput(name, f"{day!r} is an instant; give a date")
    if not isinstance(day, date):
        raise InvalidInput(name, f"is a date such as date(2019, 10, 3), not {day!r}")
    return day.isoformat()


def require_reason(reason: str | None) -> str | None:
    """Give a reason without the blanks around it, None where nothing is left."""
    return None if reason is None else require_text("reason", reason) or None
