"""How views write days."""

from datetime import date

from samskabt.runtime.views import when_text


def test_weeks_of_two_years_name_their_years() -> None:
    """A week's number says nothing where the next one may lie in another year; that is the week's, not the day's."""
    assert when_text(date(2019, 10, 3), date(2020, 7, 31)) == (
        "3. oktober 2019 til 31. juli 2020 (uge 40, 2019, til uge 31, 2020)"
    )
    assert when_text(date(2019, 12, 2), date(2019, 12, 31)) == "2.-31. december 2019 (uge 49, 2019, til uge 1, 2020)"
    assert when_text(date(2019, 9, 3), date(2019, 9, 19)) == "3.-19. september 2019 (uge 36-38)"
    assert when_text(date(2019, 9, 3), date(2019, 9, 5)) == "3.-5. september 2019 (uge 36)"
