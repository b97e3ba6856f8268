"""The shipped table of kommuner, and finding one by what people write."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest
from samskabt.engine.errors import InvalidInput, NotFound
from samskabt.workflows.kommuner import find_kommune, load_kommuner, parse_kommuner

KOMMUNER = load_kommuner()
TABLE = files("samskabt.workflows").joinpath("kommuner.csv").read_text(encoding="utf-8")


def test_the_table_holds_all_98_kommuner() -> None:
    """Count, sum of populations and kommuner per region are those of the sources note."""
    regions = Counter(kommune.region_on(date(2020, 1, 1)) for kommune in KOMMUNER)
    assert len(KOMMUNER) == len({kommune.code for kommune in KOMMUNER}) == 98
    assert sum(kommune.population for kommune in KOMMUNER) == 5_822_679
    assert regions == {"Hovedstaden": 29, "Sjælland": 17, "Syddanmark": 22, "Midtjylland": 19, "Nordjylland": 11}


def test_oestdanmark_has_46_kommuner() -> None:
    """The merged region holds what the two held."""
    assert Counter(kommune.region_on(date(2027, 1, 1)) for kommune in KOMMUNER)["Østdanmark"] == 46


def test_official_names_are_not_built_from_the_name() -> None:
    """The two that are no "navn + Kommune" are in the table."""
    official = {kommune.name: kommune.official_name for kommune in KOMMUNER}
    unusual = {name for name in official if official[name] != f"{name} Kommune"}
    assert unusual == {"København", "Bornholm"}
    assert official["Bornholm"] == "Bornholms Regionskommune"


def test_every_kommune_is_found_by_all_its_names() -> None:
    """By code with and without zero, name, official name, in capitals and decomposed; no two share a spelling."""
    for kommune in KOMMUNER:
        texts = [kommune.code, kommune.code.lstrip("0"), kommune.name, kommune.official_name, f"{kommune.name} kommune"]
        texts += [kommune.name.upper(), unicodedata.normalize("NFD", f" {kommune.name} ")]
        assert {find_kommune(text, KOMMUNER).code for text in texts} == {kommune.code}


def test_old_and_ascii_spellings_are_understood() -> None:
    """å for aa and back, ASCII transcription, missing hyphen, everyday names."""
    spellings = [
        "Århus",
        "Ålborg Kommune",
        "Åbenrå",
        "Koebenhavn",
        "Høje Tåstrup",
        "Taarnby",
        "Nordfyn",
        "vesthimmerland",
    ]
    codes = [find_kommune(text).code for text in spellings]
    assert codes == ["0751", "0851", "0580", "0101", "0169", "0185", "0480", "0820"]


def test_an_unknown_kommune_is_told_its_near_names() -> None:
    """A slip of the pen gets the likely name; something far off gets the list, in Danish order."""
    with pytest.raises(NotFound, match=r"Kobenhavn.*København"):
        find_kommune("Kobenhavn")
    with pytest.raises(NotFound, match=r"LYNGBY.*Lyngby-Taarbæk"):
        find_kommune("LYNGBY TÅRBÆKK")
    with pytest.raises(NotFound, match="available: Albertslund, Allerød"):
        find_kommune("xyzq")
    with pytest.raises(NotFound, match="unknown kommune ''"):
        find_kommune("")


def test_an_unknown_code_is_told_near_codes() -> None:
    """0411 is Christiansø, which is no kommune; five digits are no code at all."""
    with pytest.raises(NotFound, match=r"unknown kommune code '0411'; did you mean: .*0410"):
        find_kommune("0411")
    with pytest.raises(NotFound, match="unknown kommune '10101'"):
        find_kommune("10101")


def test_only_the_given_kommuner_are_searched() -> None:
    """A programme's own field can be searched; what is outside it is not found."""
    with pytest.raises(NotFound, match="available: København"):
        find_kommune("Aarhus", KOMMUNER[:1])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0147,", "0101,", "98 rows with 97 different codes"),
        ("0147,", "147,", "line 3 .*'147' is no kommune code"),
        (",104305", ",mange", "line 3 .*mange"),
        (",Hovedstaden,104305", "", "line 3 cannot be read"),
        ("navn,officielt_navn", "name,officielt_navn", "line 2 .*'navn'"),
        ("0860,Hjørring,Hjørring Kommune,Nordjylland,64483", "", "97 rows"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(old: str, new: str, message: str) -> None:
    """Doubles, lost zeros, texts for numbers, short rows, other headings and missing rows do not pass."""
    with pytest.raises(InvalidInput, match=message):
        parse_kommuner(TABLE.replace(old, new, 1))
