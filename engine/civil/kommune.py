"""A kommune as a value: code, names, population and the region it lies in on a given day; knows no files or tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ..errors import InvalidInput
from .instants import require_date

REGIONS_SINCE = date(2007, 1, 1)  # strukturreformen: the kommuner and regions of today began
OSTDANMARK_SINCE = date(2027, 1, 1)  # lov nr. 699 af 20/06/2025
_MERGED = ("Hovedstaden", "Sjælland")


@dataclass(frozen=True, slots=True)
class DatedRegion:
    """The region that a kommune lies in from a day on, until the next one begins."""

    name: str
    from_on: date


@dataclass(frozen=True, slots=True)
class Kommune:
    """One of the 98 kommuner; ``code`` is four digits with leading zero, ``regions`` ascend by day.

    Raises InvalidInput for a code of another form, no population, and regions that are missing or out of order.
    """

    code: str
    name: str
    official_name: str
    population: int
    regions: tuple[DatedRegion, ...]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{4}", self.code):
            raise InvalidInput("code", f"{self.code!r} is no kommune code; give four digits, such as 0101")
        if self.population <= 0:
            raise InvalidInput("population", f"{self.population} in {self.name}; give the number of inhabitants")
        if not self.regions or any(one.from_on >= two.from_on for one, two in pairwise(self.regions)):
            raise InvalidInput("regions", f"{self.name} needs at least one region, and each to begin after the last")

    def region_on(self, day: date) -> str:
        """Name the region on a day; raises InvalidInput before the first region began."""
        for region in reversed(self.regions):
            if region.from_on <= require_date(day):
                return region.name
        first = self.regions[0].from_on
        raise InvalidInput("day", f"{self.name} lay in no region on {day}; give a day from {first} on")


def dated_regions(name: str) -> tuple[DatedRegion, ...]:
    """Give the regions through time of a kommune that lay in the named region in 2026.

    Hovedstaden and Sjælland become Østdanmark on 1 January 2027 (lov nr. 699 af 20/06/2025, § 126).
    """
    today = DatedRegion(name, REGIONS_SINCE)
    return (today, DatedRegion("Østdanmark", OSTDANMARK_SINCE)) if name in _MERGED else (today,)
