"""The 98 kommuner as shipped (sources in kommuner_sources.md), and finding one by what people write."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources import files

from ..engine.civil.danish import slug, sort_key
from ..engine.civil.kommune import Kommune, dated_regions
from ..engine.errors import InvalidInput, NotFound

COUNT = 98
# What is said daily but is neither the name nor the official name.
_ALSO_KNOWN_AS = (("nordfyn", "0480"), ("vesthimmerland", "0820"))


def load_kommuner() -> tuple[Kommune, ...]:
    """Read the shipped table, in order of the code; raises InvalidInput when it is not 98 different kommuner."""
    text = files(__package__).joinpath("kommuner.csv").read_text(encoding="utf-8")
    return parse_kommuner(text)


def parse_kommuner(text: str) -> tuple[Kommune, ...]:
    """Read a table with the columns of kommuner.csv; raises InvalidInput when it is not 98 different kommuner."""
    rows = csv.DictReader(text.splitlines(), strict=True)
    try:
        found = tuple(sorted((_kommune(row) for row in rows), key=lambda kommune: kommune.code))
    except (InvalidInput, KeyError, TypeError, ValueError, csv.Error) as problem:
        raise InvalidInput("kommuner.csv", f"line {rows.line_num} cannot be read: {problem}") from problem
    codes = {kommune.code for kommune in found}
    if len(found) != COUNT or len(codes) != COUNT:
        raise InvalidInput("kommuner.csv", f"{len(found)} rows with {len(codes)} different codes; both must be {COUNT}")
    return found


def find_kommune(text: str, kommuner: Sequence[Kommune] | None = None) -> Kommune:
    """Find a kommune by code (``0101`` or ``101``), name or official name, among all 98 if none are given.

    Case, composition, hyphens and spelling (Århus, Aarhus, AARHUS KOMMUNE, Koebenhavn) make no difference.
    Raises NotFound with the nearest names.
    """
    among = load_kommuner() if kommuner is None else kommuner
    wanted = text.strip()
    if re.fullmatch(r"[0-9]{3,4}", wanted):
        codes = {kommune.code: kommune for kommune in among}
        if wanted.zfill(4) in codes:
            return codes[wanted.zfill(4)]
        raise NotFound("kommune code", text, codes)
    spellings = {spelling: kommune for kommune in among for spelling in _spellings(kommune)}
    key = _stem(wanted)
    if key in spellings:
        return spellings[key]
    near = {spellings[spelling].name: None for spelling in get_close_matches(key, spellings, n=5)}
    raise NotFound("kommune", text, near or sorted((kommune.name for kommune in among), key=sort_key))


def _kommune(row: dict[str, str]) -> Kommune:
    return Kommune(
        code=row["kode"],
        name=row["navn"],
        official_name=row["officielt_navn"],
        population=int(row["folketal_2020"]),
        regions=dated_regions(row["region"]),
    )


def _spellings(kommune: Kommune) -> set[str]:
    also = {name for name, code in _ALSO_KNOWN_AS if code == kommune.code}
    return {slug(kommune.name), _stem(kommune.official_name)} | also


def _stem(text: str) -> str:
    """Spell a name in ASCII, å as aa, without the word kommune; empty when nothing is left to look for."""
    try:
        return re.sub(r"-(regions)?kommune$", "", slug(text))
    except InvalidInput:
        return ""
