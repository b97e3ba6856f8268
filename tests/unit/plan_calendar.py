"""A small working calendar for the tests of planning: weekends and named days are closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Closed:
    """Why a day is closed."""

    code: str
    name: str


@dataclass(frozen=True)
class SmallCalendar:
    """Close weekends and the named days; nobody works on a closed day."""

    named: Mapping[date, str] = field(default_factory=dict)
    explains: bool = True

    def closed_reason(self, day: date) -> Closed | None:
        """Say why a day is closed."""
        if not self.explains or self.is_open(day):
            return None
        return Closed("dato", self.named.get(day, "weekend"))

    def is_open(self, day: date) -> bool:
        """Tell whether it is neither weekend nor named."""
        return day.weekday() < 5 and day not in self.named

    def next_open(self, day: date) -> date:
        """Find the first open day on or after."""
        return day if self.is_open(day) else self.next_open(day + DAY)

    def previous_open(self, day: date) -> date:
        """Find the last open day on or before."""
        return day if self.is_open(day) else self.previous_open(day - DAY)

    def add_working_days(self, day: date, count: int) -> date:
        """Count working days, the first not included."""
        step = DAY if count > 0 else -DAY
        for _ in range(abs(count)):
            day = self.next_open(day + step) if count > 0 else self.previous_open(day + step)
        return day
