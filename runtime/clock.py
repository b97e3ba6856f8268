"""The one place where the clock is read; everything else is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from ..engine.errors import InvalidInput


class Clock(Protocol):
    """Something that knows what time it is."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved: whole programmes are lived through with it."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        """Give the instant that the clock was last moved to."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Move the clock forward to an instant; it never goes back by itself.

        Raises InvalidInput for an instant before the present one.
        """
        if _aware(instant) < self._now:
            raise InvalidInput("instant", f"{instant} lies before {self._now}; a virtual clock only moves forward")
        self._now = instant.astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise InvalidInput("instant", f"{instant!r} is naive; give a datetime with a zone, such as UTC")
    return instant.astimezone(UTC)
