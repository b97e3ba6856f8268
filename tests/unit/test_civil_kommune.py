"""A kommune's values and its region through time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from samskabt.engine.civil.kommune import DatedRegion, Kommune, dated_regions
from samskabt.engine.errors import InvalidInput


def kommune(code: str = "0253", population: int = 50558, region: str = "Sjælland") -> Kommune:
    """Build a kommune; Greve unless said otherwise."""
    return Kommune(code, "Greve", "Greve Kommune", population, dated_regions(region))


def test_hovedstaden_and_sjaelland_become_oestdanmark_on_new_years_day_2027() -> None:
    """The region changes between two days, so the day must be given."""
    for before in ("Hovedstaden", "Sjælland"):
        regions = [kommune(region=before).region_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1))]
        assert regions == [before, "Østdanmark"]


def test_the_other_regions_go_on() -> None:
    """Midtjylland is the same before and after."""
    assert kommune(region="Midtjylland").region_on(date(2027, 1, 1)) == "Midtjylland"
    assert kommune(region="Midtjylland").region_on(date(2007, 1, 1)) == "Midtjylland"


def test_a_day_before_the_regions_is_refused() -> None:
    """Before 2007 there is no answer; an instant is no day."""
    with pytest.raises(InvalidInput, match=r"Greve lay in no region on 2006-12-31.*2007-01-01"):
        kommune().region_on(date(2006, 12, 31))
    with pytest.raises(InvalidInput, match="is an instant"):
        kommune().region_on(datetime(2019, 9, 20, tzinfo=UTC))


def test_impossible_kommuner_are_refused() -> None:
    """Codes keep their leading zero, people live there, regions follow each other."""
    with pytest.raises(InvalidInput, match="'253' is no kommune code"):
        kommune(code="253")
    with pytest.raises(InvalidInput, match="population"):
        kommune(population=0)
    twice = (DatedRegion("A", date(2007, 1, 1)), DatedRegion("B", date(2007, 1, 1)))
    for regions in ((), twice):
        with pytest.raises(InvalidInput, match="regions"):
            Kommune("0253", "Greve", "Greve Kommune", 50558, regions)
