"""Danish dates, numbers, order and names as a reader expects them."""

from __future__ import annotations

import unicodedata
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samskabt.engine.civil import danish
from samskabt.engine.errors import InvalidInput


def test_dates_are_written_in_lower_case_and_without_leading_zeros() -> None:
    """Long, short and with the week."""
    assert danish.long_date(date(2019, 9, 20)) == "fredag den 20. september 2019"
    assert danish.with_week(date(2019, 9, 20)) == "fredag den 20. september 2019 (uge 38)"
    assert danish.short_date(date(2019, 9, 2)) == "2.9.2019"
    assert danish.clock(time(9, 5)) == "kl. 9.05"


def test_every_weekday_and_month_has_its_name() -> None:
    """A week and a year are walked through."""
    week = [danish.weekday_name(date(2019, 9, 16) + timedelta(days=n)) for n in range(7)]
    year = [danish.month_name(date(2019, month, 1)) for month in range(1, 13)]
    assert week == ["mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"]
    assert " ".join(year).startswith("januar februar marts april maj juni juli august september")
    assert year[9:] == ["oktober", "november", "december"]


def test_periods_take_the_shortest_form() -> None:
    """What the two ends share is said once; whole months need no days; 28 February ends no leap February."""
    forms = {
        (date(2019, 9, 2), date(2019, 9, 20)): "2.-20. september 2019",
        (date(2019, 9, 20), date(2019, 9, 20)): "20. september 2019",
        (date(2019, 9, 20), date(2019, 10, 3)): "20. september til 3. oktober 2019",
        (date(2019, 12, 20), date(2020, 1, 3)): "20. december 2019 til 3. januar 2020",
        (date(2019, 8, 1), date(2019, 10, 31)): "august 2019 til oktober 2019",
        (date(2019, 9, 1), date(2019, 9, 30)): "september 2019",
        (date(2020, 2, 1), date(2020, 2, 28)): "1.-28. februar 2020",
        (date(2018, 9, 1), date(2019, 9, 30)): "september 2018 til september 2019",
        (date(2018, 9, 2), date(2019, 9, 20)): "2. september 2018 til 20. september 2019",
        (date(9999, 12, 1), date.max): "december 9999",
    }
    assert {ends: danish.period(*ends) for ends in forms} == forms


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    """The message names both days."""
    with pytest.raises(InvalidInput, match=r"2019-09-19 is before the start 2019-09-20"):
        danish.period(date(2019, 9, 20), date(2019, 9, 19))


def test_words_are_joined_with_og() -> None:
    """No comma before og; none, one and two words work."""
    joined = [danish.join_and(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])]
    assert joined == ["", "a", "a og b", "a, b og c"]


def test_numbers_have_full_stops_and_a_decimal_comma() -> None:
    """Exact for floats as they print, for big integers and decimals; never a minus before zero."""
    assert danish.number(1234.5) == "1.234,5"
    assert danish.number(632340) == "632.340"
    assert danish.number(-1234567.25) == "-1.234.567,25"
    assert danish.number(Decimal("2.50")) == "2,5"
    assert (danish.number(100.0), danish.number(-0.0)) == ("100", "0")


def test_decimals_asked_for_are_all_written() -> None:
    """Halves are rounded away from zero, as readers do."""
    assert danish.number(1234.5, 2) == "1.234,50"
    assert (danish.number(2.5, 0), danish.number(Decimal("0.125"), 2)) == ("3", "0,13")
    assert danish.number(-0.4, 0) == "0"


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_no_number_is_refused(value: float) -> None:
    """Infinity and not-a-number have no Danish form."""
    with pytest.raises(InvalidInput, match="cannot be written"):
        danish.number(value)


def test_counts_agree_with_their_noun() -> None:
    """One is singular, zero and many are plural, thousands are marked."""
    counts = [danish.plural(n, "dag", "dage") for n in (0, 1, 2, 1200)]
    assert counts == ["0 dage", "1 dag", "2 dage", "1.200 dage"]


def test_names_sort_in_the_danish_alphabet() -> None:
    """æ, ø, å follow z, aa sorts as å, case and composition do not matter."""
    names = ["Aabenraa", "Ærø", "Aalborg", "Assens", "Viborg", "Ølstykke", "Faaborg", "Fanø", "Ålsgårde", "øster"]
    names.append(unicodedata.normalize("NFD", "Åbyhøj"))
    ordered = [unicodedata.normalize("NFC", name) for name in sorted(names, key=danish.sort_key)]
    assert ordered == [
        *("Assens", "Fanø", "Faaborg", "Viborg", "Ærø", "Ølstykke", "øster"),
        *("Aabenraa", "Åbyhøj", "Aalborg", "Ålsgårde"),
    ]


def test_other_accents_sort_as_their_letter_and_ties_are_broken() -> None:
    """é as e, ä as æ, ö as ø, ü as y; Århus and Aarhus stand together yet have an order."""
    assert sorted(["idz", "idé", "ide", "z", "ö", "ä", "ü"], key=danish.sort_key) == [
        *("ide", "idé", "idz", "ü", "z", "ä", "ö")
    ]
    assert danish.sort_key("Århus")[0] == danish.sort_key("Aarhus")[0]
    assert danish.sort_key("Århus") != danish.sort_key("Aarhus")


@settings(deadline=None)
@given(st.text())
def test_folding_ignores_composition_and_case_and_is_done_once(text: str) -> None:
    """Composed and decomposed texts fold alike, and folding again changes nothing."""
    once = danish.fold(text)
    assert danish.fold(unicodedata.normalize("NFD", text)) == once
    assert danish.fold(once) == once
    assert danish.sort_key(unicodedata.normalize("NFD", text)) == danish.sort_key(text)


def test_slugs_spell_danish_letters_in_ascii() -> None:
    """æ, ø and å are spelled out in either composition, other accents dropped, the rest hyphens."""
    assert danish.slug("  Høje-Taastrup  Kommune ") == "hoeje-taastrup-kommune"
    assert danish.slug("Ærø & Århus: 2. møde") == "aeroe-aarhus-2-moede"
    assert danish.slug(unicodedata.normalize("NFD", "Åben idé")) == "aaben-ide"


def test_a_slug_of_nothing_is_refused() -> None:
    """An empty name would collide with every other empty name."""
    with pytest.raises(InvalidInput, match="no letter or digit"):
        danish.slug("!?")


@settings(deadline=None)
@given(st.text())
def test_a_slug_is_ascii_and_its_own_slug(text: str) -> None:
    """Any text gives an ASCII name that stays as it is, or is refused."""
    try:
        name = danish.slug(text)
    except InvalidInput:
        return
    assert name.isascii()
    assert danish.slug(name) == name
